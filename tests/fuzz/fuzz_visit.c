/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of a customer's page: whatever a stranger sends is none, unless it is what the appliance would give out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/portal/visit.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cw_control control; /* a key of zeros; nothing else of it is read */
    enum cw_visit_kind kind = CW_VISIT_KEY;
    char good[CW_VISIT_TOKEN_SIZE];
    uint32_t number = 0;
    char *token = malloc(size + 1);

    CW_CHECK(token != NULL, "memory");
    memcpy(token, data, size);
    token[size] = '\0';
    if (cw_visit_read(&control, token, &kind, &number) == 0) {
        CW_CHECK(number > 0 && cw_visit_is_token(token), "it has the form of a token");
        CW_CHECK(cw_visit_token(&control, kind, number, good) == 0 && strcmp(good, token) == 0,
                 "and is the one that there is of its number");
    }
    free(token);
    return 0;
}
