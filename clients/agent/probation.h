/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/probation.h - a program that has just taken over proves itself, or the one before comes back.
 *
 * Owner:     struct cw_probation is the upgrade's.
 * Thread:    one.
 * Units:     ns (monotonic).
 * Errors:    none: without its file there is no probation, and the log says so.
 * Limits:    CW_PROBATION_STARTS starts that were not survived for CW_PROBATION_S; CW_PROBATION_ANSWER_S until the
 *            appliance has answered. Both are bounded: one program is tried again only when the appliance orders it
 *            again after it has heard why it was not.
 * Invariant: the file is written before the new program is in its place and is gone when it has proven itself, so a
 *            loss of power at any time leaves a program that runs, or one that goes back after that many starts.
 */
#ifndef CW_CLIENTS_AGENT_PROBATION_H
#define CW_CLIENTS_AGENT_PROBATION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/wire/program_offer.h"

enum {
    CW_PROBATION_S = 60,
    CW_PROBATION_STARTS = 3,
    CW_PROBATION_ANSWER_S = 600, /* back-off of the connection is 60 s at most: ten tries */
    CW_PROBATION_WHY_BYTES = 240,
};

struct cw_probation {
    const char *state_dir;
    bool is_on; /* this program is the new one */
    bool is_answered;
    uint64_t began_ns;
    bool has_failed; /* a program that was here before: it is refused once */
    uint8_t program[CW_PROGRAM_HASH_BYTES];
    char why[CW_PROBATION_WHY_BYTES];
};

/* Before the program with that hash comes to its place. CW_ERR_IO with errno. */
int cw_probation_prepare(const struct cw_probation *p, const uint8_t *program);
/* At a start. True: it was started too often, ->why says so, and the one before is to come back. */
bool cw_probation_start(struct cw_probation *p, const char *state_dir, const uint8_t *own,
                        uint64_t now_ns);
/* The appliance has answered this program. */
void cw_probation_answered(struct cw_probation *p);
/* True: as of cw_probation_start. Call it when cw_probation_due_ns has come. */
bool cw_probation_process(struct cw_probation *p, uint64_t now_ns);
uint64_t cw_probation_due_ns(const struct cw_probation *p);
/* Puts the program before ("PROGRAM.old") back, and keeps why for it. CW_ERR_IO with errno: it stays as it is. */
int cw_probation_go_back(struct cw_probation *p, const char *program);
/* Whether that program has failed here; it is told once, and may be tried again after that. */
bool cw_probation_refuses(struct cw_probation *p, const uint8_t *program);

#endif
