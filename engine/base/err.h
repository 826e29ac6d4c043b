/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/err.h - the one set of error codes; functions return 0 or a negative one of these.
 *
 * Owner:     constants only.
 * Thread:    any.
 * Errors:    cw_err_name() is total: an unknown value gives "UNKNOWN".
 */
#ifndef CW_ENGINE_BASE_ERR_H
#define CW_ENGINE_BASE_ERR_H

/* X(name, value, text a person understands) */
#define CW_ERRORS(X)                                                                               \
    X(AGAIN, -1, "more bytes are needed")                                                          \
    X(NOMEM, -2, "out of memory")                                                                  \
    X(FULL, -3, "a fixed limit is reached")                                                        \
    X(INVALID, -4, "malformed input")                                                              \
    X(TOO_LARGE, -5, "input over its size limit")                                                  \
    X(UNSUPPORTED, -6, "not supported")                                                            \
    X(NOT_FOUND, -7, "no such thing")                                                              \
    X(DENIED, -8, "not permitted")                                                                 \
    X(EXPIRED, -9, "no longer valid")                                                              \
    X(USED, -10, "already used")                                                                   \
    X(SIGNATURE, -11, "signature does not verify")                                                 \
    X(STATE, -12, "not allowed now")                                                               \
    X(IO, -13, "input/output failed")                                                              \
    X(CLOSED, -14, "the other side closed")                                                        \
    X(TIMEOUT, -15, "timed out")                                                                   \
    X(CONFLICT, -16, "it exists already or changed meanwhile")                                     \
    X(READ_ONLY, -17, "the store cannot be written")                                               \
    X(INTERNAL, -18, "internal error")

enum cw_err {
    CW_OK = 0,
#define X(name, value, text) CW_ERR_##name = (value),
    CW_ERRORS(X)
#undef X
};

/* "AGAIN", "NOMEM" ...; never NULL. */
const char *cw_err_name(int err);
/* One lower-case phrase for people; never NULL. */
const char *cw_err_text(int err);

#endif
