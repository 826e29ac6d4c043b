/* SPDX-License-Identifier: Apache-2.0 */
/* The queue between workers: order, bound, wrap-around, and four threads pushing at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "engine/base/err.h"
#include "engine/mailbox.h"

static void keeps_order_and_bound(void **state)
{
    (void)state;
    struct cw_mailbox *m = NULL;
    assert_int_equal(cw_mailbox_new(3, &m), 0);
    struct cw_mail mail = {0};
    assert_false(cw_mailbox_pop(m, &mail));
    uint32_t in = 0, out = 0;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3; i++) {
            mail = (struct cw_mail){.kind = in++, .descriptor = 7, .connection = m};
            mail.opaque[CW_MAIL_OPAQUE_BYTES - 1] = (uint8_t)in;
            assert_int_equal(cw_mailbox_push(m, &mail), 0);
        }
        assert_int_equal(cw_mailbox_push(m, &mail), CW_ERR_FULL);
        for (int i = 0; i < (round % 2 == 0 ? 3 : 2); i++) {
            assert_true(cw_mailbox_pop(m, &mail));
            assert_int_equal(mail.kind, out++);
            assert_int_equal(mail.descriptor, 7);
            assert_ptr_equal(mail.connection, m);
            assert_int_equal(mail.opaque[CW_MAIL_OPAQUE_BYTES - 1], (uint8_t)out);
        }
        while (cw_mailbox_pop(m, &mail))
            assert_int_equal(mail.kind, out++);
        assert_int_equal(in, out);
    }
    assert_null(cw_mailbox_free(m));
}

enum { PUSHERS = 4, EACH = 20000 };

struct pusher {
    struct cw_mailbox *mailbox;
    uint32_t index;
};

static void *push_many(void *arg)
{
    const struct pusher *p = arg;
    for (int32_t i = 0; i < EACH; i++) {
        struct cw_mail mail = {.kind = p->index, .descriptor = i};
        while (cw_mailbox_push(p->mailbox, &mail) == CW_ERR_FULL)
            sched_yield();
    }
    return NULL;
}

static void many_pushers_lose_nothing(void **state)
{
    (void)state;
    struct cw_mailbox *m = NULL;
    assert_int_equal(cw_mailbox_new(64, &m), 0);
    pthread_t threads[PUSHERS];
    struct pusher pushers[PUSHERS];
    int32_t next[PUSHERS] = {0};
    for (uint32_t i = 0; i < PUSHERS; i++) {
        pushers[i] = (struct pusher){m, i};
        assert_int_equal(pthread_create(&threads[i], NULL, push_many, &pushers[i]), 0);
    }
    for (int got = 0; got < PUSHERS * EACH;) {
        struct cw_mail mail;
        if (!cw_mailbox_pop(m, &mail)) {
            sched_yield();
            continue;
        }
        assert_true(mail.kind < PUSHERS);
        assert_int_equal(mail.descriptor, next[mail.kind]++);
        got++;
    }
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(threads[i], NULL);
    struct cw_mail mail;
    assert_false(cw_mailbox_pop(m, &mail));
    cw_mailbox_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_bound),
        cmocka_unit_test(many_pushers_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
