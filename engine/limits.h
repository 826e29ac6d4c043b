/* SPDX-License-Identifier: Apache-2.0 */
/* engine/limits.h - every size, count and time that a peer can influence, with its derivation.
 *
 * Units are in the names. Wire limits are normative: engine/PROTOCOL.md refers to them by name.
 */
#ifndef CW_ENGINE_LIMITS_H
#define CW_ENGINE_LIMITS_H

enum {
    /* TLS allows 16,384 bytes of plaintext a record; header and payload fill exactly one. */
    CW_FRAME_BYTES_MAX = 16384,
    CW_FRAME_HEADER_BYTES = 16,
    CW_FRAME_PAYLOAD_BYTES_MAX = CW_FRAME_BYTES_MAX - CW_FRAME_HEADER_BYTES,

    /* An HTTP request head: browsers send 1 to 2 KB; four times that. */
    CW_HTTP_HEAD_BYTES_MAX = 8192,

    /* First frame: a ticket (152) + proof (64) + header, or an opaque body of at most 1 KB. */
    CW_HELLO_BODY_BYTES_MAX = 1024,
    CW_HELLO_BYTES_MAX = 1280,
    /* What control may answer to an opaque hello: a device credential or ticket, and a message. */
    CW_HELLO_REPLY_BODY_BYTES_MAX = 4096,

    CW_TICKET_BYTES = 152,
    CW_TICKET_ID_BYTES = 16,
    CW_KEY_BYTES = 32,       /* Ed25519 public key */
    CW_SIGNATURE_BYTES = 64, /* Ed25519 */
    CW_EXPORTER_BYTES = 32,  /* TLS exporter kept until the connection is authenticated */

    /* A person's text: 4,000 characters of 3 bytes, rounded; fits one frame. */
    CW_CHAT_TEXT_BYTES_MAX = 12000,
    CW_NAME_BYTES_MAX =
        128 * 4, /* names are at most 128 characters (SPEC J1), 4 bytes each in UTF-8 */
    CW_REASON_TEXT_BYTES_MAX = 200,
    /* "NAME wants to: WHAT. Do you allow it?" */
    CW_TOOL_QUESTION_BYTES_MAX = 800,
    CW_EVENT_BYTES_MAX = CW_FRAME_PAYLOAD_BYTES_MAX, /* one event is one frame */
    CW_STATISTICS_BYTES_MAX = 4096,
    CW_DEVICE_ORDER_BYTES_MAX = 4096,
    CW_CLIENT_OFFER_BYTES_MAX = 4096, /* a command of 512 bytes, an address and two names as JSON */

    CW_CURSOR_SIDE_PX_MAX = 128, /* the largest cursor X.Org and GNOME show at 2x scale is 96 */
    CW_SCREEN_WIDTH_PX_MAX = 7680,
    CW_SCREEN_HEIGHT_PX_MAX = 4320,

    /* One screen message: a lossless keyframe of 3840x2160 noise (3 B/px = 24.9 MB) and headers. */
    CW_SCREEN_MESSAGE_BYTES_MAX = 26 * 1024 * 1024,
    /* Unsent bytes a viewer may make the relay hold: one such keyframe and two updates. Over it the
     * viewer falls out of sync and its screen queue is emptied. */
    CW_VIEWER_QUEUE_BYTES_MAX = 32 * 1024 * 1024,
    /* Everything but screen: a reliable queue over this closes the connection (TOO_SLOW). */
    CW_RELIABLE_QUEUE_BYTES_MAX = 1024 * 1024,

    /* Streams (PROTOCOL.md section 13). A window is what a receiver may let one sender have under way: a shell or a
     * clipboard needs little, and 4 MB keep 1 Gb/s busy over 32 ms. All windows of a participant together
     * are what it may make the relay hold. */
    CW_STREAM_WINDOW_BYTES_MAX = 256 * 1024,
    CW_STREAM_BULK_WINDOW_BYTES_MAX = 4 * 1024 * 1024,
    CW_STREAM_WINDOWS_BYTES_MAX = 16 * 1024 * 1024,
    CW_STREAM_PARAMETERS_BYTES_MAX =
        1024, /* what is opened: a path of 512 characters and its options */
    CW_STREAM_DATA_HEADER_BYTES = 12,
    CW_STREAM_DATA_BYTES_MAX = CW_FRAME_PAYLOAD_BYTES_MAX - CW_STREAM_DATA_HEADER_BYTES,
    /* A frame with less data than half of the most is short. So many may be unacknowledged in one direction: a frame
     * costs the relay a whole buffer, so they cost at most what a window of 4 MB costs. */
    CW_STREAM_SHORT_BYTES = 8192,
    CW_STREAM_SHORT_FRAMES_MAX = 256,
    CW_STREAMS_PER_SESSION_MAX = 64,
    CW_STREAMS_PER_PARTICIPANT_MAX = 32,

    CW_PARTICIPANTS_PER_SESSION_MAX = 258, /* 256 viewers (SPEC S3), a source and a recorder */

    CW_TIME_HANDSHAKE_S_MAX = 10, /* connect to TLS Finished */
    CW_TIME_HELLO_S_MAX = 10,     /* Finished to authenticated; also the HTTP head */
    CW_TIME_STALL_S_MAX = 15,     /* no byte accepted by a peer that has bytes waiting */
    CW_TIME_PING_S = 20,          /* sent on a silent connection */
    CW_TIME_SILENCE_S_MAX = 60,   /* nothing heard at all: half-open, closed */
    CW_TIME_SESSION_GRACE_S = 60, /* a session with nobody connected is kept this long (SPEC S6) */
    CW_TIME_STREAM_RESUME_S = 60, /* a stream waits this long for an end that is away (SPEC S6) */
    CW_SYNC_REQUEST_INTERVAL_MS = 500, /* merged sync requests: at most two a second */

    CW_TICKET_JOIN_S = 60,
    CW_TICKET_RESUME_S = 24 * 3600,
    /* Clocks of appliance processes are the same; this only covers rounding to seconds. */
    CW_TICKET_SKEW_S = 2,

    /* Link between a worker and control. */
    CW_LINK_MESSAGE_BYTES_MAX = 64 * 1024,
    CW_LINK_QUEUE_BYTES_MAX = 8 * 1024 * 1024, /* copies wait here while control is away */

    /* TLS records in a row without data (empty, KeyUpdate, user_canceled): OpenSSL's limit, too. */
    CW_TLS_QUIET_MAX = 32,
    /* KeyUpdates of a peer beyond one for each CW_TLS_UPDATE_REFUND_RECORDS records of data. AES-GCM needs one in
     * 16 million records; each costs us three derivations and perhaps an answer. */
    CW_TLS_UPDATES_MAX = 30,
    CW_TLS_UPDATE_REFUND_RECORDS = 1024,
};

#endif
