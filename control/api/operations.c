/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of operations, in the order that help and documents have: each area lists its own. */
#include "control/account/operations.h"
#include "control/api/operations.h"
#include "control/audit/operations.h"
#include "control/backup/operations.h"
#include "control/button/operations.h"
#include "control/canned/operations.h"
#include "control/outbox/operations.h"
#include "control/policy/operations.h"
#include "control/portal/operations.h"
#include "control/queue/operations.h"
#include "control/jump/operations.h"
#include "control/report/operations.h"
#include "control/session/operations.h"
#include "control/team/operations.h"

#define API "/api/v1/"

/* clang-format off */
const struct cw_operation cw_operations[] = {
#include "control/account/operations.inc"
#include "control/account/option_operations.inc"
#include "control/team/operations.inc"
#include "control/session/operations.inc"
#include "control/queue/operations.inc"
#include "control/portal/operations.inc"
#include "control/button/operations.inc"
#include "control/canned/operations.inc"
#include "control/jump/operations.inc"
#include "control/policy/operations.inc"
#include "control/api/operations.inc"
#include "control/audit/operations.inc"
#include "control/backup/operations.inc"
#include "control/outbox/operations.inc"
#include "control/report/operations.inc"
#include "control/link/operations.inc"
    {.name = NULL},
};
