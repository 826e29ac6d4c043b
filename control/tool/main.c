/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-store: looks at the store of an appliance that is stopped or runs, and restores backups of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "control/backup/backup.h"
#include "control/limits.h"
#include "control/store/store.h"
#include "control/store/store_snapshot.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/version.h"

static int usage(FILE *to, int status)
{
    (void)fputs(
        "Usage: causeway-store verify STATE_DIR\n"
        "       causeway-store check BACKUP\n"
        "       causeway-store restore BACKUP STATE_DIR\n"
        "verify reads the audit log and names the first row that is not what was written.\n"
        "check and restore read the passphrase from standard input. See causeway-store(8).\n",
        to);
    return status;
}

/* One line; a terminal does not show it. */
static bool read_passphrase(char *out, size_t size)
{
    struct termios shown;
    struct termios hidden;
    bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;

    if (is_terminal) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)fputs("Passphrase of the backup: ", stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool good = fgets(out, (int)size, stdin) != NULL;
    if (is_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        (void)fputc('\n', stderr);
    }
    if (good)
        out[strcspn(out, "\r\n")] = '\0';
    return good && out[0] != '\0';
}

static int verify(const char *state_dir)
{
    char path[560];
    char message[400];
    char mac[2 * CW_CHAIN_BYTES + 1];
    uint64_t schema = 0;
    struct cw_store *s = NULL;
    struct cw_audit_report r;

    (void)snprintf(path, sizeof path, "%.500s/control/store.sqlite", state_dir);
    if (cw_store_open_reader(path, message, sizeof message, &s) != 0) {
        (void)fprintf(stderr, "causeway-store: %s\n", message);
        return EX_NOINPUT;
    }
    int err = cw_store_audit_verify(s, &r);
    cw_store_close(s);
    if (err == 0 && cw_store_check_file(path, true, &schema, message, sizeof message) != 0) {
        (void)printf("bad: %s\n", message);
        return 1;
    }
    if (err == CW_ERR_SIGNATURE) {
        (void)printf("bad: row %" PRIu64 ": %s\n", r.bad_id, r.why);
        return 1;
    }
    if (err != 0) {
        (void)fprintf(stderr, "causeway-store: %s: %s\n", path, cw_err_text(err));
        return EX_IOERR;
    }
    cw_chain_hex(r.last_mac, mac);
    (void)printf("whole: %" PRIu64 " rows, %" PRIu64 " checkpoints; the last is of epoch %" PRIu64
                 " and signs row %" PRIu64 " with %s\n",
                 r.rows, r.checkpoints, r.last_epoch, r.last_signed, mac);
    if (!r.has_key)
        (void)printf("without audit.key the last %" PRIu64 " rows are not proven\n", r.unproven);
    return 0;
}

static int say(const char *what, int err, const struct cw_backup_result *r)
{
    const time_t made_s = (time_t)(r->created_ms / 1000);
    char made[40] = "";
    struct tm t;

    if (err != 0) {
        (void)fprintf(stderr, "causeway-store: %s: %s\n", what, r->message);
        return 1;
    }
    if (gmtime_r(&made_s, &t) != NULL)
        (void)strftime(made, sizeof made, "%Y-%m-%d %H:%M:%S UTC", &t);
    (void)printf("%s: made %s by version %s, schema %" PRIu64 ", %u files\n", what, made,
                 r->version, r->schema, r->files);
    return 0;
}

int main(int argc, char **argv)
{
    char passphrase[CW_PASSWORD_BYTES_MAX + 3];
    struct cw_backup_result r;

    cw_log_set_level(CW_LOG_ERROR);
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("causeway-store %s\n", CW_VERSION) > 0 ? 0 : 1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (argc == 3 && strcmp(argv[1], "verify") == 0)
        return verify(argv[2]);
    bool is_check = argc == 3 && strcmp(argv[1], "check") == 0;
    bool is_restore = argc == 4 && strcmp(argv[1], "restore") == 0;
    if (!is_check && !is_restore)
        return usage(stderr, EX_USAGE);
    if (!read_passphrase(passphrase, sizeof passphrase)) {
        (void)fputs("causeway-store: no passphrase was given\n", stderr);
        return EX_USAGE;
    }
    int err =
        is_check ? cw_backup_read(argv[2], passphrase, NULL, &r)
                 : cw_backup_restore(argv[2], passphrase, argv[3], (uint64_t)time(NULL) * 1000, &r);
    explicit_bzero(passphrase, sizeof passphrase);
    return say(argv[2], err, &r);
}
