/* SPDX-License-Identifier: Apache-2.0 */
#include "control/report/tables.h"

#include <string.h>

#include "control/store/store_survey.h"
#include "control/team/team.h"
#include "engine/wire/frame.h"

#define COUNT(list)   (sizeof(list) / sizeof((list)[0]))
#define COLUMNS(list) .columns = (list), .column_count = COUNT(list)

/* ---- words ------------------------------------------------------------------------------------ */

static const char *word_of(const char *const *words, size_t count, uint64_t number)
{
    return number < count && words[number] != NULL ? words[number] : "unknown";
}

static const char *kind_word(uint64_t number)
{
    static const char *const words[] = {[CW_SESSION_JUMP] = "jump", [CW_SESSION_KEY] = "key"};

    return word_of(words, COUNT(words), number);
}

static const char *state_word(uint64_t number)
{
    static const char *const words[] = {[CW_SESSION_WAITING] = "waiting",
                                        [CW_SESSION_ACTIVE] = "active",
                                        [CW_SESSION_ENDED] = "ended"};

    return word_of(words, COUNT(words), number);
}

static const char *priority_word(uint64_t number)
{
    static const char *const words[] = {
        [CW_PRIORITY_LOW] = "low", [CW_PRIORITY_MEDIUM] = "medium", [CW_PRIORITY_HIGH] = "high"};

    return word_of(words, COUNT(words), number);
}

static const char *recording_word(uint64_t number)
{
    static const char *const words[] = {
        [CW_RECORDING_OFF] = "off", [CW_RECORDING_ON] = "on", [CW_RECORDING_MUST] = "required"};

    return word_of(words, COUNT(words), number);
}

static const char *relation_word(uint64_t number)
{
    static const char *const words[CW_RELATION_COUNT] = {
        [CW_RELATION_SOURCE] = "source",     [CW_RELATION_OWNER] = "owner",
        [CW_RELATION_INVITED] = "invited",   [CW_RELATION_SPONSOR] = "sponsor",
        [CW_RELATION_EXTERNAL] = "external", [CW_RELATION_WATCHER] = "watcher"};

    return word_of(words, COUNT(words), number);
}

static const char *audience_word(uint64_t number)
{
    static const char *const words[] = {
        [CW_SURVEY_REPRESENTATIVE] = "representative", [CW_SURVEY_CUSTOMER] = "customer"};

    return word_of(words, COUNT(words), number);
}

/* A line of the appliance itself has no role. */
static const char *role_word(uint64_t number)
{
    return number == CW_ROLE_NONE ? "appliance" : cw_role_name((uint8_t)number);
}

static const char *chat_audience_word(uint64_t number)
{
    return number == CW_CHAT_REPRESENTATIVES ? "representatives" : "everybody";
}

static const char *team_role_word(uint64_t number)
{
    return cw_team_role_name((enum cw_team_role)number);
}

static const char *end_word(uint64_t number)
{
    return number == 0 ? "" : cw_close_name((uint16_t)number);
}

/* ---- the parts of a session ------------------------------------------------------------------- */

static const struct cw_column participant_columns[] = {
    {"session", CW_CELL_NUMBER, NULL}, {"participant", CW_CELL_NUMBER, NULL},
    {"role", CW_CELL_WORD, role_word}, {"relation", CW_CELL_WORD, relation_word},
    {"account", CW_CELL_ID, NULL},     {"name", CW_CELL_TEXT, NULL},
    {"address", CW_CELL_TEXT, NULL},   {"joined", CW_CELL_TIME, NULL},
    {"left", CW_CELL_TIME, NULL},
};
static const struct cw_table participants = {
    .name = "participants",
    .item = "participant",
    .about = "Who took part in a session, each time, and from where.",
    .query = CW_REPORT_PARTICIPANTS,
    COLUMNS(participant_columns),
};

