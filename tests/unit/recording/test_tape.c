/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-recording over a small real recording: every cut, every block changed, pictures, parts, keys, texts. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/recording/command.h"
#include "clients/recording/player.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/message.h"
#include "engine/wire/stream_message.h"
#include "engine/wire/ticket.h"

enum {
    WIDTH = 64,
    HEIGHT = 48,
    UPDATES = 24,
    BLOCKS_MAX = 64,
    FILE_BYTES_MAX = 1 << 20,
    PATH = 128
};

static const uint64_t ms_ns = UINT64_C(1000000);
static char folder[] = "/tmp/causeway-tape-XXXXXX";

struct writer {
    uint8_t *bytes; /* the file so far */
    size_t size;
    struct cw_recording_header header;
    struct cw_recording_chain chain;
    const uint8_t *key;
    uint8_t file_key[CW_KEY_BYTES];
    struct cw_recording_builder builder;
    size_t block_at[BLOCKS_MAX];
    size_t block_count;
    uint8_t seal_key[CW_KEY_BYTES];
};

static uint8_t models[UPDATES + 1][WIDTH * HEIGHT * 4]; /* what a viewer shows after update i */

static struct writer *writer_new(uint32_t part, const uint8_t *previous, const uint8_t *key)
{
    struct writer *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->bytes = malloc(FILE_BYTES_MAX);
    assert_non_null(w->bytes);
    w->key = key;
    w->header =
        (struct cw_recording_header){.session = 3,
                                     .recording = 0x1234,
                                     .part = part,
                                     .start_unix_ms = UINT64_C(1800000000000) + part * 10000,
                                     .flags = key != NULL ? CW_RECORDING_ENCRYPTED : 0};
    if (previous != NULL)
        memcpy(w->header.previous, previous, sizeof w->header.previous);
    if (key != NULL)
        cw_recording_key_id(key, w->header.key_id);
    cw_recording_header_encode(&w->header, w->bytes, &w->chain);
    if (key != NULL)
        assert_int_equal(cw_recording_file_key(key, w->bytes, w->file_key), CW_OK);
    w->size = CW_RECORDING_HEADER_BYTES;
    return w;
}

static void block_begin(struct writer *w)
{
    w->block_at[w->block_count++] = w->size;
    w->builder = cw_recording_builder_of(w->bytes + w->size, w->key != NULL);
}

static void block_end(struct writer *w)
{
    size_t n = cw_recording_finish(&w->builder, &w->chain, w->key != NULL ? w->file_key : NULL);
    assert_true(n > 0);
    w->size += n;
    w->block_at[w->block_count] = w->size;
}

static void put(struct writer *w, uint64_t time_ns, uint8_t kind, uint32_t participant,
                const void *bytes, size_t size)
{
    const struct cw_record r = {.time_ns = time_ns,
                                .kind = kind,
                                .participant = participant,
                                .bytes = bytes,
                                .bytes_count = size};
    assert_int_equal(cw_recording_add(&w->builder, &r), CW_OK);
}

static void put_frame(struct writer *w, uint64_t time_ns, uint32_t participant, uint8_t type,
                      uint8_t flags, uint16_t stream, const void *payload, size_t size)
{
    uint8_t bytes[CW_FRAME_BYTES_MAX / 2];
    const struct cw_frame f = {.type = type,
                               .channel = cw_message_info(type)->channel,
                               .flags = CW_FLAG_FIRST | CW_FLAG_LAST | flags,
                               .stream = stream,
                               .session = 3,
                               .length = (uint32_t)size};
    assert_true(size + CW_FRAME_HEADER_BYTES <= sizeof bytes);
    cw_frame_encode(&f, bytes);
    memcpy(bytes + CW_FRAME_HEADER_BYTES, payload, size);
    put(w, time_ns, CW_RECORD_FRAME, participant, bytes, CW_FRAME_HEADER_BYTES + size);
}

