/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/report.h"

#include <stdio.h>
#include <string.h>

#include "bench/load/histogram.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

void cw_report_add(struct cw_report *r, const char *name, double value, const char *unit)
{
    CW_CHECK(r->count < CW_REPORT_FIGURES_MAX, "a scenario has few figures");
    r->figures[r->count].name = name;
    r->figures[r->count].unit = unit;
    r->figures[r->count++].value = value;
}

void cw_report_latency(struct cw_report *r, const char *const names[4],
                       const struct cw_histogram *h)
{
    if (h->count == 0)
        return;
    cw_report_add(r, names[0], (double)cw_histogram_at(h, 0.5) / 1e3, "us");
    cw_report_add(r, names[1], (double)cw_histogram_at(h, 0.99) / 1e3, "us");
    cw_report_add(r, names[2], (double)cw_histogram_at(h, 0.999) / 1e3, "us");
    cw_report_add(r, names[3], (double)h->most_ns / 1e3, "us");
}

void cw_report_print(const struct cw_report *r)
{
    (void)printf("%s, target %s\n", r->scenario, r->target);
    for (unsigned i = 0; i < r->count; i++)
        (void)printf("  %-34s %14.6g %s\n", r->figures[i].name, r->figures[i].value,
                     r->figures[i].unit);
}

int cw_report_write(const struct cw_report *r, const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (f == NULL)
        return CW_ERR_IO;
    (void)fprintf(f, "{\"scenario\": \"%s\", \"target\": \"%s\", \"figures\": {", r->scenario,
                  r->target);
    for (unsigned i = 0; i < r->count; i++)
        (void)fprintf(f, "%s\n \"%s\": {\"value\": %.9g, \"unit\": \"%s\"}", i != 0 ? "," : "",
                      r->figures[i].name, r->figures[i].value, r->figures[i].unit);
    (void)fputs("}}\n", f);
    int failed = ferror(f);
    if (f != stdout)
        failed |= fclose(f);
    else
        failed |= fflush(f);
    return failed ? CW_ERR_IO : CW_OK;
}
