/* SPDX-License-Identifier: Apache-2.0 */
/* Queues as representatives see them, and what they do with waiting sessions. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/queue/operations.h"
#include "control/queue/queue.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "engine/base/err.h"

int cw_op_queue_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < c->live_count; i++) {
        const struct cw_live_session *session = c->live[i];
        if (session->is_over || session->row.account != request->account ||
            session->row.state != CW_SESSION_WAITING)
            continue;
        json_array_append_new(
            rows, json_pack("{s:I, s:s, s:I, s:s}", "session", (json_int_t)session->row.id,
                            "customer", session->row.customer, "waiting_since_unix_ms",
                            (json_int_t)session->row.created_ms, "state", "waiting"));
    }
    reply->json = json_pack("{s:o}", "queue", rows);
    return 0;
}
