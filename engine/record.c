/* SPDX-License-Identifier: Apache-2.0 */
/* What a recorder takes of a session, and what happens when it cannot. */
#include "engine/record.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/session.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"

enum { GAP_RECORD_BYTES = 16 + CW_REASON_TEXT_BYTES_MAX };

int cw_records_init(struct cw_worker *w)
{
    struct cw_records *all = &w->records;
    cw_list_init(&all->list);
    int err = cw_pool_init(&all->recorders, sizeof(struct cw_recorder), CW_RELAY_RECORDERS_MAX);
    if (err == CW_OK)
        err =
            cw_pool_init(&all->blocks, sizeof(struct cw_record_block), CW_RELAY_RECORD_BLOCKS_MAX);
    return err == CW_OK ? cw_table_init(&all->by_file, CW_RELAY_RECORDERS_MAX) : err;
}

void cw_records_fini(struct cw_worker *w)
{
    CW_LIST_EACH(node, &w->records.list)
    {
        struct cw_recorder *r = CW_LIST_OWNER(node, struct cw_recorder, node);
        if (r->file != 0)
            w->io->ops->file_close(w->io, r->file);
        cw_timer_stop(&r->timer);
    }
    cw_pool_fini(&w->records.recorders);
    cw_pool_fini(&w->records.blocks);
    cw_table_fini(&w->records.by_file);
}

void cw_record_check(const struct cw_worker *w)
{
    uint32_t blocks = 0;
    for (const struct cw_list *n = w->records.list.next; n != &w->records.list; n = n->next) {
        const struct cw_recorder *r =
            CW_LIST_OWNER((struct cw_list *)(uintptr_t)n, struct cw_recorder, node);
        blocks += r->queue_blocks + (r->block != NULL);
        CW_CHECK(r->session == NULL || r->session->recorder == r, "both know each other");
        CW_CHECK(!r->is_required || !r->is_gapped, "a gap ends a session that must be recorded");
        CW_CHECK(r->queue_blocks <= CW_RELAY_RECORD_BLOCKS_REQUIRED_MAX + 1,
                 "the queue is bounded");
        CW_CHECK(r->session == NULL || !r->is_required || r->state == CW_RECORDER_WRITING ||
                     r->is_ending,
                 "a session that must be recorded is");
    }
    CW_CHECK(blocks == w->records.blocks.used, "blocks are in a queue or being filled");
}

const char *cw_record_state_name(const struct cw_session *s)
{
    const struct cw_recorder *r = s->recorder;
    if (r == NULL)
        return "off";
    if (r->state == CW_RECORDER_PAUSED)
        return "paused";
    return r->is_required ? "required" : "on";
}

/* ---- failing ----------------------------------------------------------------------------------- */

static void give_up(struct cw_worker *w, struct cw_session *s, const char *why)
{
    (void)snprintf(w->records.why, sizeof w->records.why,
                   "This session must be recorded, and that is not possible: %s.", why);
    cw_record_tell(w, s->number, CW_LINK_RECORDING_REFUSED, why);
    w->counters.recordings_refused++;
    cw_session_end(w, s, 0, CW_CLOSE_RECORDING_FAILED, w->records.why, strlen(w->records.why));
}

static void pause_recorder(struct cw_worker *w, struct cw_recorder *r, const char *why)
{
    bool is_news = r->state != CW_RECORDER_PAUSED || r->why != why;
    r->state = CW_RECORDER_PAUSED;
    r->why = why;
    r->sync = CW_RECORD_OUT;
    r->takes_screen = false;
    if (is_news)
        cw_record_tell(w, r->header.session, CW_LINK_RECORDING_PAUSED, why);
    cw_timer_set(&w->timers, &r->timer, w->now_ns + CW_RELAY_RECORD_RETRY_MS * UINT64_C(1000000));
}

