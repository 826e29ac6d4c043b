/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/proxy.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Replaces %XX; control characters would end the request's line. */
static int decode_credentials(const char *text, size_t size, char *out, size_t out_size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return CW_ERR_INVALID;
            c = high << 4 | low;
            i += 2;
        }
        if (c < 0x20 || c == 0x7F || n + 1 >= out_size)
            return CW_ERR_INVALID;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return 0;
}

int cw_proxy_parse(const char *text, struct cw_proxy *ret_proxy)
{
    static const char scheme[] = "http://";
    struct cw_proxy p = {0};
    char host[CW_ADDRESS_TEXT_BYTES];
    if (strncasecmp(text, scheme, sizeof(scheme) - 1) == 0)
        text += sizeof(scheme) - 1;
    else if (strstr(text, "://") != NULL)
        return CW_ERR_INVALID; /* TLS to the proxy itself, SOCKS: not spoken here */
    const char *at = strrchr(text, '@');
    if (at != NULL) {
        if (decode_credentials(text, (size_t)(at - text), p.credentials, sizeof(p.credentials)) !=
            0)
            return CW_ERR_INVALID;
        text = at + 1;
    }
    size_t size = strcspn(text, "/");
    if (size == 0 || size >= sizeof(host) || (text[size] == '/' && text[size + 1] != '\0'))
        return CW_ERR_INVALID;
    memcpy(host, text, size);
    host[size] = '\0';
    if (cw_address_parse(host, &p.address) != 0)
        return CW_ERR_INVALID;
    /* A port of its own: the host's last colon is behind the brackets of an IPv6 address. */
    const char *bracket = strrchr(host, ']');
    const char *colon = strrchr(host, ':');
    bool has_port =
        colon != NULL && (bracket != NULL ? colon > bracket : strchr(host, ':') == colon);
    if (!has_port)
        snprintf(p.address.port, sizeof(p.address.port), "8080");
    *ret_proxy = p;
    return 0;
}

bool cw_proxy_is_excepted(const char *list, const char *host)
{
    size_t host_size = strlen(host);
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, ", ");
        size_t size = strcspn(at, ", ");
        const char *name = at;
        at += size;
        if (size == 1 && *name == '*')
            return true;
        if (size > 0 && *name == '.') {
            name++;
            size--;
        }
        if (size == 0 || size > host_size || strncasecmp(host + host_size - size, name, size) != 0)
            continue;
        if (size == host_size || host[host_size - size - 1] == '.')
            return true;
    }
    return false;
}

static const char *either(const char *one, const char *other)
{
    const char *value = getenv(one);
    return value != NULL && *value != '\0' ? value : getenv(other);
}

int cw_proxy_from_environment(const char *host, struct cw_proxy *ret_proxy, bool *ret_is_set)
{
    const char *proxy = either("https_proxy", "HTTPS_PROXY");
    const char *exceptions = either("no_proxy", "NO_PROXY");
    *ret_is_set = proxy != NULL && *proxy != '\0' &&
                  (exceptions == NULL || !cw_proxy_is_excepted(exceptions, host));
    return *ret_is_set ? cw_proxy_parse(proxy, ret_proxy) : 0;
}

size_t cw_proxy_request(const struct cw_proxy *proxy, const struct cw_address *target,
                        char out[CW_PROXY_REQUEST_BYTES])
{
    char where[CW_ADDRESS_TEXT_BYTES];
    char basic[(CW_PROXY_CREDENTIALS_BYTES + 2) / 3 * 4 + 1] = "";
    cw_address_format(target, where);
    if (proxy->credentials[0] != '\0')
        EVP_EncodeBlock((unsigned char *)basic, (const unsigned char *)proxy->credentials,
                        (int)strlen(proxy->credentials));
    int size =
        snprintf(out, CW_PROXY_REQUEST_BYTES, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n",
                 where, where, basic[0] != '\0' ? "Proxy-Authorization: Basic " : "", basic,
                 basic[0] != '\0' ? "\r\n" : "");
    CW_CHECK(size > 0 && size < CW_PROXY_REQUEST_BYTES, "the parts have limits");
    OPENSSL_cleanse(basic, sizeof(basic));
    return (size_t)size;
}

static int refused(const struct cw_proxy *proxy, int status, char *message, size_t message_size)
{
    char where[CW_ADDRESS_TEXT_BYTES];
    cw_address_format(&proxy->address, where);
    if (status == 407) {
        snprintf(message, message_size, "The proxy %s wants %s user name and password.", where,
                 proxy->credentials[0] != '\0' ? "another" : "a");
        return CW_ERR_DENIED;
    }
    snprintf(message, message_size, "The proxy %s refused the connection (HTTP status %d).", where,
             status);
    return CW_ERR_IO;
}

int cw_proxy_answer(const struct cw_proxy *proxy, const char *answer, size_t size, char *message,
                    size_t message_size)
{
    static const char start[] = "HTTP/1.";
    char where[CW_ADDRESS_TEXT_BYTES];
    const char *end = memmem(answer, size, "\r\n\r\n", 4);
    size_t known = size < sizeof(start) - 1 ? size : sizeof(start) - 1;
    if (memcmp(answer, start, known) == 0 && end == NULL && size < CW_PROXY_ANSWER_BYTES)
        return CW_ERR_AGAIN;
    int status = 0;
    /* "HTTP/1.1 200": the digits stand at a fixed place. */
    bool is_http = end != NULL && size >= 12 && memcmp(answer, start, sizeof(start) - 1) == 0 &&
                   answer[8] == ' ';
    for (unsigned i = 9; is_http && i < 12; i++) {
        is_http = answer[i] >= '0' && answer[i] <= '9';
        status = status * 10 + (answer[i] - '0');
    }
    if (is_http && status / 100 != 2)
        return refused(proxy, status, message, message_size);
    /* Behind the head the appliance would speak, and it waits for us. */
    if (is_http && end + 4 == answer + size)
        return 0;
    cw_address_format(&proxy->address, where);
    snprintf(message, message_size, "What answers at %s is not an HTTP proxy.", where);
    return CW_ERR_INVALID;
}
