/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/invariants.h"

#include "engine/base/check.h"
#include "engine/worker_state.h"

static void check_queue(const struct cw_worker *w, const struct cw_conn *c)
{
    const struct cw_queue *q = &c->queue;
    uint32_t bytes = 0;
    for (unsigned i = 0; i < CW_CHANNEL_COUNT; i++) {
        CW_CHECK((q->channels[i].head == NULL) == (q->channels[i].bytes == 0), "bytes are frames");
        bytes += q->channels[i].bytes;
    }
    CW_CHECK(bytes == q->bytes, "the sum of the channels");
    CW_CHECK(cw_queue_reliable_bytes(q) <= w->settings.reliable_queue_bytes + CW_FRAME_BYTES_MAX,
             "the reliable queue has a limit");
    CW_CHECK(q->channels[CW_CHANNEL_SCREEN].bytes <=
                 w->settings.viewer_queue_bytes + CW_SCREEN_MESSAGE_BYTES_MAX,
             "a viewer's queue is its limit and at most the message that is under way");
    CW_CHECK(c->unsent_bytes <= CW_RELAY_BATCH_BYTES * 4, "the output is a few batches");
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
    CW_LIST_EACH(node, &w->session_list)
    {
        struct cw_session *s = CW_LIST_OWNER(node, struct cw_session, node);
        cw_session_check(s);
        connected += s->connected;
    }
    CW_CHECK(taking_part == connected, "each connection that takes part is counted once");
    CW_CHECK(cw_list_is_empty(&w->dirty), "a step flushes what it touched");
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
    CW_CHECK(w->conn_pool.used == 0 && w->chunk_pool.used == 0, "every connection was freed");
    CW_CHECK(w->entry_pool.used == 0, "every queue is empty");
    CW_CHECK(w->frames.small.used + w->frames.large.used == kept, "every frame was given back");
    CW_CHECK(w->by_socket.used == 0 && w->by_upstream.used == 0, "no socket is remembered");
    CW_CHECK(w->requests.used == 0 && w->devices.used == 0, "nobody waits");
}
