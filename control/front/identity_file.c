/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/identity_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/limits.h"

enum { IDENTITY_FILE_BYTES_MAX = 8 * 1024 };

static int identity_of_pem(const char *pem, int pem_size, char ret_hex[65])
{
    int rc = CW_ERR_INVALID;
    uint8_t key[CW_KEY_BYTES];
    size_t key_size = sizeof key;
    X509 *certificate = NULL;
    BIO *bio = BIO_new_mem_buf(pem, pem_size);
    if (bio == NULL)
        return CW_ERR_NOMEM;
    certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    EVP_PKEY *public_key = certificate != NULL ? X509_get0_pubkey(certificate) : NULL;
    if (public_key != NULL && EVP_PKEY_get_base_id(public_key) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_public_key(public_key, key, &key_size) == 1 && key_size == sizeof key) {
        for (size_t i = 0; i < sizeof key; i++)
            (void)snprintf(ret_hex + 2 * i, 3, "%02x", key[i]);
        rc = 0;
    }
    X509_free(certificate);
    BIO_free(bio);
    return rc;
}

int cw_identity_file_read(const char *state_dir, char ret_hex[65])
{
    char path[512];
    char pem[IDENTITY_FILE_BYTES_MAX];
    int n = snprintf(path, sizeof path, "%s/tls/identity.crt", state_dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return CW_ERR_TOO_LARGE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return CW_ERR_NOT_FOUND;
    ssize_t size = read(fd, pem, sizeof pem);
    (void)close(fd);
    if (size <= 0 || (size_t)size == sizeof pem)
        return CW_ERR_INVALID;
    return identity_of_pem(pem, (int)size, ret_hex);
}
