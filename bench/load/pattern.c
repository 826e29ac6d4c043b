/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/pattern.h"

#include <string.h>

#include "engine/base/err.h"
#include "engine/base/span.h"

enum { TABLE_BYTES = 2 * CW_PATTERN_BYTES_MAX };

static uint8_t table[TABLE_BYTES];

void cw_pattern_start(void)
{
    uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
    for (unsigned i = 0; i < TABLE_BYTES; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        table[i] = (uint8_t)(state >> 24);
    }
}

static const uint8_t *bytes_of(const struct cw_pattern *p)
{
    uint64_t mixed = (p->sequence + 1) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 32 ^ p->session) * UINT64_C(0xD6E8FEB86659FD93);
    return table + (mixed >> 32) % CW_PATTERN_BYTES_MAX;
}

void cw_pattern_write(const struct cw_pattern *p, uint8_t *out, size_t size)
{
    struct cw_writer w = cw_writer_of(out, size);
    cw_write_u64(&w, p->sequence);
    cw_write_u64(&w, p->time_ns);
    cw_write_u32(&w, p->session);
    cw_write_u32(&w, (uint32_t)size);
    memcpy(out + CW_PATTERN_BYTES_MIN, bytes_of(p), size - CW_PATTERN_BYTES_MIN);
}

int cw_pattern_read(const uint8_t *data, size_t size, struct cw_pattern *ret_pattern)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_pattern p = {.sequence = cw_read_u64(&r)};
    p.time_ns = cw_read_u64(&r);
    p.session = cw_read_u32(&r);
    uint32_t stated = cw_read_u32(&r);
    if (r.failed || stated != size ||
        memcmp(data + CW_PATTERN_BYTES_MIN, bytes_of(&p), size - CW_PATTERN_BYTES_MIN) != 0)
        return CW_ERR_INVALID;
    *ret_pattern = p;
    return CW_OK;
}
