/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/jump_policy.h - Jumps to a computer under a Jump policy. */
#ifndef CW_TESTS_UNIT_CONTROL_JUMP_POLICY_H
#define CW_TESTS_UNIT_CONTROL_JUMP_POLICY_H

#include "control/account/totp.h"
#include "control/policy/jump_check.h"
#include "control/policy/policies.h"
#include "tests/unit/control/authenticator.h"

static inline uint32_t id_in(struct rig *r, const char *object)
{
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, object), "id"));
}

/* Takes body. */
static inline uint32_t make_policy(struct rig *r, json_t *body)
{
    assert_int_equal(rig_call(r, "jump_policy.create", 0, body), 0);
    return id_in(r, "jump_policy");
}

static inline void give(struct rig *r, const char *kind, uint32_t object, uint32_t policy)
{
    assert_int_equal(rig_call(r, "policy.assign", 0,
                              json_pack("{s:s, s:I, s:I}", "kind", kind, "object",
                                        (json_int_t)object, "jump_policy", (json_int_t)policy)),
                     0);
}

/* A Jump Item that is online. */
static inline uint32_t online(struct rig *r, struct rig_worker *w)
{
    const uint32_t item = rig_enrol(r, w, 9, "Till");

    RIG_TELL(r, w, .type = CW_LINK_DEVICE_UP, .participant = item);
    return item;
}

static inline int jump(struct rig *r, uint32_t item, const char *member, json_t *value)
{
    json_t *body = rig_holder(3);

    if (member != NULL)
        json_object_set_new(body, member, value);
    return rig_call(r, "jump_item.jump", item, body);
}

/* Sets the clock to a UTC time of July 2026; the 6th is a Monday. */
static inline void set_clock(struct rig *r, int day, int hour, int minute)
{
    r->now_ms = (uint64_t)(cw_date_to_days(2026, 7, day) * 86400 + hour * 3600 + minute * 60) *
                UINT64_C(1000);
}

static inline uint32_t make_account(struct rig *r, const char *user)
{
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", user)), 0);
    return id_in(r, "account");
}

static inline uint32_t act_as(struct rig *r, uint32_t account, bool is_admin)
{
    const uint32_t before = r->account;

    r->account = account;
    r->is_admin = is_admin;
    return before;
}

#endif
