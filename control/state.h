/* SPDX-License-Identifier: Apache-2.0 */
/* control/state.h - struct cw_control: what lives in memory beside the store.
 *
 * Owner:     cw_control_new/free; live sessions are made and freed in live.c only.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    cw_live_add: CW_ERR_NOMEM, CW_ERR_FULL.
 * Limits:    CW_SESSIONS_LIVE_MAX, CW_LINKS_MAX.
 * Invariant: every session that the store says is not ended is in live, and nothing else is, but
 *            for sessions that are over and wait for the store to be writable (is_over).
 */
#ifndef CW_CONTROL_STATE_H
#define CW_CONTROL_STATE_H

#include "control/account/budget.h"
#include "control/account/hash_pool.h"
#include "control/control.h"
#include "control/queue/model.h"
#include "control/store/store_policy.h"
#include "engine/wire/frame.h"
#include "engine/wire/setting.h"

struct cw_live_participant {
    struct cw_participant row;
    bool is_up;
    bool was_up;            /* since control started: decides "joined" or "is back" */
    uint64_t away_since_ms; /* 0: it is there, or it cannot be told now */
    uint64_t permissions;   /* what the engine holds while it is up */
    uint64_t ticketed;      /* what tickets that were not denied may say */
    uint64_t renew_ms;      /* when its resume ticket is due; 0: it needs one */
    uint64_t asked_ms;      /* since when both it and the customer were there; 0: they were not */
    bool is_prompt_over;    /* the customer's time to answer ran out, or control was restarted */
    bool is_shut_out;       /* its account is disabled or removed, and its tickets are denied */
    bool has_answered;      /* the customer has said yes or no since control started */
    bool is_unsaved;        /* consent was withdrawn while the store could not be written */
};

struct cw_tool_question { /* session/tool_question.h */
    uint32_t participant;
    uint8_t tool;      /* enum cw_tool */
    bool is_yes;       /* what silence means */
    uint64_t until_ms; /* 0: no end */
};

struct cw_live_session {
    struct cw_session row;
    struct cw_control_link *link;      /* the worker that has it; NULL: none */
    uint64_t absent_since_ms;          /* 0: it is present, or it cannot be told now */
    uint64_t source_asked_ms;          /* when the Jump Client was last offered the session */
    struct cw_live_session *item_next; /* of another one in the same list of live_items */
    struct cw_live_participant *participants;
    uint32_t participant_count;
    struct cw_queue_session q; /* the same session for the rules of queues */
    uint64_t told_ms;          /* when the waiting customer was last told where it stands */
    uint64_t wake_ms;          /* since when its Jump Client is being woken; 0: it is not */
    uint64_t wake_number;
    uint32_t wake_sent;         /* datagrams */
    char wake_why[64];          /* why one could not be sent; empty: all were */
    uint64_t orphan_ms;         /* since when nobody is there who could take it; 0: somebody is */
    struct cw_session_jump how; /* with a Jump Item: how it came to it */
    uint64_t must_end_ms;       /* its Jump policy removes everybody then; UINT64_MAX: never */
    uint64_t end_looked_ms;     /* when must_end_ms was last looked for; 0: it has to be */
    uint32_t end_warned_min;    /* the last warning said so many minutes; 0: none did */
    struct cw_tool_question
        questions[CW_TOOL_QUESTIONS_MAX]; /* that the customer has not answered */
    uint32_t question_count;
    bool was_recorded;  /* participants were told so */
    bool is_over;       /* ended, but the store does not know yet */
    uint16_t over_code; /* enum cw_close_code */
    char over_text[CW_REASON_TEXT_BYTES_MAX + 1];
    char over_actor[CW_NAME_SIZE];
    char over_source[64];
};

struct cw_device_picture {
    uint64_t time_ms;
    size_t bytes;
    uint8_t data[];
};

