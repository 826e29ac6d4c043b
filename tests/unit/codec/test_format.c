/* SPDX-License-Identifier: Apache-2.0 */
/* codec/FORMAT.md is true: its worked example decodes to its picture, and each rule it states is
 * kept. */
#include "tests/unit/codec/scene.h"

#include <ctype.h>
#include <stdio.h>

#include "codec/packet.h"

enum { TEXT_MAX = 65536, BYTES_MAX = 4096 };

static char text[TEXT_MAX];

/* The bytes of the next fenced block of that sort: hexadecimal pairs up to two spaces and a
 * word. */
static const char *read_block(const char *from, const char *fence, uint8_t *bytes,
                              size_t *ret_count)
{
    const char *p = strstr(from, fence);
    if (p == NULL)
        return NULL;
    p = strchr(p, '\n') + 1;
    size_t count = 0;
    while (strncmp(p, "```", 3) != 0) {
        while (isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1]) &&
               (p[2] == ' ' || p[2] == '\n')) {
            assert_true(count < BYTES_MAX);
            const char pair[3] = {p[0], p[1], '\0'};
            bytes[count++] = (uint8_t)strtoul(pair, NULL, 16);
            p += 2;
            while (*p == ' ')
                p++;
        }
        p = strchr(p, '\n') + 1;
    }
    *ret_count = count;
    return p;
}

static void read_text(void)
{
    FILE *f = fopen("codec/FORMAT.md", "rb");
    assert_non_null(f);
    size_t got = fread(text, 1, TEXT_MAX - 1, f);
    fclose(f);
    text[got] = '\0';
}

static void assert_picture(const struct cw_decoder *d, const char *from, const char *fence)
{
    static uint8_t bytes[BYTES_MAX];
    size_t count;
    assert_non_null(read_block(from, fence, bytes, &count));
    assert_int_equal(count, (size_t)cw_decoder_width(d) * cw_decoder_height(d) * 4);
    assert_memory_equal(cw_decoder_picture(d), bytes, count);
}

/* The page for strangers: its packet gives its picture, and its words are few. */
static void test_flat_tile_by_hand(void **state)
{
    (void)state;
    static uint8_t bytes[BYTES_MAX];
    size_t count;
    struct cw_decoder *d;
    read_text();
    const char *page = strstr(text, "## A flat tile by hand");
    assert_non_null(page);
    assert_non_null(read_block(page, "```flat\n", bytes, &count));
    assert_int_equal(cw_decoder_new(0, &d), 0);
    assert_int_equal(cw_decoder_apply(d, bytes, count), 0);
    assert_int_equal(cw_decoder_width(d), 3);
    assert_picture(d, page, "```flat-picture\n");
    cw_decoder_free(d);
    const char *end = strstr(page + 3, "\n## ");
    unsigned words = 0;
    bool in_block = false;
    for (const char *p = page; p < end; p++) {
        if (strncmp(p, "```", 3) == 0 && p[-1] == '\n')
            in_block = !in_block;
        words += !in_block && isspace((unsigned char)p[0]) && isalnum((unsigned char)p[1]);
    }
    assert_true(words >= 80 && words <= 120);
}

static void test_worked_example(void **state)
{
    (void)state;
    static uint8_t bytes[BYTES_MAX];
    read_text();
    struct cw_decoder *d;
    assert_int_equal(cw_decoder_new(0, &d), 0);
    const char *at = text;
    const char *next;
    size_t count;
    unsigned packets = 0;
    while ((next = read_block(at, "```packet\n", bytes, &count)) != NULL) {
        assert_int_equal(cw_decoder_apply(d, bytes, count), 0);
        assert_int_equal(cw_decoder_update_number(d), packets);
        packets++;
        at = next;
    }
    assert_int_equal(packets, 5);
    assert_picture(d, at, "```picture\n");
    cw_decoder_free(d);
}

/* A packet under construction: header, operations, data; stored blocks instead of compression. */
struct draft {
    struct cw_header h;
    uint8_t body[512];
    size_t bytes;
    uint8_t window; /* the frame header's window byte */
    bool no_frame_header;
    bool cut; /* one byte of the block is missing */
    bool trailing;
    bool wrong_end; /* the last-block bit is the wrong way round */
};

