/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/recording/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"

/* What looking for the next whole block behind damage may cost, in bytes hashed. */
static const size_t search_bytes_max = (size_t)512 << 20;

/* ---- faults -------------------------------------------------------------------------------------- */

static void fault(struct cw_tape_part *p, enum cw_tape_fault_kind kind, size_t at, size_t bytes,
                  uint64_t block)
{
    if (p->fault_count < CW_TAPE_FAULTS_MAX)
        p->faults[p->fault_count] = (struct cw_tape_fault){kind, at, bytes, block};
    p->fault_count++;
}

bool cw_tape_is_damaged(const struct cw_tape *t)
{
    for (size_t i = 0; i < t->part_count; i++) {
        const struct cw_tape_part *p = &t->parts[i];
        for (unsigned k = 0; k < p->fault_count && k < CW_TAPE_FAULTS_MAX; k++)
            if (p->faults[k].kind != CW_TAPE_CUT)
                return true;
        if (p->seal == CW_TAPE_SEAL_WRONG || p->seal == CW_TAPE_SEAL_FOREIGN)
            return true;
    }
    return false;
}

/* ---- reading one part ---------------------------------------------------------------------------- */

static int map_file(const char *path, const uint8_t **ret_data, size_t *ret_size)
{
    struct stat st = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return CW_ERR_IO;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return CW_ERR_IO;
    }
    *ret_size = (size_t)st.st_size;
    *ret_data = NULL;
    if (st.st_size > 0) {
        void *data = mmap(NULL, *ret_size, PROT_READ, MAP_PRIVATE, fd, 0);
        *ret_data = data != MAP_FAILED ? data : NULL;
    }
    (void)close(fd);
    return *ret_data != NULL || *ret_size == 0 ? CW_OK : CW_ERR_IO;
}

static int add_keyframe(struct cw_tape *t, uint64_t time_ns, struct cw_tape_position position)
{
    if ((t->keyframe_count & (t->keyframe_count - 1)) == 0) {
        size_t room = t->keyframe_count == 0 ? 1 : t->keyframe_count * 2;
        struct cw_tape_keyframe *grown = reallocarray(t->keyframes, room, sizeof *grown);
        if (grown == NULL)
            return CW_ERR_NOMEM;
        t->keyframes = grown;
    }
    t->keyframes[t->keyframe_count++] = (struct cw_tape_keyframe){time_ns, position};
    return CW_OK;
}

static int add_block(struct cw_tape_part *p, size_t at, const struct cw_recording_block *b,
                     bool is_detached)
{
    if ((p->block_count & (p->block_count - 1)) == 0) {
        size_t room = p->block_count == 0 ? 1 : p->block_count * 2;
        struct cw_tape_block *grown = reallocarray(p->blocks, room, sizeof *grown);
        if (grown == NULL)
            return CW_ERR_NOMEM;
        p->blocks = grown;
    }
    p->blocks[p->block_count++] = (struct cw_tape_block){at, b->number, b->time_ns, is_detached};
    return CW_OK;
}

/* The payload of a block as records; NULL: it cannot be read. */
static const uint8_t *payload_of(struct cw_tape *t, size_t part, size_t block, size_t *ret_bytes)
{
    const struct cw_tape_part *p = &t->parts[part];
    size_t at = p->blocks[block].at;
    struct cw_recording_block b;
    size_t used = 0;
    if (t->is_locked)
        return NULL;
    if (t->open_bytes > 0 && t->open_part == part && t->open_block == block) {
        *ret_bytes = t->open_bytes;
        return t->plain;
    }
    if (cw_recording_block_decode(p->data + at, p->size - at, NULL, &b, &used) != CW_OK)
        return NULL;
    *ret_bytes = b.payload_bytes;
    if ((p->header.flags & CW_RECORDING_ENCRYPTED) == 0)
        return b.payload;
    t->open_bytes = 0;
    if (cw_recording_decrypt(p->data + at, &b, p->file_key, t->plain, ret_bytes) != CW_OK)
        return NULL;
    t->open_part = part;
    t->open_block = block;
    t->open_bytes = *ret_bytes;
    return t->plain;
}

