/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store.h - what control remembers: typed operations, no SQL outside store*.c.
 *
 * Owner:     struct cw_store is the control's; rows are values in the caller's memory.
 * Thread:    the state thread.
 * Units:     Unix milliseconds (…_ms), Unix seconds for tickets (…_s).
 * Errors:    CW_ERR_READ_ONLY (nothing can be written now: cw_store_is_writable says why),
 *            CW_ERR_NOT_FOUND, CW_ERR_CONFLICT (a uniqueness rule), CW_ERR_NOMEM, CW_ERR_INTERNAL.
 *            A callback's non-zero value ends a listing and is returned.
 * Limits:    control/limits.h, checked by the callers.
 * Invariant: writes happen between cw_store_begin and cw_store_end only (CW_DCHECK). Nobody outside hears of a change
 *            before cw_store_commit, where there are groups (control/group.h).
 */
#ifndef CW_CONTROL_STORE_STORE_H
#define CW_CONTROL_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/audit/chain.h"
#include "control/limits.h"
#include "control/secret.h"
#include "engine/wire/recording.h"

struct cw_store;

enum { CW_NAME_SIZE = CW_NAME_BYTES_MAX + 1 };

/* How an account may sign in; 0: not defined. */
enum cw_second_factor { CW_FACTOR_OPTIONAL = 1, CW_FACTOR_REQUIRED = 2 };
enum cw_remember_me { CW_REMEMBER_FORBIDDEN = 1, CW_REMEMBER_ALLOWED = 2 };
/* What a second sign-in does to the first. */
enum cw_second_login {
    CW_LOGIN_BOTH = 1,   /* nothing: both have the account's sessions */
    CW_LOGIN_MOVE = 2,   /* the first ends, its sessions move along */
    CW_LOGIN_END = 3,    /* the first ends, and so do its sessions */
    CW_LOGIN_REFUSE = 4, /* the second is refused */
};
/* When the networks count: never, until one sign-in from there went well, or in every request. */
enum cw_network_rule { CW_NETWORK_ANY = 1, CW_NETWORK_FIRST = 2, CW_NETWORK_ALWAYS = 3 };

struct cw_sign_in_rules {
    uint8_t second_factor;                    /* enum cw_second_factor */
    uint8_t remember_me;                      /* enum cw_remember_me */
    uint8_t second_login;                     /* enum cw_second_login */
    uint8_t network_rule;                     /* enum cw_network_rule */
    char networks[CW_NETWORKS_BYTES_MAX + 1]; /* "10.0.0.0/8 2001:db8::/32" */
};

struct cw_account {
    uint32_t id;
    char user[CW_USER_BYTES_MAX + 1];
    char display_name[CW_NAME_SIZE];
    bool is_admin;
    bool is_enabled;
    bool must_change;
    char password[CW_HASH_TEXT_BYTES_MAX]; /* PHC string */
    uint64_t created_ms;
    uint64_t last_sign_in_ms;
    char comments[CW_COMMENTS_BYTES_MAX + 1];
    uint64_t rights_allowed; /* its own: bits of enum cw_right */
    uint64_t rights_denied;
    uint32_t session_policy; /* its own; 0: not defined */
    struct cw_sign_in_rules rules;
    uint64_t network_passed_ms; /* when it first signed in from its networks; 0: not yet */
    uint32_t agreement;         /* the version it accepted last; 0: none */
};

/* Steps that a sign-in still has to do, besides a password that is due. */
enum cw_due {
    CW_DUE_AGREEMENT = 1, /* accept it */
    CW_DUE_FACTOR = 2,    /* set a second factor up */
};

struct cw_sign_in {
    uint32_t id;
    uint32_t account;
    uint64_t created_ms;
    uint64_t last_used_ms;
    uint8_t due;        /* bits of enum cw_due */
    bool is_remembered; /* stays when the browser closes */
};

struct cw_sign_in_limits { /* how long sign-ins are good */
    uint64_t life_s;
    uint64_t idle_s;
    uint64_t remembered_s; /* those that are remembered, idle or not; 0: as the others */
};

struct cw_purge_limits {
    struct cw_sign_in_limits sign_in;
    uint64_t lock_for_good; /* failures that are not forgotten; 0: all are */
};

