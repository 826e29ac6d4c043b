/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/recording.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/wire/frame.h"
#include "engine/wire/recording_crypt.h"

enum {
    HEADER_HASHED_BYTES = CW_RECORDING_HEADER_BYTES - CW_RECORDING_HASH_BYTES,
    BLOCK_MAGIC = 0x4B425743, /* "CWBK" */
    PARTICIPANT_BYTES = 12,
    GAP_HEAD_BYTES = 16,
    END_HEAD_BYTES = 2,
};

/* As PNG's: a transfer that changes line ends or strips the eighth bit shows at once. */
static const uint8_t file_magic[8] = {0x89, 'C', 'W', 'R', '\r', '\n', 0x1A, '\n'};

/* ---- header ---------------------------------------------------------------------------------- */

void cw_recording_header_encode(const struct cw_recording_header *header,
                                uint8_t out[CW_RECORDING_HEADER_BYTES],
                                struct cw_recording_chain *ret_chain)
{
    struct cw_writer w = cw_writer_of(out, CW_RECORDING_HEADER_BYTES);
    cw_write_bytes(&w, file_magic, sizeof file_magic);
    cw_write_u16(&w, CW_RECORDING_VERSION);
    cw_write_u8(&w, header->flags);
    cw_write_u8(&w, 0);
    cw_write_u32(&w, header->session);
    cw_write_u64(&w, header->recording);
    cw_write_u32(&w, header->part);
    cw_write_u32(&w, 0);
    cw_write_u64(&w, header->start_unix_ms);
    cw_write_u64(&w, header->engine_instance);
    cw_write_bytes(&w, header->previous, sizeof header->previous);
    cw_write_bytes(&w, header->key_id, sizeof header->key_id);
    CW_CHECK(!w.failed && w.at == HEADER_HASHED_BYTES, "the layout above");
    ret_chain->next_block = 1;
    SHA256(out, HEADER_HASHED_BYTES, ret_chain->hash);
    memcpy(out + HEADER_HASHED_BYTES, ret_chain->hash, sizeof ret_chain->hash);
}

static void read_array(struct cw_reader *r, uint8_t *out, size_t bytes)
{
    const uint8_t *p = cw_read_bytes(r, bytes);
    if (p != NULL)
        memcpy(out, p, bytes);
}

int cw_recording_header_decode(const uint8_t *data, size_t size,
                               struct cw_recording_header *ret_header,
                               struct cw_recording_chain *ret_chain)
{
    size_t magic_bytes = size < sizeof file_magic ? size : sizeof file_magic;
    if (magic_bytes > 0 && memcmp(data, file_magic, magic_bytes) != 0)
        return CW_ERR_INVALID;
    if (size < CW_RECORDING_HEADER_BYTES)
        return CW_ERR_AGAIN;
    struct cw_recording_chain chain = {.next_block = 1};
    SHA256(data, HEADER_HASHED_BYTES, chain.hash);
    if (memcmp(chain.hash, data + HEADER_HASHED_BYTES, sizeof chain.hash) != 0)
        return CW_ERR_SIGNATURE;
    struct cw_reader r = cw_reader_of(data, HEADER_HASHED_BYTES);
    struct cw_recording_header h = {0};
    (void)cw_read_bytes(&r, sizeof file_magic);
    uint16_t version = cw_read_u16(&r);
    h.flags = cw_read_u8(&r);
    uint8_t zero = cw_read_u8(&r);
    h.session = cw_read_u32(&r);
    h.recording = cw_read_u64(&r);
    h.part = cw_read_u32(&r);
    uint32_t zero_too = cw_read_u32(&r);
    h.start_unix_ms = cw_read_u64(&r);
    h.engine_instance = cw_read_u64(&r);
    read_array(&r, h.previous, sizeof h.previous);
    read_array(&r, h.key_id, sizeof h.key_id);
    if (version != CW_RECORDING_VERSION)
        return CW_ERR_UNSUPPORTED;
    if (!cw_reader_done(&r) || zero != 0 || zero_too != 0 || h.session == 0 || h.part == 0 ||
        (h.flags & ~(CW_RECORDING_REQUIRED | CW_RECORDING_ENCRYPTED)) != 0)
        return CW_ERR_INVALID;
    *ret_header = h;
    *ret_chain = chain;
    return CW_OK;
}

