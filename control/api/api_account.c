/* SPDX-License-Identifier: Apache-2.0 */
#include "control/api/api_account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/network.h"
#include "control/account/option.h"
#include "engine/base/err.h"

static const char *const scope_names[CW_SCOPE_COUNT] = {
    [CW_SCOPE_NONE] = "",         [CW_SCOPE_COMMAND] = "command",
    [CW_SCOPE_REPORT] = "report", [CW_SCOPE_CONFIGURATION] = "configuration",
    [CW_SCOPE_BACKUP] = "backup",
};

const char *cw_scope_name(enum cw_scope scope)
{
    return scope_names[scope];
}

enum cw_api_access cw_api_access_of(uint32_t access, enum cw_scope scope)
{
    return (enum cw_api_access)(access >> (2 * (unsigned)scope) & 3);
}

uint32_t cw_api_access_with(uint32_t access, enum cw_scope scope, enum cw_api_access is)
{
    const unsigned at = 2 * (unsigned)scope;

    return (access & ~(UINT32_C(3) << at)) | (uint32_t)is << at;
}

uint32_t cw_api_access_least(uint32_t a, uint32_t b)
{
    uint32_t least = 0;

    for (enum cw_scope scope = CW_SCOPE_NONE + 1; scope < CW_SCOPE_COUNT; scope++) {
        enum cw_api_access x = cw_api_access_of(a, scope);
        enum cw_api_access y = cw_api_access_of(b, scope);
        least = cw_api_access_with(least, scope, x < y ? x : y);
    }
    return least;
}

int cw_access_parse(const char *text, uint32_t *ret_access)
{
    uint32_t access = 0;

    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        static const char read[] = ":read";
        size_t n = strcspn(text, " ");
        size_t name = n;
        enum cw_api_access is = CW_API_ACCESS_FULL;
        enum cw_scope scope = CW_SCOPE_NONE + 1;
        if (n > sizeof read - 1 &&
            memcmp(text + n - (sizeof read - 1), read, sizeof read - 1) == 0) {
            name = n - (sizeof read - 1);
            is = CW_API_ACCESS_READ;
        }
        while (scope < CW_SCOPE_COUNT &&
               (strlen(scope_names[scope]) != name || memcmp(scope_names[scope], text, name) != 0))
            scope++;
        if (scope == CW_SCOPE_COUNT)
            return CW_ERR_INVALID;
        if (is > cw_api_access_of(access, scope))
            access = cw_api_access_with(access, scope, is);
        text += n;
    }
    *ret_access = access;
    return 0;
}

void cw_api_access_text(uint32_t access, char *out)
{
    size_t n = 0;

    out[0] = '\0';
    for (enum cw_scope scope = CW_SCOPE_NONE + 1; scope < CW_SCOPE_COUNT; scope++) {
        enum cw_api_access is = cw_api_access_of(access, scope);
        if (is != CW_API_ACCESS_NONE)
            n += (size_t)snprintf(out + n, CW_API_ACCESS_TEXT_BYTES - n, "%s%s%s", n > 0 ? " " : "",
                                  scope_names[scope], is == CW_API_ACCESS_READ ? ":read" : "");
    }
}

/* ---- how often ------------------------------------------------------------------------------- */

int cw_api_budgets_new(struct cw_api_budgets **ret_budgets)
{
    struct cw_api_budgets *budgets = calloc(1, sizeof *budgets);

    if (budgets == NULL)
        return CW_ERR_NOMEM;
    *ret_budgets = budgets;
    return 0;
}

/* When the span is out of debt after one more request; more than it may be: it is spent. */
static uint64_t after_one(uint64_t until_ms, uint64_t now_ms, uint64_t span_ms, uint64_t count)
{
    return (until_ms > now_ms ? until_ms : now_ms) + (span_ms + count - 1) / count;
}

uint32_t cw_api_budget_take(struct cw_api_budget *b, uint64_t now_ms, uint64_t per_second,
                            uint64_t per_hour)
{
    /* A whole span's worth may come at once. */
    const uint64_t second_ms = after_one(b->second_ms, now_ms, 1000, per_second);
    const uint64_t hour_ms = after_one(b->hour_ms, now_ms, 3600000, per_hour);
    uint64_t wait_ms = 0;

    if (second_ms > now_ms + 1000)
        wait_ms = second_ms - now_ms - 1000;
    if (hour_ms > now_ms + 3600000 && hour_ms - now_ms - 3600000 > wait_ms)
        wait_ms = hour_ms - now_ms - 3600000;
    if (wait_ms > 0)
        return (uint32_t)((wait_ms + 999) / 1000);
    b->second_ms = second_ms;
    b->hour_ms = hour_ms;
    return 0;
}

static struct cw_api_budget *budget_of(struct cw_control *c, uint32_t api_account)
{
    struct cw_api_budget *oldest = &c->api_budgets->rows[0];

    for (size_t i = 0; i < CW_API_ACCOUNTS_MAX; i++) {
        struct cw_api_budget *b = &c->api_budgets->rows[i];
        if (b->api_account == api_account)
            return b;
        if (b->hour_ms < oldest->hour_ms)
            oldest = b;
    }
    *oldest = (struct cw_api_budget){.api_account = api_account};
    return oldest;
}

/* ---- who asks -------------------------------------------------------------------------------- */

int cw_control_bearer_find(struct cw_control *c, const char *token, struct cw_request *fill,
                           uint32_t *ret_wait_s)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint8_t hash[CW_SHA256_BYTES];
    struct cw_api_token found;
    struct cw_api_account account;

    *ret_wait_s = 0;
    if (strnlen(token, CW_TOKEN_TEXT_BYTES + 1) != CW_TOKEN_TEXT_BYTES ||
        cw_secret_hash("causeway API token v1", token, CW_TOKEN_TEXT_BYTES, hash) != 0 ||
        cw_store_api_token_find(c->store, hash, &found) != 0 || now_ms >= found.expires_ms ||
        cw_store_api_account_get(c->store, found.api_account, &account) != 0 ||
        !account.is_enabled || !cw_networks_have(account.networks, fill->source))
        return CW_ERR_DENIED;
    *ret_wait_s =
        cw_api_budget_take(budget_of(c, account.id), now_ms, cw_option(c, CW_OPTION_API_PER_SECOND),
                           cw_option(c, CW_OPTION_API_PER_HOUR));
    if (*ret_wait_s > 0)
        return CW_ERR_FULL;
    fill->front = CW_FRONT_API;
    fill->api_account = account.id;
    fill->access = cw_api_access_least(found.access, account.access);
    return 0;
}
