/* SPDX-License-Identifier: Apache-2.0 */
/* codec/check.h - assertions that stay on, also in WebAssembly, where there is nobody to print to. */
#ifndef CW_CODEC_CHECK_H
#define CW_CODEC_CHECK_H

#define CW_CODEC_CHECK(cond)                                                                       \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0))                                                          \
            __builtin_trap();                                                                      \
    } while (0)

#endif