struct cw_device {
    uint32_t id;                  /* Jump Item */
    struct cw_control_link *link; /* NULL: offline */
    uint64_t seen_ms;             /* newer than the store's when is_unsaved */
    uint64_t up_ms;
    bool is_passive;                  /* when it is away it can be woken */
    uint64_t described_ms;            /* last change of name, platform or user */
    uint64_t switched_ms;             /* last change of whether its user lets anybody in */
    uint64_t program_ms;              /* when it said last what it runs */
    uint8_t program[CW_SHA256_BYTES]; /* what it runs; all zeros: it has not said */
    char machine[16];
    uint8_t failed_program[CW_SHA256_BYTES]; /* what it could not be brought to */
    uint8_t upgrade_tries;                   /* orders since it was heard to run what is offered */
    bool is_unsaved;
    struct cw_jump_detail *unsaved;    /* a report that the store does not have yet */
    struct cw_device_picture *picture; /* the same */
};

struct cw_waiting_chat { /* said while the store could not be written */
    uint32_t session;
    uint32_t participant;
    uint32_t client_message;
    enum cw_chat_audience audience;
    char *text;
    size_t text_bytes;
};

struct cw_api_budgets; /* api/api_account.h */
struct cw_outbox;      /* outbox/outbox.h */
struct cw_reporting;   /* report/report.h */
struct cw_upgrades;    /* jump/upgrade.h */
struct cw_held_reply;
struct cw_desk; /* queue/desk.h: queues, who takes from them, and their rules */
struct cw_job;
struct cw_order;       /* order.h: an operation that waits for the engine's workers */
struct cw_pending;     /* account_operations.c: an operation that waits for a hash */
struct cw_jump;        /* jump/jump.h: what searches look through */
struct cw_jump_detail; /* store/store_item.h */

enum { CW_OPERATIONS_COUNTED_MAX = 512, CW_TOOK_BUCKETS = 10, CW_LIVE_ITEM_LISTS = 4096 };

struct cw_control_counts {
    uint64_t operations[CW_OPERATIONS_COUNTED_MAX][2]; /* in the table's order: done, refused */
    uint64_t took[CW_TOOK_BUCKETS];                    /* how long they kept the state thread */
    uint64_t took_us;
};

struct cw_options;          /* account/option.h */
struct cw_portals;          /* portal/portal.h */
struct cw_access_kept;      /* account/access.h */
struct cw_sign_in_attempts; /* account/sign_in.c */
struct cw_seats;            /* account/seat.c */

struct cw_control {
    struct cw_control_config config;
    char public_origin[512];
    char name[CW_HOST_BYTES_MAX + 1];
    char version[64];
    char host_port[CW_HOST_BYTES_MAX + 8]; /* of the first origin, for commands */
    char first_origin[CW_HOST_BYTES_MAX + 16];
    struct cw_hash_cost hash_cost;
    char dummy_hash[CW_HASH_TEXT_BYTES_MAX];
    struct cw_store *store;
    struct cw_hash_pool *pool;
    struct cw_budget budget;
    struct cw_api_budgets *api_budgets;
    struct cw_outbox *outbox;
    struct cw_reporting *reporting;
    uint8_t ticket_seed[CW_KEY_BYTES];
    struct cw_ticket_signer *ticket_signer; /* with it */
    uint8_t ticket_key[CW_KEY_BYTES];
    uint64_t started_ms;
    uint64_t store_retry_ms;
    uint64_t purge_ms;
    uint32_t renewals; /* of tickets, in this part of the tick */
    uint32_t tick_at;  /* live sessions before this place have not had their turn in this second */
    uint64_t status_ms;
    struct cw_options *options;
    struct cw_access_kept *access;
    uint64_t access_version;
    struct cw_policies *policies;
    struct cw_portals *portals;
    struct cw_sign_in_attempts *attempts;
    struct cw_seats *seats;
    uint32_t agreement;     /* the version in force; 0: none */
    bool is_creating_admin; /* its password is being hashed */

    struct cw_job *job;         /* job.c */
    struct cw_held_reply *held; /* group.c: replies that wait for the commit, oldest first */
    struct cw_held_reply *held_last;
    bool must_recheck; /* tickets that policies no longer allow could not be denied */
    bool must_load;    /* memory is not what the store has: group.c */

