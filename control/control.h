/* SPDX-License-Identifier: Apache-2.0 */
/* control/control.h - everything control knows and decides, behind one struct; no sockets in here.
 *
 * Owner:     cw_control_new makes it, cw_control_free ends it (and its hashing threads). Links
 *            belong to it from cw_control_link_open to cw_control_link_closed.
 * Thread:    the state thread only. Password hashing runs on its own small pool; results come back
 *            through cw_control_event_fd. Nothing here blocks but SQLite itself.
 * Units:     Unix milliseconds; bytes.
 * Errors:    negative enum cw_err; ret_* untouched unless 0.
 * Limits:    control/limits.h.
 * Invariant: a change of the store and its audit row are one transaction; what is sent to an engine
 *            or a caller was committed before.
 */
#ifndef CW_CONTROL_CONTROL_H
#define CW_CONTROL_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "control/api/operation.h"

struct cw_control;
struct cw_control_link;
struct cw_setting_values;

/* argon2id; all zero: the appliance's own parameters (limits.h). Only tests lower them. */
struct cw_hash_cost {
    uint32_t memory_kib;
    uint32_t passes;
    uint32_t lanes;
};

struct cw_control_config {
    const char *control_dir; /* state_dir/control: made (0700) when missing; stays the caller's */
    const char *recording;   /* off, on, required: until it is set otherwise; NULL: off */
    const char *
        tls_dir; /* state_dir/tls, where the engine reads its certificates; NULL: cannot be changed */
    const char
        *recordings_dir; /* where sealed recordings are read; NULL: nowhere; stays the caller's */
    const char *public_origin;     /* as in causeway.conf: exact origins, a space between; copied */
    const char *download_dir;      /* has causeway-client when the portal may offer it, or NULL */
    const char *appliance_name;    /* shown to people; NULL: the first origin's host */
    const char *appliance_version; /* NULL: CW_VERSION */
    struct cw_hash_cost hash_cost;
    const struct cw_setting_values
        *settings; /* what causeway.conf makes the defaults; NULL: the table's */
    void *user;    /* for the callbacks */
    uint64_t (*now_unix_ms)(void *user); /* NULL: the system's clock */
    /* Writes the appliance identity as 64 hex digits and a NUL; negative while the engine has not
     * made it yet (it is asked again each time it is needed). NULL: never known. */
    int (*read_identity)(void *user, char ret_hex[65]);
    /* One line for the supervisor, without its newline; answered by cw_control_on_supervisor. CW_ERR_STATE: it is busy
     * with an earlier one; CW_ERR_IO: it is not there. NULL: there is none. */
    int (*order_supervisor)(void *user, const char *line);
    /* One order for the courier (courier/main.c), without its newline. Negative: it cannot be taken now. NULL: there is
     * no courier. */
    int (*post)(void *user, const char *line);
    /* The answer of an operation that returned CW_OPERATION_PENDING. Called from
     * cw_control_on_hashes_ready, the link functions and cw_control_tick; the callee owns reply->json
     * afterwards and must not end a link. */
    void (*on_reply)(void *user, void *waiter, int err, struct cw_reply *reply);
    /* A group of changes is over, before its callers are answered. is_done: what was held back for the engine can go.
     * Else none of it may, and every link has to end when the turn is over: memory was read from the store again.
     * NULL: there are no groups, each change is a transaction of its own. */
    void (*on_commit)(void *user, bool is_done);
};

/* Opens (or makes) the store and the ticket key. On failure message holds a sentence for the
 * operator. */
int cw_control_new(const struct cw_control_config *config, char *message, size_t message_size,
                   struct cw_control **ret_control);
/* Pending operations are dropped without on_reply. Links must be closed first. */
void cw_control_free(struct cw_control *c);

uint64_t cw_control_now_unix_ms(const struct cw_control *c);
/* False: reason (may be NULL) gets why the store cannot be written now. For /readyz and show info.
 * */
bool cw_control_is_writable(const struct cw_control *c, const char **ret_reason);
/* The operator lets it take nothing new: not ready. */
bool cw_control_is_draining(const struct cw_control *c);

