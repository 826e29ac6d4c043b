/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/jump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/jump/device.h"
#include "control/jump/upgrade.h"
#include "control/policy/policies.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum { DAY_S = 24 * 3600, TIME_TEXT_BYTES = 32 };

static const char *const words[CW_JUMP_STATE_COUNT] = {
#define X(name, word, text) word,
    CW_JUMP_STATES(X)
#undef X
};

static const char *const texts[CW_JUMP_STATE_COUNT] = {
#define X(name, word, text) text,
    CW_JUMP_STATES(X)
#undef X
};

const char *cw_jump_state_word(enum cw_jump_state state)
{
    return words[state];
}

static uint64_t lost_before(struct cw_control *c)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const uint64_t life_ms = cw_option(c, CW_OPTION_JUMP_LOST_DAYS) * DAY_S * UINT64_C(1000);

    return now_ms > life_ms ? now_ms - life_ms : 0;
}

enum cw_jump_state cw_jump_state_of(struct cw_control *c, const struct cw_jump_detail *detail)
{
    const struct cw_device *device = cw_device_find(c, detail->item.id);
    uint64_t seen_ms = detail->item.last_seen_ms;

    if (device != NULL && device->seen_ms > seen_ms)
        seen_ms = device->seen_ms;
    if (detail->is_disabled)
        return CW_JUMP_STATE_DISABLED;
    if (device != NULL && device->link != NULL)
        return cw_upgrade_is_needed(c, device) ? CW_JUMP_STATE_NEEDS_UPDATE : CW_JUMP_STATE_ONLINE;
    if (seen_ms < lost_before(c))
        return CW_JUMP_STATE_LOST;
    return detail->mode == CW_JUMP_PASSIVE ? CW_JUMP_STATE_PASSIVE : CW_JUMP_STATE_OFFLINE;
}

/* ---- the index -------------------------------------------------------------------------------- */

/* "2026-11-22 13:45", UTC. */
static void time_text(uint64_t time_ms, char *out)
{
    const time_t seconds = (time_t)(time_ms / 1000);
    struct tm t;

    out[0] = '\0';
    if (time_ms != 0 && gmtime_r(&seconds, &t) != NULL)
        strftime(out, TIME_TEXT_BYTES, "%Y-%m-%d %H:%M", &t);
}

static int put(struct cw_control *c, const struct cw_jump_detail *d)
{
    struct cw_device *device = cw_device_find(c, d->item.id);
    char accessed[TIME_TEXT_BYTES];
    const struct cw_search_item item = {
        .id = d->item.id,
        .group = d->group,
        .status = (uint8_t)cw_jump_state_of(c, d),
        .accessed_ms = d->item.last_access_ms,
        .text = {[CW_SEARCH_NAME] = d->item.name,
                 [CW_SEARCH_HOSTNAME] = d->item.hostname,
                 [CW_SEARCH_FQDN] = d->fqdn,
                 [CW_SEARCH_DOMAIN] = d->domain,
                 [CW_SEARCH_WORKGROUP] = d->workgroup,
                 [CW_SEARCH_PRIVATE_IP] = d->private_ip,
                 [CW_SEARCH_PUBLIC_IP] = d->public_ip,
                 [CW_SEARCH_CONSOLE_USER] = d->item.user,
                 [CW_SEARCH_TAG] = d->tag,
                 [CW_SEARCH_COMMENTS] = d->comments,
                 [CW_SEARCH_LAST_ACCESSED] = accessed},
    };

    if (device != NULL)
        device->is_passive = d->mode == CW_JUMP_PASSIVE;
    time_text(d->item.last_access_ms, accessed);
    return cw_search_put(c->jump->search, &item);
}

static int load_one(void *user, const struct cw_jump_detail *detail)
{
    return put(user, detail);
}

static int load_group(void *user, uint32_t id, const char *name)
{
    struct cw_control *c = user;

    return cw_search_name_group(c->jump->search, id, name);
}

static int fill(struct cw_control *c)
{
    int err = cw_search_new(&c->jump->search);

    for (uint8_t i = 0; err == 0 && i < CW_JUMP_STATE_COUNT; i++)
        err = cw_search_name_word(c->jump->search, CW_SEARCH_STATUS, i, texts[i]);
    if (err == 0)
        err = cw_search_name_word(c->jump->search, CW_SEARCH_METHOD, 0, "Jump Client");
    c->jump->lost_before_ms = lost_before(c);
    c->jump->groups_changed = true;
    return err == 0 ? cw_store_detail_each(c->store, 0, load_one, c) : err;
}

int cw_jump_load(struct cw_control *c)
{
    struct cw_jump *before = c->jump;
    int err = CW_ERR_NOMEM;

    c->jump = calloc(1, sizeof *c->jump);
    if (c->jump != NULL)
        err = fill(c);
    if (err != 0) {
        cw_jump_free(c);
        c->jump = before;
        return err;
    }
    struct cw_jump *now = c->jump;
    c->jump = before;
    cw_jump_free(c);
    c->jump = now;
    return 0;
}

