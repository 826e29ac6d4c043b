/* SPDX-License-Identifier: Apache-2.0 */
/* control/limits.h - every size, count and time in control that somebody outside can influence.
 *
 * Units are in the names. Wire sizes come from engine/limits.h.
 */
#ifndef CW_CONTROL_LIMITS_H
#define CW_CONTROL_LIMITS_H

#include "engine/limits.h"

enum {
    /* argon2id: OWASP's floor is 19 MiB and 2 passes; 64 MiB and 3 passes take 0.1 to 0.2 s here.
     * */
    CW_HASH_MEMORY_KIB = 64 * 1024,
    CW_HASH_PASSES = 3,
    CW_HASH_LANES = 1,
    CW_HASH_THREADS = 2,    /* 2 x 64 MiB is all the memory that strangers can make control use */
    CW_HASH_QUEUE_MAX = 32, /* 2 threads do about 10 a second: the last one waits 3 s */
    CW_HASH_TEXT_BYTES_MAX = 160, /* a PHC string with these parameters is 97 characters */

    CW_PASSWORD_CHARACTERS_MIN = 12,
    CW_PASSWORD_PIECES_MIN = 5, /* 150 words and rules in four places: 10^10 guesses */
    CW_PASSWORD_BYTES_MAX = 256,
    CW_ONE_TIME_CHARACTERS = 16, /* of base32: 80 bits */
    CW_USER_BYTES_MAX = 64,
    CW_HOLDER_KEY_TEXT_BYTES = 43, /* 32 bytes in base64url without padding */

    /* Sign-in: the token is 256 random bits; the store has only its SHA-256. */
    CW_NETWORKS_BYTES_MAX = 1000, /* 22 of the longest IPv6 networks, 55 of IPv4 */
    CW_NETWORKS_MAX = 64,
    /* API accounts: one a program. 30 tokens let a program of 30 processes each have one. */
    CW_API_ACCOUNTS_MAX = 200,
    CW_API_TOKENS_PER_ACCOUNT_MAX = 30,
    CW_API_TOKEN_LIFE_S = 3600,
    CW_API_SCOPE_BYTES_MAX = 200, /* every scope twice */
    CW_SEAL_BYTES_MAX = 256,
    /* Outbound events: receivers are ticketing and alarm systems, a handful. */
    CW_EVENT_RECEIVERS_MAX = 32,
    CW_EVENT_URL_BYTES_MAX = 1000,
    CW_EVENT_PATTERNS_BYTES_MAX = 1000,
    CW_EVENT_CA_BYTES_MAX = 16 * 1024, /* a few certificates */
    CW_EVENT_BODY_BYTES_MAX = 8 * 1024,
    CW_EVENT_WAITING_MAX =
        100000, /* a receiver: two busy days; then the oldest are left out, and counted */
    CW_EVENT_RETRY_FIRST_MS = 1000,
    CW_EVENT_RETRY_MS_MAX = 600 * 1000,
    CW_TOKEN_BYTES = 32,
    CW_TOKEN_TEXT_BYTES = 43,
    CW_SIGN_IN_TOUCH_S = 60,          /* last use is written at most this often */
    CW_SIGN_INS_PER_ACCOUNT_MAX = 32, /* the oldest goes */

    /* Second factors. A code of 6 digits has 3 steps that fit: 20 wrong ones in a row (only who has the password
     * gets to try) find one with a chance of 6 in 100,000; then an administrator is needed. */
    CW_TOTP_SECRET_BYTES = 20, /* RFC 4226 recommends 160 bits */
    CW_TOTP_DIGITS = 6,
    CW_TOTP_STEP_S = 30,
    CW_TOTP_WINDOW = 1, /* steps that a telephone's clock may be off, each way */
    CW_RECOVERY_CODES = 10,
    CW_RECOVERY_CODE_CHARACTERS = 12, /* of base32: 60 bits, hashed with a key */
    CW_AUTHENTICATORS_MAX = 10,       /* SPEC A3 */
    CW_WEBAUTHN_CHALLENGE_BYTES = 32,
    CW_WEBAUTHN_ID_BYTES_MAX = 1023,          /* WebAuthn's own limit */
    CW_WEBAUTHN_KEY_BYTES_MAX = 800,          /* RS256: modulus and exponent of 6144 bits */
    CW_WEBAUTHN_CLIENT_DATA_BYTES_MAX = 2048, /* challenge, origin and what browsers add */
    CW_WEBAUTHN_OBJECT_BYTES_MAX =
        4096, /* no attestation is asked for; one with a certificate fits */
    CW_WEBAUTHN_SIGNATURE_BYTES_MAX = 1024,
    CW_CBOR_DEPTH_MAX = 8, /* CTAP2 allows 4 */
    CW_CBOR_ITEMS_MAX = 512,
    CW_SIGN_IN_ATTEMPTS_MAX =
        1024,                      /* between the password and the second factor; the oldest goes */
    CW_SIGN_IN_ATTEMPTS_EACH = 32, /* of one account, or of one address without a password */
    CW_SIGN_IN_ATTEMPT_S = 300,
    CW_SIGN_IN_ATTEMPT_TRIES = 5, /* then the password again */
    CW_SIGN_IN_FRESH_S = 600,     /* how old a sign-in may be that changes how one signs in */

