/* SPDX-License-Identifier: Apache-2.0 */
/* engine/record.h - writes down what passes in a session, like one more viewer whose screen is a file.
 *
 * Owner:     the worker. A recorder outlives its session until its last part is on the disk and sealed.
 * Thread:    the worker's.
 * Units:     bytes, ns.
 * Errors:    cw_record_begin: an enum cw_close_code. Taps give false when the session must be recorded and cannot be:
 *            what was to pass must not. The session ends with the next turn of the timers, never inside a tap.
 * Limits:    CW_RELAY_RECORD_*: blocks a session and a worker, how long the disk may take.
 * Invariant: cw_record_check: a frame of a session that must be recorded is in a block before anybody receives
 *            it; blocks in use are those of the queues and of the builders.
 *
 *   (ticket's flags) -> WRITING <-> PAUSED (wanted only: the disk fails, tried again)
 *                          \----------\--> FINISHING (END was written) -> SEALING -> gone
 *
 * What is written, and how: engine/RECORDING.md. A part that cannot be written further is left as it is, and
 * the next one names its last whole block.
 */
#ifndef CW_ENGINE_RECORD_H
#define CW_ENGINE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/list.h"
#include "engine/base/pool.h"
#include "engine/base/table.h"
#include "engine/base/timer.h"
#include "engine/frame_buffer.h"
#include "engine/io.h"
#include "engine/wire/link.h"
#include "engine/wire/recording.h"

struct cw_worker;
struct cw_session;
struct cw_participant;

enum cw_recorder_state {
    CW_RECORDER_WRITING,
    CW_RECORDER_PAUSED,    /* nothing is written; the timer tries a new part */
    CW_RECORDER_FINISHING, /* the session is over; what waits goes to the disk */
    CW_RECORDER_SEALING,   /* all is on the disk; control was told */
};

enum cw_record_sync { CW_RECORD_OUT, CW_RECORD_JOINING, CW_RECORD_IN };

/* A part of an earlier engine, found at the start (engine/record_scan.h). */
struct cw_record_found {
    struct cw_recording_header header;
    struct cw_recording_chain chain; /* behind the last whole block */
    uint64_t bytes;                  /* up to it */
    bool is_ended;                   /* its last record is END */
    bool is_sealed;                  /* in the file or beside it */
};

struct cw_record_list {
    struct cw_record_found *items;
    unsigned count;
};

/* What the engine's main gives a worker. */
struct cw_record_config {
    bool is_possible;   /* there is a folder */
    const uint8_t *key; /* of encrypted recordings, or NULL */
    uint64_t room_bytes_min;
    uint64_t (*room_bytes)(void *user); /* free space; NULL: not asked */
    void *user;
    const struct cw_record_list *found; /* filled before the first step; NULL: nothing */
};

struct cw_record_block {
    struct cw_list node;
    uint32_t bytes;
    uint32_t record_count;
    bool is_header; /* of the file: no block of the chain */
    uint8_t data[CW_RECORDING_BLOCK_BYTES_MAX];
};

struct cw_recorder {
    struct cw_list node;        /* in worker->records.recorders */
    struct cw_session *session; /* NULL: over */
    struct cw_timer timer;
    enum cw_recorder_state state;
    bool is_required;
    bool is_sealed;  /* the seal is in the queue: then it is done */
    bool is_ending;  /* it was required and failed: the session ends next */
    bool is_closing; /* goes when its request has come back */
    cw_file file;    /* 0: none */
    struct cw_recording_header header;
    struct cw_recording_chain chain;   /* of blocks built */
    struct cw_recording_chain written; /* of blocks wholly in the file */
    bool has_header;                   /* the file begins with its header */
    uint8_t file_key[CW_KEY_BYTES];
    uint64_t start_ns;
    uint64_t offset; /* bytes in the file */

    struct cw_list queue; /* of struct cw_record_block, in order */
    uint32_t queue_blocks;
    uint32_t head_bytes;           /* of the first one that were written */
    struct cw_record_block *block; /* being filled, or NULL */
    struct cw_recording_builder builder;
    uint64_t block_ns; /* when its first record came */

    bool is_busy; /* a request is in flight */
    bool is_syncing;
    bool is_dirty; /* written since the last sync */
    uint64_t busy_ns;
    uint64_t synced_ns;

    /* as a viewer */
    uint8_t sync; /* enum cw_record_sync */
    bool takes_screen;
    bool wants_keyframe;
    bool has_changed; /* an update was written behind the last keyframe */
    uint64_t keyframe_ns;
    uint64_t line_sequence; /* the newest CHAT_LINE or SIDE_LINE */
    bool holds_ack;         /* for the source, when the disk has caught up */
    uint32_t held_ack;      /* the newest one: an update's number */

