/* SPDX-License-Identifier: Apache-2.0 */
/* control/portal/portal.h - public portals: which one answers where, when it is open, what it says.
 *
 * Owner:     struct cw_portals is struct cw_control's, made by cw_portals_load. Pointers into it are valid
 *            until the next load, which every change of portals makes.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store. A zone that is gone from the system leaves its portal open.
 * Limits:    CW_PORTALS_MAX.
 * Invariant: the default portal is there, first of all; it answers wherever no other does.
 */
#ifndef CW_CONTROL_PORTAL_PORTAL_H
#define CW_CONTROL_PORTAL_PORTAL_H

#include "control/policy/schedule.h"
#include "control/state.h"
#include "control/store/store_portal.h"

struct cw_portal {
    struct cw_portal_row row; /* its hours and dates are in the schedule */
    struct cw_zone *zone;     /* NULL: always open */
    struct cw_schedule schedule;
};

struct cw_portals {
    struct cw_portal *all; /* by number */
    uint32_t count;
};

int cw_portals_load(struct cw_control *c);
void cw_portals_free(struct cw_control *c);

/* NULL: there is none of that number. */
const struct cw_portal *cw_portal_get(const struct cw_control *c, uint32_t id);
/* That one, or the default: for what was made when there still was another. */
const struct cw_portal *cw_portal_or_default(const struct cw_control *c, uint32_t id);
/* NULL: there is none with that code. */
const struct cw_portal *cw_portal_of_code(const struct cw_control *c, const char *code, size_t n);
/* The one that answers for a Host header, with or without a port; the default for the rest. */
const struct cw_portal *cw_portal_of_host(const struct cw_control *c, const char *host);
/* A name of a list that has a blank between, without regard to case. */
bool cw_portal_has_host(const char *hosts, const char *host, size_t n);

/* opens_ms (may be NULL): when it is closed, when it opens next; 0: not in sight. */
bool cw_portal_is_open(const struct cw_portal *portal, uint64_t now_ms, uint64_t *ret_opens_ms);
/* "It opens Mon 2026-03-30 08:00 (Europe/Vienna)." */
void cw_portal_opens_text(const struct cw_portal *portal, uint64_t opens_ms, char *out,
                          size_t size);
/* Its address, and behind it "?NAME=VALUE" when name is not NULL. size: CW_PORTAL_URL_SIZE. */
enum { CW_PORTAL_URL_SIZE = CW_HOST_BYTES_MAX + 16 + CW_TEAM_CODE_BYTES_MAX + 80 };
void cw_portal_url(const struct cw_control *c, const struct cw_portal *portal, const char *name,
                   const char *value, char *out, size_t size);
/* "/logos/3-0123….png", or empty when there is none. size: CW_LOGO_PATH_SIZE. */
enum { CW_LOGO_PATH_SIZE = CW_LOGO_NAME_BYTES + 32 };
void cw_portal_logo_path(const struct cw_portal *portal, char *out, size_t size);
/* What is behind such a path; ret_bytes: CW_LOGO_BYTES_MAX. CW_ERR_NOT_FOUND. */
int cw_portal_logo(struct cw_control *c, const char *path, uint8_t *ret_bytes, size_t *ret_n,
                   const char **ret_type);

#endif