    /* Lock-out for a name: options lock_out.*; a count is forgotten a day after the last failure. */
    CW_LOCK_FORGET_S = 24 * 3600,

    /* Budgets for a source: burst, and seconds for one more. Only failures are charged. */
    CW_SIGN_IN_TRIES = 20,
    CW_SIGN_IN_TRY_S = 15,
    CW_KEY_TRIES = 10, /* a person mistypes a few times; 50 bits need 10^15 tries */
    CW_KEY_TRY_S = 30,
    CW_KEY_TRIES_GLOBAL = 1000,
    CW_KEY_TRIES_GLOBAL_PER_S = 10, /* 50 bits at 10 a second: 3.5 million years */
    CW_ENROLMENT_TRIES = 10,
    CW_ENROLMENT_TRY_S = 60,
    CW_AUDIT_REFUSAL_S = 60, /* one row a minute for the same source and reason */
    CW_BUDGET_COUNT = 8192,  /* buckets, 24 bytes each */
    CW_BUDGET_PROBES = 8,

    /* Session keys: 10 characters of Crockford's base32 are 50 bits. */
    CW_SESSION_KEY_CHARACTERS = 10,
    CW_SESSION_KEY_TEXT_BYTES = 13, /* ABCD-EFGH-JK and NUL */
    CW_SESSION_KEY_INPUT_BYTES_MAX = 64,
    CW_SESSION_KEY_LIFE_S = 600, /* of a key that a portal makes */
    CW_SESSION_KEY_LIFE_S_MIN = 60,
    CW_SESSION_KEY_LIFE_S_MAX = 7 * 86400, /* the option that limits it ends there */
    CW_SESSION_KEYS_PER_ACCOUNT_MAX = 100, /* unused and not expired */

    CW_ENROLMENT_TOKEN_LIFE_S = 24 * 3600,
    CW_ENROLMENT_TOKENS_MAX = 10000,
    CW_INSTALLERS_MAX = 1000, /* neither revoked nor expired */
    CW_INSTALLER_LIFE_S = 7 * 24 * 3600,
    CW_INSTALLER_LIFE_S_MAX = 366 * 24 * 3600,
    CW_PROGRAM_BYTES_MAX = 64 * 1024 * 1024, /* causeway-client: 1 to 2 MB */
    CW_DEVICE_TICKET_LIFE_S = 10 * 365 * 24 * 3600,
    CW_JUMP_ITEMS_MAX = 75000, /* SPEC's largest appliance */

    /* Searches: three characters are three bytes or more, which is what the index has a hash of. */
    CW_SEARCH_CHARACTERS_MIN = 3,
    CW_SEARCH_TEXT_BYTES_MAX = 512,  /* a name's 128 characters of 4 bytes */
    CW_SEARCH_RESULTS_MAX = 100,     /* SPEC J2 */
    CW_SEARCH_ITEM_BYTES_MAX = 8192, /* all fields at their limits, folded: 6.6 KB */
    CW_SEARCH_WORDS_MAX = 16,        /* Jump methods, states of an item */
    CW_SEARCH_GROUPS_MAX = 65536,
    CW_SEARCH_TAGS_MAX = 4096,      /* that are counted: 96 KB while it lasts */
    CW_SEARCH_TAGS_SHOWN_MAX = 100, /* more nobody reads */

