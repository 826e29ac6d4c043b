/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_seat.h"

#include "control/store/store_query.h"

int cw_store_extended_set(struct cw_store *s, uint32_t account, bool is_on)
{
    struct cw_query q = cw_query_on(s, is_on ? CW_SQL_EXTENDED_ADD : CW_SQL_EXTENDED_REMOVE);

    cw_bind_int(&q, account);
    return cw_query_run(&q);
}

int cw_store_extended_each(struct cw_store *s, cw_extended_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_EXTENDED_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q))
        stop = each(user, (uint32_t)cw_column_int(&q, 0));
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_console_setting_put(struct cw_store *s, uint32_t account, const char *name,
                                 uint64_t value, bool is_forced)
{
    struct cw_query q =
        cw_query_on(s, account == 0 ? CW_SQL_CONSOLE_SETTING_PUT : CW_SQL_ACCOUNT_SETTING_PUT);

    cw_bind_text(&q, name);
    cw_bind_int(&q, value);
    cw_bind_int(&q, account == 0 ? is_forced : account);
    return cw_query_run(&q);
}

int cw_store_console_setting_remove(struct cw_store *s, uint32_t account, const char *name)
{
    struct cw_query q = cw_query_on(s, account == 0   ? CW_SQL_CONSOLE_SETTING_REMOVE
                                       : name != NULL ? CW_SQL_ACCOUNT_SETTING_REMOVE
                                                      : CW_SQL_ACCOUNT_SETTING_REMOVE_ALL);

    if (account != 0)
        cw_bind_int(&q, account);
    if (name != NULL)
        cw_bind_text(&q, name);
    return cw_query_run(&q);
}

int cw_store_console_setting_each(struct cw_store *s, uint32_t account, cw_console_setting_fn each,
                                  void *user)
{
    struct cw_query q =
        cw_query_on(s, account == 0 ? CW_SQL_CONSOLE_SETTING_EACH : CW_SQL_ACCOUNT_SETTING_EACH);
    int stop = 0;
    int err = 0;

    if (account != 0)
        cw_bind_int(&q, account);
    while (stop == 0 && cw_query_row(&q)) {
        char name[CW_SETTING_NAME_BYTES_MAX + 1];
        cw_column_text(&q, 0, name, sizeof name);
        stop = each(user, name, cw_column_int(&q, 1), cw_column_int(&q, 2) != 0);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}
