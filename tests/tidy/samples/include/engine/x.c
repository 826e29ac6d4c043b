/* SPDX-License-Identifier: Apache-2.0 */
int cw_x(void);
#include "control/api/operation.h"