    bool is_gapped;
    struct cw_record_gap gap;
    struct cw_record_gap gap_put; /* in a block that is not in the file yet */
    const char *why;              /* constant text: why it is PAUSED or gapped */
};

struct cw_records {
    struct cw_pool recorders;
    struct cw_pool blocks;
    struct cw_table by_file;
    struct cw_list list;
    bool has_told;                          /* control was told of config.found */
    char why[CW_REASON_TEXT_BYTES_MAX + 1]; /* the last refusal, for whoever joins */
};

int cw_records_init(struct cw_worker *w);
void cw_records_fini(struct cw_worker *w);

/* ---- record.c: what is taken ----------------------------------------------------------------------- */

/* flags: of a ticket. Starts what they ask for, unless it runs already. RECORDING_FAILED: the session is gone, and
 * worker->records.why says why. */
uint16_t cw_record_begin(struct cw_worker *w, struct cw_session *s, uint8_t flags);
/* A frame that passes, before anybody receives it. participant: whose, 0 control's; is_to: control sent it. */
bool cw_record_frame(struct cw_worker *w, struct cw_session *s, uint32_t participant, bool is_to,
                     struct cw_frame_buffer *f);
/* The same for what control sends as a message of one frame. */
bool cw_record_message(struct cw_worker *w, struct cw_session *s, uint32_t to, uint8_t type,
                       const uint8_t *payload, size_t payload_bytes);
void cw_record_participant(struct cw_worker *w, const struct cw_participant *p,
                           enum cw_recording_change change, uint16_t code);
void cw_record_source_changed(struct cw_session *s);
/* The recorder is out of sync, or it is time for a seek point. */
bool cw_record_wants_keyframe(const struct cw_session *s);
/* True: the acknowledgement waits here until the disk has caught up. */
bool cw_record_holds_ack(const struct cw_session *s, uint32_t update);
/* The session ends; it must not be used here any more. */
void cw_record_end(struct cw_worker *w, struct cw_session *s, uint16_t code, const char *text,
                   size_t text_bytes);
void cw_record_check(const struct cw_worker *w);
/* It must be recorded and cannot be: nothing more passes, and its timer ends it. */
bool cw_record_is_ending(const struct cw_session *s);
/* "off", "on", "required", "paused". */
const char *cw_record_state_name(const struct cw_session *s);

/* ---- record_write.c: to the disk ---------------------------------------------------------------------- */

/* Makes the next part's file. */
bool cw_record_open(struct cw_worker *w, struct cw_recorder *r);
/* Adds to the block being filled; false: no room, the caller decides. */
bool cw_record_put(struct cw_worker *w, struct cw_recorder *r, const struct cw_record *record);
void cw_record_pump(struct cw_worker *w, struct cw_recorder *r);
void cw_record_on_file(struct cw_worker *w, cw_file file, int32_t result);
void cw_record_on_timer(struct cw_worker *w, struct cw_recorder *r);
/* Forgets what waits and leaves the file as it is. */
void cw_record_abandon(struct cw_worker *w, struct cw_recorder *r);
/* Nothing is in flight, and its session is over. */
void cw_record_free(struct cw_worker *w, struct cw_recorder *r);
void cw_record_arm(struct cw_worker *w, struct cw_recorder *r);
/* The worker stops: every recording gets its end. */
void cw_record_stop_all(struct cw_worker *w, uint16_t code);
/* Nothing waits for the disk. */
bool cw_record_is_idle(const struct cw_worker *w);

/* ---- record_seal.c: with control ------------------------------------------------------------------------ */

void cw_record_tell(struct cw_worker *w, uint32_t session, uint8_t kind, const char *text);
void cw_record_tell_part(struct cw_worker *w, const struct cw_recording_header *header,
                         const struct cw_recording_chain *chain, uint64_t bytes, bool is_whole);
/* Control is there: it hears of parts that an earlier engine left. */
void cw_record_tell_found(struct cw_worker *w);
void cw_record_on_seal(struct cw_worker *w, const struct cw_link_message *m);
/* Of a session whose earlier part was found, or NULL. */
struct cw_record_found *cw_record_find(struct cw_worker *w, uint32_t session);

/* Callbacks into record.c. */
void cw_record_failed(struct cw_worker *w, struct cw_recorder *r, const char *why);
/* Its session ends now. */
void cw_record_give_up(struct cw_worker *w, struct cw_recorder *r);
void cw_record_caught_up(struct cw_worker *w, struct cw_recorder *r);
void cw_record_resume(struct cw_worker *w, struct cw_recorder *r);

#endif
