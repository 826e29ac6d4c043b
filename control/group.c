/* SPDX-License-Identifier: Apache-2.0 */
#include "control/group.h"

#include <stdlib.h>
#include <string.h>

#include "control/account/access.h"
#include "control/account/agreement.h"
#include "control/account/option.h"
#include "control/account/seat.h"
#include "control/api/body.h"
#include "control/jump/jump.h"
#include "control/jump/waking.h"
#include "control/link/engine_settings.h"
#include "control/link/recording.h"
#include "control/outbox/outbox.h"
#include "control/policy/policies.h"
#include "control/portal/portal.h"
#include "control/queue/desk.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

struct cw_held_reply {
    struct cw_held_reply *next;
    void *waiter;
    int err;
    struct cw_reply reply;
};

/* What is kept of accounts and teams is made from the store when it is asked for. */
static int access_load(struct cw_control *c)
{
    cw_access_changed(c);
    return 0;
}

/* Everything that memory has of the store, in the order of the start. Each forgets what it had before; one that
 * fails leaves what was there. An area that keeps something in memory adds its own here. */
static int (*const group_loads[])(struct cw_control *c) = {
    access_load, /* first: others ask it */
    cw_option_load,
    cw_agreement_load,
    cw_desk_load,
    cw_seat_load,
    cw_live_load,
    cw_policies_load,
    cw_portals_load,
    cw_jump_load,
    cw_engine_settings_load,
    cw_recording_policy_load,
    cw_outbox_load,
};

int cw_group_load(struct cw_control *c)
{
    int err = 0;

    for (size_t i = 0; err == 0 && i < sizeof group_loads / sizeof group_loads[0]; i++)
        err = group_loads[i](c);
    c->must_load = err != 0;
    return err;
}

void cw_group_tick(struct cw_control *c)
{
    if (c->must_load && cw_group_load(c) == 0)
        cw_log(CW_LOG_INFO, "control.store", "memory agrees with the store again");
}

/* ---- replies that wait ----------------------------------------------------------------------- */

static void held_free(struct cw_held_reply *h)
{
    json_decref(h->reply.json);
    explicit_bzero(h, sizeof *h); /* a sign-in's token */
    free(h);
}

static void give(struct cw_control *c, void *waiter, int err, struct cw_reply *reply)
{
    if (c->config.on_reply != NULL)
        c->config.on_reply(c->config.user, waiter, err, reply);
    else
        json_decref(reply->json);
}

bool cw_group_holds(struct cw_control *c, void *waiter, int err, struct cw_reply *reply)
{
    struct cw_held_reply *h = NULL;

    if (!cw_store_has_group(c->store))
        return false;
    h = waiter != NULL ? malloc(sizeof *h) : NULL;
    if (h == NULL) {
        /* Nobody can wait, so the change has to be durable now. */
        if (cw_control_commit(c) != 0 && err == 0) {
            json_decref(reply->json);
            *reply = (struct cw_reply){0};
        }
        return false;
    }
    *h = (struct cw_held_reply){.waiter = waiter, .err = err, .reply = *reply};
    *reply = (struct cw_reply){0};
    if (c->held_last != NULL)
        c->held_last->next = h;
    else
        c->held = h;
    c->held_last = h;
    return true;
}

void cw_group_answer(struct cw_control *c, void *waiter, int err, struct cw_reply *reply)
{
    if (!cw_group_holds(c, waiter, err, reply))
        give(c, waiter, err, reply);
}

void cw_group_cancel(struct cw_control *c, const void *waiter)
{
    struct cw_held_reply **at = &c->held;

    c->held_last = NULL;
    while (*at != NULL) {
        struct cw_held_reply *h = *at;
        if (h->waiter == waiter) {
            *at = h->next;
            held_free(h);
            continue;
        }
        c->held_last = h;
        at = &h->next;
    }
}

/* Callbacks may make further changes, or cancel: each reply is off the list when it is given. */
static void answer_held(struct cw_control *c, int err)
{
    while (c->held != NULL) {
        struct cw_held_reply *h = c->held;
        c->held = h->next;
        if (c->held == NULL)
            c->held_last = NULL;
        /* Who was refused keeps the reason; but not what the refusal was read from. */
        if (err != 0 && h->err == 0) {
            json_decref(h->reply.json);
            h->reply = (struct cw_reply){0};
            h->err = cw_refuse_store(c, &h->reply, err);
        }
        give(c, h->waiter, h->err, &h->reply);
        h->reply.json = NULL; /* the callee's */
        held_free(h);
    }
}

/* ---- commit ---------------------------------------------------------------------------------- */

static void start_over(struct cw_control *c, int err)
{
    const char *reason = "";

    (void)cw_store_is_writable(c->store, &reason);
    cw_log(CW_LOG_ERROR, "control.store",
           "changes were lost before anybody was told that they were made: %s",
           reason[0] != '\0' ? reason : cw_err_text(err));
    err = cw_group_load(c);
    if (err != 0)
        cw_log(CW_LOG_ERROR, "control.store", "the store cannot be read again yet: %s",
               cw_err_text(err));
}

int cw_control_commit(struct cw_control *c)
{
    if (!cw_store_has_group(c->store)) {
        cw_group_enter(c);
        return 0;
    }
    int err = cw_store_commit(c->store);
    if (err != 0)
        start_over(c, err);
    /* First the engine: an answer may bring the next request. */
    if (c->config.on_commit != NULL)
        c->config.on_commit(c->config.user, err == 0);
    answer_held(c, err);
    if (err == 0)
        cw_outbox_run(c);
    cw_waking_run(c);
    return err;
}

bool cw_control_has_group(const struct cw_control *c)
{
    return cw_store_has_group(c->store);
}

void cw_group_leave(struct cw_control *c)
{
    /* Who is answered may change something again. */
    while (cw_store_has_group(c->store))
        (void)cw_control_commit(c);
    cw_store_group(c->store, false);
}

void cw_group_enter(struct cw_control *c)
{
    cw_store_group(c->store,
                   c->config.on_commit != NULL && cw_option(c, CW_OPTION_STORE_GROUPS) != 0);
}
