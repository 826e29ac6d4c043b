/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/front_limits.h - every size, count and time that a caller of control's sockets can influence.
 *
 * Units are in the names.
 */
#ifndef CW_CONTROL_FRONT_FRONT_LIMITS_H
#define CW_CONTROL_FRONT_FRONT_LIMITS_H

enum {
    /* PROXY protocol v2: 16 bytes of header and what it announces. Our engine sends 36 bytes (TCP6);
     * 216 is the most an address block may have (two Unix paths), the rest is room for extensions. */
    CW_PREFACE_HEADER_BYTES = 16,
    CW_PREFACE_BODY_BYTES_MAX = 512,
    CW_PREFACE_BYTES_MAX = CW_PREFACE_HEADER_BYTES + CW_PREFACE_BODY_BYTES_MAX,
    /* The engine writes the preface right after connect(); it is local, so this is generous. */
    CW_PREFACE_TIME_MS_MAX = 5000,
    CW_PREFACE_WAITING_MAX = 256,

    /* A representative's console keeps 6 connections; 1,000 of them beside portal visitors. Well under
     * the 20,000 descriptors of a process. Past it the engine's peers get no answer until one ends. */
    CW_HTTP_CONNECTIONS_MAX = 8192,
    /* An office behind one NAT address: 170 consoles. An eighth of all, so none takes the rest. */
    CW_HTTP_PER_ADDRESS_MAX = 1024,
    CW_HTTP_IDLE_S_MAX = 30,
    CW_HTTP_CONNECTION_BYTES =
        32 * 1024, /* MHD's pool: head (8 KB, engine's limit) and send buffer */
    CW_HTTP_BODY_BYTES_MAX = 64 * 1024, /* API.md */
    CW_HTTP_CREDENTIAL_BYTES_MAX = 128, /* a token has 43, a client secret too */
    CW_HTTP_QUERY_MEMBERS_MAX = 32, /* a report has a dozen filters; the head's 8 KB bound the rest */
    /* A body without a length that turns out too large is swallowed up to here so that 413 can be
     * said, then the connection is closed without a word. */
    CW_HTTP_SWALLOW_BYTES_MAX = 1024 * 1024,
    /* All bodies that are being received together: 512 of the largest. */
    CW_HTTP_BODIES_BYTES_MAX = 32 * 1024 * 1024,

    CW_ASSET_NAME_BYTES_MAX = 128,

    /* A certificate with its chain and key, CW_CERTIFICATE_BYTES_MAX of PEM in 64-byte lines whose ends are written
     * as two
     * bytes; all other commands take a few hundred. */
    CW_CTL_LINE_BYTES_MAX = 65536,
    CW_CTL_WORDS_MAX = 64,
    CW_CTL_REPLY_BYTES_MAX = 4 * 1024 * 1024, /* 10,000 sessions at 400 bytes */
    CW_CTL_CONNECTIONS_MAX = 64,              /* each socket */
    CW_CTL_PER_UID_MAX = 16, /* so one local user cannot take the read-only socket from others */
    CW_CTL_IDLE_MS_MAX = 600 * 1000, /* a person who thinks */
    CW_CTL_STALL_MS_MAX = 15 * 1000, /* nothing taken of what waits for it */

    /* One order to the courier: a body of CW_EVENT_BODY_BYTES_MAX whose every byte is escaped, and a CA's PEM. */
    CW_COURIER_LINE_BYTES_MAX = 256 * 1024,
    CW_COURIER_QUEUE_BYTES_MAX = 8 * 1024 * 1024, /* an order for each receiver, at their largest */
    CW_LINK_CONNECTIONS_MAX = 256, /* workers: one a core, twice during an upgrade */
};

#endif