struct cw_lock { /* failed sign-ins for a name, known or not */
    uint32_t count;
    uint64_t last_ms;
};

struct cw_session_key {
    uint32_t id;      /* 0: none, a Support Button instead */
    uint32_t account; /* 0: a portal made it */
    uint32_t team;    /* into whose queue it leads; 0: the account's own */
    uint64_t expires_ms;
    uint64_t used_ms;   /* 0: not used */
    uint32_t portal;    /* through which the customer comes */
    uint32_t issue;     /* what the customer asked for; 0: nothing in particular */
    uint32_t button;    /* not stored with a key */
    uint64_t agreed_ms; /* when the customer accepted the portal's agreement; 0: not yet */
    uint32_t continues; /* the session whose customer goes on with another program; 0: a new one */
    char customer[CW_NAME_SIZE]; /* what the customer said; empty: nothing */
    char company[CW_COMPANY_BYTES_MAX + 1];
    char company_code[CW_COMPANY_BYTES_MAX + 1];
    char description[CW_ISSUE_TEXT_BYTES_MAX + 1];
};

struct cw_enrolment_token {
    uint32_t id;
    char name[CW_NAME_SIZE]; /* of the Jump Item to be; may be empty */
    uint32_t group;
    uint64_t expires_ms;
    uint64_t used_ms;
};

struct cw_jump_item {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char group[CW_NAME_SIZE];
    uint8_t device_key[CW_KEY_BYTES];
    char hostname[CW_HOST_BYTES_MAX + 1];
    char platform[CW_PLATFORM_BYTES_MAX + 1];
    char user[CW_HOST_BYTES_MAX + 1]; /* who sits at the device */
    uint64_t last_seen_ms;
    uint64_t last_access_ms;
    bool is_removed;
};

enum cw_session_kind { CW_SESSION_JUMP = 1, CW_SESSION_KEY = 2 };
enum cw_session_state { CW_SESSION_WAITING = 1, CW_SESSION_ACTIVE = 2, CW_SESSION_ENDED = 3 };

enum cw_recording_policy { CW_RECORDING_OFF = 0, CW_RECORDING_ON = 1, CW_RECORDING_MUST = 2 };

enum cw_priority { CW_PRIORITY_LOW = 1, CW_PRIORITY_MEDIUM = 2, CW_PRIORITY_HIGH = 3 };

struct cw_place { /* a queue: a team's or an account's; both 0: none */
    uint32_t team;
    uint32_t account;
};

struct cw_session {
    uint32_t id;
    enum cw_session_kind kind;
    enum cw_session_state state;
    uint32_t account;   /* who has it, or in whose personal queue it waits; 0: in a team's */
    uint32_t jump_item; /* 0: none */
    char customer[CW_NAME_SIZE];
    char representative[CW_NAME_SIZE]; /* that account's display name */
    uint64_t created_ms;
    uint64_t started_ms; /* 0: not accepted yet */
    uint64_t ended_ms;
    enum cw_recording_policy recording;
    uint32_t team; /* in whose queue it waits; 0: in none's */
    enum cw_priority priority;
    uint64_t queued_ms;      /* when it came into the queue it is in, or was taken from */
    struct cw_place entered; /* the first queue it was in */
    struct cw_place last;    /* the newest, where it may be still */
    struct cw_place before;  /* the one before that */
    bool is_manual;          /* everybody was asked: it waits for somebody to take it */
    bool is_overflowed;      /* a rule brought it into this queue */
    bool is_overdue;
    char title[CW_NAME_SIZE]; /* what representatives call it; empty: as the customer */
    char external_key[CW_EXTERNAL_KEY_BYTES_MAX + 1];
    uint32_t portal; /* through which the customer came; 0: none */
    uint32_t issue;  /* what the customer asked for; 0: nothing in particular */
    uint32_t button; /* the Support Button that was pressed; 0: none */
};

enum cw_relation {
    CW_RELATION_SOURCE = 0, /* the customer, or the computer */
    CW_RELATION_OWNER = 1,
    CW_RELATION_INVITED = 2, /* or joined as a lead */
    CW_RELATION_SPONSOR = 3,
    CW_RELATION_EXTERNAL = 4, /* has no account */
    CW_RELATION_WATCHER = 5,  /* sees and chats */
    CW_RELATION_COUNT,
};

