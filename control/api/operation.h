/* SPDX-License-Identifier: Apache-2.0 */
/* control/api/operation.h - one table of operations serves HTTPS JSON, the control socket and API.md.
 *
 * Owner:     the table is constant; a request belongs to the front end that made it.
 * Thread:    control's state thread.
 * Units:     in the names.
 * Errors:    handlers return 0 or a negative enum cw_err and say why in reply->message, a sentence
 *            for a person that names what was wrong. Front ends map the code to an HTTP status or
 *            exit code.
 * Invariant: a handler that changes the store does it and its audit row in one transaction.
 */
#ifndef CW_CONTROL_API_OPERATION_H
#define CW_CONTROL_API_OPERATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/account/right.h"

struct cw_control;

/* A handler's third answer: the reply comes later through cw_control_config.on_reply (control.h).
 * */
enum { CW_OPERATION_PENDING = 1 };

enum cw_front {
    CW_FRONT_HTTP,      /* a browser, over TLS through the engine */
    CW_FRONT_API,       /* a program with a bearer token, the same way */
    CW_FRONT_SOCKET,    /* control.sock: peer credentials make it the operator */
    CW_FRONT_SOCKET_RO, /* control-ro.sock: show operations only */
};

enum cw_need {
    CW_NEED_NOTHING,   /* public: portal, sign-in */
    CW_NEED_SIGNED_IN, /* any account that has done every step of its sign-in */
    CW_NEED_CHANGE,    /* signed in; a step (agreement, password, second factor) may be due */
    CW_NEED_ADMIN,     /* an administrator account, or the operator on the socket */
    CW_NEED_OPERATOR,  /* the control socket only */
};

/* What an API account must have been given to use an operation: to read for those that change
 * nothing, in full for the others. */
enum cw_scope {
    CW_SCOPE_NONE,    /* not for API accounts */
    CW_SCOPE_COMMAND, /* sessions, queues, representatives as they are now */
    CW_SCOPE_REPORT,
    CW_SCOPE_CONFIGURATION,
    CW_SCOPE_BACKUP,
    CW_SCOPE_COUNT,
};

struct cw_request {
    enum cw_front front;
    uint32_t account; /* 0: nobody is signed in */
    bool is_admin;
    bool must_change;      /* the account's password is due for change */
    uint8_t due;           /* bits of enum cw_due: other steps of the sign-in that are due */
    bool is_fresh;         /* signed in a few minutes ago: may change how it signs in */
    bool is_remembered;    /* the sign-in outlives the browser */
    uint32_t sign_in;      /* row of the sign-in (web session), 0 if none */
    uint32_t api_account;  /* FRONT_API: who */
    uint32_t access;       /* FRONT_API: to what (api_account.h) */
    uint32_t operator_uid; /* FRONT_SOCKET: peer's uid */
    char source[64];       /* "203.0.113.9" or "uid 1000": for audit and budgets */
    const char *host;      /* FRONT_HTTP, FRONT_API: the Host header; or NULL */
    uint64_t now_unix_ms;
    uint32_t path_id;   /* the {id} of the path or the command's number, 0 if none */
    const json_t *body; /* object; empty when the request had none. The query of a GET and the
                              arguments of a command come as strings, whatever they mean. */
    void *waiter;       /* given back by on_reply when the answer is PENDING; the front's own */
};

struct cw_reply {
    json_t *json;          /* what the caller gets; the front end frees it */
    const char *code;      /* constant that overrides the error's name: "SIGN_IN" (401),
                              "CHANGE_PASSWORD" (403); NULL: cw_err_name */
    char message[240];     /* set with an error: a sentence for a person */
    bool is_text;          /* HTTP sends the member "text" of json as it is */
    const char *text_type; /* with is_text: its media type, a constant; NULL: plain text */
    char file_name
        [64];      /* with is_text: what browsers save it as; empty: they show it. [a-z0-9._-] */
    char next[64]; /* with is_text: goes into the header Causeway-Next; empty: nothing follows */
    char set_cookie[160]; /* sign-in token to set, or "-" to clear it, or empty: HTTP front only */
    uint32_t cookie_life_s; /* 0: until the browser closes */
    uint32_t retry_after_s; /* with CW_ERR_FULL: when to try again */
};

typedef int (*cw_operation_fn)(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);

struct cw_operation {
    const char *name;   /* "session.end" */
    const char *method; /* "POST"; NULL: not on HTTP */
    const char *path;   /* "/api/v1/sessions/{id}/end" */
    const char *words;  /* "end session {id}"; NULL: not on the control socket. {id} is path_id,
                           any other {word} the string member of that name in body,
                           [key=WHAT] at the end a member that may be given */
    enum cw_need need;
    enum cw_right right; /* what the account must be allowed besides; NONE: nothing */
    enum cw_scope scope;
    bool is_oauth;    /* takes a form, and answers as RFC 6749 has it */
    bool takes_seat;  /* work of a representative: needs a licence seat */
    bool changes;     /* false: allowed on the read-only socket */
    bool is_personal; /* shows each account what it may see: not for the read-only socket */
    cw_operation_fn handler;
    const char *summary; /* one line for API.md and help */
};

/* Ends with name == NULL. */
extern const struct cw_operation cw_operations[];

#endif
