/* SPDX-License-Identifier: Apache-2.0 */
/* What a browser says an authenticator said: any bytes as an attestation object and as authenticator data. */
#include <fido.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/cbor.h"
#include "control/account/webauthn.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A good answer of a browser: only the object is the input. */
static const char client_data[] =
    "{\"type\":\"webauthn.create\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"origin\":\"https://help.example\"}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t challenge[CW_WEBAUTHN_CHALLENGE_BYTES];
    struct cw_webauthn_site site;
    struct cw_webauthn_key key = {0};
    uint32_t count = 0;
    const char *why = "";
    struct cw_cbor c = cw_cbor_of(data, size);
    const struct cw_webauthn_answer answer = {.client_data = (const uint8_t *)client_data,
                                              .client_data_bytes = sizeof client_data - 1,
                                              .object = data,
                                              .object_bytes = size,
                                              .signature = data,
                                              .signature_bytes = size};
    const struct cw_webauthn_answer other = {.client_data = data,
                                             .client_data_bytes = size,
                                             .object = data,
                                             .object_bytes = size,
                                             .signature = data,
                                             .signature_bytes = size};

    cw_cbor_skip(&c);
    CW_CHECK(c.at <= c.end, "a reader stays in its buffer");
    cw_webauthn_site_of("https://help.example", &site);
    if (cw_webauthn_register(&site, challenge, &answer, &key, &why) == 0) {
        CW_CHECK(key.id_bytes > 0 && key.id_bytes <= sizeof key.id, "a key has a name");
        CW_CHECK(key.public_key_bytes > 0 && key.public_key_bytes <= sizeof key.public_key,
                 "a key has bytes");
    }
    (void)cw_webauthn_sign_in(&site, challenge, &other, &key, true, &count, &why);
    return 0;
}
