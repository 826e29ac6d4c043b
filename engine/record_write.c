/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a recorder on their way into its file: one request at a time, in order. */
#include <errno.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/record.h"
#include "engine/session.h"
#include "engine/worker_state.h"

enum { WRITE_BLOCKS_MAX = 16 };

static const uint64_t ms_ns = UINT64_C(1000000);

/* Constant texts: what a person reads where a recording is refused. */
static const char *text_of_err(int err)
{
    switch (err) {
    case CW_ERR_STATE: return "no folder for recordings is set up";
    case CW_ERR_FULL: return "the disk is full, or too many files are open";
    case CW_ERR_DENIED: return "the folder for recordings cannot be written";
    case CW_ERR_CONFLICT: return "its file is there already";
    default: return "the disk fails";
    }
}

static const char *text_of_errno(int32_t result)
{
    if (result == -ENOSPC || result == -EDQUOT || result == 0)
        return "the disk is full";
    return result == -EFBIG ? "its file is too large" : "the disk fails";
}

static bool has_room(const struct cw_worker *w)
{
    const struct cw_record_config *c = &w->config.record;
    return c->room_bytes == NULL || c->room_bytes(c->user) >= c->room_bytes_min;
}

/* ---- blocks -------------------------------------------------------------------------------------- */

static void block_free(struct cw_worker *w, struct cw_record_block *b)
{
    cw_list_remove(&b->node);
    cw_pool_give(&w->records.blocks, b);
}

static struct cw_record_block *queue_head(const struct cw_recorder *r)
{
    return CW_LIST_OWNER(r->queue.next, struct cw_record_block, node);
}

/* The block being filled goes to the queue. */
static void block_close(struct cw_worker *w, struct cw_recorder *r)
{
    struct cw_record_block *b = r->block;
    bool is_encrypted = (r->header.flags & CW_RECORDING_ENCRYPTED) != 0;
    size_t bytes = cw_recording_finish(&r->builder, &r->chain, is_encrypted ? r->file_key : NULL);
    CW_CHECK(bytes > 0 && bytes <= sizeof b->data, "a block has records, and AES works");
    b->bytes = (uint32_t)bytes;
    b->record_count = r->builder.record_count;
    cw_list_append(&r->queue, &b->node);
    r->queue_blocks++;
    r->block = NULL;
    w->counters.recorded_bytes += bytes;
}

static uint32_t blocks_max(const struct cw_recorder *r)
{
    uint32_t most =
        r->is_required ? CW_RELAY_RECORD_BLOCKS_REQUIRED_MAX : CW_RELAY_RECORD_BLOCKS_WANTED_MAX;
    return r->state == CW_RECORDER_FINISHING ? most + 1 : most;
}

bool cw_record_put(struct cw_worker *w, struct cw_recorder *r, const struct cw_record *record)
{
    if (r->block != NULL) {
        int err = cw_recording_add(&r->builder, record);
        if (err != CW_ERR_FULL)
            return err == CW_OK;
        block_close(w, r);
        if (!r->is_busy) /* not at once: whoever records may not fail over it */
            cw_timer_set(&w->timers, &r->timer, w->now_ns);
    }
    /* What is only wanted leaves room for what must be. */
    bool is_scarce = w->records.blocks.used >= CW_RELAY_RECORD_BLOCKS_MAX / 4 * 3;
    if (r->queue_blocks >= blocks_max(r) || (is_scarce && !r->is_required))
        return false;
    r->block = cw_pool_take(&w->records.blocks);
    if (r->block == NULL)
        return false;
    cw_list_init(&r->block->node);
    r->block->is_header = false;
    r->builder =
        cw_recording_builder_of(r->block->data, (r->header.flags & CW_RECORDING_ENCRYPTED) != 0);
    r->block_ns = w->now_ns;
    if (cw_list_is_empty(&r->queue))
        cw_record_arm(w, r);
    return cw_recording_add(&r->builder, record) == CW_OK;
}

/* ---- the file ------------------------------------------------------------------------------------ */

static uint64_t unix_ms(const struct cw_worker *w)
{
    return w->io->ops->now_unix_s(w->io) * 1000;
}

