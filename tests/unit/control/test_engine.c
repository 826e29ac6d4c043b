/* SPDX-License-Identifier: Apache-2.0 */
/* Settings and drain: checked, stored, told to every worker, told again to one that links, and answered. */
#include "tests/unit/control/rig.h"

#include "engine/wire/setting.h"

static int set_up(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    rig_start(r);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    rig_stop(*state);
    free(*state);
    return 0;
}

static json_t *named(const char *name, const char *value)
{
    return value != NULL ? json_pack("{s:s, s:s}", "name", name, "value", value)
                         : json_pack("{s:s}", "name", name);
}

static const json_t *row(const struct rig *r, const char *name)
{
    const json_t *rows = json_object_get(r->reply.json, "settings");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "name")), name) == 0)
            return json_array_get(rows, i);
    fail_msg("no row %s", name);
    return NULL;
}

static const char *cell(const struct rig *r, const char *name, const char *column)
{
    return json_string_value(json_object_get(row(r, name), column));
}

static void answer(struct rig *r, struct rig_worker *w, uint16_t type, uint16_t code,
                   const char *text)
{
    const struct cw_link_message *asked =
        rig_need(w, type == CW_LINK_STATUS ? CW_LINK_STATUS_REQUEST : CW_LINK_SETTING, 0, 0);
    RIG_TELL(r, w, .type = type, .request = asked->request, .code = code,
             .bytes = (const uint8_t *)text, .bytes_count = strlen(text));
}

static void a_setting_is_stored_and_told_to_all(void **state)
{
    struct rig *r = *state;
    struct rig_worker w[2];
    rig_hello(r, &w[0], 0, 2);
    rig_hello(r, &w[1], 1, 2);
    for (unsigned i = 0; i < 2; i++) {
        RIG_TELL(r, &w[i], .type = CW_LINK_SNAPSHOT_END);
        assert_null(rig_sent(&w[i], CW_LINK_SETTING, 0, 0));
        rig_forget(&w[i]);
    }
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.set", 0, named("stall_ms", "20000")),
                     CW_OPERATION_PENDING);
    for (unsigned i = 0; i < 2; i++) {
        const struct cw_link_message *m = rig_need(&w[i], CW_LINK_SETTING, 0, 0);
        assert_int_equal(m->value, 20000);
        assert_memory_equal(m->bytes, "stall_ms", 8);
        assert_false(r->is_answered);
        answer(r, &w[i], CW_LINK_ANSWER, CW_LINK_ANSWER_DONE, "20000");
    }
    assert_true(r->is_answered);
    assert_int_equal(r->reply_err, 0);
    assert_string_equal(rig_text(r, "result"), "done");
    assert_int_equal(rig_audit(r, "engine.set", "ok"), 1);
    rig_unlink(r, &w[0]);
    rig_unlink(r, &w[1]);

    rig_restart(r);
    rig_link(r, &w[0]);
    const struct cw_link_message *m = rig_need(&w[0], CW_LINK_SETTING, 0, 0);
    assert_int_equal(m->value, 20000);
    assert_int_equal(m->request, 0);
    rig_forget(&w[0]);

    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.reset", 0, named("stall_ms", NULL)),
                     CW_OPERATION_PENDING);
    assert_int_equal(rig_need(&w[0], CW_LINK_SETTING, 0, 0)->value, CW_TIME_STALL_S_MAX * 1000);
    answer(r, &w[0], CW_LINK_ANSWER, CW_LINK_ANSWER_REFUSED, "no");
    assert_string_equal(rig_text(r, "result"), "stored, but not done by all workers");
    rig_unlink(r, &w[0]);
    rig_link(r, &w[0]);
    assert_null(rig_sent(&w[0], CW_LINK_SETTING, 0, 0));
    rig_unlink(r, &w[0]);
}

static void what_is_wrong_is_said(void **state)
{
    struct rig *r = *state;
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "engine.set", 0, named("stall", "1")),
                     CW_ERR_NOT_FOUND);
    assert_non_null(strstr(r->reply.message, "\"stall\""));
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "engine.set", 0, named("stall_ms", "1")),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "1000 to 300000"));
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "engine.set", 0, named("log_level", "loud")),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "error, warning, info or debug"));
    assert_int_equal(rig_audit(r, "engine.set", "ok"), 0);
    /* Nobody to tell: stored all the same. */
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "engine.set", 0, named("stall_ms", "5000")),
                     0);
    assert_non_null(strstr(rig_text(r, "result"), "stored"));
}

static void settings_are_shown_with_what_workers_have(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "engine.settings", 0, NULL), 0);
    assert_string_equal(cell(r, "stall_ms", "value"), "15000");
    assert_string_equal(cell(r, "stall_ms", "workers"), "-");
    rig_link(r, &w);
    rig_forget(&w);
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.settings", 0, NULL),
                     CW_OPERATION_PENDING);
    answer(r, &w, CW_LINK_STATUS, 0, "{\"settings\":{\"stall_ms\":4000,\"log_level\":1}}");
    assert_true(r->is_answered);
    assert_string_equal(cell(r, "stall_ms", "workers"), "4000");
    assert_string_equal(cell(r, "stall_ms", "range"), "1000-300000");
    assert_string_equal(cell(r, "log_level", "workers"), "warning");
    assert_string_equal(cell(r, "workers", "effect"), "next upgrade");
    rig_unlink(r, &w);
}

