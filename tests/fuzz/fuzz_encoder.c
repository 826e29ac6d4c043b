/* SPDX-License-Identifier: Apache-2.0 */
/* The screen encoder on any drawing, at kernel level C and another.
 *
 * Input: width and height (a byte each), then commands: a byte that says which, and its operands. They draw on a
 * frame, encode it, ask for a keyframe, change the size or the settings. After each packet a decoder that saw all
 * and one that joined at the last keyframe show the encoder's model; where nothing is lost, the model is the frame;
 * and the packets of both levels are the same.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/dsp.h"

/* Two tiles and a half a side: more only takes longer. */
enum {
    SIDE_MIN = 8,
    SIDES = 152,
    SIDE_MAX = SIDE_MIN + SIDES - 1,
    PADDING = 12,
    COMMANDS_MAX = 64,
    KEPT = 3
};

enum command {
    FILL,
    NOISE,
    GRADIENT,
    TEXT,
    SCROLL,
    KEEP,
    BRING_BACK,
    TOUCH,
    UPDATE,
    UPDATE_HINTED,
    KEYFRAME,
    RESIZE,
    SETTINGS,
    WAIT,
    COMMAND_COUNT
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
};

struct stage {
    struct cw_encoder *encoder;
    struct cw_decoder *all, *late;
    bool joined; /* the late one has its keyframe */
    bool shown;  /* the early one, too, and nothing was missed since */
    uint32_t width, height;
    size_t stride;
    uint8_t *frame, *kept[KEPT], *packet;
    size_t room;
    struct cw_encoder_settings settings;
    uint64_t now_ns;
    uint64_t hash; /* of all packets */
};

static void stop_if(bool broken)
{
    if (broken)
        abort();
}

static uint32_t next(struct input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

static struct cw_rect next_rect(struct input *in, const struct stage *s)
{
    struct cw_rect r = {next(in) % s->width, next(in) % s->height, 0, 0};
    r.w = 1 + next(in) % (s->width - r.x);
    r.h = 1 + next(in) % (s->height - r.y);
    return r;
}

static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9E3779B1U ^ (b + 0x7F4A7C15U) * 0x85EBCA77U;
    h ^= h >> 15;
    h *= 0xC2B2AE3DU;
    return h ^ h >> 13;
}

static uint32_t colour_of(enum command c, uint32_t seed, uint32_t x, uint32_t y)
{
    if (c == NOISE)
        return mix(x * 8209 + y, seed);
    if (c == GRADIENT)
        return (x * seed & 255) | (y * 3 & 255) << 8 | ((x + y) & 255) << 16 |
               (mix(x, y) & 0x030303);
    if (c == TEXT)
        return y % 16 < 11 && mix(x / 2, y / 16 * 977 + y % 16 + seed) % 4 == 0
                   ? 0x101010 * (seed % 8)
                   : 0xf0f0ff;
    return seed * 0x010307;
}

static void draw(struct stage *s, struct input *in, enum command c)
{
    struct cw_rect r = next_rect(in, s);
    uint32_t seed = next(in);
    for (uint32_t y = r.y; y < r.y + r.h; y++)
        for (uint32_t x = r.x; x < r.x + r.w; x++) {
            uint32_t p = colour_of(c, seed, x - r.x, y - r.y);
            memcpy(s->frame + y * s->stride + (size_t)x * 4, &p, 4);
        }
}

/* Content moves within a rectangle. */
static void scroll(struct stage *s, struct input *in)
{
    struct cw_rect r = next_rect(in, s);
    uint32_t dx = next(in) % r.w;
    uint32_t dy = next(in) % r.h;
    bool back = (next(in) & 1) != 0;
    for (uint32_t i = 0; i < r.h - dy; i++) {
        uint32_t row = back ? r.h - 1 - dy - i : i;
        uint8_t *a = s->frame + (r.y + row + (back ? dy : 0)) * s->stride + (size_t)r.x * 4;
        uint8_t *b = s->frame + (r.y + row + (back ? 0 : dy)) * s->stride + (size_t)r.x * 4;
        memmove(a + (back ? (size_t)dx * 4 : 0), b + (back ? 0 : (size_t)dx * 4),
                (size_t)(r.w - dx) * 4);
    }
}

static void apply(struct stage *s, struct cw_decoder *d, size_t bytes)
{
    size_t picture_bytes = (size_t)s->width * s->height * 4;
    stop_if(cw_decoder_apply(d, s->packet, bytes) != 0);
    stop_if(cw_decoder_width(d) != s->width || cw_decoder_height(d) != s->height);
    stop_if(cw_decoder_update_number(d) != cw_encoder_update_number(s->encoder));
    stop_if(memcmp(cw_decoder_picture(d), cw_encoder_model(s->encoder), picture_bytes) != 0);
}

static void hash_packet(struct stage *s, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        s->hash = (s->hash ^ s->packet[i]) * 0x100000001b3U;
}

static void keyframe(struct stage *s, bool for_all)
{
    size_t bytes;
    stop_if(cw_encoder_keyframe(s->encoder, s->packet, s->room, &bytes) != 0);
    stop_if(bytes == 0 || bytes > s->room);
    hash_packet(s, bytes);
    apply(s, s->late, bytes);
    s->joined = true;
    if (for_all || !s->shown)
        apply(s, s->all, bytes);
    s->shown = true;
}

