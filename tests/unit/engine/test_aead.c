/* SPDX-License-Identifier: Apache-2.0 */
/* The two implementations of each AEAD against each other, on random texts in random pieces between guard pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/aead.h"
#include "engine/base/err.h"
#include "tests/random.h"

enum { PAGES_BYTES = 32768, PAGE_BYTES = 4096, PIECES = 20, SIZE_MAX_BYTES = 16400 };

static uint32_t draw(uint32_t below)
{
    return next_random() % below;
}

static void fill(uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)draw(256);
}

/* Memory that ends at a page nobody may touch, and begins behind one. */
struct guarded {
    uint8_t *begin, *end;
};

static struct guarded guarded_new(void)
{
    uint8_t *m =
        mmap(NULL, PAGES_BYTES + 2 * PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(m != MAP_FAILED);
    assert_int_equal(mprotect(m + PAGE_BYTES, PAGES_BYTES, PROT_READ | PROT_WRITE), 0);
    return (struct guarded){m + PAGE_BYTES, m + PAGE_BYTES + PAGES_BYTES};
}

static void guarded_free(struct guarded g)
{
    munmap(g.begin - PAGE_BYTES, PAGES_BYTES + 2 * PAGE_BYTES);
}

/* A text of size bytes that ends at g's end or begins at its beginning, cut at random; sizes of 0 included. */
static unsigned cut(struct guarded g, bool at_end, size_t size, struct iovec *pieces)
{
    unsigned count = draw(3) == 0 ? 1 : 1 + draw(PIECES);
    uint8_t *at = at_end ? g.end - size : g.begin;
    for (unsigned i = 0; i < count; i++) {
        size_t n = i + 1 == count ? size : draw((uint32_t)size + 1);
        if (draw(5) == 0 && i + 1 < count)
            n = 0;
        pieces[i] = (struct iovec){.iov_base = at, .iov_len = n};
        at += n;
        size -= n;
    }
    return count;
}

static size_t draw_size(void)
{
    switch (draw(4)) {
    case 0: return draw(80);
    case 1: return draw(2100);
    case 2: return 1000 + draw(50);
    default: return draw(SIZE_MAX_BYTES);
    }
}

static const struct cw_aead_ops *const both[] = {&cw_aead_evp, &cw_aead_ipsec};

static unsigned available(void)
{
    unsigned n = cw_aead_ipsec.is_available(CW_AEAD_AES_128_GCM) ? 2 : 1;
    if (n == 1)
        print_message("this processor has no libipsec-mb path: OpenSSL alone is tested\n");
    return n;
}

/* What one seals is what the other seals; what one sealed, the other opens; a changed bit opens nowhere. */
static void one_round(enum cw_aead_suite suite, struct guarded text, struct guarded sealed,
                      unsigned libraries)
{
    uint8_t raw[CW_AEAD_KEY_BYTES_MAX], iv[CW_AEAD_IV_BYTES], aad[16], last = (uint8_t)draw(256);
    static uint8_t first[SIZE_MAX_BYTES + 17], plain[SIZE_MAX_BYTES + 1];
    struct iovec pieces[PIECES];
    size_t size = draw_size();
    fill(raw, sizeof raw);
    fill(iv, sizeof iv);
    fill(aad, sizeof aad);
    bool at_end = draw(2) == 0;
    unsigned count = cut(text, at_end, size, pieces);
    uint8_t *from = at_end ? text.end - size : text.begin;
    fill(from, size);
    memcpy(plain, from, size);
    plain[size] = last;
    uint8_t *out = sealed.end - (size + 1 + CW_AEAD_TAG_BYTES);
    for (unsigned i = 0; i < libraries; i++) {
        struct cw_aead_key key = {0};
        struct cw_aead_text t = {iv, aad, 5, pieces, count};
        assert_int_equal(both[i]->set_key(&key, suite, raw, true), 0);
        memset(out, 0xA5, size + 1 + CW_AEAD_TAG_BYTES);
        assert_int_equal(both[i]->seal(&key, &t, last, out), 0);
        if (i == 0)
            memcpy(first, out, size + 1 + CW_AEAD_TAG_BYTES);
        assert_memory_equal(first, out, size + 1 + CW_AEAD_TAG_BYTES);
        cw_aead_key_clear(&key);
    }
    memcpy(sealed.end - (size + 1 + CW_AEAD_TAG_BYTES), first, size + 1 + CW_AEAD_TAG_BYTES);
    uint8_t *opened = text.end - (size + 1);
    for (unsigned i = 0; i < libraries; i++) {
        struct cw_aead_key key = {0};
        uint8_t *tag = sealed.end - CW_AEAD_TAG_BYTES;
        size_t split = draw((uint32_t)size + 2);
        struct iovec in[2] = {{.iov_base = out, .iov_len = split},
                              {.iov_base = out + split, .iov_len = size + 1 - split}};
        struct cw_aead_text t = {iv, aad, 5, in, 2};
        if (split == size + 1)
            t.count = 1;
        assert_int_equal(both[i]->set_key(&key, suite, raw, false), 0);
        memset(opened, 0x5A, size + 1);
        assert_int_equal(both[i]->open(&key, &t, tag, opened), 0);
        assert_memory_equal(opened, plain, size + 1);
        /* The same, with one bit changed somewhere; nothing of the text is left. */
        uint8_t *victim = out + draw((uint32_t)size + 1 + CW_AEAD_TAG_BYTES);
        uint8_t bit = (uint8_t)(1u << draw(8));
        *victim ^= bit;
        assert_int_equal(both[i]->open(&key, &t, tag, opened), CW_ERR_SIGNATURE);
        for (size_t k = 0; k <= size; k++)
            assert_int_equal(opened[k], 0);
        *victim ^= bit;
        aad[0] ^= 1;
        assert_int_equal(both[i]->open(&key, &t, tag, opened), CW_ERR_SIGNATURE);
        aad[0] ^= 1;
        cw_aead_key_clear(&key);
    }
}

static void both_agree(void **state)
{
    (void)state;
    struct guarded text = guarded_new(), sealed = guarded_new();
    unsigned libraries = available();
    for (unsigned round = 0; round < 600; round++)
        one_round((enum cw_aead_suite)(round % CW_AEAD_SUITE_COUNT), text, sealed, libraries);
    guarded_free(text);
    guarded_free(sealed);
}

/* A key struct is used again for other suites, other keys and both directions, as the cache does it. */
static void a_key_struct_is_used_again(void **state)
{
    (void)state;
    struct cw_aead_key keys[2] = {{.evp = NULL}, {.evp = NULL}};
    uint8_t iv[CW_AEAD_IV_BYTES] = {7}, aad[5] = {23, 3, 3, 0, 0}, text[100] = {1},
            out[100 + 1 + CW_AEAD_TAG_BYTES], back[101];
    unsigned libraries = available();
    for (unsigned round = 0; round < 200; round++) {
        enum cw_aead_suite suite = (enum cw_aead_suite)draw(CW_AEAD_SUITE_COUNT);
        const struct cw_aead_ops *ops = both[draw(libraries)];
        uint8_t raw[CW_AEAD_KEY_BYTES_MAX];
        fill(raw, sizeof raw);
        struct iovec piece = {.iov_base = text, .iov_len = sizeof text};
        struct cw_aead_text t = {iv, aad, sizeof aad, &piece, 1};
        unsigned a = draw(2);
        assert_int_equal(ops->set_key(&keys[a], suite, raw, true), 0);
        assert_int_equal(keys[a].ops->seal(&keys[a], &t, 9, out), 0);
        piece = (struct iovec){.iov_base = out, .iov_len = sizeof text + 1};
        ops = both[draw(libraries)];
        assert_int_equal(ops->set_key(&keys[1 - a], suite, raw, false), 0);
        assert_int_equal(ops->open(&keys[1 - a], &t, out + sizeof text + 1, back), 0);
        assert_memory_equal(back, text, sizeof text);
    }
    cw_aead_key_clear(&keys[0]);
    cw_aead_key_clear(&keys[1]);
}

/* The one-shot interface of OpenSSL, called here directly. */
static void the_bytes_are_the_standards(void **state)
{
    (void)state;
    uint8_t raw[CW_AEAD_KEY_BYTES_MAX] = {3}, iv[CW_AEAD_IV_BYTES] = {4}, aad[5] = {5},
            text[50] = {6};
    const EVP_CIPHER *ciphers[] = {EVP_aes_128_gcm(), EVP_aes_256_gcm(), EVP_chacha20_poly1305()};
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++) {
        uint8_t expected[sizeof text + CW_AEAD_TAG_BYTES], out[sizeof expected];
        int n;
        EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
        assert_int_equal(EVP_EncryptInit_ex(x, ciphers[s], NULL, raw, iv), 1);
        assert_int_equal(EVP_EncryptUpdate(x, NULL, &n, aad, sizeof aad), 1);
        assert_int_equal(EVP_EncryptUpdate(x, expected, &n, text, sizeof text), 1);
        assert_int_equal(EVP_EncryptFinal_ex(x, expected + sizeof text, &n), 1);
        assert_int_equal(EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_GET_TAG, CW_AEAD_TAG_BYTES,
                                             expected + sizeof text),
                         1);
        EVP_CIPHER_CTX_free(x);
        for (unsigned i = 0; i < available(); i++) {
            struct cw_aead_key key = {0};
            struct iovec piece = {.iov_base = text, .iov_len = sizeof text - 1};
            struct cw_aead_text t = {iv, aad, sizeof aad, &piece, 1};
            assert_int_equal(both[i]->set_key(&key, (enum cw_aead_suite)s, raw, true), 0);
            assert_int_equal(both[i]->seal(&key, &t, text[sizeof text - 1], out), 0);
            assert_memory_equal(out, expected, sizeof out);
            cw_aead_key_clear(&key);
        }
    }
}

static void the_choice_can_be_forced(void **state)
{
    (void)state;
    struct cw_aead_choice choice;
    cw_aead_choose("evp", &choice);
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++)
        assert_ptr_equal(choice.of[s], &cw_aead_evp);
    cw_aead_choose("ipsec-mb", &choice);
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++)
        assert_ptr_equal(choice.of[s], available() == 2 ? &cw_aead_ipsec : &cw_aead_evp);
    cw_aead_choose(NULL, &choice);
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++)
        assert_true(choice.of[s] == &cw_aead_evp || choice.of[s] == &cw_aead_ipsec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_agree),
        cmocka_unit_test(a_key_struct_is_used_again),
        cmocka_unit_test(the_bytes_are_the_standards),
        cmocka_unit_test(the_choice_can_be_forced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