static int read_records(struct cw_tape *t, size_t part, const uint8_t *payload, size_t bytes)
{
    struct cw_tape_part *p = &t->parts[part];
    struct cw_record r;
    struct cw_frame f;
    size_t at = 0;
    size_t before = 0;
    int err = CW_OK;
    while (err == CW_OK && cw_recording_next(payload, bytes, &at, &r)) {
        p->record_count++;
        p->last_ns = r.time_ns;
        if (r.kind == CW_RECORD_END)
            p->is_ended = cw_record_end_decode(&r, &p->end) == CW_OK;
        if (r.kind == CW_RECORD_FRAME && cw_frame_decode(r.bytes, r.bytes_count, &f) == CW_OK &&
            f.type == CW_MESSAGE_SCREEN_UPDATE && (f.flags & CW_FLAG_KEYFRAME) != 0 &&
            (f.flags & CW_FLAG_FIRST) != 0)
            err = add_keyframe(
                t, p->base_ns + r.time_ns,
                (struct cw_tape_position){.part = part, .block = p->block_count - 1, .at = before});
        before = at;
    }
    return err;
}

static int take_block(struct cw_tape *t, size_t part, size_t at, const struct cw_recording_block *b,
                      bool is_detached)
{
    struct cw_tape_part *p = &t->parts[part];
    size_t bytes = 0;
    int err = add_block(p, at, b, is_detached);
    if (err != CW_OK || t->is_locked)
        return err;
    const uint8_t *payload = payload_of(t, part, p->block_count - 1, &bytes);
    if (payload == NULL || cw_recording_records_check(b, payload, bytes) != CW_OK) {
        fault(p, CW_TAPE_RECORDS, at, b->payload_bytes, b->number);
        p->block_count--;
        return CW_OK;
    }
    return read_records(t, part, payload, bytes);
}

static void check_seal(struct cw_tape_part *p, const struct cw_recording_block *b, size_t at,
                       const uint8_t *seal_key)
{
    bool fits = cw_recording_seal_decode(b, &p->sealed_by) == CW_OK &&
                memcmp(b->previous, p->root, sizeof p->root) == 0 &&
                cw_recording_verify(p->root, p->sealed_by.key, p->sealed_by.signature) == CW_OK;
    p->seal = CW_TAPE_SEAL_GOOD;
    if (!fits)
        p->seal = CW_TAPE_SEAL_WRONG;
    else if (seal_key != NULL && memcmp(seal_key, p->sealed_by.key, CW_KEY_BYTES) != 0)
        p->seal = CW_TAPE_SEAL_FOREIGN;
    if (p->seal != CW_TAPE_SEAL_GOOD)
        fault(p, CW_TAPE_SEALED, at, 0, b->number);
}

/* The next whole block behind at; size: there is none. */
static size_t search(const struct cw_tape_part *p, size_t at, uint64_t least, size_t *budget)
{
    while (at<p->size && * budget> 0) {
        const uint8_t *found = memmem(p->data + at, p->size - at, "CWBK", 4);
        struct cw_recording_block b;
        size_t used = 0;
        if (found == NULL)
            break;
        at = (size_t)(found - p->data);
        /* A file that was transferred may hold blocks too: those begin to count anew. */
        if (cw_recording_block_decode(p->data + at, p->size - at, NULL, &b, &used) == CW_OK &&
            b.number >= least)
            return at;
        size_t cost = p->size - at < CW_RECORDING_BLOCK_BYTES_MAX ? p->size - at
                                                                  : CW_RECORDING_BLOCK_BYTES_MAX;
        *budget = *budget > cost ? *budget - cost : 0;
        at++;
    }
    return p->size;
}