    CW_TAG_BYTES_MAX = 255,
    CW_IP_TEXT_BYTES_MAX = 95,      /* two addresses, a space between */
    CW_UPGRADE_WHY_BYTES_MAX = 239, /* one sentence of a client */
    CW_UPGRADES_MAX = 200,     /* at once: 64 KB each on their way, 13 MB in the engines' queues */
    CW_UPGRADE_TRIES_MAX = 3,  /* orders without an end before a client has failed */
    CW_UPGRADE_SILENT_S = 120, /* twice a trial */
    CW_CLIENT_VERSION_BYTES_MAX = 31,   /* "1.12.3" */
    CW_STATISTICS_TEXT_BYTES_MAX = 640, /* what is kept of a report: nine numbers */
    CW_THUMBNAIL_BYTES_MAX = CW_FRAME_PAYLOAD_BYTES_MAX, /* one frame; 320 x 200 is 2 to 12 KB */
    CW_DEVICE_SAVES_PER_PART = 50,  /* times of last contact: 0.3 ms; 75,000 are stored in 150 s */
    CW_DEVICE_UNSAVED_MAX = 256,    /* reports that wait for a tick: 6 KB each */
    CW_FAVOURITES_MAX = 500,        /* of an account */
    CW_JUMP_EDIT_ITEMS_MAX = 1000,  /* in one change: 0.1 s of the state thread */
    CW_JUMP_CALLS_MAX = 16,         /* in one group of changes: 32 bytes each */
    CW_JUMP_EXPORT_ROWS_MAX = 1000, /* in one answer: 400 KB, 20 ms */

    CW_NAME_CHARACTERS_MAX = 128,
    CW_SEATS_WAITING_MAX = 256,      /* consoles that were let in and are not connected yet */
    CW_SEAT_HOLD_S = 60,             /* what a console ticket is good for */
    CW_AGREEMENT_BYTES_MAX = 8000,   /* four printed pages */
    CW_ACCESS_KEPT_COUNT = 512,      /* answers of 1.1 KB: more representatives than work at once */
    CW_GROUP_POLICIES_MAX = 500,     /* each account's fold walks those it is in */
    CW_RIGHTS_TEXT_BYTES_MAX = 2048, /* every right's name and a space */
    CW_COMMENTS_BYTES_MAX = 1000,    /* a paragraph that an administrator writes beside a thing */
    CW_PAGE_ROWS_MAX = 100, /* a listing's page: 100 rows of 600 bytes fit one reply of 64 KB */

    CW_TEAMS_MAX = 1000,        /* a support organisation has dozens */
    CW_TEAM_MEMBERS_MAX = 2000, /* more than the seats of SPEC's largest appliance */
    CW_TEAM_CODE_BYTES_MAX = 64,

    /* Team chat. 5,000 messages are months of a busy team: 20 MB of the store at most. */
    CW_TEAM_CHAT_ROOM_MESSAGES_MAX = 5000,
    CW_TEAM_CHAT_TEXT_BYTES_MAX = 4000, /* escaped it stays under CW_EVENT_BYTES_MAX */
    CW_TEAM_CHAT_PAGE = 50,
    CW_TEAM_CHAT_PAIRS_MAX = 100,  /* conversations that are listed, the newest */
    CW_TEAM_CHAT_UNREAD_MAX = 100, /* counted up to here: "99+" */
    CW_TEAM_CHAT_TRIES = 20,       /* messages in a row; then one a second: nobody types faster */
    CW_TEAM_CHAT_TRY_S = 1,
    CW_TEAM_CHAT_PURGE_MESSAGES = 20000, /* in one transaction: 0.1 s */

    CW_HOST_BYTES_MAX = 255,     /* a DNS name */
    CW_PLATFORM_BYTES_MAX = 128, /* "Debian GNU/Linux 12 (bookworm) x86_64" */

