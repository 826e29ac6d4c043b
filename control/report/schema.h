/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/schema.h - the XML Schema of every report, made from the tables themselves.
 *
 * Owner:     the caller frees what cw_report_schema gives.
 * Thread:    any; pure.
 * Errors:    NULL: no memory.
 */
#ifndef CW_CONTROL_REPORT_SCHEMA_H
#define CW_CONTROL_REPORT_SCHEMA_H

#define CW_REPORT_NAMESPACE "urn:causeway:report:1"

char *cw_report_schema(void);

#endif
