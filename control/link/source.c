/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/source.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

void cw_source_text(const uint8_t *address, char *out, size_t out_size)
{
    struct in6_addr v6;
    const char *made = NULL;

    memcpy(v6.s6_addr, address, sizeof v6.s6_addr);
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        made = inet_ntop(AF_INET, v6.s6_addr + 12, out, (socklen_t)out_size);
    else
        made = inet_ntop(AF_INET6, &v6, out, (socklen_t)out_size);
    if (made == NULL)
        snprintf(out, out_size, "-");
}