static void put_came(struct writer *w, uint64_t time_ns, uint32_t number, uint8_t role)
{
    const struct cw_record_participant came = {.change = CW_RECORD_CAME, .role = role};
    uint8_t bytes[16];
    put(w, time_ns, CW_RECORD_PARTICIPANT, number, bytes,
        cw_record_participant_encode(&came, bytes, sizeof bytes));
}

static void put_shell(struct writer *w, uint64_t time_ns, uint32_t from, uint64_t offset,
                      const char *text)
{
    uint8_t payload[256];
    size_t size = 0;
    const struct cw_stream_data d = {
        .instance = 9, .offset = offset, .bytes = (const uint8_t *)text, .size = strlen(text)};
    assert_int_equal(cw_stream_data_encode(&d, payload, sizeof payload, &size), CW_OK);
    put_frame(w, time_ns, from, CW_MESSAGE_SHELL_DATA, 0, 1, payload, size);
}

/* A desktop on which a square moves: a keyframe, then an update every 100 ms, four to a block. */
static struct writer *record_screen(uint32_t part, const uint8_t *previous, const uint8_t *key)
{
    static uint8_t packet[1 << 20];
    static uint8_t picture[WIDTH * HEIGHT * 4];
    struct writer *w = writer_new(part, previous, key);
    struct cw_encoder *e = NULL;
    const struct cw_screen_reset reset = {.width_px = WIDTH,
                                          .height_px = HEIGHT,
                                          .desktop_width_px = WIDTH,
                                          .desktop_height_px = HEIGHT};
    uint8_t payload[32];
    size_t size = 0;
    assert_int_equal(cw_encoder_new(WIDTH, HEIGHT, &e), CW_CODEC_OK);
    assert_true(cw_encoder_packet_bytes_max(e) <= sizeof packet);
    assert_int_equal(cw_screen_reset_encode(&reset, payload, sizeof payload, &size), CW_OK);
    for (unsigned i = 0; i <= UPDATES; i++) {
        if (i % 4 == 0)
            block_begin(w);
        if (i == 0) {
            put_came(w, 0, 1, CW_ROLE_REPRESENTATIVE);
            put_came(w, 0, 2, CW_ROLE_UNATTENDED);
            put_frame(w, 0, 2, CW_MESSAGE_SCREEN_RESET, 0, 0, payload, size);
        }
        for (unsigned y = 0; y < 12; y++)
            memset(picture + (((size_t)y + i) * WIDTH + 2 * i) * 4, (int)(i * 9 + part), 12 * 4);
        size_t n = 0;
        assert_int_equal(
            cw_encoder_update(e, picture, WIDTH * 4, NULL, 0, packet, sizeof packet, &n),
            CW_CODEC_OK);
        if (i == 0 || i == UPDATES / 2) {
            if (i > 0)
                put_frame(w, i * 100 * ms_ns, 2, CW_MESSAGE_SCREEN_UPDATE, 0, 0, packet, n);
            assert_int_equal(cw_encoder_keyframe(e, packet, sizeof packet, &n), CW_CODEC_OK);
            put_frame(w, i * 100 * ms_ns, 2, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_KEYFRAME, 0, packet,
                      n);
        } else {
            put_frame(w, i * 100 * ms_ns, 2, CW_MESSAGE_SCREEN_UPDATE, 0, 0, packet, n);
        }
        memcpy(models[i], cw_encoder_model(e), sizeof models[i]);
        if (i % 4 == 3)
            block_end(w);
    }
    put_shell(w, 2450 * ms_ns, 2, 0, "$ \xc3");
    put_shell(w, 2460 * ms_ns, 2, 3, "\xa9\r\n\"");
    put_shell(w, 2470 * ms_ns, 2, 0, "$ \xc3\xa9\r\n\"!"); /* said again, and one byte more */
    put_shell(w, 2480 * ms_ns, 1, 0, "ls\r");
    cw_encoder_free(e);
    return w;
}

