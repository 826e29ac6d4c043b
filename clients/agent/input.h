/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/input.h - what a representative types and points at, given to the X server by XTest.
 *
 * Owner:     the caller, from cw_input_open to cw_input_close.
 * Thread:    one.
 * Units:     ns (monotonic), pixels of the screen.
 * Errors:    cw_input_open: CW_ERR_IO, CW_ERR_UNSUPPORTED, CW_ERR_NOMEM; message says what.
 * Limits:    CW_INPUT_QUEUE_MAX strokes wait for a keyboard map to settle; from CW_INPUT_QUEUE_PAUSE on the owner
 *            should stop reading from the network, so that none is lost.
 * Invariant: strokes happen in the order they came; nothing is held after cw_input_release_all and close.
 */
#ifndef CW_CLIENTS_AGENT_INPUT_H
#define CW_CLIENTS_AGENT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/message.h"

enum {
    CW_INPUT_QUEUE_MAX = 2048,
    /* One TLS record of 16,384 bytes holds at most 682 key frames: half of the queue is room for one more. */
    CW_INPUT_QUEUE_PAUSE = 1024,
};

struct cw_input;

int cw_input_open(const char *display_name, struct cw_input **ret_input, char *message,
                  size_t message_size);
struct cw_input *cw_input_close(struct cw_input *in);

void cw_input_key(struct cw_input *in, const struct cw_key *key, uint64_t now_ns);
void cw_input_pointer(struct cw_input *in, const struct cw_pointer *pointer, uint64_t now_ns);
/* Lets go of all keys and buttons, after what is queued. */
void cw_input_release_all(struct cw_input *in, uint64_t now_ns);
/* Forgets what is queued and lets go of everything now: the session is over or consent was taken back. */
void cw_input_stop(struct cw_input *in, uint64_t now_ns);

int cw_input_fd(const struct cw_input *in);
bool cw_input_has_pending(struct cw_input *in);
void cw_input_process(struct cw_input *in, uint64_t now_ns);
uint64_t cw_input_deadline_ns(const struct cw_input *in);
bool cw_input_is_busy(const struct cw_input *in);
/* Where cw_input_pointer put the pointer last; false: nowhere yet. */
bool cw_input_position(const struct cw_input *in, uint16_t *ret_x, uint16_t *ret_y);

#endif
