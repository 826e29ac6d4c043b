/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_installer.h - installers of Jump Clients: a token and what it presets.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Units:     Unix milliseconds; seconds.
 * Errors:    those of store.h.
 * Limits:    control/limits.h, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_INSTALLER_H
#define CW_CONTROL_STORE_STORE_INSTALLER_H

#include "control/store/store_item.h"

/* What who installs may choose besides; bits. X(NAME, name in JSON) */
#define CW_INSTALLER_OVERRIDES(X) \
    X(NAME, "name") X(TAG, "tag") X(COMMENTS, "comments") X(MODE, "mode")

enum cw_installer_override {
#define X(name, text) CW_INSTALLER_OVERRIDE_##name,
    CW_INSTALLER_OVERRIDES(X)
#undef X
        CW_INSTALLER_OVERRIDE_COUNT
};

struct cw_installer {
    uint32_t id;
    char label[CW_NAME_SIZE];
    char name_pattern[CW_NAME_SIZE]; /* "{hostname}", "Till {name}" */
    uint32_t group;
    char group_name[CW_NAME_SIZE]; /* read only */
    char tag[CW_TAG_BYTES_MAX + 1];
    char comments[CW_COMMENTS_BYTES_MAX + 1];
    uint32_t jump_policy; /* 0: none of its own */
    uint32_t session_policy;
    uint32_t overrides;
    bool is_quiet;
    uint8_t mode;
    uint16_t port;
    uint32_t uses_max; /* 0: without limit */
    uint32_t uses;
    uint64_t item_life_s; /* of the Jump Clients; 0: forever */
    uint64_t created_ms;
    char created_by[CW_NAME_SIZE];
    uint64_t expires_ms;
    uint64_t revoked_ms; /* 0: not */
};

typedef int (*cw_installer_fn)(void *user, const struct cw_installer *installer);

/* Sets installer->id. */
int cw_store_installer_add(struct cw_store *s, const uint8_t *token_hash,
                           struct cw_installer *installer);
int cw_store_installer_get(struct cw_store *s, uint32_t id, struct cw_installer *ret);
int cw_store_installer_find(struct cw_store *s, const uint8_t *token_hash,
                            struct cw_installer *ret);
int cw_store_installer_each(struct cw_store *s, uint32_t after, uint32_t count_max,
                            cw_installer_fn each, void *user);
/* Neither revoked nor expired. */
int cw_store_installer_count(struct cw_store *s, uint64_t now_ms, uint32_t *ret_count);
int cw_store_installer_extend(struct cw_store *s, uint32_t id, uint64_t expires_ms,
                              uint32_t uses_max);
int cw_store_installer_revoke(struct cw_store *s, uint32_t id, uint64_t now_ms);
/* One more use, by this item. */
int cw_store_installer_use(struct cw_store *s, uint32_t id, uint32_t item, uint64_t now_ms);

#endif