static void update(struct stage *s, const struct cw_rect *hints, size_t hint_count)
{
    size_t bytes;
    stop_if(cw_encoder_update(s->encoder, s->frame, s->stride, hints, hint_count, s->packet,
                              s->room, &bytes) != 0);
    stop_if(bytes > s->room);
    hash_packet(s, bytes);
    const uint8_t *model = cw_encoder_model(s->encoder);
    bool exact = s->settings.colours == CW_COLOURS_FULL && !cw_encoder_has_more(s->encoder);
    for (uint32_t y = 0; y < s->height && hint_count == 0 && exact; y++)
        for (uint32_t x = 0; x < s->width; x++)
            stop_if(memcmp(model + ((size_t)y * s->width + x) * 4,
                           s->frame + y * s->stride + (size_t)x * 4, 3) != 0);
    if (bytes == 0)
        return;
    if (s->shown)
        apply(s, s->all, bytes);
    if (s->joined)
        apply(s, s->late, bytes);
}

static void set_size(struct stage *s, struct input *in)
{
    s->width = SIDE_MIN + next(in) % SIDES;
    s->height = SIDE_MIN + next(in) % SIDES;
    s->stride = (size_t)s->width * 4 + PADDING;
}

static void resize(struct stage *s, struct input *in)
{
    set_size(s, in);
    stop_if(cw_encoder_resize(s->encoder, s->width, s->height) != 0);
    s->room = cw_encoder_packet_bytes_max(s->encoder);
    free(s->packet);
    s->packet = malloc(s->room);
    stop_if(s->packet == NULL);
    s->joined = s->shown = false;
}

static void set(struct stage *s, struct input *in)
{
    s->settings.colours = (enum cw_colour_mode)(next(in) % CW_COLOURS_COUNT);
    s->settings.lossy_pictures = (next(in) & 1) != 0;
    s->settings.quality_min = (uint8_t)(1 + next(in) % 100);
    s->settings.quality_max = (uint8_t)(1 + next(in) % 100);
    struct cw_encoder_settings *t = &s->settings;
    if (t->quality_max < t->quality_min)
        t->quality_max = t->quality_min;
    stop_if(cw_encoder_set(s->encoder, t) != 0);
}

/* Time goes by, and the next update has a budget. */
static void wait(struct stage *s, struct input *in)
{
    s->now_ns += (uint64_t)next(in) * 20000000;
    uint32_t budget = next(in) << 6;
    cw_encoder_turn(s->encoder, s->now_ns, budget == 0 ? SIZE_MAX : budget);
}

static void obey(struct stage *s, struct input *in)
{
    size_t frame_bytes = s->stride * s->height;
    enum command c = (enum command)(next(in) % COMMAND_COUNT);
    struct cw_rect hints[2];
    uint32_t choice;
    uint8_t *p;
    switch (c) {
    case FILL:
    case NOISE:
    case GRADIENT:
    case TEXT: draw(s, in, c); break;
    case SCROLL: scroll(s, in); break;
    case KEEP: memcpy(s->kept[next(in) % KEPT], s->frame, frame_bytes); break;
    case BRING_BACK: memcpy(s->frame, s->kept[next(in) % KEPT], frame_bytes); break;
    case TOUCH:
        p = s->frame + (next(in) | next(in) << 8 | next(in) << 16) % frame_bytes;
        *p = (uint8_t)next(in);
        break;
    case UPDATE: update(s, NULL, 0); break;
    case UPDATE_HINTED:
        hints[0] = next_rect(in, s);
        hints[1] = (struct cw_rect){next(in), next(in), next(in), next(in)};
        update(s, hints, 2);
        break;
    case KEYFRAME:
        choice = next(in);
        if ((choice & 2) != 0) {
            cw_encoder_expect_keyframe(s->encoder);
            update(s, NULL, 0);
        }
        keyframe(s, (choice & 1) != 0);
        break;
    case RESIZE: resize(s, in); break;
    case SETTINGS: set(s, in); break;
    case WAIT: wait(s, in); break;
    case COMMAND_COUNT: break;
    }
}

static uint64_t run(struct input in)
{
    struct stage s = {.hash = 0xcbf29ce484222325U, .settings = cw_encoder_defaults()};
    set_size(&s, &in);
    stop_if(cw_encoder_new(s.width, s.height, &s.encoder) != 0);
    stop_if(cw_decoder_new(0, &s.all) != 0 || cw_decoder_new(0, &s.late) != 0);
    size_t frame_bytes = (size_t)(SIDE_MAX * 4 + PADDING) * SIDE_MAX;
    s.room = cw_encoder_packet_bytes_max(s.encoder);
    s.packet = malloc(s.room);
    s.frame = calloc(1, frame_bytes);
    stop_if(s.packet == NULL || s.frame == NULL);
    for (unsigned i = 0; i < KEPT; i++) {
        s.kept[i] = calloc(1, frame_bytes);
        stop_if(s.kept[i] == NULL);
    }
    keyframe(&s, true);
    for (unsigned i = 0; i < COMMANDS_MAX && in.size > 0; i++)
        obey(&s, &in);
    keyframe(&s, true);
    cw_encoder_free(s.encoder);
    cw_decoder_free(s.all);
    cw_decoder_free(s.late);
    free(s.packet);
    free(s.frame);
    for (unsigned i = 0; i < KEPT; i++)
        free(s.kept[i]);
    return s.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    /* C, and one of the other levels. */
    (void)setenv("CAUSEWAY_ISA", cw_isa_name(CW_ISA_C), 1);
    uint64_t expected = run((struct input){data, size});
    if (cw_isa_best() != CW_ISA_C) {
        unsigned other = 1 + data[size - 1] % (unsigned)cw_isa_best();
        (void)setenv("CAUSEWAY_ISA", cw_isa_name((enum cw_isa)other), 1);
        stop_if(run((struct input){data, size}) != expected);
    }
    (void)unsetenv("CAUSEWAY_ISA");
    return 0;
}