    struct cw_pending *pending;
    struct cw_order *orders;
    uint64_t order_number;

    enum cw_recording_policy recording; /* of sessions to come */
    struct cw_recording_row waiting_recordings[CW_RECORDINGS_WAITING_MAX];
    uint32_t waiting_recording_count;
    struct cw_setting_values settings; /* the engine's, as wanted */
    bool setting_is_stored[CW_SETTING_COUNT];
    bool is_draining;
    struct cw_control_counts counts;
    char *certificate; /* PEM that was prepared, wiped when it is committed or forgotten */
    size_t certificate_bytes;
    uint64_t upgrade; /* the order that the supervisor carries out; 0: none */

    struct cw_desk *desk;
    struct cw_live_session **live; /* sorted by id */
    uint32_t live_count;
    uint32_t live_room;
    struct cw_live_session *live_items[CW_LIVE_ITEM_LISTS]; /* by Jump Item modulo */
    struct cw_jump *jump;
    struct cw_upgrades *upgrades;
    struct cw_device *devices; /* every one that was online since control started, in that order */
    uint32_t *device_slots;    /* places in devices by number, plus 1, hashed; 0: free */
    uint32_t device_count;
    uint32_t device_room;
    uint32_t device_saved; /* the next tick goes on with what the store lacks of this one */
    bool has_wakings;      /* some session may wait for its Jump Client to wake, or one is called */
    bool has_resumed_wakings; /* of the sessions that a start found */
    uint32_t unsaved_count;   /* devices with a report that the store does not have */
    struct cw_control_link *links[CW_LINKS_MAX];
    uint32_t link_count;
    struct cw_waiting_chat waiting_chat[CW_CHAT_WAITING_MAX];
    uint32_t waiting_chat_count;

    uint32_t *consoles; /* accounts that opened an event stream, each once */
    uint32_t console_count;
    uint64_t consoles_ms;    /* when their sign-ins were last looked at */
    bool jump_items_changed; /* events to send, merged */
    uint64_t jump_items_told_ms;
};

/* ---- live.c ---------------------------------------------------------------------------------- */

/* Reads the sessions that are not ended and their participants. Of those that were there before it keeps what the
 * store does not know: who is connected, an end or a withdrawn consent that was not stored. */
int cw_live_load(struct cw_control *c);
void cw_live_clear(struct cw_control *c);
/* Adds a session just stored, without participants. */
int cw_live_add(struct cw_control *c, const struct cw_session *row,
                struct cw_live_session **ret_session);
void cw_live_remove(struct cw_control *c, struct cw_live_session *session);
/* NULL when there is none; also NULL when it is over. */
struct cw_live_session *cw_live_find(struct cw_control *c, uint32_t id);
struct cw_live_session *cw_live_of_item(struct cw_control *c, uint32_t jump_item);
/* The sessions with the item that are not over, in no order: after NULL the first. */
struct cw_live_session *cw_live_next_of_item(struct cw_control *c, uint32_t jump_item,
                                             const struct cw_live_session *after);
int cw_live_participant_add(struct cw_live_session *session, const struct cw_participant *row,
                            struct cw_live_participant **ret_participant);
struct cw_live_participant *cw_live_participant(struct cw_live_session *session, uint32_t number);
/* Whoever has the session, or the one whose screen is shared; NULL when there is none. */
struct cw_live_participant *cw_live_representative(struct cw_live_session *session);
struct cw_live_participant *cw_live_source(struct cw_live_session *session);
/* The representative with that account who takes part, whatever it is in the session; 0 is the
 * operator. */
struct cw_live_participant *cw_live_member(struct cw_live_session *session, uint32_t account);
/* Room for one more, so that the next cw_live_participant_add cannot fail. */
int cw_live_participant_reserve(struct cw_live_session *session);

/* NULL: never online since control started. */
struct cw_device *cw_device_find(struct cw_control *c, uint32_t id);
int cw_device_add(struct cw_control *c, uint32_t id, struct cw_device **ret_device);

#endif
