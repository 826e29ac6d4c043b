/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/right.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"

static const struct {
    const char *name;
    bool is_default;
    const char *allows;
} rights[CW_RIGHT_COUNT] = {[CW_RIGHT_NONE] = {"", true, ""},
#define X(name, text, is_default, allows) [CW_RIGHT_##name] = {text, is_default, allows},
                            CW_RIGHTS(X)
#undef X
};

_Static_assert(CW_RIGHT_COUNT <= 64, "a set of rights is one number");

const char *cw_right_name(enum cw_right right)
{
    return rights[right].name;
}

const char *cw_right_allows(enum cw_right right)
{
    return rights[right].allows;
}

bool cw_right_is_default(enum cw_right right)
{
    return rights[right].is_default;
}

uint64_t cw_rights_administration(void)
{
    return CW_RIGHT_BIT(CW_RIGHT_GENERATE_SESSION_KEY) - 2; /* but for NONE */
}

uint64_t cw_rights_representative(void)
{
    return UINT64_MAX >> (64 - CW_RIGHT_COUNT) & ~cw_rights_administration() & ~UINT64_C(1);
}

enum cw_right cw_right_find(const char *name, size_t bytes)
{
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if (strlen(rights[i].name) == bytes && memcmp(rights[i].name, name, bytes) == 0)
            return (enum cw_right)i;
    return CW_RIGHT_NONE;
}

void cw_rights_text(uint64_t set, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++) {
        int n = 0;
        if ((set & CW_RIGHT_BIT(i)) == 0)
            continue;
        n = snprintf(out + at, size - at, "%s%s", at > 0 ? " " : "", rights[i].name);
        at += n > 0 && (size_t)n < size - at ? (size_t)n : 0;
    }
}

int cw_rights_of_text(const char *names, uint64_t *ret_rights, char *unknown, size_t unknown_size)
{
    uint64_t set = 0;
    int err = 0;

    for (names += strspn(names, " "); *names != '\0'; names += strspn(names, " ")) {
        size_t n = strcspn(names, " ");
        enum cw_right right = cw_right_find(names, n);
        if (right != CW_RIGHT_NONE)
            set |= CW_RIGHT_BIT(right);
        else if (err == 0 && unknown != NULL)
            snprintf(unknown, unknown_size, "%.*s", (int)n, names);
        if (right == CW_RIGHT_NONE)
            err = CW_ERR_NOT_FOUND;
        names += n;
    }
    *ret_rights = set;
    return err;
}
