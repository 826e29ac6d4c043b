/* SPDX-License-Identifier: Apache-2.0 */
/* Recording in the real workers: what is in the files, and what happens when the disk does not take it. */
#include "tests/unit/engine/connection_world.h"

#include "engine/record_folder.h"
#include "engine/wire/recording.h"

static uint64_t room_left = UINT64_MAX;

static uint64_t room_bytes(void *user)
{
    (void)user;
    return room_left;
}

static struct cw_record_config possible(void)
{
    room_left = UINT64_MAX;
    return (struct cw_record_config){
        .is_possible = true, .room_bytes = room_bytes, .room_bytes_min = 1 << 20};
}

struct stage {
    struct world *w;
    struct cw_double_session *s;
    struct guest *source;
    struct guest *viewer;
};

static struct stage stage_open(const struct cw_record_config *config, uint8_t flags)
{
    struct stage g = {.w = world_open_recording(config)};
    g.s = cw_double_session_add(g.w->control);
    g.s->recording = flags;
    uint32_t source = cw_double_participant_add(g.w->control, g.s, CW_ROLE_UNATTENDED,
                                                CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT));
    uint32_t viewer = cw_double_participant_add(g.w->control, g.s, CW_ROLE_REPRESENTATIVE,
                                                CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) |
                                                    CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION));
    g.source = join(g.w, g.s, source);
    g.viewer = join(g.w, g.s, viewer);
    return g;
}

static void say_screen(struct stage *g, uint8_t flags, uint32_t number, size_t size)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    memcpy(payload, &number, sizeof number);
    guest_send(g->source, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_FIRST | CW_FLAG_LAST | flags,
               g->s->number, payload, size);
}

static void begin_screen(struct stage *g)
{
    const struct cw_screen_reset reset = {.width_px = 64,
                                          .height_px = 64,
                                          .desktop_width_px = 64,
                                          .desktop_height_px = 64,
                                          .update = 1};
    uint8_t payload[32];
    size_t size = 0;
    assert_int_equal(cw_screen_reset_encode(&reset, payload, sizeof payload, &size), CW_OK);
    guest_send(g->source, CW_MESSAGE_SCREEN_RESET, CW_FLAG_FIRST | CW_FLAG_LAST, g->s->number,
               payload, size);
    say_screen(g, CW_FLAG_KEYFRAME, 1, 1000);
    run_ms(g->w, 100);
}

static void say_chat(struct stage *g, struct guest *who, uint32_t id)
{
    struct cw_chat_say say = {.client_message = id, .text = "hello", .text_bytes = 5};
    uint8_t payload[32];
    size_t size = 0;
    assert_int_equal(cw_chat_say_encode(&say, payload, sizeof payload, &size), CW_OK);
    guest_send(who, CW_MESSAGE_CHAT_SAY, CW_FLAG_FIRST | CW_FLAG_LAST, g->s->number, payload, size);
}

/* What a file says, by kinds and types. */
struct told {
    int err; /* what ended the reading */
    struct cw_recording_header header;
    struct cw_recording_chain chain; /* behind the last data block */
    unsigned records[8];
    unsigned frames[256];
    unsigned keyframes;
    uint32_t newest; /* update */
    struct cw_record_end end;
    struct cw_record_gap gap;
    bool is_sealed;
};

static void tell_frame(struct told *t, const struct cw_record *r)
{
    struct cw_frame f;
    assert_int_equal(cw_frame_decode(r->bytes, r->bytes_count, &f), CW_OK);
    t->frames[f.type]++;
    if (f.type != CW_MESSAGE_SCREEN_UPDATE)
        return;
    t->keyframes += (f.flags & CW_FLAG_KEYFRAME) != 0;
    memcpy(&t->newest, r->bytes + CW_FRAME_HEADER_BYTES, sizeof t->newest);
}

