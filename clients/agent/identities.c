/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/identities.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/agent/state.h"
#include "engine/base/err.h"

enum { LINE_BYTES = CW_ADDRESS_TEXT_BYTES + CW_IDENTITY_TEXT_BYTES + 2 };

int cw_identities_path(char *out)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (home == NULL || home[0] != '/') {
        const struct passwd *p = getpwuid(getuid());
        home = p != NULL ? p->pw_dir : NULL;
    }
    int n = -1;
    if (config != NULL && config[0] == '/')
        n = snprintf(out, CW_IDENTITIES_PATH_BYTES, "%s/causeway/identities", config);
    else if (home != NULL)
        n = snprintf(out, CW_IDENTITIES_PATH_BYTES, "%s/.config/causeway/identities", home);
    return n > 0 && n < CW_IDENTITIES_PATH_BYTES ? 0 : CW_ERR_NOT_FOUND;
}

int cw_identities_find(const char *path, const struct cw_address *address, uint8_t *ret_key)
{
    char wanted[CW_ADDRESS_TEXT_BYTES], line[LINE_BYTES];
    int err = CW_ERR_NOT_FOUND;
    cw_address_format(address, wanted);
    size_t n = strlen(wanted);
    FILE *f = fopen(path, "re");
    for (int i = 0; f != NULL && i < CW_IDENTITIES_MAX && fgets(line, sizeof(line), f) != NULL;
         i++) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, wanted, n) == 0 && line[n] == ' ' &&
            cw_identity_parse(line + n + 1, ret_key) == 0)
            err = 0; /* the last line stands */
    }
    if (f != NULL)
        fclose(f);
    return err;
}

/* Makes the directories above the file. */
static void make_parents(const char *path)
{
    char parent[CW_IDENTITIES_PATH_BYTES];
    snprintf(parent, sizeof(parent), "%s", path);
    for (char *at = strchr(parent + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(parent, 0700); /* exists, or the write below says why not */
        *at = '/';
    }
}

int cw_identities_add(const char *path, const struct cw_address *address, const uint8_t *key,
                      char *message, size_t message_size)
{
    char host[CW_ADDRESS_TEXT_BYTES], hex[CW_IDENTITY_TEXT_BYTES], line[LINE_BYTES];
    char *text = NULL;
    size_t bytes = 0;
    cw_address_format(address, host);
    cw_identity_format(key, hex);
    FILE *all = open_memstream(&text, &bytes);
    if (all == NULL)
        return CW_ERR_NOMEM;
    FILE *f = fopen(path, "re");
    for (int i = 0; f != NULL && i + 1 < CW_IDENTITIES_MAX && fgets(line, sizeof(line), f) != NULL;
         i++)
        fputs(line, all);
    if (f != NULL)
        fclose(f);
    fprintf(all, "%s %s\n", host, hex);
    fclose(all);
    make_parents(path);
    int err = cw_file_replace(path, text, bytes, 0600);
    if (err != 0)
        snprintf(message, message_size, "Cannot write \"%s\": %s.", path, strerror(errno));
    free(text);
    return err;
}
