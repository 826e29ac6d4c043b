/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/http_reply.h"

#include <stdio.h>
#include <string.h>

struct page {
    enum cw_http_page number;
    const char *status;
    const char *title;
    const char *text;
    const char *extra; /* header lines */
};

static const struct page pages[] = {
    {CW_HTTP_PAGE_BAD_REQUEST, "400 Bad Request", "This request is not valid",
     "The appliance could not understand what was sent.", ""},
    {CW_HTTP_PAGE_WRONG_ORIGIN, "403 Forbidden", "This address is not allowed",
     "The page that asked for this connection is not one of the addresses this appliance is set up "
     "for. Open the console under its public address, or ask the operator to add this one to "
     "public_origin.",
     ""},
    {CW_HTTP_PAGE_HEAD_TOO_LARGE, "431 Request Header Fields Too Large",
     "This request is too large",
     "The head of the request is larger than 8 KB. Clearing this site's cookies may help.", ""},
    {CW_HTTP_PAGE_UNAVAILABLE, "503 Service Unavailable", "The appliance is starting or busy",
     "Its pages are not available right now. Sessions that are running are not affected. Try again "
     "in a few seconds.",
     "Retry-After: 5\r\n"},
};

static size_t checked(int size, size_t out_size)
{
    return size > 0 && (size_t)size < out_size ? (size_t)size : 0;
}

size_t cw_http_reply_page(enum cw_http_page number, uint8_t *out, size_t out_size)
{
    const struct page *page = &pages[0];
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (pages[i].number == number)
            page = &pages[i];
    char body[1024];
    int body_bytes = snprintf(body, sizeof body,
                              "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                              "<meta name=\"viewport\" content=\"width=device-width\">"
                              "<title>%s</title></head>\n<body><main><h1>%s</h1><p>%s</p></main>"
                              "</body></html>\n",
                              page->title, page->title, page->text);
    return checked(snprintf((char *)out, out_size,
                            "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
                            "Content-Length: %d\r\nConnection: close\r\nCache-Control: no-store\r\n"
                            "Content-Security-Policy: default-src 'none'\r\n"
                            "X-Content-Type-Options: nosniff\r\n%s\r\n%s",
                            page->status, body_bytes, page->extra, body),
                   out_size);
}

size_t cw_http_reply_redirect(const char *origins, const uint8_t *target, size_t target_bytes,
                              uint8_t *out, size_t out_size)
{
    int origin_bytes = (int)strcspn(origins, " \n");
    /* Only a path is taken over: an absolute target would send the browser elsewhere. */
    if (target_bytes == 0 || target[0] != '/' || (target_bytes > 1 && target[1] == '/'))
        return cw_http_reply_page(CW_HTTP_PAGE_BAD_REQUEST, out, out_size);
    return checked(snprintf((char *)out, out_size,
                            "HTTP/1.1 308 Permanent Redirect\r\nLocation: %.*s%.*s\r\n"
                            "Content-Length: 0\r\nConnection: close\r\n\r\n",
                            origin_bytes, origins, (int)target_bytes, (const char *)target),
                   out_size);
}

size_t cw_http_reply_upgrade(const char *accept, uint8_t *out, size_t out_size)
{
    return checked(snprintf((char *)out, out_size,
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                            accept),
                   out_size);
}
