/* SPDX-License-Identifier: Apache-2.0 */
/* What control hears of recordings, and its seals. */
#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/record.h"
#include "engine/session.h"
#include "engine/worker_state.h"

void cw_record_tell(struct cw_worker *w, uint32_t session, uint8_t kind, const char *text)
{
    struct cw_link_message m = {.type = CW_LINK_RECORDING,
                                .session = session,
                                .kind = kind,
                                .bytes = (const uint8_t *)text,
                                .bytes_count = strlen(text)};
    (void)cw_link_put(w, &m);
}

void cw_record_tell_part(struct cw_worker *w, const struct cw_recording_header *header,
                         const struct cw_recording_chain *chain, uint64_t bytes, bool is_whole)
{
    char name[CW_RECORDING_NAME_BYTES_MAX];
    cw_recording_name(header, name);
    struct cw_link_message m = {.type = CW_LINK_RECORDED,
                                .session = header->session,
                                .participant = header->part,
                                .kind = is_whole,
                                .request = header->recording,
                                .size = bytes,
                                .blocks = chain->next_block - 1,
                                .bytes = (const uint8_t *)name,
                                .bytes_count = strlen(name)};
    memcpy(m.key, chain->hash, sizeof m.key);
    (void)cw_link_put(w, &m);
}

/* ---- what an earlier engine left ------------------------------------------------------------------- */

struct cw_record_found *cw_record_find(struct cw_worker *w, uint32_t session)
{
    struct cw_record_found *best = NULL;
    const struct cw_record_list *found = w->config.record.found;
    for (unsigned i = 0; found != NULL && i < found->count; i++) {
        struct cw_record_found *f = &found->items[i];
        if (f->header.session == session &&
            (best == NULL || f->header.start_unix_ms > best->header.start_unix_ms ||
             (f->header.start_unix_ms == best->header.start_unix_ms &&
              f->header.part > best->header.part)))
            best = f;
    }
    return best;
}

void cw_record_tell_found(struct cw_worker *w)
{
    const struct cw_record_list *found = w->config.record.found;
    if (w->records.has_told || found == NULL)
        return;
    w->records.has_told = true; /* from here on the link's queue keeps it */
    for (unsigned i = 0; i < found->count; i++) {
        const struct cw_record_found *f = &found->items[i];
        if (f->chain.next_block > 1 && !f->is_sealed && cw_session_is_mine(w, f->header.session))
            cw_record_tell_part(w, &f->header, &f->chain, f->bytes, f->is_ended);
    }
}

/* ---- seals ------------------------------------------------------------------------------------------- */

static struct cw_recorder *waiting(struct cw_worker *w, const struct cw_link_message *m)
{
    char name[CW_RECORDING_NAME_BYTES_MAX];
    CW_LIST_EACH(node, &w->records.list)
    {
        struct cw_recorder *r = CW_LIST_OWNER(node, struct cw_recorder, node);
        cw_recording_name(&r->header, name);
        if (r->state == CW_RECORDER_SEALING && strlen(name) == m->bytes_count &&
            memcmp(name, m->bytes, m->bytes_count) == 0 &&
            memcmp(r->written.hash, m->key, sizeof m->key) == 0)
            return r;
    }
    return NULL;
}

/* A recorder that writes nothing but a seal, into a file beside the recording. */
static struct cw_recorder *beside(struct cw_worker *w, const struct cw_link_message *m)
{
    char name[CW_RECORDING_NAME_BYTES_MAX + 8];
    if (!cw_recording_name_is_legal((const char *)m->bytes, m->bytes_count))
        return NULL;
    (void)snprintf(name, sizeof name, "%.*s.seal", (int)m->bytes_count, (const char *)m->bytes);
    struct cw_recorder *r = cw_pool_take(&w->records.recorders);
    if (r == NULL)
        return NULL;
    *r = (struct cw_recorder){.state = CW_RECORDER_SEALING};
    cw_list_init(&r->node);
    cw_list_init(&r->queue);
    cw_timer_init(&r->timer, CW_TIMER_RECORD);
    cw_list_append(&w->records.list, &r->node);
    r->header.session = m->session;
    r->chain.next_block = m->blocks + 1;
    memcpy(r->chain.hash, m->key, sizeof r->chain.hash);
    int err = w->io->ops->file_create(w->io, name, &r->file);
    if (err == CW_OK && cw_table_put(&w->records.by_file, r->file, r) == CW_OK)
        return r;
    if (err != CW_ERR_CONFLICT) /* it is there: sealed before */
        cw_log(CW_LOG_WARNING, "engine.record", "session=%u seal not written: %s",
               (unsigned)m->session, cw_err_text(err));
    cw_record_free(w, r);
    return NULL;
}

void cw_record_on_seal(struct cw_worker *w, const struct cw_link_message *m)
{
    struct cw_recording_seal seal = {.unix_s = m->until_unix_s};
    memcpy(seal.key, w->admission.control_key, sizeof seal.key);
    memcpy(seal.signature, m->signature, sizeof seal.signature);
    if (!w->config.record.is_possible ||
        cw_recording_verify(m->key, seal.key, seal.signature) != CW_OK)
        return;
    struct cw_recorder *r = waiting(w, m);
    struct cw_record_block *b = cw_pool_take(&w->records.blocks);
    if (r == NULL && b != NULL)
        r = beside(w, m);
    if (r == NULL || b == NULL) {
        if (b != NULL)
            cw_pool_give(&w->records.blocks, b);
        return;
    }
    cw_list_init(&b->node);
    b->is_header = false;
    b->bytes = CW_RECORDING_SEAL_BLOCK_BYTES;
    cw_recording_seal_encode(&seal, &r->chain, b->data);
    cw_list_append(&r->queue, &b->node);
    r->queue_blocks++;
    r->is_sealed = true;
    r->state = CW_RECORDER_FINISHING;
    cw_record_pump(w, r);
}
