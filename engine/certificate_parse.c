/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/certificate_parse.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/err.h"

/* One parse: the text, and where the message for a person goes. */
struct parser {
    const char *pem;
    size_t pem_bytes;
    char *message;
    size_t message_size;
};

static int fail(const struct parser *p, const char *what)
{
    (void)snprintf(p->message, p->message_size, "%s", what);
    ERR_clear_error();
    return CW_ERR_INVALID;
}

/* A key with a passphrase must not make the engine ask for it on a terminal. */
static int no_passphrase(char *out, int size, int is_writing, void *context)
{
    (void)out, (void)size, (void)is_writing, (void)context;
    return 0;
}

static int read_key(const struct parser *p, EVP_PKEY **ret_key)
{
    BIO *bio = BIO_new_mem_buf(p->pem, (int)p->pem_bytes);
    if (bio == NULL)
        return CW_ERR_NOMEM;
    *ret_key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    EVP_PKEY *second =
        *ret_key != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    EVP_PKEY_free(second);
    if (*ret_key == NULL)
        return fail(p, "there is no PEM private key without a passphrase in it");
    return second == NULL ? CW_OK : fail(p, "there is more than one private key in it");
}

static int read_chain(const struct parser *p, struct cw_certificate *c)
{
    BIO *bio = BIO_new_mem_buf(p->pem, (int)p->pem_bytes);
    if (bio == NULL)
        return CW_ERR_NOMEM;
    c->leaf = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    X509 *next = NULL;
    while (c->leaf != NULL && (next = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        if (c->chain_count == CW_CERTIFICATE_CHAIN_MAX) {
            X509_free(next);
            BIO_free(bio);
            return fail(p, "it has more than 9 certificates");
        }
        c->chain[c->chain_count++] = next;
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    BIO_free(bio);
    ERR_clear_error();
    if (c->leaf == NULL && at_end)
        return fail(p, "there is no PEM certificate in it");
    return at_end ? CW_OK : fail(p, "a certificate in it is damaged");
}

/* What browsers and TLS 1.3 take. */
static bool key_is_usable(const EVP_PKEY *key)
{
    char group[32] = "";
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return EVP_PKEY_get_bits(key) >= 2048;
    case EVP_PKEY_ED25519: return true;
    case EVP_PKEY_EC:
        return EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
               (strcmp(group, SN_X9_62_prime256v1) == 0 || strcmp(group, SN_secp384r1) == 0 ||
                strcmp(group, SN_secp521r1) == 0);
    default: return false;
    }
}

static int check_chain(const struct parser *p, const struct cw_certificate *c)
{
    if (X509_check_private_key(c->leaf, c->key) != 1) {
        for (unsigned i = 0; i < c->chain_count; i++)
            if (X509_check_private_key(c->chain[i], c->key) == 1)
                return fail(p, "the certificate of the key must be the first one");
        return fail(p, "the certificate does not belong to the key");
    }
    if (!key_is_usable(c->key))
        return fail(p, "the key must be P-256, P-384, P-521, Ed25519 or RSA of at least 2048 bits");
    X509 *below = c->leaf;
    for (unsigned i = 0; i < c->chain_count; i++) {
        if (X509_check_issued(c->chain[i], below) != X509_V_OK) {
            (void)snprintf(p->message, p->message_size,
                           "certificate %u did not sign certificate %u: each must be signed by "
                           "the one behind it",
                           i + 2, i + 1);
            ERR_clear_error();
            return CW_ERR_INVALID;
        }
        below = c->chain[i];
    }
    return CW_OK;
}

static int check_identity(const struct parser *p, const struct cw_certificate *identity,
                          struct cw_certificate *c)
{
    if (X509_verify(c->leaf, identity->key) != 1)
        return fail(p, "the certificate is not signed by the appliance's identity, so native "
                       "clients would refuse it");
    if (c->chain_count == 0 && X509_up_ref(identity->leaf) == 1)
        c->chain[c->chain_count++] = identity->leaf;
    return CW_OK;
}

static bool is_for(X509 *leaf, const char *host)
{
    return X509_check_host(leaf, host, 0, 0, NULL) == 1 || X509_check_ip_asc(leaf, host, 0) == 1;
}

int cw_certificate_parse(const char *pem, size_t pem_bytes, const struct cw_certificate *identity,
                         const char *host, char *message, size_t message_size,
                         struct cw_certificate *ret_certificate)
{
    const struct parser p = {pem, pem_bytes, message, message_size};
    struct cw_certificate c = {0};
    message[0] = 0;
    if (pem_bytes > CW_CERTIFICATE_PEM_BYTES_MAX) {
        (void)fail(&p, "the key and its certificates are more than 60 KB");
        return CW_ERR_TOO_LARGE;
    }
    int err = read_key(&p, &c.key);
    if (err == CW_OK)
        err = read_chain(&p, &c);
    if (err == CW_OK)
        err = check_chain(&p, &c);
    if (err == CW_OK && identity != NULL)
        err = check_identity(&p, identity, &c);
    if (err != CW_OK) {
        cw_certificate_clear(&c);
        return err;
    }
    if (host != NULL && !is_for(c.leaf, host))
        (void)snprintf(message, message_size, "the certificate is not for %s", host);
    ERR_clear_error();
    *ret_certificate = c;
    return CW_OK;
}

int cw_certificate_check_dates(const struct cw_certificate *c, char *message, size_t message_size)
{
    const struct parser p = {NULL, 0, message, message_size};
    time_t now = time(NULL);
    if (X509_cmp_time(X509_get0_notAfter(c->leaf), &now) < 0)
        return fail(&p, "the certificate has expired");
    if (X509_cmp_time(X509_get0_notBefore(c->leaf), &now) > 0)
        return fail(&p, "the certificate is not valid yet");
    return CW_OK;
}

void cw_certificate_describe(const struct cw_certificate *c, char *out, size_t out_size)
{
    char name[128] = "", fingerprint[2 * EVP_MAX_MD_SIZE + 1] = "";
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    struct tm until = {0};
    if (out_size > 0)
        out[0] = 0;
    if (c->leaf == NULL)
        return;
    if (X509_NAME_get_text_by_NID(X509_get_subject_name(c->leaf), NID_commonName, name,
                                  sizeof(name)) < 0)
        (void)snprintf(name, sizeof(name), "(none)");
    if (X509_digest(c->leaf, EVP_sha256(), digest, &size) == 1)
        for (unsigned i = 0; i < size; i++)
            (void)snprintf(fingerprint + (size_t)2 * i, 3, "%02x", digest[i]);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(c->leaf), &until) != 1)
        until = (struct tm){0};
    (void)snprintf(out, out_size, "CN=%s, until %04d-%02d-%02d, SHA-256 %s", name,
                   until.tm_year + 1900, until.tm_mon + 1, until.tm_mday, fingerprint);
    ERR_clear_error();
}