static struct draft draft_of(enum cw_packet_kind kind, uint32_t number)
{
    struct draft p = {.window = 0x38};
    p.h.kind = kind;
    p.h.restart = true;
    p.h.number = number;
    if (kind == CW_PACKET_KEYFRAME) {
        p.h.width = 20;
        p.h.height = 10;
    }
    return p;
}

static void draft_op(struct draft *p, unsigned mode, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    struct cw_op op = {.rect = {x, y, w, h}, .mode = CW_OP_SOLID};
    cw_op_write(&op, p->body + p->bytes);
    p->body[p->bytes] = (uint8_t)mode;
    p->bytes += CW_OP_BYTES;
    p->h.op_count++;
}

static void draft_data(struct draft *p, size_t bytes)
{
    memset(p->body + p->bytes, 0, bytes);
    p->bytes += bytes;
}

static int draft_apply(struct cw_decoder *d, const struct draft *p)
{
    uint8_t out[1024];
    struct cw_header h = p->h;
    if (h.body_bytes == 0)
        h.body_bytes = (uint32_t)p->bytes;
    size_t at = cw_header_write(&h, out);
    const uint8_t frame[6] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, p->window};
    if (h.restart && !p->no_frame_header) {
        memcpy(out + at, frame, sizeof(frame));
        at += sizeof(frame);
    }
    bool last = (h.kind == CW_PACKET_KEYFRAME) != p->wrong_end;
    size_t block = p->bytes << 3 | last;
    out[at++] = (uint8_t)block;
    out[at++] = (uint8_t)(block >> 8);
    out[at++] = (uint8_t)(block >> 16);
    memcpy(out + at, p->body, p->bytes);
    at += p->bytes;
    if (p->cut)
        at--;
    if (p->trailing)
        memset(out + at, 0, 1);
    return cw_decoder_apply(d, out, at + p->trailing);
}

/* A decoder that shows picture 0 of 20 x 10, all of one colour. */
static struct cw_decoder *ready(void)
{
    struct cw_decoder *d;
    assert_int_equal(cw_decoder_new(0, &d), 0);
    struct draft k = draft_of(CW_PACKET_KEYFRAME, 0);
    draft_op(&k, CW_OP_SOLID, 0, 0, 20, 10);
    draft_data(&k, 3);
    memset(k.body + CW_OP_BYTES, 0x42, 3);
    assert_int_equal(draft_apply(d, &k), 0);
    return d;
}

/* The draft is refused, nothing is drawn, sync is lost, and a keyframe brings it back. */
static void assert_refused(const struct draft *p)
{
    struct cw_decoder *d = ready();
    assert_int_equal(draft_apply(d, p), CW_CODEC_ERR_PACKET);
    for (size_t i = 0; i < 20 * 10; i++)
        assert_memory_equal(cw_decoder_picture(d) + 4 * i, "\x42\x42\x42", 4);
    struct draft u = draft_of(CW_PACKET_UPDATE, 1);
    draft_op(&u, CW_OP_SOLID, 0, 0, 1, 1);
    draft_data(&u, 3);
    assert_int_equal(draft_apply(d, &u), CW_CODEC_ERR_SYNC);
    struct draft k = draft_of(CW_PACKET_KEYFRAME, 0);
    draft_op(&k, CW_OP_SOLID, 0, 0, 20, 10);
    draft_data(&k, 3);
    assert_int_equal(draft_apply(d, &k), 0);
    assert_int_equal(draft_apply(d, &u), 0);
    cw_decoder_free(d);
}

/* An update of one operation with that much data is refused. */
static void assert_op_refused(unsigned mode, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
                              size_t data)
{
    struct draft p = draft_of(CW_PACKET_UPDATE, 1);
    draft_op(&p, mode, x, y, w, h);
    draft_data(&p, data);
    assert_refused(&p);
}

