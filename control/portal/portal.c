/* SPDX-License-Identifier: Apache-2.0 */
#include "control/portal/portal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/policy/jump_policy.h"
#include "control/portal/picture.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* ---- from the store -------------------------------------------------------------------------- */

static void free_list(struct cw_portals *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        cw_zone_free(p->all[i].zone);
    free(p->all);
    free(p);
}

static int take_portal(void *user, const struct cw_portal_row *row)
{
    struct cw_portals *p = user;
    struct cw_portal *grown = reallocarray(p->all, p->count + 1, sizeof *grown);
    struct cw_portal *portal = NULL;
    size_t at = 0;

    if (grown == NULL)
        return CW_ERR_NOMEM;
    p->all = grown;
    portal = &p->all[p->count++];
    *portal = (struct cw_portal){.row = *row};
    portal->row.hours = NULL;
    portal->row.dates = NULL;
    if (row->zone[0] == '\0')
        return 0;
    if (cw_hours_parse(row->hours, &portal->schedule, &at) != 0 ||
        cw_dates_parse(row->dates, &portal->schedule, &at) != 0 ||
        cw_zone_load(row->zone, &portal->zone) != 0)
        cw_log(CW_LOG_WARNING, "control.portal",
               "the hours of portal %u in %s cannot be used: it is open", row->id, row->zone);
    portal->schedule.zone = portal->zone;
    return 0;
}

int cw_portals_load(struct cw_control *c)
{
    struct cw_portals *p = calloc(1, sizeof *p);
    int err = p != NULL ? cw_store_portal_each(c->store, take_portal, p) : CW_ERR_NOMEM;

    if (err == 0 && p->count == 0)
        err = CW_ERR_INTERNAL;
    if (err != 0) {
        if (p != NULL)
            free_list(p);
        return err;
    }
    cw_portals_free(c);
    c->portals = p;
    return 0;
}

void cw_portals_free(struct cw_control *c)
{
    if (c->portals != NULL)
        free_list(c->portals);
    c->portals = NULL;
}

/* ---- which one ------------------------------------------------------------------------------- */

const struct cw_portal *cw_portal_get(const struct cw_control *c, uint32_t id)
{
    for (uint32_t i = 0; i < c->portals->count; i++)
        if (c->portals->all[i].row.id == id)
            return &c->portals->all[i];
    return NULL;
}

const struct cw_portal *cw_portal_or_default(const struct cw_control *c, uint32_t id)
{
    const struct cw_portal *portal = cw_portal_get(c, id);

    return portal != NULL ? portal : &c->portals->all[0];
}

const struct cw_portal *cw_portal_of_code(const struct cw_control *c, const char *code, size_t n)
{
    for (uint32_t i = 0; i < c->portals->count; i++) {
        const char *own = c->portals->all[i].row.code;
        if (strlen(own) == n && strncasecmp(own, code, n) == 0)
            return &c->portals->all[i];
    }
    return NULL;
}

bool cw_portal_has_host(const char *hosts, const char *host, size_t n)
{
    while (*hosts != '\0') {
        const size_t own = strcspn(hosts, " ");
        if (own == n && n > 0 && strncasecmp(hosts, host, n) == 0)
            return true;
        hosts += own;
        hosts += strspn(hosts, " ");
    }
    return false;
}

const struct cw_portal *cw_portal_of_host(const struct cw_control *c, const char *host)
{
    const size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

    for (uint32_t i = 0; n <= strlen(host) && i < c->portals->count; i++)
        if (cw_portal_has_host(c->portals->all[i].row.hosts, host, n))
            return &c->portals->all[i];
    return &c->portals->all[0];
}

/* ---- when ------------------------------------------------------------------------------------ */

bool cw_portal_is_open(const struct cw_portal *portal, uint64_t now_ms, uint64_t *ret_opens_ms)
{
    const int64_t now_s = (int64_t)(now_ms / 1000);
    int64_t at_s = 0;

    if (portal->zone == NULL || cw_schedule_is_open(&portal->schedule, now_s))
        return true;
    if (ret_opens_ms != NULL) {
        *ret_opens_ms = 0;
        if (cw_schedule_next(&portal->schedule, true, now_s, now_s + CW_SCHEDULE_HORIZON_S,
                             &at_s) == 0)
            *ret_opens_ms = (uint64_t)at_s * 1000;
    }
    return false;
}

void cw_portal_opens_text(const struct cw_portal *portal, uint64_t opens_ms, char *out, size_t size)
{
    char at[CW_ZONE_NAME_BYTES_MAX + 64];

    if (opens_ms == 0 || portal->zone == NULL) {
        snprintf(out, size, "When it opens again is not set.");
        return;
    }
    cw_zone_time_text(portal->zone, (int64_t)(opens_ms / 1000), at, sizeof at);
    snprintf(out, size, "It opens %s.", at);
}

/* ---- where ----------------------------------------------------------------------------------- */

/* The first public origin whose host is the portal's; else the first of all. */
static void origin_of(const struct cw_control *c, const struct cw_portal *portal, char *out,
                      size_t size)
{
    static const char https[] = "https://";
    const char *at = c->public_origin;

    snprintf(out, size, "%s", c->first_origin);
    while (*at != '\0') {
        const size_t n = strcspn(at, " \t");
        const char *host = at + sizeof https - 1;
        if (n > sizeof https - 1) {
            const size_t host_bytes =
                host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ": \t");
            if (cw_portal_has_host(portal->row.hosts, host, host_bytes)) {
                snprintf(out, size, "%.*s", (int)n, at);
                return;
            }
        }
        at += n;
        at += strspn(at, " \t");
    }
}

void cw_portal_url(const struct cw_control *c, const struct cw_portal *portal, const char *name,
                   const char *value, char *out, size_t size)
{
    const bool has_path = portal->row.id != CW_PORTAL_DEFAULT && portal->row.hosts[0] == '\0';
    char origin[sizeof c->first_origin];

    origin_of(c, portal, origin, sizeof origin);
    snprintf(out, size, "%s/%s%s%s%s%s%s", origin, has_path ? "p/" : "",
             has_path ? portal->row.code : "", name != NULL ? "?" : "", name != NULL ? name : "",
             name != NULL ? "=" : "", name != NULL ? value : "");
}

/* ---- logo ------------------------------------------------------------------------------------ */

void cw_portal_logo_path(const struct cw_portal *portal, char *out, size_t size)
{
    out[0] = '\0';
    if (portal->row.logo_type != 0)
        snprintf(out, size, "/logos/%u-%s.%s", portal->row.id, portal->row.logo_name,
                 cw_picture_ending((enum cw_picture_type)portal->row.logo_type));
}

int cw_portal_logo(struct cw_control *c, const char *path, uint8_t *ret_bytes, size_t *ret_n,
                   const char **ret_type)
{
    char own[CW_LOGO_PATH_SIZE];
    uint8_t type = 0;

    for (uint32_t i = 0; i < c->portals->count; i++) {
        const struct cw_portal *portal = &c->portals->all[i];
        int err = 0;
        cw_portal_logo_path(portal, own, sizeof own);
        if (own[0] == '\0' || strcmp(own, path) != 0)
            continue;
        err = cw_store_portal_logo_get(c->store, portal->row.id, portal->row.logo_name, &type,
                                       ret_bytes, ret_n);
        if (err == 0)
            *ret_type = cw_picture_media_type((enum cw_picture_type)type);
        return err;
    }
    return CW_ERR_NOT_FOUND;
}