static struct told read_file(struct world *w, const char *name)
{
    struct told t = {0};
    size_t size = 0;
    const uint8_t *data = cw_net_file(w->net, name, &size);
    assert_non_null(data);
    t.err = cw_recording_header_decode(data, size, &t.header, &t.chain);
    for (size_t at = CW_RECORDING_HEADER_BYTES; t.err == CW_OK && at < size;) {
        struct cw_recording_block b;
        struct cw_recording_chain chain = t.chain;
        size_t used = 0;
        t.err = cw_recording_block_decode(data + at, size - at, &chain, &b, &used);
        if (t.err != CW_OK)
            break;
        at += used;
        if (b.kind == CW_RECORDING_SEAL) {
            struct cw_recording_seal seal;
            assert_int_equal(cw_recording_seal_decode(&b, &seal), CW_OK);
            assert_int_equal(cw_recording_verify(t.chain.hash, seal.key, seal.signature), CW_OK);
            t.is_sealed = true;
            continue;
        }
        t.chain = chain;
        assert_int_equal(cw_recording_records_check(&b, b.payload, b.payload_bytes), CW_OK);
        struct cw_record r;
        size_t in = 0;
        while (cw_recording_next(b.payload, b.payload_bytes, &in, &r)) {
            t.records[r.kind]++;
            if (r.kind == CW_RECORD_FRAME)
                tell_frame(&t, &r);
            else if (r.kind == CW_RECORD_END)
                (void)cw_record_end_decode(&r, &t.end);
            else if (r.kind == CW_RECORD_GAP)
                (void)cw_record_gap_decode(&r, &t.gap);
        }
    }
    return t;
}

static void a_session_is_in_its_file_whole_and_sealed(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD);
    begin_screen(&g);
    for (uint32_t i = 2; i < 40; i++) {
        say_screen(&g, 0, i, 100 + i * 397);
        if (i % 10 == 0)
            say_chat(&g, i % 20 == 0 ? g.source : g.viewer, i);
        run_ms(g.w, 30);
    }
    const uint8_t nothing[12] = {0};
    guest_send(g.viewer, CW_MESSAGE_POINTER, CW_FLAG_FIRST | CW_FLAG_LAST, 1, nothing, 12);
    run_ms(g.w, 700);
    /* So far it is as a crash would leave it: all of it but the end. */
    const char *name = cw_net_file_name(g.w->net, 0);
    assert_non_null(name);
    struct told so_far = read_file(g.w, name);
    assert_int_equal(so_far.err, CW_OK);
    assert_int_equal(so_far.newest, 39);
    assert_int_equal(so_far.records[CW_RECORD_END], 0);
    cw_double_end_session(g.w->control, g.s, CW_CLOSE_ENDED_BY_OPERATOR);
    run_ms(g.w, 500);
    struct told t = read_file(g.w, name);
    assert_int_equal(t.err, CW_OK);
    assert_int_equal(t.header.session, 1);
    assert_int_equal(t.header.part, 1);
    assert_int_equal(t.frames[CW_MESSAGE_SCREEN_RESET], 1);
    assert_int_equal(t.frames[CW_MESSAGE_SCREEN_UPDATE], 39);
    assert_int_equal(t.keyframes, 1);
    assert_int_equal(t.frames[CW_MESSAGE_CHAT_SAY], 3);
    assert_int_equal(t.frames[CW_MESSAGE_CHAT_LINE], 3);
    assert_int_equal(t.frames[CW_MESSAGE_POINTER], 0);
    assert_int_equal(t.records[CW_RECORD_PARTICIPANT], 2);
    assert_int_equal(t.records[CW_RECORD_END], 1);
    assert_int_equal(t.end.code, CW_CLOSE_ENDED_BY_OPERATOR);
    assert_true(t.is_sealed);
    const struct cw_link_message *m = cw_double_last(g.w->control, CW_LINK_RECORDED);
    assert_memory_equal(m->key, t.chain.hash, sizeof t.chain.hash);
    assert_int_equal(m->kind, 1);
    assert_null(cw_net_file_name(g.w->net, 1));
    world_close(g.w);
}

static void nothing_is_written_where_nobody_asked(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, 0);
    begin_screen(&g);
    assert_null(cw_net_file_name(g.w->net, 0));
    world_close(g.w);
}

/* Without a folder, or with too little room: nobody gets in, and control hears why. */
static void required_is_refused_where_it_is_impossible(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct cw_record_config config = possible();
        config.is_possible = i == 0;
        room_left = i == 0 ? 1000 : UINT64_MAX;
        struct stage g = stage_open(&config, CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED);
        assert_closed(g.source, CW_CLOSE_RECORDING_FAILED);
        assert_int_equal(g.source->seen[CW_MESSAGE_WELCOME], 0);
        const char *text = (const char *)g.source->payload[CW_MESSAGE_CLOSE] + 2;
        assert_memory_equal(text, "This session must be recorded", 29);
        const struct cw_link_message *m = cw_double_last(g.w->control, CW_LINK_RECORDING);
        assert_int_equal(m->kind, CW_LINK_RECORDING_REFUSED);
        assert_int_equal(g.s->over_code, CW_CLOSE_RECORDING_FAILED);
        world_close(g.w);
    }
}

