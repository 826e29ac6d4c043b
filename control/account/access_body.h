/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/access_body.h - rights and sign-in rules as JSON has them, and who may hand them out.
 *
 * Thread:    the state thread.
 * Errors:    each refusal has its sentence in reply.
 */
#ifndef CW_CONTROL_ACCOUNT_ACCESS_BODY_H
#define CW_CONTROL_ACCOUNT_ACCESS_BODY_H

#include "control/account/access.h"
#include "control/api/body.h"

/* An array of names, or (from a command) names with spaces between. Missing: *ret_rights stays. */
int cw_body_rights(const json_t *body, const char *member, uint64_t *ret_rights,
                   struct cw_reply *reply);
json_t *cw_rights_json(uint64_t rights);

/* second_factor, remember_me, second_login, network_rule, networks: what is missing stays;
 * "not_defined" takes it back. */
#define CW_RULES_MEMBERS "second_factor remember_me second_login network_rule networks"
int cw_body_rules(const json_t *body, struct cw_sign_in_rules *rules, struct cw_reply *reply);
/* The same members, added to object. */
void cw_rules_to_json(const struct cw_sign_in_rules *rules, json_t *object);
const char *cw_second_factor_name(uint8_t value);
const char *cw_remember_me_name(uint8_t value);
const char *cw_second_login_name(uint8_t value);
const char *cw_network_rule_name(uint8_t value);

/* Nobody hands out what he has not: 0, or a refusal that names the first right. The operator may. */
int cw_rights_refuse_excess(struct cw_control *c, const struct cw_request *request, uint64_t rights,
                            struct cw_reply *reply);

#endif
