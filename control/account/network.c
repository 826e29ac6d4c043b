/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "control/limits.h"
#include "engine/base/err.h"

enum { PART_BYTES_MAX = 64 };

struct network {
    uint8_t bytes[16];
    unsigned size;   /* 4 or 16 */
    unsigned length; /* bits that count */
};

static bool address_parse(const char *text, struct network *ret)
{
    struct in6_addr six;

    memset(ret->bytes, 0, sizeof ret->bytes);
    if (inet_pton(AF_INET, text, ret->bytes) == 1) {
        ret->size = 4;
    } else if (inet_pton(AF_INET6, text, &six) == 1) {
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(&six);
        ret->size = is_mapped ? 4 : 16;
        memcpy(ret->bytes, six.s6_addr + (is_mapped ? 12 : 0), ret->size);
    } else {
        return false;
    }
    ret->length = ret->size * 8;
    return true;
}

/* Up to three digits without a leading zero. */
static bool length_parse(const char *text, unsigned most, unsigned *ret_length)
{
    size_t n = strlen(text);
    unsigned length = 0;

    if (n == 0 || n > 3 || strspn(text, "0123456789") != n || (n > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < n; i++)
        length = length * 10 + (unsigned)(text[i] - '0');
    *ret_length = length;
    return length <= most;
}

static bool bit_at(const uint8_t *bytes, unsigned bit)
{
    return ((bytes[bit / 8] >> (7 - bit % 8)) & 1) != 0;
}

/* part is changed. NULL: it is good; else what is wrong. */
static const char *network_parse(char *part, struct network *ret)
{
    char *slash = strchr(part, '/');
    bool is_mapped = strncasecmp(part, "::ffff:", 7) == 0;

    if (slash != NULL)
        *slash = '\0';
    if (!address_parse(part, ret))
        return "is not an address";
    if (slash == NULL)
        return NULL;
    *slash = '/';
    if (is_mapped)
        return "is written as IPv6: write the IPv4 network itself";
    if (!length_parse(slash + 1, ret->size * 8, &ret->length))
        return ret->size == 4 ? "needs a length from /0 to /32" : "needs a length from /0 to /128";
    for (unsigned bit = ret->length; bit < ret->size * 8; bit++)
        if (bit_at(ret->bytes, bit))
            return "has bits behind its length: write the network's first address";
    return NULL;
}

/* The next part of the list; false at its end. A part that is too long is cut and thereby wrong. */
static bool part_next(const char **list, char *part)
{
    const char *at = *list + strspn(*list, " ");
    size_t n = strcspn(at, " ");

    if (n == 0)
        return false;
    (void)snprintf(part, PART_BYTES_MAX, "%.*s", (int)n, at);
    *list = at + n;
    return true;
}

int cw_networks_check(const char *list, char *message, size_t message_size)
{
    char part[PART_BYTES_MAX];
    struct network network;
    unsigned count = 0;

    if (strlen(list) > CW_NETWORKS_BYTES_MAX) {
        (void)snprintf(message, message_size, "The list of networks is longer than %d bytes.",
                       CW_NETWORKS_BYTES_MAX);
        return CW_ERR_FULL;
    }
    while (part_next(&list, part)) {
        const char *wrong = network_parse(part, &network);
        if (wrong != NULL) {
            (void)snprintf(message, message_size, "The network \"%s\" %s.", part, wrong);
            return CW_ERR_INVALID;
        }
        if (++count > CW_NETWORKS_MAX) {
            (void)snprintf(message, message_size, "The list has more than %d networks.",
                           CW_NETWORKS_MAX);
            return CW_ERR_FULL;
        }
    }
    return 0;
}

bool cw_networks_have(const char *list, const char *source)
{
    char part[PART_BYTES_MAX];
    struct network from, network;
    bool is_empty = true;

    if (!address_parse(source, &from))
        return list[strspn(list, " ")] == '\0';
    while (part_next(&list, part)) {
        bool differs = false;
        is_empty = false;
        if (network_parse(part, &network) != NULL || network.size != from.size)
            continue;
        for (unsigned bit = 0; bit < network.length && !differs; bit++)
            differs = bit_at(network.bytes, bit) != bit_at(from.bytes, bit);
        if (!differs)
            return true;
    }
    return is_empty;
}