static void test_operations(void **state)
{
    (void)state;
    static const size_t data_bytes[] = {4, 3, 12, 12}; /* of 2 x 2 pixels */
    for (unsigned mode = 0; mode < CW_OP_V1_COUNT; mode++) {
        size_t data = data_bytes[mode];
        struct cw_decoder *d = ready();
        struct draft good = draft_of(CW_PACKET_UPDATE, 1);
        draft_op(&good, mode, 18, 8, 2, 2);
        draft_data(&good, data);
        assert_int_equal(draft_apply(d, &good), 0);
        cw_decoder_free(d);
        assert_op_refused(mode, 19, 8, 2, 2, data);
        assert_op_refused(mode, 18, 9, 2, 2, data);
        assert_op_refused(mode, 65535, 0, 2, 2, data);
        assert_op_refused(mode, 0, 65535, 65535, 65535, data);
        assert_op_refused(mode, 0, 0, 0, 2, data);
        assert_op_refused(mode, 0, 0, 2, 0, data);
        assert_op_refused(mode, 0, 0, 2, 2, data - 1);
        assert_op_refused(mode, 0, 0, 2, 2, data + 1);
    }
    assert_op_refused(CW_OP_MODE_COUNT, 0, 0, 1, 1, 3);
    assert_op_refused(255, 0, 0, 1, 1, 3);
}

static void test_copies(void **state)
{
    (void)state;
    struct draft p = draft_of(CW_PACKET_UPDATE, 1);
    draft_op(&p, CW_OP_COPY, 0, 0, 2, 2);
    draft_data(&p, 4);
    p.body[CW_OP_BYTES] = 19; /* from x = 19 with w = 2 */
    assert_refused(&p);
    p.body[CW_OP_BYTES] = 0;
    p.body[CW_OP_BYTES + 2] = 9;
    assert_refused(&p);
    struct draft late = draft_of(CW_PACKET_UPDATE, 1); /* a copy behind a paint */
    draft_op(&late, CW_OP_SOLID, 0, 0, 1, 1);
    draft_op(&late, CW_OP_COPY, 0, 0, 1, 1);
    draft_data(&late, 7);
    assert_refused(&late);
    struct draft key = draft_of(CW_PACKET_KEYFRAME, 0); /* a copy in a keyframe */
    draft_op(&key, CW_OP_COPY, 0, 0, 1, 1);
    draft_data(&key, 4);
    assert_refused(&key);
}

static void test_limits(void **state)
{
    (void)state;
    struct draft p = draft_of(CW_PACKET_UPDATE, 1); /* more area than the picture */
    draft_op(&p, CW_OP_SOLID, 0, 0, 20, 10);
    draft_op(&p, CW_OP_SOLID, 0, 0, 1, 1);
    draft_data(&p, 6);
    assert_refused(&p);
    p = draft_of(CW_PACKET_UPDATE, 1);
    draft_op(&p, CW_OP_COPY, 0, 0, 20, 10);
    draft_op(&p, CW_OP_COPY, 0, 0, 1, 1);
    draft_data(&p, 8);
    assert_refused(&p);
    p = draft_of(CW_PACKET_UPDATE, 1); /* no operation at all */
    assert_refused(&p);
    p = draft_of(CW_PACKET_UPDATE, 1); /* more than ops_max */
    draft_op(&p, CW_OP_SOLID, 0, 0, 1, 1);
    draft_data(&p, 3);
    p.h.op_count = cw_ops_max(20, 10) + 1;
    assert_refused(&p);
}

static void test_lengths(void **state)
{
    (void)state;
    struct draft good = draft_of(CW_PACKET_UPDATE, 1);
    draft_op(&good, CW_OP_SOLID, 0, 0, 1, 1);
    draft_data(&good, 3);
    struct draft p = good;
    p.h.body_bytes = (uint32_t)p.bytes - 1;
    assert_refused(&p);
    p.h.body_bytes = (uint32_t)p.bytes + 1;
    assert_refused(&p);
    p.h.body_bytes = 0xffffffff;
    assert_refused(&p);
    p = good;
    p.cut = true;
    assert_refused(&p);
    p = good;
    p.wrong_end = true; /* an update that ends its history */
    assert_refused(&p);
    p = good;
    p.no_frame_header = true;
    assert_refused(&p);
    p = good;
    p.window = (23 - 10) << 3; /* one step beyond the largest window */
    assert_refused(&p);
    struct draft key = draft_of(CW_PACKET_KEYFRAME, 0);
    draft_op(&key, CW_OP_SOLID, 0, 0, 20, 10);
    draft_data(&key, 3);
    p = key;
    p.trailing = true;
    assert_refused(&p);
    p = key;
    p.wrong_end = true; /* a keyframe whose history goes on */
    assert_refused(&p);
}

