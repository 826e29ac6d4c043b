/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics against a strict reader, with STATUS as the engine writes it and as a broken one would. */
#include "tests/unit/control/rig.h"

#include "control/link/metrics.h"
#include "tests/unit/control/exposition.h"

static struct exposition seen;

static char *written(struct rig *r)
{
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(cw_metrics_write(r->c, &text, &size), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static void check(char *text)
{
    const char *line = "";
    const char *wrong = exposition_check(&seen, text, &line);
    if (wrong != NULL)
        fail_msg("%s: %s", wrong, line);
}

static void status(struct rig *r, struct rig_worker *w, const char *json)
{
    RIG_TELL(r, w, .type = CW_LINK_STATUS, .bytes = (const uint8_t *)json,
             .bytes_count = strlen(json));
}

static void without_an_engine_control_tells_of_itself(void **state)
{
    struct rig *r = *state;
    char *text = written(r);
    assert_non_null(strstr(text, "causeway_engine_workers_linked 0\n"));
    assert_non_null(strstr(text, "causeway_control_store_writable 1\n"));
    assert_non_null(strstr(text, "operation=\"engine.set\",result=\"refused\"} 0\n"));
    check(text);
    assert_true(seen.family_count > 50);
    free(text);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "engine.set", 0,
                                 json_pack("{s:s, s:s}", "name", "stall_ms", "value", "1")),
                     CW_ERR_INVALID);
    text = written(r);
    assert_non_null(strstr(text, "operation=\"engine.set\",result=\"refused\"} 1\n"));
    free(text);
}

static void two_workers_are_told_apart(void **state)
{
    struct rig *r = *state;
    struct rig_worker w[2];
    for (uint16_t i = 0; i < 2; i++) {
        rig_hello(r, &w[i], i, 2);
        RIG_TELL(r, &w[i], .type = CW_LINK_SNAPSHOT_END);
        status(
            r, &w[i],
            "{\"build\":\"1.2\",\"connections\":{\"open\":3,\"hello\":0},"
               "\"counters\":{\"accepted\":7},"
            "\"dropped\":{\"no_source\":4},\"closed\":{\"TOO_SLOW\":2},"
               "\"pools\":{\"chunks\":[1,8]},"
            "\"channels\":{\"chat\":[1,2,3,4]},\"gate\":{\"step_us\":1500},"
            "\"hello_latency\":{\"sum_ms\":2500,\"buckets\":[1,0,0,0,0,0,0,0,0,0,2,0,0,0]},"
            "\"process\":{\"resident_bytes\":4096}}");
    }
    char *text = written(r);
    static const char *const expected[] = {
        "causeway_engine_accepted_total{worker=\"0\"} 7\n",
        "causeway_engine_connections{worker=\"1\",state=\"open\"} 3\n",
        "causeway_engine_dropped_total{worker=\"1\",reason=\"no_source\"} 4\n",
        "causeway_engine_closed_total{worker=\"0\",code=\"TOO_SLOW\"} 2\n",
        "causeway_engine_pool_limit{worker=\"0\",pool=\"chunks\"} 8\n",
        "causeway_engine_channel_sent_bytes_total{worker=\"0\",channel=\"chat\"} 4\n",
        "causeway_engine_step_seconds{worker=\"0\"} 0.0015\n",
        "causeway_engine_hello_duration_seconds_bucket{worker=\"0\",le=\"0.001\"} 1\n",
        "causeway_engine_hello_duration_seconds_bucket{worker=\"0\",le=\"2\"} 3\n",
        "causeway_engine_hello_duration_seconds_bucket{worker=\"0\",le=\"+Inf\"} 3\n",
        "causeway_engine_hello_duration_seconds_sum{worker=\"0\"} 2.5\n",
        "causeway_engine_process_resident_memory_bytes 4096\n",
        "causeway_engine_build_info{version=\"1.2\"} 1\n",
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        if (strstr(text, expected[i]) == NULL)
            fail_msg("not there: %s", expected[i]);
    check(text);
    free(text);
    rig_unlink(r, &w[0]);
    rig_unlink(r, &w[1]);
}

static void what_a_broken_engine_says_stays_out(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    rig_link(r, &w);
    status(
        r, &w,
        "{\"build\":\"1\\\"} 1\\nevil 2\",\"connections\":{"
        "\"a\\\"b\":1,\"\":2,\"c d\":3,\"ok\":\"text\"},"
        "\"counters\":[],\"dropped\":7,\"pools\":{\"chunks\":[\"x\"]},"
        "\"hello_latency\":{\"buckets\":[1,2]},\"process\":null}");
    char *text = written(r);
    assert_null(strstr(text, "evil"));
    assert_null(strstr(text, "engine_connections{"));
    check(text);
    free(text);
    rig_unlink(r, &w);
}

static void the_reader_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "x 1\n",
        "# HELP causeway_a text\n# TYPE causeway_a gauge\ncauseway_b 1\n",
        "# HELP causeway_a text\n# TYPE causeway_a gauge\ncauseway_a 1\ncauseway_a 1\n",
        "# HELP causeway_a text\n# TYPE causeway_a counter\ncauseway_a 1\n",
        "# HELP causeway_a_ms text\n# TYPE causeway_a_ms gauge\n",
        "# HELP causeway_a text\n# TYPE causeway_a gauge\ncauseway_a{b=\"\"} 1\n",
        "# HELP causeway_a text\n# TYPE causeway_a gauge\ncauseway_a one\n",
        "# HELP causeway_a text\n# TYPE causeway_a gauge\ncauseway_a 1",
        "# HELP causeway_a text\n# TYPE causeway_a histogram\ncauseway_a_bucket{le=\"1\"} 2\n"
        "causeway_a_bucket{le=\"2\"} 1\n",
        "# HELP causeway_a text\n# TYPE causeway_a histogram\ncauseway_a_sum 2\n",
        "# HELP causeway_a text\n# HELP causeway_a text\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[300];
        const char *line = "";
        snprintf(text, sizeof text, "%s", bad[i]);
        if (exposition_check(&seen, text, &line) == NULL)
            fail_msg("taken: %s", bad[i]);
    }
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_an_engine_control_tells_of_itself, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_workers_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_broken_engine_says_stays_out, set_up, tear_down),
        cmocka_unit_test(the_reader_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
