/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-bench-control: fills a store, and asks a control that runs what many people and an engine ask it at once.
 * bench/control.mjs starts it; it prints one line of JSON. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/control/explain.h"
#include "bench/control/seed.h"
#include "bench/control/web.h"
#include "bench/control/worker.h"

struct options {
    const char *control_dir;
    const char *web;
    const char *link;
    const char *origin;
    const char *cookie;
    const char *text;
    double clients;
    double seconds;
    double warm_up;
    double rate;
    double items;
    double sessions;
};

static int parse(int argc, char **argv, struct options *o)
{
    const struct {
        const char *name;
        const char **text;
        double *number;
    } all[] = {
        {"control_dir=", &o->control_dir, NULL},
        {"web=", &o->web, NULL},
        {"link=", &o->link, NULL},
        {"origin=", &o->origin, NULL},
        {"cookie=", &o->cookie, NULL},
        {"text=", &o->text, NULL},
        {"clients=", NULL, &o->clients},
        {"seconds=", NULL, &o->seconds},
        {"warm_up=", NULL, &o->warm_up},
        {"rate=", NULL, &o->rate},
        {"items=", NULL, &o->items},
        {"sessions=", NULL, &o->sessions},
    };
    for (int i = 2; i < argc; i++) {
        bool is_known = false;
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
            size_t n = strlen(all[k].name);
            if (strncmp(argv[i], all[k].name, n) != 0)
                continue;
            is_known = true;
            if (all[k].text != NULL)
                *all[k].text = argv[i] + n;
            else
                *all[k].number = strtod(argv[i] + n, NULL);
        }
        if (!is_known) {
            (void)fprintf(stderr, "unknown argument %s\n", argv[i]);
            return 1;
        }
    }
    return 0;
}

static struct web_plan plan_of(const struct options *o)
{
    return (struct web_plan){.socket = o->web,
                             .origin = o->origin,
                             .cookie = o->cookie,
                             .clients = (unsigned)o->clients,
                             .rate = o->rate,
                             .warm_up_s = o->warm_up,
                             .seconds = o->seconds};
}

static int run_and_print(const struct web_plan *plan)
{
    struct web_result r;

    if (web_run(plan, &r) != 0 || r.answers == 0) {
        (void)fprintf(stderr, "no figure: %s\n", r.message);
        return 1;
    }
    struct worker_counts n = {0};
    if (plan->worker != NULL)
        n = worker_counts(plan->worker);
    (void)printf("{\"answers\": %llu, \"per_s\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
                 "\"longest_ms\": %.3f, \"offered\": %u, \"over\": %u}\n",
                 (unsigned long long)r.answers, (double)r.answers / r.seconds, r.p50_ms, r.p99_ms,
                 r.longest_ms, n.offered, n.over);
    return 0;
}

/* ---- what is asked --------------------------------------------------------------------------- */

static const char *make_change(void *user, uint64_t nth, char path[WEB_PATH_BYTES],
                               char body[WEB_BODY_BYTES])
{
    (void)user;
    (void)snprintf(path, WEB_PATH_BYTES, "/api/v1/recording");
    (void)snprintf(body, WEB_BODY_BYTES, "{\"value\":\"%s\"}", nth % 2 == 0 ? "on" : "off");
    return "POST";
}

static const char *make_jump(void *user, uint64_t nth, char path[WEB_PATH_BYTES],
                             char body[WEB_BODY_BYTES])
{
    const struct options *o = user;
    /* The first items have the sessions that live already. */
    uint64_t first = (uint64_t)o->sessions + 1;
    (void)snprintf(path, WEB_PATH_BYTES, "/api/v1/jump-items/%u/jump",
                   (unsigned)(first + nth % ((uint64_t)o->items - first)));
    (void)snprintf(body, WEB_BODY_BYTES, "{\"holder_key\":\"%s\"}",
                   "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
    return "POST";
}

static const char *make_get(void *user, uint64_t nth, char path[WEB_PATH_BYTES],
                            char body[WEB_BODY_BYTES])
{
    const struct options *o = user;
    (void)body;
    /* A number takes the place of "%": another answer each time. */
    const char *at = strchr(o->text, '%');
    if (at == NULL)
        (void)snprintf(path, WEB_PATH_BYTES, "%s", o->text);
    else
        (void)snprintf(path, WEB_PATH_BYTES, "%.*s%03u%s", (int)(at - o->text), o->text,
                       (unsigned)(nth * 7919 % 1000), at + 1);
    return "GET";
}

static int until_synced(struct worker *w)
{
    struct pollfd in = {.fd = worker_fd(w), .events = POLLIN};
    while (!worker_is_synced(w))
        if (poll(&in, 1, 30000) != 1 || worker_read(w) != 0)
            return -1;
    return 0;
}

static int listen_for(struct worker *w, double seconds)
{
    struct pollfd in = {.fd = worker_fd(w), .events = POLLIN};
    for (int i = 0; i < seconds * 10; i++)
        while (poll(&in, 1, 100) == 1)
            if (worker_read(w) != 0)
                return -1;
    return 0;
}

static int starts(const struct options *o)
{
    struct web_plan plan = plan_of(o);
    plan.user = (void *)(uintptr_t)o;
    plan.make = make_jump;
    if (worker_open(o->link, (uint32_t)o->items, (uint32_t)o->sessions, &plan.worker) != 0 ||
        until_synced(plan.worker) != 0) {
        (void)fprintf(stderr, "control does not take the engine's link\n");
        return 1;
    }
    int rc = run_and_print(&plan);
    if (worker_end_all(plan.worker) != 0 || listen_for(plan.worker, 1) != 0)
        rc = 1;
    worker_close(plan.worker);
    return rc;
}

/* The engine links again after control was restarted; it listens for a while what control does to its sessions. */
static int relink(const struct options *o)
{
    struct worker *w = NULL;
    if (worker_open(o->link, (uint32_t)o->items, (uint32_t)o->sessions, &w) != 0 ||
        until_synced(w) != 0)
        return 1;
    (void)printf("{\"linked\": true}\n");
    (void)fflush(stdout);
    if (listen_for(w, o->seconds) != 0)
        return 1;
    struct worker_counts n = worker_counts(w);
    (void)printf("{\"wanted\": %u, \"disturbed\": %u}\n", n.wanted, n.disturbed);
    worker_close(w);
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {.clients = 64, .seconds = 3, .warm_up = 0.5, .items = 1000};

    if (argc < 2 || parse(argc, argv, &o) != 0)
        return 64;
    if (strcmp(argv[1], "seed") == 0)
        return seed_store(o.control_dir, (uint32_t)o.items, (uint32_t)o.sessions) == 0 ? 0 : 1;
    if (strcmp(argv[1], "explain") == 0)
        return explain_policies(o.control_dir, (uint32_t)o.items, o.seconds) == 0 ? 0 : 1;
    if (strcmp(argv[1], "starts") == 0)
        return starts(&o);
    if (strcmp(argv[1], "relink") == 0)
        return relink(&o);
    struct web_plan plan = plan_of(&o);
    plan.user = &o;
    plan.make = strcmp(argv[1], "changes") == 0 ? make_change : make_get;
    return run_and_print(&plan);
}
