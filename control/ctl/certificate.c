/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ctl/certificate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Appends a file, with a newline at its end. */
static enum ctl_exit read_file(const char *path, char *pem, size_t *size)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        (void)fprintf(stderr, "causewayctl: %s: %s\n", path, strerror(errno));
        return CTL_EXIT_USAGE;
    }
    *size += fread(pem + *size, 1, CTL_PEM_BYTES_MAX - 1 - *size, f);
    int is_whole = fgetc(f) == EOF && ferror(f) == 0;
    (void)fclose(f);
    if (is_whole) {
        pem[(*size)++] = '\n';
        return CTL_EXIT_OK;
    }
    (void)fprintf(stderr, "causewayctl: %s: cannot be read, or is over %d bytes with the other\n",
                  path, CTL_PEM_BYTES_MAX);
    return CTL_EXIT_USAGE;
}

/* False: no room, or something that is no text. */
static int add_quoted(const char *pem, size_t size, char *line, size_t line_size)
{
    size_t at = strlen(line);
    int n = snprintf(line + at, line_size - at, " pem=\"");
    at += n > 0 ? (size_t)n : 0;
    for (size_t i = 0; i < size; i++) {
        if (at + 4 > line_size)
            return 0;
        if (pem[i] == '\r')
            continue;
        if (pem[i] == '"' || pem[i] == '\\' || pem[i] == '\n')
            line[at++] = '\\';
        if (pem[i] != '\n' && ((unsigned char)pem[i] < 0x20 || pem[i] == 0x7f))
            return 0;
        line[at++] = pem[i] == '\n' ? 'n' : pem[i];
    }
    line[at++] = '"';
    line[at] = '\0';
    return 1;
}

enum ctl_exit ctl_certificate_add(const char *certificate, const char *key, char *line,
                                  size_t line_size)
{
    static char pem[CTL_PEM_BYTES_MAX];
    size_t size = 0;
    if (strcmp(line, "certificate prepare") != 0 || certificate == NULL) {
        (void)fputs("causewayctl: --certificate and --key go with \"certificate prepare\"\n",
                    stderr);
        return CTL_EXIT_USAGE;
    }
    enum ctl_exit rc = read_file(certificate, pem, &size);
    if (rc == CTL_EXIT_OK && key != NULL)
        rc = read_file(key, pem, &size);
    if (rc == CTL_EXIT_OK && !add_quoted(pem, size, line, line_size)) {
        (void)fputs("causewayctl: these are no PEM files\n", stderr);
        rc = CTL_EXIT_USAGE;
    }
    explicit_bzero(pem, sizeof pem);
    return rc;
}
