/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded desktops through the sync contract, and one bitstream for all kernel levels.
 *
 * The recordings lie beside the work tree (or where CAUSEWAY_CORPUS says). Where they are not, the
 * tests that need them are reported as skipped, by name.
 */
#include "tests/unit/codec/scene.h"

#include <stdio.h>
#include <zstd.h>

#include "codec/dsp.h"

enum { CORPUS_WIDTH = 1920, CORPUS_HEIGHT = 1080, CORPUS_STRIDE = CORPUS_WIDTH * 4 };
/* Memory checkers make each frame ten times slower. */
#ifdef CW_DEBUG
enum { CORPUS_FRAMES = 3 };
#else
enum { CORPUS_FRAMES = 8 };
#endif

/* A recording being read. */
struct recording {
    FILE *file;
    ZSTD_DCtx *stream;
    uint8_t in[4096];
    ZSTD_inBuffer from;
};

static bool recording_open(const char *name, struct recording *ret)
{
    const char *folder = getenv("CAUSEWAY_CORPUS");
    char path[512];
    snprintf(path, sizeof(path), "%s/%s.bgrx.zst", folder != NULL ? folder : "../shared/corpus",
             name);
    *ret = (struct recording){.file = fopen(path, "rb")};
    if (ret->file == NULL) {
        fprintf(stderr, "SKIPPED: %s is not there\n", path);
        return false;
    }
    ret->stream = ZSTD_createDCtx();
    assert_non_null(ret->stream);
    assert_false(ZSTD_isError(ZSTD_DCtx_setParameter(ret->stream, ZSTD_d_windowLogMax, 27)));
    return true;
}

static void recording_close(struct recording *r)
{
    fclose(r->file);
    ZSTD_freeDCtx(r->stream);
}

static void recording_read(struct recording *r, uint8_t *frame, size_t bytes)
{
    ZSTD_outBuffer to = {frame, bytes, 0};
    while (to.pos < to.size) {
        if (r->from.pos == r->from.size) {
            r->from = (ZSTD_inBuffer){r->in, fread(r->in, 1, sizeof(r->in), r->file), 0};
            assert_true(r->from.size > 0);
        }
        assert_false(ZSTD_isError(ZSTD_decompressStream(r->stream, &to, &r->from)));
    }
}

