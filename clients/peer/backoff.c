/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/backoff.h"

uint64_t cw_backoff_next_ns(struct cw_backoff *b, uint32_t random)
{
    uint64_t cap_ms = CW_BACKOFF_FIRST_MS;
    for (unsigned i = 0; i < b->tries && cap_ms < CW_BACKOFF_MOST_MS; i++)
        cap_ms *= 2;
    if (cap_ms > CW_BACKOFF_MOST_MS)
        cap_ms = CW_BACKOFF_MOST_MS;
    b->tries++;
    uint64_t cap_us = cap_ms * 1000;
    return cap_us * random / UINT32_MAX * 1000;
}