static void required_ends_when_the_disk_is_full(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD_REQUIRED);
    begin_screen(&g);
    run_ms(g.w, 700);
    assert_true(is_open(g.viewer));
    const struct cw_net_disk full = {.is_limited = true, .room_bytes = 5000};
    cw_net_disk_set(g.w->net, &full);
    for (uint32_t i = 2; i < 30; i++) {
        say_screen(&g, 0, i, 16000);
        run_ms(g.w, 50);
    }
    assert_closed(g.viewer, CW_CLOSE_RECORDING_FAILED);
    assert_closed(g.source, CW_CLOSE_RECORDING_FAILED);
    assert_int_equal(g.viewer->seen[CW_MESSAGE_SESSION_ENDED], 1);
    struct told t = read_file(g.w, cw_net_file_name(g.w->net, 0));
    assert_int_equal(t.err, CW_ERR_AGAIN); /* cut, and good before that */
    assert_int_equal(t.newest, 1);
    const struct cw_link_message *m = cw_double_last(g.w->control, CW_LINK_RECORDED);
    assert_int_equal(m->kind, 0);
    assert_memory_equal(m->key, t.chain.hash, sizeof t.chain.hash);
    const struct cw_net_disk healed = {0};
    cw_net_disk_set(g.w->net, &healed);
    world_close(g.w);
}

/* Between the disk's failure and the session's end nothing passes, and the source is not blamed for what is missing. */
static void required_blames_nobody_while_it_ends(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD_REQUIRED);
    struct cw_worker *worker = g.w->workers[1];
    struct cw_recorder *recorder = cw_session_find(worker, g.s->number)->recorder;
    recorder->is_ending = true; /* its timer is what would come next */
    recorder->why = "the disk is full";
    begin_screen(&g);
    assert_int_equal(g.viewer->seen[CW_MESSAGE_SCREEN_RESET], 0);
    assert_int_equal(g.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 0);
    assert_true(is_open(g.source));
    cw_record_give_up(worker, recorder);
    run_ms(g.w, 100);
    assert_closed(g.source, CW_CLOSE_RECORDING_FAILED);
    world_close(g.w);
}

/* It goes on without, and with a second part once it can, which names the last good block of the first. */
static void wanted_goes_on_in_another_part(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD);
    begin_screen(&g);
    run_ms(g.w, 700);
    const struct cw_net_disk broken = {.fail_permille = 1000};
    cw_net_disk_set(g.w->net, &broken);
    for (uint32_t i = 2; i < 30; i++) {
        say_screen(&g, 0, i, 16000);
        run_ms(g.w, 100);
    }
    assert_true(is_open(g.viewer));
    assert_int_equal(cw_double_last(g.w->control, CW_LINK_RECORDING)->kind,
                     CW_LINK_RECORDING_PAUSED);
    const struct cw_net_disk healed = {0};
    cw_net_disk_set(g.w->net, &healed);
    unsigned asked = g.source->seen[CW_MESSAGE_SYNC_REQUEST];
    run_ms(g.w, 6000);
    assert_int_equal(cw_double_last(g.w->control, CW_LINK_RECORDING)->kind, CW_LINK_RECORDING_ON);
    assert_true(g.source->seen[CW_MESSAGE_SYNC_REQUEST] > asked);
    say_screen(&g, CW_FLAG_KEYFRAME, 29, 2000);
    say_screen(&g, 0, 30, 2000);
    run_ms(g.w, 700);
    cw_double_end_session(g.w->control, g.s, CW_CLOSE_ENDED_BY_OPERATOR);
    run_ms(g.w, 500);
    struct told first = read_file(g.w, cw_net_file_name(g.w->net, 0));
    const char *last = NULL;
    for (unsigned i = 0; cw_net_file_name(g.w->net, i) != NULL; i++)
        if (strstr(cw_net_file_name(g.w->net, i), ".seal") == NULL)
            last = cw_net_file_name(g.w->net, i);
    struct told t = read_file(g.w, last);
    assert_true(t.header.part > 1);
    assert_int_equal(t.err, CW_OK);
    assert_int_equal(t.header.recording, first.header.recording);
    assert_memory_equal(t.header.previous, first.chain.hash, sizeof first.chain.hash);
    assert_int_equal(t.newest, 30);
    assert_int_equal(t.keyframes, 1);
    assert_int_equal(t.frames[CW_MESSAGE_SCREEN_RESET], 1);
    assert_true(t.records[CW_RECORD_GAP] == 1 && t.gap.frames > 0);
    assert_true(t.is_sealed);
    world_close(g.w);
}

