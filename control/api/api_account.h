/* SPDX-License-Identifier: Apache-2.0 */
/* control/api/api_account.h - programs that use the API: what each may do, its tokens, how often it may ask.
 *
 * Owner:     struct cw_api_budgets belongs to struct cw_control, which frees it with free().
 * Thread:    the state thread.
 * Units:     milliseconds; requests.
 * Errors:    CW_ERR_DENIED (unknown, expired, disabled, wrong network: not told apart), CW_ERR_FULL with the
 *            seconds to wait.
 * Limits:    CW_API_*; options api.per_second and api.per_hour.
 *
 * OAuth 2.0 client credentials (RFC 6749 section 4.4) with bearer tokens (RFC 6750). A token is 256 random
 * bits of which the store has the SHA-256; it carries the access it was asked for, and never more than its
 * account has now.
 */
#ifndef CW_CONTROL_API_API_ACCOUNT_H
#define CW_CONTROL_API_API_ACCOUNT_H

#include "control/state.h"
#include "control/store/store_api.h"

enum cw_api_access { CW_API_ACCESS_NONE, CW_API_ACCESS_READ, CW_API_ACCESS_FULL };

/* What is in two bits a scope. */
enum cw_api_access cw_api_access_of(uint32_t access, enum cw_scope scope);
uint32_t cw_api_access_with(uint32_t access, enum cw_scope scope, enum cw_api_access is);
/* The less of the two, scope by scope. */
uint32_t cw_api_access_least(uint32_t a, uint32_t b);
/* "command", "report", "configuration", "backup"; "" for NONE. */
const char *cw_scope_name(enum cw_scope scope);
/* RFC 6749's list: "report:read command". CW_ERR_INVALID. */
int cw_access_parse(const char *text, uint32_t *ret_access);
/* out: CW_API_ACCESS_TEXT_BYTES. */
enum { CW_API_ACCESS_TEXT_BYTES = 160 };
void cw_api_access_text(uint32_t access, char *out);

/* A generic cell rate limiter for each account and span: until is when it is out of debt. */
struct cw_api_budget {
    uint32_t api_account; /* 0: free */
    uint64_t second_ms;
    uint64_t hour_ms;
};

struct cw_api_budgets {
    struct cw_api_budget rows[CW_API_ACCOUNTS_MAX];
};

int cw_api_budgets_new(struct cw_api_budgets **ret_budgets);
/* Takes one request out of both spans, or neither: 0, or the seconds to wait (at least 1). */
uint32_t cw_api_budget_take(struct cw_api_budget *b, uint64_t now_ms, uint64_t per_second,
                            uint64_t per_hour);

#endif
