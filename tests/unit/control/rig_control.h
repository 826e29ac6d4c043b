/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/rig_control.h - a control of its own for each test.
 *
 * It lives in a temporary folder, has a clock that tests turn, and runs operations by name. */
#ifndef CW_TESTS_UNIT_CONTROL_RIG_CONTROL_H
#define CW_TESTS_UNIT_CONTROL_RIG_CONTROL_H

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/control.h"
#include "control/state.h"

struct rig {
    char dir[64];
    char control_dir[96];
    uint64_t now_ms;
    struct cw_control *c;
    int reply_err;
    struct cw_reply reply; /* of the last call; json is freed by the next */
    bool is_answered;
    uint32_t account; /* who calls; 0: nobody */
    uint32_t sign_in;
    bool is_admin;
    bool must_change;
    uint8_t due;
    bool is_fresh;
    bool is_remembered;
    const char *source;
    const char *host; /* the Host header of HTTPS calls; NULL: none */
};

static inline uint64_t rig_clock(void *user)
{
    return ((struct rig *)user)->now_ms;
}

static inline int rig_identity(void *user, char ret_hex[65])
{
    (void)user;
    memset(ret_hex, 'a', 64);
    ret_hex[64] = '\0';
    return 0;
}

static inline void rig_on_reply(void *user, void *waiter, int err, struct cw_reply *reply)
{
    struct rig *r = user;

    assert_ptr_equal(waiter, r);
    r->reply_err = err;
    r->reply = *reply;
    r->is_answered = true;
}

static inline int rig_open(struct rig *r, char *message, size_t size)
{
    const struct cw_control_config config = {
        .control_dir = r->control_dir,
        .tls_dir = r->dir,
        .recordings_dir = r->dir,
        .public_origin = "https://help.example https://localhost:8443",
        .hash_cost = {.memory_kib = 64, .passes = 1, .lanes = 1},
        .user = r,
        .now_unix_ms = rig_clock,
        .read_identity = rig_identity,
        .on_reply = rig_on_reply,
    };

    return cw_control_new(&config, message, size, &r->c);
}

static inline void rig_start(struct rig *r)
{
    char message[512];

    memset(r, 0, sizeof *r);
    snprintf(r->dir, sizeof r->dir, "/tmp/cw-control-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    snprintf(r->control_dir, sizeof r->control_dir, "%s/control", r->dir);
    r->now_ms = UINT64_C(1800000000000);
    r->source = "203.0.113.9";
    assert_int_equal(rig_open(r, message, sizeof message), 0);
}

static inline void rig_restart(struct rig *r)
{
    char message[512];

    cw_control_free(r->c);
    r->c = NULL;
    assert_int_equal(rig_open(r, message, sizeof message), 0);
}

static inline void rig_stop(struct rig *r)
{
    static const char *const names[] = {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm",
                                        "ticket.key", "audit.key"};
    char path[160];

    json_decref(r->reply.json);
    /* After a failed assertion a link may be open still. */
    while (r->c != NULL && r->c->link_count > 0)
        cw_control_link_closed(r->c, r->c->links[0]);
    cw_control_free(r->c);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", r->control_dir, names[i]);
        unlink(path);
    }
    rmdir(r->control_dir);
    rmdir(r->dir);
}

static inline void rig_wait(struct rig *r)
{
    while (!r->is_answered) {
        struct pollfd fd = {.fd = cw_control_event_fd(r->c), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 20000), 1);
        cw_control_on_hashes_ready(r->c);
    }
}

static inline const struct cw_operation *rig_operation(const char *name)
{
    const struct cw_operation *op = cw_operations;

    while (op->name != NULL && strcmp(op->name, name) != 0)
        op++;
    assert_non_null(op->name);
    return op;
}