static int read_blocks(struct cw_tape *t, size_t part, struct cw_recording_chain chain,
                       const uint8_t *seal_key)
{
    struct cw_tape_part *p = &t->parts[part];
    size_t at = CW_RECORDING_HEADER_BYTES;
    size_t budget = search_bytes_max;
    bool is_detached = false;
    int err = CW_OK;
    memcpy(p->root, chain.hash, sizeof p->root);
    while (err == CW_OK && at < p->size) {
        struct cw_recording_block b;
        size_t used = 0;
        int found = cw_recording_block_decode(p->data + at, p->size - at, &chain, &b, &used);
        if (found == CW_OK || found == CW_ERR_CONFLICT) {
            if (found == CW_ERR_CONFLICT && !is_detached)
                fault(p, CW_TAPE_ORDER, at, used, chain.next_block);
            is_detached = is_detached || found == CW_ERR_CONFLICT;
            chain.next_block = b.number + 1;
            memcpy(chain.hash, b.hash, sizeof chain.hash);
            if (b.kind == CW_RECORDING_SEAL) {
                check_seal(p, &b, at, seal_key);
            } else {
                memcpy(p->root, b.hash, sizeof p->root);
                err = take_block(t, part, at, &b, is_detached);
            }
            at += used;
        } else {
            size_t next = search(p, at + 1, chain.next_block, &budget);
            bool is_cut = found == CW_ERR_AGAIN && next == p->size;
            fault(p, is_cut ? CW_TAPE_CUT : CW_TAPE_CHANGED, at, next - at, chain.next_block);
            is_detached = true;
            at = next;
        }
        if (p->fault_count == 0)
            p->good_bytes = at;
    }
    return err;
}

/* A seal that came too late for the file lies beside it. */
static void read_seal_beside(struct cw_tape_part *p, const uint8_t *seal_key)
{
    char path[4200];
    const uint8_t *data = NULL;
    size_t size = 0;
    struct cw_recording_block b;
    size_t used = 0;
    int n = snprintf(path, sizeof path, "%s.seal", p->path);
    if (p->seal != CW_TAPE_UNSEALED || n < 0 || (size_t)n >= sizeof path ||
        map_file(path, &data, &size) != CW_OK || data == NULL)
        return;
    if (cw_recording_block_decode(data, size, NULL, &b, &used) == CW_OK && used == size)
        check_seal(p, &b, p->size, seal_key);
    (void)munmap((void *)(uintptr_t)data, size);
}

/* ---- all parts -------------------------------------------------------------------------------------- */

static int open_part(struct cw_tape *t, const char *path, char *message, size_t message_size)
{
    struct cw_tape_part *p = &t->parts[t->part_count];
    struct cw_recording_chain chain;
    uint8_t id[CW_RECORDING_KEY_ID_BYTES];
    p->path = path;
    if (map_file(path, &p->data, &p->size) != CW_OK) {
        (void)snprintf(message, message_size, "%s: %s", path, strerror(errno));
        return CW_ERR_IO;
    }
    int err = cw_recording_header_decode(p->data, p->size, &p->header, &chain);
    if (err == CW_ERR_AGAIN) {
        (void)snprintf(message, message_size,
                       "%s: the file ends inside its header; nothing of it can be read", path);
        if (p->data != NULL)
            (void)munmap((void *)(uintptr_t)p->data, p->size);
        *p = (struct cw_tape_part){0};
        return CW_ERR_AGAIN;
    }
    t->part_count++;
    if (err != CW_OK) {
        (void)snprintf(message, message_size, "%s: %s", path,
                       err == CW_ERR_SIGNATURE
                           ? "the header (bytes 0 to 127) was changed; nothing of it can be trusted"
                       : err == CW_ERR_UNSUPPORTED ? "a newer version of the format"
                                                   : "this is no recording");
        return CW_ERR_INVALID;
    }
    if (p->header.recording != t->parts[0].header.recording) {
        (void)snprintf(message, message_size, "%s belongs to another recording than %s", path,
                       t->parts[0].path);
        return CW_ERR_CONFLICT;
    }
    if ((p->header.flags & CW_RECORDING_ENCRYPTED) == 0)
        return CW_OK;
    cw_recording_key_id(t->key, id);
    bool fits = t->has_key && memcmp(id, p->header.key_id, sizeof id) == 0;
    t->is_locked = t->is_locked || !fits;
    return fits ? cw_recording_file_key(t->key, p->data, p->file_key) : CW_OK;
}

static int by_part(const void *a, const void *b)
{
    const struct cw_tape_part *one = a;
    const struct cw_tape_part *two = b;
    return one->header.part < two->header.part ? -1 : one->header.part > two->header.part;
}

/* A part names the last block of the one before. */
static void check_link(struct cw_tape *t, size_t i)
{
    struct cw_tape_part *p = &t->parts[i];
    const struct cw_tape_part *before = &t->parts[i - 1];
    if (p->header.part <= before->header.part ||
        memcmp(p->header.previous, before->root, sizeof before->root) != 0)
        fault(p, CW_TAPE_LINK, 48, CW_RECORDING_HASH_BYTES, 0);
}

