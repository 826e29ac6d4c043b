/* SPDX-License-Identifier: Apache-2.0 */
/* Control socket lines: any bytes split into commands, match or get a sentence, and can be answered. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/front/ctl_line.h"
#include "control/front/ctl_text.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int never_called(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    (void)c;
    (void)request;
    (void)reply;
    return CW_ERR_INTERNAL;
}

static const struct cw_operation table[] = {
    {.name = "info.show",
     .words = "show info",
     .need = CW_NEED_OPERATOR,
     .handler = never_called,
     .summary = "state"},
    {.name = "session.list",
     .method = "GET",
     .path = "/s",
     .words = "show sessions",
     .need = CW_NEED_SIGNED_IN,
     .handler = never_called,
     .summary = "all"},
    {.name = "session.end",
     .method = "POST",
     .path = "/e",
     .words = "end session {id}",
     .need = CW_NEED_SIGNED_IN,
     .changes = true,
     .handler = never_called,
     .summary = "end"},
    {.name = "admin.create",
     .words = "create admin {user}",
     .need = CW_NEED_OPERATOR,
     .changes = true,
     .handler = never_called,
     .summary = "new"},
    {0},
};

static void check_text(char *text, size_t size)
{
    CW_CHECK(size >= 2 && text[size - 1] == '\n' && text[size - 2] == '\n',
             "an empty line ends it");
    CW_CHECK(memmem(text, size, "\n\n", 2) == text + size - 2, "there is no other empty line");
    for (size_t i = 0; i < size; i++)
        CW_CHECK(text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f),
                 "no control character reaches a terminal");
    free(text);
}

static void try_command(struct cw_ctl_command *c)
{
    char message[240] = "";
    const struct cw_operation *operation = NULL;
    uint32_t id = 0;
    char *text;
    size_t size;
    CW_CHECK(cw_ctl_render(c->body, false, &text, &size) == 0, "arguments can be shown");
    check_text(text, size);
    if (c->word_count == 0)
        return;
    int rc = cw_ctl_match(table, CW_FRONT_SOCKET, c, &operation, &id, message, sizeof message);
    CW_CHECK(rc != 0 || operation != NULL, "a match names an operation");
    CW_CHECK(rc == 0 || message[0] != '\0', "a refusal says why");
    if (rc != 0 && cw_ctl_render_error("INVALID", message, false, &text, &size) == 0)
        check_text(text, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > CW_CTL_LINE_BYTES_MAX)
        size = CW_CTL_LINE_BYTES_MAX;
    char *line = malloc(size + 1);
    CW_CHECK(line != NULL, "the fuzzer has memory");
    if (size > 0)
        memcpy(line, data, size);
    line[size] = '\0';
    char *at = line;
    for (;;) {
        struct cw_ctl_command c;
        char message[240] = "";
        const char *before = at;
        if (cw_ctl_next_command(&at, &c, message, sizeof message) != 0) {
            CW_CHECK(message[0] != '\0', "a refusal says why");
            break;
        }
        try_command(&c);
        cw_ctl_command_free(&c);
        CW_CHECK(at <= line + size, "it stays in the line");
        if (at == before || *at == '\0')
            break;
    }
    free(line);
    return 0;
}
