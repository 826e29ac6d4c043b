/* SPDX-License-Identifier: Apache-2.0 */
/* Session policies, and which policies something has. */
#include "control/store/store_policy.h"
#include "control/store/store_query.h"

int cw_store_session_policy_each(struct cw_store *s, cw_session_policy_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SPOLICY_EACH);
    struct cw_session_policy policy = {0};
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        policy.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, policy.name, sizeof policy.name);
        cw_column_text(&q, 2, policy.code, sizeof policy.code);
        cw_column_text(&q, 3, policy.description, sizeof policy.description);
        policy.for_accounts = cw_column_int(&q, 4) != 0;
        policy.for_invites = cw_column_int(&q, 5) != 0;
        policy.for_jump_items = cw_column_int(&q, 6) != 0;
        stop = each(user, &policy);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_session_policy_tool_each(struct cw_store *s, cw_policy_tool_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SPOLICY_TOOLS);
    char tool[CW_CODE_BYTES_MAX + 1];
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_policy_tool said = {
            .choice = (uint8_t)cw_column_int(&q, 2),
            .prompt = (uint8_t)cw_column_int(&q, 3),
            .time_s = (uint16_t)cw_column_int(&q, 4),
            .is_yes = cw_column_int(&q, 5) != 0,
        };
        cw_column_text(&q, 1, tool, sizeof tool);
        stop = each(user, (uint32_t)cw_column_int(&q, 0), tool, &said);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

static int put_tools(struct cw_store *s, const struct cw_session_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SPOLICY_TOOL_CLEAR);
    int err = 0;

    cw_bind_int(&q, policy->id);
    err = cw_query_run(&q);
    for (unsigned tool = 0; err == 0 && tool < CW_TOOL_COUNT; tool++) {
        const struct cw_policy_tool *said = &policy->tools[tool];
        if (said->choice == CW_POLICY_NOT_DEFINED && said->prompt == CW_PROMPT_NOT_DEFINED)
            continue;
        q = cw_query_on(s, CW_SQL_SPOLICY_TOOL_PUT);
        cw_bind_int(&q, policy->id);
        cw_bind_text(&q, cw_tool_name((enum cw_tool)tool));
        cw_bind_int(&q, said->choice);
        cw_bind_int(&q, said->prompt);
        cw_bind_int(&q, said->time_s);
        cw_bind_int(&q, said->is_yes);
        err = cw_query_run(&q);
    }
    return err;
}

static void bind_policy(struct cw_query *q, const struct cw_session_policy *policy)
{
    cw_bind_text(q, policy->name);
    cw_bind_text(q, policy->code);
    cw_bind_text(q, policy->description);
    cw_bind_int(q, policy->for_accounts);
    cw_bind_int(q, policy->for_invites);
    cw_bind_int(q, policy->for_jump_items);
}

int cw_store_session_policy_add(struct cw_store *s, struct cw_session_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SPOLICY_ADD);
    int err = 0;

    bind_policy(&q, policy);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    policy->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return put_tools(s, policy);
}

int cw_store_session_policy_set(struct cw_store *s, const struct cw_session_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SPOLICY_SET);
    int err = 0;

    cw_bind_int(&q, policy->id);
    bind_policy(&q, policy);
    err = cw_query_change(&q);
    return err == 0 ? put_tools(s, policy) : err;
}

int cw_store_session_policy_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SPOLICY_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

static int count_of(struct cw_store *s, enum cw_statement statement, uint32_t id,
                    uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, statement);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, id);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_session_policy_used(struct cw_store *s, uint32_t id, uint32_t *ret_count)
{
    return count_of(s, CW_SQL_SPOLICY_OF_ACCOUNTS, id, ret_count);
}

int cw_store_session_policy_invited(struct cw_store *s, uint32_t id, uint32_t *ret_count)
{
    return count_of(s, CW_SQL_SPOLICY_OF_INVITES, id, ret_count);
}

int cw_store_policy_of_each(struct cw_store *s, cw_policy_of_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_POLICY_OF_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_policy_of row = {
            .kind = (uint8_t)cw_column_int(&q, 0),
            .object = (uint32_t)cw_column_int(&q, 1),
            .attended = (uint32_t)cw_column_int(&q, 2),
            .unattended = (uint32_t)cw_column_int(&q, 3),
            .jump = (uint32_t)cw_column_int(&q, 4),
        };
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_policy_of_put(struct cw_store *s, const struct cw_policy_of *row)
{
    const bool is_empty = row->attended == 0 && row->unattended == 0 && row->jump == 0;
    struct cw_query q = cw_query_on(s, is_empty ? CW_SQL_POLICY_OF_REMOVE : CW_SQL_POLICY_OF_PUT);

    cw_bind_int(&q, row->kind);
    cw_bind_int(&q, row->object);
    if (!is_empty) {
        cw_bind_int(&q, row->attended);
        cw_bind_int(&q, row->unattended);
        cw_bind_int(&q, row->jump);
    }
    return cw_query_run(&q);
}
