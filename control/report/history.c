/* SPDX-License-Identifier: Apache-2.0 */
/* History that reports are made of is written here, and removed when it is too old. */
#include <stdio.h>
#include <stdlib.h>

#include "control/account/option.h"
#include "control/audit/audit.h"
#include "control/queue/desk.h"
#include "control/report/report.h"
#include "control/store/store_report.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

int cw_report_load(struct cw_control *c)
{
    c->reporting = calloc(1, sizeof *c->reporting);
    return c->reporting != NULL ? 0 : CW_ERR_NOMEM;
}

void cw_report_free(struct cw_control *c)
{
    free(c->reporting);
    c->reporting = NULL;
}

static void put_presence(struct cw_control *c, uint32_t account, int state, uint64_t now_ms)
{
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_end(c->store, cw_store_presence_put(c->store, account, state, now_ms));
    if (err != 0)
        cw_log(CW_LOG_INFO, "control.report", "account %u: its presence is not stored: %s", account,
               cw_err_name(err));
}

static int presence_of(struct cw_control *c, uint32_t account)
{
    const struct cw_queue_rep *rep = cw_queue_rep_find(&c->desk->model, account);

    return rep != NULL && rep->is_present ? (int)rep->availability : -1;
}

void cw_report_presence(struct cw_control *c, uint32_t account)
{
    if (account != 0)
        put_presence(c, account, presence_of(c, account), cw_control_now_unix_ms(c));
}

/* ---- after a restart -------------------------------------------------------------------------- */

struct absent {
    struct cw_control *c;
    uint32_t *accounts;
    uint32_t count;
    uint32_t room;
};

static int note_absent(void *user, uint32_t account)
{
    struct absent *a = user;

    if (presence_of(a->c, account) >= 0)
        return 0;
    if (a->count == a->room) {
        const uint32_t room = a->room == 0 ? 64 : a->room * 2;
        uint32_t *grown = reallocarray(a->accounts, room, sizeof *grown);
        if (grown == NULL)
            return CW_ERR_NOMEM;
        a->accounts = grown;
        a->room = room;
    }
    a->accounts[a->count++] = account;
    return 0;
}

/* Who was there when control ended and did not come back was there until then, as far as anybody knows. */
static void settle(struct cw_control *c)
{
    struct absent a = {.c = c};

    if (cw_store_presence_each(c->store, note_absent, &a) == 0) {
        for (uint32_t i = 0; i < a.count; i++)
            put_presence(c, a.accounts[i], -1, c->started_ms);
        c->reporting->has_settled = true;
    }
    free(a.accounts);
}

/* ---- what is too old -------------------------------------------------------------------------- */

/* True: there may be more. */
static bool purge(struct cw_control *c, uint64_t now_ms, uint64_t days)
{
    const struct cw_actor appliance = cw_actor_appliance();
    const uint64_t keep_ms = days * 86400 * 1000;
    struct cw_report_purged p = {0};
    char object[64];
    int err = now_ms > keep_ms ? cw_store_begin(c->store) : CW_ERR_AGAIN;

    if (err != 0)
        return false;
    err = cw_store_report_purge(c->store, now_ms - keep_ms, CW_REPORT_PURGE_SESSIONS, &p);
    (void)snprintf(object, sizeof object, "sessions %u to %u", p.first, p.last);
    if (err == 0 && p.sessions + p.presences > 0)
        err = cw_audit(c, &appliance, "report.purge", p.sessions > 0 ? object : "", "ok",
                       "%u sessions with %llu rows, %llu presences: older than %llu days",
                       p.sessions, (unsigned long long)p.rows, (unsigned long long)p.presences,
                       (unsigned long long)days);
    err = cw_store_end(c->store, err);
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.report", "old sessions are not removed: %s",
               cw_err_name(err));
    return err == 0 &&
           (p.sessions == CW_REPORT_PURGE_SESSIONS || p.presences == CW_REPORT_PURGE_SESSIONS);
}

void cw_report_tick(struct cw_control *c, uint64_t now_ms)
{
    struct cw_reporting *r = c->reporting;
    const uint64_t days = cw_option(c, CW_OPTION_REPORT_KEEP_DAYS);

    if (!r->has_settled && now_ms >= c->started_ms + CW_PRESENCE_SETTLE_S * UINT64_C(1000) &&
        cw_control_is_writable(c, NULL))
        settle(c);
    if (days == 0 || now_ms < r->purge_ms || !cw_control_is_writable(c, NULL))
        return;
    r->purge_ms =
        now_ms + (purge(c, now_ms, days) ? 1000 : CW_REPORT_PURGE_EVERY_S * UINT64_C(1000));
}
