/* SPDX-License-Identifier: Apache-2.0 */
/* PROXY v2 preface: read as control reads it, exactly what is asked for, whatever the bytes are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/front/front_limits.h"
#include "control/front/proxy_preface.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of exactly n bytes, so that a read past the end is seen. */
static int parse_exact(const uint8_t *data, size_t n, size_t *need, struct sockaddr_in6 *client)
{
    uint8_t *exact = malloc(n > 0 ? n : 1);
    CW_CHECK(exact != NULL, "the fuzzer has memory");
    if (n > 0)
        memcpy(exact, data, n);
    int rc = cw_preface_parse(exact, n, need, client);
    free(exact);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t have = 0;
    for (;;) {
        size_t need = 0;
        struct sockaddr_in6 client;
        int rc = parse_exact(data, have, &need, &client);
        CW_CHECK(need <= CW_PREFACE_BYTES_MAX, "what is asked for is bounded");
        if (rc != CW_ERR_AGAIN) {
            CW_CHECK(rc != 0 || need == have, "a preface is taken whole and nothing behind it");
            CW_CHECK(rc != 0 || client.sin6_family == AF_INET6, "the client has an address");
            return 0;
        }
        CW_CHECK(need > have, "asking again asks for more");
        if (need > size)
            return 0;
        have = need;
    }
}