    CW_SESSIONS_LIVE_MAX = 10000,
    CW_CHAT_LINES_PER_SESSION_MAX = 20000, /* then lines are left out, and the log says so */
    /* History for a joiner: 64 lines of 12.5 KB stay under CW_RELIABLE_QUEUE_BYTES_MAX. */
    CW_CHAT_HISTORY_LINES = 64,
    CW_RECORDINGS_LIST_MAX = 1000,
    /* What a player gets at a time: two blocks, and in base64 well below what the state thread does in 2 ms. */
    CW_RECORDING_STRETCH_BYTES = 256 * 1024,
    CW_RECORDINGS_WAITING_MAX = 64, /* parts that a store which cannot be written makes wait */
    CW_CHAT_WAITING_MAX = 256,      /* lines kept while the store cannot be written, 12 KB each */
    CW_AUDIT_LIST_MAX = 500,
    CW_AUDIT_DETAIL_BYTES_MAX = 400,
    CW_BACKUP_PATH_BYTES_MAX = 500,
    CW_BACKUPS_LOOKED_AT_MAX =
        1000, /* for when the last one was made: a thousand stats take a millisecond */
    CW_AUDIT_ROW_BYTES_MAX =
        8 * 1024,               /* its texts and their lengths: names of 512 bytes, the detail */
    CW_AUDIT_EPOCH_ROWS = 8192, /* what a thief of the key can forge: at most this, or an hour */
    CW_AUDIT_EPOCH_S = 3600,

    CW_TICK_PARTS = 10, /* of a second */
    /* Resume tickets a part: when control was restarted all are due at once. 20 take 1 ms; 20,000 participants are
     * through in 100 s, and those that are out are good for longer. */
    CW_RENEWALS_PER_PART = 20,
    CW_STORE_KEPT_ACCOUNTS = 128, /* of those at work; others are read for each request */
    CW_STORE_KEPT_SIGN_INS = 256,
    CW_REOFFER_AFTER_S = 5, /* a Jump Client that is online but not in its session is asked again */
    CW_REOFFER_EVERY_S = 30,
    CW_DESCRIBE_EVERY_S = 5,   /* a device that changes its mind faster is not followed */
    CW_STORE_LOG_PAGES = 1000, /* 4 MB: SQLite's own choice */
    CW_STORE_RETRY_S = 2,      /* how often a store that could not be written is tried again */
    CW_STATUS_EVERY_S = 5,     /* STATUS_REQUEST to each worker */
    CW_PURGE_EVERY_S = 3600,
    CW_CONSOLE_CHECK_S = 60,         /* how soon a console learns that its sign-in ran out */
    CW_EVENT_INTERVAL_MS = 250,      /* "changed" events are merged to four a second */
    CW_DASHBOARD_INTERVAL_MS = 1000, /* a dashboard may have all sessions of the appliance */
    CW_LINKS_MAX = 256,

    /* Queues. A rule is a sentence in an administrator's head: these are far above any support desk. */
    CW_SKILLS_MAX = 256,
    CW_SKILL_DEPTH_MAX = 4,
    CW_SESSION_SKILLS_MAX = 16,
    CW_ASKED_MAX = 64, /* then a session waits for somebody to take it, as after a full cycle */
    CW_TEAMS_OF_ACCOUNT_MAX = 32,
    CW_QUEUE_LIST_ROWS_MAX = 500,    /* of an answer: 300 KB, 3 ms of the state thread */
    CW_QUEUE_CHANGES_PER_TICK = 200, /* a transaction each: about 0.2 s of a slow disk */
    CW_OFFER_S = 30,
    CW_OFFER_S_MIN = 5,
    CW_OFFER_S_MAX = 600,
    CW_QUEUE_RULE_S_MAX = 24 * 3600, /* overdue, overflow */
    CW_QUEUE_RULE_COUNT_MAX = CW_SESSIONS_LIVE_MAX,
    CW_ASSIGNED_SESSIONS = 3, /* automatic assignment stops there unless it is set otherwise */
    CW_ASSIGNED_SESSIONS_MAX = 10,
    CW_STATUS_CODES_MAX = 64,
    CW_EXTERNAL_KEY_BYTES_MAX = 128, /* a ticket's number in another system */
    CW_ISSUES_MAX = 1000,
    CW_INVITATIONS_OPEN_MAX = 32, /* of a session */
    CW_INVITATIONS_EVERY_S = 10,  /* how soon an expired one is told */
    CW_INVITATION_TEXT_BYTES_MAX = 500,
    CW_INVITE_PROFILES_MAX = 64,
    /* Questions about tools that a customer has open at once: one person, some representatives. */
    CW_TOOL_QUESTIONS_MAX = 8,
    CW_NOTE_BYTES_MAX = 4000,
    CW_NOTES_PER_SESSION_MAX = 200,
    CW_ATTRIBUTES_MAX = 64,
    CW_ATTRIBUTE_VALUE_BYTES_MAX = 1000,
    CW_CUSTOM_LINKS_MAX = 32, /* a list in a side bar */
    CW_CUSTOM_LINK_BYTES_MAX = 1000,
    CW_CUSTOM_LINK_MADE_BYTES_MAX = 8000, /* what browsers and servers take of a URL */
    CW_CUSTOMER_MESSAGE_BYTES_MAX = 2000,
    CW_TERMS_BYTES_MAX = 1000, /* the client's window shows that much in one question */

