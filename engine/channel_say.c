/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/channel_say.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/session.h"
#include "engine/worker_state.h"

const uint64_t cw_stream_permissions = CW_PERMIT(SHELL) | CW_PERMIT(CLIPBOARD) | CW_PERMIT(SYSTEM) |
                                       CW_PERMIT(FILE) | CW_PERMIT(TUNNEL);

bool cw_channel_is_here(const struct cw_stream_end *e)
{
    return e->participant != NULL && e->participant->conn != NULL;
}

void cw_channel_say_credit(struct cw_worker *w, const struct cw_relay_stream *rs,
                           const struct cw_stream_end *to, const struct cw_stream_end *about,
                           uint8_t flags)
{
    struct cw_credit m = {
        .id = rs->id, .flags = flags, .received = about->received, .limit = about->limit};
    uint8_t payload[24];
    size_t size = 0;
    int err = cw_credit_encode(&m, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "it fits");
    if (cw_channel_is_here(to))
        cw_conn_send_message(w, to->participant->conn, CW_MESSAGE_CREDIT, payload, size);
}

void cw_channel_say_open(struct cw_worker *w, const struct cw_relay_stream *rs,
                         const struct cw_stream_end *to, const struct cw_stream_end *by,
                         const struct cw_stream_open *opened)
{
    struct cw_stream_open m = {
        .id = rs->id, .participant = by->number, .received = by->received, .limit = by->limit};
    uint8_t payload[28 + CW_STREAM_PARAMETERS_BYTES_MAX];
    size_t size = 0;
    if (opened != NULL) {
        m.parameters = opened->parameters;
        m.parameters_bytes = opened->parameters_bytes;
    } else {
        m.flags = CW_STREAM_OPEN_RESUME;
        if (by == &rs->ends[1])
            m.flags |= CW_STREAM_OPEN_SERVER;
    }
    int err = cw_stream_open_encode(&m, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "it came over the wire like this");
    if (cw_channel_is_here(to)) {
        (void)cw_record_message(w, rs->session, to->participant->number, CW_MESSAGE_STREAM_OPEN,
                                payload, size);
        cw_conn_send_message(w, to->participant->conn, CW_MESSAGE_STREAM_OPEN, payload, size);
    }
}

void cw_channel_say_close(struct cw_worker *w, struct cw_conn *c, const struct cw_stream_id *id,
                          uint16_t code, const char *text)
{
    struct cw_stream_close m = {.id = *id, .code = code, .text = text, .text_bytes = strlen(text)};
    uint8_t payload[18 + CW_REASON_TEXT_BYTES_MAX];
    size_t size = 0;
    int err = cw_stream_close_encode(&m, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "our own texts are short");
    cw_conn_send_message(w, c, CW_MESSAGE_STREAM_CLOSE, payload, size);
}

void cw_channel_say_peer(struct cw_worker *w, struct cw_participant *to,
                         const struct cw_participant *about, bool connected)
{
    struct cw_peer_note m = {
        .participant = about->number, .role = about->role, .connected = connected};
    uint8_t payload[8];
    size_t size = 0;
    int err = cw_peer_note_encode(&m, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "it fits");
    if (to->conn != NULL)
        cw_conn_send_message(w, to->conn, CW_MESSAGE_PEER, payload, size);
}

bool cw_channel_hears_of_source(const struct cw_participant *p, const struct cw_participant *about)
{
    return (p->permissions & cw_stream_permissions) != 0 &&
           (about->permissions & CW_PERMIT(SOURCE_SCREEN)) != 0;
}

void cw_channel_source_changed(struct cw_worker *w, struct cw_participant *source, bool connected)
{
    CW_LIST_EACH(node, &source->session->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p != source && p->conn != NULL && (p->permissions & cw_stream_permissions) != 0)
            cw_channel_say_peer(w, p, source, connected);
    }
}

void cw_channel_gained(struct cw_worker *w, struct cw_participant *p, uint64_t gained)
{
    struct cw_session *s = p->session;
    if ((gained & cw_stream_permissions) != 0 && s->source != NULL && s->source != p)
        cw_channel_say_peer(w, p, s->source, true);
}
