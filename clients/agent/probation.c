/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/probation.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/agent/exchange.h"
#include "clients/agent/state.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum { PATH_BYTES = 4200 };

static const uint64_t second = UINT64_C(1000000000);

static void path_of(const struct cw_probation *p, char *out)
{
    snprintf(out, PATH_BYTES, "%s/%s", p->state_dir, CW_STATE_PROBATION_FILE);
}

static int save(const struct cw_probation *p, const uint8_t *program, json_int_t starts,
                const char *why)
{
    char path[PATH_BYTES];
    json_t *json =
        json_pack("{s:o, s:I, s:s}", "program", cw_json_base64(program, CW_PROGRAM_HASH_BYTES),
                  "starts", starts, "why", why);
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    path_of(p, path);
    errno = ENOMEM;
    int err = text != NULL ? cw_file_replace(path, text, strlen(text), 0600) : CW_ERR_IO;
    const int error = errno;
    free(text);
    json_decref(json);
    errno = error;
    return err;
}

static void forget(struct cw_probation *p)
{
    char path[PATH_BYTES];
    path_of(p, path);
    (void)unlink(path);
    p->is_on = p->has_failed = false;
}

int cw_probation_prepare(const struct cw_probation *p, const uint8_t *program)
{
    return save(p, program, 0, "");
}

/* One more start of the new program. */
static bool count(struct cw_probation *p, const uint8_t *own, json_int_t starts, uint64_t now_ns)
{
    p->is_on = true;
    p->began_ns = now_ns;
    if (p->why[0] == '\0' && starts >= CW_PROBATION_STARTS)
        snprintf(p->why, sizeof(p->why),
                 "The new program ended %d times within %d s of its start. The old one is back.",
                 CW_PROBATION_STARTS, CW_PROBATION_S);
    if (p->why[0] != '\0')
        return true;
    if (save(p, own, starts + 1, "") != 0)
        cw_log(CW_LOG_ERROR, "agent.probation", "a start of the new program is not counted: %s",
               strerror(errno));
    return false;
}

bool cw_probation_start(struct cw_probation *p, const char *state_dir, const uint8_t *own,
                        uint64_t now_ns)
{
    char path[PATH_BYTES];
    *p = (struct cw_probation){.state_dir = state_dir};
    path_of(p, path);
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    const char *why = json_string_value(json_object_get(json, "why"));
    const json_int_t starts = json_integer_value(json_object_get(json, "starts"));
    bool is_back = false;
    if (why != NULL && cw_json_bytes(json, "program", p->program, sizeof(p->program)) == 0) {
        snprintf(p->why, sizeof(p->why), "%s", why);
        if (memcmp(p->program, own, sizeof(p->program)) == 0)
            is_back = count(p, own, starts, now_ns);
        else
            p->has_failed = why[0] != '\0';
    }
    json_decref(json);
    if (!p->is_on && !p->has_failed)
        forget(p); /* the new one never came to its place */
    return is_back;
}

void cw_probation_answered(struct cw_probation *p)
{
    p->is_answered = true;
}

uint64_t cw_probation_due_ns(const struct cw_probation *p)
{
    if (!p->is_on)
        return UINT64_MAX;
    return p->began_ns + (p->is_answered ? CW_PROBATION_S : CW_PROBATION_ANSWER_S) * second;
}

bool cw_probation_process(struct cw_probation *p, uint64_t now_ns)
{
    if (!p->is_on || now_ns < cw_probation_due_ns(p))
        return false;
    if (p->is_answered) {
        cw_log(CW_LOG_INFO, "agent.probation", "this program has proven itself");
        forget(p);
        return false;
    }
    snprintf(p->why, sizeof(p->why),
             "The new program was not answered by the appliance within %d s. The old one is back.",
             CW_PROBATION_ANSWER_S);
    return true;
}

int cw_probation_go_back(struct cw_probation *p, const char *program)
{
    char old[PATH_BYTES];
    cw_log(CW_LOG_ERROR, "agent.probation", "%s", p->why);
    snprintf(old, sizeof(old), "%s.old", program);
    /* Why comes first: without power in between, the new one finds it and goes back. */
    if (save(p, p->program, 0, p->why) == 0 && rename(old, program) == 0)
        return 0;
    cw_log(CW_LOG_ERROR, "agent.probation", "\"%s\" cannot be put back: %s", old, strerror(errno));
    forget(p);
    return CW_ERR_IO;
}

bool cw_probation_refuses(struct cw_probation *p, const uint8_t *program)
{
    if (!p->has_failed || memcmp(p->program, program, sizeof(p->program)) != 0)
        return false;
    forget(p);
    return true;
}
