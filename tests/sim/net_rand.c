/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/net_rand.c - OpenSSL's random numbers from a seed. */
/* The replaceable RAND_METHOD is marked as deprecated in OpenSSL 3, and the only way in for a test. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>

#include "engine/base/check.h"
#include "tests/sim/net_stream.h"

static uint64_t rand_state;

static int rand_bytes(unsigned char *out, int size)
{
    for (int i = 0; i < size; i++)
        out[i] = (unsigned char)(net_random_next(&rand_state) >> 24);
    return 1;
}

static int rand_status(void)
{
    return 1;
}

void cw_net_seed_openssl(uint64_t seed)
{
    static const RAND_METHOD method = {
        .bytes = rand_bytes,
        .pseudorand = rand_bytes,
        .status = rand_status,
    };
    rand_state = seed;
    CW_CHECK(RAND_set_rand_method(&method) == 1, "OpenSSL takes a random method");
}