static bool put_header(struct cw_worker *w, struct cw_recorder *r)
{
    struct cw_record_block *b = cw_pool_take(&w->records.blocks);
    if (b == NULL)
        return false;
    cw_list_init(&b->node);
    cw_recording_header_encode(&r->header, b->data, &r->chain);
    b->bytes = CW_RECORDING_HEADER_BYTES;
    b->is_header = true;
    cw_list_append(&r->queue, &b->node);
    r->queue_blocks++;
    if ((r->header.flags & CW_RECORDING_ENCRYPTED) != 0 &&
        cw_recording_file_key(w->config.record.key, b->data, r->file_key) != CW_OK) {
        block_free(w, b);
        r->queue_blocks = 0;
        return false;
    }
    return true;
}

bool cw_record_open(struct cw_worker *w, struct cw_recorder *r)
{
    const struct cw_record_config *c = &w->config.record;
    char name[CW_RECORDING_NAME_BYTES_MAX];
    CW_CHECK(r->state == CW_RECORDER_PAUSED, "an open part is finished or left first");
    if (r->file != 0) {
        r->why = "the disk does not answer";
        return false;
    }
    if (!c->is_possible || !has_room(w)) {
        r->why =
            c->is_possible ? "too little space is left for recordings" : text_of_err(CW_ERR_STATE);
        return false;
    }
    r->has_header = false;
    memcpy(r->header.previous, r->written.hash, sizeof r->header.previous);
    r->header.part++;
    r->header.start_unix_ms = unix_ms(w);
    if (c->key != NULL) {
        r->header.flags |= CW_RECORDING_ENCRYPTED;
        cw_recording_key_id(c->key, r->header.key_id);
    }
    cw_recording_name(&r->header, name);
    int err = w->io->ops->file_create(w->io, name, &r->file);
    if (err != CW_OK || cw_table_put(&w->records.by_file, r->file, r) != CW_OK ||
        !put_header(w, r)) {
        r->why = err != CW_OK ? text_of_err(err) : "the appliance is at its limit";
        cw_record_abandon(w, r);
        /* The number stays taken where a file may have been made; a part that was never there is not linked. */
        if (err != CW_OK && err != CW_ERR_CONFLICT)
            r->header.part--;
        return false;
    }
    r->start_ns = w->now_ns;
    r->synced_ns = w->now_ns;
    r->offset = 0;
    r->head_bytes = 0;
    r->has_header = false;
    r->state = CW_RECORDER_WRITING;
    r->sync = 0;
    r->is_gapped = false;
    w->counters.recordings++;
    cw_timer_set(&w->timers, &r->timer, w->now_ns);
    return true;
}

static void close_file(struct cw_worker *w, struct cw_recorder *r)
{
    if (r->file == 0)
        return;
    cw_table_remove(&w->records.by_file, r->file);
    w->io->ops->file_close(w->io, r->file);
    r->file = 0;
    r->is_dirty = false;
}

/* Its records are missing in what was recorded. */
static void count_lost(struct cw_recorder *r, uint64_t records, uint64_t bytes)
{
    r->gap.frames += records + r->gap_put.frames;
    r->gap.bytes += bytes + r->gap_put.bytes;
    r->gap_put = (struct cw_record_gap){0};
}

static void drop_queue(struct cw_worker *w, struct cw_recorder *r)
{
    while (!cw_list_is_empty(&r->queue)) {
        const struct cw_record_block *b = queue_head(r);
        if (!b->is_header)
            count_lost(r, b->record_count, b->bytes);
        block_free(w, queue_head(r));
    }
    r->queue_blocks = 0;
    r->head_bytes = 0;
}

void cw_record_abandon(struct cw_worker *w, struct cw_recorder *r)
{
    if (r->block != NULL) {
        count_lost(r, r->builder.record_count, r->builder.at);
        block_free(w, r->block);
    }
    r->block = NULL;
    if (r->has_header && r->written.next_block > 1 && !r->is_sealed)
        cw_record_tell_part(w, &r->header, &r->written, r->offset - r->head_bytes, false);
    r->state = CW_RECORDER_PAUSED;
    if (r->is_busy)
        return; /* its bytes are still being written: cw_record_on_file goes on */
    drop_queue(w, r);
    close_file(w, r);
}

