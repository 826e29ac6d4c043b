/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/order.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/api/body.h"
#include "control/group.h"
#include "engine/base/err.h"

const struct cw_order *cw_order_next(const struct cw_order *o)
{
    return o->next;
}

static uint32_t order_count(const struct cw_control *c)
{
    uint32_t count = 0;

    for (const struct cw_order *o = c->orders; o != NULL; o = o->next)
        count++;
    return count;
}

struct cw_order *cw_order_new(struct cw_control *c, const struct cw_request *request,
                              int (*finish)(struct cw_control *c, struct cw_order *o,
                                            struct cw_reply *reply))
{
    struct cw_order *o = order_count(c) < CW_ORDERS_MAX ? calloc(1, sizeof *o) : NULL;

    if (o == NULL)
        return NULL;
    o->answers = json_array();
    o->finish = finish;
    o->has_waiter = true;
    o->waiter = request->waiter;
    o->actor = cw_actor_of_request(c, request);
    return o;
}

static void order_free(struct cw_order *o)
{
    json_decref(o->answers);
    free(o);
}

static void add_answer(struct cw_order *o, const struct cw_control_link *link, bool is_done,
                       const char *text, size_t n)
{
    (void)json_array_append_new(o->answers, json_pack("{s:i, s:b, s:s%}", "worker", link->worker,
                                                      "done", is_done, "text", text, n));
    o->refused += is_done ? 0 : 1;
}

static int run_finish(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    int err = o->finish(c, o, reply);

    if (err < 0 && reply->message[0] == '\0')
        err = cw_refuse_store(c, reply, err);
    if (err == 0 && reply->json == NULL)
        reply->json = json_object();
    return err;
}

/* All have answered, or nobody is waited for any longer. */
static void complete(struct cw_control *c, struct cw_order *o)
{
    struct cw_order **at = &c->orders;
    struct cw_reply reply = {0};
    int err = 0;

    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    err = run_finish(c, o, &reply);
    if (o->has_waiter)
        cw_group_answer(c, o->waiter, err, &reply);
    else
        json_decref(reply.json);
    order_free(o);
}

int cw_order_send(struct cw_control *c, struct cw_order *o, struct cw_link_message *m,
                  struct cw_reply *reply)
{
    int err = 0;

    o->request = ++c->order_number;
    o->deadline_ms = cw_control_now_unix_ms(c) + CW_ORDER_TIME_MS_MAX;
    m->request = o->request;
    for (uint32_t i = 0; i < c->link_count; i++) {
        struct cw_control_link *link = c->links[i];
        if (!link->is_synced || link->is_broken)
            continue;
        cw_link_send(link, m);
        if (link->is_broken)
            add_answer(o, link, false, "the worker does not take orders", 31);
        else
            o->waiting[o->waiting_count++] = link;
    }
    if (o->waiting_count > 0) {
        o->next = c->orders;
        c->orders = o;
        return CW_OPERATION_PENDING;
    }
    err = run_finish(c, o, reply);
    order_free(o);
    return err;
}

void cw_order_wait(struct cw_control *c, struct cw_order *o)
{
    o->request = ++c->order_number;
    o->deadline_ms = UINT64_MAX; /* who carries it out has a time of its own */
    o->next = c->orders;
    c->orders = o;
}

void cw_order_on_text(struct cw_control *c, uint64_t request, bool is_done, const char *text)
{
    struct cw_order *o = c->orders;

    while (o != NULL && o->request != request)
        o = o->next;
    if (o == NULL)
        return;
    (void)snprintf(o->text, sizeof o->text, "%s", text);
    o->refused = !is_done;
    complete(c, o);
}

/* True when link was waited for; it is no longer. */
static bool strike(struct cw_order *o, const struct cw_control_link *link)
{
    for (uint32_t i = 0; i < o->waiting_count; i++) {
        if (o->waiting[i] == link) {
            o->waiting[i] = o->waiting[--o->waiting_count];
            return true;
        }
    }
    return false;
}

void cw_order_on_answer(struct cw_control *c, struct cw_control_link *link,
                        const struct cw_link_message *m)
{
    struct cw_order *o = c->orders;
    bool is_text = m->type == CW_LINK_ANSWER;

    while (o != NULL && o->request != m->request)
        o = o->next;
    if (o == NULL || !strike(o, link))
        return; /* it came too late */
    add_answer(o, link, !is_text || m->code == CW_LINK_ANSWER_DONE,
               is_text && m->bytes != NULL ? (const char *)m->bytes : "",
               is_text ? m->bytes_count : 0);
    if (o->waiting_count == 0)
        complete(c, o);
}

void cw_order_link_closed(struct cw_control *c, const struct cw_control_link *link)
{
    static const char text[] = "the worker went away";
    struct cw_order *next = NULL;

    for (struct cw_order *o = c->orders; o != NULL; o = next) {
        next = o->next;
        if (!strike(o, link))
            continue;
        add_answer(o, link, false, text, sizeof text - 1);
        if (o->waiting_count == 0)
            complete(c, o);
    }
}

void cw_order_cancel(struct cw_control *c, const void *waiter)
{
    for (struct cw_order *o = c->orders; o != NULL; o = o->next)
        if (o->waiter == waiter)
            o->has_waiter = false;
}

void cw_order_tick(struct cw_control *c, uint64_t now_ms)
{
    static const char text[] = "the worker did not answer in time";
    struct cw_order *next = NULL;

    for (struct cw_order *o = c->orders; o != NULL; o = next) {
        next = o->next;
        if (now_ms < o->deadline_ms)
            continue;
        for (uint32_t i = 0; i < o->waiting_count; i++)
            add_answer(o, o->waiting[i], false, text, sizeof text - 1);
        complete(c, o);
    }
}

void cw_order_drop_all(struct cw_control *c)
{
    while (c->orders != NULL) {
        struct cw_order *o = c->orders;
        c->orders = o->next;
        order_free(o);
    }
}
