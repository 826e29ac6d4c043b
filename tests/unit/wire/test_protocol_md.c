/* SPDX-License-Identifier: Apache-2.0 */
/* Every example of engine/PROTOCOL.md decodes, means what its heading says, and encodes to the same bytes;
 * and every message type has an example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/hello.h"
#include "engine/wire/link.h"
#include "engine/wire/message.h"
#include "engine/wire/stream_message.h"
#include "engine/wire/ticket.h"
#include "engine/wire/wake.h"

enum { EXAMPLE_BYTES_MAX = 4096, TEXT_BYTES_MAX = 256 * 1024 };

struct example {
    char kind[16];
    char name[32];
    uint8_t bytes[EXAMPLE_BYTES_MAX];
    size_t size;
};

static char document[TEXT_BYTES_MAX];

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next example at or after *at; NULL at the end. */
static const char *next_example(const char *at, struct example *ret)
{
    while ((at = strstr(at, "\n```")) != NULL) {
        at += 4;
        memset(ret, 0, sizeof *ret);
        if (sscanf(at, "%15[a-z] %31[A-Z_]", ret->kind, ret->name) < 1 ||
            (strcmp(ret->kind, "frame") != 0 && strcmp(ret->kind, "ticket") != 0 &&
             strcmp(ret->kind, "link") != 0 && strcmp(ret->kind, "wake") != 0)) {
            /* Another block (a picture): skip it whole. */
            at = strstr(at, "\n```");
            assert_non_null(at);
            at += 4;
            continue;
        }
        for (at = strchr(at, '\n'); *at != '`'; at++) {
            int high = hex_digit(at[0]);
            if (high < 0)
                continue;
            int low = hex_digit(at[1]);
            assert_true(low >= 0);
            assert_true(ret->size < sizeof ret->bytes);
            ret->bytes[ret->size++] = (uint8_t)(high << 4 | low);
            at++;
        }
        return at + 3;
    }
    return NULL;
}

