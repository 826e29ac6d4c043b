/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/check.h"

#include <stdio.h>
#include <stdlib.h>

void cw_check_failed(const char *file, int line, const char *cond, const char *why)
{
    (void)fprintf(stderr, "%s:%d: check failed: %s (%s)\n", file, line, cond, why);
    abort();
}