void cw_record_free(struct cw_worker *w, struct cw_recorder *r)
{
    CW_CHECK(!r->is_busy && r->session == NULL && cw_list_is_empty(&r->queue), "it is over");
    close_file(w, r);
    cw_timer_stop(&r->timer);
    cw_list_remove(&r->node);
    cw_pool_give(&w->records.recorders, r);
}

/* ---- requests ------------------------------------------------------------------------------------- */

static int begin_write(struct cw_worker *w, struct cw_recorder *r)
{
    struct iovec iov[WRITE_BLOCKS_MAX];
    unsigned count = 0;
    CW_LIST_EACH(node, &r->queue)
    {
        struct cw_record_block *b = CW_LIST_OWNER(node, struct cw_record_block, node);
        uint32_t from = count == 0 ? r->head_bytes : 0;
        iov[count++] =
            (struct iovec){.iov_base = b->data + from, .iov_len = (size_t)(b->bytes - from)};
        if (count == WRITE_BLOCKS_MAX)
            break;
    }
    return w->io->ops->file_write(w->io, r->file, iov, count, r->offset);
}

static void finished(struct cw_worker *w, struct cw_recorder *r)
{
    if (r->is_sealed) {
        cw_record_free(w, r);
        return;
    }
    r->state = CW_RECORDER_SEALING;
    cw_log(CW_LOG_INFO, "engine.record", "session=%u part=%u recorded: %llu bytes",
           (unsigned)r->header.session, (unsigned)r->header.part, (unsigned long long)r->offset);
    cw_record_tell_part(w, &r->header, &r->written, r->offset, true);
    cw_timer_set(&w->timers, &r->timer, w->now_ns + CW_RELAY_RECORD_SEAL_MS * ms_ns);
}

void cw_record_pump(struct cw_worker *w, struct cw_recorder *r)
{
    bool is_finishing = r->state == CW_RECORDER_FINISHING;
    if (r->is_busy || (r->state != CW_RECORDER_WRITING && !is_finishing))
        return;
    if (r->block != NULL && cw_list_is_empty(&r->queue) &&
        (is_finishing || w->now_ns - r->block_ns >= CW_RELAY_RECORD_FLUSH_MS * ms_ns))
        block_close(w, r);
    int err = CW_OK;
    if (!cw_list_is_empty(&r->queue)) {
        if (!is_finishing && !has_room(w)) {
            cw_record_failed(w, r, "too little space is left for recordings");
            return;
        }
        err = begin_write(w, r);
        r->is_busy = true;
    } else if (r->is_dirty &&
               (is_finishing || w->now_ns - r->synced_ns >= CW_RELAY_RECORD_SYNC_MS * ms_ns)) {
        err = w->io->ops->file_sync(w->io, r->file);
        r->is_busy = true;
        r->is_syncing = true;
    } else if (is_finishing) {
        finished(w, r);
        return;
    }
    if (err != CW_OK) {
        r->is_busy = false;
        r->is_syncing = false;
        cw_record_failed(w, r, text_of_err(err));
        return;
    }
    r->busy_ns = w->now_ns;
    cw_record_arm(w, r);
}

/* The blocks that are in the file as a whole go. */
static void wrote(struct cw_worker *w, struct cw_recorder *r, uint32_t bytes)
{
    r->offset += bytes;
    r->is_dirty = true;
    r->head_bytes += bytes;
    while (!cw_list_is_empty(&r->queue) && r->head_bytes >= queue_head(r)->bytes) {
        struct cw_record_block *b = queue_head(r);
        r->head_bytes -= b->bytes;
        /* Until its header is there, a part is nothing: the next one follows the part before it. */
        r->written.next_block = b->is_header ? 1 : r->written.next_block + 1;
        memcpy(r->written.hash, b->data + b->bytes - CW_RECORDING_HASH_BYTES,
               sizeof r->written.hash);
        r->has_header = r->has_header || b->is_header;
        r->queue_blocks--;
        block_free(w, b);
    }
    if (cw_list_is_empty(&r->queue) && r->block == NULL)
        r->gap_put = (struct cw_record_gap){0};
}

