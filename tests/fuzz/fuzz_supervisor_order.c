/* SPDX-License-Identifier: Apache-2.0 */
/* Any line as an order to the supervisor: what is taken has a whole path and a possible number of workers. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/supervisor/caller.h"
#include "engine/supervisor/listen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cw_upgrade_order order;
    char message[200] = "";
    int err = cw_upgrade_order_parse((const char *)data, size, &order, message, sizeof message);
    CW_CHECK(err == CW_OK || message[0] != '\0', "a refusal is said");
    if (err != CW_OK)
        return 0;
    CW_CHECK(order.workers <= CW_LISTEN_WORKERS_MAX, "the limit");
    CW_CHECK(order.program[0] == '\0' || order.program[0] == '/', "an absolute path");
    CW_CHECK(strlen(order.program) < sizeof order.program, "a whole path");
    return 0;
}