/* ---- requests -------------------------------------------------------------------------------- */

/* Looks the cookie's token up. 0: account, is_admin, must_change and sign_in of *fill are set and
 * the idle time starts anew. CW_ERR_DENIED: unknown, expired or revoked (treat as not signed in).
 * */
int cw_control_sign_in_find(struct cw_control *c, const char *token, struct cw_request *fill);

/* Looks a bearer token up; fill->source must be set. 0: front, api_account and access of *fill are set. CW_ERR_DENIED:
 * unknown, expired, revoked, or from a network that the account does not allow. CW_ERR_FULL: too many requests. */
int cw_control_bearer_find(struct cw_control *c, const char *token, struct cw_request *fill,
                           uint32_t *ret_wait_s);

/* Checks the operation's need and the front, then runs its handler. Returns 0, a negative enum
 * cw_err with reply->message (and reply->code where it differs from the error's name), or
 * CW_OPERATION_PENDING: then config.on_reply is called later with request->waiter; nothing of
 *                       request is used after the return.
 * reply must be all zero; reply->json is the caller's. */
int cw_control_call(struct cw_control *c, const struct cw_operation *operation,
                    const struct cw_request *request, struct cw_reply *reply);
/* The waiter has gone: its on_reply will not be called. */
void cw_control_cancel(struct cw_control *c, const void *waiter);

/* For fronts: writes an audit row for a request they refused themselves (wrong Origin, ...). At
 * most one a minute for each (source, action) is kept. */
void cw_control_audit_refusal(struct cw_control *c, const char *source, const char *action,
                              const char *detail);

/* ---- the loop -------------------------------------------------------------------------------- */

/* Readable when hashes are ready: call cw_control_on_hashes_ready, which reads it empty. */
int cw_control_event_fd(const struct cw_control *c);
void cw_control_on_hashes_ready(struct cw_control *c);
/* Expiries, renewals, grace times, recovery of the store: call once a second. */
void cw_control_tick(struct cw_control *c, uint64_t now_unix_ms);
/* The same in CW_TICK_PARTS portions, 0 to CW_TICK_PARTS - 1 spread over the second: what is due for thousands of
 * sessions and devices keeps requests waiting for a tenth as long. */
void cw_control_tick_part(struct cw_control *c, uint64_t now_unix_ms, unsigned part);

void cw_control_on_supervisor(struct cw_control *c, bool is_done, const char *text);

/* The courier came or went; what became of a post (status 0: why tells). Answers to what is not on its way are left
 * alone. */
void cw_control_on_courier(struct cw_control *c, bool is_there);
void cw_control_on_posted(struct cw_control *c, uint64_t id, long status, const char *why);
/* A datagram that wakes the Jump Client of that session was sent (why: empty), or could not be. */
void cw_control_on_woke(struct cw_control *c, uint64_t id, const char *why);

/* Makes the changes since the last call durable and answers who waited for it: call at the end of each turn, before
 * waiting for events. 0, or negative: nothing of them was made, and everybody who waited was told so. */
int cw_control_commit(struct cw_control *c);
/* Something that is sent now has to be held back until the commit. */
bool cw_control_has_group(const struct cw_control *c);

/* ---- links: one a worker; bytes in, bytes out ------------------------------------------------ */

/* Takes all n bytes (copies or writes them) or returns negative: then the owner closes the link
 * after the current call returns. It must not call back into control. */
typedef int (*cw_control_send_fn)(void *user, const void *bytes, size_t n);

int cw_control_link_open(struct cw_control *c, uint64_t connection_number, cw_control_send_fn send,
                         void *user, struct cw_control_link **ret_link);
/* Any split of the stream. Negative: the worker broke the protocol; close the connection and call
 * cw_control_link_closed. */
int cw_control_link_receive(struct cw_control *c, struct cw_control_link *link, const void *bytes,
                            size_t n);
/* Frees the link. */
void cw_control_link_closed(struct cw_control *c, struct cw_control_link *link);

#endif
