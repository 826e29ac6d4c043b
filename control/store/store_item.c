/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_item.h"

#include <string.h>

#include "control/store/store_query.h"
#include "engine/base/err.h"

static void detail_of(const struct cw_query *q, struct cw_jump_detail *d)
{
    struct cw_jump_item *item = &d->item;

    item->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, item->name, sizeof item->name);
    cw_column_text(q, 2, item->group, sizeof item->group);
    cw_column_blob(q, 3, item->device_key, sizeof item->device_key);
    cw_column_text(q, 4, item->hostname, sizeof item->hostname);
    cw_column_text(q, 5, item->platform, sizeof item->platform);
    cw_column_text(q, 6, item->user, sizeof item->user);
    item->last_seen_ms = cw_column_int(q, 7);
    item->last_access_ms = cw_column_int(q, 8);
    item->is_removed = cw_column_int(q, 9) != 0;
    d->group = (uint32_t)cw_column_int(q, 10);
    cw_column_text(q, 11, d->comments, sizeof d->comments);
    cw_column_text(q, 12, d->tag, sizeof d->tag);
    cw_column_text(q, 13, d->workgroup, sizeof d->workgroup);
    cw_column_text(q, 14, d->domain, sizeof d->domain);
    cw_column_text(q, 15, d->fqdn, sizeof d->fqdn);
    cw_column_text(q, 16, d->private_ip, sizeof d->private_ip);
    cw_column_text(q, 17, d->public_ip, sizeof d->public_ip);
    cw_column_text(q, 18, d->version, sizeof d->version);
    cw_column_text(q, 19, d->statistics, sizeof d->statistics);
    d->presence = (uint8_t)cw_column_int(q, 20);
    d->reported_ms = cw_column_int(q, 21);
    d->mode = (uint8_t)cw_column_int(q, 22);
    d->port = (uint16_t)cw_column_int(q, 23);
    d->expires_ms = cw_column_int(q, 24);
    d->is_quiet = cw_column_int(q, 25) != 0;
    d->is_disabled = cw_column_int(q, 26) != 0;
    d->is_leaving = cw_column_int(q, 27) != 0;
    d->created_ms = cw_column_int(q, 28);
    d->wake = cw_column_int(q, 29);
}

int cw_store_detail_get(struct cw_store *s, uint32_t id, struct cw_jump_detail *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_DETAIL_GET);
    bool is_found = false;
    int err = 0;

    cw_bind_int(&q, id);
    is_found = cw_query_row(&q);
    if (is_found)
        detail_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !is_found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_detail_each(struct cw_store *s, uint32_t after, cw_jump_detail_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_DETAIL_EACH);
    struct cw_jump_detail detail;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, after);
    while (stop == 0 && cw_query_row(&q)) {
        detail_of(&q, &detail);
        stop = each(user, &detail);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_detail_edit(struct cw_store *s, const struct cw_jump_detail *d)
{
    struct cw_query q = cw_query_on(s, CW_SQL_DETAIL_EDIT);

    cw_bind_int(&q, d->item.id);
    cw_bind_text(&q, d->item.name);
    cw_bind_int(&q, d->group);
    cw_bind_text(&q, d->comments);
    cw_bind_text(&q, d->tag);
    cw_bind_int(&q, d->expires_ms);
    cw_bind_int(&q, d->is_disabled);
    cw_bind_int(&q, d->mode);
    cw_bind_int(&q, d->port);
    return cw_query_change(&q);
}

int cw_store_detail_report(struct cw_store *s, const struct cw_jump_detail *d)
{
    struct cw_query q = cw_query_on(s, CW_SQL_DETAIL_REPORT);

    cw_bind_int(&q, d->item.id);
    cw_bind_text(&q, d->item.hostname);
    cw_bind_text(&q, d->item.platform);
    cw_bind_text(&q, d->item.user);
    cw_bind_text(&q, d->workgroup);
    cw_bind_text(&q, d->domain);
    cw_bind_text(&q, d->fqdn);
    cw_bind_text(&q, d->private_ip);
    cw_bind_text(&q, d->public_ip);
    cw_bind_text(&q, d->version);
    cw_bind_text(&q, d->statistics);
    cw_bind_int(&q, d->presence);
    cw_bind_int(&q, d->reported_ms);
    cw_bind_int(&q, d->is_disabled);
    return cw_query_change(&q);
}

int cw_store_detail_deploy(struct cw_store *s, const struct cw_jump_detail *d)
{
    struct cw_query q = cw_query_on(s, CW_SQL_DETAIL_DEPLOY);

    cw_bind_int(&q, d->item.id);
    cw_bind_text(&q, d->comments);
    cw_bind_text(&q, d->tag);
    cw_bind_int(&q, d->mode);
    cw_bind_int(&q, d->port);
    cw_bind_int(&q, d->expires_ms);
    cw_bind_int(&q, d->is_quiet);
    return cw_query_change(&q);
}

int cw_store_item_wake(struct cw_store *s, uint32_t id, uint64_t now_ms, uint64_t *ret_number)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_WAKE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_number(&q, ret_number);
}

