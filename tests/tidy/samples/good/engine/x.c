/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/x.h"

/* Names a banned call, system(), only in a comment; TODO(somebody): is allowed with a name. */
static const char text[] = "strcpy(a, b) \" /* TODO */";

int cw_x(void)
{
    return text[0] == '"' && my_system(1) && p->rand(2) && fork_count(3);
}
