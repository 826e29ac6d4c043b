/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/people.h - who takes part in a session, and what the person at the screen allowed each of them.
 *
 * Owner:     a value inside its session; zero is an empty one.
 * Thread:    any; pure.
 * Errors:    cw_people_note: CW_ERR_FULL (more than CW_PARTICIPANTS_PER_SESSION_MAX; the rest is never allowed).
 * Limits:    CW_PARTICIPANTS_PER_SESSION_MAX.
 * Invariant: without consent nobody may view; nobody may control who may not view; whoever comes again under another
 *            name is asked about again.
 */
#ifndef CW_CLIENTS_AGENT_PEOPLE_H
#define CW_CLIENTS_AGENT_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/message.h"

enum cw_answer { CW_ANSWER_NONE, CW_ANSWER_REFUSED, CW_ANSWER_VIEW, CW_ANSWER_CONTROL };

struct cw_person {
    uint32_t participant;
    uint8_t role;
    bool is_present;
    enum cw_answer answer;
    char name[CW_NAME_BYTES_MAX + 1];
};

struct cw_people {
    bool
        needs_consent; /* a person sits here; false: unattended, everybody the appliance lets in may */
    bool is_stopped; /* "Stop sharing" was pressed: nobody is asked about until "Share again" */
    size_t count;
    struct cw_person list[CW_PARTICIPANTS_PER_SESSION_MAX];
};

int cw_people_note(struct cw_people *p, const struct cw_participant_note *note);
/* The representative to ask about next, or NULL. */
const struct cw_person *cw_people_question(const struct cw_people *p);
/* Answers that question; *ret is what to tell the appliance. False: no such question. */
bool cw_people_answer(struct cw_people *p, uint32_t participant, enum cw_answer answer,
                      struct cw_consent *ret);
/* Takes all consent back. */
void cw_people_stop(struct cw_people *p, struct cw_consent *ret);
void cw_people_share_again(struct cw_people *p);
/* What is told to the appliance again after a new connection: the n-th standing answer; false: no more. */
bool cw_people_standing(const struct cw_people *p, size_t n, struct cw_consent *ret);

/* Whether anybody who is present may see, or control. */
bool cw_people_may_view(const struct cw_people *p);
bool cw_people_may_control(const struct cw_people *p);
/* "Ann and Bob": present representatives with at least this answer (unattended: all); empty: nobody. */
void cw_people_names(const struct cw_people *p, enum cw_answer least, char *out, size_t out_size);

#endif