void cw_jump_free(struct cw_control *c)
{
    if (c->jump == NULL)
        return;
    cw_search_free(c->jump->search);
    cw_program_free(&c->jump->program);
    free(c->jump);
    c->jump = NULL;
}

void cw_jump_put(struct cw_control *c, const struct cw_jump_detail *detail)
{
    const int err = put(c, detail);

    if (err != 0)
        cw_log(CW_LOG_ERROR, "control.jump", "Jump Item %u cannot be searched for: %s",
               detail->item.id, cw_err_text(err));
}

void cw_jump_state_changed(struct cw_control *c, const struct cw_jump_detail *detail)
{
    cw_search_set_status(c->jump->search, detail->item.id, (uint8_t)cw_jump_state_of(c, detail));
}

void cw_jump_went_offline(struct cw_control *c, const struct cw_device *device)
{
    if (cw_search_status(c->jump->search, device->id) != CW_JUMP_STATE_DISABLED)
        cw_search_set_status(c->jump->search, device->id,
                             device->is_passive ? CW_JUMP_STATE_PASSIVE : CW_JUMP_STATE_OFFLINE);
}

void cw_jump_refresh(struct cw_control *c, uint32_t id)
{
    struct cw_jump_detail detail;

    if (cw_device_detail(c, id, &detail) != 0)
        return;
    if (detail.item.is_removed)
        cw_search_remove(c->jump->search, id);
    else
        cw_jump_put(c, &detail);
}

void cw_jump_groups_changed(struct cw_control *c)
{
    c->jump->groups_changed = true;
}

/* ---- what somebody may see -------------------------------------------------------------------- */

static int by_item(const void *a, const void *b)
{
    const struct cw_jump_session *x = a;
    const struct cw_jump_session *y = b;

    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return x->session < y->session ? -1 : x->session > y->session;
}

static int take_sessions(struct cw_control *c, struct cw_jump_view *view)
{
    if (c->live_count == 0)
        return 0;
    view->sessions = calloc(c->live_count, sizeof *view->sessions);
    if (view->sessions == NULL)
        return CW_ERR_NOMEM;
    for (uint32_t i = 0; i < c->live_count; i++)
        if (c->live[i]->row.jump_item != 0 && !c->live[i]->is_over)
            view->sessions[view->session_count++] =
                (struct cw_jump_session){c->live[i]->row.jump_item, c->live[i]->row.id};
    qsort(view->sessions, view->session_count, sizeof *view->sessions, by_item);
    return 0;
}

static bool has_group(const struct cw_jump_view *view, uint32_t group)
{
    return group < view->groups.bits && (view->groups.words[group / 64] >> (group % 64) & 1) != 0;
}

static int take_groups(struct cw_control *c, const struct cw_request *request,
                       struct cw_jump_view *view)
{
    const struct cw_policies *p = c->policies;
    int err = 0;

    view->sees_all = request->account == 0; /* the operator; programs by their scope */
    if (view->sees_all)
        return 0;
    err = cw_jump_groups_of(c, request->account, &view->groups);
    if (err != 0 || p->copy_count == 0)
        return err;
    view->copies = calloc(p->copy_count, sizeof *view->copies);
    if (view->copies == NULL)
        return CW_ERR_NOMEM;
    /* They are sorted by item. */
    for (uint32_t i = 0; i < p->copy_count; i++)
        if (has_group(view, p->copies[i].group))
            view->copies[view->copy_count++] = p->copies[i].jump_item;
    return 0;
}

int cw_jump_view_begin(struct cw_control *c, const struct cw_request *request,
                       struct cw_jump_view *ret)
{
    memset(ret, 0, sizeof *ret);
    int err = take_groups(c, request, ret);
    if (err == 0)
        err = take_sessions(c, ret);
    if (err != 0)
        cw_jump_view_end(ret);
    return err;
}

