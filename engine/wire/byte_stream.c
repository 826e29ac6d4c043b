/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/byte_stream.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

static const uint64_t linger_ns = CW_TIME_STREAM_RESUME_S * UINT64_C(1000000000);

void cw_byte_stream_check(const struct cw_byte_stream *s)
{
    CW_CHECK(s->acknowledged <= s->sent && s->sent <= s->written, "what is sent was written");
    CW_CHECK(s->written - s->acknowledged <= s->ring_bytes, "the ring holds what may be needed");
    CW_CHECK(s->sent <= s->send_limit, "the other end's limit is kept");
    CW_CHECK(s->consumed <= s->expected && s->expected <= s->granted, "and ours too");
}

static void init(struct cw_byte_stream *s, const struct cw_stream_id *id, uint8_t *ring,
                 size_t ring_bytes)
{
    *s = (struct cw_byte_stream){.id = *id, .ring = ring, .ring_bytes = ring_bytes};
    s->window = CW_STREAM_FIRST_WINDOW_BYTES;
    s->window_most = CW_STREAM_FIRST_WINDOW_BYTES;
    s->granted = s->window;
    s->trip_offset = s->granted;
}

void cw_byte_stream_init_opener(struct cw_byte_stream *s, const struct cw_stream_id *id,
                                uint32_t peer, const void *parameters, size_t parameters_bytes,
                                uint8_t *ring, size_t ring_bytes)
{
    init(s, id, ring, ring_bytes);
    s->state = CW_STREAM_OPENING;
    s->peer = peer;
    s->parameters = parameters;
    s->parameters_bytes = parameters_bytes;
    s->open_is_due = true;
}

void cw_byte_stream_init_server(struct cw_byte_stream *s, const struct cw_stream_open *offer,
                                uint8_t *ring, size_t ring_bytes)
{
    init(s, &offer->id, ring, ring_bytes);
    s->state = CW_STREAM_OFFERED;
    s->is_server = true;
    s->peer = offer->participant;
    s->send_limit = offer->limit;
}

void cw_byte_stream_accept(struct cw_byte_stream *s)
{
    if (s->state != CW_STREAM_OFFERED)
        return; /* the connection was lost meanwhile */
    s->state = CW_STREAM_OPEN;
    s->credit_is_due = true;
    s->is_synced = true;
}

void cw_byte_stream_set_window_most(struct cw_byte_stream *s, uint64_t bytes)
{
    uint64_t most = cw_channel_window_bytes_max(s->id.channel);
    s->window_most = bytes < most ? bytes : most;
    if (s->window_most < s->window)
        s->window_most = s->window;
}

void cw_byte_stream_connected(struct cw_byte_stream *s)
{
    s->is_synced = false;
    s->is_paused = false;
    s->open_is_due = s->state == CW_STREAM_OPENING || s->state == CW_STREAM_OPEN;
}

static void fail_here(struct cw_byte_stream *s, uint16_t code)
{
    s->state = CW_STREAM_FAILED;
    s->code = code;
    s->close_is_due = false;
}

void cw_byte_stream_disconnected(struct cw_byte_stream *s)
{
    s->is_synced = false;
    s->open_is_due = false;
    if (s->state == CW_STREAM_OFFERED) {
        /* Nobody has seen that it would be accepted: the opener is told when it asks again. */
        fail_here(s, CW_CLOSE_STREAM_UNKNOWN);
    }
}

void cw_byte_stream_peer(struct cw_byte_stream *s, bool connected)
{
    s->is_paused = !connected; /* acknowledgements and ends are said all the same */
    if (connected && s->waits_for_peer)
        s->open_is_due = s->state == CW_STREAM_OPENING;
}

/* ---- the owner's side --------------------------------------------------------------------------- */

size_t cw_byte_stream_room(const struct cw_byte_stream *s)
{
    bool may_write = s->state <= CW_STREAM_OPEN && !s->is_ending;
    return may_write ? s->ring_bytes - (size_t)(s->written - s->acknowledged) : 0;
}

size_t cw_byte_stream_write(struct cw_byte_stream *s, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    size_t room = cw_byte_stream_room(s);
    if (size > room)
        size = room;
    for (size_t done = 0; done < size;) {
        size_t at = (size_t)((s->written + done) % s->ring_bytes);
        size_t part = s->ring_bytes - at < size - done ? s->ring_bytes - at : size - done;
        memcpy(s->ring + at, from + done, part);
        done += part;
    }
    s->written += size;
    return size;
}

void cw_byte_stream_end(struct cw_byte_stream *s)
{
    if (s->state > CW_STREAM_OPEN || s->is_ending)
        return;
    s->is_ending = true;
    s->close_is_due = true;
}

