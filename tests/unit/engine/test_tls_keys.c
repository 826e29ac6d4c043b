/* SPDX-License-Identifier: Apache-2.0 */
/* The key schedule against RFC 8448 section 3, and against OpenSSL's HKDF where that has no example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tls_keys.h"
#include "engine/tls_record.h"

/* ---- OpenSSL's allocations are counted ---------------------------------------------------------- */

static unsigned long allocations;

static void *count_malloc(size_t size, const char *path, int line)
{
    (void)path, (void)line;
    allocations++;
    return malloc(size);
}

static void *count_realloc(void *old, size_t size, const char *path, int line)
{
    (void)path, (void)line;
    allocations++;
    return realloc(old, size);
}

static void count_free(void *old, const char *path, int line)
{
    (void)path, (void)line;
    free(old);
}

/* ---- RFC 8448, section 3 ------------------------------------------------------------------------ */

static size_t bytes_of(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex != 0; hex++) {
        if (*hex == ' ')
            continue;
        char pair[3] = {hex[0], hex[1], 0};
        out[n++] = (uint8_t)strtoul(pair, NULL, 16);
        hex++;
    }
    return n;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[256];
    assert_memory_equal(bytes, expected, bytes_of(hex, expected));
}

static const char client_secret_hex[] =
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
static const char server_secret_hex[] =
    "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";

static void keys_of_the_example(void **state)
{
    (void)state;
    uint8_t secret[32], key[CW_AEAD_KEY_BYTES_MAX], iv[CW_AEAD_IV_BYTES];
    bytes_of(client_secret_hex, secret);
    cw_tls_traffic_key(CW_AEAD_AES_128_GCM, secret, key, iv);
    assert_hex(key, "17422dda596ed5d9acd890e3c63f5051");
    assert_hex(iv, "5b78923dee08579033e523d9");
    bytes_of(server_secret_hex, secret);
    cw_tls_traffic_key(CW_AEAD_AES_128_GCM, secret, key, iv);
    assert_hex(key, "9f02283b6c9c07efc26bb9f2ac92e356");
    assert_hex(iv, "cf782b88dd83549aadf1e984");
}

struct example {
    const char *secret;
    uint64_t sequence;
    const char *record;
    uint8_t content;
    size_t size;
    uint8_t bytes[2]; /* the first ones */
};

static void records_of_the_example(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {client_secret_hex,
         0,
         "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a"
         "20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4",
         CW_TLS_CONTENT_DATA,
         50,
         {0, 1}},
        {server_secret_hex,
         1,
         "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb"
         "501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d",
         CW_TLS_CONTENT_DATA,
         50,
         {0, 1}},
        {client_secret_hex,
         1,
         "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3",
         CW_TLS_CONTENT_ALERT,
         2,
         {1, 0}},
        {server_secret_hex,
         2,
         "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9",
         CW_TLS_CONTENT_ALERT,
         2,
         {1, 0}},
    };
    static const struct cw_aead_ops *const both[] = {&cw_aead_evp, &cw_aead_ipsec};
    for (unsigned i = 0; i < 8; i++) {
        const struct example *e = &examples[i / 2];
        if (!both[i % 2]->is_available(CW_AEAD_AES_128_GCM))
            continue;
        struct cw_aead_key key = {0};
        uint8_t secret[32], raw[CW_AEAD_KEY_BYTES_MAX], iv[CW_AEAD_IV_BYTES], record[128], out[128],
            again[128], content = 0;
        size_t n = bytes_of(e->record, record), whole = 0, size = 0;
        bytes_of(e->secret, secret);
        cw_tls_traffic_key(CW_AEAD_AES_128_GCM, secret, raw, iv);
        assert_int_equal(both[i % 2]->set_key(&key, CW_AEAD_AES_128_GCM, raw, false), 0);
        assert_int_equal(cw_tls_record_parse(record, &whole), CW_TLS_FAULT_NONE);
        assert_int_equal(whole, n);
        const struct iovec pieces[2] = {{.iov_base = record, .iov_len = i},
                                        {.iov_base = record + i, .iov_len = n - i}};
        assert_int_equal(cw_tls_record_open(&key, iv, e->sequence, pieces, n, out, &content, &size),
                         CW_TLS_FAULT_NONE);
        assert_int_equal(content, e->content);
        assert_int_equal(size, e->size);
        assert_memory_equal(out, e->bytes, 2);
        assert_int_equal(both[i % 2]->set_key(&key, CW_AEAD_AES_128_GCM, raw, true), 0);
        const struct iovec text = {.iov_base = out, .iov_len = size};
        assert_int_equal(cw_tls_record_seal(&key, iv, e->sequence, (enum cw_tls_content)content,
                                            &text, 1, again, &whole),
                         0);
        assert_int_equal(whole, n);
        assert_memory_equal(again, record, n);
        cw_aead_key_clear(&key);
    }
}

/* ---- against OpenSSL ---------------------------------------------------------------------------- */

static void expand(const char *digest, const uint8_t *secret, size_t secret_bytes,
                   const char *label, uint8_t *out, size_t out_bytes)
{
    uint8_t info[64] = {(uint8_t)(out_bytes >> 8), (uint8_t)out_bytes,
                        (uint8_t)(6 + strlen(label))};
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, strlen(label));
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *x = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM p[5] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret,
                                          secret_bytes),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, 10 + strlen(label)),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_KDF_derive(x, out, out_bytes, p), 1);
    EVP_KDF_CTX_free(x);
    EVP_KDF_free(kdf);
}

static void every_suite_derives_as_openssl(void **state)
{
    (void)state;
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++) {
        enum cw_aead_suite suite = (enum cw_aead_suite)s;
        const char *digest = suite == CW_AEAD_AES_256_GCM ? "SHA384" : "SHA256";
        size_t n = cw_tls_secret_bytes(suite);
        uint8_t secret[CW_TLS_SECRET_BYTES_MAX], expected[CW_TLS_SECRET_BYTES_MAX];
        uint8_t key[CW_AEAD_KEY_BYTES_MAX], iv[CW_AEAD_IV_BYTES];
        for (size_t i = 0; i < n; i++)
            secret[i] = (uint8_t)(i * 37 + s);
        for (unsigned updates = 0; updates < 3; updates++) {
            cw_tls_traffic_key(suite, secret, key, iv);
            expand(digest, secret, n, "key", expected, cw_aead_key_bytes(suite));
            assert_memory_equal(key, expected, cw_aead_key_bytes(suite));
            expand(digest, secret, n, "iv", expected, sizeof iv);
            assert_memory_equal(iv, expected, sizeof iv);
            expand(digest, secret, n, "traffic upd", expected, n);
            cw_tls_next_secret(suite, secret);
            assert_memory_equal(secret, expected, n);
        }
    }
}

static void a_derivation_allocates_nothing(void **state)
{
    (void)state;
    uint8_t secret[CW_TLS_SECRET_BYTES_MAX] = {1}, key[CW_AEAD_KEY_BYTES_MAX], iv[CW_AEAD_IV_BYTES];
    unsigned long before = allocations;
    assert_true(before > 0); /* the counter counts */
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++) {
        cw_tls_traffic_key((enum cw_aead_suite)s, secret, key, iv);
        cw_tls_next_secret((enum cw_aead_suite)s, secret);
    }
    assert_int_equal(allocations, before);
}

int main(void)
{
    if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_the_example),
        cmocka_unit_test(records_of_the_example),
        cmocka_unit_test(every_suite_derives_as_openssl),
        cmocka_unit_test(a_derivation_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
