/* SPDX-License-Identifier: Apache-2.0 */
/* engine/message_table.h - one table: who may send what, when, with which permission, and where it goes.
 *
 * Owner:     constant.
 * Thread:    any; pure.
 * Errors:    cw_message_judge gives 0 or an enum cw_close_code.
 * Limits:    sizes are in CW_MESSAGES (engine/wire/frame.h).
 * Invariant: every type of CW_MESSAGES has exactly one rule.
 */
#ifndef CW_ENGINE_MESSAGE_TABLE_H
#define CW_ENGINE_MESSAGE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/wire/frame.h"

enum cw_route {
    CW_ROUTE_NONE, /* no endpoint may send it */
    CW_ROUTE_HELLO,
    CW_ROUTE_PING,
    CW_ROUTE_PONG,
    CW_ROUTE_CLOSE,
    CW_ROUTE_END,       /* SESSION_END */
    CW_ROUTE_ACK,       /* SCREEN_ACK: the highest goes to the source */
    CW_ROUTE_SOURCE,    /* to the session's source */
    CW_ROUTE_VIEWERS,   /* to every participant with receiver_needs */
    CW_ROUTE_CONTROL,   /* copied over the link */
    CW_ROUTE_RENDITION, /* what the source can produce */
    CW_ROUTE_STREAM,    /* to the other end of the stream it names */
};

enum cw_phase {
    CW_PHASE_HELLO = 1,    /* nothing was said yet */
    CW_PHASE_AWAITING = 2, /* control is asked */
    CW_PHASE_OPEN = 4,
};

struct cw_message_rule {
    uint8_t route;  /* enum cw_route */
    uint8_t phases; /* enum cw_phase, or-ed */
    uint8_t
        roles; /* 1 << enum cw_role, or-ed; 0: any. Of who may send it; of what only control sends
                       * (CW_ROUTE_NONE) of who may receive it */
    bool is_forgiven; /* dropped, not punished, when the permission was just withdrawn */
    uint64_t sender_needs;
    uint64_t receiver_needs;
};

/* NULL for a type that does not exist. */
const struct cw_message_rule *cw_message_rule(uint8_t type);
/* State before role before permission, as PROTOCOL.md section 3 orders them. The session number is
 * checked between the first two by the caller, who gives whether it fits. */
uint16_t cw_message_judge(const struct cw_message_rule *rule, enum cw_phase phase,
                          bool session_fits, uint8_t role, uint64_t permissions);
/* Whether control's message may go to a connection with this role and these permissions. */
bool cw_message_may_receive(const struct cw_message_rule *rule, uint8_t role, uint64_t permissions);

#endif
