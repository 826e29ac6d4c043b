/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/ticket_issue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/link/link_server.h"
#include "engine/base/err.h"

/* Written under another name and renamed, so that a crash never leaves half a key. */
static int key_make(const char *path, uint8_t *ret_seed)
{
    char temporary[600];
    uint8_t seed[CW_KEY_BYTES];
    int fd = -1;
    int err = CW_ERR_IO;

    if (cw_secret_random(seed, sizeof seed) != 0)
        return CW_ERR_INTERNAL;
    snprintf(temporary, sizeof temporary, "%s.new", path);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return CW_ERR_IO;
    if (write(fd, seed, sizeof seed) == (ssize_t)sizeof seed && fsync(fd) == 0)
        err = 0;
    close(fd);
    if (err == 0 && rename(temporary, path) != 0)
        err = CW_ERR_IO;
    if (err == 0)
        memcpy(ret_seed, seed, sizeof seed);
    return err;
}

static int key_read(const char *path, uint8_t *ret_seed)
{
    uint8_t seed[CW_KEY_BYTES + 1];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int err = CW_ERR_INVALID;

    if (fd < 0)
        return errno == ENOENT ? CW_ERR_NOT_FOUND : CW_ERR_IO;
    if (fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 &&
        read(fd, seed, sizeof seed) == CW_KEY_BYTES) {
        memcpy(ret_seed, seed, CW_KEY_BYTES);
        err = 0;
    }
    close(fd);
    return err;
}

int cw_ticket_key_load(struct cw_control *c, bool may_make, char *message, size_t message_size)
{
    char path[560];
    int err = 0;

    snprintf(path, sizeof path, "%s/ticket.key", c->config.control_dir);
    err = key_read(path, c->ticket_seed);
    if (err == CW_ERR_NOT_FOUND && may_make)
        err = key_make(path, c->ticket_seed);
    if (err == 0)
        err = cw_key_public(c->ticket_seed, c->ticket_key);
    if (err == 0)
        c->ticket_signer = cw_ticket_signer_new(c->ticket_seed);
    if (err == 0 && c->ticket_signer == NULL)
        err = CW_ERR_NOMEM;
    if (err == CW_ERR_INVALID)
        snprintf(message, message_size,
                 "The ticket key %s must be 32 bytes that only its owner can read.", path);
    else if (err != 0)
        snprintf(message, message_size, "The ticket key %s cannot be used: %s.", path,
                 cw_err_text(err));
    return err;
}

int cw_ticket_issue(struct cw_control *c, struct cw_ticket *ticket, uint8_t *out)
{
    static const uint64_t life_s[] = {
        [CW_TICKET_KIND_JOIN] = CW_TICKET_JOIN_S,
        [CW_TICKET_KIND_RESUME] = CW_TICKET_RESUME_S,
        [CW_TICKET_KIND_DEVICE] = CW_DEVICE_TICKET_LIFE_S,
        [CW_TICKET_KIND_CONSOLE] = CW_TICKET_JOIN_S,
    };
    const uint64_t now_s = cw_control_now_unix_ms(c) / 1000;
    struct cw_ticket_row row = {
        .kind = ticket->kind, .session = ticket->session, .participant = ticket->participant};
    int err = cw_secret_random(ticket->id, sizeof ticket->id);

    ticket->not_before_unix_s = now_s;
    ticket->not_after_unix_s = now_s + life_s[ticket->kind];
    if (err == 0)
        err = cw_ticket_sign_by(ticket, c->ticket_signer);
    if (err != 0)
        return err;
    memcpy(row.id, ticket->id, sizeof row.id);
    row.not_after_s = ticket->not_after_unix_s;
    /* A console ticket is gone in a minute and names no session: nothing could deny it. */
    if (ticket->kind != CW_TICKET_KIND_CONSOLE)
        err = cw_store_ticket_add(c->store, &row);
    if (err == 0)
        cw_ticket_encode(ticket, out);
    return err;
}

static int collect_one(void *user, const struct cw_ticket_row *row)
{
    struct cw_denials *d = user;
    struct cw_ticket_row *grown = reallocarray(d->rows, d->count + 1, sizeof *grown);

    if (grown == NULL)
        return CW_ERR_NOMEM;
    d->rows = grown;
    d->rows[d->count++] = *row;
    return 0;
}

int cw_denials_collect(struct cw_control *c, uint32_t session, uint32_t participant,
                       struct cw_denials *ret)
{
    *ret = (struct cw_denials){0};
    return cw_store_ticket_each(c->store, session, participant, cw_control_now_unix_ms(c) / 1000,
                                collect_one, ret);
}

void cw_denials_send(struct cw_control *c, const struct cw_denials *denials)
{
    for (uint32_t i = 0; i < denials->count; i++)
        cw_send_deny(c, denials->rows[i].id, denials->rows[i].not_after_s);
}

void cw_denials_free(struct cw_denials *denials)
{
    free(denials->rows);
    *denials = (struct cw_denials){0};
}