void cw_record_failed(struct cw_worker *w, struct cw_recorder *r, const char *why)
{
    struct cw_session *s = r->session;
    cw_log(CW_LOG_WARNING, "engine.record", "session=%u part=%u %s failed: %s",
           (unsigned)r->header.session, (unsigned)r->header.part,
           r->is_sealed ? "sealing" : "recording", why);
    w->counters.recordings_failed += !r->is_sealed;
    cw_record_abandon(w, r);
    r->is_gapped = false;
    if (s == NULL) {
        /* It was over already: what is in the file stays good, and has no end. */
        r->is_closing = true;
        if (r->file == 0)
            cw_record_free(w, r);
    } else if (r->is_required) {
        r->is_ending = true; /* the caller may be in the middle of the session's participants */
        r->why = why;
        cw_timer_set(&w->timers, &r->timer, w->now_ns);
    } else {
        pause_recorder(w, r, why);
    }
}

static void begin_gap(struct cw_recorder *r)
{
    r->is_gapped = true;
    r->why = "the disk was too slow";
    r->sync = CW_RECORD_OUT;
    r->takes_screen = false;
}

/* ---- taking ------------------------------------------------------------------------------------ */

void cw_record_give_up(struct cw_worker *w, struct cw_recorder *r)
{
    give_up(w, r->session, r->why);
}

static bool take(struct cw_worker *w, struct cw_recorder *r, struct cw_record *record)
{
    if (r->is_ending)
        return false;
    record->time_ns = w->now_ns > r->start_ns ? w->now_ns - r->start_ns : 0;
    if (r->state == CW_RECORDER_WRITING && !r->is_gapped) {
        if (cw_record_put(w, r, record))
            return true;
        if (r->state == CW_RECORDER_WRITING && r->is_required) {
            cw_record_failed(w, r, "the disk is too slow");
            return false;
        }
        begin_gap(r);
        w->counters.recordings_gapped++;
        cw_record_tell(w, r->header.session, CW_LINK_RECORDING_GAPPED, r->why);
    }
    r->gap.frames++;
    r->gap.bytes += record->bytes_count;
    return true;
}

static bool take_frame(struct cw_worker *w, struct cw_recorder *r, uint32_t participant, bool is_to,
                       const uint8_t *bytes, size_t size)
{
    struct cw_record record = {.kind = CW_RECORD_FRAME,
                               .is_to = is_to,
                               .participant = participant,
                               .bytes = bytes,
                               .bytes_count = size};
    return take(w, r, &record);
}

void cw_record_participant(struct cw_worker *w, const struct cw_participant *p,
                           enum cw_recording_change change, uint16_t code)
{
    struct cw_recorder *r = p->session->recorder;
    if (r == NULL)
        return;
    const struct cw_record_participant about = {
        .change = (uint8_t)change, .role = p->role, .code = code, .permissions = p->permissions};
    uint8_t bytes[16];
    struct cw_record record = {.kind = CW_RECORD_PARTICIPANT,
                               .participant = p->number,
                               .bytes = bytes,
                               .bytes_count =
                                   cw_record_participant_encode(&about, bytes, sizeof bytes)};
    (void)take(w, r, &record);
}

/* ---- the screen ---------------------------------------------------------------------------------- */

/* Whether an update is for the recorder, which has a viewer's states and takes a keyframe now and then. */
static bool takes_update(struct cw_worker *w, struct cw_recorder *r, const struct cw_frame *f)
{
    bool is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
    bool is_due = w->now_ns - r->keyframe_ns >= CW_RELAY_RECORD_SEEK_MS * UINT64_C(1000000);
    if ((f->flags & CW_FLAG_FIRST) == 0)
        return r->takes_screen;
    if (is_keyframe) {
        r->takes_screen = r->sync == CW_RECORD_OUT || r->wants_keyframe || is_due;
        if (r->takes_screen && r->sync == CW_RECORD_OUT)
            r->sync = CW_RECORD_JOINING;
    } else {
        r->takes_screen = r->sync == CW_RECORD_IN;
    }
    return r->takes_screen;
}

