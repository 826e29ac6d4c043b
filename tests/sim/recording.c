/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/recording.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/record_folder.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"
#include "tests/sim/scenario.h"

void cw_sim_recording_begin(struct cw_scenario *s, uint64_t seed)
{
    s->recording = (struct cw_sim_recording){.is_on = seed % 2 == 0};
}

uint8_t cw_sim_recording_policy(struct cw_scenario *s)
{
    static const uint8_t policies[] = {0, CW_TICKET_RECORD,
                                       CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED};
    return s->recording.is_on ? policies[cw_sim_chance(s, 3)] : 0;
}

/* As the next engine's main reads the folder. */
static void scan(struct cw_scenario *s)
{
    struct cw_sim_recording *r = &s->recording;
    const char *name;
    r->found = (struct cw_record_list){.items = r->found_items};
    for (unsigned i = 0; (name = cw_net_file_name(s->net, i)) != NULL; i++) {
        size_t size = 0;
        const uint8_t *data = cw_net_file(s->net, name, &size);
        if (!cw_recording_name_is_legal(name, strlen(name)))
            continue;
        CW_CHECK(r->found.count < CW_SIM_PARTS_MAX, "the scenario's limit");
        if (cw_record_examine(data, size, NULL, &r->found_items[r->found.count]) == CW_OK)
            r->found.count++;
    }
}

struct cw_record_config cw_sim_recording_config(struct cw_scenario *s)
{
    if (!s->recording.is_on)
        return (struct cw_record_config){0};
    scan(s);
    return (struct cw_record_config){.is_possible = true, .found = &s->recording.found};
}

void cw_sim_recording_act(struct cw_scenario *s)
{
    if (!s->recording.is_on || cw_sim_chance(s, 25) != 0)
        return;
    struct cw_net_disk disk = {0};
    switch (cw_sim_chance(s, 6)) {
    case 0: disk.short_permille = 500; break;
    case 1: disk.fail_permille = 300; break;
    case 2:
        disk.is_limited = true;
        disk.room_bytes = cw_sim_chance(s, 200000);
        break;
    case 3:
        disk.delay_min_ns = 100 * CW_SIM_MS;
        disk.delay_max_ns = 2000 * CW_SIM_MS;
        break;
    case 4: /* it hangs */
        disk.delay_min_ns = 12000 * CW_SIM_MS;
        disk.delay_max_ns = 15000 * CW_SIM_MS;
        break;
    default: break; /* well again */
    }
    cw_net_disk_set(s->net, &disk);
    s->counts->disk_faults++;
}

void cw_sim_recording_crashed(struct cw_scenario *s)
{
    s->recording.crashes++;
}

void cw_sim_recording_heal(struct cw_scenario *s)
{
    const struct cw_net_disk well = {0};
    cw_net_disk_set(s->net, &well);
}

bool cw_sim_recording_is_settled(const struct cw_scenario *s)
{
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
        /* What hung before the disk was well again ends by itself. */
        CW_LIST_EACH(node, &s->workers[i]->records.list)
        {
            const struct cw_recorder *r = CW_LIST_OWNER(node, struct cw_recorder, node);
            if (r->is_busy && s->workers[i]->now_ns - r->busy_ns > 1000 * CW_SIM_MS)
                return false;
        }
        CW_LIST_EACH(node, &s->workers[i]->session_list)
        {
            const struct cw_session *session = CW_LIST_OWNER(node, struct cw_session, node);
            const struct cw_recorder *r = session->recorder;
            if (r != NULL && (r->state != CW_RECORDER_WRITING || r->is_gapped ||
                              (session->source != NULL && r->sync != CW_RECORD_IN)))
                return false;
        }
    }
    return true;
}

/* ---- what the files say ----------------------------------------------------------------------- */

struct reading {
    struct cw_scenario *scenario;
    const struct cw_double_session *session;
    bool is_in_sync; /* as a decoder would be */
    bool is_inside;
    bool is_keyframe;
    uint32_t shown;
    uint32_t newest; /* of all parts of the session */
    uint64_t line_sequence;
    bool is_ended; /* the last record is END */
};

static uint32_t sent_by_source(const struct reading *r)
{
    uint32_t newest = 0;
    for (unsigned i = 0; i < r->scenario->actor_count; i++) {
        const struct cw_actor *a = &r->scenario->actors[i];
        if (a->session == r->session && a->is_source)
            newest = a->update;
    }
    return newest;
}

static void read_update(struct reading *r, const struct cw_frame *f, const uint8_t *payload)
{
    uint32_t number;
    memcpy(&number, payload, sizeof number);
    CW_CHECK(number <= sent_by_source(r), "only what was sent is recorded");
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        CW_CHECK(!r->is_inside, "a message ends before the next begins");
        r->is_inside = true;
        r->is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
        CW_CHECK(r->is_keyframe || r->is_in_sync, "an update follows a picture");
        CW_CHECK(r->is_keyframe || number == r->shown + 1, "no update is missing or doubled");
        CW_CHECK(!r->is_keyframe || !r->is_in_sync || number == r->shown,
                 "a keyframe shows what was shown");
    }
    CW_CHECK(r->is_inside, "frames of a message that began");
    CW_CHECK(number == r->shown + (r->is_keyframe ? 0u : 1u) || (r->is_keyframe && !r->is_in_sync),
             "frames of one message");
    if ((f->flags & CW_FLAG_LAST) != 0) {
        r->is_inside = false;
        r->is_in_sync = true;
        r->shown = number;
        r->newest = number > r->newest ? number : r->newest;
        r->scenario->counts->recorded_updates++;
    }
}