int cw_store_item_leaving(struct cw_store *s, uint32_t id, bool is_leaving)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_LEAVING);

    cw_bind_int(&q, id);
    cw_bind_int(&q, is_leaving);
    return cw_query_change(&q);
}

static int each_number(struct cw_query *q, cw_number_fn each, void *user)
{
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q))
        stop = each(user, (uint32_t)cw_column_int(q, 0));
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_item_unseen(struct cw_store *s, uint64_t since_ms, uint64_t before_ms,
                         uint32_t count_max, cw_number_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_UNSEEN);

    cw_bind_int(&q, before_ms);
    cw_bind_int(&q, since_ms);
    cw_bind_int(&q, count_max);
    return each_number(&q, each, user);
}

int cw_store_item_expired(struct cw_store *s, uint64_t now_ms, uint32_t count_max,
                          cw_number_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_EXPIRED);

    cw_bind_int(&q, now_ms);
    cw_bind_int(&q, count_max);
    return each_number(&q, each, user);
}

/* ---- thumbnails ------------------------------------------------------------------------------- */

int cw_store_thumbnail_put(struct cw_store *s, uint32_t item, uint64_t time_ms, const void *picture,
                           size_t bytes)
{
    struct cw_query q = cw_query_on(s, CW_SQL_THUMBNAIL_PUT);

    cw_bind_int(&q, item);
    cw_bind_int(&q, time_ms);
    cw_bind_blob(&q, picture, bytes);
    return cw_query_run(&q);
}

int cw_store_thumbnail_get(struct cw_store *s, uint32_t item, uint64_t *ret_time_ms, void *picture,
                           size_t *ret_bytes)
{
    struct cw_query q = cw_query_on(s, CW_SQL_THUMBNAIL_GET);
    bool is_found = false;
    int err = 0;

    cw_bind_int(&q, item);
    is_found = cw_query_row(&q);
    if (is_found) {
        const int bytes = sqlite3_column_bytes(q.statement, 1);
        if (bytes <= 0 || bytes > CW_THUMBNAIL_BYTES_MAX) {
            is_found = false;
        } else {
            *ret_time_ms = cw_column_int(&q, 0);
            *ret_bytes = (size_t)bytes;
            memcpy(picture, sqlite3_column_blob(q.statement, 1), (size_t)bytes);
        }
    }
    err = cw_query_end(&q);
    return err == 0 && !is_found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_item_forget(struct cw_store *s, uint32_t item)
{
    struct cw_query thumbnail = cw_query_on(s, CW_SQL_THUMBNAIL_REMOVE);
    int err = 0;

    cw_bind_int(&thumbnail, item);
    err = cw_query_run(&thumbnail);
    if (err != 0)
        return err;
    struct cw_query upgrade = cw_query_on(s, CW_SQL_UPGRADE_REMOVE);
    cw_bind_int(&upgrade, item);
    err = cw_query_run(&upgrade);
    if (err != 0)
        return err;
    struct cw_query favourites = cw_query_on(s, CW_SQL_ITEM_FAVOURITE_DROP);
    cw_bind_int(&favourites, item);
    return cw_query_run(&favourites);
}

/* ---- favourites and groups -------------------------------------------------------------------- */

int cw_store_item_favourite_set(struct cw_store *s, uint32_t account, uint32_t item,
                                bool is_favourite)
{
    struct cw_query q =
        cw_query_on(s, is_favourite ? CW_SQL_ITEM_FAVOURITE_ADD : CW_SQL_ITEM_FAVOURITE_REMOVE);

    cw_bind_int(&q, account);
    cw_bind_int(&q, item);
    return cw_query_run(&q);
}

int cw_store_item_favourite_count(struct cw_store *s, uint32_t account, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_FAVOURITE_COUNT);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, account);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_item_favourite_each(struct cw_store *s, uint32_t account, cw_number_fn each,
                                 void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_FAVOURITE_EACH);

    cw_bind_int(&q, account);
    return each_number(&q, each, user);
}

int cw_store_group_each(struct cw_store *s, cw_group_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_EACH);
    char name[CW_NAME_SIZE];
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        cw_column_text(&q, 1, name, sizeof name);
        stop = each(user, (uint32_t)cw_column_int(&q, 0), name);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}