    CW_BUTTONS_MAX = 100000, /* one on each computer of SPEC's largest appliance */
    CW_BUTTONS_PER_ACCOUNT_MAX = 1000,
    CW_BUTTON_LIFE_DAYS_MAX = 3650,
    CW_BUTTON_EXPORT_ROWS_MAX = 1000,
    CW_CANNED_MAX = 1000, /* of messages, and of scripts */
    CW_CANNED_CATEGORIES_MAX = 100,
    CW_CANNED_TEAMS_MAX = 100,
    CW_CANNED_TEXT_BYTES_MAX = 16 * 1024, /* a script */
    CW_CANNED_MESSAGE_BYTES_MAX = 4000,   /* fits one line of chat */
    CW_BBCODE_DEPTH_MAX = 8,
    CW_BBCODE_LINK_BYTES_MAX = 500,

    /* Portals: 100 brands are a large service provider. */
    CW_PORTALS_MAX = 100,            /* 8 KB each in memory */
    CW_PORTAL_HOSTS_BYTES_MAX = 511, /* as long as public_origin */
    CW_PORTAL_TEXT_BYTES_MAX = 2000,
    CW_PORTAL_ISSUES_MAX = 100,         /* a list that a customer reads */
    CW_PORTAL_REPRESENTATIVES_MAX = 50, /* the same */
    CW_LOGO_BYTES_MAX = 40 * 1024,      /* in base64 it fits a request of 64 KB */
    CW_LOGO_SIDE_PX_MAX = 2048,
    CW_LOGO_NAME_BYTES = 32, /* 128 bits of its SHA-256 in hex */
    CW_NOTICES_MAX = 200,
    CW_NOTICE_BYTES_MAX = 1000,
    CW_NOTICES_SHOWN_MAX = 10,
    /* What customers tell about themselves when they ask for help. */
    CW_COMPANY_BYTES_MAX = 200,
    CW_ISSUE_TEXT_BYTES_MAX = CW_ATTRIBUTE_VALUE_BYTES_MAX,
    CW_ISSUE_TRIES = 5, /* each makes a key: five in a row from a source, then one a minute */
    CW_ISSUE_TRY_S = 60,
    CW_ISSUE_TRIES_GLOBAL =
        300, /* and 2 a second from all together: 1,500 keys at most at a time */
    CW_ISSUE_TRIES_GLOBAL_PER_S = 2,
    /* A customer's page asks each 3 s, and in a row for the 200 parts of the longest transcript. */
    CW_VISIT_TRIES = 250,
    CW_VISIT_TRY_MS = 1000,
    CW_TRANSCRIPT_LINES = 100, /* of an answer: 1.2 MB at most */
    CW_SURVEY_QUESTIONS_MAX = 50,
    CW_SURVEY_TEXT_BYTES_MAX = 500,
    CW_SURVEY_ANSWER_BYTES_MAX = 4000,
    CW_SURVEY_OPEN_S = 7 * 24 * 3600, /* a customer answers within a week, or not at all */
    CW_DECLINE_TEXT_BYTES_MAX = 300,  /* fits a detail of the audit log */

