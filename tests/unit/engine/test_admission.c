/* SPDX-License-Identifier: Apache-2.0 */
/* engine/admission.h, penalty.h and message_table.h: who comes in, who must wait, who may send what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/admission.h"
#include "engine/base/err.h"
#include "engine/message_table.h"
#include "engine/penalty.h"
#include "engine/relay_limits.h"

static const uint8_t seed[32] = {7};
static const uint8_t holder_seed[32] = {8};
static const uint8_t exporter[32] = {9};
static struct cw_admission admission;

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(cw_admission_init(&admission), 0);
    assert_int_equal(cw_key_public(seed, admission.control_key), 0);
    admission.has_key = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cw_admission_fini(&admission);
    return 0;
}

static struct cw_hello hello_of(uint8_t kind, uint8_t role, uint32_t session, uint8_t id)
{
    struct cw_hello h = {.kind = kind == CW_TICKET_KIND_DEVICE ? CW_HELLO_DEVICE : CW_HELLO_TICKET};
    h.ticket = (struct cw_ticket){.kind = kind,
                                  .role = role,
                                  .session = session,
                                  .participant = 3,
                                  .not_before_unix_s = 1000,
                                  .not_after_unix_s = 1060,
                                  .id = {id}};
    assert_int_equal(cw_key_public(holder_seed, h.ticket.holder_key), 0);
    assert_int_equal(cw_ticket_sign(&h.ticket, seed), 0);
    assert_int_equal(cw_possession_sign(exporter, h.ticket.id, holder_seed, h.possession), 0);
    return h;
}

static void test_checks(void **state)
{
    (void)state;
    struct cw_hello h = hello_of(CW_TICKET_KIND_JOIN, CW_ROLE_REPRESENTATIVE, 5, 1);
    assert_int_equal(cw_admission_check(&admission, &h, exporter, 1030), CW_CLOSE_OK);
    assert_int_equal(cw_admission_check(&admission, &h, exporter, 2000), CW_CLOSE_TICKET_EXPIRED);
    static const uint8_t other_exporter[32] = {10};
    assert_int_equal(cw_admission_check(&admission, &h, other_exporter, 1030),
                     CW_CLOSE_PROOF_WRONG);
    h.ticket.permissions = 0xFF;
    assert_int_equal(cw_admission_check(&admission, &h, exporter, 1030), CW_CLOSE_TICKET_FORGED);
    admission.has_key = false;
    assert_int_equal(cw_admission_check(&admission, &h, exporter, 1030), CW_CLOSE_UNAVAILABLE);
    admission.has_key = true;
}

static void test_role_fits_kind(void **state)
{
    (void)state;
    static const struct {
        uint8_t kind, role;
        uint32_t session;
        bool is_legal;
    } cases[] = {
        {CW_TICKET_KIND_JOIN, CW_ROLE_CUSTOMER, 5, true},
        {CW_TICKET_KIND_RESUME, CW_ROLE_UNATTENDED, 5, true},
        {CW_TICKET_KIND_DEVICE, CW_ROLE_DEVICE, 0, true},
        {CW_TICKET_KIND_CONSOLE, CW_ROLE_CONSOLE, 0, true},
        {CW_TICKET_KIND_JOIN, CW_ROLE_CUSTOMER, 0, false},
        {CW_TICKET_KIND_JOIN, CW_ROLE_DEVICE, 5, false},
        {CW_TICKET_KIND_DEVICE, CW_ROLE_REPRESENTATIVE, 0, false},
        {CW_TICKET_KIND_DEVICE, CW_ROLE_DEVICE, 5, false},
        {CW_TICKET_KIND_CONSOLE, CW_ROLE_REPRESENTATIVE, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_hello h = hello_of(cases[i].kind, cases[i].role, cases[i].session, 2);
        assert_int_equal(cw_admission_check(&admission, &h, exporter, 1030),
                         cases[i].is_legal ? CW_CLOSE_OK : CW_CLOSE_MALFORMED);
    }
    struct cw_hello h = hello_of(CW_TICKET_KIND_DEVICE, CW_ROLE_DEVICE, 0, 2);
    h.kind = CW_HELLO_TICKET;
    assert_int_equal(cw_admission_check(&admission, &h, exporter, 1030), CW_CLOSE_MALFORMED);
}

static void test_used_denied_ended(void **state)
{
    (void)state;
    struct cw_hello join = hello_of(CW_TICKET_KIND_JOIN, CW_ROLE_REPRESENTATIVE, 5, 11);
    assert_int_equal(cw_admission_use(&admission, &join.ticket, 1030), CW_CLOSE_OK);
    assert_int_equal(cw_admission_use(&admission, &join.ticket, 1030), CW_CLOSE_TICKET_USED);
    struct cw_hello resume = hello_of(CW_TICKET_KIND_RESUME, CW_ROLE_REPRESENTATIVE, 5, 12);
    assert_int_equal(cw_admission_use(&admission, &resume.ticket, 1030), CW_CLOSE_OK);
    assert_int_equal(cw_admission_use(&admission, &resume.ticket, 1030), CW_CLOSE_OK);
    cw_admission_deny(&admission, resume.ticket.id, 1050, 1030);
    assert_int_equal(cw_admission_check(&admission, &resume, exporter, 1050),
                     CW_CLOSE_TICKET_DENIED);
    assert_int_equal(cw_admission_check(&admission, &resume, exporter, 1051), CW_CLOSE_OK);
    struct cw_hello late = hello_of(CW_TICKET_KIND_RESUME, CW_ROLE_REPRESENTATIVE, 6, 13);
    cw_admission_end_session(&admission, 6, CW_CLOSE_ENDED_BY_OPERATOR, 3, 1030);
    assert_int_equal(cw_admission_ended(&admission, 6, 1030)->link, 3);
    assert_int_equal(cw_admission_use(&admission, &late.ticket, 1030), CW_CLOSE_TICKET_DENIED);
    assert_false(cw_admission_has_ended(&admission, 5, 1030));
}

/* A full table of used tickets refuses instead of forgetting; expired ones make room. */
static void test_full_table(void **state)
{
    (void)state;
    struct cw_ticket t = {.kind = CW_TICKET_KIND_JOIN, .session = 77, .not_after_unix_s = 5000};
    uint16_t code = CW_CLOSE_OK;
    for (uint32_t i = 0; i <= CW_RELAY_USED_TICKETS_MAX && code == CW_CLOSE_OK; i++) {
        memcpy(t.id, &i, sizeof i);
        t.id[15] = 1;
        code = cw_admission_use(&admission, &t, 4000);
    }
    assert_int_equal(code, CW_CLOSE_OVERLOADED);
    t.not_after_unix_s = 7000;
    assert_int_equal(cw_admission_use(&admission, &t, 6000), CW_CLOSE_OK);
}

