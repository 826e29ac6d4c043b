/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/admission.h"

#include <string.h>

#include "engine/base/err.h"
#include "engine/relay_limits.h"
#include "engine/wire/frame.h"

static int expiring_init(struct cw_expiring_table *t, uint32_t capacity)
{
    cw_list_init(&t->order);
    int err = cw_table_init(&t->table, capacity);
    return err != CW_OK ? err : cw_pool_init(&t->pool, sizeof(struct cw_expiring), capacity);
}

static void expiring_fini(struct cw_expiring_table *t)
{
    cw_table_fini(&t->table);
    cw_pool_fini(&t->pool);
}

static void expiring_remove(struct cw_expiring_table *t, struct cw_expiring *e)
{
    cw_table_remove(&t->table, e->key);
    cw_list_remove(&e->node);
    cw_pool_give(&t->pool, e);
}

static struct cw_expiring *expiring_get(struct cw_expiring_table *t, uint64_t key,
                                        uint64_t now_unix_s)
{
    struct cw_expiring *e = cw_table_get(&t->table, key);
    if (e != NULL && e->until_unix_s < now_unix_s) {
        expiring_remove(t, e);
        return NULL;
    }
    return e;
}

/* forget_oldest: make room at any price. */
static int expiring_put(struct cw_expiring_table *t, uint64_t key, uint64_t until_unix_s,
                        bool forget_oldest, uint64_t now_unix_s)
{
    struct cw_expiring *e = expiring_get(t, key, now_unix_s);
    if (e != NULL) {
        e->until_unix_s = until_unix_s > e->until_unix_s ? until_unix_s : e->until_unix_s;
        return CW_OK;
    }
    /* The oldest go first; entries of one table live about equally long. */
    while (!cw_list_is_empty(&t->order)) {
        struct cw_expiring *oldest = CW_LIST_OWNER(t->order.next, struct cw_expiring, node);
        bool is_full = t->pool.used == t->pool.count;
        if (oldest->until_unix_s >= now_unix_s && !(is_full && forget_oldest))
            break;
        expiring_remove(t, oldest);
    }
    e = cw_pool_take(&t->pool);
    if (e == NULL)
        return CW_ERR_FULL;
    *e = (struct cw_expiring){.key = key, .until_unix_s = until_unix_s};
    cw_list_init(&e->node);
    cw_list_append(&t->order, &e->node);
    return cw_table_put(&t->table, key, e);
}

int cw_admission_init(struct cw_admission *a)
{
    *a = (struct cw_admission){0};
    int err = expiring_init(&a->used, CW_RELAY_USED_TICKETS_MAX);
    if (err == CW_OK)
        err = expiring_init(&a->denied, CW_RELAY_DENIED_TICKETS_MAX);
    if (err == CW_OK)
        err = expiring_init(&a->ended, CW_RELAY_ENDED_SESSIONS_MAX);
    return err;
}

void cw_admission_fini(struct cw_admission *a)
{
    expiring_fini(&a->used);
    expiring_fini(&a->denied);
    expiring_fini(&a->ended);
}

void cw_admission_trim(struct cw_admission *a)
{
    cw_pool_trim(&a->used.pool);
    cw_pool_trim(&a->denied.pool);
    cw_pool_trim(&a->ended.pool);
}

/* Ticket ids are 16 random bytes made by control: folding them to 8 keeps collisions out of reach. */
static uint64_t id_key(const uint8_t *ticket_id)
{
    uint64_t low;
    uint64_t high;
    memcpy(&low, ticket_id, sizeof low);
    memcpy(&high, ticket_id + sizeof low, sizeof high);
    return low ^ (high * UINT64_C(0x9E3779B97F4A7C15));
}

