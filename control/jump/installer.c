/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/installer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/jump/program.h"
#include "control/policy/policies.h"
#include "engine/base/err.h"

static int token_hash(const char *token, uint8_t *ret_hash)
{
    return cw_secret_hash("causeway installer token v1", token, strlen(token), ret_hash);
}

int cw_installer_find(struct cw_control *c, const char *token, struct cw_installer *ret)
{
    uint8_t hash[CW_SHA256_BYTES];
    int err = token_hash(token, hash);

    if (err == 0)
        err = cw_store_installer_find(c->store, hash, ret);
    if (err != 0)
        return err;
    if (ret->revoked_ms != 0 || cw_control_now_unix_ms(c) >= ret->expires_ms)
        return CW_ERR_EXPIRED;
    return ret->uses_max != 0 && ret->uses >= ret->uses_max ? CW_ERR_USED : 0;
}

int cw_installer_add(struct cw_control *c, struct cw_installer *installer, char *ret_token)
{
    uint8_t hash[CW_SHA256_BYTES];
    int err = cw_secret_token(ret_token);

    if (err == 0)
        err = token_hash(ret_token, hash);
    return err == 0 ? cw_store_installer_add(c->store, hash, installer) : err;
}

/* ---- what it presets --------------------------------------------------------------------------- */

/* As many whole characters as fit. */
static void add(char *out, size_t *used, size_t *characters, const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t bytes = 1;
        while (i + bytes < n && ((unsigned char)text[i + bytes] & 0xC0) == 0x80)
            bytes++;
        if (*characters == CW_NAME_CHARACTERS_MAX || *used + bytes >= CW_NAME_SIZE)
            return;
        memcpy(out + *used, text + i, bytes);
        *used += bytes;
        *characters += 1;
        i += bytes;
    }
}

void cw_installer_name(const struct cw_installer *installer, const char *name, const char *hostname,
                       char *ret_name)
{
    static const struct {
        const char *word;
        bool is_host;
    } words[] = {{"{hostname}", true}, {"{name}", false}};
    const char *at = installer->name_pattern[0] != '\0' ? installer->name_pattern : "{name}";
    size_t used = 0;
    size_t characters = 0;

    if (name[0] == '\0')
        name = hostname;
    if ((installer->overrides >> CW_INSTALLER_OVERRIDE_NAME & 1) == 0)
        name = hostname;
    while (*at != '\0') {
        bool is_word = false;
        for (size_t i = 0; i < 2 && !is_word; i++) {
            const size_t n = strlen(words[i].word);
            is_word = strncmp(at, words[i].word, n) == 0;
            if (is_word) {
                const char *value = words[i].is_host ? hostname : name;
                add(ret_name, &used, &characters, value, strlen(value));
                at += n;
            }
        }
        if (is_word)
            continue;
        const size_t n = 1 + strcspn(at + 1, "{");
        add(ret_name, &used, &characters, at, n);
        at += n;
    }
    ret_name[used] = '\0';
    if (used == 0)
        snprintf(ret_name, CW_NAME_SIZE, "Unnamed computer");
}

/* A text that the computer may say itself: one line, or what was preset. */
static void override(const struct cw_installer *installer, enum cw_installer_override which,
                     const json_t *body, const char *member, char *out, size_t out_size)
{
    const char *text = NULL;

    if ((installer->overrides >> which & 1) != 0 &&
        cw_body_lines(body, member, out_size - 1, &text) == 0 && text != NULL)
        snprintf(out, out_size, "%s", text);
}

int cw_jump_mode_of(const struct cw_control *c, const json_t *body, uint8_t *mode, uint16_t *port)
{
    static const char *const words[] = {"active", "passive", NULL};
    unsigned which = *mode;
    uint64_t number = *port;

    if (cw_body_choice(body, "mode", words, &which) != 0 ||
        cw_body_number(body, "port", CW_JUMP_PORT_MIN, UINT16_MAX, &number) != 0)
        return CW_ERR_INVALID;
    if (which == CW_JUMP_PASSIVE && number == 0)
        number = cw_option(c, CW_OPTION_JUMP_PASSIVE_PORT);
    *mode = (uint8_t)which;
    *port = which == CW_JUMP_PASSIVE ? (uint16_t)number : 0;
    return 0;
}

