/* SPDX-License-Identifier: Apache-2.0 */
/* The streams under tests/golden/codec decode for ever to the pictures they were made of, at every
 * kernel level, with keyframes applied or skipped. */
#include "tests/unit/codec/scene.h"

#include <dirent.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "codec/dsp.h"
#include "codec/packet.h"

enum { FILE_BYTES_MAX = 1 << 20, HEX = 2 * SHA256_DIGEST_LENGTH };

static const char folder[] = "tests/golden/codec";

static uint8_t stream[FILE_BYTES_MAX];
static char lines[FILE_BYTES_MAX];

static size_t read_whole(const char *path, void *to, size_t room)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t got = fread(to, 1, room, f);
    fclose(f);
    assert_true(got > 0 && got < room);
    return got;
}

/* The decoder's picture is the one that the line names; returns the next line. */
static const char *check_picture(const struct cw_decoder *d, const struct cw_header *h,
                                 const char *line)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    char expected[256];
    uint32_t width = cw_decoder_width(d);
    uint32_t height = cw_decoder_height(d);
    SHA256(cw_decoder_picture(d), (size_t)width * height * 4, digest);
    for (unsigned i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(expected + 2 * i, 3, "%02x", digest[i]);
    snprintf(expected + HEX, sizeof(expected) - HEX, " %s %u %ux%u\n",
             h->kind == CW_PACKET_KEYFRAME ? "keyframe" : "update", cw_decoder_update_number(d),
             width, height);
    assert_memory_equal(line, expected, strlen(expected));
    return line + strlen(expected);
}

/* One stream through one decoder. Keyframes that a decoder in sync need not apply are skipped if
 * told so. */
static void decode(const char *packets_path, const char *hashes_path, unsigned version,
                   bool skip_keyframes)
{
    size_t bytes = read_whole(packets_path, stream, sizeof(stream));
    lines[read_whole(hashes_path, lines, sizeof(lines))] = '\0';
    struct cw_decoder *d;
    assert_int_equal(cw_decoder_new(0, &d), 0);
    const char *line = lines;
    for (size_t at = 0; at < bytes;) {
        assert_true(bytes - at > 4);
        size_t packet_bytes = cw_read_le32(stream + at);
        at += 4;
        assert_true(packet_bytes <= bytes - at);
        struct cw_header h;
        assert_int_equal(cw_header_read(stream + at, packet_bytes, &h), 0);
        assert_int_equal(h.version, version);
        bool shown = h.kind == CW_PACKET_KEYFRAME && h.width == cw_decoder_width(d) &&
                     h.height == cw_decoder_height(d) && h.number == cw_decoder_update_number(d);
        if (!skip_keyframes || !shown)
            assert_int_equal(cw_decoder_apply(d, stream + at, packet_bytes), 0);
        line = check_picture(d, &h, line);
        at += packet_bytes;
    }
    assert_int_equal(*line, '\0');
    cw_decoder_free(d);
}

/* All streams of a version; returns how many. */
static unsigned decode_version(unsigned version)
{
    char path[512];
    unsigned count = 0;
    int hashes_left = 0; /* of streams that are not there */
    snprintf(path, sizeof(path), "%s/v%u", folder, version);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        const char *end = strstr(e->d_name, ".packets");
        hashes_left += strstr(e->d_name, ".sha256") != NULL;
        if (end == NULL)
            continue;
        hashes_left--;
        char packets[512];
        char hashes[512];
        snprintf(packets, sizeof(packets), "%s/v%u/%s", folder, version, e->d_name);
        snprintf(hashes, sizeof(hashes), "%s/v%u/%.*s.sha256", folder, version,
                 (int)(end - e->d_name), e->d_name);
        decode(packets, hashes, version, false);
        decode(packets, hashes, version, true);
        count++;
    }
    closedir(directory);
    assert_int_equal(hashes_left, 0);
    return count;
}

static void test_every_version_at_every_level(void **state)
{
    (void)state;
    for (unsigned isa = CW_ISA_C; isa <= (unsigned)cw_isa_best(); isa++) {
        setenv("CAUSEWAY_ISA", cw_isa_name((enum cw_isa)isa), 1);
        assert_true(decode_version(1) >= 6);
        assert_true(decode_version(2) >= 10);
    }
    unsetenv("CAUSEWAY_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_version_at_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
