/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/xml.h - writes XML 1.0 in UTF-8: elements, attributes and text, nothing else.
 *
 * Owner:     the text is the struct's until cw_xml_take or cw_xml_free. Names are constants of the program.
 * Thread:    the owner's.
 * Errors:    sticky: cw_xml_take gives NULL when memory ran out.
 * Invariant: whatever the texts hold, the document is well-formed: no character of them is markup, and what XML
 *            cannot hold is shown in its place (utf8.h).
 */
#ifndef CW_CONTROL_REPORT_XML_H
#define CW_CONTROL_REPORT_XML_H

#include <stdbool.h>
#include <stddef.h>

struct cw_xml {
    char *text;
    size_t bytes;
    size_t room;
    unsigned depth;
    bool is_in_tag;   /* attributes may come */
    bool has_content; /* of the element that is open: text */
    bool has_failed;
};

/* An element; the first one is the document's. */
void cw_xml_open(struct cw_xml *x, const char *name);
/* Right behind cw_xml_open. */
void cw_xml_attribute(struct cw_xml *x, const char *name, const char *value);
void cw_xml_text(struct cw_xml *x, const char *text);
void cw_xml_close(struct cw_xml *x, const char *name);
/* An element with nothing but text. */
void cw_xml_element(struct cw_xml *x, const char *name, const char *text);
/* The whole document, for free(); the struct is empty again. */
char *cw_xml_take(struct cw_xml *x);
void cw_xml_free(struct cw_xml *x);

#endif
