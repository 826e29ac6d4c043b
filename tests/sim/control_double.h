/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/control_double.h - the control end of the link for simulations: a model of what should be.
 *
 * Owner:     the scenario.
 * Thread:    one.
 * Limits:    CW_DOUBLE_SESSIONS_MAX, CW_DOUBLE_PARTICIPANTS_MAX, CW_DOUBLE_LINES_MAX.
 * Invariant: each (session, participant, client message) is stored once; lines have sequence 1, 2, ...
 *
 * It issues tickets, answers a worker's snapshot with the wanted state, sequences chat, changes
 * permissions and ends sessions, and can go away and come back.
 */
#ifndef CW_TESTS_SIM_CONTROL_DOUBLE_H
#define CW_TESTS_SIM_CONTROL_DOUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/wire/link.h"
#include "tests/sim/net.h"

enum {
    CW_DOUBLE_SESSIONS_MAX = 4,
    CW_DOUBLE_PARTICIPANTS_MAX = 16,
    CW_DOUBLE_LINES_MAX = 256,
};

struct cw_double_participant {
    uint8_t role;
    uint64_t permissions; /* as control wants them */
    uint8_t seed[CW_KEY_BYTES];
    uint8_t key[CW_KEY_BYTES];
};

struct cw_double_line {
    uint32_t participant;
    uint32_t client_message;
    bool is_side; /* for representatives only */
};

struct cw_double_session {
    uint32_t number;
    bool is_ended; /* control wants it gone */
    bool is_over;  /* the engine said SESSION_OVER */
    uint16_t over_code;
    uint8_t recording;          /* enum cw_ticket_flag of its tickets */
    unsigned parts;             /* RECORDED so far */
    unsigned participant_count; /* participants are numbered 1 .. count */
    struct cw_double_participant participants[CW_DOUBLE_PARTICIPANTS_MAX];
    unsigned line_count;
    struct cw_double_line lines[CW_DOUBLE_LINES_MAX];
};

struct cw_double;

/* Listens on path in net. Sessions get the numbers 1 .. CW_DOUBLE_SESSIONS_MAX as they are added. */
struct cw_double *cw_double_new(struct cw_net *net, const char *path);
struct cw_double *cw_double_free(struct cw_double *d);

struct cw_double_session *cw_double_session_add(struct cw_double *d);
struct cw_double_session *cw_double_session(struct cw_double *d, uint32_t number);
unsigned cw_double_session_count(const struct cw_double *d);
/* Returns the participant's number. */
uint32_t cw_double_participant_add(struct cw_double *d, struct cw_double_session *s, uint8_t role,
                                   uint64_t permissions);

/* A signed ticket of a kind for a participant, valid from now. */
struct cw_ticket cw_double_ticket(struct cw_double *d, const struct cw_double_session *s,
                                  uint32_t participant, uint8_t kind);

/* The same for a device or console, whose key has the seed. */
struct cw_ticket cw_double_standing_ticket(struct cw_double *d, uint8_t kind, uint32_t number,
                                           uint64_t permissions, const uint8_t *seed);
/* Any message to every worker. */
void cw_double_send(struct cw_double *d, const struct cw_link_message *m);
/* How many messages of a type came, and the last of them. */
unsigned cw_double_seen(const struct cw_double *d, uint16_t type);
const struct cw_link_message *cw_double_last(const struct cw_double *d, uint16_t type);

void cw_double_set_permissions(struct cw_double *d, struct cw_double_session *s,
                               uint32_t participant, uint64_t permissions);
void cw_double_end_session(struct cw_double *d, struct cw_double_session *s, uint16_t code);
/* Away: links are closed and refused. */
void cw_double_set_away(struct cw_double *d, bool is_away);
/* How many links have finished their snapshot. */
unsigned cw_double_links_ready(const struct cw_double *d);
/* REFUSED messages so far. */
unsigned cw_double_refusals(const struct cw_double *d);

/* True when anything moved. */
bool cw_double_step(struct cw_double *d);

#endif