struct cw_participant {
    uint32_t session;
    uint32_t number;  /* 1, 2, ... in its session */
    uint8_t role;     /* enum cw_role */
    uint32_t account; /* 0: customer or device */
    char name[CW_NAME_SIZE];
    uint8_t holder_key[CW_KEY_BYTES];
    bool consent_view; /* what the customer allows this representative */
    bool consent_control;
    enum cw_relation relation;
    /* EXTERNAL: all it may have; the owner: what a sponsor added; SOURCE: what it can do for nobody. */
    uint64_t permissions;
    uint64_t joined_ms; /* since when it takes part */
    uint64_t left_ms;   /* 0: it takes part */
    uint64_t tools;     /* what policies ask about and the customer said yes to: a bit a tool */
    uint32_t session_policy; /* of the invitation it came with, or 0 */
};

struct cw_recording_row { /* one part; engine/RECORDING.md */
    uint64_t recording;
    uint32_t part;
    uint32_t session;
    char file[CW_RECORDING_NAME_BYTES_MAX];
    uint64_t bytes;
    uint64_t blocks;
    bool is_whole; /* it has its end; else it was cut */
    bool is_told;  /* the engine was sent the seal */
    uint8_t root[CW_RECORDING_HASH_BYTES];
    uint8_t signature[CW_SIGNATURE_BYTES];
    uint64_t sealed_s;
};

struct cw_ticket_row {
    uint8_t id[CW_TICKET_ID_BYTES];
    uint8_t kind;
    uint32_t session;
    uint32_t participant;
    uint64_t not_after_s;
};

enum cw_chat_audience { /* as stored */
                        CW_CHAT_EVERYBODY = 0,
                        CW_CHAT_REPRESENTATIVES = 1, /* never for the customer */
};

struct cw_chat_row {
    uint64_t sequence;
    uint64_t time_ms;
    uint32_t participant;
    uint32_t client_message;
    uint8_t role; /* CW_ROLE_NONE: the appliance */
    const char *name;
    size_t name_bytes;
    const char *text;
    size_t text_bytes;
    uint8_t audience; /* enum cw_chat_audience */
};

struct cw_audit_row {
    uint64_t id;
    uint64_t time_ms;
    const char *actor;  /* "admin", "customer", "operator (uid 0)", "engine" */
    const char *source; /* address or "uid 0" */
    const char *action; /* "session.end" */
    const char *object; /* "session 7" */
    const char *result; /* "ok", or an error's or close code's name */
    const char *detail;
};

/* ---- store.c --------------------------------------------------------------------------------- */

/* Makes the file (0600) when missing and brings it to this program's schema. A store that can only
 * be read is opened all the same. message: a sentence when this fails. CW_ERR_UNSUPPORTED: newer
 * schema. */
int cw_store_open(const char *path, char *message, size_t message_size,
                  struct cw_store **ret_store);
void cw_store_close(struct cw_store *s);
bool cw_store_is_writable(const struct cw_store *s, const char **ret_reason);
/* For reading beside a control that runs, or without one: never writes, wants the schema of this version. */
int cw_store_open_reader(const char *path, char *message, size_t message_size,
                         struct cw_store **ret_store);
/* Tries to write again; 0 when it works (again). */
int cw_store_recover(struct cw_store *s);

struct cw_store_counts {
    uint64_t commits;
    uint64_t changes;   /* of the commits: those between begin and end */
    uint64_t failures;  /* transactions that were rolled back, for whatever reason */
    uint64_t commit_us; /* time in commits */
};
void cw_store_counts(const struct cw_store *s, struct cw_store_counts *ret_counts);

int cw_store_begin(struct cw_store *s);
/* err == 0: commits; else rolls back. Returns err or what the commit gave. In a group the commit comes with the
 * group's: see cw_store_commit. */
int cw_store_end(struct cw_store *s, int err);

/* From now on the changes up to the next cw_store_commit are one transaction, and each is a savepoint in it: it can be
 * rolled back alone, and what it wrote is read at once, but none is durable before the commit. While the store cannot
 * be written there are no groups: each change hears by itself that it failed. */