static const struct cw_column queue_columns[] = {
    {"session", CW_CELL_NUMBER, NULL},    {"state", CW_CELL_WORD, state_word},
    {"team", CW_CELL_ID, NULL},           {"team_name", CW_CELL_TEXT, NULL},
    {"account", CW_CELL_ID, NULL},        {"account_name", CW_CELL_TEXT, NULL},
    {"since", CW_CELL_TIME, NULL},        {"until", CW_CELL_TIME, NULL},
    {"duration_s", CW_CELL_NUMBER, NULL},
};
static const struct cw_table queue = {
    .name = "queue",
    .item = "stay",
    .about =
        "Where a session waited, and who had it then (state active; team: the queue it came from).",
    .query = CW_REPORT_QUEUE,
    COLUMNS(queue_columns),
};

static const struct cw_column event_columns[] = {
    {"session", CW_CELL_NUMBER, NULL}, {"audit", CW_CELL_NUMBER, NULL},
    {"time", CW_CELL_TIME, NULL},      {"actor", CW_CELL_TEXT, NULL},
    {"source", CW_CELL_TEXT, NULL},    {"action", CW_CELL_TEXT, NULL},
    {"result", CW_CELL_TEXT, NULL},    {"detail", CW_CELL_TEXT, NULL},
};
static const struct cw_table events = {
    .name = "events",
    .item = "event",
    .about = "What was done in a session: its rows of the audit log.",
    .query = CW_REPORT_EVENTS,
    COLUMNS(event_columns),
};

static const struct cw_column chat_columns[] = {
    {"session", CW_CELL_NUMBER, NULL}, {"line", CW_CELL_NUMBER, NULL},
    {"time", CW_CELL_TIME, NULL},      {"participant", CW_CELL_ID, NULL},
    {"role", CW_CELL_WORD, role_word}, {"name", CW_CELL_TEXT, NULL},
    {"text", CW_CELL_TEXT, NULL},      {"audience", CW_CELL_WORD, chat_audience_word},
};
static const struct cw_table chat = {
    .name = "chat",
    .item = "line",
    .about = "What was said in a session.",
    .query = CW_REPORT_CHAT,
    COLUMNS(chat_columns),
};

static const struct cw_column note_columns[] = {
    {"session", CW_CELL_NUMBER, NULL}, {"note", CW_CELL_NUMBER, NULL}, {"time", CW_CELL_TIME, NULL},
    {"account", CW_CELL_ID, NULL},     {"name", CW_CELL_TEXT, NULL},   {"text", CW_CELL_TEXT, NULL},
};
static const struct cw_table notes = {
    .name = "notes",
    .item = "note",
    .about = "What representatives wrote about a session.",
    .query = CW_REPORT_NOTES,
    COLUMNS(note_columns),
};

static const struct cw_column attribute_columns[] = {
    {"session", CW_CELL_NUMBER, NULL},
    {"code", CW_CELL_TEXT, NULL},
    {"name", CW_CELL_TEXT, NULL},
    {"value", CW_CELL_TEXT, NULL},
};
static const struct cw_table attributes = {
    .name = "attributes",
    .item = "attribute",
    .about = "Custom attributes of a session.",
    .query = CW_REPORT_ATTRIBUTES,
    COLUMNS(attribute_columns),
};

static const struct cw_column survey_columns[] = {
    {"session", CW_CELL_NUMBER, NULL},  {"audience", CW_CELL_WORD, audience_word},
    {"question", CW_CELL_NUMBER, NULL}, {"question_text", CW_CELL_TEXT, NULL},
    {"account", CW_CELL_ID, NULL},      {"name", CW_CELL_TEXT, NULL},
    {"time", CW_CELL_TIME, NULL},       {"value", CW_CELL_TEXT, NULL},
};
const struct cw_table cw_table_surveys = {
    .name = "surveys",
    .item = "answer",
    .about = "What was answered after a session; without an account: by the customer.",
    .query = CW_REPORT_SURVEYS,
    COLUMNS(survey_columns),
};

static const struct cw_column recording_columns[] = {
    {"session", CW_CELL_NUMBER, NULL}, {"recording", CW_CELL_TEXT, NULL},
    {"part", CW_CELL_NUMBER, NULL},    {"file", CW_CELL_TEXT, NULL},
    {"bytes", CW_CELL_NUMBER, NULL},   {"whole", CW_CELL_FLAG, NULL},
    {"sealed", CW_CELL_TIME, NULL},
};
static const struct cw_table recordings = {
    .name = "recordings",
    .item = "recording",
    .about = "Sealed parts of a session's recordings.",
    .query = CW_REPORT_RECORDINGS,
    COLUMNS(recording_columns),
};