static int read_all(struct cw_tape *t, const uint8_t *seal_key)
{
    int err = CW_OK;
    for (size_t i = 0; i < t->part_count && err == CW_OK; i++) {
        struct cw_tape_part *p = &t->parts[i];
        struct cw_recording_chain chain;
        const struct cw_tape_part *before = i > 0 ? &t->parts[i - 1] : NULL;
        (void)cw_recording_header_decode(p->data, p->size, &p->header, &chain);
        p->good_bytes = CW_RECORDING_HEADER_BYTES;
        if (before != NULL) {
            uint64_t first_ms = t->parts[0].header.start_unix_ms;
            uint64_t ms = p->header.start_unix_ms;
            p->base_ns = ms > first_ms ? (ms - first_ms) * UINT64_C(1000000) : 0;
            if (p->base_ns < before->base_ns + before->last_ns)
                p->base_ns = before->base_ns + before->last_ns; /* the clock was set back */
        }
        err = read_blocks(t, i, chain, seal_key);
        read_seal_beside(p, seal_key);
        if (before != NULL)
            check_link(t, i);
        t->duration_ns = p->base_ns + p->last_ns;
    }
    return err;
}

int cw_tape_open(const char *const *paths, size_t count, const uint8_t *key,
                 const uint8_t *seal_key, struct cw_tape **ret_tape, char *message,
                 size_t message_size)
{
    struct cw_tape *t = calloc(1, sizeof *t);
    int err = t == NULL ? CW_ERR_NOMEM : CW_OK;
    (void)snprintf(message, message_size, "out of memory");
    if (t != NULL && key != NULL) {
        memcpy(t->key, key, sizeof t->key);
        t->has_key = true;
    }
    if (count > CW_TAPE_PARTS_MAX) {
        (void)snprintf(message, message_size, "more than %d parts", CW_TAPE_PARTS_MAX);
        err = CW_ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < count && err == CW_OK; i++) {
        err = open_part(t, paths[i], message, message_size);
        /* A disk that was full has left a file without a header: the next part does not name it either. */
        if (err == CW_ERR_AGAIN && (i + 1 < count || t->part_count > 0))
            err = CW_OK;
    }
    err = err == CW_ERR_AGAIN ? CW_ERR_INVALID : err;
    if (err == CW_OK) {
        qsort(t->parts, t->part_count, sizeof t->parts[0], by_part);
        err = read_all(t, seal_key);
    }
    if (err != CW_OK) {
        cw_tape_close(t);
        return err;
    }
    message[0] = '\0';
    *ret_tape = t;
    return CW_OK;
}

struct cw_tape *cw_tape_close(struct cw_tape *t)
{
    if (t == NULL)
        return NULL;
    for (size_t i = 0; i < t->part_count; i++) {
        if (t->parts[i].data != NULL)
            (void)munmap((void *)(uintptr_t)t->parts[i].data, t->parts[i].size);
        free(t->parts[i].blocks);
    }
    free(t->keyframes);
    explicit_bzero(t->key, sizeof t->key);
    free(t);
    return NULL;
}

bool cw_tape_next(struct cw_tape *t, struct cw_tape_position *position,
                  struct cw_record *ret_record, uint64_t *ret_time_ns)
{
    while (position->part < t->part_count) {
        const struct cw_tape_part *p = &t->parts[position->part];
        size_t bytes = 0;
        const uint8_t *payload = position->block < p->block_count
                                     ? payload_of(t, position->part, position->block, &bytes)
                                     : NULL;
        if (payload != NULL && cw_recording_next(payload, bytes, &position->at, ret_record)) {
            *ret_time_ns = p->base_ns + ret_record->time_ns;
            return true;
        }
        position->at = 0;
        if (position->block + 1 < p->block_count) {
            position->block++;
        } else {
            position->block = 0;
            position->part++;
        }
    }
    return false;
}

struct cw_tape_position cw_tape_seek(const struct cw_tape *t, uint64_t time_ns)
{
    struct cw_tape_position best = {0};
    for (size_t i = 0; i < t->keyframe_count && t->keyframes[i].time_ns <= time_ns; i++)
        best = t->keyframes[i].position;
    return best;
}
