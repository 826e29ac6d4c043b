/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/address.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"

static int parse_port(const char *text, size_t size, char *ret_port)
{
    unsigned value = 0;
    if (size == 0 || size > 5)
        return CW_ERR_INVALID;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return CW_ERR_INVALID;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value == 0 || value > 65535)
        return CW_ERR_INVALID;
    memcpy(ret_port, text, size);
    ret_port[size] = '\0';
    return 0;
}

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '%';
}

int cw_address_parse(const char *text, struct cw_address *ret_address)
{
    struct cw_address a = {.host = "", .port = "443"};
    if (strncmp(text, "https://", 8) == 0)
        text += 8;
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '/')
        size--;

    size_t host_bytes = size;
    const char *port = NULL;
    if (size > 0 && text[0] == '[') {
        const char *end = memchr(text, ']', size);
        if (end == NULL)
            return CW_ERR_INVALID;
        host_bytes = (size_t)(end - text) - 1;
        text++;
        size--;
        if (host_bytes + 1 < size) {
            if (text[host_bytes + 1] != ':')
                return CW_ERR_INVALID;
            port = text + host_bytes + 2;
        }
    } else {
        const char *first = memchr(text, ':', size);
        const char *last = memrchr(text, ':', size);
        if (first != NULL && first == last) { /* two colons and no brackets: IPv6 without a port */
            host_bytes = (size_t)(first - text);
            port = first + 1;
        }
    }
    if (port != NULL && parse_port(port, size - (size_t)(port - text), a.port) != 0)
        return CW_ERR_INVALID;
    if (host_bytes == 0 || host_bytes >= sizeof(a.host))
        return CW_ERR_INVALID;
    for (size_t i = 0; i < host_bytes; i++)
        if (!is_host_byte(text[i]))
            return CW_ERR_INVALID;
    memcpy(a.host, text, host_bytes);
    a.host[host_bytes] = '\0';
    *ret_address = a;
    return 0;
}

void cw_address_format(const struct cw_address *address, char *out)
{
    bool is_v6 = strchr(address->host, ':') != NULL;
    snprintf(out, CW_ADDRESS_TEXT_BYTES, "%s%s%s:%s", is_v6 ? "[" : "", address->host,
             is_v6 ? "]" : "", address->port);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int cw_identity_parse(const char *text, uint8_t *ret_key)
{
    uint8_t key[CW_KEY_BYTES] = {0};
    size_t digits = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == ':')
            continue;
        int v = hex_digit(*text);
        if (v < 0 || digits == sizeof(key) * 2)
            return CW_ERR_INVALID;
        key[digits / 2] = (uint8_t)(key[digits / 2] << 4 | v);
        digits++;
    }
    if (digits != sizeof(key) * 2)
        return CW_ERR_INVALID;
    memcpy(ret_key, key, sizeof(key));
    return 0;
}

void cw_identity_format(const uint8_t *key, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < CW_KEY_BYTES; i++) {
        out[2 * i] = digits[key[i] >> 4];
        out[2 * i + 1] = digits[key[i] & 15];
    }
    out[CW_KEY_BYTES * 2] = '\0';
}

void cw_fingerprint_format(const uint8_t *key, char *out)
{
    char hex[CW_IDENTITY_TEXT_BYTES];
    cw_identity_format(key, hex);
    size_t at = 0;
    for (size_t group = 0; group < CW_KEY_BYTES / 2; group++) {
        if (group > 0)
            out[at++] = group % 8 == 0 ? '\n' : ' ';
        memcpy(out + at, hex + group * 4, 4);
        at += 4;
    }
    out[at] = '\0';
}
