/* SPDX-License-Identifier: Apache-2.0 */
/* control/audit/operations.h - the handlers of audit/operations.inc. */
#ifndef CW_CONTROL_AUDIT_OPERATIONS_H
#define CW_CONTROL_AUDIT_OPERATIONS_H

#include "control/api/operation.h"

int cw_op_audit_verify(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

#endif
