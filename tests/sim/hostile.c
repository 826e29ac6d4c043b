/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/check.h"
#include "engine/wire/message.h"
#include "tests/sim/scenario.h"

static void hostile_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                          const uint8_t *payload)
{
    (void)user;
    (void)e;
    (void)payload;
    CW_CHECK(f->channel != CW_CHANNEL_SCREEN && f->channel != CW_CHANNEL_CHAT &&
                 f->channel != CW_CHANNEL_CURSOR,
             "a hostile endpoint learns nothing");
}

/* A participant without any permission that sends what it must not. */
void cw_hostile_act(struct cw_scenario *s, uint32_t participant)
{
    struct cw_double_session *session = cw_double_session(s->control, 1);
    if (s->hostile == NULL) {
        if (!cw_sim_session_lives(session))
            return;
        struct cw_ticket t =
            cw_double_ticket(s->control, session, participant, CW_TICKET_KIND_JOIN);
        if (cw_sim_chance(s, 3) == 0)
            t.permissions = cw_sim_viewer_all; /* forged: the signature does not cover it */
        s->hostile =
            cw_endpoint_new(s->net, cw_sim_chance(s, 2) == 0, &t,
                            session->participants[participant - 1].seed, hostile_frame, NULL);
        s->counts->hostile++;
    } else if (cw_endpoint_state(s->hostile) == CW_ENDPOINT_OVER) {
        s->hostile = cw_endpoint_free(s->hostile);
    } else if (cw_endpoint_state(s->hostile) == CW_ENDPOINT_OPEN) {
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)cw_sim_chance(s, 256);
        struct cw_frame f = {
            .type = (uint8_t)(cw_sim_chance(s, 2) ? CW_MESSAGE_KEY : CW_MESSAGE_SCREEN_UPDATE),
            .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
            .session = (uint32_t)(1 + cw_sim_chance(s, 3)),
            .length = 8};
        f.channel = cw_message_info(f.type)->channel;
        if (cw_sim_chance(s, 2) == 0)
            cw_endpoint_send_raw(s->hostile, bytes, sizeof bytes);
        else
            cw_endpoint_send(s->hostile, &f, bytes);
    }
}
