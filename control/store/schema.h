/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/schema.h - inside the store: each area's schema steps, put in order by store_schema.c.
 *
 * Invariant: a step that shipped is never edited; a change is a new step behind the last one.
 */
#ifndef CW_CONTROL_STORE_SCHEMA_H
#define CW_CONTROL_STORE_SCHEMA_H

/* schema_team.c */
extern const char cw_schema_team_1[];
extern const char cw_schema_team_2[];
/* schema_audit.c */
extern const char cw_schema_audit_1[];

/* schema_account.c */
extern const char cw_schema_account_1[];
extern const char cw_schema_account_2[];
extern const char cw_schema_account_3[];

/* schema_outbox.c */
extern const char cw_schema_outbox_1[];

/* schema_api.c */
extern const char cw_schema_api_1[];
/* schema_policy.c */
extern const char cw_schema_policy_1[];
extern const char cw_schema_policy_2[];
extern const char cw_schema_policy_3[];
/* schema_jump.c */
extern const char cw_schema_jump_fields[];
extern const char cw_schema_installer[];
extern const char cw_schema_jump_upgrade[];
extern const char cw_schema_wake[];

/* schema_queue.c */
extern const char cw_schema_queue_1[];
extern const char cw_schema_queue_2[];
extern const char cw_schema_queue_3[];
extern const char cw_schema_queue_4[];

/* schema_portal.c */
extern const char cw_schema_portal_1[];
extern const char cw_schema_portal_client[];
/* schema_report.c */
extern const char cw_schema_report_1[];
/* schema_button.c */
extern const char cw_schema_button_1[];

#endif
