/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/budget.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "control/secret.h"
#include "engine/base/check.h"

struct rule {
    uint64_t period_ms;
    uint64_t burst;
};

static const struct rule rules[CW_BUDGET_KIND_COUNT] = {
    [CW_BUDGET_SIGN_IN] = {CW_SIGN_IN_TRY_S * 1000, CW_SIGN_IN_TRIES},
    [CW_BUDGET_KEY] = {CW_KEY_TRY_S * 1000, CW_KEY_TRIES},
    [CW_BUDGET_KEY_GLOBAL] = {1000 / CW_KEY_TRIES_GLOBAL_PER_S, CW_KEY_TRIES_GLOBAL},
    [CW_BUDGET_ENROLMENT] = {CW_ENROLMENT_TRY_S * 1000, CW_ENROLMENT_TRIES},
    [CW_BUDGET_AUDIT] = {CW_AUDIT_REFUSAL_S * 1000, 1},
    [CW_BUDGET_ISSUE] = {CW_ISSUE_TRY_S * 1000, CW_ISSUE_TRIES},
    [CW_BUDGET_ISSUE_GLOBAL] = {1000 / CW_ISSUE_TRIES_GLOBAL_PER_S, CW_ISSUE_TRIES_GLOBAL},
    [CW_BUDGET_VISIT] = {CW_VISIT_TRY_MS, CW_VISIT_TRIES},
    [CW_BUDGET_TEAM_CHAT] = {CW_TEAM_CHAT_TRY_S * 1000, CW_TEAM_CHAT_TRIES},
};

int cw_budget_init(struct cw_budget *b)
{
    memset(b, 0, sizeof *b);
    return cw_secret_random(b->secret, sizeof b->secret);
}

static uint64_t key_of(const struct cw_budget *b, enum cw_budget_kind kind, const char *text)
{
    uint8_t data[sizeof b->secret + 1 + 256];
    uint8_t hash[CW_SHA256_BYTES] = {0};
    size_t n = strnlen(text, 256);
    uint64_t key = 0;

    memcpy(data, b->secret, sizeof b->secret);
    data[sizeof b->secret] = (uint8_t)kind;
    memcpy(data + sizeof b->secret + 1, text, n);
    CW_CHECK(cw_secret_hash("budget", data, sizeof b->secret + 1 + n, hash) == 0,
             "SHA-256 is always there");
    memcpy(&key, hash, sizeof key);
    return key | 1;
}

static const struct cw_budget_entry *find(const struct cw_budget *b, uint64_t key)
{
    for (unsigned i = 0; i < CW_BUDGET_PROBES; i++) {
        const struct cw_budget_entry *entry = &b->entries[((key >> 8) + i) % CW_BUDGET_COUNT];
        if (entry->key == key)
            return entry;
    }
    return NULL;
}

static uint32_t wait_of(const struct cw_budget_entry *entry, enum cw_budget_kind kind,
                        uint64_t now_ms)
{
    const struct rule *rule = &rules[kind];
    uint64_t allowed_ms = now_ms + (rule->burst - 1) * rule->period_ms;

    if (entry == NULL || entry->until_ms <= allowed_ms)
        return 0;
    return (uint32_t)((entry->until_ms - allowed_ms + 999) / 1000);
}

static void charge_key(struct cw_budget *b, uint64_t key, enum cw_budget_kind kind, uint64_t now_ms)
{
    struct cw_budget_entry *best = NULL;

    for (unsigned i = 0; i < CW_BUDGET_PROBES; i++) {
        struct cw_budget_entry *entry = &b->entries[((key >> 8) + i) % CW_BUDGET_COUNT];
        if (entry->key == key) {
            best = entry;
            break;
        }
        if (best == NULL || entry->until_ms < best->until_ms)
            best = entry;
    }
    if (best->key != key) {
        best->key = key;
        best->until_ms = now_ms;
    }
    if (best->until_ms < now_ms)
        best->until_ms = now_ms;
    best->until_ms += rules[kind].period_ms;
}

void cw_budget_source(const char *source, char *out)
{
    struct in6_addr address;

    if (inet_pton(AF_INET6, source, &address) == 1 && !IN6_IS_ADDR_V4MAPPED(&address)) {
        memset(address.s6_addr + 8, 0, 8);
        if (inet_ntop(AF_INET6, &address, out, 64) != NULL)
            return;
    }
    snprintf(out, 64, "%s", source);
}

uint32_t cw_budget_wait_s(const struct cw_budget *b, enum cw_budget_kind kind, const char *source,
                          uint64_t now_ms)
{
    char text[64];

    cw_budget_source(source, text);
    return wait_of(find(b, key_of(b, kind, text)), kind, now_ms);
}

void cw_budget_charge(struct cw_budget *b, enum cw_budget_kind kind, const char *source,
                      uint64_t now_ms)
{
    char text[64];

    cw_budget_source(source, text);
    charge_key(b, key_of(b, kind, text), kind, now_ms);
}

bool cw_budget_may_audit(struct cw_budget *b, const char *source, const char *reason,
                         uint64_t now_ms)
{
    char text[256];
    char from[64];
    uint64_t key = 0;

    cw_budget_source(source, from);
    snprintf(text, sizeof text, "%s %s", from, reason);
    key = key_of(b, CW_BUDGET_AUDIT, text);
    if (wait_of(find(b, key), CW_BUDGET_AUDIT, now_ms) > 0)
        return false;
    charge_key(b, key, CW_BUDGET_AUDIT, now_ms);
    return true;
}
