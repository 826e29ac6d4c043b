/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/people.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"

static struct cw_person *find(struct cw_people *p, uint32_t participant)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].participant == participant)
            return &p->list[i];
    return NULL;
}

int cw_people_note(struct cw_people *p, const struct cw_participant_note *note)
{
    char name[CW_NAME_BYTES_MAX + 1] = "Somebody";
    if (note->name_bytes > 0 && note->name_bytes < sizeof(name) &&
        cw_text_is_clean(note->name, note->name_bytes)) {
        memcpy(name, note->name, note->name_bytes);
        name[note->name_bytes] = '\0';
    }
    struct cw_person *who = find(p, note->participant);
    if (who == NULL) {
        if (p->count == CW_PARTICIPANTS_PER_SESSION_MAX)
            return CW_ERR_FULL;
        who = &p->list[p->count++];
        *who = (struct cw_person){.participant = note->participant};
    } else if (strcmp(who->name, name) != 0 || who->role != note->role) {
        who->answer = CW_ANSWER_NONE;
    }
    who->role = note->role;
    who->is_present = note->present != 0;
    memcpy(who->name, name, sizeof(name));
    return 0;
}

static bool is_viewer(const struct cw_person *who)
{
    return who->is_present && who->role == CW_ROLE_REPRESENTATIVE;
}

const struct cw_person *cw_people_question(const struct cw_people *p)
{
    if (!p->needs_consent || p->is_stopped)
        return NULL;
    for (size_t i = 0; i < p->count; i++)
        if (is_viewer(&p->list[i]) && p->list[i].answer == CW_ANSWER_NONE)
            return &p->list[i];
    return NULL;
}

static struct cw_consent consent_of(uint32_t participant, enum cw_answer answer)
{
    return (struct cw_consent){
        .participant = participant,
        .view = answer == CW_ANSWER_VIEW || answer == CW_ANSWER_CONTROL,
        .control = answer == CW_ANSWER_CONTROL,
    };
}

bool cw_people_answer(struct cw_people *p, uint32_t participant, enum cw_answer answer,
                      struct cw_consent *ret)
{
    struct cw_person *who = find(p, participant);
    if (!p->needs_consent || who == NULL)
        return false;
    who->answer = answer;
    *ret = consent_of(participant, answer);
    return true;
}

void cw_people_stop(struct cw_people *p, struct cw_consent *ret)
{
    for (size_t i = 0; i < p->count; i++)
        p->list[i].answer = CW_ANSWER_NONE;
    p->is_stopped = true;
    *ret = consent_of(0, CW_ANSWER_REFUSED);
}

void cw_people_share_again(struct cw_people *p)
{
    for (size_t i = 0; i < p->count; i++)
        p->list[i].answer = CW_ANSWER_NONE;
    p->is_stopped = false;
}

bool cw_people_standing(const struct cw_people *p, size_t n, struct cw_consent *ret)
{
    if (!p->needs_consent)
        return false;
    for (size_t i = 0; i < p->count; i++) {
        if (p->list[i].answer == CW_ANSWER_NONE || n-- > 0)
            continue;
        *ret = consent_of(p->list[i].participant, p->list[i].answer);
        return true;
    }
    return false;
}

static bool has_at_least(const struct cw_people *p, const struct cw_person *who,
                         enum cw_answer least)
{
    return is_viewer(who) && (!p->needs_consent || who->answer >= least);
}

static bool any_at_least(const struct cw_people *p, enum cw_answer least)
{
    /* Unattended, the appliance alone decides: the note about a viewer may come after its first frame. */
    if (!p->needs_consent)
        return true;
    for (size_t i = 0; i < p->count; i++)
        if (has_at_least(p, &p->list[i], least))
            return true;
    return false;
}

bool cw_people_may_view(const struct cw_people *p)
{
    return any_at_least(p, CW_ANSWER_VIEW);
}

bool cw_people_may_control(const struct cw_people *p)
{
    return any_at_least(p, CW_ANSWER_CONTROL);
}

void cw_people_names(const struct cw_people *p, enum cw_answer least, char *out, size_t out_size)
{
    enum { NAMED_MAX = 3 };
    size_t total = 0, named = 0, at = 0;
    for (size_t i = 0; i < p->count; i++)
        total += has_at_least(p, &p->list[i], least);
    out[0] = '\0';
    for (size_t i = 0; i < p->count && named < NAMED_MAX && at < out_size; i++) {
        if (!has_at_least(p, &p->list[i], least))
            continue;
        const char *between = named == 0 ? "" : named + 1 == total ? " and " : ", ";
        int n = snprintf(out + at, out_size - at, "%s%s", between, p->list[i].name);
        at += n > 0 ? (size_t)n : 0;
        named++;
    }
    if (total > named && at < out_size)
        snprintf(out + at, out_size - at, " and %zu more", total - named);
}
