/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl/complete.h - what may come next on a command line, from the appliance's own list of commands.
 *
 * Owner:     candidates are the caller's: ctl_complete_free.
 * Thread:    one.
 * Errors:    none: what is not known has no candidates.
 * Limits:    CTL_CANDIDATES_MAX, CTL_CANDIDATE_BYTES_MAX; the list comes from the appliance.
 */
#ifndef CW_CONTROL_CTL_COMPLETE_H
#define CW_CONTROL_CTL_COMPLETE_H

#include <jansson.h>
#include <stddef.h>

enum {
    CTL_CANDIDATES_MAX = 1024, /* several times the number of commands */
    CTL_CANDIDATE_BYTES_MAX = 64,
    CTL_COMPLETE_WORDS_MAX = 64, /* as the control socket takes */
};

struct ctl_candidates {
    char *texts[CTL_CANDIDATES_MAX]; /* sorted, each once; an argument ends with "=" */
    size_t count;
};

/* help: the answer to "help" as JSON. words: what stands before; partial: the beginning of the next word, maybe empty.
 * ret is overwritten. */
void ctl_complete(const json_t *help, const char *const *words, size_t word_count,
                  const char *partial, struct ctl_candidates *ret);
void ctl_complete_free(struct ctl_candidates *c);

#endif