void cw_byte_stream_abort(struct cw_byte_stream *s, uint16_t code)
{
    CW_CHECK(code != CW_CLOSE_OK, "an end is cw_byte_stream_end");
    CW_CHECK(code != CW_CLOSE_UNAVAILABLE, "the engine alone says who is away");
    if (s->state >= CW_STREAM_FINISHED)
        return;
    s->state = CW_STREAM_FAILED;
    s->code = code;
    s->close_is_due = true;
}

/* CREDIT is worth its frame when half of the window was used, or many frames wait for a word. */
static void update_credit(struct cw_byte_stream *s)
{
    if (s->state == CW_STREAM_FINISHED)
        return; /* the last word was said */
    bool is_half = s->consumed + s->window >= s->granted + s->window / 2;
    bool is_all = s->other_has_ended && s->expected == s->other_final && s->said != s->other_final;
    if (is_half || is_all || s->frames >= CW_STREAM_FRAMES_PER_CREDIT)
        s->credit_is_due = true;
}

void cw_byte_stream_consume(struct cw_byte_stream *s, size_t size)
{
    CW_CHECK(size <= s->expected - s->consumed, "only what was received can be done with");
    s->consumed += size;
    update_credit(s);
}

static void finish_if_complete(struct cw_byte_stream *s, uint64_t now_ns)
{
    if (s->state != CW_STREAM_OPEN || !s->is_ending || s->close_is_due || s->credit_is_due ||
        s->acknowledged != s->written || !s->other_has_ended || s->expected != s->other_final)
        return;
    s->state = CW_STREAM_FINISHED;
    s->finished_ns = now_ns;
}

bool cw_byte_stream_is_over(const struct cw_byte_stream *s, uint64_t now_ns)
{
    if (s->state == CW_STREAM_FAILED)
        return !s->close_is_due;
    return s->state == CW_STREAM_FINISHED && now_ns - s->finished_ns >= linger_ns;
}

/* ---- what arrives ------------------------------------------------------------------------------- */

static bool is_same(const struct cw_byte_stream *s, const struct cw_stream_id *id)
{
    return s->id.channel == id->channel && s->id.stream == id->stream &&
           s->id.instance == id->instance;
}

int cw_byte_stream_on_open(struct cw_byte_stream *s, const struct cw_stream_open *m)
{
    if (!is_same(s, &m->id))
        return CW_ERR_STATE;
    /* The other end lost our last word and asks: it is said again. One that is still open was named by itself. */
    if (s->state == CW_STREAM_FINISHED && (m->flags & CW_STREAM_OPEN_RESUME) != 0) {
        s->open_is_due = true;
        if (s->peer == 0)
            s->peer = m->participant;
    }
    return CW_OK;
}

static void acknowledge(struct cw_byte_stream *s, uint64_t received)
{
    s->acknowledged = received;
    if (s->sent < received)
        s->sent = received;
    if (received < s->short_end)
        return;
    s->shorts[0] = s->shorts[1];
    s->shorts[1] = 0;
    s->short_end = s->sent;
}

int cw_byte_stream_on_credit(struct cw_byte_stream *s, const struct cw_credit *m, uint64_t now_ns)
{
    bool is_resync = (m->flags & CW_CREDIT_RESYNC) != 0;
    if (!is_same(s, &m->id) || s->state == CW_STREAM_FAILED || s->state == CW_STREAM_OFFERED ||
        (!is_resync && !s->is_synced))
        return CW_ERR_STATE;
    if (!is_resync && m->received < s->acknowledged)
        return CW_ERR_INVALID; /* the engine lets no counter shrink on a connection */
    /* Credit is never taken back either: beyond the limit that the engine knows it would close this end. */
    bool is_it = m->received >= s->acknowledged && m->received <= s->sent_most &&
                 (!is_resync || m->limit >= s->send_limit);
    if (!is_it && s->state == CW_STREAM_FINISHED)
        return CW_ERR_NOT_FOUND; /* all is done here, and the other end wants something else */
    if (!is_it) {
        cw_byte_stream_abort(s, CW_CLOSE_STREAM_UNKNOWN); /* the other end is not who it was */
        return CW_OK;
    }
    if (m->limit > s->send_limit)
        s->send_limit = m->limit;
    if (is_resync) {
        s->sent = m->received;
        s->shorts[0] = s->shorts[1] = 0;
        s->short_end = m->received;
        s->is_synced = true;
        s->is_paused = false;
        s->close_is_due = s->is_ending;
        if (s->state == CW_STREAM_OPENING)
            s->state = CW_STREAM_OPEN;
    }
    acknowledge(s, m->received);
    finish_if_complete(s, now_ns);
    return CW_OK;
}

