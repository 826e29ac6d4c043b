/* SPDX-License-Identifier: Apache-2.0 */
/* export --text and --asciicast: what was said and happened, and a shell as it was seen. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/recording/command.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/message.h"
#include "engine/wire/stream_message.h"

enum { PEOPLE_MAX = CW_PARTICIPANTS_PER_SESSION_MAX, LINES_PENDING_MAX = 4096 };

struct person {
    uint32_t number;
    uint8_t role;
    char name[CW_NAME_BYTES_MAX + 1];
};

struct people {
    struct person list[PEOPLE_MAX];
    size_t count;
};

static struct person *person_of(struct people *people, uint32_t number)
{
    for (size_t i = 0; i < people->count; i++)
        if (people->list[i].number == number)
            return &people->list[i];
    if (people->count == PEOPLE_MAX)
        return &people->list[PEOPLE_MAX - 1];
    struct person *p = &people->list[people->count++];
    *p = (struct person){.number = number};
    (void)snprintf(p->name, sizeof p->name, "Participant %u", number);
    return p;
}

static void set_name(struct person *p, const char *name, size_t size)
{
    if (size > 0 && size < sizeof p->name)
        (void)snprintf(p->name, sizeof p->name, "%.*s", (int)size, name);
}

/* Names and roles come with notes that may follow what somebody says: they are read first. */
static struct people *read_people(struct cw_tape *t)
{
    struct people *people = calloc(1, sizeof *people);
    struct cw_tape_position at = {0};
    struct cw_record r;
    uint64_t time_ns = 0;
    while (people != NULL && cw_tape_next(t, &at, &r, &time_ns)) {
        struct cw_record_participant came;
        struct cw_participant_note note;
        struct cw_frame f;
        if (cw_record_participant_decode(&r, &came) == CW_OK)
            person_of(people, r.participant)->role = came.role;
        if (r.kind != CW_RECORD_FRAME || cw_frame_decode(r.bytes, r.bytes_count, &f) != CW_OK ||
            f.type != CW_MESSAGE_PARTICIPANT ||
            cw_participant_note_decode(r.bytes + CW_FRAME_HEADER_BYTES, f.length, &note) != CW_OK)
            continue;
        struct person *p = person_of(people, note.participant);
        p->role = note.role;
        set_name(p, note.name, note.name_bytes);
    }
    return people;
}

static FILE *open_output(const char *path)
{
    FILE *to = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (to == NULL)
        (void)fprintf(stderr, "causeway-recording: %s: %s\n", path, strerror(errno));
    return to;
}

static int close_output(FILE *to, const char *path)
{
    bool is_bad = ferror(to) != 0;
    if ((to == stdout ? fflush(to) : fclose(to)) == 0 && !is_bad)
        return EX_OK;
    (void)fprintf(stderr, "causeway-recording: %s: %s\n", path, strerror(errno));
    return EX_CANTCREAT;
}

/* ---- text ---------------------------------------------------------------------------------------- */

struct transcript {
    FILE *to;
    struct people *people;
    /* Said, and not seen as a line yet: control was away. */
    struct {
        uint32_t participant, message;
    } stored[LINES_PENDING_MAX];
    size_t stored_count;
    uint64_t sequence; /* of the newest line */
};

static void line(const struct transcript *x, uint64_t time_ns, const char *who, const char *text,
                 size_t size)
{
    char time[24];
    cw_time_text(time_ns, time);
    (void)fprintf(x->to, "[%s] %s%s", time, who, who[0] != '\0' ? ": " : "");
    /* What people say has line feeds and no other control characters; they go under the first line. */
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            (void)fputs("\n    ", x->to);
        else if (c >= 0x20 && c != 0x7F)
            (void)fputc(c, x->to);
        else
            (void)fputc(' ', x->to);
    }
    (void)fputc('\n', x->to);
}

static bool is_stored(const struct transcript *x, uint32_t participant, uint32_t message)
{
    for (size_t i = 0; i < x->stored_count; i++)
        if (x->stored[i].participant == participant && x->stored[i].message == message)
            return true;
    return false;
}

/* Which messages came back as lines. */
static void read_stored(struct cw_tape *t, struct transcript *x)
{
    struct cw_tape_position at = {0};
    struct cw_record r;
    uint64_t time_ns = 0;
    while (cw_tape_next(t, &at, &r, &time_ns)) {
        struct cw_chat_line said;
        struct cw_frame f;
        if (r.kind != CW_RECORD_FRAME || cw_frame_decode(r.bytes, r.bytes_count, &f) != CW_OK ||
            (f.type != CW_MESSAGE_CHAT_LINE && f.type != CW_MESSAGE_SIDE_LINE) ||
            cw_chat_line_decode(r.bytes + CW_FRAME_HEADER_BYTES, f.length, &said) != CW_OK ||
            said.participant == 0 || x->stored_count == LINES_PENDING_MAX)
            continue;
        x->stored[x->stored_count].participant = said.participant;
        x->stored[x->stored_count++].message = said.client_message;
    }
}

