/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/viewer.h"

#include "engine/base/check.h"
#include "engine/wire/frame.h"

static const uint64_t ms_ns = UINT64_C(1000000);

void cw_viewer_init(struct cw_viewer *v)
{
    *v = (struct cw_viewer){.sync = CW_VIEWER_OUT};
}

void cw_viewer_restart(struct cw_viewer *v, bool is_blocked)
{
    v->sync = is_blocked ? CW_VIEWER_BLOCKED : CW_VIEWER_OUT;
    v->takes_screen = false;
    v->behind_ns = 0;
}

static bool begin_keyframe(struct cw_viewer *v, uint8_t rendition, bool *ret_is_switch)
{
    if (!cw_viewer_needs(v, rendition))
        return false;
    *ret_is_switch = v->rendition != rendition;
    v->owed_ns = 0;
    if (*ret_is_switch) {
        v->rendition = rendition;
        v->behind_ns = 0;
        v->falls = 0;
        v->reset_is_due = true;
    }
    v->sync = CW_VIEWER_JOINING;
    return true;
}

bool cw_viewer_begin(struct cw_viewer *v, uint8_t rendition, bool is_keyframe, bool *ret_is_switch)
{
    *ret_is_switch = false;
    if (is_keyframe)
        v->takes_screen = begin_keyframe(v, rendition, ret_is_switch);
    else
        v->takes_screen = v->sync == CW_VIEWER_IN && v->rendition == rendition;
    return v->takes_screen;
}

void cw_viewer_end(struct cw_viewer *v)
{
    v->takes_screen = false;
    if (v->sync == CW_VIEWER_JOINING)
        v->sync = CW_VIEWER_IN;
}

bool cw_viewer_look(struct cw_viewer *v, const struct cw_viewer_look *look)
{
    const uint64_t late_ns = CW_VIEWER_LATE_MS * ms_ns;
    bool is_late = look->now_ns - look->oldest_ns >= late_ns;
    bool is_stalled = look->now_ns - look->progress_ns >= late_ns;
    if (look->oldest_ns == look->now_ns)
        v->behind_ns = 0; /* everything before this frame has left */
    else if (is_late && v->behind_ns == 0)
        v->behind_ns = look->oldest_ns;
    if (look->oldest_ns != look->now_ns)
        v->calm_ns = look->now_ns;
    if (v->sync != CW_VIEWER_JOINING && v->sync != CW_VIEWER_IN)
        return false; /* it only gets the rest of what it had begun to get */
    return look->bytes > look->bytes_max ||
           (is_late && (is_stalled || look->bytes > 2 * look->picture_bytes));
}

void cw_viewer_fall(struct cw_viewer *v, bool is_blocked, uint64_t now_ns)
{
    if (v->falls == 0 || now_ns - v->fell_ns >= CW_VIEWER_FALLS_MS * ms_ns) {
        v->fell_ns = now_ns;
        v->falls = 0;
    }
    if (v->falls < UINT8_MAX)
        v->falls++;
    v->sync = is_blocked ? CW_VIEWER_BLOCKED : CW_VIEWER_OUT;
    v->behind_ns = 0;
    v->calm_ns = now_ns;
}

void cw_viewer_drained(struct cw_viewer *v)
{
    CW_DCHECK(v->sync == CW_VIEWER_BLOCKED, "only who was blocked is drained");
    v->sync = CW_VIEWER_OUT;
}

void cw_viewer_sent(struct cw_viewer *v, uint64_t now_ns)
{
    if (v->owed_ns == 0)
        v->owed_ns = now_ns;
}

static bool is_late_in_showing(const struct cw_viewer *v, uint64_t now_ns)
{
    return v->owed_ns != 0 && now_ns - v->owed_ns >= CW_VIEWER_LATE_MS * ms_ns;
}

void cw_viewer_shown(struct cw_viewer *v, bool is_newest, uint64_t now_ns)
{
    if (is_late_in_showing(v, now_ns))
        v->calm_ns = now_ns;
    v->owed_ns = is_newest ? 0 : now_ns;
}

bool cw_viewer_needs(const struct cw_viewer *v, uint8_t rendition)
{
    if (v->wanted != rendition || v->sync == CW_VIEWER_BLOCKED)
        return false;
    return v->sync == CW_VIEWER_OUT || v->rendition != rendition;
}

bool cw_viewer_is_slow(const struct cw_viewer *v, uint64_t now_ns)
{
    if (v->wanted != CW_RENDITION_FULL)
        return false; /* there is no smaller one */
    bool falls_often =
        v->falls >= CW_VIEWER_FALLS_MAX && now_ns - v->fell_ns < CW_VIEWER_FALLS_MS * ms_ns;
    bool is_always_behind =
        v->behind_ns != 0 && now_ns - v->behind_ns >= CW_VIEWER_BEHIND_MS * ms_ns;
    return falls_often || is_always_behind;
}

void cw_viewer_reduce(struct cw_viewer *v, uint64_t now_ns)
{
    if (now_ns - v->returned_ns >= CW_VIEWER_RETURNS_MS * ms_ns)
        v->returns = 0;
    v->wanted = CW_RENDITION_REDUCED;
    v->falls = 0;
    v->behind_ns = 0;
    v->calm_ns = now_ns;
}

bool cw_viewer_review(struct cw_viewer *v, bool is_idle, uint64_t now_ns)
{
    if (v->wanted != CW_RENDITION_REDUCED || v->rendition != CW_RENDITION_REDUCED)
        return false;
    if (!is_idle || v->sync != CW_VIEWER_IN || is_late_in_showing(v, now_ns))
        v->calm_ns = now_ns;
    unsigned doublings =
        v->returns < CW_VIEWER_CALM_DOUBLINGS_MAX ? v->returns : CW_VIEWER_CALM_DOUBLINGS_MAX;
    if (now_ns - v->calm_ns < (CW_VIEWER_CALM_MS * ms_ns) << doublings)
        return false;
    v->wanted = CW_RENDITION_FULL;
    v->returned_ns = now_ns;
    if (v->returns < UINT8_MAX)
        v->returns++;
    return true;
}
