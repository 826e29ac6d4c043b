/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/setting.h - what an operator can change while the engine runs: one table for engine, control and tests.
 *
 * Owner:     values.
 * Thread:    any; pure.
 * Units:     in the names; level and workers have none.
 * Errors:    cw_setting_find: CW_SETTING_COUNT for an unknown name; cw_setting_check and cw_setting_parse:
 *            CW_ERR_INVALID with a sentence for the operator.
 * Invariant: least <= default <= most.
 *
 * A value is a number; log_level is the number of its word. control stores what was changed and sends it at
 * each start of a link, so a changed value outlives both processes.
 */
#ifndef CW_ENGINE_WIRE_SETTING_H
#define CW_ENGINE_WIRE_SETTING_H

#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

/* When a change takes effect: at once, or with the next engine (causewayctl engine upgrade). */
enum cw_setting_when { CW_SETTING_NOW, CW_SETTING_UPGRADE };

/* X(name, unit, least, most, default, when, meaning). The numbers are a worker's own unless the meaning says otherwise.
 *
 * connections:       0 is all that the worker made room for at its start.
 * handshakes:        a handshake takes two round trips: 1,024 at once are 3,400 a second at 300 ms.
 * handshakes_per_s:  a core here does 3,300; twice that, so that it binds on far faster machines only.
 * unauthenticated*:  strangers hold at most half of the smallest connection table, one address an eighth of that.
 * busy_step:         a step that takes this long delays every keystroke by as much; one of 256 frames takes 1 ms. */
#define CW_SETTINGS(X)                                                                             \
    X(log_level, "level", 0, 3, 2, CW_SETTING_NOW,                                                 \
      "what engine and control write to their log: error, warning, info or debug")                 \
    X(workers, "workers", 0, 256, 0, CW_SETTING_UPGRADE,                                           \
      "how many workers the next engine has; 0: as causeway.conf says, or one a core")             \
    X(connections, "connections", 0, 131072, 0, CW_SETTING_NOW,                                    \
      "connections a worker takes; 0: all it has room for")                                        \
    X(handshakes, "handshakes", 1, 65536, 1024, CW_SETTING_NOW,                                    \
      "TLS handshakes under way at once")                                                          \
    X(handshakes_per_s, "1/s", 1, 1000000, 6600, CW_SETTING_NOW, "new connections taken a second") \
    X(hellos_per_s, "1/s", 1, 1000000, 6600, CW_SETTING_NOW,                                       \
      "tickets and requests checked a second")                                                     \
    X(unauthenticated, "connections", 1, 131072, 4096, CW_SETTING_NOW,                             \
      "connections that have not said who they are, together")                                     \
    X(unauthenticated_per_source, "connections", 1, 65536, 512, CW_SETTING_NOW,                    \
      "the same from one address, or one /64 of IPv6")                                             \
    X(busy_step_us, "us", 0, 1000000, 20000, CW_SETTING_NOW,                                       \
      "a worker whose steps take longer on average takes no new connections; 0: always does")      \
    X(viewer_queue_bytes, "bytes", 65536, 268435456, CW_VIEWER_QUEUE_BYTES_MAX, CW_SETTING_NOW,    \
      "unsent screen data a viewer may have before it falls out of sync")                          \
    X(reliable_queue_bytes, "bytes", 65536, 67108864, CW_RELIABLE_QUEUE_BYTES_MAX, CW_SETTING_NOW, \
      "unsent data of all other channels before a connection is closed as too slow")               \
    X(sync_interval_ms, "ms", 50, 10000, CW_SYNC_REQUEST_INTERVAL_MS, CW_SETTING_NOW,              \
      "least time between two requests for a keyframe")                                            \
    X(stall_ms, "ms", 1000, 300000, CW_TIME_STALL_S_MAX * 1000, CW_SETTING_NOW,                    \
      "a peer that takes no byte for this long while bytes wait is closed")                        \
    X(busy_poll_us, "us", 0, 1000000, 0, CW_SETTING_NOW,                                           \
      "how long a worker looks for work before it sleeps; 0: it sleeps at once")                   \
    X(penalty_handshake_per_min, "1/min", 1, 1000000, 200, CW_SETTING_NOW,                         \
      "failed TLS handshakes a source may have, in all workers together")                          \
    X(penalty_ticket_per_min, "1/min", 1, 1000000, 60, CW_SETTING_NOW,                             \
      "refused tickets a source may have, in all workers together")                                \
    X(penalty_request_per_min, "1/min", 1, 1000000, 20, CW_SETTING_NOW,                            \
      "session keys and enrolment tokens a source may try, in all workers together")               \
    X(penalty_refusal_per_min, "1/min", 1, 1000000, 60, CW_SETTING_NOW,                            \
      "refusals of a source that are written down, in all workers together")

enum cw_setting {
#define X(name, unit, least, most, initial, when, meaning) CW_SETTING_##name,
    CW_SETTINGS(X)
#undef X
        CW_SETTING_COUNT
};

struct cw_setting_info {
    const char *name;
    const char *unit;
    uint64_t least;
    uint64_t most;
    uint64_t initial; /* the default */
    enum cw_setting_when when;
    const char *meaning;
};

/* One worker's values; by name, because that is how the relay reads them. */
struct cw_setting_values {
#define X(name, unit, least, most, initial, when, meaning) uint64_t name;
    CW_SETTINGS(X)
#undef X
};

void cw_setting_defaults(struct cw_setting_values *ret_values);
/* NULL for an unknown one. */
const struct cw_setting_info *cw_setting_info(enum cw_setting setting);
enum cw_setting cw_setting_find(const char *name, size_t name_bytes);
uint64_t cw_setting_get(const struct cw_setting_values *values, enum cw_setting setting);
/* Checks the range first. */
int cw_setting_set(struct cw_setting_values *values, enum cw_setting setting, uint64_t value,
                   char *message, size_t message_size);
/* "20000" or, for log_level, "debug". */
int cw_setting_parse(enum cw_setting setting, const char *text, uint64_t *ret_value, char *message,
                     size_t message_size);
/* The value as an operator writes it. */
void cw_setting_text(enum cw_setting setting, uint64_t value, char *out, size_t out_size);

#endif
