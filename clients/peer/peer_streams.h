/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/peer_streams.h - the streams of a session over its connection.
 *
 * Owner:     the caller owns the peer and the set, which outlives connections.
 * Thread:    one.
 * Units:     ns (monotonic).
 * Errors:    those of cw_stream_set_take and cw_peer_send.
 * Limits:    CW_PEER_STREAM_QUEUE_BYTES: what streams have to say is asked for only when the peer's own queue is
 *            short, so urgent messages are never behind much of it.
 *
 * After WELCOME: cw_stream_set_connected; when the connection is lost: cw_stream_set_disconnected.
 */
#ifndef CW_CLIENTS_PEER_PEER_STREAMS_H
#define CW_CLIENTS_PEER_PEER_STREAMS_H

#include "clients/peer/peer.h"
#include "engine/wire/stream_set.h"

enum { CW_PEER_STREAM_QUEUE_BYTES = 64 * 1024 };

/* Queues what the streams have to say now. scratch: CW_FRAME_PAYLOAD_BYTES_MAX. */
int cw_peer_pull_streams(struct cw_peer *p, struct cw_stream_set *set, uint8_t *scratch,
                         uint64_t now_ns);

#endif
