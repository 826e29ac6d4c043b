/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/http_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/report/utf8.h"
#include "engine/base/check.h"

/* The page draws with a WebAssembly decoder and shows pictures it made itself; nothing else is let in,
 * and no text becomes markup or script (Trusted Types: the one policy gives the address of a script of
 * ours). connect-src is last: it is continued. */
static const char reply_csp[] =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types causeway-worker; "
    "connect-src 'self'";

static bool reply_is_local_origin(const char *origin)
{
    static const char *const local[] = {"https://localhost", "https://127.", "https://[::1]"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if (strncmp(origin, local[i], strlen(local[i])) == 0)
            return true;
    return false;
}

void cw_http_headers_init(struct cw_http_headers *h, const char *public_origins)
{
    static const char https[] = "https://";
    memset(h, 0, sizeof *h);
    h->has_hsts = true;
    (void)snprintf(h->csp, sizeof h->csp, "%s", reply_csp);
    size_t used = strlen(h->csp);
    /* 'self' covers wss: of the same host in Chromium and Firefox; older WebKit wants it spelled out. */
    for (const char *at = public_origins; *at != '\0';) {
        at += strspn(at, " \t");
        size_t n = strcspn(at, " \t");
        if (n > sizeof https - 1 && memcmp(at, https, sizeof https - 1) == 0) {
            h->has_hsts = h->has_hsts && !reply_is_local_origin(at);
            int m = snprintf(h->csp + used, sizeof h->csp - used, " wss://%.*s",
                             (int)(n - (sizeof https - 1)), at + sizeof https - 1);
            CW_CHECK(m > 0 && (size_t)m < sizeof h->csp - used,
                     "public_origin has 511 bytes at most");
            used += (size_t)m;
        }
        at += n;
    }
}

static void reply_add(struct MHD_Response *r, const char *name, const char *value)
{
    (void)MHD_add_response_header(r, name, value);
}

static void reply_add_always(struct MHD_Response *r, const struct cw_http_headers *h)
{
    reply_add(r, "Content-Security-Policy", h->csp);
    reply_add(r, "X-Content-Type-Options", "nosniff");
    reply_add(r, "Referrer-Policy", "no-referrer");
    reply_add(r, "Cross-Origin-Opener-Policy", "same-origin");
    reply_add(r, "Cross-Origin-Resource-Policy", "same-origin");
    reply_add(
        r, "Permissions-Policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), "
        "clipboard-read=(self), clipboard-write=(self), fullscreen=(self)");
    if (h->has_hsts)
        reply_add(r, "Strict-Transport-Security", "max-age=31536000");
}

static void reply_add_extra(struct MHD_Response *r, const struct cw_http_extra *extra)
{
    char line[320];
    if (extra == NULL)
        return;
    if (extra->allow != NULL)
        reply_add(r, "Allow", extra->allow);
    if (extra->retry_after_s > 0) {
        (void)snprintf(line, sizeof line, "%u", (unsigned)extra->retry_after_s);
        reply_add(r, "Retry-After", line);
    }
    if (extra->www_authenticate != NULL)
        reply_add(r, "WWW-Authenticate", extra->www_authenticate);
    if (extra->file_name != NULL && extra->file_name[0] != '\0') {
        (void)snprintf(line, sizeof line, "attachment; filename=\"%s\"", extra->file_name);
        reply_add(r, "Content-Disposition", line);
    }
    if (extra->next != NULL && extra->next[0] != '\0')
        reply_add(r, "Causeway-Next", extra->next);
    if (extra->set_cookie != NULL && extra->set_cookie[0] != '\0') {
        bool clear = strcmp(extra->set_cookie, "-") == 0;
        char life[32] = "";
        if (clear || extra->cookie_life_s > 0)
            (void)snprintf(life, sizeof life, "; Max-Age=%u", clear ? 0 : extra->cookie_life_s);
        (void)snprintf(line, sizeof line,
                       "__Host-causeway=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s",
                       clear ? "" : extra->set_cookie, life);
        reply_add(r, "Set-Cookie", line);
    }
}

/* Takes text over. */
static enum MHD_Result reply_send_buffer(struct MHD_Connection *to, const struct cw_http_headers *h,
                                         unsigned status, char *text, const char *type,
                                         const struct cw_http_extra *extra)
{
    if (text == NULL)
        return MHD_NO;
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (r == NULL) {
        free(text);
        return MHD_NO;
    }
    reply_add_always(r, h);
    reply_add(r, "Content-Type", type);
    reply_add(r, "Cache-Control", "no-store");
    reply_add_extra(r, extra);
    enum MHD_Result rc = MHD_queue_response(to, status, r);
    MHD_destroy_response(r);
    return rc;
}

enum MHD_Result cw_http_send_json(struct MHD_Connection *to, const struct cw_http_headers *h,
                                  unsigned status, const json_t *json,
                                  const struct cw_http_extra *extra)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : strdup("{}");
    return reply_send_buffer(to, h, status, text, "application/json", extra);
}

