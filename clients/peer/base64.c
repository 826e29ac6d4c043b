/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/base64.h"

#include "engine/base/err.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void cw_base64_encode(const uint8_t *data, size_t size, char *out)
{
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < size; i++) {
        held = (held << 8 | data[i]) & 0xffff;
        for (bits += 8; bits >= 6; bits -= 6)
            *out++ = alphabet[held >> (bits - 6) & 63];
    }
    if (bits > 0)
        *out++ = alphabet[held << (6 - bits) & 63];
    *out = '\0';
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '-' || c == '+')
        return 62;
    return c == '_' || c == '/' ? 63 : -1;
}

int cw_base64_decode(const char *text, uint8_t *out, size_t out_size, size_t *ret_size)
{
    unsigned held = 0, bits = 0;
    size_t at = 0, digits = 0;
    for (; *text != '\0' && *text != '='; text++, digits++) {
        int v = value_of(*text);
        if (v < 0)
            return CW_ERR_INVALID;
        held = (held << 6 | (unsigned)v) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            if (at == out_size)
                return CW_ERR_FULL;
            bits -= 8;
            out[at++] = (uint8_t)(held >> bits);
        }
    }
    while (*text == '=')
        text++;
    if (*text != '\0' || digits % 4 == 1)
        return CW_ERR_INVALID;
    *ret_size = at;
    return 0;
}
