/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/control/seed.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control/store/store.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/ticket.h"

enum { SEED_BATCH = 2000 };

static void key_of(uint32_t number, uint8_t kind, uint8_t *key)
{
    memset(key, kind, CW_KEY_BYTES);
    memcpy(key, &number, sizeof number);
}

static int add_item(struct cw_store *s, uint32_t number, uint64_t now_ms)
{
    static const char *const places[] = {"Berlin", "Lyon", "Porto", "Turku", "Gent", "Brno"};
    static const char *const kinds[] = {"till", "kiosk", "server", "workstation", "display"};
    struct cw_jump_item item = {0};

    (void)snprintf(item.name, sizeof item.name, "%s %s %05u", places[number % 6],
                   kinds[number / 6 % 5], number);
    (void)snprintf(item.hostname, sizeof item.hostname, "%s-%05u.shop.example", kinds[number % 5],
                   number);
    (void)snprintf(item.platform, sizeof item.platform, "Debian GNU/Linux 12 (bookworm) x86_64");
    (void)snprintf(item.user, sizeof item.user, "user%u", number % 997);
    key_of(number, 1, item.device_key);
    return cw_store_jump_item_add(s, &item, 1, now_ms);
}

static int add_ticket(struct cw_store *s, uint32_t session, uint32_t participant, uint64_t now_ms)
{
    struct cw_ticket_row row = {.kind = CW_TICKET_KIND_RESUME,
                                .session = session,
                                .participant = participant,
                                .not_after_s = now_ms / 1000 + 3600};

    if (cw_secret_random(row.id, sizeof row.id) != 0)
        return CW_ERR_INTERNAL;
    return cw_store_ticket_add(s, &row);
}

static int add_participant(struct cw_store *s, uint32_t session, uint32_t number, uint8_t role,
                           uint64_t now_ms)
{
    struct cw_participant p = {
        .session = session, .number = number, .role = role, .account = number == 1 ? 1 : 0};
    struct cw_chat_row line = {
        .time_ms = now_ms, .name = "", .text = "Somebody joined.", .text_bytes = 16};

    (void)snprintf(p.name, sizeof p.name, "%s %u", number == 1 ? "Ada" : "till", session);
    key_of(session, (uint8_t)(1 + number), p.holder_key);
    int err = cw_store_participant_add(s, &p);
    if (err == 0)
        err = add_ticket(s, session, number, now_ms);
    return err == 0 ? cw_store_chat_add(s, session, &line) : err;
}

static int add_session(struct cw_store *s, uint32_t number, uint64_t now_ms)
{
    struct cw_session row = {.kind = CW_SESSION_JUMP,
                             .state = CW_SESSION_ACTIVE,
                             .account = 1,
                             .jump_item = number,
                             .created_ms = now_ms,
                             .started_ms = now_ms};

    (void)snprintf(row.customer, sizeof row.customer, "till %u", number);
    int err = cw_store_session_add(s, &row);
    if (err == 0 && row.id != number)
        err = CW_ERR_STATE; /* the store was used before */
    if (err == 0)
        err = add_participant(s, number, 1, CW_ROLE_REPRESENTATIVE, now_ms);
    return err == 0 ? add_participant(s, number, 2, CW_ROLE_UNATTENDED, now_ms) : err;
}

int seed_store(const char *control_dir, uint32_t items, uint32_t sessions)
{
    const uint64_t now_ms = (uint64_t)time(NULL) * 1000;
    struct cw_store *s = NULL;
    char path[512];
    char message[512];

    (void)snprintf(path, sizeof path, "%s/store.sqlite", control_dir);
    if (cw_store_open(path, message, sizeof message, &s) != 0) {
        (void)fprintf(stderr, "%s\n", message);
        return -1;
    }
    int err = 0;
    for (uint32_t at = 1; err == 0 && at <= items; at += SEED_BATCH) {
        err = cw_store_begin(s);
        for (uint32_t i = at; err == 0 && i < at + SEED_BATCH && i <= items; i++) {
            err = add_item(s, i, now_ms);
            if (err == 0 && i <= sessions)
                err = add_session(s, i, now_ms);
        }
        err = cw_store_end(s, err);
    }
    cw_store_close(s);
    if (err != 0)
        (void)fprintf(stderr, "seed: %s\n", cw_err_text(err));
    return err;
}
