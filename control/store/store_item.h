/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_item.h - all that is known of a Jump Item, favourites and thumbnails.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of store.h.
 * Limits:    control/limits.h, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_ITEM_H
#define CW_CONTROL_STORE_STORE_ITEM_H

#include "control/store/store.h"

enum cw_jump_mode {
    CW_JUMP_ACTIVE = 0,  /* keeps a connection */
    CW_JUMP_PASSIVE = 1, /* listens, and looks in now and then */
};

enum cw_presence {
    CW_PRESENCE_UNKNOWN = 0,
    CW_PRESENCE_LOGGED_IN = 1,
    CW_PRESENCE_LOGGED_OUT = 2,
    CW_PRESENCE_LOCKED = 3,
    CW_PRESENCE_SCREEN_SAVER = 4,
    CW_PRESENCE_COUNT,
};

struct cw_jump_detail {
    struct cw_jump_item item;
    uint32_t group;
    char comments[CW_COMMENTS_BYTES_MAX + 1];
    char tag[CW_TAG_BYTES_MAX + 1];
    char workgroup[CW_HOST_BYTES_MAX + 1];
    char domain[CW_HOST_BYTES_MAX + 1];
    char fqdn[CW_HOST_BYTES_MAX + 1];
    char private_ip[CW_IP_TEXT_BYTES_MAX + 1];
    char public_ip[CW_IP_TEXT_BYTES_MAX + 1];
    char version[CW_CLIENT_VERSION_BYTES_MAX + 1];     /* of its program */
    char statistics[CW_STATISTICS_TEXT_BYTES_MAX + 1]; /* JSON, or empty */
    uint8_t presence;
    uint8_t mode;
    uint16_t port;    /* where a passive one listens */
    bool is_quiet;    /* a session begins without a window on its screen */
    bool is_disabled; /* its user said: nobody now */
    bool is_leaving;  /* it is to uninstall itself */
    uint64_t reported_ms;
    uint64_t expires_ms; /* 0: never */
    uint64_t created_ms;
    uint64_t wake; /* the number of its last waking; 0: none */
};

typedef int (*cw_jump_detail_fn)(void *user, const struct cw_jump_detail *detail);
typedef int (*cw_number_fn)(void *user, uint32_t number);
typedef int (*cw_group_fn)(void *user, uint32_t id, const char *name);

/* Also a removed one: detail->item.is_removed. */
int cw_store_detail_get(struct cw_store *s, uint32_t id, struct cw_jump_detail *ret);
/* Not removed ones behind the number `after`, by number. */
int cw_store_detail_each(struct cw_store *s, uint32_t after, cw_jump_detail_fn each, void *user);
/* Name, group, comments, tag, expires_ms, is_disabled. */
int cw_store_detail_edit(struct cw_store *s, const struct cw_jump_detail *detail);
/* What the Jump Client says about itself. */
int cw_store_detail_report(struct cw_store *s, const struct cw_jump_detail *detail);
/* What an installer sets: comments, tag, mode, port, expires_ms, is_quiet. */
int cw_store_detail_deploy(struct cw_store *s, const struct cw_jump_detail *detail);
/* In a transaction: the number of its next waking. now_ms: the least, for a store that came from a backup. */
int cw_store_item_wake(struct cw_store *s, uint32_t id, uint64_t now_ms, uint64_t *ret_number);
int cw_store_item_leaving(struct cw_store *s, uint32_t id, bool is_leaving);
/* Heard of last in [since_ms, before_ms), longest ago first. */
int cw_store_item_unseen(struct cw_store *s, uint64_t since_ms, uint64_t before_ms,
                         uint32_t count_max, cw_number_fn each, void *user);
int cw_store_item_expired(struct cw_store *s, uint64_t now_ms, uint32_t count_max,
                          cw_number_fn each, void *user);

int cw_store_thumbnail_put(struct cw_store *s, uint32_t item, uint64_t time_ms, const void *picture,
                           size_t bytes);
/* picture: CW_THUMBNAIL_BYTES_MAX. */
int cw_store_thumbnail_get(struct cw_store *s, uint32_t item, uint64_t *ret_time_ms, void *picture,
                           size_t *ret_bytes);
/* What goes when an item is removed: its thumbnail, its places among favourites. */
int cw_store_item_forget(struct cw_store *s, uint32_t item);

int cw_store_item_favourite_set(struct cw_store *s, uint32_t account, uint32_t item,
                                bool is_favourite);
int cw_store_item_favourite_count(struct cw_store *s, uint32_t account, uint32_t *ret_count);
int cw_store_item_favourite_each(struct cw_store *s, uint32_t account, cw_number_fn each,
                                 void *user);

int cw_store_group_each(struct cw_store *s, cw_group_fn each, void *user);

#endif
