/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/certificate_make.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

enum { HOST_BYTES_MAX = 253, COMMON_NAME_BYTES_MAX = 64, DAY_S = 24 * 3600, YEAR_DAYS = 365 };

/* Browsers take 398 days at most, and the day before counts. */
enum { WEB_DAYS = 396, NATIVE_DAYS = 10 * YEAR_DAYS };

static bool set_serial(X509 *x)
{
    /* 127 random bits: positive, and never the same again. */
    BIGNUM *n = BN_new();
    bool ok = n != NULL && BN_rand(n, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
    BN_free(n);
    return ok;
}

static bool set_times(X509 *x, enum cw_certificate_kind kind)
{
    /* From yesterday, for clients whose clock is behind. */
    if (X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) == NULL)
        return false;
    /* RFC 5280 4.1.2.5: no end that is known. */
    if (kind == CW_CERTIFICATE_IDENTITY)
        return ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1;
    int days = kind == CW_CERTIFICATE_WEB ? WEB_DAYS : NATIVE_DAYS;
    return X509_time_adj_ex(X509_getm_notAfter(x), days, 0, NULL) != NULL;
}

static bool set_name(X509 *x, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(x);
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name,
                                      -1, -1, 0) == 1;
}

static bool add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

static bool push_name(GENERAL_NAMES *names, int type, const void *data, int size)
{
    GENERAL_NAME *g = GENERAL_NAME_new();
    ASN1_STRING *s = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
    if (g == NULL || s == NULL || ASN1_STRING_set(s, data, size) != 1) {
        GENERAL_NAME_free(g);
        ASN1_STRING_free(s);
        return false;
    }
    GENERAL_NAME_set0_value(g, type, s);
    if (sk_GENERAL_NAME_push(names, g) > 0)
        return true;
    GENERAL_NAME_free(g);
    return false;
}

static bool push_host(GENERAL_NAMES *names, const char *host)
{
    uint8_t address[16];
    if (inet_pton(AF_INET, host, address) == 1)
        return push_name(names, GEN_IPADD, address, 4);
    if (inet_pton(AF_INET6, host, address) == 1)
        return push_name(names, GEN_IPADD, address, 16);
    return push_name(names, GEN_DNS, host, (int)strlen(host));
}

/* Built by hand: a name inside OpenSSL's "DNS:a,DNS:b" text could carry a comma. */
static bool add_hosts(X509 *x, const char *host)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "::1"};
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool ok = names != NULL && strlen(host) <= HOST_BYTES_MAX;
    bool is_own = *host == 0;
    for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        is_own = is_own || strcmp(host, own[i]) == 0;
    if (ok && !is_own)
        ok = push_host(names, host);
    for (unsigned i = 0; ok && i < sizeof(own) / sizeof(own[0]); i++)
        ok = push_host(names, own[i]);
    ok = ok && X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

static bool fill(X509 *x, enum cw_certificate_kind kind, X509 *issuer, const char *host)
{
    if (kind == CW_CERTIFICATE_IDENTITY)
        return set_name(x, "Causeway identity") &&
               X509_set_issuer_name(x, X509_get_subject_name(x)) == 1 &&
               add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
               add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
               add_extension(x, x, NID_subject_key_identifier, "hash");
    bool is_web = kind == CW_CERTIFICATE_WEB;
    const char *name = "Causeway engine";
    if (is_web)
        name = *host != 0 && strlen(host) <= COMMON_NAME_BYTES_MAX ? host : "localhost";
    if (!set_name(x, name))
        return false;
    X509 *by = is_web ? x : issuer;
    return X509_set_issuer_name(x, X509_get_subject_name(by)) == 1 &&
           add_extension(x, by, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, by, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, by, NID_ext_key_usage, "serverAuth") &&
           add_extension(x, by, NID_subject_key_identifier, "hash") &&
           (is_web ? add_hosts(x, host)
                   : add_extension(x, by, NID_authority_key_identifier, "keyid:always"));
}

X509 *cw_certificate_make(enum cw_certificate_kind kind, EVP_PKEY *key, X509 *issuer,
                          EVP_PKEY *issuer_key, const char *host)
{
    X509 *x = X509_new();
    if (x == NULL)
        return NULL;
    EVP_PKEY *signer = kind == CW_CERTIFICATE_NATIVE ? issuer_key : key;
    /* Ed25519 signs the message itself: no digest. */
    const EVP_MD *digest = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
    if (X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && set_times(x, kind) &&
        X509_set_pubkey(x, key) == 1 && fill(x, kind, issuer, host) &&
        X509_sign(x, signer, digest) > 0)
        return x;
    X509_free(x);
    return NULL;
}
