/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/proxy_preface.h"

#include <string.h>

#include "control/front/front_limits.h"
#include "engine/base/err.h"

enum {
    PREFACE_VERSION_2 = 0x20,
    PREFACE_COMMAND_PROXY = 0x01,
    PREFACE_TCP4 = 0x11,
    PREFACE_TCP6 = 0x21,
    PREFACE_TCP4_BYTES = 12, /* two addresses, two ports */
    PREFACE_TCP6_BYTES = 36,
};

static const uint8_t preface_signature[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                              0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

static void preface_client(const uint8_t *address, size_t address_bytes, const uint8_t *port,
                           struct sockaddr_in6 *ret_client)
{
    memset(ret_client, 0, sizeof *ret_client);
    ret_client->sin6_family = AF_INET6;
    uint8_t *to = ret_client->sin6_addr.s6_addr;
    if (address_bytes == 4) {
        to[10] = 0xff;
        to[11] = 0xff;
        memcpy(to + 12, address, 4);
    } else {
        memcpy(to, address, 16);
    }
    memcpy(&ret_client->sin6_port, port, 2);
}

int cw_preface_parse(const uint8_t *data, size_t size, size_t *ret_need,
                     struct sockaddr_in6 *ret_client)
{
    *ret_need = CW_PREFACE_HEADER_BYTES;
    size_t known = size < sizeof preface_signature ? size : sizeof preface_signature;
    if (known > 0 && memcmp(data, preface_signature, known) != 0)
        return CW_ERR_INVALID;
    if (size < CW_PREFACE_HEADER_BYTES)
        return CW_ERR_AGAIN;
    if (data[12] != (PREFACE_VERSION_2 | PREFACE_COMMAND_PROXY))
        return CW_ERR_UNSUPPORTED;
    size_t fixed;
    if (data[13] == PREFACE_TCP6)
        fixed = PREFACE_TCP6_BYTES;
    else if (data[13] == PREFACE_TCP4)
        fixed = PREFACE_TCP4_BYTES;
    else
        return CW_ERR_UNSUPPORTED;
    size_t body = (size_t)data[14] << 8 | data[15];
    if (body < fixed)
        return CW_ERR_INVALID;
    if (body > CW_PREFACE_BODY_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    *ret_need = CW_PREFACE_HEADER_BYTES + body;
    if (size < *ret_need)
        return CW_ERR_AGAIN;
    if (size > *ret_need)
        return CW_ERR_INVALID;
    const uint8_t *at = data + CW_PREFACE_HEADER_BYTES;
    size_t address_bytes = fixed == PREFACE_TCP6_BYTES ? 16 : 4;
    preface_client(at, address_bytes, at + 2 * address_bytes, ret_client);
    return 0;
}