/* Takes the reference of body (may be NULL). Returns the error or CW_OPERATION_PENDING. */
static inline int rig_begin(struct rig *r, enum cw_front front, const char *name, uint32_t id,
                            json_t *body)
{
    json_t *given = body != NULL ? body : json_object();
    struct cw_request request = {
        .front = front,
        .account = front == CW_FRONT_HTTP ? r->account : 0,
        .is_admin = r->is_admin,
        .must_change = r->must_change,
        .due = r->due,
        .is_fresh = r->is_fresh,
        .is_remembered = r->is_remembered,
        .sign_in = r->sign_in,
        .now_unix_ms = r->now_ms,
        .path_id = id,
        .body = given,
        .waiter = r,
        .host = r->host,
    };
    int err = 0;

    snprintf(request.source, sizeof request.source, "%s",
             front == CW_FRONT_HTTP ? r->source : "uid 0");
    json_decref(r->reply.json);
    r->reply = (struct cw_reply){0};
    r->is_answered = false;
    err = cw_control_call(r->c, rig_operation(name), &request, &r->reply);
    json_decref(given);
    return err;
}

/* The same, and waits for the password hash it may need. r->reply holds the answer. */
static inline int rig_call_at(struct rig *r, enum cw_front front, const char *name, uint32_t id,
                              json_t *body)
{
    int err = rig_begin(r, front, name, id, body);

    if (err == CW_OPERATION_PENDING) {
        rig_wait(r);
        err = r->reply_err;
    }
    if (err < 0)
        assert_string_not_equal(r->reply.message, "");
    return err;
}

static inline int rig_call(struct rig *r, const char *name, uint32_t id, json_t *body)
{
    return rig_call_at(r, CW_FRONT_HTTP, name, id, body);
}

static inline const char *rig_text(const struct rig *r, const char *member)
{
    return json_string_value(json_object_get(r->reply.json, member));
}

static inline uint64_t rig_number(const struct rig *r, const char *member)
{
    return (uint64_t)json_integer_value(json_object_get(r->reply.json, member));
}

/* What a browser with this cookie is to the appliance now. */
static inline int rig_come_back(struct rig *r, const char *cookie)
{
    struct cw_request fill = {0};
    int err = 0;

    snprintf(fill.source, sizeof fill.source, "%s", r->source);
    err = cw_control_sign_in_find(r->c, cookie, &fill);
    r->account = fill.account;
    r->sign_in = fill.sign_in;
    r->is_admin = fill.is_admin;
    r->must_change = fill.must_change;
    r->due = fill.due;
    r->is_fresh = fill.is_fresh;
    r->is_remembered = fill.is_remembered;
    return err;
}

static inline int rig_sign_in(struct rig *r, const char *user, const char *password)
{
    int err =
        rig_call(r, "sign_in", 0, json_pack("{s:s, s:s}", "user", user, "password", password));

    if (err != 0)
        return err;
    if (r->reply.set_cookie[0] != '\0') /* else the second factor comes first */
        assert_int_equal(rig_come_back(r, r->reply.set_cookie), 0);
    return 0;
}

/* The first administrator "ada" with the password "a long enough password", signed in. */
static inline void rig_admin(struct rig *r)
{
    char once[64];

    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "admin.create", 0, json_pack("{s:s}", "name", "ada")), 0);
    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(rig_sign_in(r, "ada", once), 0);
    assert_int_equal(
        rig_call(r, "password.change", 0,
                 json_pack("{s:s, s:s}", "current", once, "new", "a long enough password")),
        0);
    assert_int_equal(rig_sign_in(r, "ada", "a long enough password"), 0);
    assert_false(r->must_change);
}

/* How many audit rows have this action and result. */
struct rig_audit_count {
    const char *action;
    const char *result;
    unsigned count;
};

static inline int rig_audit_one(void *user, const struct cw_audit_row *row)
{
    struct rig_audit_count *wanted = user;

    if (strcmp(row->action, wanted->action) == 0 && strcmp(row->result, wanted->result) == 0)
        wanted->count++;
    return 0;
}

static inline unsigned rig_audit(struct rig *r, const char *action, const char *result)
{
    struct rig_audit_count wanted = {action, result, 0};

    assert_int_equal(cw_store_audit_each(r->c->store, 100000, rig_audit_one, &wanted), 0);
    return wanted.count;
}

#endif
