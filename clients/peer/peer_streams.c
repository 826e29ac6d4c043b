/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/peer_streams.h"

int cw_peer_pull_streams(struct cw_peer *p, struct cw_stream_set *set, uint8_t *scratch,
                         uint64_t now_ns)
{
    int err = 0;
    while (err == 0 && p->state == CW_PEER_OPEN && p->queued_bytes < CW_PEER_STREAM_QUEUE_BYTES) {
        size_t size = 0;
        uint16_t stream = 0;
        uint8_t type =
            cw_stream_set_next(set, now_ns, scratch, CW_FRAME_PAYLOAD_BYTES_MAX, &size, &stream);
        if (type == 0)
            break;
        err = cw_peer_send_stream(p, type, stream, scratch, size);
    }
    return err;
}
