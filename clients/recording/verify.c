/* SPDX-License-Identifier: Apache-2.0 */
/* verify, info and list: what a recording is, and what is still good of it. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "clients/recording/command.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

static const uint64_t second_ns = UINT64_C(1000000000);

void cw_time_text(uint64_t ns, char out[24])
{
    uint64_t s = ns / second_ns;
    (void)snprintf(out, 24, "%" PRIu64 ":%02u:%02u.%u", s / 3600, (unsigned)(s / 60 % 60),
                   (unsigned)(s % 60), (unsigned)(ns / (second_ns / 10) % 10));
}

static void date_text(uint64_t unix_ms, char out[32])
{
    time_t s = (time_t)(unix_ms / 1000);
    struct tm tm;
    if (gmtime_r(&s, &tm) == NULL || strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
        (void)snprintf(out, 32, "(a time out of range)");
}

static void hex(const uint8_t *bytes, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static const char *seal_text(const struct cw_tape_part *p)
{
    switch (p->seal) {
    case CW_TAPE_UNSEALED: return "not sealed";
    case CW_TAPE_SEAL_GOOD: return "sealed";
    case CW_TAPE_SEAL_FOREIGN: return "sealed by another appliance's key";
    case CW_TAPE_SEAL_WRONG: return "the seal does not fit";
    }
    return "";
}

static void print_fault(const struct cw_tape_part *p, const struct cw_tape_fault *f)
{
    switch (f->kind) {
    case CW_TAPE_CUT:
        (void)printf("  cut at byte %zu, inside block %" PRIu64 ", which began at byte %" PRIu64
                     ": its last %" PRIu64 " bytes are not a whole block\n",
                     p->size, f->block, f->at, f->bytes);
        break;
    case CW_TAPE_CHANGED:
        (void)printf("  changed: bytes %" PRIu64 " to %" PRIu64 ", where block %" PRIu64
                     " should be\n",
                     f->at, f->at + f->bytes - 1, f->block);
        break;
    case CW_TAPE_ORDER:
        (void)printf("  out of order: the block at byte %" PRIu64
                     " is whole, but does not follow block %" PRIu64
                     "; something was taken out, put in or exchanged\n",
                     f->at, f->block - 1);
        break;
    case CW_TAPE_RECORDS:
        (void)printf("  block %" PRIu64 " at byte %" PRIu64
                     " is whole, and what is in it cannot be read\n",
                     f->block, f->at);
        break;
    case CW_TAPE_LINK:
        (void)printf("  does not follow the part before it: that one is missing, shorter than it "
                     "was, or another\n");
        break;
    case CW_TAPE_SEALED: (void)printf("  %s\n", seal_text(p)); break;
    }
}

static void print_part(const struct cw_tape *t, const struct cw_tape_part *p)
{
    char good[24];
    size_t detached = 0;
    uint64_t good_ns = 0;
    for (size_t i = 0; i < p->block_count; i++) {
        detached += p->blocks[i].is_detached;
        if (!p->blocks[i].is_detached)
            good_ns = i + 1 < p->block_count ? p->blocks[i + 1].time_ns : p->last_ns;
    }
    cw_time_text(good_ns, good);
    (void)printf("%s: ", p->path);
    if (p->fault_count == 0)
        (void)printf("%s, %s\n", p->is_ended || t->is_locked ? "whole" : "cut between two blocks",
                     seal_text(p));
    else
        (void)printf("NOT WHOLE, %s\n", seal_text(p));
    for (unsigned i = 0; i < p->fault_count && i < CW_TAPE_FAULTS_MAX; i++)
        print_fault(p, &p->faults[i]);
    if (p->fault_count > CW_TAPE_FAULTS_MAX)
        (void)printf("  and %u more places\n", p->fault_count - CW_TAPE_FAULTS_MAX);
    if (p->fault_count == 0 && p->is_ended)
        return;
    (void)printf("  good: bytes 0 to %zu (%zu blocks, %s%s from its beginning)\n",
                 p->good_bytes - 1, p->block_count - detached, t->is_locked ? "" : "up to ",
                 t->is_locked ? "times are encrypted," : good);
    if (detached > 0)
        (void)printf("  good by themselves: %zu blocks behind the damage; nothing proves that they "
                     "are all\n",
                     detached);
}

int cw_command_verify(const struct cw_tape *t, bool is_quiet)
{
    bool is_whole = true;
    for (size_t i = 0; i < t->part_count; i++) {
        const struct cw_tape_part *p = &t->parts[i];
        if (!is_quiet)
            print_part(t, p);
        is_whole = is_whole && p->fault_count == 0 && p->seal == CW_TAPE_SEAL_GOOD &&
                   (p->is_ended || t->is_locked || i + 1 < t->part_count);
    }
    if (t->parts[0].header.part != 1 && !is_quiet)
        (void)printf("  the parts before part %u were not given\n", t->parts[0].header.part);
    if (cw_tape_is_damaged(t))
        return CW_VERIFY_DAMAGED;
    return is_whole ? CW_VERIFY_WHOLE : CW_VERIFY_CUT;
}

int cw_command_info(struct cw_tape *t)
{
    char text[2 * CW_KEY_BYTES + 1];
    const struct cw_tape_part *first = &t->parts[0];
    cw_time_text(t->duration_ns, text);
    (void)printf("session %u, recording %016" PRIx64 ", %s%zu part%s, %s, %zu keyframes\n",
                 first->header.session, first->header.recording, t->is_locked ? "encrypted, " : "",
                 t->part_count, t->part_count == 1 ? "" : "s", text, t->keyframe_count);
    for (size_t i = 0; i < t->part_count; i++) {
        const struct cw_tape_part *p = &t->parts[i];
        char date[32];
        date_text(p->header.start_unix_ms, date);
        (void)printf("part %u: %s, %s, %zu bytes, %zu blocks, %" PRIu64 " records, %s, %s\n",
                     p->header.part, p->path, date, p->size, p->block_count, p->record_count,
                     (p->header.flags & CW_RECORDING_REQUIRED) != 0 ? "required" : "wanted",
                     seal_text(p));
        if (p->is_ended)
            (void)printf("  ended: %.*s\n", (int)p->end.text_bytes, p->end.text);
        hex(p->root, sizeof p->root, text);
        (void)printf("  root hash %s\n", text);
        if (p->seal == CW_TAPE_UNSEALED)
            continue;
        hex(p->sealed_by.key, sizeof p->sealed_by.key, text);
        date_text(p->sealed_by.unix_s * 1000, date);
        (void)printf("  sealed %s with key %s\n", date, text);
    }
    return EX_OK;
}

static int is_recording(const struct dirent *e)
{
    return cw_recording_name_is_legal(e->d_name, strlen(e->d_name));
}

int cw_command_list(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_recording, alphasort);
    if (count < 0) {
        (void)fprintf(stderr, "causeway-recording: %s: %s\n", folder, strerror(errno));
        return EX_NOINPUT;
    }
    (void)printf("%-8s %-5s %-23s %-12s %-10s %-10s %s\n", "SESSION", "PART", "BEGAN", "LENGTH",
                 "BYTES", "STATE", "FILE");
    for (int i = 0; i < count; i++) {
        char path[4200];
        char message[256];
        char length[24];
        char date[32];
        const char *const paths[] = {path};
        struct cw_tape *t = NULL;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (cw_tape_open(paths, 1, NULL, NULL, &t, message, sizeof message) != CW_OK) {
            (void)printf("%-8s %-5s %s\n", "-", "-", message);
        } else {
            const struct cw_tape_part *p = &t->parts[0];
            cw_time_text(t->duration_ns, length);
            date_text(p->header.start_unix_ms, date);
            (void)printf("%-8u %-5u %-23s %-12s %-10zu %-10s %s\n", p->header.session,
                         p->header.part, date, t->is_locked ? "encrypted" : length, p->size,
                         cw_tape_is_damaged(t)          ? "damaged"
                         : p->fault_count > 0           ? "cut"
                         : p->seal == CW_TAPE_SEAL_GOOD ? "sealed"
                         : p->is_ended                  ? "unsealed"
                                                        : "open",
                         entries[i]->d_name);
            cw_tape_close(t);
        }
        free(entries[i]);
    }
    free(entries);
    return EX_OK;
}
