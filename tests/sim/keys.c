/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/certificate_make.h"
#include "tests/sim/net.h"

enum { PATH_BYTES = 256 };

static const char *const names[] = {"identity", "native", "web"};

static void path_of(const char *directory, const char *name, const char *suffix, char *out)
{
    int n = snprintf(out, PATH_BYTES, "%s/%s.%s", directory, name, suffix);
    CW_CHECK(n > 0 && n < PATH_BYTES, "the folder's name is short");
}

static FILE *create(const char *directory, const char *name, const char *suffix)
{
    char path[PATH_BYTES];
    path_of(directory, name, suffix, path);
    FILE *file = fopen(path, "w");
    CW_CHECK(file != NULL && chmod(path, 0600) == 0, "the folder can be written");
    return file;
}

/* OpenSSL dates a certificate by the clock: fixed dates instead, and signed once more. */
static void date(X509 *x, EVP_PKEY *signer)
{
    CW_CHECK(ASN1_TIME_set_string(X509_getm_notBefore(x), "20260101000000Z") == 1 &&
                 ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1,
             "dates of X.509");
    bool is_identity = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519;
    CW_CHECK(X509_sign(x, signer, is_identity ? NULL : EVP_sha256()) > 0, "OpenSSL signs");
}

void cw_sim_keys_write(const char *directory)
{
    EVP_PKEY *keys[3];
    X509 *certificates[3] = {NULL};
    cw_net_seed_openssl(1);
    for (unsigned i = 0; i < 3; i++) {
        keys[i] = i == CW_CERTIFICATE_IDENTITY ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                               : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        CW_CHECK(keys[i] != NULL, "OpenSSL makes keys");
        certificates[i] = cw_certificate_make((enum cw_certificate_kind)i, keys[i], certificates[0],
                                              keys[0], "localhost");
        CW_CHECK(certificates[i] != NULL, "OpenSSL makes certificates");
        date(certificates[i], i == CW_CERTIFICATE_WEB ? keys[i] : keys[0]);
        FILE *file = create(directory, names[i], "key");
        CW_CHECK(PEM_write_PrivateKey(file, keys[i], NULL, NULL, 0, NULL, NULL) == 1 &&
                     fclose(file) == 0,
                 "the disk has room");
        file = create(directory, names[i], "crt");
        CW_CHECK(PEM_write_X509(file, certificates[i]) == 1 && fclose(file) == 0,
                 "the disk has room");
    }
    for (unsigned i = 0; i < 3; i++) {
        X509_free(certificates[i]);
        EVP_PKEY_free(keys[i]);
    }
}

void cw_sim_keys_remove(const char *directory)
{
    for (unsigned i = 0; i < 3; i++) {
        char path[PATH_BYTES];
        path_of(directory, names[i], "key", path);
        (void)unlink(path);
        path_of(directory, names[i], "crt", path);
        (void)unlink(path);
    }
}
