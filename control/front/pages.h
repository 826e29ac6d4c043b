/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/pages.h - which file of pages_dir or download_dir a path of the web means.
 *
 * Owner:     the caller closes page.fd.
 * Thread:    any; opens files, nothing else.
 * Errors:    CW_ERR_NOT_FOUND (no such page), CW_ERR_STATE (pages_dir is not built: say so), CW_ERR_IO.
 * Limits:    CW_ASSET_NAME_BYTES_MAX.
 * Invariant: only regular files right inside the two directories are opened, never through a symbolic
 *            link, never by a name with a slash or a leading dot.
 */
#ifndef CW_CONTROL_FRONT_PAGES_H
#define CW_CONTROL_FRONT_PAGES_H

#include <stdbool.h>
#include <stdint.h>

struct cw_page {
    int fd;
    uint64_t size_bytes;
    const char *content_type;
    bool is_immutable;    /* the name holds a hash of the content */
    const char *encoding; /* "br", "gzip", or NULL: as it is */
    bool is_download;     /* offer to save it */
    char name[64];        /* is_download: under which name */
};

enum cw_page_encoding { CW_PAGE_PLAIN = 0, CW_PAGE_GZIP = 1, CW_PAGE_BROTLI = 2 };

/* What an Accept-Encoding header takes, as bits of enum cw_page_encoding; NULL: nothing but plain. */
unsigned cw_pages_accepted(const char *accept_encoding);

/* accepted: a page that also lies there as NAME.br or NAME.gz is found as that, with encoding set.
 * "/", "/p/CODE", "/console", "/console/…", "/assets/NAME", "/download/NAME". */
int cw_pages_find(const char *pages_dir, const char *download_dir, const char *path,
                  unsigned accepted, struct cw_page *ret_page);
/* True for a path that is no operation: one of these, whether or not the file is there, or "/logos/NAME". */
bool cw_pages_is_page(const char *path);

#endif
