/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/control/explain.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control/control.h"
#include "engine/base/log.h"

enum { EXPLAIN_BATCH = 500 };

static double cpu_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int explain_one(struct cw_control *c, const struct cw_operation *operation, uint32_t item)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", item);
    json_t *body = json_pack("{s:s, s:s}", "account", "1", "jump_item", text);
    const struct cw_request request = {.front = CW_FRONT_SOCKET,
                                       .now_unix_ms = cw_control_now_unix_ms(c),
                                       .source = "uid 0",
                                       .body = body};
    struct cw_reply reply = {0};
    int err = cw_control_call(c, operation, &request, &reply);
    if (err != 0)
        (void)fprintf(stderr, "explain: %s\n", reply.message);
    else if (json_array_size(json_object_get(reply.json, "answers")) < 10)
        err = -1;
    json_decref(reply.json);
    json_decref(body);
    return err;
}

static int explain_for(struct cw_control *c, uint32_t items, double seconds)
{
    const struct cw_operation *operation = cw_operations;
    const double begun = cpu_s();
    double least = 1e9;
    uint32_t item = 0;

    while (operation->name != NULL && strcmp(operation->name, "policy.explain") != 0)
        operation++;
    if (operation->name == NULL)
        return -1;
    while (cpu_s() - begun < seconds) {
        double before = cpu_s();
        for (int i = 0; i < EXPLAIN_BATCH; i++)
            if (explain_one(c, operation, 1 + (item++ * 7919) % items) != 0)
                return -1;
        double one = (cpu_s() - before) / EXPLAIN_BATCH;
        least = one < least ? one : least;
    }
    (void)printf("{\"us\": %.2f, \"answers\": %u}\n", least * 1e6, item);
    return item > 0 ? 0 : -1;
}

int explain_policies(const char *control_dir, uint32_t items, double seconds)
{
    const struct cw_control_config config = {.control_dir = control_dir,
                                             .public_origin = "https://localhost:8443"};
    struct cw_control *c = NULL;
    char message[512];

    cw_log_set_level(CW_LOG_ERROR);
    if (cw_control_new(&config, message, sizeof message, &c) != 0) {
        (void)fprintf(stderr, "%s\n", message);
        return -1;
    }
    int rc = explain_for(c, items, seconds);
    cw_control_free(c);
    return rc;
}