/* Decodes and encodes the payload of a message that has a layout of its own. */
#define ROUND_TRIP(type)                                                             \
    do {                                                                             \
        struct cw_##type m;                                                          \
        assert_int_equal(cw_##type##_decode(payload, size, &m), CW_OK);              \
        assert_int_equal(cw_##type##_encode(&m, out, sizeof out, &out_size), CW_OK); \
    } while (0)

static void check_payload(enum cw_message type, const uint8_t *payload, size_t size)
{
    uint8_t out[EXAMPLE_BYTES_MAX];
    size_t out_size = 0;
    switch (type) {
    case CW_MESSAGE_HELLO: ROUND_TRIP(hello); break;
    case CW_MESSAGE_HELLO_REPLY: ROUND_TRIP(hello_reply); break;
    case CW_MESSAGE_WELCOME: ROUND_TRIP(welcome); break;
    case CW_MESSAGE_CLOSE:
    case CW_MESSAGE_SESSION_END:
    case CW_MESSAGE_SESSION_ENDED: ROUND_TRIP(close); break;
    case CW_MESSAGE_PARTICIPANT: ROUND_TRIP(participant_note); break;
    case CW_MESSAGE_SESSION_OFFER: ROUND_TRIP(session_offer); break;
    case CW_MESSAGE_CONSENT: ROUND_TRIP(consent); break;
    case CW_MESSAGE_TOOL_ASK: ROUND_TRIP(tool_ask); break;
    case CW_MESSAGE_TOOL_ANSWER: ROUND_TRIP(tool_answer); break;
    case CW_MESSAGE_KEY: ROUND_TRIP(key); break;
    case CW_MESSAGE_POINTER: ROUND_TRIP(pointer); break;
    case CW_MESSAGE_CURSOR_SHAPE: ROUND_TRIP(cursor_shape); break;
    case CW_MESSAGE_CURSOR_POSITION: ROUND_TRIP(cursor_position); break;
    case CW_MESSAGE_CHAT_SAY:
    case CW_MESSAGE_SIDE_SAY: ROUND_TRIP(chat_say); break;
    case CW_MESSAGE_CHAT_LINE:
    case CW_MESSAGE_SIDE_LINE: ROUND_TRIP(chat_line); break;
    case CW_MESSAGE_SCREEN_RESET: ROUND_TRIP(screen_reset); break;
    case CW_MESSAGE_CREDIT: ROUND_TRIP(credit); break;
    case CW_MESSAGE_STREAM_OPEN: ROUND_TRIP(stream_open); break;
    case CW_MESSAGE_STREAM_CLOSE: ROUND_TRIP(stream_close); break;
    case CW_MESSAGE_PEER: ROUND_TRIP(peer_note); break;
    case CW_MESSAGE_SHELL_DATA:
    case CW_MESSAGE_CLIPBOARD_DATA:
    case CW_MESSAGE_SYSTEM_DATA:
    case CW_MESSAGE_FILE_DATA:
    case CW_MESSAGE_TUNNEL_DATA: ROUND_TRIP(stream_data); break;
    case CW_MESSAGE_SCREEN_ACK: ROUND_TRIP(screen_ack); break;
    case CW_MESSAGE_RENDITION: ROUND_TRIP(rendition_note); break;
    case CW_MESSAGE_SCREEN_SETTINGS: ROUND_TRIP(screen_settings); break;
    case CW_MESSAGE_CHALLENGE:
    case CW_MESSAGE_PING:
    case CW_MESSAGE_PONG:
    case CW_MESSAGE_PERMISSIONS:
    case CW_MESSAGE_SYNC_REQUEST:
    case CW_MESSAGE_RESUME_TICKET:
    case CW_MESSAGE_LINK_STATE:
    case CW_MESSAGE_STATISTICS:
    case CW_MESSAGE_DEVICE_ORDER:
    case CW_MESSAGE_CLIENT_OFFER:
    case CW_MESSAGE_DEVICE_THUMBNAIL:
    case CW_MESSAGE_DEVICE_FETCH:
    case CW_MESSAGE_DEVICE_CHUNK:
    case CW_MESSAGE_RELEASE_ALL:
    case CW_MESSAGE_EVENT:
    case CW_MESSAGE_SCREEN_UPDATE: return; /* one number, text or opaque bytes */
    }
    assert_int_equal(out_size, size);
    assert_memory_equal(out, payload, size);
}

static void check_frame(const struct example *e, unsigned *seen)
{
    struct cw_frame f;
    assert_int_equal(cw_frame_decode(e->bytes, e->size, &f), CW_OK);
    const struct cw_message_info *info = cw_message_info(f.type);
    assert_non_null(info);
    assert_string_equal(info->name, e->name);
    assert_int_equal(e->size, CW_FRAME_HEADER_BYTES + f.length);
    assert_true(f.length >= info->least);
    uint8_t header[CW_FRAME_HEADER_BYTES];
    cw_frame_encode(&f, header);
    assert_memory_equal(header, e->bytes, sizeof header);
    check_payload((enum cw_message)f.type, e->bytes + CW_FRAME_HEADER_BYTES, f.length);
    seen[f.type]++;
}

/* The document names the seeds, so that another implementation can check its own signatures. */
static void check_ticket(const uint8_t *bytes, size_t size, const uint8_t *possession)
{
    uint8_t control_seed[CW_KEY_BYTES];
    uint8_t control_key[CW_KEY_BYTES];
    uint8_t exporter[CW_EXPORTER_BYTES];
    for (unsigned i = 0; i < CW_KEY_BYTES; i++)
        control_seed[i] = (uint8_t)i;
    memset(exporter, 0xab, sizeof exporter);
    assert_int_equal(cw_key_public(control_seed, control_key), CW_OK);
    struct cw_ticket t;
    assert_int_equal(cw_ticket_decode(bytes, size, &t), CW_OK);
    assert_int_equal(cw_ticket_verify(&t, control_key, t.not_before_unix_s), CW_OK);
    assert_int_equal(cw_ticket_verify(&t, control_key, t.not_after_unix_s + CW_TICKET_SKEW_S + 1),
                     CW_ERR_EXPIRED);
    uint8_t out[CW_TICKET_BYTES];
    cw_ticket_encode(&t, out);
    assert_memory_equal(out, bytes, sizeof out);
    if (possession != NULL)
        assert_int_equal(cw_possession_verify(exporter, t.id, t.holder_key, possession), CW_OK);
}

static void check_wake(const struct example *e)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t key[CW_KEY_BYTES];
    uint8_t out[CW_WAKE_BYTES];
    struct cw_wake w;
    for (unsigned i = 0; i < CW_KEY_BYTES; i++)
        seed[i] = (uint8_t)i;
    assert_int_equal(cw_key_public(seed, key), CW_OK);
    assert_int_equal(cw_wake_decode(e->bytes, e->size, &w), CW_OK);
    assert_int_equal(w.item, 7);
    assert_int_equal(w.number, UINT64_C(1800000000123));
    assert_int_equal(w.time_unix_ms, UINT64_C(1800000000000));
    assert_int_equal(cw_wake_verify(&w, key), CW_OK);
    cw_wake_encode(&w, out);
    assert_int_equal(e->size, sizeof out);
    assert_memory_equal(out, e->bytes, sizeof out);
    assert_int_equal(cw_wake_sign(&w, seed), CW_OK);
    assert_memory_equal(w.signature, e->bytes + CW_WAKE_SIGNED_BYTES, sizeof w.signature);
}

static void check_link(const struct example *e)
{
    struct cw_link_message m;
    size_t used = 0;
    assert_int_equal(cw_link_decode(e->bytes, e->size, &m, &used), CW_OK);
    assert_int_equal(used, e->size);
    assert_string_equal(cw_link_type_name(m.type), e->name);
    uint8_t out[EXAMPLE_BYTES_MAX];
    size_t out_size = 0;
    assert_int_equal(cw_link_encode(&m, out, sizeof out, &out_size), CW_OK);
    assert_int_equal(out_size, e->size);
    assert_memory_equal(out, e->bytes, out_size);
}

static void test_examples(void **state)
{
    (void)state;
    static struct example e;
    unsigned seen[256] = {0};
    unsigned tickets = 0;
    unsigned links = 0;
    unsigned wakes = 0;
    for (const char *at = document; (at = next_example(at, &e)) != NULL;) {
        if (strcmp(e.kind, "frame") == 0) {
            check_frame(&e, seen);
            if (strcmp(e.name, "HELLO") == 0 &&
                e.bytes[CW_FRAME_HEADER_BYTES + 1] == CW_HELLO_TICKET)
                check_ticket(e.bytes + CW_FRAME_HEADER_BYTES + 4, CW_TICKET_BYTES,
                             e.bytes + CW_FRAME_HEADER_BYTES + 4 + CW_TICKET_BYTES);
        } else if (strcmp(e.kind, "ticket") == 0) {
            check_ticket(e.bytes, e.size, NULL);
            tickets++;
        } else if (strcmp(e.kind, "wake") == 0) {
            check_wake(&e);
            wakes++;
        } else {
            check_link(&e);
            links++;
        }
    }
    assert_int_equal(tickets, 1);
    assert_int_equal(wakes, 1);
    assert_true(links >= 4);
    for (unsigned type = 0; type < 256; type++) {
        if (cw_message_info((uint8_t)type) != NULL && seen[type] == 0)
            fail_msg("PROTOCOL.md has no example of %s", cw_message_info((uint8_t)type)->name);
    }
}

/* The tables of the document against the tables of the code. */
static void test_tables(void **state)
{
    (void)state;
    char line[256];
    for (unsigned type = 0; type < 256; type++) {
        const struct cw_message_info *info = cw_message_info((uint8_t)type);
        if (info == NULL)
            continue;
        if (info->least == info->most)
            (void)snprintf(line, sizeof line, "| 0x%02X | %s | %s | %u |", type, info->name,
                           cw_channel_name(info->channel), info->least);
        else
            (void)snprintf(line, sizeof line, "| 0x%02X | %s | %s | %u\u2013%u |", type, info->name,
                           cw_channel_name(info->channel), info->least, info->most);
        if (strstr(document, line) == NULL)
            fail_msg("PROTOCOL.md lacks the row: %s", line);
    }
#define X(name, number, text)                                                   \
    (void)snprintf(line, sizeof line, "| %d | %s | %s |", number, #name, text); \
    if (strstr(document, line) == NULL)                                         \
        fail_msg("PROTOCOL.md lacks the row: %s", line);
    CW_CLOSE_CODES(X)
#undef X
#define X(name, bit, text)                                       \
    (void)snprintf(line, sizeof line, "| %d | %s |", bit, text); \
    if (strstr(document, line) == NULL)                          \
        fail_msg("PROTOCOL.md lacks the row: %s", line);
    CW_PERMISSIONS(X)
#undef X
}

static int load_document(void **state)
{
    (void)state;
    FILE *f = fopen("engine/PROTOCOL.md", "r");
    if (f == NULL) {
        (void)fprintf(stderr, "run this test from the project's folder\n");
        return -1;
    }
    size_t size = fread(document, 1, sizeof document - 1, f);
    document[size] = '\0';
    return fclose(f) == 0 && size > 0 && size < sizeof document - 1 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, load_document, NULL);
}