/* Kind, role, session and hello fit together. */
static bool shape_is_legal(const struct cw_hello *hello)
{
    const struct cw_ticket *t = &hello->ticket;
    if (t->participant == 0)
        return false;
    switch ((enum cw_ticket_kind)t->kind) {
    case CW_TICKET_KIND_JOIN:
    case CW_TICKET_KIND_RESUME:
        return hello->kind == CW_HELLO_TICKET && t->session != 0 &&
               (t->role == CW_ROLE_REPRESENTATIVE || t->role == CW_ROLE_CUSTOMER ||
                t->role == CW_ROLE_UNATTENDED);
    case CW_TICKET_KIND_DEVICE:
        return hello->kind == CW_HELLO_DEVICE && t->session == 0 && t->role == CW_ROLE_DEVICE;
    case CW_TICKET_KIND_CONSOLE:
        return hello->kind == CW_HELLO_TICKET && t->session == 0 && t->role == CW_ROLE_CONSOLE;
    default: return false;
    }
}

uint16_t cw_admission_check(struct cw_admission *a, const struct cw_hello *hello,
                            const uint8_t *exporter, uint64_t now_unix_s)
{
    if (!shape_is_legal(hello))
        return CW_CLOSE_MALFORMED;
    if (!a->has_key)
        return CW_CLOSE_UNAVAILABLE;
    int err = cw_ticket_verify(&hello->ticket, a->control_key, now_unix_s);
    if (err == CW_ERR_EXPIRED)
        return CW_CLOSE_TICKET_EXPIRED;
    if (err != CW_OK)
        return CW_CLOSE_TICKET_FORGED;
    if (expiring_get(&a->denied, id_key(hello->ticket.id), now_unix_s) != NULL)
        return CW_CLOSE_TICKET_DENIED;
    err = cw_possession_verify(exporter, hello->ticket.id, hello->ticket.holder_key,
                               hello->possession);
    return err == CW_OK ? CW_CLOSE_OK : CW_CLOSE_PROOF_WRONG;
}

uint16_t cw_admission_use(struct cw_admission *a, const struct cw_ticket *ticket,
                          uint64_t now_unix_s)
{
    uint64_t key = id_key(ticket->id);
    if (ticket->session != 0 && cw_admission_has_ended(a, ticket->session, now_unix_s))
        return CW_CLOSE_TICKET_DENIED;
    if (ticket->kind != CW_TICKET_KIND_JOIN && ticket->kind != CW_TICKET_KIND_CONSOLE)
        return CW_CLOSE_OK;
    if (expiring_get(&a->used, key, now_unix_s) != NULL)
        return CW_CLOSE_TICKET_USED;
    if (expiring_put(&a->used, key, ticket->not_after_unix_s + CW_TICKET_SKEW_S, false,
                     now_unix_s) != CW_OK)
        return CW_CLOSE_OVERLOADED;
    return CW_CLOSE_OK;
}

void cw_admission_deny(struct cw_admission *a, const uint8_t *ticket_id, uint64_t until_unix_s,
                       uint64_t now_unix_s)
{
    (void)expiring_put(&a->denied, id_key(ticket_id), until_unix_s, true, now_unix_s);
}

void cw_admission_end_session(struct cw_admission *a, uint32_t session, uint16_t code,
                              uint64_t link, uint64_t now_unix_s)
{
    (void)expiring_put(&a->ended, session, now_unix_s + CW_TICKET_RESUME_S + CW_TICKET_SKEW_S, true,
                       now_unix_s);
    struct cw_expiring *e = expiring_get(&a->ended, session, now_unix_s);
    if (e != NULL) {
        e->code = code;
        e->link = link;
    }
}

const struct cw_expiring *cw_admission_ended(struct cw_admission *a, uint32_t session,
                                             uint64_t now_unix_s)
{
    return expiring_get(&a->ended, session, now_unix_s);
}

bool cw_admission_has_ended(struct cw_admission *a, uint32_t session, uint64_t now_unix_s)
{
    return expiring_get(&a->ended, session, now_unix_s) != NULL;
}
