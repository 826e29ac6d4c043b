/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/recording.h"

#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/session/session.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"
#include "engine/wire/recording.h"

static const char setting_name[] = "recording";

/* ---- policy ---------------------------------------------------------------------------------- */

static const char *const policy_names[] = {
    [CW_RECORDING_OFF] = "off",
    [CW_RECORDING_ON] = "on",
    [CW_RECORDING_MUST] = "required",
};
enum { POLICY_COUNT = sizeof policy_names / sizeof policy_names[0] };

const char *cw_recording_policy_name(enum cw_recording_policy policy)
{
    return (unsigned)policy < POLICY_COUNT ? policy_names[policy] : "required";
}

static int policy_of(const char *name, enum cw_recording_policy *ret)
{
    for (unsigned i = 0; name != NULL && i < POLICY_COUNT; i++) {
        if (strcmp(name, policy_names[i]) == 0) {
            *ret = (enum cw_recording_policy)i;
            return 0;
        }
    }
    return CW_ERR_INVALID;
}

uint8_t cw_recording_ticket_flags(enum cw_recording_policy policy)
{
    switch (policy) {
    case CW_RECORDING_OFF: return 0;
    case CW_RECORDING_ON: return CW_TICKET_RECORD;
    case CW_RECORDING_MUST: return CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED;
    }
    return CW_TICKET_RECORD |
           CW_TICKET_RECORD_REQUIRED; /* a newer program's policy: the stricter */
}

static int load_one(void *user, const char *name, uint64_t value)
{
    struct cw_control *c = user;

    if (strcmp(name, setting_name) == 0)
        c->recording = value < POLICY_COUNT ? (enum cw_recording_policy)value : CW_RECORDING_MUST;
    return 0;
}

int cw_recording_policy_load(struct cw_control *c)
{
    c->recording = CW_RECORDING_OFF;
    if (c->config.recording != NULL && policy_of(c->config.recording, &c->recording) != 0)
        return CW_ERR_INVALID;
    return cw_store_setting_each(c->store, load_one, c);
}

int cw_op_recording_set(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const char *value = json_string_value(json_object_get(request->body, "value"));
    enum cw_recording_policy policy;

    if (policy_of(value, &policy) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "value must be off, on or required.");
    int err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_setting_put(c->store, setting_name, policy, request->now_unix_ms);
    if (err == 0)
        err = cw_audit(c, &actor, "recording.set", "policy", "ok", "%s, was %s", value,
                       cw_recording_policy_name(c->recording));
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    c->recording = policy;
    reply->json = json_pack("{s:s}", "recording", value);
    return 0;
}

/* ---- what the engine says of a session ------------------------------------------------------- */

void cw_recording_on_state(struct cw_control *c, const struct cw_link_message *m)
{
    static const char *const actions[] = {
        [CW_LINK_RECORDING_ON] = "recording.on",
        [CW_LINK_RECORDING_PAUSED] = "recording.pause",
        [CW_LINK_RECORDING_GAPPED] = "recording.gap",
        [CW_LINK_RECORDING_REFUSED] = "recording.refuse",
    };
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_live_session *session = cw_live_find(c, m->session);
    char text[CW_REASON_TEXT_BYTES_MAX + 96];
    char why[CW_REASON_TEXT_BYTES_MAX + 1] = "";

    if (session == NULL || m->kind < CW_LINK_RECORDING_ON || m->kind > CW_LINK_RECORDING_REFUSED)
        return;
    if (m->bytes_count <= CW_REASON_TEXT_BYTES_MAX &&
        cw_text_is_clean((const char *)m->bytes, m->bytes_count))
        (void)snprintf(why, sizeof why, "%.*s", (int)m->bytes_count, (const char *)m->bytes);
    if (m->kind == CW_LINK_RECORDING_ON)
        (void)snprintf(text, sizeof text, "%s",
                       session->was_recorded ? "The recording goes on."
                                             : "This session is recorded.");
    else if (m->kind == CW_LINK_RECORDING_REFUSED)
        (void)snprintf(text, sizeof text, "The session must be recorded, and cannot be: %s.", why);
    else
        (void)snprintf(text, sizeof text, "The recording has stopped: %s. The session goes on.",
                       why);
    session->was_recorded = true;
    cw_session_note(c, session, &appliance, actions[m->kind], text);
}

/* ---- parts and their seals ------------------------------------------------------------------- */

static void send_seal(struct cw_control_link *link, const struct cw_recording_row *row)
{
    struct cw_link_message m = {
        .type = CW_LINK_SEAL,
        .session = row->session,
        .until_unix_s = row->sealed_s,
        .blocks = row->blocks,
        .bytes = (const uint8_t *)row->file,
        .bytes_count = strlen(row->file),
    };

    memcpy(m.key, row->root, sizeof m.key);
    memcpy(m.signature, row->signature, sizeof m.signature);
    cw_link_send(link, &m);
}

static void root_text(const uint8_t *root, char out[2 * CW_RECORDING_HASH_BYTES + 1])
{
    for (unsigned i = 0; i < CW_RECORDING_HASH_BYTES; i++)
        (void)snprintf(out + (size_t)2 * i, 3, "%02x", root[i]);
}

