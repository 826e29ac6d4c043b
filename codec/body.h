/* SPDX-License-Identifier: Apache-2.0 */
/* codec/body.h - a packet's operations as they are written: table, data and raw bytes apart.
 *
 * Owner:     the encoder; memory is taken in cw_body_new and freed in cw_body_free.
 * Thread:    the encoder's caller.
 * Units:     bytes.
 * Errors:    cw_body_new: CW_CODEC_ERR_NOMEM. There is always room for what the format allows: the coders keep
 *            cw_ops_max(), 3 bytes a painted pixel and cw_raw_bytes_max().
 * Invariant: the operations' data lie in the order of the table. Data and raw bytes of an operation together are at
 *            most 3 bytes a pixel and 4 more: a coder that needs more takes another mode.
 */
#ifndef CW_CODEC_BODY_H
#define CW_CODEC_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "codec/packet.h"

struct cw_body {
    uint8_t *colours; /* count and colours as the packet has them, when colour_bytes is not 0 */
    size_t colour_bytes;
    uint8_t *table;
    uint32_t op_count, op_max;
    uint8_t *front; /* what the data lie in, front_bytes behind its start */
    size_t front_bytes;
    uint8_t *data;
    size_t data_bytes, data_bytes_max;
    uint8_t *raw;
    size_t raw_bytes, raw_bytes_max;
};

int cw_body_new(struct cw_body *b, uint32_t width, uint32_t height);
void cw_body_free(struct cw_body *b);
void cw_body_clear(struct cw_body *b);
/* Where the data of the next operation will go, with room for that many bytes: to write them before it is added. */
uint8_t *cw_body_room(struct cw_body *b, size_t bytes);
/* Adds an operation. Returns where its data_bytes go. */
uint8_t *cw_body_add(struct cw_body *b, const struct cw_op *op, size_t data_bytes);
/* How many operations more there is room for. */
uint32_t cw_body_ops_left(const struct cw_body *b);
/* All that is compressed. */
size_t cw_body_bytes(const struct cw_body *b);
/* The same in one piece. */
const uint8_t *cw_body_join(const struct cw_body *b);

#endif
