/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/rendition.h"

#include "engine/base/check.h"

static const uint64_t ms_ns = UINT64_C(1000000);

void cw_rendition_init(struct cw_rendition *r)
{
    *r = (struct cw_rendition){.sync_look_ns = UINT64_MAX, .ack_look_ns = UINT64_MAX};
}

void cw_rendition_on_reset(struct cw_rendition *r, const struct cw_screen_reset *reset,
                           uint64_t now_ns)
{
    r->has_answered = true;
    r->keyframe_is_due = false;
    r->pacers_are_late = false;
    r->newest = reset->update;
    r->acked = reset->update - 1; /* the keyframe is owed an acknowledgement */
    r->shown = r->acked;
    r->owed_ns = now_ns;
    r->ack_look_ns = UINT64_MAX;
    r->picture_bytes = 0;
    /* The source sends the keyframe by itself: it is asked only when that does not come. */
    r->sync_look_ns = now_ns + CW_RELAY_SYNC_AFTER_RESET_MS * ms_ns;
}

void cw_rendition_on_update(struct cw_rendition *r, const struct cw_frame *f, uint32_t bytes,
                            uint64_t now_ns)
{
    bool is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        r->message_bytes = 0;
        if (is_keyframe) {
            r->keyframe_is_due = false;
        } else {
            if (r->acked == r->newest)
                r->owed_ns = now_ns;
            r->newest++;
        }
    }
    r->message_bytes += bytes;
    bool is_last = (f->flags & CW_FLAG_LAST) != 0;
    if ((is_last && is_keyframe) || r->message_bytes > r->picture_bytes)
        r->picture_bytes = r->message_bytes;
}

bool cw_rendition_sync(struct cw_rendition *r, uint64_t interval_ns, uint64_t now_ns)
{
    if (r->keyframe_is_due)
        return false;
    if (r->sync_sent_ns != 0 && now_ns - r->sync_sent_ns < interval_ns) {
        r->sync_look_ns = r->sync_sent_ns + interval_ns;
        return false;
    }
    r->keyframe_is_due = true;
    r->sync_sent_ns = now_ns;
    r->sync_look_ns = now_ns + CW_RELAY_SYNC_RETRY_MS * ms_ns;
    return true;
}

/* The source has waited long enough for those it follows. */
static bool is_overdue(const struct cw_rendition *r, uint64_t now_ns)
{
    return now_ns - r->owed_ns >= CW_RELAY_ACK_STALE_MS * ms_ns;
}

static void pass(struct cw_rendition *r, uint32_t update, uint64_t now_ns)
{
    CW_DCHECK((int32_t)(r->newest - update) >= 0, "nobody has shown what was not sent");
    r->acked = update;
    r->owed_ns = now_ns;
    r->ack_look_ns = UINT64_MAX;
}

bool cw_rendition_ack(struct cw_rendition *r, uint32_t update, bool is_pacer, bool has_pacers,
                      uint64_t now_ns, uint32_t *ret_update)
{
    /* What was never sent is a lie and changes nothing. */
    if (r->reset == NULL || (int32_t)(r->newest - update) < 0)
        return false;
    if (is_pacer && r->newest - update < CW_RELAY_ACK_WINDOW)
        r->pacers_are_late = false;
    if ((int32_t)(update - r->shown) > 0)
        r->shown = update;
    if ((int32_t)(update - r->acked) <= 0)
        return false;
    if (!is_pacer && has_pacers && !r->pacers_are_late && !is_overdue(r, now_ns)) {
        r->ack_look_ns = r->owed_ns + CW_RELAY_ACK_STALE_MS * ms_ns;
        return false;
    }
    if (!is_pacer && has_pacers)
        r->pacers_are_late = true;
    pass(r, update, now_ns);
    *ret_update = update;
    return true;
}

bool cw_rendition_ack_due(struct cw_rendition *r, uint64_t now_ns, uint32_t *ret_update)
{
    if (r->ack_look_ns == UINT64_MAX || (int32_t)(r->shown - r->acked) <= 0) {
        r->ack_look_ns = UINT64_MAX;
        return false;
    }
    if (!is_overdue(r, now_ns)) {
        r->ack_look_ns = r->owed_ns + CW_RELAY_ACK_STALE_MS * ms_ns;
        return false;
    }
    r->pacers_are_late = true;
    *ret_update = r->shown;
    pass(r, r->shown, now_ns);
    return true;
}

uint32_t cw_rendition_picture_bytes(const struct cw_rendition *r)
{
    return r->picture_bytes > CW_RELAY_BULK_BATCH_BYTES ? r->picture_bytes
                                                        : CW_RELAY_BULK_BATCH_BYTES;
}
