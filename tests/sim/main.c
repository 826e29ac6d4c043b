/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-sim --seeds N [--first S] [--hash]: N histories from seed S on. The seed that breaks an invariant is
 * the last one printed; run it alone with --first S --seeds 1. A seed gives the same history in every run of
 * the program: each tenth is run twice, and --hash prints what each came to.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "tests/sim/keys.h"
#include "tests/sim/relay.h"

static uint64_t current_seed;

/* After a failed check: which seed it was. */
static void on_abort(int signal_number)
{
    char text[80];
    int n = snprintf(text, sizeof text, "causeway-sim: the seed was %llu\n",
                     (unsigned long long)current_seed);
    if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
        _exit(70);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static int usage(void)
{
    (void)fprintf(stderr, "usage: causeway-sim --seeds N [--first S] [--hash]\n");
    return 64;
}

static int run(unsigned long long first, unsigned long long count, bool wants_hash,
               const char *directory)
{
    struct cw_sim_counts counts = {0};
    unsigned long repeated = 0;
    /* OpenSSL draws random numbers for itself when it is first used: that history is not repeatable. */
    struct cw_sim_counts warm_up = {0};
    current_seed = first;
    (void)cw_sim_relay(first, directory, &warm_up);
    for (unsigned long long i = 0; i < count; i++) {
        current_seed = first + i;
        uint64_t hash = cw_sim_relay(current_seed, directory, &counts);
        if (wants_hash)
            (void)printf("seed %llu history %016llx\n", (unsigned long long)current_seed,
                         (unsigned long long)hash);
        if (current_seed % 10 == 0) {
            if (cw_sim_relay(current_seed, directory, &counts) != hash) {
                (void)fprintf(stderr, "causeway-sim: seed %llu gave two histories\n",
                              (unsigned long long)current_seed);
                return 1;
            }
            repeated++;
        }
    }
    (void)printf(
        "seeds %lu (%lu repeated), connections %lu, joins %lu, updates %lu, keyframes %lu, "
        "shown %lu, keys %lu, chat lines %lu, side lines %lu, ends seen %lu, "
        "permission changes %lu, "
        "control outages %lu, stalls %lu, hostile %lu, pages %lu, cursors %lu, cursors shown %lu, "
        "engine crashes %lu, "
        "disk faults %lu, recorded parts %lu (updates %lu, gaps %lu, seals %lu), "
        "streams %lu (finished ends %lu, failed ends %lu, bytes %lu, cheated %lu, told %lu)\n",
        counts.seeds, repeated, counts.connections, counts.joins, counts.updates, counts.keyframes,
        counts.shown, counts.keys, counts.chat_lines, counts.side_lines, counts.ends_seen,
        counts.permission_changes, counts.control_outages, counts.stalls, counts.hostile,
        counts.pages, counts.cursors, counts.cursors_shown, counts.crashes, counts.disk_faults,
        counts.recorded_parts, counts.recorded_updates, counts.recorded_gaps, counts.seals,
        counts.streams_opened, counts.streams_finished, counts.streams_failed, counts.stream_bytes,
        counts.cheats, counts.cheats_seen);
    bool is_idle =
        counts.joins == 0 || counts.shown == 0 || counts.keys == 0 || counts.chat_lines == 0;
    if (count >= 100)
        is_idle = is_idle || counts.ends_seen == 0 || counts.permission_changes == 0 ||
                  counts.control_outages == 0 || counts.hostile == 0 || counts.pages == 0 ||
                  counts.stalls == 0 || counts.cursors_shown == 0 || counts.disk_faults == 0 ||
                  counts.recorded_updates == 0 || counts.recorded_gaps == 0 || counts.seals == 0 ||
                  counts.crashes == 0 || counts.streams_finished == 0 || counts.cheats_seen == 0 ||
                  counts.side_lines == 0;
    if (is_idle)
        (void)fprintf(stderr, "causeway-sim: something that must happen never did\n");
    (void)printf("%llu passed, %d failed\n", count, is_idle ? 1 : 0);
    return is_idle ? 1 : 0;
}

int main(int argc, char **argv)
{
    unsigned long long seeds = 0;
    unsigned long long first = 1;
    bool wants_hash = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--hash") == 0) {
            wants_hash = true;
            continue;
        }
        unsigned long long *into = strcmp(argv[i], "--seeds") == 0   ? &seeds
                                   : strcmp(argv[i], "--first") == 0 ? &first
                                                                     : NULL;
        char *end = NULL;
        errno = 0;
        if (into == NULL || ++i >= argc || (*into = strtoull(argv[i], &end, 10), errno != 0) ||
            *end != '\0')
            return usage();
    }
    if (seeds == 0)
        return usage();
    char directory[] = "/tmp/causeway-sim-XXXXXX";
    if (mkdtemp(directory) == NULL) {
        (void)fprintf(stderr, "causeway-sim: no folder for keys: %s\n", strerror(errno));
        return 73;
    }
    cw_log_set_level(CW_LOG_ERROR);
    (void)signal(SIGABRT, on_abort);
    cw_sim_keys_write(directory);
    int status = run(first, seeds, wants_hash, directory);
    cw_sim_keys_remove(directory);
    (void)rmdir(directory);
    return status;
}
