/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/budget.h - attempt budgets per (source, kind), in a table of fixed size.
 *
 * Owner:     embedded in struct cw_control.
 * Thread:    the state thread.
 * Units:     milliseconds.
 * Errors:    none. When the table is crowded the least used bucket of a neighbourhood is forgotten:
 *            a flood of sources costs others at most their history, never their access.
 * Limits:    CW_BUDGET_COUNT, CW_BUDGET_PROBES.
 *
 * A bucket is one number: the time until which it is in debt (a generic cell rate limiter). Each
 * charge moves it one period on; it may run at most burst periods ahead of now.
 */
#ifndef CW_CONTROL_ACCOUNT_BUDGET_H
#define CW_CONTROL_ACCOUNT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "control/limits.h"

enum cw_budget_kind {
    CW_BUDGET_SIGN_IN,
    CW_BUDGET_KEY,
    CW_BUDGET_KEY_GLOBAL,
    CW_BUDGET_ENROLMENT,
    CW_BUDGET_AUDIT,
    CW_BUDGET_ISSUE, /* keys that a portal makes for whoever asks */
    CW_BUDGET_ISSUE_GLOBAL,
    CW_BUDGET_VISIT, /* questions of the page of one customer */
    CW_BUDGET_TEAM_CHAT, /* messages of an account */
    CW_BUDGET_KIND_COUNT
};

struct cw_budget_entry {
    uint64_t key; /* 0: free */
    uint64_t until_ms;
};

struct cw_budget {
    uint8_t secret[16]; /* keys the hash, so that nobody can aim at a neighbourhood */
    struct cw_budget_entry entries[CW_BUDGET_COUNT];
};

int cw_budget_init(struct cw_budget *b);
/* 0: something is left. Else the seconds to wait, at least 1. */
uint32_t cw_budget_wait_s(const struct cw_budget *b, enum cw_budget_kind kind, const char *source,
                          uint64_t now_ms);
/* One attempt failed. */
void cw_budget_charge(struct cw_budget *b, enum cw_budget_kind kind, const char *source,
                      uint64_t now_ms);
/* For rate-limited audit rows: true and charged when one may be written for this source and reason.
 * */
bool cw_budget_may_audit(struct cw_budget *b, const char *source, const char *reason,
                         uint64_t now_ms);

/* Budgets count an IPv6 /64 as one source, because one customer has a whole one. out: 64 bytes. */
void cw_budget_source(const char *source, char *out);

#endif