/* A disk that is behind holds the source back, and nothing is lost. */
static void required_waits_for_a_slow_disk(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD_REQUIRED);
    begin_screen(&g);
    run_ms(g.w, 700);
    const struct cw_net_disk slow = {.delay_min_ns = 4000 * MS, .delay_max_ns = 4001 * MS};
    cw_net_disk_set(g.w->net, &slow);
    uint32_t number = 1;
    const uint8_t ack[4] = {100};
    while (number < 400) { /* 6 MB */
        say_screen(&g, 0, ++number, 16000);
        if (number % 4 == 0)
            run_ms(g.w, 20);
    }
    unsigned acked = g.source->seen[CW_MESSAGE_SCREEN_ACK];
    guest_send(g.viewer, CW_MESSAGE_SCREEN_ACK, CW_FLAG_FIRST | CW_FLAG_LAST, 1, ack, sizeof ack);
    run_ms(g.w, 200);
    assert_int_equal(g.source->seen[CW_MESSAGE_SCREEN_ACK], acked);
    const struct cw_net_disk healed = {0};
    cw_net_disk_set(g.w->net, &healed);
    run_ms(g.w, 9000);
    assert_int_equal(g.source->seen[CW_MESSAGE_SCREEN_ACK], acked + 1);
    assert_true(is_open(g.viewer));
    struct told t = read_file(g.w, cw_net_file_name(g.w->net, 0));
    assert_int_equal(t.frames[CW_MESSAGE_SCREEN_UPDATE], number);
    assert_int_equal(t.newest, number);
    world_close(g.w);
}

/* A disk that never answers ends what must be recorded, and makes a gap in what is only wanted. */
static void a_disk_that_hangs(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct cw_record_config config = possible();
        struct stage g = stage_open(&config, i == 0 ? CW_TICKET_RECORD_REQUIRED : CW_TICKET_RECORD);
        begin_screen(&g);
        run_ms(g.w, 700);
        const struct cw_net_disk hung = {.delay_min_ns = 20000 * MS, .delay_max_ns = 20001 * MS};
        cw_net_disk_set(g.w->net, &hung);
        uint32_t number = 1;
        for (unsigned k = 0; k < 700; k++) { /* 11 MB */
            say_screen(&g, 0, ++number, 16000);
            run_ms(g.w, 20);
        }
        if (i == 0)
            assert_closed(g.viewer, CW_CLOSE_RECORDING_FAILED);
        else
            assert_true(is_open(g.viewer));
        const struct cw_net_disk healed = {0};
        cw_net_disk_set(g.w->net, &healed);
        run_ms(g.w, 20000);
        if (i == 1) {
            say_screen(&g, CW_FLAG_KEYFRAME, number, 1000);
            run_ms(g.w, 2000);
            struct told t = read_file(g.w, cw_net_file_name(g.w->net, 0));
            assert_int_equal(t.records[CW_RECORD_GAP], 1);
            assert_int_equal(t.newest, number);
        }
        world_close(g.w);
    }
}

/* The session ended while control was away: the seal comes into a file of its own. */
static void control_away_seals_later(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD);
    begin_screen(&g);
    cw_double_set_away(g.w->control, true);
    run_ms(g.w, 100);
    const uint8_t end[2] = {0, 0};
    guest_send(g.viewer, CW_MESSAGE_SESSION_END, CW_FLAG_FIRST | CW_FLAG_LAST, 1, end, sizeof end);
    run_ms(g.w, CW_RELAY_RECORD_SEAL_MS + 2000);
    assert_null(cw_net_file_name(g.w->net, 1));
    struct told t = read_file(g.w, cw_net_file_name(g.w->net, 0));
    assert_false(t.is_sealed);
    cw_double_set_away(g.w->control, false);
    run_ms(g.w, 4000);
    const char *name = cw_net_file_name(g.w->net, 1);
    assert_non_null(name);
    assert_non_null(strstr(name, ".cwr.seal"));
    size_t size = 0;
    const uint8_t *data = cw_net_file(g.w->net, name, &size);
    struct cw_recording_block b;
    size_t used = 0;
    assert_int_equal(cw_recording_block_decode(data, size, &t.chain, &b, &used), CW_OK);
    assert_int_equal(b.kind, CW_RECORDING_SEAL);
    assert_int_equal(used, size);
    world_close(g.w);
}