static void read_line(struct reading *r, const struct cw_record *record, const struct cw_frame *f)
{
    struct cw_chat_line line;
    CW_CHECK(record->is_to, "control said it");
    CW_CHECK(cw_chat_line_decode(record->bytes + CW_FRAME_HEADER_BYTES, f->length, &line) == CW_OK,
             "whole");
    CW_CHECK(line.sequence > r->line_sequence, "a line is in a part once");
    CW_CHECK(line.sequence <= r->session->line_count &&
                 r->session->lines[line.sequence - 1].client_message == line.client_message,
             "as control said it");
    r->line_sequence = line.sequence;
}

static void read_record(struct reading *r, const struct cw_record *record)
{
    struct cw_frame f;
    if (record->kind == CW_RECORD_GAP) {
        r->is_in_sync = false;
        r->is_inside = false;
        r->scenario->counts->recorded_gaps++;
    }
    r->is_ended = record->kind == CW_RECORD_END;
    if (record->kind != CW_RECORD_FRAME)
        return;
    CW_CHECK(cw_frame_decode(record->bytes, record->bytes_count, &f) == CW_OK, "a frame passed");
    CW_CHECK(f.session == r->session->number, "of this session");
    CW_CHECK(f.channel != CW_CHANNEL_INPUT, "what is typed is not recorded");
    if (f.type == CW_MESSAGE_SCREEN_RESET) {
        r->is_in_sync = false;
        r->is_inside = false;
    } else if (f.type == CW_MESSAGE_SCREEN_UPDATE) {
        read_update(r, &f, record->bytes + CW_FRAME_HEADER_BYTES);
    } else if (f.type == CW_MESSAGE_CHAT_LINE || f.type == CW_MESSAGE_SIDE_LINE) {
        read_line(r, record, &f);
    }
}

/* Reads one part; gives the chain behind its last whole block. */
static void read_part(struct reading *r, const uint8_t *data, size_t size,
                      struct cw_recording_chain *chain)
{
    size_t at = CW_RECORDING_HEADER_BYTES;
    r->is_in_sync = false;
    r->is_inside = false;
    r->line_sequence = 0;
    while (at < size) {
        struct cw_recording_block b;
        struct cw_recording_chain next = *chain;
        struct cw_record record;
        size_t used = 0;
        size_t in = 0;
        int err = cw_recording_block_decode(data + at, size - at, &next, &b, &used);
        if (err == CW_ERR_AGAIN)
            return; /* it was cut here */
        CW_CHECK(err == CW_OK, "what is written is a block that follows");
        at += used;
        if (b.kind == CW_RECORDING_SEAL) {
            struct cw_recording_seal seal;
            CW_CHECK(cw_recording_seal_decode(&b, &seal) == CW_OK &&
                         cw_recording_verify(chain->hash, seal.key, seal.signature) == CW_OK,
                     "the seal fits");
            r->scenario->counts->seals++;
            continue;
        }
        *chain = next;
        CW_CHECK(cw_recording_records_check(&b, b.payload, b.payload_bytes) == CW_OK, "sound");
        while (cw_recording_next(b.payload, b.payload_bytes, &in, &record))
            read_record(r, &record);
    }
}

/* The parts of a session in their order, which is the order of their names. */
static void check_session(struct cw_scenario *s, const struct cw_double_session *session)
{
    struct reading r = {.scenario = s, .session = session};
    uint8_t previous[CW_RECORDING_HASH_BYTES] = {0};
    for (uint32_t part = 1; part < CW_SIM_PARTS_MAX; part++) {
        const char *name;
        for (unsigned i = 0; (name = cw_net_file_name(s->net, i)) != NULL; i++) {
            struct cw_recording_header header;
            struct cw_recording_chain chain;
            size_t size = 0;
            const uint8_t *data = cw_net_file(s->net, name, &size);
            if (!cw_recording_name_is_legal(name, strlen(name)) ||
                cw_recording_header_decode(data, size, &header, &chain) != CW_OK ||
                header.session != session->number || header.part != part)
                continue;
            CW_CHECK(memcmp(header.previous, previous, sizeof previous) == 0,
                     "a part names the last block of the one before");
            read_part(&r, data, size, &chain);
            memcpy(previous, chain.hash, sizeof previous);
            s->counts->recorded_parts++;
        }
    }
    /* What a disk refuses after the session has ended is lost: half a second at the most, and without END. */
    if ((session->recording & CW_TICKET_RECORD_REQUIRED) == 0 || s->recording.crashes > 0 ||
        !r.is_ended || (session->is_over && session->over_code == CW_CLOSE_RECORDING_FAILED))
        return;
    for (unsigned i = 0; i < s->actor_count; i++) {
        const struct cw_actor *a = &s->actors[i];
        CW_CHECK(a->session != session || a->is_source || a->shown <= r.newest,
                 "nobody saw what was not recorded");
    }
}

void cw_sim_recording_check(struct cw_scenario *s)
{
    for (uint32_t i = 1; s->recording.is_on && i <= cw_double_session_count(s->control); i++)
        check_session(s, cw_double_session(s->control, i));
}
