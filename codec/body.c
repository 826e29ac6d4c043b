/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/body.h"

#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/limits.h"

int cw_body_new(struct cw_body *b, uint32_t width, uint32_t height)
{
    *b = (struct cw_body){
        .op_max = cw_ops_max(width, height),
        .data_bytes_max = cw_body_bytes_max(width, height),
        .raw_bytes_max = cw_raw_bytes_max(width, height),
    };
    b->colours = malloc(4 + 3 * CW_COLOURS_MAX);
    b->table = malloc((size_t)b->op_max * CW_OP_BYTES);
    /* Before the data there is room for all that comes before them. */
    b->front_bytes = 4 + 3 * CW_COLOURS_MAX + (size_t)b->op_max * CW_OP_BYTES;
    b->front = malloc(b->front_bytes + b->data_bytes_max);
    b->raw = malloc(b->raw_bytes_max);
    if (b->colours == NULL || b->table == NULL || b->front == NULL || b->raw == NULL) {
        cw_body_free(b);
        return CW_CODEC_ERR_NOMEM;
    }
    b->data = b->front + b->front_bytes;
    return 0;
}

void cw_body_free(struct cw_body *b)
{
    free(b->colours);
    free(b->table);
    free(b->front);
    free(b->raw);
    *b = (struct cw_body){0};
}

void cw_body_clear(struct cw_body *b)
{
    b->colour_bytes = 0;
    b->op_count = 0;
    b->data_bytes = 0;
    b->raw_bytes = 0;
}

uint8_t *cw_body_room(struct cw_body *b, size_t bytes)
{
    CW_CODEC_CHECK(bytes <= b->data_bytes_max - b->data_bytes);
    return b->data + b->data_bytes;
}

uint8_t *cw_body_add(struct cw_body *b, const struct cw_op *op, size_t data_bytes)
{
    uint8_t *data = b->data + b->data_bytes;
    CW_CODEC_CHECK(b->op_count < b->op_max && data_bytes <= b->data_bytes_max - b->data_bytes);
    cw_op_write(op, b->table + (size_t)b->op_count * CW_OP_BYTES);
    b->op_count++;
    b->data_bytes += data_bytes;
    return data;
}

uint32_t cw_body_ops_left(const struct cw_body *b)
{
    return b->op_max - b->op_count;
}

size_t cw_body_bytes(const struct cw_body *b)
{
    return b->colour_bytes + (size_t)b->op_count * CW_OP_BYTES + b->data_bytes;
}

const uint8_t *cw_body_join(const struct cw_body *b)
{
    size_t table_bytes = (size_t)b->op_count * CW_OP_BYTES;
    uint8_t *table = b->front + b->front_bytes - table_bytes;
    memcpy(table, b->table, table_bytes);
    memcpy(table - b->colour_bytes, b->colours, b->colour_bytes);
    return table - b->colour_bytes;
}
