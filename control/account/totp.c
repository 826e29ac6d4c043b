/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "control/limits.h"
#include "engine/base/err.h"

int cw_totp_code(const uint8_t *secret, size_t secret_bytes, uint64_t step, unsigned digits,
                 char *ret_code)
{
    static const uint32_t powers[] = {1000000, 10000000, 100000000};
    uint8_t counter[8];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned mac_bytes = 0;
    uint32_t value = 0;
    unsigned at = 0;

    for (unsigned i = 0; i < sizeof counter; i++)
        counter[i] = (uint8_t)(step >> (56 - 8 * i));
    if (HMAC(EVP_sha1(), secret, (int)secret_bytes, counter, sizeof counter, mac, &mac_bytes) ==
        NULL)
        return CW_ERR_INTERNAL;
    at = mac[mac_bytes - 1] & 0x0F;
    value = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
            (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    snprintf(ret_code, digits + 1, "%0*u", (int)digits, value % powers[digits - 6]);
    OPENSSL_cleanse(mac, sizeof mac);
    return 0;
}

/* Six digits without the blanks that people type; false: it is no such code. */
static bool code_of(const char *text, char *out)
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        if (*text == ' ')
            continue;
        if (*text < '0' || *text > '9' || n == CW_TOTP_DIGITS)
            return false;
        out[n++] = *text;
    }
    out[n] = '\0';
    return n == CW_TOTP_DIGITS;
}

int cw_totp_check(const uint8_t *secret, size_t secret_bytes, const char *code, uint64_t now_s,
                  uint64_t last_step, uint64_t *ret_step)
{
    const uint64_t now = now_s / CW_TOTP_STEP_S;
    char given[CW_TOTP_DIGITS + 1];
    char right[CW_TOTP_DIGITS + 1];
    int err = CW_ERR_DENIED;

    if (!code_of(code, given))
        return CW_ERR_DENIED;
    /* Every step of the window is computed, whichever fits. */
    for (uint64_t step = now - CW_TOTP_WINDOW; step <= now + CW_TOTP_WINDOW; step++) {
        int rc = cw_totp_code(secret, secret_bytes, step, CW_TOTP_DIGITS, right);
        if (rc != 0)
            return rc;
        if (CRYPTO_memcmp(given, right, CW_TOTP_DIGITS) != 0 || err == 0)
            continue;
        err = step > last_step ? 0 : CW_ERR_USED;
        *ret_step = step;
    }
    return err;
}

void cw_totp_base32(const uint8_t *data, size_t bytes, char *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < bytes; i++) {
        bits = bits << 8 | data[i];
        count += 8;
        while (count >= 5) {
            count -= 5;
            *out++ = alphabet[bits >> count & 31];
        }
    }
    if (count > 0)
        *out++ = alphabet[bits << (5 - count) & 31];
    *out = '\0';
}