static void a_worker_that_is_silent_or_leaves_does_not_hold_the_answer(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    rig_link(r, &w);
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.set", 0, named("stall_ms", "5000")),
                     CW_OPERATION_PENDING);
    r->now_ms += CW_ORDER_TIME_MS_MAX - 1;
    cw_control_tick(r->c, r->now_ms);
    assert_false(r->is_answered);
    r->now_ms += 1;
    cw_control_tick(r->c, r->now_ms);
    assert_true(r->is_answered);
    assert_non_null(
        strstr(json_string_value(json_object_get(
                   json_array_get(json_object_get(r->reply.json, "answers"), 0), "text")),
               "in time"));
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.set", 0, named("stall_ms", "6000")),
                     CW_OPERATION_PENDING);
    rig_unlink(r, &w);
    assert_true(r->is_answered);
    assert_string_equal(rig_text(r, "result"), "stored, but not done by all workers");
}

static void a_drained_appliance_starts_nothing(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    rig_admin(r);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "engine.drain", 0, NULL), 0);
    assert_true(cw_control_is_draining(r->c));
    assert_int_equal(rig_call(r, "session_key.create", 0, NULL), CW_ERR_FULL);
    assert_non_null(strstr(r->reply.message, "drained"));
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", "ABCD")),
                     CW_ERR_FULL);
    rig_restart(r);
    assert_true(cw_control_is_draining(r->c));
    rig_link(r, &w);
    assert_int_equal(rig_need(&w, CW_LINK_DRAIN, 0, 0)->kind, 1);
    rig_forget(&w);
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.status", 0, NULL), CW_OPERATION_PENDING);
    answer(r, &w, CW_LINK_STATUS, 0,
           "{\"draining\":true,\"left\":{\"sessions\":3,\"participants\":7,\"standing\":2}}");
    assert_int_equal(rig_number(r, "sessions"), 3);
    assert_int_equal(rig_number(r, "participants"), 7);
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "engine.undrain", 0, NULL),
                     CW_OPERATION_PENDING);
    assert_int_equal(rig_need(&w, CW_LINK_DRAIN, 0, 0)->kind, 0);
    rig_unlink(r, &w);
    assert_int_equal(rig_call(r, "session_key.create", 0, NULL), 0);
    assert_int_equal(rig_audit(r, "engine.drain", "ok"), 1);
    assert_int_equal(rig_audit(r, "engine.undrain", "ok"), 1);
}

static void answer_certificate(struct rig *r, struct rig_worker *w, uint16_t code, const char *text)
{
    const struct cw_link_message *asked = rig_need(w, CW_LINK_CERTIFICATE, 0, 0);
    RIG_TELL(r, w, .type = CW_LINK_ANSWER, .request = asked->request, .code = code,
             .bytes = (const uint8_t *)text, .bytes_count = strlen(text));
    rig_forget(w);
}

static void a_certificate_is_checked_stored_and_used(void **state)
{
    static const char pem[] = "-----BEGIN secret";
    struct rig *r = *state;
    struct rig_worker w;
    char path[120];
    char text[64] = "";
    snprintf(path, sizeof path, "%s/web.pem", r->dir);
    rig_link(r, &w);
    rig_forget(&w);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "certificate.commit", 0, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "certificate.prepare", 0, NULL),
                     CW_ERR_INVALID);
    assert_int_equal(
        rig_begin(r, CW_FRONT_SOCKET, "certificate.prepare", 0, json_pack("{s:s}", "pem", pem)),
        CW_OPERATION_PENDING);
    assert_memory_equal(rig_need(&w, CW_LINK_CERTIFICATE, 0, 0)->bytes, pem, strlen(pem));
    answer_certificate(r, &w, CW_LINK_ANSWER_REFUSED, "the key belongs to another");
    assert_int_equal(r->reply_err, CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "belongs to another"));
    assert_null(r->c->certificate);

    assert_int_equal(
        rig_begin(r, CW_FRONT_SOCKET, "certificate.prepare", 0, json_pack("{s:s}", "pem", pem)),
        CW_OPERATION_PENDING);
    answer_certificate(r, &w, CW_LINK_ANSWER_DONE, "CN=good");
    assert_string_equal(rig_text(r, "certificate"), "CN=good");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rig_begin(r, CW_FRONT_SOCKET, "certificate.commit", 0, NULL),
                     CW_OPERATION_PENDING);
    assert_int_equal(rig_need(&w, CW_LINK_CERTIFICATE, 0, 0)->kind, CW_LINK_CERTIFICATE_COMMIT);
    assert_memory_equal(rig_need(&w, CW_LINK_CERTIFICATE, 0, 0)->bytes, pem, strlen(pem));
    answer_certificate(r, &w, CW_LINK_ANSWER_DONE, "CN=good");
    assert_null(r->c->certificate);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_string_equal(text, pem);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rig_audit(r, "certificate.commit", "ok"), 1);
    assert_int_equal(rig_audit(r, "certificate.prepare", "INVALID"), 1);
    rig_unlink(r, &w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_setting_is_stored_and_told_to_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(settings_are_shown_with_what_workers_have, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_worker_that_is_silent_or_leaves_does_not_hold_the_answer,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_certificate_is_checked_stored_and_used, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_drained_appliance_starts_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
