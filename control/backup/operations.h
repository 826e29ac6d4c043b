/* SPDX-License-Identifier: Apache-2.0 */
/* control/backup/operations.h - the handlers of backup/operations.inc. */
#ifndef CW_CONTROL_BACKUP_OPERATIONS_H
#define CW_CONTROL_BACKUP_OPERATIONS_H

#include "control/api/operation.h"

int cw_op_backup_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

#endif