void cw_record_on_file(struct cw_worker *w, cw_file file, int32_t result)
{
    struct cw_recorder *r = cw_table_get(&w->records.by_file, file);
    if (r == NULL)
        return;
    bool was_sync = r->is_syncing;
    r->is_busy = false;
    r->is_syncing = false;
    if (r->state == CW_RECORDER_PAUSED) {
        drop_queue(w, r);
        close_file(w, r);
        if (r->is_closing)
            cw_record_free(w, r);
        return;
    }
    if (result < 0 || (result == 0 && !was_sync)) {
        cw_record_failed(w, r, text_of_errno(result));
        return;
    }
    if (was_sync) {
        r->is_dirty = false;
        r->synced_ns = w->now_ns;
    } else {
        wrote(w, r, (uint32_t)result);
        cw_record_caught_up(w, r);
    }
    if (r->state != CW_RECORDER_PAUSED)
        cw_record_pump(w, r);
}

/* ---- times ---------------------------------------------------------------------------------------- */

void cw_record_arm(struct cw_worker *w, struct cw_recorder *r)
{
    uint64_t at = UINT64_MAX;
    if (r->state != CW_RECORDER_WRITING && r->state != CW_RECORDER_FINISHING)
        return;
    if (r->is_busy)
        at = r->busy_ns + CW_RELAY_RECORD_STALL_MS * ms_ns;
    else if (r->block != NULL)
        at = r->block_ns + CW_RELAY_RECORD_FLUSH_MS * ms_ns;
    else if (r->is_dirty)
        at = r->synced_ns + CW_RELAY_RECORD_SYNC_MS * ms_ns;
    if (at == UINT64_MAX)
        cw_timer_stop(&r->timer);
    else
        cw_timer_set(&w->timers, &r->timer, at);
}

void cw_record_on_timer(struct cw_worker *w, struct cw_recorder *r)
{
    switch (r->state) {
    case CW_RECORDER_PAUSED:
        if (r->session == NULL)
            break;
        if (r->is_ending) {
            cw_record_give_up(w, r);
            break;
        }
        if (cw_record_open(w, r)) {
            cw_record_resume(w, r);
            break;
        }
        cw_timer_set(&w->timers, &r->timer, w->now_ns + CW_RELAY_RECORD_RETRY_MS * ms_ns);
        break;
    case CW_RECORDER_SEALING:
        cw_record_free(w, r); /* control is away: the seal gets a file of its own later */
        break;
    case CW_RECORDER_WRITING:
    case CW_RECORDER_FINISHING:
        if (r->is_busy && r->is_required && r->session != NULL &&
            w->now_ns - r->busy_ns >= CW_RELAY_RECORD_STALL_MS * ms_ns) {
            cw_record_failed(w, r, "the disk does not answer");
            break;
        }
        if (r->is_busy && (!r->is_required || r->session == NULL))
            r->busy_ns = w->now_ns; /* look again: nothing can be freed before it answers */
        cw_record_pump(w, r);
        cw_record_arm(w, r);
        break;
    }
}

void cw_record_stop_all(struct cw_worker *w, uint16_t code)
{
    const char *text = cw_close_text(code);
    CW_LIST_EACH(node, &w->records.list)
    {
        struct cw_recorder *r = CW_LIST_OWNER(node, struct cw_recorder, node);
        if (r->session != NULL)
            cw_record_end(w, r->session, code, text, strlen(text));
    }
}

bool cw_record_is_idle(const struct cw_worker *w)
{
    for (const struct cw_list *n = w->records.list.next; n != &w->records.list; n = n->next) {
        const struct cw_recorder *r =
            CW_LIST_OWNER((struct cw_list *)(uintptr_t)n, struct cw_recorder, node);
        if (r->is_busy || r->state == CW_RECORDER_FINISHING)
            return false;
    }
    return true;
}