static void end_and_seal(struct writer *w)
{
    const struct cw_record_end end = {CW_CLOSE_ENDED_BY_REPRESENTATIVE, "Over.", 5};
    uint8_t bytes[16];
    uint8_t seed[CW_KEY_BYTES] = {1};
    struct cw_recording_seal seal = {.unix_s = 1800000100};
    put(w, 2500 * ms_ns, CW_RECORD_END, 0, bytes, cw_record_end_encode(&end, bytes, sizeof bytes));
    block_end(w);
    assert_int_equal(cw_key_public(seed, w->seal_key), CW_OK);
    memcpy(seal.key, w->seal_key, sizeof seal.key);
    assert_int_equal(cw_recording_sign(w->chain.hash, seed, seal.signature), CW_OK);
    cw_recording_seal_encode(&seal, &w->chain, w->bytes + w->size);
    w->size += CW_RECORDING_SEAL_BLOCK_BYTES;
}

static void save(const uint8_t *bytes, size_t size, const char *name, char path[PATH])
{
    (void)snprintf(path, PATH, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static struct cw_tape *try_open(const char *path, const uint8_t *key, const uint8_t *seal_key)
{
    char message[300];
    struct cw_tape *t = NULL;
    const char *const paths[] = {path};
    if (cw_tape_open(paths, 1, key, seal_key, &t, message, sizeof message) != CW_OK)
        return NULL;
    return t;
}

static struct cw_tape *open_one(const char *path, const uint8_t *key, const uint8_t *seal_key)
{
    struct cw_tape *t = try_open(path, key, seal_key);
    if (t == NULL)
        abort();
    return t;
}

static void writer_free(struct writer *w)
{
    free(w->bytes);
    free(w);
}

static void pictures_at_any_time_are_the_viewers(void **state)
{
    (void)state;
    char path[PATH];
    struct writer *w = record_screen(1, NULL, NULL);
    end_and_seal(w);
    save(w->bytes, w->size, "whole.cwr", path);
    struct cw_tape *t = open_one(path, NULL, w->seal_key);
    assert_int_equal(t->parts[0].fault_count, 0);
    assert_int_equal(t->parts[0].good_bytes, w->size);
    assert_int_equal(t->parts[0].seal, CW_TAPE_SEAL_GOOD);
    assert_int_equal(t->keyframe_count, 2);
    assert_int_equal(t->duration_ns, 2500 * ms_ns);
    assert_int_equal(cw_command_verify(t, true), CW_VERIFY_WHOLE);
    struct cw_player *p = NULL;
    assert_int_equal(cw_player_new(t, &p), CW_OK);
    /* Forwards, backwards, and in leaps. */
    for (unsigned i = 0; i <= 3 * UPDATES; i++) {
        unsigned n = i <= UPDATES ? i : i <= 2 * UPDATES ? 2 * UPDATES - i : i * 7 % (UPDATES + 1);
        cw_player_show(p, (n * 100 + 50) * ms_ns);
        assert_true(p->has_picture);
        assert_memory_equal(cw_decoder_picture(p->decoder), models[n], sizeof models[n]);
    }
    cw_player_free(p);
    cw_tape_close(t);
    writer_free(w);
}

/* "a recording cut at any byte ... is reported with the place and what is still good" */
static void every_cut(void **state)
{
    (void)state;
    char path[PATH];
    struct writer *w = record_screen(1, NULL, NULL);
    end_and_seal(w);
    for (size_t size = 0; size < w->size; size += size < 700 || size + 300 > w->size ? 1 : 13) {
        size_t good = CW_RECORDING_HEADER_BYTES;
        for (size_t i = 0; i <= w->block_count; i++)
            good = w->block_at[i] <= size && w->block_at[i] > good ? w->block_at[i] : good;
        save(w->bytes, size, "cut.cwr", path);
        struct cw_tape *t = try_open(path, NULL, NULL);
        assert_int_equal(t == NULL, size < CW_RECORDING_HEADER_BYTES);
        if (t == NULL)
            continue;
        const struct cw_tape_part *p = &t->parts[0];
        assert_int_equal(p->good_bytes, good);
        assert_int_equal(p->fault_count, size != good);
        if (size != good) {
            assert_int_equal(p->faults[0].kind, CW_TAPE_CUT);
            assert_int_equal(p->faults[0].at, good);
            assert_int_equal(p->faults[0].bytes, size - good);
        }
        assert_int_equal(cw_command_verify(t, true), CW_VERIFY_CUT);
        cw_tape_close(t);
    }
    writer_free(w);
}

/* "... with any block changed": some bit of each block, its head, payload and hash; all other blocks stay good. */
static void every_block_changed(void **state)
{
    (void)state;
    char path[PATH];
    struct writer *w = record_screen(1, NULL, NULL);
    end_and_seal(w);
    for (size_t at = 0; at < w->size; at += at % 64 < 40 ? 1 : 5) {
        uint8_t bit = (uint8_t)(1U << (at % 8));
        w->bytes[at] ^= bit;
        save(w->bytes, w->size, "changed.cwr", path);
        struct cw_tape *t = try_open(path, NULL, NULL);
        w->bytes[at] ^= bit;
        assert_int_equal(t == NULL, at < CW_RECORDING_HEADER_BYTES);
        if (t == NULL)
            continue;
        const struct cw_tape_part *p = &t->parts[0];
        size_t block = 0;
        while (block < w->block_count && w->block_at[block + 1] <= at)
            block++;
        assert_true(p->fault_count > 0);
        assert_int_equal(p->good_bytes, w->block_at[block]);
        assert_int_equal(p->faults[0].at, w->block_at[block]);
        bool is_seal = block == w->block_count;
        assert_int_equal(p->block_count, w->block_count - (is_seal ? 0 : 1));
        if (!is_seal)
            assert_int_equal(p->faults[0].at + p->faults[0].bytes, w->block_at[block + 1]);
        /* The seal's last bytes look like a cut; everything else is damage. */
        int status = cw_command_verify(t, true);
        assert_true(status == CW_VERIFY_DAMAGED || (is_seal && status == CW_VERIFY_CUT));
        cw_tape_close(t);
    }
    writer_free(w);
}

static void parts_follow_each_other(void **state)
{
    (void)state;
    char one[PATH];
    char two[PATH];
    char message[300];
    struct cw_tape *t = NULL;
    struct writer *first = record_screen(1, NULL, NULL);
    block_end(first);
    struct writer *second = record_screen(2, first->chain.hash, NULL);
    end_and_seal(second);
    save(first->bytes, first->size, "one.cwr", one);
    save(second->bytes, second->size, "two.cwr", two);
    const char *const paths[] = {two, one}; /* any order */
    assert_int_equal(cw_tape_open(paths, 2, NULL, NULL, &t, message, sizeof message), CW_OK);
    assert_int_equal(t->parts[1].fault_count, 0);
    assert_int_equal(t->parts[1].base_ns, 10000 * ms_ns);
    struct cw_player *p = NULL;
    assert_int_equal(cw_player_new(t, &p), CW_OK);
    cw_player_show(p, (10000 + 1250) * ms_ns);
    assert_memory_equal(cw_decoder_picture(p->decoder), models[12], sizeof models[12]);
    cw_player_free(p);
    cw_tape_close(t);
    /* The first part is a block shorter than it was. */
    save(first->bytes, first->block_at[first->block_count - 1], "one.cwr", one);
    assert_int_equal(cw_tape_open(paths, 2, NULL, NULL, &t, message, sizeof message), CW_OK);
    assert_int_equal(t->parts[1].faults[0].kind, CW_TAPE_LINK);
    assert_int_equal(cw_command_verify(t, true), CW_VERIFY_DAMAGED);
    cw_tape_close(t);
    writer_free(first);
    writer_free(second);
}

static void encrypted_needs_its_key_to_be_seen_and_none_to_be_verified(void **state)
{
    (void)state;
    char path[PATH];
    static const uint8_t key[CW_KEY_BYTES] = {7, 7, 7};
    static const uint8_t other[CW_KEY_BYTES] = {8};
    struct writer *w = record_screen(1, NULL, key);
    end_and_seal(w);
    save(w->bytes, w->size, "secret.cwr", path);
    struct cw_tape *t = open_one(path, NULL, NULL);
    assert_true(t->is_locked);
    assert_int_equal(cw_command_verify(t, true), CW_VERIFY_WHOLE);
    cw_tape_close(t);
    t = open_one(path, other, NULL);
    assert_true(t->is_locked);
    cw_tape_close(t);
    t = open_one(path, key, NULL);
    assert_false(t->is_locked);
    struct cw_player *p = NULL;
    assert_int_equal(cw_player_new(t, &p), CW_OK);
    cw_player_show(p, 1750 * ms_ns);
    assert_memory_equal(cw_decoder_picture(p->decoder), models[17], sizeof models[17]);
    cw_player_free(p);
    cw_tape_close(t);
    writer_free(w);
}

static void foreign_and_wrong_seals(void **state)
{
    (void)state;
    char path[PATH];
    char beside[PATH];
    static const uint8_t other[CW_KEY_BYTES] = {8};
    struct writer *w = record_screen(1, NULL, NULL);
    end_and_seal(w);
    save(w->bytes, w->size, "sealed.cwr", path);
    struct cw_tape *t = open_one(path, NULL, other);
    assert_int_equal(t->parts[0].seal, CW_TAPE_SEAL_FOREIGN);
    assert_int_equal(cw_command_verify(t, true), CW_VERIFY_DAMAGED);
    cw_tape_close(t);
    /* The seal beside the file, and beside a file that lost its end. */
    size_t sealed_at = w->size - CW_RECORDING_SEAL_BLOCK_BYTES;
    save(w->bytes + sealed_at, CW_RECORDING_SEAL_BLOCK_BYTES, "sealed.cwr.seal", beside);
    save(w->bytes, sealed_at, "sealed.cwr", path);
    t = open_one(path, NULL, w->seal_key);
    assert_int_equal(cw_command_verify(t, true), CW_VERIFY_WHOLE);
    cw_tape_close(t);
    save(w->bytes, w->block_at[w->block_count - 1], "sealed.cwr", path);
    t = open_one(path, NULL, w->seal_key);
    assert_int_equal(t->parts[0].seal, CW_TAPE_SEAL_WRONG);
    assert_int_equal(cw_command_verify(t, true), CW_VERIFY_DAMAGED);
    cw_tape_close(t);
    writer_free(w);
}

static void a_shell_as_asciicast(void **state)
{
    (void)state;
    char path[PATH];
    char out[PATH];
    char text[2048];
    struct writer *w = record_screen(1, NULL, NULL);
    end_and_seal(w);
    save(w->bytes, w->size, "shell.cwr", path);
    save(w->bytes, 0, "shell.cast", out);
    struct cw_tape *t = open_one(path, NULL, NULL);
    assert_int_equal(cw_command_asciicast(t, 0, out), 0);
    cw_tape_close(t);
    FILE *f = fopen(out, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
    assert_string_equal(
        text, "{\"version\": 2, \"width\": 80, \"height\": 24, \"timestamp\": 1800000010}\n"
              "[2.450000, \"o\", \"$ \"]\n"
              "[2.460000, \"o\", \"\xc3\xa9\\u000d\\u000a\\u0022\"]\n"
              "[2.470000, \"o\", \"!\"]\n"
              "[2.480000, \"i\", \"ls\\u000d\"]\n");
    writer_free(w);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"whole.cwr",  "cut.cwr",        "changed.cwr", "one.cwr",
                                        "two.cwr",    "secret.cwr",     "sealed.cwr",  "shell.cwr",
                                        "shell.cast", "sealed.cwr.seal"};
    char path[PATH];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_at_any_time_are_the_viewers),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(every_block_changed),
        cmocka_unit_test(parts_follow_each_other),
        cmocka_unit_test(encrypted_needs_its_key_to_be_seen_and_none_to_be_verified),
        cmocka_unit_test(foreign_and_wrong_seals),
        cmocka_unit_test(a_shell_as_asciicast),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
