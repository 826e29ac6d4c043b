/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a path means, and that no path reaches any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/front/pages.h"
#include "engine/base/err.h"

static char dir[] = "/tmp/cw-pages-XXXXXX";
static char pages[64];
static char downloads[64];

static void put(const char *name, const char *text)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void make_dir(const char *name)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(pages, sizeof pages, "%s/pages", dir);
    (void)snprintf(downloads, sizeof downloads, "%s/download", dir);
    make_dir("pages");
    make_dir("pages/assets");
    make_dir("pages/assets/folder.js");
    make_dir("download");
    put("secret", "secret");
    put("pages/portal.html", "portal");
    put("pages/console.html", "console");
    put("pages/assets/console-3F9AB210.js", "js");
    put("pages/assets/codec.5d41402abc4b.wasm", "wasm");
    put("pages/assets/plain.css", "css");
    put("pages/assets/plain.css.gz", "packed gz");
    put("pages/assets/console-3F9AB210.js.br", "packed br");
    put("pages/assets/console-3F9AB210.js.gz", "packed gz");
    put("pages/console.html.br", "packed page");
    put("pages/assets/.hidden", "hidden");
    put("pages/assets/unknown.bin", "bin");
    put("download/causeway-client", "client");
    put("download/other", "other");
    char path[160];
    (void)snprintf(path, sizeof path, "%s/pages/assets/link.js", dir);
    assert_int_equal(symlink("../../secret", path), 0);
    (void)snprintf(path, sizeof path, "%s/pages/assets/pipe.js", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const files[] = {"secret",
                                        "pages/portal.html",
                                        "pages/console.html",
                                        "pages/assets/console-3F9AB210.js",
                                        "pages/assets/codec.5d41402abc4b.wasm",
                                        "pages/assets/plain.css",
                                        "pages/assets/plain.css.gz",
                                        "pages/assets/console-3F9AB210.js.br",
                                        "pages/assets/console-3F9AB210.js.gz",
                                        "pages/console.html.br",
                                        "pages/assets/.hidden",
                                        "pages/assets/unknown.bin",
                                        "pages/assets/link.js",
                                        "pages/assets/pipe.js",
                                        "download/causeway-client",
                                        "download/other",
                                        "pages/assets/folder.js",
                                        "pages/assets",
                                        "pages",
                                        "download"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[160];
        (void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        (void)remove(path);
    }
    return rmdir(dir);
}

static void expect(const char *path, const char *text, const char *type, bool immutable)
{
    struct cw_page page;
    char have[16] = "";
    int rc = cw_pages_find(pages, downloads, path, CW_PAGE_PLAIN, &page);
    if (rc != 0)
        fail_msg("%s: %d", path, rc);
    assert_true(read(page.fd, have, sizeof have - 1) >= 0);
    (void)close(page.fd);
    assert_string_equal(have, text);
    assert_int_equal(page.size_bytes, strlen(text));
    assert_string_equal(page.content_type, type);
    assert_int_equal(page.is_immutable, immutable);
    assert_true(cw_pages_is_page(path));
}

static void the_pages_are_found(void **state)
{
    (void)state;
    expect("/", "portal", "text/html; charset=utf-8", false);
    expect("/console", "console", "text/html; charset=utf-8", false);
    expect("/console/", "console", "text/html; charset=utf-8", false);
    expect("/console/session/7", "console", "text/html; charset=utf-8", false);
    expect("/console/../../secret", "console", "text/html; charset=utf-8", false);
    expect("/assets/console-3F9AB210.js", "js", "text/javascript; charset=utf-8", true);
    expect("/assets/codec.5d41402abc4b.wasm", "wasm", "application/wasm", true);
    expect("/assets/plain.css", "css", "text/css; charset=utf-8", false);
    expect("/assets/unknown.bin", "bin", "application/octet-stream", false);
    expect("/download/causeway-client", "client", "application/octet-stream", false);
}

static void nothing_else_is_found(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/x",
        "/consoles",
        "/assets",
        "/assets/",
        "/assets/none.js",
        "/assets/../portal.html",
        "/assets/..",
        "/assets/.",
        "/assets/.hidden",
        "/assets/../../secret",
        "/assets/%2e%2e/x",
        "/assets//plain.css",
        "/assets/plain.css/",
        "/assets/link.js",
        "/assets/pipe.js",
        "/assets/folder.js",
        "/download/",
        "/download/other",
        "/download/../secret",
        "/download/causeway-client/",
        "/portal.html",
        "/assets/a b",
        "/assets/\xc3\xa4",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct cw_page page;
        int rc = cw_pages_find(pages, downloads, paths[i], CW_PAGE_BROTLI | CW_PAGE_GZIP, &page);
        if (rc != CW_ERR_NOT_FOUND)
            fail_msg("%s: %d", paths[i], rc);
        assert_int_equal(page.fd, -1);
    }
    char name[300] = "/assets/";
    memset(name + 8, 'a', 200);
    struct cw_page page;
    assert_int_equal(cw_pages_find(pages, downloads, name, CW_PAGE_BROTLI, &page),
                     CW_ERR_NOT_FOUND);
}

