/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to customers: whatever an administrator wrote and a customer is called, what comes out is clean text that
 * fits, and is the text itself when it has no macro. */
#include <stdint.h>
#include <string.h>

#include "control/queue/customer_message.h"
#include "engine/base/check.h"
#include "engine/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[2 * CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
    char name[CW_NAME_SIZE];
    char out[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
    const struct cw_macro macros[] = {{"CUSTOMER", name}, {"POSITION", "7"}, {NULL, NULL}};
    const uint8_t *end = memchr(data, 0, size);
    const size_t n = end != NULL ? (size_t)(end - data) : size;
    const size_t rest = end != NULL ? size - n - 1 : 0;

    if (n >= sizeof text || rest >= sizeof name || !cw_text_is_clean((const char *)data, n) ||
        (rest > 0 && !cw_text_is_clean((const char *)end + 1, rest)))
        return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    if (rest > 0)
        memcpy(name, end + 1, rest);
    name[rest] = '\0';
    cw_macros_replace(text, macros, out, sizeof out);
    CW_CHECK(strlen(out) < sizeof out, "it fits");
    CW_CHECK(out[0] == '\0' || cw_text_is_clean(out, strlen(out)), "it is clean text");
    CW_CHECK(n >= sizeof out || strchr(text, '%') != NULL || strcmp(text, out) == 0,
             "without a macro nothing changes");
    return 0;
}