int cw_byte_stream_on_close(struct cw_byte_stream *s, const struct cw_stream_close *m,
                            uint64_t now_ns)
{
    if (!is_same(s, &m->id))
        return CW_ERR_STATE;
    if (s->state >= CW_STREAM_FINISHED)
        return CW_OK;
    if (m->code == CW_CLOSE_UNAVAILABLE && s->state == CW_STREAM_OPENING) {
        s->waits_for_peer = true;
        return CW_OK;
    }
    if (m->code != CW_CLOSE_OK) {
        fail_here(s, m->code);
        return CW_OK;
    }
    if (m->final < s->expected || (s->other_has_ended && s->other_final != m->final)) {
        cw_byte_stream_abort(
            s, CW_CLOSE_STREAM_UNKNOWN); /* a restarted engine forgot what was said before */
        return CW_OK;
    }
    s->other_has_ended = true;
    s->other_final = m->final;
    update_credit(s);
    finish_if_complete(s, now_ns);
    return CW_OK;
}

/* Twice what arrives in the shortest round trip seen: the time from raising the limit to the first byte beyond the
 * earlier one. A sender that waits for credit arrives as fast as the window allows, so its window doubles. */
static void grow_window(struct cw_byte_stream *s, uint64_t now_ns)
{
    if (s->window >= s->window_most)
        return;
    if (s->trip_begin_ns != 0 && s->expected > s->trip_offset) {
        uint64_t trip_ns = now_ns > s->trip_begin_ns ? now_ns - s->trip_begin_ns : 1;
        if (s->trip_ns == 0 || trip_ns < s->trip_ns)
            s->trip_ns = trip_ns;
        s->trip_begin_ns = 0;
    }
    if (s->trip_ns == 0 || now_ns - s->rate_begin_ns < s->trip_ns)
        return;
    uint64_t product = s->expected - s->rate_offset;
    if (now_ns - s->rate_begin_ns < 2 * s->trip_ns && product * 2 > s->window)
        s->window = product * 2 < s->window_most ? product * 2 : s->window_most;
    s->rate_begin_ns = now_ns;
    s->rate_offset = s->expected;
}

int cw_byte_stream_on_data(struct cw_byte_stream *s, const struct cw_stream_data *m,
                           uint64_t now_ns, const uint8_t **ret_bytes, size_t *ret_size)
{
    *ret_size = 0;
    if (m->instance != s->id.instance || s->state != CW_STREAM_OPEN) {
        /* An opener hears the CREDIT that accepts before the first data. */
        return CW_ERR_STATE;
    }
    uint64_t end = m->offset + m->size;
    if (end > s->granted)
        return CW_ERR_INVALID; /* the engine keeps the limit */
    if (s->other_has_ended && end > s->other_final) {
        cw_byte_stream_abort(s, CW_CLOSE_STREAM_UNKNOWN);
        return CW_OK;
    }
    if (m->offset > s->expected || end <= s->expected)
        return CW_OK; /* a gap or a repetition: after a break the sender goes back by itself */
    size_t skipped = (size_t)(s->expected - m->offset);
    *ret_bytes = m->bytes + skipped;
    *ret_size = m->size - skipped;
    s->expected = end;
    s->frames++;
    if (s->unsaid_ns == 0)
        s->unsaid_ns = now_ns != 0 ? now_ns : 1;
    grow_window(s, now_ns);
    update_credit(s);
    return CW_OK;
}

/* ---- what is to be sent ------------------------------------------------------------------------- */

static void raise_limit(struct cw_byte_stream *s, uint64_t now_ns)
{
    uint64_t limit = s->consumed + s->window;
    if (limit > s->granted) {
        if (s->trip_begin_ns == 0) {
            s->trip_begin_ns = now_ns;
            s->trip_offset = s->granted;
        }
        s->granted = limit;
    }
    s->said = s->expected;
    s->frames = 0;
    s->unsaid_ns = 0;
    s->credit_is_due = false;
}

static uint8_t next_open(struct cw_byte_stream *s, uint64_t now_ns, uint8_t *out, size_t out_size,
                         size_t *ret_size)
{
    bool is_new = s->state == CW_STREAM_OPENING;
    s->waits_for_peer = false;
    raise_limit(s, now_ns);
    struct cw_stream_open m = {
        .id = s->id, .participant = s->peer, .received = s->expected, .limit = s->granted};
    if (is_new) {
        m.parameters = s->parameters;
        m.parameters_bytes = s->parameters_bytes;
    } else {
        m.flags = CW_STREAM_OPEN_RESUME;
        if (s->is_server)
            m.flags |= CW_STREAM_OPEN_SERVER;
    }
    s->open_is_due = false;
    int err = cw_stream_open_encode(&m, out, out_size, ret_size);
    CW_CHECK(err == CW_OK, "the caller's buffer holds a frame");
    return CW_MESSAGE_STREAM_OPEN;
}