void cw_store_group(struct cw_store *s, bool is_grouping);
/* Once a second, with no group open: keeps the write-ahead log short. */
void cw_store_tick(struct cw_store *s);
bool cw_store_has_group(const struct cw_store *s);
/* 0: all changes since the last one are durable. Negative: none of them was made. */
int cw_store_commit(struct cw_store *s);

/* ---- store_account.c ------------------------------------------------------------------------- */

typedef int (*cw_account_fn)(void *user, const struct cw_account *account);

int cw_store_account_count(struct cw_store *s, uint32_t *ret_count);
int cw_store_account_get(struct cw_store *s, uint32_t id, struct cw_account *ret);
int cw_store_account_find(struct cw_store *s, const char *user, struct cw_account *ret);
/* By name; those whose number is behind `after`, at most count_max. */
int cw_store_account_page(struct cw_store *s, uint32_t after, uint32_t count_max,
                          cw_account_fn each, void *user);
/* Those with the text in the user name or the display name, by display name; an empty text finds all. */
int cw_store_account_named(struct cw_store *s, const char *text, uint32_t count_max,
                           cw_account_fn each, void *user);
int cw_store_account_each(struct cw_store *s, cw_account_fn each, void *user);
int cw_store_admin_each(struct cw_store *s, cw_account_fn each, void *user);
/* Administrators who can sign in, but for this one. */
int cw_store_account_count_admins(struct cw_store *s, uint32_t but, uint32_t *ret_count);
/* Sets account->id. */
int cw_store_account_add(struct cw_store *s, struct cw_account *account);
int cw_store_account_set_password(struct cw_store *s, uint32_t id, const char *hash,
                                  bool must_change);