/* ---- reports ---------------------------------------------------------------------------------- */

static const struct cw_table *const session_parts[] = {
    &participants,     &queue,      &events, &chat, &notes, &attributes,
    &cw_table_surveys, &recordings, NULL,
};
static const struct cw_column session_columns[] = {
    {"id", CW_CELL_NUMBER, NULL},
    {"kind", CW_CELL_WORD, kind_word},
    {"status", CW_CELL_WORD, state_word},
    {"customer", CW_CELL_TEXT, NULL},
    {"customer_address", CW_CELL_TEXT, NULL},
    {"title", CW_CELL_TEXT, NULL},
    {"external_key", CW_CELL_TEXT, NULL},
    {"team", CW_CELL_ID, NULL},
    {"team_name", CW_CELL_TEXT, NULL},
    {"representative", CW_CELL_ID, NULL},
    {"representative_name", CW_CELL_TEXT, NULL},
    {"representative_address", CW_CELL_TEXT, NULL},
    {"jump_item", CW_CELL_ID, NULL},
    {"jump_item_name", CW_CELL_TEXT, NULL},
    {"jump_group", CW_CELL_TEXT, NULL},
    {"ticket", CW_CELL_TEXT, NULL},
    {"priority", CW_CELL_WORD, priority_word},
    {"created", CW_CELL_TIME, NULL},
    {"started", CW_CELL_TIME, NULL},
    {"ended", CW_CELL_TIME, NULL},
    {"wait_s", CW_CELL_NUMBER, NULL},
    {"duration_s", CW_CELL_NUMBER, NULL},
    {"end", CW_CELL_WORD, end_word},
    {"end_text", CW_CELL_TEXT, NULL},
    {"recording", CW_CELL_WORD, recording_word},
    {"participant_count", CW_CELL_NUMBER, NULL},
    {"chat_lines", CW_CELL_NUMBER, NULL},
    {"note_count", CW_CELL_NUMBER, NULL},
    {"recording_parts", CW_CELL_NUMBER, NULL},
    {"answer_count", CW_CELL_NUMBER, NULL},
};
const struct cw_table cw_table_sessions = {
    .name = "sessions",
    .item = "session",
    .about = "Sessions: who, from where, when, how long, and how they ended.",
    .query = CW_REPORT_SESSIONS,
    COLUMNS(session_columns),
    .parts = session_parts,
};

static const struct cw_column access_columns[] = {
    {"jump_item", CW_CELL_ID, NULL},       {"jump_item_name", CW_CELL_TEXT, NULL},
    {"jump_group", CW_CELL_TEXT, NULL},    {"session", CW_CELL_NUMBER, NULL},
    {"account", CW_CELL_ID, NULL},         {"account_name", CW_CELL_TEXT, NULL},
    {"address", CW_CELL_TEXT, NULL},       {"ticket", CW_CELL_TEXT, NULL},
    {"outside_hours", CW_CELL_FLAG, NULL}, {"started", CW_CELL_TIME, NULL},
    {"ended", CW_CELL_TIME, NULL},         {"duration_s", CW_CELL_NUMBER, NULL},
    {"end", CW_CELL_WORD, end_word},
};
const struct cw_table cw_table_accesses = {
    .name = "jump_items",
    .item = "access",
    .about = "Who used which Jump Item, from where, when and how long.",
    .query = CW_REPORT_ACCESSES,
    COLUMNS(access_columns),
};

static const struct cw_column button_columns[] = {
    {"button", CW_CELL_NUMBER, NULL},
    {"button_name", CW_CELL_TEXT, NULL},
    {"owner_name", CW_CELL_TEXT, NULL},
    {"session", CW_CELL_NUMBER, NULL},
    {"customer", CW_CELL_TEXT, NULL},
    {"customer_address", CW_CELL_TEXT, NULL},
    {"team_name", CW_CELL_TEXT, NULL},
    {"representative", CW_CELL_ID, NULL},
    {"representative_name", CW_CELL_TEXT, NULL},
    {"created", CW_CELL_TIME, NULL},
    {"started", CW_CELL_TIME, NULL},
    {"ended", CW_CELL_TIME, NULL},
    {"wait_s", CW_CELL_NUMBER, NULL},
    {"duration_s", CW_CELL_NUMBER, NULL},
    {"end", CW_CELL_WORD, end_word},
};
const struct cw_table cw_table_buttons = {
    .name = "support_buttons",
    .item = "use",
    .about = "Sessions that began with a Support Button.",
    .query = CW_REPORT_BUTTONS,
    COLUMNS(button_columns),
};