/* With a key in the configuration nothing of what passed can be read in the file without it. */
static void encrypted_at_rest(void **state)
{
    (void)state;
    static const uint8_t key[CW_KEY_BYTES] = {5, 6, 7};
    static uint8_t plain[CW_RECORDING_PAYLOAD_BYTES_MAX];
    struct cw_record_config config = possible();
    config.key = key;
    struct stage g = stage_open(&config, CW_TICKET_RECORD_REQUIRED);
    begin_screen(&g);
    say_chat(&g, g.viewer, 4);
    run_ms(g.w, 700);
    cw_double_end_session(g.w->control, g.s, CW_CLOSE_ENDED_BY_OPERATOR);
    run_ms(g.w, 500);
    size_t size = 0;
    const uint8_t *data = cw_net_file(g.w->net, cw_net_file_name(g.w->net, 0), &size);
    struct cw_recording_header header;
    struct cw_recording_chain chain;
    uint8_t file_key[CW_KEY_BYTES];
    assert_int_equal(cw_recording_header_decode(data, size, &header, &chain), CW_OK);
    assert_true((header.flags & CW_RECORDING_ENCRYPTED) != 0);
    assert_null(memmem(data, size, "hello", 5));
    assert_int_equal(cw_recording_file_key(key, data, file_key), CW_OK);
    bool has_hello = false;
    for (size_t at = CW_RECORDING_HEADER_BYTES; at < size;) {
        struct cw_recording_block b;
        size_t used = 0;
        size_t bytes = 0;
        assert_int_equal(cw_recording_block_decode(data + at, size - at, &chain, &b, &used), CW_OK);
        if (b.kind == CW_RECORDING_DATA) {
            assert_int_equal(cw_recording_decrypt(data + at, &b, file_key, plain, &bytes), CW_OK);
            assert_int_equal(cw_recording_records_check(&b, plain, bytes), CW_OK);
            has_hello = has_hello || memmem(plain, bytes, "hello", 5) != NULL;
        }
        at += used;
    }
    assert_true(has_hello);
    struct cw_record_found found;
    assert_int_equal(cw_record_examine(data, size, key, &found), CW_OK);
    assert_true(found.is_sealed && found.is_ended);
    world_close(g.w);
}

/* What a new engine makes of a part that was cut: its chain goes on where the last whole block ended. */
static void an_earlier_engines_part(void **state)
{
    (void)state;
    struct cw_record_config config = possible();
    struct stage g = stage_open(&config, CW_TICKET_RECORD);
    begin_screen(&g);
    run_ms(g.w, 700);
    say_screen(&g, 0, 2, 16000);
    run_ms(g.w, 700);
    size_t size = 0;
    const uint8_t *data = cw_net_file(g.w->net, cw_net_file_name(g.w->net, 0), &size);
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, data, size);
    world_close(g.w);
    for (size_t cut = 0; cut <= size; cut += cut + 64 < size ? 61 : 1) {
        struct cw_record_found found;
        int err = cw_record_examine(copy, cut, NULL, &found);
        assert_int_equal(err, cut < CW_RECORDING_HEADER_BYTES ? CW_ERR_INVALID : CW_OK);
        if (err == CW_OK)
            assert_true(found.bytes <= cut && (cut < size || found.bytes == size));
    }
    struct cw_record_found found = {0};
    assert_int_equal(cw_record_examine(copy, size - 1, NULL, &found), CW_OK);
    assert_false(found.is_ended || found.is_sealed);
    free(copy);
    const struct cw_record_list list = {&found, 1};
    config.found = &list;
    g = stage_open(&config, CW_TICKET_RECORD);
    assert_int_equal(cw_double_seen(g.w->control, CW_LINK_RECORDED), 1);
    begin_screen(&g);
    run_ms(g.w, 700);
    struct told t = {0};
    for (unsigned i = 0; cw_net_file_name(g.w->net, i) != NULL; i++)
        if (strstr(cw_net_file_name(g.w->net, i), "-002.cwr") != NULL &&
            strstr(cw_net_file_name(g.w->net, i), ".seal") == NULL)
            t = read_file(g.w, cw_net_file_name(g.w->net, i));
    assert_int_equal(t.header.part, 2);
    assert_int_equal(t.header.recording, found.header.recording);
    assert_memory_equal(t.header.previous, found.chain.hash, sizeof found.chain.hash);
    world_close(g.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_in_its_file_whole_and_sealed),
        cmocka_unit_test(nothing_is_written_where_nobody_asked),
        cmocka_unit_test(required_is_refused_where_it_is_impossible),
        cmocka_unit_test(required_ends_when_the_disk_is_full),
        cmocka_unit_test(required_blames_nobody_while_it_ends),
        cmocka_unit_test(wanted_goes_on_in_another_part),
        cmocka_unit_test(required_waits_for_a_slow_disk),
        cmocka_unit_test(a_disk_that_hangs),
        cmocka_unit_test(control_away_seals_later),
        cmocka_unit_test(encrypted_at_rest),
        cmocka_unit_test(an_earlier_engines_part),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
