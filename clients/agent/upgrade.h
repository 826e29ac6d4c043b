/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/upgrade.h - another program in this one's place: fetched piece by piece, checked, tried, swapped.
 *
 * Owner:     struct cw_upgrade is device.c's, from cw_upgrade_open to cw_upgrade_close.
 * Thread:    one. cw_upgrade_try waits for the trial, CW_UPGRADE_TRIAL_S at most.
 * Units:     bytes; seconds.
 * Errors:    a sentence in ->failure, which the appliance is told once.
 * Limits:    CW_PROGRAM_OFFER_BYTES_MAX, CW_UPGRADE_PIECES_MAX pieces asked for and not here yet.
 * Invariant: the program in use is replaced by one rename, after the new one has reported to the appliance by itself;
 *            until then, and after any failure, the old one is in its place. The one before stays beside it (".old"),
 *            and comes back when the new one does not prove itself (probation.h).
 */
#ifndef CW_CLIENTS_AGENT_UPGRADE_H
#define CW_CLIENTS_AGENT_UPGRADE_H

#include <jansson.h>
#include <stdbool.h>

#include "clients/agent/order.h"
#include "clients/agent/probation.h"
#include "engine/wire/program_offer.h"

enum { CW_UPGRADE_PIECES_MAX = 4, CW_UPGRADE_TRIAL_S = 60, CW_UPGRADE_PATH_BYTES = 4096 };

struct cw_upgrade {
    char program[CW_UPGRADE_PATH_BYTES]; /* this program's file; empty: not known */
    char part[CW_UPGRADE_PATH_BYTES];    /* what was fetched so far: its hash, then its bytes */
    uint8_t own_sha256[CW_PROGRAM_HASH_BYTES];
    char machine[CW_PROGRAM_MACHINE_BYTES];
    struct cw_program_offer offer;
    bool is_fetching;
    bool is_ready;  /* all there, and its hash is right */
    int fd;         /* the part's file */
    uint64_t have;  /* bytes of it */
    uint64_t asked; /* up to here */
    char failure[240];
    struct cw_probation probation;
};

void cw_upgrade_open(struct cw_upgrade *u, const char *state_dir);
void cw_upgrade_close(struct cw_upgrade *u);
/* Removes what an upgrade left that ended with the power. */
void cw_upgrade_tidy(const struct cw_upgrade *u);
/* What a report says of the program in use. */
void cw_upgrade_describe(const struct cw_upgrade *u, json_t *report);

/* DEVICE_ORDER "upgrade". control_key: what signs; NULL: not known yet. */
void cw_upgrade_order(struct cw_upgrade *u, const struct cw_order *order,
                      const uint8_t *control_key);
/* The next piece to ask for. */
bool cw_upgrade_next(struct cw_upgrade *u, uint64_t *ret_offset);
/* DEVICE_CHUNK. */
void cw_upgrade_take(struct cw_upgrade *u, const uint8_t *payload, size_t size);
/* The connection was lost: what was asked for on it does not come. */
void cw_upgrade_ask_again(struct cw_upgrade *u);

/* It is not to be: forgets what was fetched, and keeps the sentence for the appliance. */
__attribute__((format(printf, 2, 3))) void cw_upgrade_fail(struct cw_upgrade *u, const char *format,
                                                           ...);

/* trial.c. Puts it beside the program, hears its version, lets it report by itself (run with "--trial" added to argv)
 * and puts it in the program's place. 0: cw_upgrade_exec is next; else ->failure says why it was not. */
int cw_upgrade_try(struct cw_upgrade *u, char *const *argv, unsigned trial_s);
/* trial.c. Becomes the program that is in its place now; returns only when that fails. */
void cw_upgrade_exec(const struct cw_upgrade *u, char *const *argv);
/* trial.c. After that: the one before is in its place again, and ->failure says why. */
void cw_upgrade_undo(struct cw_upgrade *u);

/* What a trial says when it has reported. */
#define CW_UPGRADE_TRIAL_TEXT "trial: reported\n"

#endif
