/* SPDX-License-Identifier: Apache-2.0 */
#include "control/report/xml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/utf8.h"

static void add(struct cw_xml *x, const char *bytes, size_t n)
{
    if (x->has_failed)
        return;
    if (n >= x->room - x->bytes) {
        size_t room = x->room < 4096 ? 4096 : x->room;
        while (room <= x->bytes + n)
            room *= 2;
        char *grown = realloc(x->text, room);
        if (grown == NULL) {
            x->has_failed = true;
            return;
        }
        x->text = grown;
        x->room = room;
    }
    memcpy(x->text + x->bytes, bytes, n);
    x->bytes += n;
}

static void add_text(struct cw_xml *x, const char *text)
{
    add(x, text, strlen(text));
}

/* What stands for a character that would be markup, or that a parser would change. NULL: it stands for itself. */
static const char *reference(uint32_t character, bool is_attribute)
{
    switch (character) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;"; /* ends a "]]>", which text may not hold */
    case '"': return "&quot;";
    case '\'': return "&apos;";
    case '\r': return "&#13;";
    case '\n': return is_attribute ? "&#10;" : NULL;
    case '\t': return is_attribute ? "&#9;" : NULL;
    default: return NULL;
    }
}

static void add_escaped(struct cw_xml *x, const char *text, bool is_attribute)
{
    while (*text != '\0') {
        char bytes[CW_UTF8_BYTES_MAX];
        uint32_t character = 0;
        text += cw_utf8_take(text, &character);
        const char *other = reference(character, is_attribute);
        if (other != NULL)
            add_text(x, other);
        else
            add(x, bytes, cw_utf8_put(cw_utf8_shown(character), bytes));
    }
}

static void end_tag(struct cw_xml *x)
{
    if (x->is_in_tag)
        add(x, ">", 1);
    x->is_in_tag = false;
}

static void new_line(struct cw_xml *x)
{
    add(x, "\n", 1);
    for (unsigned i = 0; i < x->depth; i++)
        add(x, " ", 1);
}

void cw_xml_open(struct cw_xml *x, const char *name)
{
    if (x->bytes == 0)
        add_text(x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    end_tag(x);
    new_line(x);
    add(x, "<", 1);
    add_text(x, name);
    x->is_in_tag = true;
    x->has_content = false;
    x->depth++;
}

void cw_xml_attribute(struct cw_xml *x, const char *name, const char *value)
{
    add(x, " ", 1);
    add_text(x, name);
    add(x, "=\"", 2);
    add_escaped(x, value, true);
    add(x, "\"", 1);
}

void cw_xml_text(struct cw_xml *x, const char *text)
{
    end_tag(x);
    add_escaped(x, text, false);
    x->has_content = true;
}

void cw_xml_close(struct cw_xml *x, const char *name)
{
    x->depth--;
    if (x->is_in_tag) {
        add(x, "/>", 2);
    } else {
        /* Blanks beside text would be part of it. */
        if (!x->has_content)
            new_line(x);
        add(x, "</", 2);
        add_text(x, name);
        add(x, ">", 1);
    }
    x->is_in_tag = false;
    x->has_content = false;
}

void cw_xml_element(struct cw_xml *x, const char *name, const char *text)
{
    cw_xml_open(x, name);
    cw_xml_text(x, text);
    cw_xml_close(x, name);
}

char *cw_xml_take(struct cw_xml *x)
{
    char *text = NULL;

    add(x, "\n", 2); /* and the end */
    if (!x->has_failed) {
        text = x->text;
        x->text = NULL;
    }
    cw_xml_free(x);
    return text;
}

void cw_xml_free(struct cw_xml *x)
{
    free(x->text);
    *x = (struct cw_xml){0};
}
