/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/chat.h - what was said here and not yet come back, and which lines were shown already.
 *
 * Owner:     the caller, from zero to cw_chat_clear.
 * Thread:    any; pure.
 * Units:     bytes.
 * Errors:    cw_chat_say: CW_ERR_INVALID (empty or not clean text), CW_ERR_TOO_LARGE, CW_ERR_FULL.
 * Limits:    CW_CHAT_TEXT_BYTES_MAX, CW_CHAT_WAITING_MAX.
 * Invariant: a line is said again until it came back, and shown once.
 */
#ifndef CW_CLIENTS_AGENT_CHAT_H
#define CW_CLIENTS_AGENT_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/message.h"

enum { CW_CHAT_WAITING_MAX = 64 }; /* lines typed while control is away */

struct cw_chat_waiting {
    uint32_t client_message;
    size_t bytes;
    char *text;
};

struct cw_chat {
    uint32_t last_message;
    uint64_t last_sequence;
    size_t count;
    struct cw_chat_waiting waiting[CW_CHAT_WAITING_MAX]; /* in the order they were said */
};

void cw_chat_clear(struct cw_chat *c);
/* Keeps the text; *ret_say points into it. */
int cw_chat_say(struct cw_chat *c, const char *text, struct cw_chat_say *ret_say);
/* The n-th line that has not come back. */
bool cw_chat_unsaid(const struct cw_chat *c, size_t n, struct cw_chat_say *ret_say);
/* A line from the appliance: true when it is to be shown. own: this end's participant number. */
bool cw_chat_line(struct cw_chat *c, const struct cw_chat_line *line, uint32_t own);

#endif
