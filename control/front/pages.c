/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/front/front_limits.h"
#include "engine/base/err.h"

enum { PAGES_HASH_BYTES_MIN = 8 };

static const char client_name[] = "causeway-client";

static const struct {
    const char *ending;
    const char *type;
} pages_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".wasm", "application/wasm"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *pages_type(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof pages_types / sizeof pages_types[0]; i++) {
        size_t m = strlen(pages_types[i].ending);
        if (n > m && strcmp(name + n - m, pages_types[i].ending) == 0)
            return pages_types[i].type;
    }
    return "application/octet-stream";
}

static bool pages_is_name(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return n > 0 && n <= CW_ASSET_NAME_BYTES_MAX && name[n] == '\0' && name[0] != '.';
}

/* "console-3F9AB210.js", "codec.5d41402abc4b.wasm": the part before the ending is a hash, which is to say at
 * least 8 letters and digits with a digit among them. Anything else is asked for again each time. */
static bool pages_has_hash(const char *name)
{
    const char *ending = strrchr(name, '.');
    if (ending == NULL)
        return false;
    const char *start = ending;
    bool has_digit = false;
    while (start > name && start[-1] != '.' && start[-1] != '-') {
        start--;
        has_digit |= *start >= '0' && *start <= '9';
    }
    return start > name && ending - start >= PAGES_HASH_BYTES_MIN && has_digit;
}

/* folder: "assets" or NULL for dir itself. Only dir may be reached through a symbolic link. */
static int pages_open_folder(const char *dir, const char *folder)
{
    int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0 || folder == NULL)
        return dir_fd;
    int fd = openat(dir_fd, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    (void)close(dir_fd);
    return fd;
}

static int pages_open(const char *dir, const char *folder, const char *name, struct cw_page *page)
{
    int dir_fd = pages_open_folder(dir, folder);
    if (dir_fd < 0)
        return CW_ERR_STATE;
    page->fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    int why = errno;
    (void)close(dir_fd);
    if (page->fd < 0)
        return why == ENOENT || why == ELOOP ? CW_ERR_NOT_FOUND : CW_ERR_IO;
    struct stat st;
    if (fstat(page->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(page->fd);
        page->fd = -1;
        return CW_ERR_NOT_FOUND;
    }
    page->size_bytes = (uint64_t)st.st_size;
    page->content_type = pages_type(name);
    return 0;
}

static const struct {
    unsigned bit;
    const char *name;
    const char *ending;
} pages_encodings[] = {{CW_PAGE_BROTLI, "br", ".br"}, {CW_PAGE_GZIP, "gzip", ".gz"}};

/* "br;q=0" refuses; any other weight takes it. */
static bool pages_is_taken(const char *parameters, size_t n)
{
    const char *q = memchr(parameters, '=', n);
    if (q == NULL)
        return true;
    for (q++; q < parameters + n; q++)
        if (*q >= '1' && *q <= '9')
            return true;
    return false;
}

unsigned cw_pages_accepted(const char *accept_encoding)
{
    unsigned accepted = CW_PAGE_PLAIN;
    for (const char *at = accept_encoding != NULL ? accept_encoding : ""; *at != '\0';) {
        at += strspn(at, " \t,");
        size_t n = strcspn(at, ",");
        size_t word = strcspn(at, ",; \t");
        for (size_t i = 0; i < sizeof pages_encodings / sizeof pages_encodings[0]; i++) {
            const char *name = pages_encodings[i].name;
            if (word == strlen(name) && strncasecmp(at, name, word) == 0 &&
                pages_is_taken(at + word, n - word))
                accepted |= pages_encodings[i].bit;
        }
        at += n;
    }
    return accepted;
}

/* The smallest form of it that is there and is taken. */
static int pages_open_best(const char *dir, const char *folder, const char *name, unsigned accepted,
                           struct cw_page *page)
{
    for (size_t i = 0; i < sizeof pages_encodings / sizeof pages_encodings[0]; i++) {
        char packed[CW_ASSET_NAME_BYTES_MAX + 8];
        if ((accepted & pages_encodings[i].bit) == 0)
            continue;
        (void)snprintf(packed, sizeof packed, "%s%s", name, pages_encodings[i].ending);
        if (pages_open(dir, folder, packed, page) == 0) {
            page->content_type = pages_type(name);
            page->encoding = pages_encodings[i].name;
            return 0;
        }
    }
    return pages_open(dir, folder, name, page);
}

static const char *pages_after(const char *path, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(path, prefix, n) == 0 ? path + n : NULL;
}

static bool pages_is_console(const char *path)
{
    const char *rest = pages_after(path, "/console");
    return rest != NULL && (*rest == '\0' || *rest == '/');
}

/* "/" and "/p/CODE": the same page, which asks for the portal of its address. */
static bool pages_is_portal(const char *path)
{
    const char *code = pages_after(path, "/p/");
    return strcmp(path, "/") == 0 || (code != NULL && pages_is_name(code));
}

bool cw_pages_is_page(const char *path)
{
    return pages_is_portal(path) || pages_is_console(path) ||
           pages_after(path, "/assets/") != NULL || pages_after(path, "/download/") != NULL ||
           pages_after(path, "/logos/") != NULL;
}

int cw_pages_find(const char *pages_dir, const char *download_dir, const char *path,
                  unsigned accepted, struct cw_page *ret_page)
{
    memset(ret_page, 0, sizeof *ret_page);
    ret_page->fd = -1;
    if (pages_is_portal(path) || pages_is_console(path)) {
        const char *name = pages_is_portal(path) ? "portal.html" : "console.html";
        int rc = pages_open_best(pages_dir, NULL, name, accepted, ret_page);
        return rc == CW_ERR_NOT_FOUND ? CW_ERR_STATE : rc;
    }
    const char *name = pages_after(path, "/assets/");
    if (name != NULL) {
        if (!pages_is_name(name))
            return CW_ERR_NOT_FOUND;
        ret_page->is_immutable = pages_has_hash(name);
        int rc = pages_open_best(pages_dir, "assets", name, accepted, ret_page);
        return rc == CW_ERR_STATE ? CW_ERR_NOT_FOUND : rc;
    }
    name = pages_after(path, "/download/");
    if (name == NULL || strcmp(name, client_name) != 0)
        return CW_ERR_NOT_FOUND;
    ret_page->is_download = true;
    memcpy(ret_page->name, client_name, sizeof client_name);
    int rc = pages_open(download_dir, NULL, client_name, ret_page);
    return rc == CW_ERR_STATE ? CW_ERR_NOT_FOUND : rc;
}
