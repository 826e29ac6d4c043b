/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/pattern.h - messages whose every byte can be checked by who receives them.
 *
 * A message is u64 sequence, u64 time it was made, u32 session, u32 its size, and bytes that follow from sequence
 * and session.
 *
 * Owner:     the caller owns the bytes.
 * Thread:    any after cw_pattern_start.
 * Units:     bytes, ns.
 * Errors:    CW_ERR_INVALID: a byte is not what was sent.
 */
#ifndef CW_BENCH_LOAD_PATTERN_H
#define CW_BENCH_LOAD_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { CW_PATTERN_BYTES_MIN = 24, CW_PATTERN_BYTES_MAX = 16384 };

struct cw_pattern {
    uint64_t sequence;
    uint64_t time_ns;
    uint32_t session;
};

void cw_pattern_start(void);
void cw_pattern_write(const struct cw_pattern *p, uint8_t *out, size_t size);
int cw_pattern_read(const uint8_t *data, size_t size, struct cw_pattern *ret_pattern);

#endif