static void took_update(struct cw_worker *w, struct cw_recorder *r, const struct cw_frame *f)
{
    bool is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
    if ((f->flags & CW_FLAG_LAST) == 0 || !r->takes_screen)
        return;
    r->takes_screen = false;
    if (is_keyframe) {
        if (r->sync == CW_RECORD_JOINING)
            r->sync = CW_RECORD_IN;
        r->keyframe_ns = w->now_ns;
        r->wants_keyframe = false;
        r->has_changed = false;
        return;
    }
    r->has_changed = true;
    if (!r->wants_keyframe &&
        w->now_ns - r->keyframe_ns >= CW_RELAY_RECORD_SEEK_MS * UINT64_C(1000000)) {
        r->wants_keyframe = true;
        cw_fanout_request_sync(w, r->session);
    }
}

static bool take_screen(struct cw_worker *w, struct cw_recorder *r, uint32_t participant,
                        struct cw_frame_buffer *f)
{
    bool is_reset = f->frame.type == CW_MESSAGE_SCREEN_RESET;
    if ((f->frame.flags & CW_FLAG_RENDITION_MASK) != 0)
        return true; /* a smaller picture for slow viewers */
    if (is_reset) {
        r->sync = CW_RECORD_OUT;
        r->takes_screen = false;
        r->holds_ack = false; /* the source counts anew */
    } else if (!takes_update(w, r, &f->frame)) {
        return true;
    }
    if (!take_frame(w, r, participant, false, f->bytes, f->size))
        return false;
    if (!is_reset && !r->is_gapped && r->state == CW_RECORDER_WRITING)
        took_update(w, r, &f->frame);
    return true;
}

bool cw_record_wants_keyframe(const struct cw_session *s)
{
    const struct cw_recorder *r = s->recorder;
    return r != NULL && r->state == CW_RECORDER_WRITING && !r->is_gapped &&
           (r->sync == CW_RECORD_OUT || r->wants_keyframe);
}

void cw_record_source_changed(struct cw_session *s)
{
    struct cw_recorder *r = s->recorder;
    if (r == NULL)
        return;
    r->holds_ack = false;
    r->sync = CW_RECORD_OUT;
    r->takes_screen = false;
}

bool cw_record_is_ending(const struct cw_session *s)
{
    return s->recorder != NULL && s->recorder->is_ending;
}

bool cw_record_holds_ack(const struct cw_session *s, uint32_t update)
{
    struct cw_recorder *r = s->recorder;
    if (r == NULL || !r->is_required || r->queue_blocks < CW_RELAY_RECORD_BLOCKS_BEHIND)
        return false;
    r->holds_ack = true;
    r->held_ack = update;
    return true;
}

/* ---- frames ---------------------------------------------------------------------------------------- */

static bool is_recorded(uint8_t type, uint8_t channel)
{
    switch ((enum cw_channel)channel) {
    case CW_CHANNEL_CURSOR:
    case CW_CHANNEL_CHAT:
    case CW_CHANNEL_SHELL:
    case CW_CHANNEL_CLIPBOARD:
    case CW_CHANNEL_ANNOTATION:
    case CW_CHANNEL_SYSTEM:
    case CW_CHANNEL_SCREEN:
    case CW_CHANNEL_FILE: return true;
    case CW_CHANNEL_CONTROL:
        return type == CW_MESSAGE_CONSENT || type == CW_MESSAGE_TOOL_ASK ||
               type == CW_MESSAGE_TOOL_ANSWER || type == CW_MESSAGE_PARTICIPANT ||
               type == CW_MESSAGE_STREAM_OPEN || type == CW_MESSAGE_STREAM_CLOSE;
    case CW_CHANNEL_INPUT:
    case CW_CHANNEL_EVENT:
    case CW_CHANNEL_TUNNEL:
    case CW_CHANNEL_COUNT: break;
    }
    return false;
}

bool cw_record_frame(struct cw_worker *w, struct cw_session *s, uint32_t participant, bool is_to,
                     struct cw_frame_buffer *f)
{
    struct cw_recorder *r = s->recorder;
    if (r == NULL || !is_recorded(f->frame.type, f->frame.channel))
        return true;
    if (f->frame.channel == CW_CHANNEL_SCREEN)
        return take_screen(w, r, participant, f);
    return take_frame(w, r, participant, is_to, f->bytes, f->size);
}