/* What representatives said among themselves is marked: the customer never saw it. */
static void said_line(const struct transcript *x, uint64_t time_ns, uint8_t type, const char *name,
                      const char *text, size_t text_bytes)
{
    char who[CW_NAME_BYTES_MAX + 32];
    const bool is_side = type == CW_MESSAGE_SIDE_LINE || type == CW_MESSAGE_SIDE_SAY;
    (void)snprintf(who, sizeof who, "%s%s", name, is_side ? " (representatives only)" : "");
    line(x, time_ns, who, text, text_bytes);
}

static void frame_text(struct transcript *x, const struct cw_record *r, uint64_t time_ns)
{
    const uint8_t *payload = r->bytes + CW_FRAME_HEADER_BYTES;
    struct cw_frame f;
    struct cw_chat_line said;
    struct cw_chat_say say;
    struct cw_consent consent;
    struct cw_tool_ask ask;
    struct cw_tool_answer answer;
    if (cw_frame_decode(r->bytes, r->bytes_count, &f) != CW_OK)
        return;
    if ((f.type == CW_MESSAGE_CHAT_LINE || f.type == CW_MESSAGE_SIDE_LINE) &&
        cw_chat_line_decode(payload, f.length, &said) == CW_OK && said.sequence > x->sequence) {
        char name[CW_NAME_BYTES_MAX + 1];
        x->sequence = said.sequence;
        (void)snprintf(name, sizeof name, "%.*s", (int)said.name_bytes, said.name);
        said_line(x, time_ns, f.type, said.participant != 0 ? name : "", said.text,
                  said.text_bytes);
    } else if ((f.type == CW_MESSAGE_CHAT_SAY || f.type == CW_MESSAGE_SIDE_SAY) &&
               cw_chat_say_decode(payload, f.length, &say) == CW_OK &&
               !is_stored(x, r->participant, say.client_message)) {
        said_line(x, time_ns, f.type, person_of(x->people, r->participant)->name, say.text,
                  say.text_bytes);
    } else if (f.type == CW_MESSAGE_CONSENT &&
               cw_consent_decode(payload, f.length, &consent) == CW_OK) {
        static const char *const texts[] = {"allows nothing", "allows viewing",
                                            "allows viewing and control"};
        const char *text = texts[consent.view != 0 ? 1 + (consent.control != 0) : 0];
        line(x, time_ns, person_of(x->people, r->participant)->name, text, strlen(text));
    } else if (f.type == CW_MESSAGE_TOOL_ASK &&
               cw_tool_ask_decode(payload, f.length, &ask) == CW_OK && ask.text_bytes > 0) {
        line(x, time_ns, "", ask.text, ask.text_bytes);
    } else if (f.type == CW_MESSAGE_TOOL_ANSWER &&
               cw_tool_answer_decode(payload, f.length, &answer) == CW_OK) {
        const char *text = answer.yes != 0 ? "allows it" : "does not allow it";
        line(x, time_ns, person_of(x->people, r->participant)->name, text, strlen(text));
    }
}

static void record_text(struct transcript *x, const struct cw_record *r, uint64_t time_ns)
{
    struct cw_record_participant about;
    struct cw_record_gap gap;
    struct cw_record_end end;
    char text[CW_NAME_BYTES_MAX + CW_REASON_TEXT_BYTES_MAX + 128];
    text[0] = '\0';
    if (r->kind == CW_RECORD_FRAME) {
        frame_text(x, r, time_ns);
    } else if (cw_record_participant_decode(r, &about) == CW_OK) {
        static const char *const verbs[] = {[CW_RECORD_CAME] = "joined",
                                            [CW_RECORD_LEFT] = "left",
                                            [CW_RECORD_PERMISSIONS] =
                                                "was given other permissions"};
        (void)snprintf(text, sizeof text, "-- %s (%s) %s --",
                       person_of(x->people, r->participant)->name, cw_role_name(about.role),
                       verbs[about.change]);
    } else if (cw_record_gap_decode(r, &gap) == CW_OK) {
        (void)snprintf(text, sizeof text,
                       "-- NOT RECORDED: %" PRIu64 " frames, %" PRIu64 " bytes: %.*s --",
                       gap.frames, gap.bytes, (int)gap.text_bytes, gap.text);
    } else if (cw_record_end_decode(r, &end) == CW_OK) {
        (void)snprintf(text, sizeof text, "-- the end: %.*s --", (int)end.text_bytes, end.text);
    }
    if (text[0] != '\0')
        line(x, time_ns, "", text, strlen(text));
}

int cw_command_text(struct cw_tape *t, const char *path)
{
    struct transcript *x = calloc(1, sizeof *x);
    struct cw_tape_position at = {0};
    struct cw_record r;
    uint64_t time_ns = 0;
    int status = EX_OSERR;
    if (x != NULL)
        x->people = read_people(t);
    if (x != NULL && x->people != NULL && (x->to = open_output(path)) != NULL) {
        read_stored(t, x);
        while (cw_tape_next(t, &at, &r, &time_ns))
            record_text(x, &r, time_ns);
        status = close_output(x->to, path);
    }
    if (x != NULL)
        free(x->people);
    free(x);
    return status;
}