static uint8_t next_close(struct cw_byte_stream *s, uint64_t now_ns, uint8_t *out, size_t out_size,
                          size_t *ret_size)
{
    struct cw_stream_close m = {.id = s->id, .final = s->written, .code = s->code, .text = ""};
    s->close_is_due = false;
    int err = cw_stream_close_encode(&m, out, out_size, ret_size);
    CW_CHECK(err == CW_OK, "the caller's buffer holds a frame");
    finish_if_complete(s, now_ns);
    return CW_MESSAGE_STREAM_CLOSE;
}

static uint8_t next_credit(struct cw_byte_stream *s, uint64_t now_ns, uint8_t *out, size_t out_size,
                           size_t *ret_size)
{
    raise_limit(s, now_ns);
    struct cw_credit m = {.id = s->id, .received = s->expected, .limit = s->granted};
    int err = cw_credit_encode(&m, out, out_size, ret_size);
    CW_CHECK(err == CW_OK, "the caller's buffer holds a frame");
    finish_if_complete(s, now_ns);
    return CW_MESSAGE_CREDIT;
}

/* Bytes that may go now in one frame. Short ones wait when many are under way: what is written meanwhile makes them
 * longer. */
static size_t ready_bytes(const struct cw_byte_stream *s)
{
    if (!s->is_synced || s->is_paused || s->state != CW_STREAM_OPEN)
        return 0;
    uint64_t end = s->written < s->send_limit ? s->written : s->send_limit;
    uint64_t size = end - s->sent;
    if (size > CW_STREAM_DATA_BYTES_MAX)
        size = CW_STREAM_DATA_BYTES_MAX;
    if (size < CW_STREAM_SHORT_BYTES &&
        s->shorts[0] + s->shorts[1] >= CW_STREAM_SHORT_UNACKNOWLEDGED_MAX)
        return 0;
    return (size_t)size;
}

static uint8_t next_data(struct cw_byte_stream *s, size_t size, uint8_t *out, size_t out_size,
                         size_t *ret_size)
{
    size_t at = (size_t)(s->sent % s->ring_bytes);
    struct cw_stream_data m = {.instance = s->id.instance,
                               .offset = s->sent,
                               .bytes = s->ring + at,
                               .size = s->ring_bytes - at < size ? s->ring_bytes - at : size};
    int err = cw_stream_data_encode(&m, out, out_size, ret_size);
    CW_CHECK(err == CW_OK, "the caller's buffer holds a frame");
    s->sent += m.size;
    if (s->sent > s->sent_most)
        s->sent_most = s->sent;
    if (m.size < CW_STREAM_SHORT_BYTES)
        s->shorts[1]++;
    return cw_channel_data_type(s->id.channel);
}

/* Only a stream that the engine knows on this connection may say more than its name. */
static bool may_speak(const struct cw_byte_stream *s)
{
    return s->is_synced && (s->state == CW_STREAM_OPEN || s->state == CW_STREAM_FINISHED);
}

uint64_t cw_byte_stream_deadline_ns(const struct cw_byte_stream *s)
{
    bool waits = s->unsaid_ns != 0 && may_speak(s);
    return waits ? s->unsaid_ns + CW_STREAM_CREDIT_DELAY_MS * UINT64_C(1000000) : UINT64_MAX;
}

static bool is_credit_due(const struct cw_byte_stream *s, uint64_t now_ns)
{
    return may_speak(s) && (s->credit_is_due || now_ns >= cw_byte_stream_deadline_ns(s));
}

bool cw_byte_stream_has_next(const struct cw_byte_stream *s, uint64_t now_ns)
{
    if (s->open_is_due || (s->close_is_due && (s->state == CW_STREAM_FAILED || may_speak(s))))
        return true;
    return is_credit_due(s, now_ns) || ready_bytes(s) > 0;
}

uint8_t cw_byte_stream_next(struct cw_byte_stream *s, uint64_t now_ns, uint8_t *out,
                            size_t out_size, size_t *ret_size)
{
    if (s->close_is_due && s->state == CW_STREAM_FAILED)
        return next_close(s, now_ns, out, out_size, ret_size);
    if (s->open_is_due)
        return next_open(s, now_ns, out, out_size, ret_size);
    if (is_credit_due(s, now_ns))
        return next_credit(s, now_ns, out, out_size, ret_size);
    if (s->close_is_due && may_speak(s))
        return next_close(s, now_ns, out, out_size, ret_size);
    size_t size = ready_bytes(s);
    return size > 0 ? next_data(s, size, out, out_size, ret_size) : 0;
}
