/* SPDX-License-Identifier: Apache-2.0 */
/* engine/viewer.h - one viewer of a screen: in sync or not, on which rendition, and when that changes.
 *
 * Owner:     the participant it is part of; this is all that fan-out keeps of a viewer besides its queue.
 * Thread:    the worker's; pure.
 * Units:     ns, bytes.
 * Limits:    CW_VIEWER_* (relay_limits.h), each with its derivation.
 * Invariant: takes_screen only while a message is under way; wanted != rendition until the wanted one's next
 *            keyframe.
 *
 *            keyframe begins          keyframe ends
 *      OUT ------------------> JOINING -------------> IN
 *       ^                        |                     |
 *       | the kernel took        | falls               | falls
 *       | what was left          v                     |
 *       +-------------------- BLOCKED <----------------+
 */
#ifndef CW_ENGINE_VIEWER_H
#define CW_ENGINE_VIEWER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/relay_limits.h"

enum cw_viewer_sync {
    CW_VIEWER_BLOCKED, /* fell out; what was already on its way has not left yet */
    CW_VIEWER_OUT,     /* waits for a keyframe */
    CW_VIEWER_JOINING, /* a keyframe is being taken */
    CW_VIEWER_IN,
};

struct cw_viewer {
    uint8_t sync;         /* enum cw_viewer_sync */
    uint8_t rendition;    /* of which frames are for it */
    uint8_t wanted;       /* the rendition it goes to at that one's next keyframe */
    uint8_t falls;        /* since fell_ns */
    uint8_t returns;      /* times it left the reduced rendition, forgotten after a good while */
    bool takes_screen;    /* frames of the current screen message are for it */
    bool takes_cursor;    /* the same for the cursor channel */
    bool reset_is_due;    /* it does not know its rendition's size */
    bool is_pacer;        /* it controls: the source follows it */
    uint64_t fell_ns;     /* the first of falls */
    uint64_t behind_ns;   /* since when it has not caught up; 0: it has */
    uint64_t calm_ns;     /* reduced: since when nothing waited for it */
    uint64_t owed_ns;     /* since when it has not acknowledged what it was sent; 0: it has */
    uint64_t returned_ns; /* when it left the reduced rendition */
};

/* What a viewer's queue looks like after a frame was put into it. */
struct cw_viewer_look {
    uint64_t now_ns;
    uint64_t oldest_ns;   /* when its oldest waiting screen frame arrived */
    uint64_t progress_ns; /* when the kernel last took a byte; now_ns when it has nothing to take */
    uint64_t bytes;       /* waiting on the screen channel */
    uint64_t bytes_max;
    uint64_t picture_bytes; /* what a keyframe may cost */
};

/* A viewer that just came, and one whose source has changed: full rendition, out of sync. */
void cw_viewer_init(struct cw_viewer *v);
/* Out of sync without blame: the source or the size has changed. */
void cw_viewer_restart(struct cw_viewer *v, bool is_blocked);
/* A message of a rendition begins: whether it is for this viewer. *ret_is_switch: it leaves its rendition. */
bool cw_viewer_begin(struct cw_viewer *v, uint8_t rendition, bool is_keyframe, bool *ret_is_switch);
/* The message that it takes has ended. */
void cw_viewer_end(struct cw_viewer *v);
/* Keeps time of how it keeps up; true when it must fall out of sync. */
bool cw_viewer_look(struct cw_viewer *v, const struct cw_viewer_look *look);
void cw_viewer_fall(struct cw_viewer *v, bool is_blocked, uint64_t now_ns);
/* What was left of a blocked viewer has left. */
void cw_viewer_drained(struct cw_viewer *v);
/* It was sent a message, or has shown one. What lies in buffers beyond the engine is seen by this alone. */
void cw_viewer_sent(struct cw_viewer *v, uint64_t now_ns);
void cw_viewer_shown(struct cw_viewer *v, bool is_newest, uint64_t now_ns);
/* Whether it waits for a keyframe of this rendition. */
bool cw_viewer_needs(const struct cw_viewer *v, uint8_t rendition);
/* It stays slow: it should get the reduced rendition. */
bool cw_viewer_is_slow(const struct cw_viewer *v, uint64_t now_ns);
void cw_viewer_reduce(struct cw_viewer *v, uint64_t now_ns);
/* Now and then, while reduced. is_idle: nothing waits for it anywhere. True: it went back to full. */
bool cw_viewer_review(struct cw_viewer *v, bool is_idle, uint64_t now_ns);

#endif