static const struct cw_column team_columns[] = {
    {"team", CW_CELL_NUMBER, NULL},        {"team_name", CW_CELL_TEXT, NULL},
    {"account", CW_CELL_NUMBER, NULL},     {"user", CW_CELL_TEXT, NULL},
    {"name", CW_CELL_TEXT, NULL},          {"role", CW_CELL_WORD, team_role_word},
    {"sessions", CW_CELL_NUMBER, NULL},    {"session_s", CW_CELL_NUMBER, NULL},
    {"passed_on", CW_CELL_NUMBER, NULL},   {"sign_ins", CW_CELL_NUMBER, NULL},
    {"connected_s", CW_CELL_NUMBER, NULL}, {"available_s", CW_CELL_NUMBER, NULL},
    {"busy_s", CW_CELL_NUMBER, NULL},      {"away_s", CW_CELL_NUMBER, NULL},
};
const struct cw_table cw_table_teams = {
    .name = "team_activity",
    .item = "member",
    .about = "What each member did for each team: sessions taken from its queue and passed on, "
             "sign-ins, and how long the console was connected as available, busy or away.",
    .query = CW_REPORT_TEAMS,
    COLUMNS(team_columns),
};

static const struct cw_column summary_columns[] = {
    {"key", CW_CELL_ID, NULL},           {"name", CW_CELL_TEXT, NULL},
    {"sessions", CW_CELL_NUMBER, NULL},  {"ended", CW_CELL_NUMBER, NULL},
    {"wait_s", CW_CELL_NUMBER, NULL},    {"wait_longest_s", CW_CELL_NUMBER, NULL},
    {"session_s", CW_CELL_NUMBER, NULL}, {"session_longest_s", CW_CELL_NUMBER, NULL},
};
const struct cw_table cw_table_summary = {
    .name = "session_summary",
    .item = "total",
    .about = "Sessions counted and timed by day (UTC), representative, team or Jump Group.",
    .query = CW_REPORT_BY_DAY,
    COLUMNS(summary_columns),
};

static const struct cw_column audit_columns[] = {
    {"audit", CW_CELL_NUMBER, NULL}, {"time", CW_CELL_TIME, NULL},   {"actor", CW_CELL_TEXT, NULL},
    {"source", CW_CELL_TEXT, NULL},  {"action", CW_CELL_TEXT, NULL}, {"object", CW_CELL_TEXT, NULL},
    {"result", CW_CELL_TEXT, NULL},  {"detail", CW_CELL_TEXT, NULL},
};
const struct cw_table cw_table_logins = {
    .name = "logins",
    .item = "login",
    .about = "Sign-ins, sign-outs and tokens, given and refused.",
    .query = CW_REPORT_AUDIT,
    COLUMNS(audit_columns),
};
const struct cw_table cw_table_changes = {
    .name = "configuration_changes",
    .item = "change",
    .about = "What was changed in the configuration, by whom.",
    .query = CW_REPORT_AUDIT,
    COLUMNS(audit_columns),
};

const struct cw_table *const cw_tables[] = {
    &cw_table_sessions,
    &participants,
    &queue,
    &events,
    &chat,
    &notes,
    &attributes,
    &cw_table_surveys,
    &recordings,
    &cw_table_accesses,
    &cw_table_teams,
    &cw_table_summary,
    &cw_table_buttons,
    &cw_table_logins,
    &cw_table_changes,
    NULL,
};

const struct cw_table *cw_table_part(const char *name)
{
    for (const struct cw_table *const *t = session_parts; *t != NULL; t++)
        if (strcmp((*t)->name, name) == 0)
            return *t;
    return NULL;
}