int cw_store_account_set_enabled(struct cw_store *s, uint32_t id, bool is_enabled);
/* display_name, is_admin, comments, rights, session policy, rules and network_passed_ms. */
int cw_store_account_set(struct cw_store *s, const struct cw_account *account);
/* Rows of other tables name it, so it stays as one that is disabled, has no name and is in no listing. */
int cw_store_account_remove(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_account_network_passed(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_account_signed_in(struct cw_store *s, uint32_t id, uint64_t now_ms);

/* Also drops the account's oldest sign-ins over the limit. */
int cw_store_sign_in_add(struct cw_store *s, const uint8_t *token_hash,
                         const struct cw_sign_in *sign_in, const char *source);
/* These steps are done. */
int cw_store_sign_in_done(struct cw_store *s, uint32_t id, uint8_t due);
int cw_store_sign_in_find(struct cw_store *s, const uint8_t *token_hash, struct cw_sign_in *ret);
int cw_store_sign_in_touch(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_sign_in_remove(struct cw_store *s, uint32_t id);
/* Where an account is signed in, the last used one first. source: valid during the call. */
typedef int (*cw_sign_in_fn)(void *user, const struct cw_sign_in *sign_in, const char *source);
int cw_store_sign_in_each(struct cw_store *s, uint32_t account, cw_sign_in_fn each, void *user);
/* CW_ERR_NOT_FOUND: the account has no such one. */
int cw_store_sign_in_end(struct cw_store *s, uint32_t account, uint32_t id);
int cw_store_sign_in_end_others(struct cw_store *s, uint32_t account, uint32_t id);
int cw_store_sign_in_remove_all(struct cw_store *s, uint32_t account);
int cw_store_sign_in_count(struct cw_store *s, uint32_t account, uint32_t *ret_count);

/* Only those that are neither too old nor idle for too long. */
int cw_store_sign_in_count_valid(struct cw_store *s, uint32_t account, uint64_t now_ms,
                                 const struct cw_sign_in_limits *limits, uint32_t *ret_count);

int cw_store_lock_get(struct cw_store *s, const uint8_t *name_hash, struct cw_lock *ret);
int cw_store_lock_set(struct cw_store *s, const uint8_t *name_hash, const struct cw_lock *lock);
int cw_store_lock_clear(struct cw_store *s, const uint8_t *name_hash);

/* Removes what expired before now: sign-ins, locks, keys, tokens, tickets. */
int cw_store_purge(struct cw_store *s, uint64_t now_ms, const struct cw_purge_limits *limits);

/* ---- store_key.c: session keys, enrolment tokens, tickets ------------------------------------ */

/* Everything of key but id and used_ms. */
/* Sets id. */
int cw_store_session_key_add(struct cw_store *s, const uint8_t *key_hash,
                             struct cw_session_key *key, uint64_t now_ms);
int cw_store_session_key_agree(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_session_key_find(struct cw_store *s, const uint8_t *key_hash,
                              struct cw_session_key *ret);
int cw_store_session_key_use(struct cw_store *s, uint32_t id, uint32_t session, uint64_t now_ms);
int cw_store_session_key_count(struct cw_store *s, uint32_t account, uint64_t now_ms,
                               uint32_t *ret_count);

int cw_store_enrolment_token_add(struct cw_store *s, const uint8_t *token_hash, const char *name,
                                 uint32_t group, uint64_t now_ms, uint64_t expires_ms);
int cw_store_enrolment_token_find(struct cw_store *s, const uint8_t *token_hash,
                                  struct cw_enrolment_token *ret);
int cw_store_enrolment_token_use(struct cw_store *s, uint32_t id, uint32_t jump_item,
                                 uint64_t now_ms);
int cw_store_enrolment_token_count(struct cw_store *s, uint64_t now_ms, uint32_t *ret_count);

typedef int (*cw_ticket_row_fn)(void *user, const struct cw_ticket_row *ticket);

int cw_store_ticket_add(struct cw_store *s, const struct cw_ticket_row *ticket);
/* The tickets of (session, participant) that are neither denied nor over; participant 0: all of the
 * session. session 0: of the device with that number. */
int cw_store_ticket_each(struct cw_store *s, uint32_t session, uint32_t participant, uint64_t now_s,
                         cw_ticket_row_fn each, void *user);
/* Denies exactly those that cw_store_ticket_each lists. */
int cw_store_ticket_deny(struct cw_store *s, uint32_t session, uint32_t participant,
                         uint64_t now_s);
/* The participant's join tickets that have not expired: one of them let it in, and none does again. */
int cw_store_ticket_used(struct cw_store *s, uint32_t session, uint32_t participant,
                         uint64_t now_s);
int cw_store_ticket_denied_each(struct cw_store *s, uint64_t now_s, cw_ticket_row_fn each,
                                void *user);

/* ---- store_jump.c ---------------------------------------------------------------------------- */

typedef int (*cw_jump_item_fn)(void *user, const struct cw_jump_item *item);

int cw_store_group_find(struct cw_store *s, const char *name, uint32_t *ret_id);
/* group: a number; item->group is not looked at. Sets item->id. */
int cw_store_jump_item_add(struct cw_store *s, struct cw_jump_item *item, uint32_t group,
                           uint64_t now_ms);
int cw_store_jump_item_get(struct cw_store *s, uint32_t id, struct cw_jump_item *ret);
/* Among those not removed. */
int cw_store_jump_item_find(struct cw_store *s, const uint8_t *device_key,
                            struct cw_jump_item *ret);
int cw_store_jump_item_each(struct cw_store *s, cw_jump_item_fn each, void *user);
int cw_store_jump_item_count(struct cw_store *s, uint32_t *ret_count);
int cw_store_jump_item_rename(struct cw_store *s, uint32_t id, const char *name);
int cw_store_jump_item_remove(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_jump_item_seen(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_jump_item_accessed(struct cw_store *s, uint32_t id, uint64_t now_ms);
/* hostname, platform and user of item. */
int cw_store_jump_item_describe(struct cw_store *s, const struct cw_jump_item *item);

/* ---- store_session.c ------------------------------------------------------------------------- */

typedef int (*cw_session_fn)(void *user, const struct cw_session *session);
typedef int (*cw_participant_fn)(void *user, const struct cw_participant *participant);

/* kind, state, account, jump_item, customer, created_ms and started_ms are used; sets id. */
int cw_store_session_add(struct cw_store *s, struct cw_session *session);
int cw_store_session_get(struct cw_store *s, uint32_t id, struct cw_session *ret);
/* Writes where it is, whose, and what rules did: everything that changes in a session's life. Where it was until now
 * stays for reports. */
int cw_store_session_put(struct cw_store *s, const struct cw_session *session, uint64_t now_ms);
int cw_store_session_end(struct cw_store *s, uint32_t id, uint16_t code, const char *text,
                         uint64_t now_ms);
/* Not ended ones; account 0: everybody's. Oldest first. */
int cw_store_session_each(struct cw_store *s, uint32_t account, cw_session_fn each, void *user);

int cw_store_participant_add(struct cw_store *s, const struct cw_participant *participant);
/* Everything but its session, number, role and account. */
int cw_store_participant_put(struct cw_store *s, const struct cw_participant *participant);
int cw_store_participant_each(struct cw_store *s, uint32_t session, cw_participant_fn each,
                              void *user);

typedef int (*cw_chat_fn)(void *user, const struct cw_chat_row *line);

/* Sets line->sequence. CW_ERR_USED: this (participant, client message) was stored before.
 * CW_ERR_FULL: the session has CW_CHAT_LINES_PER_SESSION_MAX lines. */
int cw_store_chat_add(struct cw_store *s, uint32_t session, struct cw_chat_row *line);
/* The line a participant said with that id, if there is one. */
int cw_store_chat_find(struct cw_store *s, uint32_t session, uint32_t participant,
                       uint32_t client_message, cw_chat_fn each, void *user);
/* The newest count_max lines, oldest of them first. */
int cw_store_chat_each(struct cw_store *s, uint32_t session, enum cw_chat_audience who,
                       uint32_t count_max, cw_chat_fn each, void *user);

/* Those behind a line, oldest first. */
int cw_store_chat_after(struct cw_store *s, uint32_t session, enum cw_chat_audience who,
                        uint64_t after, uint32_t lines, cw_chat_fn each, void *user);

/* ---- store_recording.c ----------------------------------------------------------------------- */

typedef int (*cw_recording_row_fn)(void *user, const struct cw_recording_row *row);

int cw_store_recording_put(struct cw_store *s, const struct cw_recording_row *row);
int cw_store_recording_get(struct cw_store *s, uint64_t recording, uint32_t part,
                           struct cw_recording_row *ret);
/* Newest first. */
int cw_store_recording_each(struct cw_store *s, bool only_untold, uint32_t count_max,
                            cw_recording_row_fn each, void *user);
/* Of the sessions of this worker. */
int cw_store_recording_told(struct cw_store *s, uint32_t worker, uint32_t worker_count);

/* ---- store_setting.c ------------------------------------------------------------------------- */

typedef int (*cw_setting_fn)(void *user, const char *name, uint64_t value);

int cw_store_setting_put(struct cw_store *s, const char *name, uint64_t value, uint64_t now_ms);
int cw_store_setting_remove(struct cw_store *s, const char *name);
int cw_store_setting_each(struct cw_store *s, cw_setting_fn each, void *user);

/* ---- store_audit.c --------------------------------------------------------------------------- */

typedef int (*cw_audit_fn)(void *user, const struct cw_audit_row *row);

/* Sets row->id. Each row carries the hash of itself and the row before. */
int cw_store_audit_add(struct cw_store *s, struct cw_audit_row *row);
/* Newest first. */
int cw_store_audit_each(struct cw_store *s, uint32_t count_max, cw_audit_fn each, void *user);
/* Signs what there is, when it is time. */
int cw_store_audit_tick(struct cw_store *s, uint64_t now_ms);

/* ---- store_audit_verify.c -------------------------------------------------------------------- */

struct cw_audit_report {
    uint64_t rows; /* that are as they were written */
    uint64_t checkpoints;
    uint64_t
        unproven; /* of the rows: those behind the last checkpoint, when there is no key to prove them */
    bool has_key;
    uint64_t last_epoch; /* the last checkpoint, as the log has it, too */
    uint64_t last_signed;
    uint8_t last_mac[CW_CHAIN_BYTES];
    uint64_t bad_id; /* the first row that is not, or is not there */
    char why[200];
};

/* 0: the log is what was written. CW_ERR_SIGNATURE: bad_id and why. Reads the whole log: on a connection of its own. */
int cw_store_audit_verify(struct cw_store *s, struct cw_audit_report *ret);
int cw_store_checkpoint_last(struct cw_store *s, struct cw_checkpoint *ret);

#endif