    /* Reports. A session takes 24 us with all its columns as JSON, 20 as XML, 10 as CSV; one that a filter
     * leaves out 1, one that nobody may see 2: an answer keeps the state thread for 12 ms at most. */
    CW_REPORT_ROWS = 100, /* of an answer, unless it asks for another number */
    CW_REPORT_ROWS_MAX = 500,
    CW_REPORT_DETAILED_MAX = 50,      /* sessions of an answer that has all of their parts */
    CW_REPORT_PART_ROWS_MAX = 200,    /* of each part there; a report on the part itself has all */
    CW_REPORT_WINDOW = 5000,          /* sessions, audit rows that one answer looks at */
    CW_REPORT_BYTES_MAX = 1 << 20,    /* an answer ends behind the session that reached it */
    CW_REPORT_CURSOR_BYTES_MAX = 64,  /* three numbers */
    CW_REPORT_TIME_BYTES_MAX = 40,    /* 2026-11-22T10:00:00.123+01:00 */
    CW_REPORT_TOTALS_DAYS_MAX = 1100, /* three years in one sum */
    CW_REPORT_PURGE_SESSIONS = 20,    /* in one transaction, every other second */
    CW_REPORT_PURGE_EVERY_S = 60,     /* looked for while nothing is too old */
    CW_PRESENCE_SETTLE_S = 60,        /* consoles have come back after a restart */

    CW_ORDERS_MAX = 64,          /* operators' commands that wait for the engine's workers */
    CW_ORDER_TIME_MS_MAX = 5000, /* a worker that is alive answers within a step */
    CW_SETTING_NAME_BYTES_MAX = 63,
    CW_SETTING_VALUE_BYTES_MAX = 31,
    CW_CERTIFICATE_BYTES_MAX =
        48 * 1024, /* fits one message of the link; eight certificates of 4 KB and a key */
    CW_UPGRADE_PATH_BYTES_MAX = 4000,
    CW_UPGRADE_LINE_BYTES_MAX = 4096,

    CW_CODE_BYTES_MAX = 64, /* a short name for programs */
    CW_DESCRIPTION_BYTES_MAX = 500,
    CW_SESSION_POLICIES_MAX = 500, /* 1.4 KB each in memory */
    CW_JUMP_POLICIES_MAX = 500,    /* 9 KB each in memory, with all its hours and dates */
    CW_JUMP_ROLES_MAX = 200,
    CW_JUMP_GROUPS_MAX = 5000,
    CW_JUMP_GROUP_ID_MAX = 32767, /* numbers are not used again; a set of groups is 4 KB */
    CW_JUMP_MEMBERS_MAX = 50000,  /* of all groups: ten each */
    CW_JUMP_COPIES_MAX = 75000,   /* as many as there are Jump Items */
    CW_COPIES_PER_ITEM_MAX = 50,
    CW_PROMPT_S_MAX = 3600,
    CW_TICKET_TEXT_BYTES_MAX = 128, /* the number of a ticket in somebody's ticket system */
    CW_TICKET_PATTERNS_BYTES_MAX = 400,
    CW_APPROVAL_MINUTES_MAX = 524160, /* 52 weeks */
    CW_APPROVAL_MINUTES = 480,
    CW_APPROVALS_PER_ACCOUNT_MAX = 100, /* that wait */
    CW_APPROVALS_PURGED_AT_ONCE = 100,  /* and audited: 5 ms of the state thread */
    CW_APPROVAL_REASON_BYTES_MAX = 500,
    CW_APPROVAL_WAIT_S = 7 * 86400, /* one that nobody decides is forgotten */

    /* Time zones: the largest file of tzdata is 4 KB and has some 240 transitions. */
    CW_ZONE_NAME_BYTES_MAX = 63,
    CW_ZONE_FILE_BYTES_MAX = 64 * 1024,
    CW_ZONE_COUNT_MAX = 4096,
    CW_ZONE_OFFSET_S_MIN = -89999, /* RFC 8536, 3.2: just over a day either way */
    CW_ZONE_OFFSET_S_MAX = 93599,

    CW_SCHEDULE_RANGES_MAX = 64,         /* nine a day */
    CW_SCHEDULE_EXCEPTIONS_MAX = 400,    /* a year of dates */
    CW_SCHEDULE_TEXT_BYTES_MAX = 16000,  /* 400 dates of 24 bytes and what is between */
    CW_SCHEDULE_HORIZON_S = 400 * 86400, /* how far the next available time is looked for */
};

/* Rules of zones are followed this far from 1970: 30,000 years, so that no sum overflows. */
#define CW_ZONE_TIME_S_MAX INT64_C(946728000000)

#endif