static void pages_that_are_not_built_are_a_state(void **state)
{
    (void)state;
    struct cw_page page;
    assert_int_equal(cw_pages_find("/nonexistent", "/nonexistent", "/", CW_PAGE_BROTLI, &page),
                     CW_ERR_STATE);
    assert_int_equal(cw_pages_find(downloads, "/nonexistent", "/console", CW_PAGE_PLAIN, &page),
                     CW_ERR_STATE);
    assert_int_equal(
        cw_pages_find(pages, "/nonexistent", "/download/causeway-client", CW_PAGE_PLAIN, &page),
        CW_ERR_NOT_FOUND);
}

static void expect_packed(const char *path, unsigned accepted, const char *text,
                          const char *encoding, const char *type, bool immutable)
{
    struct cw_page page;
    char have[16] = "";
    assert_int_equal(cw_pages_find(pages, downloads, path, accepted, &page), 0);
    assert_true(read(page.fd, have, sizeof have - 1) >= 0);
    (void)close(page.fd);
    assert_string_equal(have, text);
    assert_int_equal(page.size_bytes, strlen(text));
    if (encoding == NULL)
        assert_null(page.encoding);
    else
        assert_string_equal(page.encoding, encoding);
    assert_string_equal(page.content_type, type);
    assert_int_equal(page.is_immutable, immutable);
}

static void a_packed_page_goes_to_who_takes_it(void **state)
{
    (void)state;
    static const char js[] = "text/javascript; charset=utf-8";
    const unsigned both = CW_PAGE_BROTLI | CW_PAGE_GZIP;
    expect_packed("/assets/console-3F9AB210.js", both, "packed br", "br", js, true);
    expect_packed("/assets/console-3F9AB210.js", CW_PAGE_GZIP, "packed gz", "gzip", js, true);
    expect_packed("/assets/console-3F9AB210.js", CW_PAGE_PLAIN, "js", NULL, js, true);
    expect_packed("/assets/plain.css", both, "packed gz", "gzip", "text/css; charset=utf-8", false);
    expect_packed("/console", both, "packed page", "br", "text/html; charset=utf-8", false);
    expect_packed("/", both, "portal", NULL, "text/html; charset=utf-8", false);
    expect_packed("/download/causeway-client", both, "client", NULL, "application/octet-stream",
                  false);
}

static void accept_encoding_is_read_as_it_is_meant(void **state)
{
    (void)state;
    const unsigned both = CW_PAGE_BROTLI | CW_PAGE_GZIP;
    assert_int_equal(cw_pages_accepted(NULL), CW_PAGE_PLAIN);
    assert_int_equal(cw_pages_accepted(""), CW_PAGE_PLAIN);
    assert_int_equal(cw_pages_accepted("gzip, deflate, br, zstd"), both);
    assert_int_equal(cw_pages_accepted("GZip;q=0.5 ,\tBR ; q=1"), both);
    assert_int_equal(cw_pages_accepted("br;q=0, gzip;q=0.0"), CW_PAGE_PLAIN);
    assert_int_equal(cw_pages_accepted("br;q=0.000,gzip;q=0.001"), CW_PAGE_GZIP);
    assert_int_equal(cw_pages_accepted("brx, xgzip, g, *, identity"), CW_PAGE_PLAIN);
    assert_int_equal(cw_pages_accepted(",,;q=1,;=, br"), CW_PAGE_BROTLI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pages_are_found),
        cmocka_unit_test(nothing_else_is_found),
        cmocka_unit_test(pages_that_are_not_built_are_a_state),
        cmocka_unit_test(a_packed_page_goes_to_who_takes_it),
        cmocka_unit_test(accept_encoding_is_read_as_it_is_meant),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
