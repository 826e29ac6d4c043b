/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/seat.h - licence seats: how many representatives may work at the same time.
 *
 * An account has a seat while a console of it is connected, for a minute after it got the ticket for one, and for as
 * long as it is reachable without a console (extended availability). Signing in needs none: an
 * administrator can always come in and change the number.
 *
 * Owner:     tickets that were given live in control's memory.
 * Thread:    the state thread.
 * Errors:    CW_ERR_FULL with a sentence that says how many there are.
 * Limits:    option licence.seats (0: none), CW_SEATS_WAITING_MAX.
 */
#ifndef CW_CONTROL_ACCOUNT_SEAT_H
#define CW_CONTROL_ACCOUNT_SEAT_H

#include "control/state.h"

/* 0: the account has a seat, or there is one for it. */
int cw_seat_check(struct cw_control *c, uint32_t account, struct cw_reply *reply);
/* It will connect its console: the seat waits for a minute. */
void cw_seat_hold(struct cw_control *c, uint32_t account);
/* By consoles, and by who is reachable without one. */
uint32_t cw_seats_used(const struct cw_control *c);
/* A console of the account is connected. */
bool cw_account_is_in_use(const struct cw_control *c, uint32_t account);
/* At the start: who is reachable without a console. */
int cw_seat_load(struct cw_control *c);
bool cw_account_is_extended(const struct cw_control *c, uint32_t account);
void cw_seat_free(struct cw_control *c);

#endif