enum MHD_Result cw_http_send_error(struct MHD_Connection *to, const struct cw_http_headers *h,
                                   unsigned status, const char *code, const char *message,
                                   const struct cw_http_extra *extra)
{
    char text[400]; /* a name in it may have been cut */
    (void)snprintf(text, sizeof text, "%s", message);
    cw_utf8_mend(text);
    json_t *json = json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", text);
    if (json == NULL)
        return MHD_NO;
    enum MHD_Result rc = cw_http_send_json(to, h, status, json, extra);
    json_decref(json);
    return rc;
}

enum MHD_Result cw_http_send_oauth_error(struct MHD_Connection *to, const struct cw_http_headers *h,
                                         unsigned status, const char *code, const char *message,
                                         const struct cw_http_extra *extra)
{
    json_t *json = json_pack("{s:s, s:s}", "error", code, "error_description", message);
    if (json == NULL)
        return MHD_NO;
    enum MHD_Result rc = cw_http_send_json(to, h, status, json, extra);
    json_decref(json);
    return rc;
}

enum MHD_Result cw_http_send_text(struct MHD_Connection *to, const struct cw_http_headers *h,
                                  unsigned status, const char *text,
                                  const struct cw_http_extra *extra)
{
    const char *type = extra != NULL ? extra->text_type : NULL;
    return reply_send_buffer(to, h, status, strdup(text),
                             type != NULL ? type : "text/plain; charset=utf-8", extra);
}

enum MHD_Result cw_http_send_picture(struct MHD_Connection *to, const struct cw_http_headers *h,
                                     const void *bytes, size_t n, const char *type)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(n, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        return MHD_NO;
    reply_add_always(r, h);
    reply_add(r, "Content-Type", type);
    reply_add(r, "Cache-Control", "public, max-age=31536000, immutable");
    enum MHD_Result rc = MHD_queue_response(to, 200, r);
    MHD_destroy_response(r);
    return rc;
}

enum MHD_Result cw_http_send_page(struct MHD_Connection *to, const struct cw_http_headers *h,
                                  const struct cw_page *page)
{
    struct MHD_Response *r = MHD_create_response_from_fd64(page->size_bytes, page->fd);
    if (r == NULL) {
        (void)close(page->fd);
        return MHD_NO;
    }
    reply_add_always(r, h);
    reply_add(r, "Content-Type", page->content_type);
    /* Pages may change with an upgrade; what has a hash in its name never does. */
    reply_add(r, "Cache-Control",
              page->is_immutable ? "public, max-age=31536000, immutable" : "no-store");
    reply_add(r, "Vary", "Accept-Encoding");
    if (page->encoding != NULL)
        reply_add(r, "Content-Encoding", page->encoding);
    if (page->is_download) {
        char line[128];
        (void)snprintf(line, sizeof line, "attachment; filename=\"%s\"", page->name);
        reply_add(r, "Content-Disposition", line);
    }
    enum MHD_Result rc = MHD_queue_response(to, 200, r);
    MHD_destroy_response(r);
    return rc;
}
