/* SPDX-License-Identifier: Apache-2.0 */
#include "control/secret.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

#include "engine/base/err.h"

static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/* Crockford: no I, L, O, U. */
static const char base32_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int cw_secret_random(void *out, size_t bytes)
{
    return RAND_bytes(out, (int)bytes) == 1 ? 0 : CW_ERR_INTERNAL;
}

/* Found once: OpenSSL looks an algorithm up, under its locks, for each hash that is asked for by EVP_sha256(). */
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

static void find_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

int cw_secret_hash(const char *domain, const void *data, size_t bytes, uint8_t *ret_hash)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int err = CW_ERR_INTERNAL;

    if (pthread_once(&sha256_once, find_sha256) == 0 && ctx != NULL && sha256 != NULL &&
        EVP_DigestInit_ex(ctx, sha256, NULL) == 1 &&
        EVP_DigestUpdate(ctx, domain, strlen(domain) + 1) == 1 &&
        EVP_DigestUpdate(ctx, data, bytes) == 1 && EVP_DigestFinal_ex(ctx, ret_hash, NULL) == 1)
        err = 0;
    EVP_MD_CTX_free(ctx);
    return err;
}

void cw_base64url_encode(const uint8_t *data, size_t bytes, char *out)
{
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < bytes; i++) {
        bits = bits << 8 | data[i];
        have += 8;
        while (have >= 6) {
            have -= 6;
            *out++ = base64url_digits[bits >> have & 63];
        }
    }
    if (have > 0)
        *out++ = base64url_digits[bits << (6 - have) & 63];
    *out = '\0';
}

int cw_base64url_decode(const char *text, size_t text_bytes, uint8_t *out, size_t bytes)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t made = 0;

    if (text_bytes != (bytes * 4 + 2) / 3)
        return CW_ERR_INVALID;
    for (size_t i = 0; i < text_bytes; i++) {
        const char *at = text[i] != '\0' ? strchr(base64url_digits, text[i]) : NULL;
        if (at == NULL)
            return CW_ERR_INVALID;
        bits = (bits << 6 | (uint32_t)(at - base64url_digits)) & 0xFFFFFF;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[made++] = (uint8_t)(bits >> have & 0xFF);
        }
    }
    return (bits & ((1u << have) - 1)) == 0 ? 0 : CW_ERR_INVALID;
}

int cw_secret_base32(char *out, unsigned characters)
{
    for (unsigned i = 0; i < characters; i++) {
        uint8_t byte = 0;
        int err = cw_secret_random(&byte, 1);
        if (err != 0)
            return err;
        if (i > 0 && i % 4 == 0)
            *out++ = '-';
        *out++ = base32_digits[byte & 31];
    }
    *out = '\0';
    return 0;
}

int cw_base32_normalise(const char *text, size_t text_bytes, char *out, unsigned characters)
{
    unsigned made = 0;

    for (size_t i = 0; i < text_bytes; i++) {
        char ch = text[i];
        if (ch >= 'a' && ch <= 'z')
            ch = (char)(ch - 'a' + 'A');
        if (ch == '-' || ch == ' ' || ch == '\t')
            continue;
        if (ch == 'O')
            ch = '0';
        if (ch == 'I' || ch == 'L')
            ch = '1';
        if (ch == '\0' || strchr(base32_digits, ch) == NULL || made == characters)
            return CW_ERR_INVALID;
        out[made++] = ch;
    }
    if (made != characters)
        return CW_ERR_INVALID;
    out[made] = '\0';
    return 0;
}

int cw_secret_token(char *out)
{
    uint8_t bytes[CW_TOKEN_BYTES];

    /* A leading dash would look like an option on the command line it is pasted into. */
    do {
        int err = cw_secret_random(bytes, sizeof bytes);
        if (err != 0)
            return err;
        cw_base64url_encode(bytes, sizeof bytes, out);
    } while (out[0] == '-');
    return 0;
}