/* ---- asciicast ------------------------------------------------------------------------------------ */

/* Bytes of a UTF-8 character that begins with c; 0: none does. */
static size_t character_bytes(unsigned char c)
{
    return c < 0x80                ? 1
           : c >= 0xC2 && c < 0xE0 ? 2
           : c >= 0xE0 && c < 0xF0 ? 3
           : c >= 0xF0 && c < 0xF5 ? 4
                                   : 0;
}

/* How many bytes of text are one character, whole and well-formed; 0: cut; -1: none. */
static int character(const uint8_t *text, size_t size)
{
    size_t n = character_bytes(text[0]);
    if (n == 0)
        return -1;
    for (size_t i = 1; i < n; i++) {
        if (i == size)
            return 0;
        if ((text[i] & 0xC0) != 0x80)
            return -1;
    }
    return cw_text_is_clean((const char *)text, n) || n == 1 ? (int)n : -1;
}

struct cast {
    FILE *to;
    struct {
        uint64_t next;   /* the stream's byte that comes next */
        uint8_t left[4]; /* of a character that was cut */
        size_t left_bytes;
    } ways[2]; /* 0 what the shell shows, 1 what is typed */
    uint8_t all[CW_FRAME_BYTES_MAX + 4];
};

/* A JSON string of what is whole; the rest stays. */
static void put_string(struct cast *c, unsigned way, const uint8_t *text, size_t size)
{
    uint8_t *all = c->all;
    size_t at = 0;
    memcpy(all, c->ways[way].left, c->ways[way].left_bytes);
    memcpy(all + c->ways[way].left_bytes, text, size);
    size += c->ways[way].left_bytes;
    c->ways[way].left_bytes = 0;
    (void)fputc('"', c->to);
    while (at < size) {
        int n = character(all + at, size - at);
        if (n == 0)
            break;
        if (n < 0)
            (void)fputs("\\ufffd", c->to);
        else if (n == 1 && (all[at] < 0x20 || all[at] == '"' || all[at] == '\\' || all[at] == 0x7F))
            (void)fprintf(c->to, "\\u%04x", all[at]);
        else
            (void)fwrite(all + at, 1, (size_t)n, c->to);
        at += n > 0 ? (size_t)n : 1;
    }
    (void)fputc('"', c->to);
    c->ways[way].left_bytes = size - at;
    memcpy(c->ways[way].left, all + at, size - at);
}

static void put_event(struct cast *c, uint64_t time_ns, bool is_typed,
                      const struct cw_stream_data *d)
{
    uint64_t *next = &c->ways[is_typed].next;
    if (d->offset + d->size <= *next)
        return; /* said again after a break */
    size_t skip = d->offset < *next ? (size_t)(*next - d->offset) : 0;
    *next = d->offset + d->size;
    (void)fprintf(c->to, "[%" PRIu64 ".%06u, \"%s\", ", time_ns / UINT64_C(1000000000),
                  (unsigned)(time_ns / 1000 % 1000000), is_typed ? "i" : "o");
    put_string(c, is_typed, d->bytes + skip, d->size - skip);
    (void)fputs("]\n", c->to);
}

int cw_command_asciicast(struct cw_tape *t, unsigned stream, const char *path)
{
    static struct cast c;
    struct cw_tape_position at = {0};
    struct people *people = read_people(t);
    struct cw_record r;
    uint32_t instance = 0;
    uint64_t time_ns = 0;
    bool has_begun = false;
    if (people == NULL)
        return EX_OSERR;
    while (cw_tape_next(t, &at, &r, &time_ns)) {
        struct cw_stream_data d;
        struct cw_frame f;
        if (r.kind != CW_RECORD_FRAME || cw_frame_decode(r.bytes, r.bytes_count, &f) != CW_OK ||
            f.type != CW_MESSAGE_SHELL_DATA || (stream != 0 && f.stream != stream) ||
            cw_stream_data_decode(r.bytes + CW_FRAME_HEADER_BYTES, f.length, &d) != CW_OK ||
            (has_begun && d.instance != instance))
            continue;
        if (!has_begun) {
            c.to = open_output(path);
            if (c.to == NULL)
                break;
            (void)fprintf(c.to,
                          "{\"version\": 2, \"width\": 80, \"height\": 24, \"timestamp\": %llu}\n",
                          (unsigned long long)(t->parts[0].header.start_unix_ms / 1000));
            stream = f.stream;
            instance = d.instance;
            has_begun = true;
        }
        put_event(&c, time_ns, person_of(people, r.participant)->role == CW_ROLE_REPRESENTATIVE,
                  &d);
    }
    free(people);
    if (c.to != NULL)
        return close_output(c.to, path);
    if (has_begun)
        return EX_CANTCREAT;
    (void)fprintf(stderr, "causeway-recording: no shell was recorded%s\n",
                  stream != 0 ? " with this number" : "");
    return EX_DATAERR;
}
