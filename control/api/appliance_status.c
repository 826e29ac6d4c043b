/* SPDX-License-Identifier: Apache-2.0 */
/* How the appliance does, for who administers it: what workers said last, and control's own figures. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "control/account/option.h"
#include "control/account/seat.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/jump/device.h"
#include "control/link/link_server.h"
#include "control/link/recording.h"
#include "control/queue/desk.h"
#include "control/store/store.h"
#include "engine/base/err.h"

static json_int_t sum_of(json_t *object)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_int_t sum = 0;

    json_object_foreach(object, name, value) sum += json_integer_value(value);
    return sum;
}

static json_int_t member_of(const json_t *status, const char *group, const char *member)
{
    return json_integer_value(json_object_get(json_object_get(status, group), member));
}

/* Adds each worker's figures to those of all. */
static json_t *workers_json(const struct cw_control *c, json_int_t *ret_connections)
{
    json_t *rows = json_array();

    *ret_connections = 0;
    for (uint32_t i = 0; i < c->link_count; i++) {
        const struct cw_control_link *link = c->links[i];
        const json_int_t connections = sum_of(json_object_get(link->status, "roles"));
        if (!link->is_synced)
            continue;
        *ret_connections += connections;
        (void)json_array_append_new(
            rows, json_pack("{s:i, s:I, s:I, s:I, s:I}", "worker", link->worker, "connections",
                            connections, "sessions", member_of(link->status, "left", "sessions"),
                            "bytes_in", member_of(link->status, "counters", "bytes_received"),
                            "bytes_out", member_of(link->status, "counters", "bytes_sent")));
    }
    return rows;
}

/* The store with its write-ahead log. */
static json_int_t store_bytes(const struct cw_control *c)
{
    static const char *const names[] = {"store.sqlite", "store.sqlite-wal"};
    json_int_t sum = 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[600];
        struct stat st;
        (void)snprintf(path, sizeof path, "%s/%s", c->config.control_dir, names[i]);
        if (stat(path, &st) == 0)
            sum += (json_int_t)st.st_size;
    }
    return sum;
}

/* When the newest archive in the folder of backups was written; NULL: there is none. */
static json_t *last_backup(const struct cw_control *c)
{
    char path[600];
    json_int_t newest_ms = 0;
    const struct dirent *entry = NULL;
    DIR *folder = NULL;

    (void)snprintf(path, sizeof path, "%s/../backups", c->config.control_dir);
    folder = opendir(path);
    for (int i = 0; folder != NULL && i < CW_BACKUPS_LOOKED_AT_MAX; i++) {
        struct stat st;
        entry = readdir(folder);
        if (entry == NULL)
            break;
        if (strstr(entry->d_name, ".backup") == NULL ||
            fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if ((json_int_t)st.st_mtim.tv_sec * 1000 > newest_ms)
            newest_ms = (json_int_t)st.st_mtim.tv_sec * 1000;
    }
    if (folder != NULL)
        (void)closedir(folder);
    return newest_ms != 0 ? json_integer(newest_ms) : json_null();
}

static int newest_row(void *user, const struct cw_audit_row *row)
{
    *(uint64_t *)user = row->id;
    return 0;
}

static json_t *audit_json(struct cw_control *c)
{
    struct cw_checkpoint signed_last = {.time_ms = 0};
    uint64_t rows = 0;

    (void)cw_store_audit_each(c->store, 1, newest_row, &rows);
    (void)cw_store_checkpoint_last(c->store, &signed_last);
    return json_pack("{s:I, s:o}", "audit_rows", (json_int_t)rows, "audit_signed_unix_ms",
                     signed_last.time_ms != 0 ? json_integer((json_int_t)signed_last.time_ms)
                                              : json_null());
}

int cw_op_appliance_status(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint32_t by_state[CW_SESSION_ENDED + 1] = {0};
    uint32_t items = 0;
    json_int_t connections = 0;
    json_t *workers = NULL;
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_jump_item_count(c->store, &items);
    if (err != 0)
        return err;
    for (uint32_t i = 0; i < c->live_count; i++)
        if (!c->live[i]->is_over)
            by_state[c->live[i]->row.state]++;
    workers = workers_json(c, &connections);
    reply->json = json_pack(
        "{s:s, s:I, s:I, s:I, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o, "
        "s:o}",
        "version", c->version, "now_unix_ms", (json_int_t)now_ms, "uptime_s",
        (json_int_t)(now_ms > c->started_ms ? (now_ms - c->started_ms) / 1000 : 0), "store_bytes",
        store_bytes(c), "engine_connected", cw_links_are_complete(c), "drained", c->is_draining,
        "sessions", (json_int_t)by_state[CW_SESSION_ACTIVE], "sessions_waiting",
        (json_int_t)by_state[CW_SESSION_WAITING], "connections", connections, "jump_clients",
        (json_int_t)cw_device_online_count(c), "jump_items", (json_int_t)items, "consoles",
        (json_int_t)c->desk->console_count, "seats", (json_int_t)cw_option(c, CW_OPTION_SEATS),
        "seats_used", (json_int_t)cw_seats_used(c), "recording",
        cw_recording_policy_name(c->recording), "last_backup_unix_ms", last_backup(c), "workers",
        workers);
    (void)json_object_update_new(reply->json, audit_json(c));
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}