int cw_installer_apply(struct cw_control *c, const struct cw_installer *installer, uint32_t item,
                       const json_t *body)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const struct cw_policy_of policy = {.kind = CW_ASSIGNED_JUMP_ITEM,
                                        .object = item,
                                        .attended = installer->session_policy,
                                        .unattended = installer->session_policy,
                                        .jump = installer->jump_policy};
    struct cw_jump_detail detail;
    int err = cw_store_detail_get(c->store, item, &detail);

    if (err != 0)
        return err;
    snprintf(detail.tag, sizeof detail.tag, "%s", installer->tag);
    snprintf(detail.comments, sizeof detail.comments, "%s", installer->comments);
    override(installer, CW_INSTALLER_OVERRIDE_TAG, body, "tag", detail.tag, sizeof detail.tag);
    override(installer, CW_INSTALLER_OVERRIDE_COMMENTS, body, "comments", detail.comments,
             sizeof detail.comments);
    detail.mode = installer->mode;
    detail.port = installer->port;
    if ((installer->overrides >> CW_INSTALLER_OVERRIDE_MODE & 1) != 0)
        (void)cw_jump_mode_of(c, body, &detail.mode, &detail.port); /* nonsense: as preset */
    detail.is_quiet = installer->is_quiet;
    detail.expires_ms =
        installer->item_life_s != 0 ? now_ms + installer->item_life_s * UINT64_C(1000) : 0;
    err = cw_store_detail_deploy(c->store, &detail);
    if (err == 0 && (policy.jump != 0 || policy.attended != 0))
        err = cw_store_policy_of_put(c->store, &policy);
    return err == 0 ? cw_store_installer_use(c->store, installer->id, item, now_ms) : err;
}

/* ---- the script ------------------------------------------------------------------------------- */

/* Nothing in it comes from a stranger: numbers in hexadecimal, a token in base64url, and the appliance's own
 * address, which has no quote in it (main's configuration). */
static const char script[] =
    "#!/bin/sh\n"
    "# Installs the Causeway Jump Client of %1$s on this computer.\n"
    "# Usage: sh install.sh [options of \"causeway-client install\"]\n"
    "# PREFIX: where the program goes (/opt/causeway-client).\n"
    "set -eu\n"
    "prefix=\"${PREFIX:-/opt/causeway-client}\"\n"
    "mkdir -p \"$prefix\"\n"
    "file=\"$(mktemp \"$prefix/.causeway-client.XXXXXX\")\"\n"
    "trap 'rm -f \"$file\"' EXIT\n"
    "# The appliance's certificate may be its own: what was fetched is checked by its hash.\n"
    "if command -v curl >/dev/null 2>&1; then\n"
    "    curl -fsSk --proto '=https' -o \"$file\" '%2$s/download/causeway-client'\n"
    "else\n"
    "    wget -q --no-check-certificate -O \"$file\" '%2$s/download/causeway-client'\n"
    "fi\n"
    "if ! echo '%3$s '\" $file\" | sha256sum -c - >/dev/null 2>&1; then\n"
    "    echo 'The program that was fetched is not the one this installer is for.' >&2\n"
    "    exit 1\n"
    "fi\n"
    "chmod 755 \"$file\"\n"
    "mv -f \"$file\" \"$prefix/causeway-client\"\n"
    "trap - EXIT\n"
    "exec \"$prefix/causeway-client\" install --token '%4$s' --identity '%5$s' \"$@\" '%1$s'\n";

char *cw_installer_script(struct cw_control *c, const char *token)
{
    const struct cw_program *program = NULL;
    char hash[CW_SHA256_BYTES * 2 + 1];
    char identity[65];
    char *text = NULL;

    cw_identity_hex(c, identity);
    if (identity[0] == '\0' || cw_program_look(c, &program) != 0)
        return NULL;
    cw_program_hash_text(program->sha256, hash);
    if (asprintf(&text, script, c->host_port, c->first_origin, hash, token, identity) < 0)
        return NULL;
    return text;
}