/* History is sent to each who comes; it is written once. */
static bool is_new_line(struct cw_recorder *r, const uint8_t *payload, size_t payload_bytes)
{
    struct cw_chat_line line;
    if (cw_chat_line_decode(payload, payload_bytes, &line) != CW_OK ||
        line.sequence <= r->line_sequence)
        return false;
    r->line_sequence = line.sequence;
    return true;
}

bool cw_record_message(struct cw_worker *w, struct cw_session *s, uint32_t to, uint8_t type,
                       const uint8_t *payload, size_t payload_bytes)
{
    struct cw_recorder *r = s->recorder;
    const struct cw_message_info *info = cw_message_info(type);
    uint8_t *bytes = w->scratch;
    if (r == NULL || info == NULL || !is_recorded(type, info->channel) ||
        payload_bytes > CW_FRAME_PAYLOAD_BYTES_MAX ||
        ((type == CW_MESSAGE_CHAT_LINE || type == CW_MESSAGE_SIDE_LINE) &&
         !is_new_line(r, payload, payload_bytes)))
        return true;
    const struct cw_frame frame = {.type = type,
                                   .channel = info->channel,
                                   .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
                                   .session = s->number,
                                   .length = (uint32_t)payload_bytes};
    cw_frame_encode(&frame, bytes);
    memcpy(bytes + CW_FRAME_HEADER_BYTES, payload, payload_bytes);
    return take_frame(w, r, to, true, bytes, CW_FRAME_HEADER_BYTES + payload_bytes);
}

/* ---- beginning, again and the end -------------------------------------------------------------------- */

static bool put_gap(struct cw_worker *w, struct cw_recorder *r)
{
    uint8_t bytes[GAP_RECORD_BYTES];
    if (r->gap.frames == 0)
        return true;
    r->gap.text = r->why != NULL ? r->why : "";
    r->gap.text_bytes = strlen(r->gap.text);
    const struct cw_record record = {.time_ns = w->now_ns - r->start_ns,
                                     .kind = CW_RECORD_GAP,
                                     .bytes = bytes,
                                     .bytes_count =
                                         cw_record_gap_encode(&r->gap, bytes, sizeof bytes)};
    bool is_put = cw_record_put(w, r, &record);
    if (is_put) {
        r->gap_put = r->gap;
        r->gap = (struct cw_record_gap){0};
    }
    return is_put;
}

/* What a reader must know who begins here: who is there, and which screen comes. */
static void put_snapshot(struct cw_worker *w, struct cw_recorder *r)
{
    struct cw_session *s = r->session;
    uint32_t source = s->source != NULL ? s->source->number : 0;
    CW_LIST_EACH(node, &s->participants)
    {
        const struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->conn != NULL)
            cw_record_participant(w, p, CW_RECORD_CAME, 0);
    }
    const struct cw_frame_buffer *reset = s->fanout.renditions[CW_RENDITION_FULL].reset;
    if (reset != NULL)
        (void)take_frame(w, r, source, false, reset->bytes, reset->size);
    for (unsigned i = 0; i < s->fanout.shape_count; i++)
        (void)take_frame(w, r, source, false, s->fanout.shape[i]->bytes, s->fanout.shape[i]->size);
    cw_fanout_request_sync(w, s);
}

void cw_record_resume(struct cw_worker *w, struct cw_recorder *r)
{
    if (!put_gap(w, r))
        return; /* there is still no room */
    r->is_gapped = false;
    cw_record_tell(w, r->header.session, CW_LINK_RECORDING_ON, "");
    put_snapshot(w, r);
}

