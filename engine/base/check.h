/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/check.h - assertions that stay on.
 *
 * CW_CHECK(cond, "why it must hold") stops the process at the spot, in every build.
 * CW_DCHECK is the same in builds with CW_DEBUG defined (the asan configuration) and costs nothing
 * elsewhere; use it where the check is on a hot path.
 */
#ifndef CW_ENGINE_BASE_CHECK_H
#define CW_ENGINE_BASE_CHECK_H

/* Writes "file:line: check failed: cond (why)" to stderr and aborts. */
__attribute__((noreturn, cold)) void cw_check_failed(const char *file, int line, const char *cond,
                                                     const char *why);

#define CW_CHECK(cond, why)                                                                        \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0))                                                          \
            cw_check_failed(__FILE__, __LINE__, #cond, (why));                                     \
    } while (0)

#ifdef CW_DEBUG
#    define CW_DCHECK(cond, why) CW_CHECK(cond, why)
#else
#    define CW_DCHECK(cond, why) ((void)sizeof(!(cond)))
#endif

#define CW_UNREACHABLE(why) cw_check_failed(__FILE__, __LINE__, "unreachable", (why))

#endif
