/* SPDX-License-Identifier: Apache-2.0 */
#include "control/report/schema.h"

#include <stdio.h>

#include "control/report/tables.h"
#include "control/report/xml.h"

static void begin(struct cw_xml *x, const char *name, const char *attribute, const char *value)
{
    cw_xml_open(x, name);
    if (attribute != NULL)
        cw_xml_attribute(x, attribute, value);
}

static void add_element(struct cw_xml *x, const char *name, const char *type, const char *least,
                        const char *most)
{
    begin(x, "xs:element", "name", name);
    cw_xml_attribute(x, "type", type);
    if (least != NULL)
        cw_xml_attribute(x, "minOccurs", least);
    if (most != NULL)
        cw_xml_attribute(x, "maxOccurs", most);
    cw_xml_close(x, "xs:element");
}

static void type_name(const struct cw_table *table, bool is_list, char *out, size_t size)
{
    (void)snprintf(out, size, "%s%s", table->name, is_list ? "" : "-row");
}

static const char *cell_type(enum cw_cell cell)
{
    switch (cell) {
    case CW_CELL_NUMBER:
    case CW_CELL_ID: return "xs:unsignedLong";
    case CW_CELL_TIME: return "xs:dateTime";
    case CW_CELL_FLAG: return "xs:boolean";
    case CW_CELL_TEXT:
    case CW_CELL_WORD: break;
    }
    return "xs:string";
}

static void add_row_type(struct cw_xml *x, const struct cw_table *table)
{
    char type[64];

    type_name(table, false, type, sizeof type);
    begin(x, "xs:complexType", "name", type);
    begin(x, "xs:annotation", NULL, NULL);
    cw_xml_element(x, "xs:documentation", table->about);
    cw_xml_close(x, "xs:annotation");
    begin(x, "xs:sequence", NULL, NULL);
    for (unsigned i = 0; i < table->column_count; i++) {
        const struct cw_column *column = &table->columns[i];
        const bool may_lack = column->cell == CW_CELL_ID || column->cell == CW_CELL_TIME;
        add_element(x, column->name, cell_type(column->cell), may_lack ? "0" : NULL, NULL);
    }
    for (unsigned i = 0; table->parts != NULL && table->parts[i] != NULL; i++) {
        type_name(table->parts[i], true, type, sizeof type);
        add_element(x, table->parts[i]->name, type, "0", NULL);
    }
    cw_xml_close(x, "xs:sequence");
    cw_xml_close(x, "xs:complexType");
}

static void add_list_type(struct cw_xml *x, const struct cw_table *table)
{
    char type[64];

    type_name(table, true, type, sizeof type);
    begin(x, "xs:complexType", "name", type);
    begin(x, "xs:sequence", NULL, NULL);
    type_name(table, false, type, sizeof type);
    add_element(x, table->item, type, "0", "unbounded");
    cw_xml_close(x, "xs:sequence");
    cw_xml_close(x, "xs:complexType");
}

static void add_attribute(struct cw_xml *x, const char *name, const char *type)
{
    begin(x, "xs:attribute", "name", name);
    cw_xml_attribute(x, "type", type);
    cw_xml_attribute(x, "use", "required");
    cw_xml_close(x, "xs:attribute");
}

char *cw_report_schema(void)
{
    struct cw_xml x = {0};
    char type[64];

    begin(&x, "xs:schema", "xmlns:xs", "http://www.w3.org/2001/XMLSchema");
    cw_xml_attribute(&x, "xmlns", CW_REPORT_NAMESPACE);
    cw_xml_attribute(&x, "targetNamespace", CW_REPORT_NAMESPACE);
    cw_xml_attribute(&x, "elementFormDefault", "qualified");
    begin(&x, "xs:element", "name", "report");
    begin(&x, "xs:complexType", NULL, NULL);
    begin(&x, "xs:sequence", NULL, NULL);
    begin(&x, "xs:choice", NULL, NULL);
    for (const struct cw_table *const *t = cw_tables; *t != NULL; t++) {
        type_name(*t, true, type, sizeof type);
        add_element(&x, (*t)->name, type, NULL, NULL);
    }
    cw_xml_close(&x, "xs:choice");
    add_element(&x, "next", "xs:string", "0", NULL);
    cw_xml_close(&x, "xs:sequence");
    add_attribute(&x, "name", "xs:string");
    add_attribute(&x, "made", "xs:dateTime");
    cw_xml_close(&x, "xs:complexType");
    cw_xml_close(&x, "xs:element");
    for (const struct cw_table *const *t = cw_tables; *t != NULL; t++) {
        add_list_type(&x, *t);
        add_row_type(&x, *t);
    }
    cw_xml_close(&x, "xs:schema");
    return cw_xml_take(&x);
}