static void test_headers(void **state)
{
    (void)state;
    struct cw_header h = {.kind = CW_PACKET_KEYFRAME,
                          .restart = true,
                          .number = 7,
                          .body_bytes = 12,
                          .op_count = 1,
                          .width = 8192,
                          .height = 1};
    struct cw_header back;
    uint8_t out[CW_HEADER_KEYFRAME_BYTES];
    cw_header_write(&h, out);
    assert_int_equal(cw_header_read(out, sizeof(out), &back), 0);
    assert_true(back.kind == h.kind && back.restart == h.restart && back.number == h.number &&
                back.body_bytes == h.body_bytes && back.op_count == h.op_count &&
                back.width == h.width && back.height == h.height);
    for (size_t bytes = 0; bytes < sizeof(out); bytes++)
        assert_int_equal(cw_header_read(out, bytes, &back), CW_CODEC_ERR_PACKET);
    static const struct {
        uint8_t at, value;
    } wrong[] = {{0, 0xC4}, {1, 0}, {1, 3}, {2, 0},     {2, 3},
                 {3, 0},    {3, 2}, {3, 8}, {15, 0x21}, {16, 0}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cw_header_write(&h, out);
        out[wrong[i].at] = wrong[i].value;
        assert_int_equal(cw_header_read(out, sizeof(out), &back), CW_CODEC_ERR_PACKET);
    }
}

/* Every cut and every single-bit error of real packets: an error or a picture, never a crash. */
static void test_broken_packets(void **state)
{
    (void)state;
    enum { WIDTH = 45, HEIGHT = 33 };
    struct cw_encoder *e;
    assert_int_equal(cw_encoder_new(WIDTH, HEIGHT, &e), 0);
    size_t room = cw_encoder_packet_bytes_max(e);
    uint8_t *key = malloc(room);
    uint8_t *update = malloc(room);
    uint8_t *frame = malloc(scene_stride(WIDTH) * HEIGHT);
    assert_true(key != NULL && update != NULL && frame != NULL);
    size_t key_bytes;
    size_t bytes;
    assert_int_equal(cw_encoder_keyframe(e, key, room, &key_bytes), 0);
    scene_draw(SCENE_BOXES, WIDTH, HEIGHT, 3, frame);
    assert_int_equal(
        cw_encoder_update(e, frame, scene_stride(WIDTH), NULL, 0, update, room, &bytes), 0);
    struct cw_decoder *d;
    assert_int_equal(cw_decoder_new(0, &d), 0);
    for (size_t cut = 0; cut < bytes; cut++) {
        assert_int_equal(cw_decoder_apply(d, key, key_bytes), 0);
        assert_true(cw_decoder_apply(d, update, cut) != 0);
    }
    for (size_t bit = 0; bit < bytes * 8; bit++) {
        assert_int_equal(cw_decoder_apply(d, key, key_bytes), 0);
        update[bit / 8] ^= (uint8_t)(1U << bit % 8);
        int err = cw_decoder_apply(d, update, bytes);
        assert_true(err == 0 || err == CW_CODEC_ERR_PACKET || err == CW_CODEC_ERR_SYNC);
        update[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(cw_decoder_apply(d, key, key_bytes), 0);
    assert_int_equal(cw_decoder_apply(d, update, bytes), 0);
    assert_in_sync(d, e, WIDTH, HEIGHT);
    cw_decoder_free(d);
    cw_encoder_free(e);
    free(key);
    free(update);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat_tile_by_hand),
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_broken_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