static void check_recording(const char *name)
{
    struct recording rec;
    if (!recording_open(name, &rec))
        skip();
    struct cw_encoder *e;
    struct cw_decoder *early;
    struct cw_decoder *late;
    assert_int_equal(cw_encoder_new(CORPUS_WIDTH, CORPUS_HEIGHT, &e), 0);
    assert_int_equal(cw_decoder_new(0, &early), 0);
    assert_int_equal(cw_decoder_new(0, &late), 0);
    size_t room = cw_encoder_packet_bytes_max(e);
    size_t frame_bytes = (size_t)CORPUS_STRIDE * CORPUS_HEIGHT;
    uint8_t *packet = malloc(room);
    uint8_t *frame = malloc(frame_bytes);
    assert_true(packet != NULL && frame != NULL);
    size_t bytes;
    assert_int_equal(cw_encoder_keyframe(e, packet, room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(early, packet, bytes), 0);
    for (unsigned n = 0; n < CORPUS_FRAMES; n++) {
        recording_read(&rec, frame, frame_bytes);
        assert_int_equal(cw_encoder_update(e, frame, CORPUS_STRIDE, NULL, 0, packet, room, &bytes),
                         0);
        assert_true(
            scene_equals(cw_encoder_model(e), frame, CORPUS_STRIDE, CORPUS_WIDTH, CORPUS_HEIGHT));
        if (bytes > 0) {
            assert_int_equal(cw_decoder_apply(early, packet, bytes), 0);
            if (n > CORPUS_FRAMES / 2)
                assert_int_equal(cw_decoder_apply(late, packet, bytes), 0);
        }
        assert_in_sync(early, e, CORPUS_WIDTH, CORPUS_HEIGHT);
        if (n == CORPUS_FRAMES / 2) {
            assert_int_equal(cw_encoder_keyframe(e, packet, room, &bytes), 0);
            assert_int_equal(cw_decoder_apply(late, packet, bytes), 0);
        }
        if (n >= CORPUS_FRAMES / 2)
            assert_in_sync(late, e, CORPUS_WIDTH, CORPUS_HEIGHT);
    }
    recording_close(&rec);
    free(packet);
    free(frame);
    cw_encoder_free(e);
    cw_decoder_free(early);
    cw_decoder_free(late);
}

static void test_recorded_typing(void **state)
{
    (void)state;
    check_recording("typing");
}

static void test_recorded_term(void **state)
{
    (void)state;
    check_recording("term");
}

static void test_recorded_web(void **state)
{
    (void)state;
    check_recording("web");
}

static void test_recorded_drag(void **state)
{
    (void)state;
    check_recording("drag");
}

static void test_recorded_video(void **state)
{
    (void)state;
    check_recording("video");
}

/* FNV-1a over every packet of a run of scenes, at the level CAUSEWAY_ISA names. */
static uint64_t bitstream_hash(void)
{
    enum { WIDTH = 413, HEIGHT = 150 };
    struct cw_encoder *e;
    assert_int_equal(cw_encoder_new(WIDTH, HEIGHT, &e), 0);
    size_t room = cw_encoder_packet_bytes_max(e);
    uint8_t *packet = malloc(room);
    uint8_t *frame = malloc(scene_stride(WIDTH) * HEIGHT);
    assert_true(packet != NULL && frame != NULL);
    uint64_t hash = 0xcbf29ce484222325U;
    for (uint32_t n = 0; n < 48; n++) {
        size_t bytes;
        scene_draw((enum scene)(n / 8), WIDTH, HEIGHT, n, frame);
        assert_int_equal(
            cw_encoder_update(e, frame, scene_stride(WIDTH), NULL, 0, packet, room, &bytes), 0);
        for (size_t i = 0; i < bytes; i++)
            hash = (hash ^ packet[i]) * 0x100000001b3U;
        if (n % 11 == 3) {
            assert_int_equal(cw_encoder_keyframe(e, packet, room, &bytes), 0);
            for (size_t i = 0; i < bytes; i++)
                hash = (hash ^ packet[i]) * 0x100000001b3U;
        }
    }
    free(packet);
    free(frame);
    cw_encoder_free(e);
    return hash;
}

static void test_one_bitstream_for_all_levels(void **state)
{
    (void)state;
    setenv("CAUSEWAY_ISA", "c", 1);
    uint64_t reference = bitstream_hash();
    assert_true(reference == bitstream_hash());
    for (unsigned isa = CW_ISA_C + 1; isa <= (unsigned)cw_isa_best(); isa++) {
        setenv("CAUSEWAY_ISA", cw_isa_name((enum cw_isa)isa), 1);
        assert_true(reference == bitstream_hash());
    }
    unsetenv("CAUSEWAY_ISA");
}

static void test_unknown_level_is_refused(void **state)
{
    (void)state;
    struct cw_encoder *e;
    struct cw_decoder *d;
    setenv("CAUSEWAY_ISA", "avx1024", 1);
    assert_int_equal(cw_encoder_new(16, 16, &e), CW_CODEC_ERR_ISA);
    assert_int_equal(cw_decoder_new(0, &d), CW_CODEC_ERR_ISA);
    unsetenv("CAUSEWAY_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_bitstream_for_all_levels),
        cmocka_unit_test(test_unknown_level_is_refused),
        cmocka_unit_test(test_recorded_typing),
        cmocka_unit_test(test_recorded_term),
        cmocka_unit_test(test_recorded_web),
        cmocka_unit_test(test_recorded_drag),
        cmocka_unit_test(test_recorded_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