/* ---- building ---------------------------------------------------------------------------------- */

struct cw_recording_builder cw_recording_builder_of(uint8_t *out, bool is_encrypted)
{
    return (struct cw_recording_builder){
        .out = out,
        .at = CW_RECORDING_BLOCK_HEAD_BYTES,
        .room = CW_RECORDING_PAYLOAD_BYTES_MAX - (is_encrypted ? CW_RECORDING_TAG_BYTES : 0u),
    };
}

int cw_recording_add(struct cw_recording_builder *b, const struct cw_record *record)
{
    if (record->bytes_count > CW_FRAME_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    size_t used = b->at - CW_RECORDING_BLOCK_HEAD_BYTES;
    if (b->room - used < CW_RECORDING_RECORD_HEAD_BYTES + record->bytes_count)
        return CW_ERR_FULL;
    struct cw_writer w = cw_writer_of(b->out + b->at, b->room - used);
    cw_write_u64(&w, record->time_ns);
    cw_write_u8(&w, record->kind);
    cw_write_u8(&w, record->is_to);
    cw_write_u16(&w, 0);
    cw_write_u32(&w, record->participant);
    cw_write_u32(&w, (uint32_t)record->bytes_count);
    cw_write_bytes(&w, record->bytes, record->bytes_count);
    CW_CHECK(!w.failed, "it was measured");
    if (b->record_count++ == 0)
        b->time_ns = record->time_ns;
    b->at += w.at;
    return CW_OK;
}

static void put_head(const struct cw_recording_chain *chain, uint8_t kind, uint64_t time_ns,
                     uint32_t record_count, size_t payload_bytes, uint8_t *out)
{
    struct cw_writer w = cw_writer_of(out, CW_RECORDING_BLOCK_HEAD_BYTES);
    cw_write_u32(&w, BLOCK_MAGIC);
    cw_write_u32(&w, (uint32_t)payload_bytes);
    cw_write_u64(&w, chain->next_block);
    cw_write_u64(&w, time_ns);
    cw_write_u8(&w, kind);
    cw_write_u8(&w, 0);
    cw_write_u16(&w, 0);
    cw_write_u32(&w, record_count);
    cw_write_bytes(&w, chain->hash, sizeof chain->hash);
    CW_CHECK(!w.failed && w.at == CW_RECORDING_BLOCK_HEAD_BYTES, "the layout above");
}

/* Head and payload are there: the hash goes behind them and the chain behind the block. */
static void close_block(uint8_t *out, size_t bytes, struct cw_recording_chain *chain)
{
    SHA256(out, bytes, chain->hash);
    memcpy(out + bytes, chain->hash, sizeof chain->hash);
    chain->next_block++;
}

size_t cw_recording_finish(struct cw_recording_builder *b, struct cw_recording_chain *chain,
                           const uint8_t *file_key)
{
    size_t payload_bytes = b->at - CW_RECORDING_BLOCK_HEAD_BYTES;
    size_t whole_bytes = payload_bytes + (file_key != NULL ? CW_RECORDING_TAG_BYTES : 0u);
    if (b->record_count == 0)
        return 0;
    put_head(chain, CW_RECORDING_DATA, b->time_ns, b->record_count, whole_bytes, b->out);
    if (file_key != NULL &&
        cw_recording_encrypt(b->out, payload_bytes, chain->next_block, file_key) != CW_OK)
        return 0;
    close_block(b->out, CW_RECORDING_BLOCK_HEAD_BYTES + whole_bytes, chain);
    return CW_RECORDING_BLOCK_HEAD_BYTES + whole_bytes + CW_RECORDING_HASH_BYTES;
}

void cw_recording_seal_encode(const struct cw_recording_seal *seal,
                              struct cw_recording_chain *chain, uint8_t *out)
{
    put_head(chain, CW_RECORDING_SEAL, 0, 0, CW_RECORDING_SEAL_BYTES, out);
    struct cw_writer w = cw_writer_of(out + CW_RECORDING_BLOCK_HEAD_BYTES, CW_RECORDING_SEAL_BYTES);
    cw_write_u64(&w, seal->unix_s);
    cw_write_bytes(&w, seal->key, sizeof seal->key);
    cw_write_bytes(&w, seal->signature, sizeof seal->signature);
    CW_CHECK(!w.failed && w.at == CW_RECORDING_SEAL_BYTES, "the layout above");
    close_block(out, CW_RECORDING_BLOCK_HEAD_BYTES + CW_RECORDING_SEAL_BYTES, chain);
}

/* ---- reading ------------------------------------------------------------------------------------ */

static bool is_block_legal(const struct cw_recording_block *b)
{
    if (b->number == 0)
        return false;
    if (b->kind == CW_RECORDING_SEAL)
        return b->payload_bytes == CW_RECORDING_SEAL_BYTES && b->record_count == 0 &&
               b->time_ns == 0;
    return b->kind == CW_RECORDING_DATA && b->record_count != 0 &&
           b->payload_bytes >= CW_RECORDING_RECORD_HEAD_BYTES * (uint64_t)b->record_count;
}

int cw_recording_block_decode(const uint8_t *data, size_t size, struct cw_recording_chain *chain,
                              struct cw_recording_block *ret_block, size_t *ret_used)
{
    struct cw_reader r = cw_reader_of(data, size);
    uint32_t magic = cw_read_u32(&r);
    if (!r.failed && magic != BLOCK_MAGIC)
        return CW_ERR_INVALID;
    uint32_t length = cw_read_u32(&r);
    if (!r.failed && length > CW_RECORDING_PAYLOAD_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_recording_block b = {.payload_bytes = length};
    b.number = cw_read_u64(&r);
    b.time_ns = cw_read_u64(&r);
    b.kind = cw_read_u8(&r);
    uint8_t zero = cw_read_u8(&r);
    uint16_t zero_too = cw_read_u16(&r);
    b.record_count = cw_read_u32(&r);
    read_array(&r, b.previous, sizeof b.previous);
    b.payload = cw_read_bytes(&r, length);
    size_t hashed_bytes = r.at;
    read_array(&r, b.hash, sizeof b.hash);
    if (r.failed)
        return CW_ERR_AGAIN;
    uint8_t hash[CW_RECORDING_HASH_BYTES];
    SHA256(data, hashed_bytes, hash);
    if (memcmp(hash, b.hash, sizeof hash) != 0)
        return CW_ERR_SIGNATURE;
    if (zero != 0 || zero_too != 0 || !is_block_legal(&b))
        return CW_ERR_INVALID;
    *ret_block = b;
    *ret_used = r.at;
    if (chain == NULL)
        return CW_OK;
    if (b.number != chain->next_block || memcmp(b.previous, chain->hash, sizeof hash) != 0)
        return CW_ERR_CONFLICT;
    chain->next_block++;
    memcpy(chain->hash, b.hash, sizeof b.hash);
    return CW_OK;
}

/* CW_OK, CW_ERR_NOT_FOUND at the end, CW_ERR_INVALID. */
static int next_record(const uint8_t *payload, size_t payload_bytes, size_t *at,
                       struct cw_record *ret_record)
{
    if (*at >= payload_bytes)
        return CW_ERR_NOT_FOUND;
    struct cw_reader r = cw_reader_of(payload + *at, payload_bytes - *at);
    struct cw_record record = {.time_ns = cw_read_u64(&r)};
    record.kind = cw_read_u8(&r);
    uint8_t is_to = cw_read_u8(&r);
    uint16_t zero = cw_read_u16(&r);
    record.participant = cw_read_u32(&r);
    uint32_t length = cw_read_u32(&r);
    record.is_to = is_to != 0;
    record.bytes = cw_read_bytes(&r, length);
    record.bytes_count = length;
    if (r.failed || is_to > 1 || zero != 0 || length > CW_FRAME_BYTES_MAX)
        return CW_ERR_INVALID;
    *ret_record = record;
    *at += r.at;
    return CW_OK;
}

bool cw_recording_next(const uint8_t *payload, size_t payload_bytes, size_t *at,
                       struct cw_record *ret_record)
{
    return next_record(payload, payload_bytes, at, ret_record) == CW_OK;
}

static bool is_record_legal(const struct cw_record *r)
{
    union {
        struct cw_record_participant participant;
        struct cw_record_gap gap;
        struct cw_record_end end;
        struct cw_frame frame;
    } u;
    if (r->is_to && r->kind != CW_RECORD_FRAME)
        return false;
    switch (r->kind) {
    case CW_RECORD_FRAME:
        /* A type that this program does not know is for a newer one to read. */
        return r->bytes_count >= CW_FRAME_HEADER_BYTES &&
               (cw_frame_decode(r->bytes, r->bytes_count, &u.frame) != CW_OK ||
                u.frame.length == r->bytes_count - CW_FRAME_HEADER_BYTES);
    case CW_RECORD_PARTICIPANT: return cw_record_participant_decode(r, &u.participant) == CW_OK;
    case CW_RECORD_GAP: return cw_record_gap_decode(r, &u.gap) == CW_OK;
    case CW_RECORD_END: return cw_record_end_decode(r, &u.end) == CW_OK;
    default: return false;
    }
}

int cw_recording_records_check(const struct cw_recording_block *block, const uint8_t *payload,
                               size_t payload_bytes)
{
    struct cw_record record;
    uint64_t time_ns = block->time_ns;
    uint32_t count = 0;
    size_t at = 0;
    int err;
    while ((err = next_record(payload, payload_bytes, &at, &record)) == CW_OK) {
        if (record.time_ns < time_ns || (count == 0 && record.time_ns != time_ns) ||
            !is_record_legal(&record))
            return CW_ERR_INVALID;
        time_ns = record.time_ns;
        count++;
    }
    return err == CW_ERR_NOT_FOUND && count == block->record_count ? CW_OK : CW_ERR_INVALID;
}

int cw_recording_seal_decode(const struct cw_recording_block *block,
                             struct cw_recording_seal *ret_seal)
{
    if (block->kind != CW_RECORDING_SEAL)
        return CW_ERR_INVALID;
    struct cw_reader r = cw_reader_of(block->payload, block->payload_bytes);
    struct cw_recording_seal seal = {.unix_s = cw_read_u64(&r)};
    read_array(&r, seal.key, sizeof seal.key);
    read_array(&r, seal.signature, sizeof seal.signature);
    if (!cw_reader_done(&r))
        return CW_ERR_INVALID;
    *ret_seal = seal;
    return CW_OK;
}

/* ---- what records hold ---------------------------------------------------------------------------- */

size_t cw_record_participant_encode(const struct cw_record_participant *p, uint8_t *out,
                                    size_t size)
{
    struct cw_writer w = cw_writer_of(out, size);
    cw_write_u8(&w, p->change);
    cw_write_u8(&w, p->role);
    cw_write_u16(&w, p->code);
    cw_write_u64(&w, p->permissions);
    return w.failed ? 0 : w.at;
}

size_t cw_record_gap_encode(const struct cw_record_gap *gap, uint8_t *out, size_t size)
{
    struct cw_writer w = cw_writer_of(out, size);
    cw_write_u64(&w, gap->frames);
    cw_write_u64(&w, gap->bytes);
    cw_write_bytes(&w, gap->text, gap->text_bytes);
    return w.failed ? 0 : w.at;
}

size_t cw_record_end_encode(const struct cw_record_end *end, uint8_t *out, size_t size)
{
    struct cw_writer w = cw_writer_of(out, size);
    cw_write_u16(&w, end->code);
    cw_write_bytes(&w, end->text, end->text_bytes);
    return w.failed ? 0 : w.at;
}

int cw_record_participant_decode(const struct cw_record *r, struct cw_record_participant *ret)
{
    struct cw_reader in = cw_reader_of(r->bytes, r->bytes_count);
    struct cw_record_participant p = {.change = cw_read_u8(&in)};
    p.role = cw_read_u8(&in);
    p.code = cw_read_u16(&in);
    p.permissions = cw_read_u64(&in);
    if (r->kind != CW_RECORD_PARTICIPANT || !cw_reader_done(&in) || p.change < CW_RECORD_CAME ||
        p.change > CW_RECORD_PERMISSIONS)
        return CW_ERR_INVALID;
    *ret = p;
    return CW_OK;
}

int cw_record_gap_decode(const struct cw_record *r, struct cw_record_gap *ret)
{
    if (r->kind != CW_RECORD_GAP || r->bytes_count < GAP_HEAD_BYTES ||
        r->bytes_count > GAP_HEAD_BYTES + CW_REASON_TEXT_BYTES_MAX)
        return CW_ERR_INVALID;
    struct cw_reader in = cw_reader_of(r->bytes, r->bytes_count);
    ret->frames = cw_read_u64(&in);
    ret->bytes = cw_read_u64(&in);
    ret->text_bytes = cw_reader_left(&in);
    ret->text = (const char *)cw_read_bytes(&in, ret->text_bytes);
    return CW_OK;
}

int cw_record_end_decode(const struct cw_record *r, struct cw_record_end *ret)
{
    if (r->kind != CW_RECORD_END || r->bytes_count < END_HEAD_BYTES ||
        r->bytes_count > END_HEAD_BYTES + CW_REASON_TEXT_BYTES_MAX)
        return CW_ERR_INVALID;
    struct cw_reader in = cw_reader_of(r->bytes, r->bytes_count);
    ret->code = cw_read_u16(&in);
    ret->text_bytes = cw_reader_left(&in);
    ret->text = (const char *)cw_read_bytes(&in, ret->text_bytes);
    return CW_OK;
}

/* ---- names --------------------------------------------------------------------------------------- */

void cw_recording_name(const struct cw_recording_header *header,
                       char out[CW_RECORDING_NAME_BYTES_MAX])
{
    (void)snprintf(out, CW_RECORDING_NAME_BYTES_MAX, "session-%08u-%016llx-%03u.cwr",
                   (unsigned)header->session, (unsigned long long)header->recording,
                   (unsigned)header->part);
}

bool cw_recording_name_parse(const char *name, size_t size, struct cw_recording_header *ret_header)
{
    char text[CW_RECORDING_NAME_BYTES_MAX];
    char again[CW_RECORDING_NAME_BYTES_MAX];
    unsigned session = 0;
    unsigned part = 0;
    unsigned long long recording = 0;
    if (size == 0 || size >= sizeof text)
        return false;
    memcpy(text, name, size);
    text[size] = '\0';
    if (sscanf(text, "session-%u-%llx-%u.cwr", &session, &recording, &part) != 3)
        return false;
    const struct cw_recording_header header = {
        .session = session, .recording = recording, .part = part};
    cw_recording_name(&header, again);
    if (strcmp(text, again) != 0)
        return false;
    *ret_header = header;
    return true;
}

bool cw_recording_name_is_legal(const char *name, size_t size)
{
    struct cw_recording_header header;
    return cw_recording_name_parse(name, size, &header);
}
