/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/access_body.h"

#include <stdio.h>
#include <string.h>

#include "control/account/guard.h"
#include "control/account/network.h"
#include "control/state.h"
#include "engine/base/err.h"

static const char *const factor_names[] = {"not_defined", "optional", "required", NULL};
static const char *const remember_names[] = {"not_defined", "forbidden", "allowed", NULL};
static const char *const login_names[] = {"not_defined", "both", "move", "end", "refuse", NULL};
static const char *const network_names[] = {"not_defined", "any", "first", "always", NULL};

const char *cw_second_factor_name(uint8_t value)
{
    return factor_names[value];
}

const char *cw_remember_me_name(uint8_t value)
{
    return remember_names[value];
}

const char *cw_second_login_name(uint8_t value)
{
    return login_names[value];
}

const char *cw_network_rule_name(uint8_t value)
{
    return network_names[value];
}

/* ---- rights ---------------------------------------------------------------------------------- */

static int refuse_right(struct cw_reply *reply, const char *name)
{
    return cw_refuse(reply, CW_ERR_INVALID, "There is no right \"%.60s\".", name);
}

int cw_body_rights(const json_t *body, const char *member, uint64_t *ret_rights,
                   struct cw_reply *reply)
{
    const json_t *value = json_object_get(body, member);
    uint64_t set = 0;
    char unknown[64];

    if (value == NULL || json_is_null(value))
        return 0;
    if (json_is_string(value)) {
        if (cw_rights_of_text(json_string_value(value), ret_rights, unknown, sizeof unknown) != 0)
            return refuse_right(reply, unknown);
        return 0;
    }
    if (!json_is_array(value))
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be a list of names of rights.", member);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i);
        const char *name = json_is_string(one) ? json_string_value(one) : "";
        const enum cw_right right = cw_right_find(name, strlen(name));
        if (right == CW_RIGHT_NONE)
            return refuse_right(reply, name);
        set |= CW_RIGHT_BIT(right);
    }
    *ret_rights = set;
    return 0;
}

json_t *cw_rights_json(uint64_t rights)
{
    json_t *names = json_array();

    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if ((rights & CW_RIGHT_BIT(i)) != 0)
            (void)json_array_append_new(names, json_string(cw_right_name((enum cw_right)i)));
    return names;
}

int cw_rights_refuse_excess(struct cw_control *c, const struct cw_request *request, uint64_t rights,
                            struct cw_reply *reply)
{
    const uint64_t excess = rights & ~cw_request_rights(c, request);

    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if ((excess & CW_RIGHT_BIT(i)) != 0)
            return cw_refuse(reply, CW_ERR_DENIED,
                             "You do not have the right \"%s\" yourself, so you cannot give it.",
                             cw_right_name((enum cw_right)i));
    return 0;
}

/* ---- rules of signing in --------------------------------------------------------------------- */

static int take_choice(const json_t *body, const char *member, const char *const *names,
                       uint8_t *ret_value, struct cw_reply *reply)
{
    unsigned value = *ret_value;
    char known[80] = "";
    size_t at = 0;

    if (cw_body_choice(body, member, names, &value) == 0) {
        *ret_value = (uint8_t)value;
        return 0;
    }
    for (unsigned i = 0; names[i] != NULL && at < sizeof known; i++) {
        int n = snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", names[i]);
        at += n > 0 ? (size_t)n : 0;
    }
    return cw_refuse(reply, CW_ERR_INVALID, "%s must be one of %s.", member, known);
}

int cw_body_rules(const json_t *body, struct cw_sign_in_rules *rules, struct cw_reply *reply)
{
    const char *networks = rules->networks;
    char why[200];
    int err = take_choice(body, "second_factor", factor_names, &rules->second_factor, reply);

    if (err == 0)
        err = take_choice(body, "remember_me", remember_names, &rules->remember_me, reply);
    if (err == 0)
        err = take_choice(body, "second_login", login_names, &rules->second_login, reply);
    if (err == 0)
        err = take_choice(body, "network_rule", network_names, &rules->network_rule, reply);
    if (err == 0 && cw_body_lines(body, "networks", CW_NETWORKS_BYTES_MAX, &networks) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "networks has at most %d bytes of text.",
                        CW_NETWORKS_BYTES_MAX);
    if (err == 0 && cw_networks_check(networks, why, sizeof why) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "%s", why);
    if (err != 0)
        return err;
    if (networks != rules->networks)
        snprintf(rules->networks, sizeof rules->networks, "%s", networks);
    if (rules->network_rule >= CW_NETWORK_FIRST && rules->networks[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID,
                         "This rule needs networks: without any nobody could sign in.");
    return 0;
}

void cw_rules_to_json(const struct cw_sign_in_rules *rules, json_t *object)
{
    (void)json_object_set_new(object, "second_factor",
                              json_string(factor_names[rules->second_factor]));
    (void)json_object_set_new(object, "remember_me",
                              json_string(remember_names[rules->remember_me]));
    (void)json_object_set_new(object, "second_login",
                              json_string(login_names[rules->second_login]));
    (void)json_object_set_new(object, "network_rule",
                              json_string(network_names[rules->network_rule]));
    (void)json_object_set_new(object, "networks", json_string(rules->networks));
}
