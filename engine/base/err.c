/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/err.h"

const char *cw_err_name(int err)
{
    switch (err) {
    case CW_OK: return "OK";
#define X(name, value, text)                                                                       \
    case value: return #name;
        CW_ERRORS(X)
#undef X
    default: return "UNKNOWN";
    }
}

const char *cw_err_text(int err)
{
    switch (err) {
    case CW_OK: return "ok";
#define X(name, value, text)                                                                       \
    case value: return text;
        CW_ERRORS(X)
#undef X
    default: return "unknown error";
    }
}