enum { RATE_REQUEST = 20, RATE_TICKET = 60 };

static void test_penalties(void **state)
{
    (void)state;
    static struct cw_penalties p;
    const uint64_t second_ns = UINT64_C(1000000000);
    uint8_t source[18] = {[10] = 0xFF, [11] = 0xFF, [12] = 203, [15] = 9};
    uint8_t other[18] = {[10] = 0xFF, [11] = 0xFF, [12] = 203, [15] = 10};
    unsigned tries = 0;
    while (cw_penalty_may(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, second_ns) &&
           tries < 1000) {
        cw_penalty_add(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, second_ns);
        source[16]++; /* another port is the same source */
        tries++;
    }
    assert_int_equal(tries, 20);
    assert_true(cw_penalty_may(&p, other, CW_PENALTY_REQUEST, RATE_REQUEST, second_ns));
    assert_true(cw_penalty_may(&p, source, CW_PENALTY_TICKET, RATE_TICKET, second_ns));
    assert_false(cw_penalty_may(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, 3 * second_ns));
    assert_true(cw_penalty_may(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, 5 * second_ns));
    cw_penalty_add(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, 5 * second_ns);
    assert_false(cw_penalty_may(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, 5 * second_ns));
    cw_penalty_forgive(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, 5 * second_ns);
    assert_true(cw_penalty_may(&p, source, CW_PENALTY_REQUEST, RATE_REQUEST, 5 * second_ns));
}