/* Inside a transaction. CW_ERR_CONFLICT: it was sealed with another content. */
static int store_part(struct cw_control *c, struct cw_recording_row *row)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_recording_row earlier;
    char object[32];
    char root[2 * CW_RECORDING_HASH_BYTES + 1];
    int err = cw_store_recording_get(c->store, row->recording, row->part, &earlier);

    (void)snprintf(object, sizeof object, "session %u", row->session);
    root_text(row->root, root);
    if (err == 0) {
        bool is_same = memcmp(earlier.root, row->root, sizeof row->root) == 0;
        if (is_same && (earlier.is_whole || !row->is_whole)) {
            memcpy(row->signature, earlier.signature, sizeof row->signature);
            row->sealed_s = earlier.sealed_s;
            return cw_store_recording_put(c->store, row); /* told again: sealed again, the same */
        }
        if (!is_same && (earlier.is_whole || row->blocks < earlier.blocks)) {
            err = cw_audit(c, &appliance, "recording.changed", object, "CONFLICT",
                           "%s is not what was sealed: root hash %s", row->file, root);
            return err == 0 ? CW_ERR_CONFLICT : err;
        }
    } else if (err != CW_ERR_NOT_FOUND) {
        return err;
    }
    row->sealed_s = cw_control_now_unix_ms(c) / 1000;
    err = cw_recording_sign(row->root, c->ticket_seed, row->signature);
    if (err == 0)
        err = cw_store_recording_put(c->store, row);
    if (err == 0)
        err = cw_audit(c, &appliance, "recording.seal", object, "ok",
                       "%s: %llu bytes, %s, root hash %s", row->file,
                       (unsigned long long)row->bytes, row->is_whole ? "whole" : "cut", root);
    return err;
}

static bool seal_part(struct cw_control *c, struct cw_control_link *link,
                      struct cw_recording_row *row)
{
    int err = cw_store_begin(c->store);
    bool is_changed = false;

    row->is_told = link != NULL && link->is_synced;
    if (err == 0)
        err = store_part(c, row);
    is_changed = err == CW_ERR_CONFLICT; /* its audit row is what is kept */
    err = cw_store_end(c->store, is_changed ? 0 : err);
    if (err == 0 && !is_changed && row->is_told)
        send_seal(link, row);
    return err == 0;
}

void cw_recording_on_part(struct cw_control *c, struct cw_control_link *link,
                          const struct cw_link_message *m)
{
    struct cw_recording_row row = {
        .recording = m->request,
        .part = m->participant,
        .session = m->session,
        .bytes = m->size,
        .blocks = m->blocks,
        .is_whole = m->kind != 0,
    };

    if (!cw_recording_name_is_legal((const char *)m->bytes, m->bytes_count))
        return;
    (void)snprintf(row.file, sizeof row.file, "%.*s", (int)m->bytes_count, (const char *)m->bytes);
    memcpy(row.root, m->key, sizeof row.root);
    if (seal_part(c, link, &row))
        return;
    if (c->waiting_recording_count < CW_RECORDINGS_WAITING_MAX)
        c->waiting_recordings[c->waiting_recording_count++] = row;
    else
        cw_log(CW_LOG_ERROR, "control.recording", "%s cannot be stored, and is not sealed",
               row.file);
}

void cw_recording_retry(struct cw_control *c)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < c->waiting_recording_count; i++)
        if (!seal_part(c, NULL, &c->waiting_recordings[i]))
            c->waiting_recordings[kept++] = c->waiting_recordings[i];
    bool has_new = kept < c->waiting_recording_count;
    c->waiting_recording_count = kept;
    for (uint32_t i = 0; has_new && i < c->link_count; i++)
        if (c->links[i]->is_synced)
            cw_recording_send_seals(c, c->links[i]);
}

struct seals {
    struct cw_control_link *link;
    bool has_sent;
};

static int seal_one(void *user, const struct cw_recording_row *row)
{
    struct seals *s = user;

    if (row->session % s->link->worker_count != s->link->worker)
        return 0;
    send_seal(s->link, row);
    s->has_sent = true;
    return 0;
}

void cw_recording_send_seals(struct cw_control *c, struct cw_control_link *link)
{
    struct seals s = {.link = link};

    if (cw_store_recording_each(c->store, true, CW_RECORDINGS_LIST_MAX, seal_one, &s) != 0 ||
        !s.has_sent)
        return;
    int err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_recording_told(c->store, link->worker, link->worker_count);
    (void)cw_store_end(c->store, err);
}

/* ---- shown ----------------------------------------------------------------------------------- */

static int row_json(void *user, const struct cw_recording_row *row)
{
    char root[2 * CW_RECORDING_HASH_BYTES + 1];
    json_t *json = NULL;

    root_text(row->root, root);
    json =
        json_pack("{s:I, s:I, s:s, s:I, s:I, s:s, s:I, s:s}", "session", (json_int_t)row->session,
                  "part", (json_int_t)row->part, "file", row->file, "bytes", (json_int_t)row->bytes,
                  "blocks", (json_int_t)row->blocks, "state", row->is_whole ? "whole" : "cut",
                  "sealed_unix_ms", (json_int_t)(row->sealed_s * 1000), "root_hash", root);
    return json_array_append_new(user, json) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_recording_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    char key[2 * CW_RECORDING_HASH_BYTES + 1];
    json_t *rows = json_array();
    int err = cw_store_recording_each(c->store, false, CW_RECORDINGS_LIST_MAX, row_json, rows);

    (void)request;
    root_text(c->ticket_key, key);
    reply->json = json_pack("{s:s, s:s, s:o}", "recording", cw_recording_policy_name(c->recording),
                            "seal_key", key, "recordings", rows);
    return err;
}