void cw_jump_view_end(struct cw_jump_view *view)
{
    free(view->sessions);
    free(view->copies);
    view->sessions = NULL;
    view->copies = NULL;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

bool cw_jump_view_has_group(const struct cw_jump_view *view, uint32_t group)
{
    return group <= CW_JUMP_GROUP_ID_MAX && (view->sees_all || has_group(view, group));
}

bool cw_jump_view_has(const struct cw_jump_view *view, const struct cw_jump_detail *detail)
{
    return view->sees_all || has_group(view, detail->group) ||
           (view->copy_count > 0 && bsearch(&detail->item.id, view->copies, view->copy_count,
                                            sizeof *view->copies, by_number) != NULL);
}

uint32_t cw_jump_view_session(const struct cw_jump_view *view, uint32_t item)
{
    uint32_t low = 0;
    uint32_t high = view->session_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (view->sessions[middle].item < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low < view->session_count && view->sessions[low].item == item
               ? view->sessions[low].session
               : 0;
}

/* Items in sessions have that state only while a search runs: sessions come and go too often, and in too many
 * places, to tell the index of each. */
static void mark_sessions(struct cw_control *c, const struct cw_jump_view *view, uint8_t *before,
                          bool is_on)
{
    struct cw_search *s = c->jump->search;

    for (uint32_t i = 0; is_on && i < view->session_count; i++) {
        before[i] = cw_search_status(s, view->sessions[i].item);
        cw_search_set_status(s, view->sessions[i].item, CW_JUMP_STATE_IN_SESSION);
    }
    for (uint32_t i = view->session_count; !is_on && i-- > 0;)
        cw_search_set_status(s, view->sessions[i].item, before[i]);
}

static int look(struct cw_control *c, const struct cw_jump_view *view,
                struct cw_search_query *query, struct cw_search_result *found,
                struct cw_search_counts *counts)
{
    /* Who can be helped at once comes first. */
    static const uint8_t ranks[CW_SEARCH_WORDS_MAX] = {
        [CW_JUMP_STATE_ONLINE] = 0,  [CW_JUMP_STATE_NEEDS_UPDATE] = 0,
        [CW_JUMP_STATE_PASSIVE] = 1, [CW_JUMP_STATE_IN_SESSION] = 2,
        [CW_JUMP_STATE_OFFLINE] = 3, [CW_JUMP_STATE_DISABLED] = 4,
        [CW_JUMP_STATE_LOST] = 5,
    };
    uint8_t *before = NULL;
    int err = 0;

    if (c->jump->groups_changed) {
        err = cw_store_group_each(c->store, load_group, c);
        if (err != 0)
            return err;
        c->jump->groups_changed = false;
    }
    before = malloc(view->session_count + 1U);
    if (before == NULL)
        return CW_ERR_NOMEM;
    query->groups = view->sees_all ? NULL : view->groups.words;
    query->group_bits = CW_JUMP_GROUP_ID_MAX + 1;
    query->more = view->copies;
    query->more_count = view->copy_count;
    query->status_ranks = ranks;
    mark_sessions(c, view, before, true);
    err = found != NULL ? cw_search_find(c->jump->search, query, found)
                        : cw_search_counts(c->jump->search, query, counts);
    mark_sessions(c, view, before, false);
    free(before);
    return err;
}

int cw_jump_find(struct cw_control *c, const struct cw_jump_view *view,
                 struct cw_search_query *query, struct cw_search_result *ret)
{
    return look(c, view, query, ret, NULL);
}

int cw_jump_counts(struct cw_control *c, const struct cw_jump_view *view,
                   struct cw_search_counts *ret)
{
    struct cw_search_query query = {0};
    const int err = look(c, view, &query, NULL, ret);

    /* A copy counts in its group, too. */
    for (uint32_t i = 0; err == 0 && i < c->policies->copy_count; i++) {
        const struct cw_jump_copy *copy = &c->policies->copies[i];
        const uint32_t group = cw_search_group_of(c->jump->search, copy->jump_item);
        if (group != 0 && group != copy->group && cw_jump_view_has_group(view, copy->group))
            ret->groups[copy->group]++;
    }
    return err;
}

int cw_jump_view_narrow(struct cw_control *c, struct cw_jump_view *view, uint32_t group)
{
    const struct cw_policies *p = c->policies;
    const bool is_seen = cw_jump_view_has_group(view, group);
    uint32_t count = 0;

    free(view->copies);
    view->copies = NULL;
    view->copy_count = 0;
    view->sees_all = false;
    view->groups = (struct cw_group_set){.bits = CW_JUMP_GROUP_ID_MAX + 1};
    if (!is_seen)
        return 0;
    view->groups.words[group / 64] = UINT64_C(1) << (group % 64);
    for (uint32_t i = 0; i < p->copy_count; i++)
        count += p->copies[i].group == group;
    view->copies = calloc(count + 1U, sizeof *view->copies);
    if (view->copies == NULL)
        return CW_ERR_NOMEM;
    for (uint32_t i = 0; i < p->copy_count; i++)
        if (p->copies[i].group == group)
            view->copies[view->copy_count++] = p->copies[i].jump_item;
    return 0;
}

int cw_jump_get(struct cw_control *c, const struct cw_jump_view *view, uint32_t id,
                struct cw_reply *reply, struct cw_jump_detail *ret)
{
    int err = cw_device_detail(c, id, ret);

    if (err == CW_ERR_NOT_FOUND ||
        (err == 0 && (ret->item.is_removed || !cw_jump_view_has(view, ret))))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item with the number %u.", id);
    return err;
}