static void test_message_table(void **state)
{
    (void)state;
    unsigned rules = 0;
    for (unsigned type = 0; type < 256; type++) {
        const struct cw_message_rule *rule = cw_message_rule((uint8_t)type);
        assert_int_equal(rule != NULL, cw_message_info((uint8_t)type) != NULL);
        rules += rule != NULL;
    }
    assert_int_equal(rules, 48);
    const struct cw_message_rule *key = cw_message_rule(CW_MESSAGE_KEY);
    const uint64_t control = CW_PERMIT(CONTROL_INPUT);
    const uint8_t role = CW_ROLE_REPRESENTATIVE;
    assert_int_equal(cw_message_judge(key, CW_PHASE_OPEN, true, role, control), CW_CLOSE_OK);
    assert_int_equal(cw_message_judge(key, CW_PHASE_HELLO, false, role, 0), CW_CLOSE_NOT_NOW);
    assert_int_equal(cw_message_judge(key, CW_PHASE_OPEN, false, role, 0), CW_CLOSE_MALFORMED);
    assert_int_equal(cw_message_judge(key, CW_PHASE_OPEN, true, role, ~control),
                     CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(cw_message_judge(key, CW_PHASE_OPEN, true, CW_ROLE_DEVICE, control),
                     CW_CLOSE_NOT_PERMITTED);
    /* Only the customer answers for the customer, and nobody sends questions. */
    const struct cw_message_rule *answer = cw_message_rule(CW_MESSAGE_TOOL_ANSWER);
    assert_int_equal(
        cw_message_judge(answer, CW_PHASE_OPEN, true, CW_ROLE_CUSTOMER, CW_PERMIT(CONSENT)),
        CW_CLOSE_OK);
    assert_int_equal(cw_message_judge(answer, CW_PHASE_OPEN, true, role, UINT64_MAX),
                     CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(cw_message_judge(cw_message_rule(CW_MESSAGE_TOOL_ASK), CW_PHASE_OPEN, true,
                                      CW_ROLE_CUSTOMER, UINT64_MAX),
                     CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(cw_message_judge(cw_message_rule(CW_MESSAGE_WELCOME), CW_PHASE_OPEN, true,
                                      role, UINT64_MAX),
                     CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(
        cw_message_judge(cw_message_rule(CW_MESSAGE_HELLO), CW_PHASE_OPEN, true, role, UINT64_MAX),
        CW_CLOSE_NOT_NOW);
}

static void test_side_chat_is_for_representatives(void **state)
{
    (void)state;
    const uint64_t chat = CW_PERMIT(CHAT);
    const struct cw_message_rule *say = cw_message_rule(CW_MESSAGE_SIDE_SAY);
    const struct cw_message_rule *side = cw_message_rule(CW_MESSAGE_SIDE_LINE);
    const struct cw_message_rule *line = cw_message_rule(CW_MESSAGE_CHAT_LINE);
    for (uint8_t role = 0; role < CW_ROLE_COUNT; role++) {
        const bool is_rep = role == CW_ROLE_REPRESENTATIVE;
        assert_int_equal(cw_message_judge(say, CW_PHASE_OPEN, true, role, UINT64_MAX),
                         is_rep ? CW_CLOSE_OK : CW_CLOSE_NOT_PERMITTED);
        assert_int_equal(cw_message_may_receive(side, role, UINT64_MAX), is_rep);
        assert_true(cw_message_may_receive(line, role, chat));
    }
    assert_true(cw_message_may_receive(side, CW_ROLE_REPRESENTATIVE, chat));
    assert_false(cw_message_may_receive(side, CW_ROLE_REPRESENTATIVE, ~chat));
    /* Whom a message of others goes to is not a matter of who may say it. */
    assert_true(cw_message_may_receive(cw_message_rule(CW_MESSAGE_CONSENT), CW_ROLE_UNATTENDED, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_role_fits_kind),
        cmocka_unit_test(test_used_denied_ended),
        cmocka_unit_test(test_full_table),
        cmocka_unit_test(test_penalties),
        cmocka_unit_test(test_message_table),
        cmocka_unit_test(test_side_chat_is_for_representatives),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