void cw_record_caught_up(struct cw_worker *w, struct cw_recorder *r)
{
    struct cw_session *s = r->session;
    if (s == NULL || r->queue_blocks >= CW_RELAY_RECORD_BLOCKS_BEHIND / 2)
        return;
    if (r->is_gapped && r->state == CW_RECORDER_WRITING)
        cw_record_resume(w, r);
    if (r->holds_ack) {
        r->holds_ack = false;
        cw_fanout_send_ack(w, s, r->held_ack);
    }
}

static struct cw_recorder *recorder_new(struct cw_worker *w, struct cw_session *s)
{
    struct cw_recorder *r = cw_pool_take(&w->records.recorders);
    if (r == NULL)
        return NULL;
    *r = (struct cw_recorder){.session = s, .state = CW_RECORDER_PAUSED, .start_ns = w->now_ns};
    cw_list_init(&r->node);
    cw_list_init(&r->queue);
    cw_timer_init(&r->timer, CW_TIMER_RECORD);
    cw_list_append(&w->records.list, &r->node);
    s->recorder = r;
    r->header.session = s->number;
    r->header.engine_instance = w->config.engine_instance;
    const struct cw_record_found *earlier = cw_record_find(w, s->number);
    if (earlier != NULL) {
        r->header.recording = earlier->header.recording;
        r->header.part = earlier->header.part;
        memcpy(r->written.hash, earlier->chain.hash, sizeof r->written.hash);
    } else {
        w->io->ops->random(w->io, &r->header.recording, sizeof r->header.recording);
    }
    return r;
}

uint16_t cw_record_begin(struct cw_worker *w, struct cw_session *s, uint8_t flags)
{
    bool is_required = (flags & CW_TICKET_RECORD_REQUIRED) != 0;
    bool is_new = s->recorder == NULL;
    if ((flags & (CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED)) == 0)
        return CW_CLOSE_OK;
    struct cw_recorder *r = is_new ? recorder_new(w, s) : s->recorder;
    if (r == NULL && is_required) {
        give_up(w, s, "too many sessions are recorded");
        return CW_CLOSE_RECORDING_FAILED;
    }
    if (r == NULL)
        return CW_CLOSE_OK;
    bool is_raised = is_required && !r->is_required;
    if (!is_new && !is_raised)
        return CW_CLOSE_OK;
    if (is_required)
        r->header.flags |= CW_RECORDING_REQUIRED;
    if (r->state == CW_RECORDER_WRITING && !r->is_gapped) {
        r->is_required = is_required;
        return CW_CLOSE_OK;
    }
    bool is_open = r->state == CW_RECORDER_PAUSED && cw_record_open(w, r);
    if (!is_open && is_required) {
        give_up(w, s, r->why != NULL ? r->why : "the disk is too slow");
        return CW_CLOSE_RECORDING_FAILED;
    }
    if (!is_open) {
        pause_recorder(w, r, r->why);
        return CW_CLOSE_OK;
    }
    r->is_required = is_required;
    cw_record_tell(w, s->number, CW_LINK_RECORDING_ON, "");
    put_snapshot(w, r);
    return CW_CLOSE_OK;
}

void cw_record_end(struct cw_worker *w, struct cw_session *s, uint16_t code, const char *text,
                   size_t text_bytes)
{
    struct cw_recorder *r = s->recorder;
    uint8_t bytes[2 + CW_REASON_TEXT_BYTES_MAX];
    if (r == NULL)
        return;
    s->recorder = NULL;
    r->session = NULL;
    if (r->state == CW_RECORDER_PAUSED) {
        r->is_closing = true;
        if (r->file == 0)
            cw_record_free(w, r);
        return;
    }
    const struct cw_record_end end = {code, text, text_bytes};
    const struct cw_record record = {.time_ns = w->now_ns - r->start_ns,
                                     .kind = CW_RECORD_END,
                                     .bytes = bytes,
                                     .bytes_count =
                                         cw_record_end_encode(&end, bytes, sizeof bytes)};
    r->state = CW_RECORDER_FINISHING;
    if (!put_gap(w, r) || !cw_record_put(w, r, &record))
        cw_record_failed(w, r, "there is no room for its end");
    else
        cw_record_pump(w, r);
}
