/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/chat.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"

static void drop(struct cw_chat *c, size_t i)
{
    free(c->waiting[i].text);
    c->count--;
    memmove(&c->waiting[i], &c->waiting[i + 1], (c->count - i) * sizeof(c->waiting[0]));
}

void cw_chat_clear(struct cw_chat *c)
{
    while (c->count > 0)
        drop(c, c->count - 1);
}

static struct cw_chat_say say_of(const struct cw_chat_waiting *w)
{
    return (struct cw_chat_say){
        .client_message = w->client_message,
        .text = w->text,
        .text_bytes = w->bytes,
    };
}

int cw_chat_say(struct cw_chat *c, const char *text, struct cw_chat_say *ret_say)
{
    size_t bytes = strlen(text);
    if (bytes == 0 || !cw_text_is_clean(text, bytes))
        return CW_ERR_INVALID;
    if (bytes > CW_CHAT_TEXT_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    if (c->count == CW_CHAT_WAITING_MAX)
        return CW_ERR_FULL;
    struct cw_chat_waiting *w = &c->waiting[c->count];
    w->text = strdup(text);
    if (w->text == NULL)
        return CW_ERR_NOMEM;
    w->bytes = bytes;
    w->client_message = ++c->last_message;
    c->count++;
    *ret_say = say_of(w);
    return 0;
}

bool cw_chat_unsaid(const struct cw_chat *c, size_t n, struct cw_chat_say *ret_say)
{
    if (n >= c->count)
        return false;
    *ret_say = say_of(&c->waiting[n]);
    return true;
}

bool cw_chat_line(struct cw_chat *c, const struct cw_chat_line *line, uint32_t own)
{
    if (line->participant == own) {
        for (size_t i = 0; i < c->count; i++) {
            if (c->waiting[i].client_message == line->client_message) {
                drop(c, i);
                break;
            }
        }
    }
    if (line->sequence <= c->last_sequence)
        return false;
    c->last_sequence = line->sequence;
    return cw_text_is_clean(line->text, line->text_bytes);
}
