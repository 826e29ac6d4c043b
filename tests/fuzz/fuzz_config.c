/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration text: any bytes parse or are refused with a message, and a refusal changes nothing. */
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_config before;
    struct cw_config config;
    struct cw_listen_address address;
    char message[256] = "";

    memset(&before, 0x5A, sizeof before);
    config = before;
    int r = cw_config_parse((const char *)data, size, "fuzz", &config, message, sizeof message);
    if (r != 0) {
        CW_CHECK(memcmp(&before, &config, sizeof config) == 0, "a refusal leaves the result alone");
        CW_CHECK(strncmp(message, "fuzz:", 5) == 0, "a refusal says where");
    } else {
        CW_CHECK(cw_listen_address_parse(config.listen_https, &address) == 0, "it was checked");
        CW_CHECK(config.run_dir[0] == '/' && config.state_dir[0] == '/', "they were checked");
    }
    return 0;
}
