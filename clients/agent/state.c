/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/agent/exchange.h"
#include "clients/peer/address.h"
#include "engine/base/err.h"

enum { PATH_BYTES = 4096 };

static void path_of(const char *directory, char *out)
{
    snprintf(out, PATH_BYTES, "%s/client.json", directory);
}

/* ---- files ------------------------------------------------------------------------------------ */

static int write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CW_ERR_IO;
        data += n;
        size -= (size_t)n;
    }
    return fsync(fd) == 0 ? 0 : CW_ERR_IO;
}

static void sync_directory_of(const char *path)
{
    char directory[PATH_BYTES];
    snprintf(directory, sizeof(directory), "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash == NULL)
        return;
    *slash = '\0';
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd); /* some file systems cannot; the rename is done all the same */
    close(fd);
}

int cw_file_replace(const char *path, const void *data, size_t size, unsigned mode)
{
    char temporary[PATH_BYTES];
    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return CW_ERR_IO;
    }
    (void)unlink(temporary); /* left by a crash */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (fd < 0)
        return CW_ERR_IO;
    int err = write_all(fd, data, size);
    int error = errno;
    close(fd);
    if (err == 0 && rename(temporary, path) != 0) {
        err = CW_ERR_IO;
        error = errno;
    }
    if (err != 0)
        (void)unlink(temporary);
    else
        sync_directory_of(path);
    errno = error;
    return err;
}

/* ---- state ------------------------------------------------------------------------------------ */

static int failed(int err, const char *what, const char *path, char *message, size_t message_size)
{
    snprintf(message, message_size, "%s \"%s\": %s.", what, path, strerror(errno));
    return err;
}

static int check_private(const char *path, char *message, size_t message_size)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno != ENOENT)
            return failed(CW_ERR_IO, "Cannot read", path, message, message_size);
        snprintf(message, message_size,
                 "There is no \"%s\": run \"causeway-client install\" first.", path);
        return CW_ERR_NOT_FOUND;
    }
    if ((st.st_mode & 077) != 0) {
        snprintf(message, message_size,
                 "Others may read \"%s\", which holds a secret key. Run: chmod 600 %s", path, path);
        return CW_ERR_DENIED;
    }
    return 0;
}

static bool unpack(const json_t *json, struct cw_state *s)
{
    const char *host = json_string_value(json_object_get(json, "host"));
    const char *identity = json_string_value(json_object_get(json, "identity"));
    const char *proxy = json_string_value(json_object_get(json, "proxy"));
    int size = snprintf(s->proxy, sizeof(s->proxy), "%s", proxy != NULL ? proxy : "");
    if (size < 0 || (size_t)size >= sizeof(s->proxy))
        return false;
    return host != NULL && identity != NULL && cw_address_parse(host, &s->address) == 0 &&
           cw_identity_parse(identity, s->identity) == 0 &&
           cw_json_bytes(json, "key", s->secret_seed, sizeof(s->secret_seed)) == 0 &&
           cw_json_bytes(json, "credential", s->credential, sizeof(s->credential)) == 0;
}

int cw_state_load(const char *directory, struct cw_state *ret_state, char *message,
                  size_t message_size)
{
    char path[PATH_BYTES];
    path_of(directory, path);
    int err = check_private(path, message, message_size);
    if (err != 0)
        return err;
    struct cw_state s;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json != NULL && unpack(json, &s);
    json_decref(json);
    if (!ok) {
        snprintf(message, message_size,
                 "\"%s\" is damaged. Run \"causeway-client uninstall\" and install again.", path);
        return CW_ERR_INVALID;
    }
    *ret_state = s;
    cw_state_wipe(&s);
    return 0;
}

int cw_state_save(const char *directory, const struct cw_state *state, char *message,
                  size_t message_size)
{
    char path[PATH_BYTES], host[CW_ADDRESS_TEXT_BYTES], identity[CW_IDENTITY_TEXT_BYTES];
    path_of(directory, path);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return failed(CW_ERR_IO, "Cannot make the directory", directory, message, message_size);
    if (chmod(directory, 0700) != 0)
        return failed(CW_ERR_IO, "Cannot protect the directory", directory, message, message_size);
    cw_address_format(&state->address, host);
    cw_identity_format(state->identity, identity);
    json_t *json =
        json_pack("{s:s, s:s, s:s*, s:o, s:o}", "host", host, "identity", identity, "proxy",
                  state->proxy[0] != '\0' ? state->proxy : NULL, "key",
                  cw_json_base64(state->secret_seed, sizeof(state->secret_seed)), "credential",
                  cw_json_base64(state->credential, sizeof(state->credential)));
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    if (text == NULL)
        return CW_ERR_NOMEM;
    int err = cw_file_replace(path, text, strlen(text), 0600);
    if (err != 0)
        failed(err, "Cannot write", path, message, message_size);
    OPENSSL_cleanse(text, strlen(text));
    free(text);
    return err;
}

int cw_state_check_free(const char *directory, char *message, size_t message_size)
{
    char path[PATH_BYTES];
    path_of(directory, path);
    if (access(path, F_OK) != 0)
        return 0;
    snprintf(message, message_size,
             "\"%s\" exists: this computer is enrolled already. Run \"causeway-client uninstall\" "
             "first.",
             path);
    return CW_ERR_CONFLICT;
}

int cw_state_remove(const char *directory, char *message, size_t message_size)
{
    static const char *const others[] = {CW_STATE_WAKING_FILE, CW_STATE_PROBATION_FILE,
                                         CW_STATE_PART_FILE, CW_STATE_DISABLED_FILE};
    char path[PATH_BYTES];
    path_of(directory, path);
    if (unlink(path) != 0) {
        if (errno == ENOENT) {
            snprintf(message, message_size, "There is no \"%s\": nothing is installed there.",
                     path);
            return CW_ERR_NOT_FOUND;
        }
        return failed(CW_ERR_IO, "Cannot remove", path, message, message_size);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(path, sizeof(path), "%.4000s/%s", directory, others[i]);
        (void)unlink(path); /* most have none */
    }
    (void)rmdir(directory); /* stays when somebody keeps something else in it */
    return 0;
}

void cw_state_wipe(struct cw_state *state)
{
    OPENSSL_cleanse(state, sizeof(*state));
}
