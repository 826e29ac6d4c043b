/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/invariants.h"

#include "engine/base/check.h"
#include "engine/worker_state.h"

static void check_queue(const struct cw_worker *w, const struct cw_conn *c)
{
    const struct cw_queue *q = c->queue;
    if (q == NULL)
        return;
    uint32_t bytes = 0;
    uint32_t frames = 0;
    for (unsigned i = 0; i < CW_CHANNEL_COUNT; i++) {
        CW_CHECK((q->channels[i].head == NULL) == (q->channels[i].bytes == 0), "bytes are frames");
        CW_CHECK((q->channels[i].head != NULL) == (q->waiting >> i & 1), "a bit a channel");
        bytes += q->channels[i].bytes;
        frames += q->channels[i].frames;
    }
    CW_CHECK(bytes == q->bytes && frames == q->frames, "the sum of the channels");
    CW_CHECK(cw_queue_reliable_bytes(q) <= w->settings.reliable_queue_bytes + CW_FRAME_BYTES_MAX,
             "the reliable queue has a limit");
    CW_CHECK(q->channels[CW_CHANNEL_SCREEN].bytes <=
                 w->settings.viewer_queue_bytes + CW_SCREEN_MESSAGE_BYTES_MAX,
             "a viewer's queue is its limit and at most the message that is under way");
    uint32_t stream_bytes = 0;
    for (unsigned i = 0; i < CW_CHANNEL_COUNT; i++)
        stream_bytes += cw_channel_data_type((uint8_t)i) != 0 ? q->channels[i].bytes : 0;
    uint32_t granted = c->participant != NULL ? c->participant->windows_bytes : 0;
    uint32_t streams = c->participant != NULL ? c->participant->stream_count : 0;
    uint32_t most = granted / CW_STREAM_SHORT_BYTES + streams * CW_STREAM_SHORT_FRAMES_MAX;
    CW_CHECK(c->participant == NULL || stream_bytes <= granted + most * 28,
             "what waits of streams is what the receiver granted, and the frames' headers");
}

void cw_sim_check_worker(struct cw_worker *w)
{
    uint32_t taking_part = 0;
    uint32_t connected = 0;
    CW_LIST_EACH(node, &w->conns)
    {
        struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, all);
        cw_conn_check(c);
        check_queue(w, c);
        taking_part += c->participant != NULL;
        if (c->participant != NULL)
            CW_CHECK(cw_session_is_mine(w, c->session), "a session lives on its own worker");
    }
    cw_record_check(w);
    CW_LIST_EACH(node, &w->session_list)
    {
        struct cw_session *s = CW_LIST_OWNER(node, struct cw_session, node);
        cw_session_check(s);
        connected += s->connected;
    }
    CW_CHECK(taking_part == connected, "each connection that takes part is counted once");
    CW_CHECK(cw_list_is_empty(&w->dirty), "a step flushes what it touched");
    CW_CHECK(w->displaced.used == 0, "a step looks at every CLOSE that has come");
    CW_CHECK(w->blank.held == NULL && cw_frame_reader_is_at_rest(&w->blank.reader) &&
                 cw_websocket_is_at_rest(&w->blank.websocket),
             "what is partly received stays with its connection");
}

void cw_sim_check_stopped(struct cw_worker *w)
{
    uint32_t kept = 0;
    CW_LIST_EACH(node, &w->session_list)
    {
        struct cw_session *s = CW_LIST_OWNER(node, struct cw_session, node);
        CW_CHECK(s->connected == 0, "nobody is left");
        kept += cw_fanout_kept(s);
    }
    CW_CHECK(w->conn_pool.used == 0 && w->chunk_pool.used == 0 && w->arrival_pool.used == 0 &&
                 w->input_pool.used == 0,
             "every connection was freed");
    struct cw_tls_worker_stats tls;
    cw_tls_worker_stats(w->tls, &tls);
    CW_CHECK(tls.connections == 0 && tls.handshakes == 0 && tls.buffers == 0, "so was its TLS");
    CW_CHECK(w->small_output_pool.used == 0 && w->large_output_pool.used == 0,
             "nothing is being sent");
    CW_CHECK(w->entry_pool.used == 0 && w->queue_pool.used == 0, "every queue is empty");
    CW_CHECK(cw_frame_pools_used(&w->frames) == kept, "every frame was given back");
    CW_CHECK(w->socket_count == 0, "no socket is remembered");
    CW_CHECK(w->records.blocks.used == 0 || !cw_record_is_idle(w),
             "every block is on the disk, was dropped, or hangs there");
    CW_CHECK(w->requests.used == 0 && w->devices.used == 0, "nobody waits");
}
