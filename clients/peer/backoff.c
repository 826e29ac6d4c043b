/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/backoff.h"

#include "engine/wire/frame.h"

static uint64_t within_ns(uint64_t cap_ms, uint32_t random)
{
    return cap_ms * 1000 * random / UINT32_MAX * 1000;
}

uint64_t cw_backoff_after_ns(struct cw_backoff *b, uint16_t code, uint64_t most_ms, uint32_t random)
{
    if (code == CW_CLOSE_RESTARTING) {
        b->tries = 0;
        return within_ns(CW_BACKOFF_RESTARTING_MS, random);
    }
    if (code == CW_CLOSE_OVERLOADED && b->tries < CW_BACKOFF_OVERLOADED_TRIES)
        b->tries = CW_BACKOFF_OVERLOADED_TRIES;
    uint64_t cap_ms = CW_BACKOFF_FIRST_MS;
    for (unsigned i = 0; i < b->tries && cap_ms < most_ms; i++)
        cap_ms *= 2;
    b->tries++;
    return within_ns(cap_ms < most_ms ? cap_ms : most_ms, random);
}

uint64_t cw_backoff_next_ns(struct cw_backoff *b, uint32_t random)
{
    return cw_backoff_after_ns(b, CW_CLOSE_OK, CW_BACKOFF_MOST_MS, random);
}
