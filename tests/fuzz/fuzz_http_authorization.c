/* SPDX-License-Identifier: Apache-2.0 */
/* The Authorization header and forms: any bytes are understood or refused, and what is understood is text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/front/http_authorization.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_http_authorization a;
    json_t *body = NULL;
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (cw_http_authorization_parse(text, &a) == 0) {
        CW_CHECK(a.scheme != CW_HTTP_NONE, "a scheme was found");
        CW_CHECK(strlen(a.secret) <= CW_HTTP_CREDENTIAL_BYTES_MAX, "the secret ends");
    }
    if (cw_http_form_parse(text, size, &body) == 0) {
        CW_CHECK(json_is_object(body) && json_object_size(body) <= CW_HTTP_QUERY_MEMBERS_MAX,
                 "a form is a small object");
        json_decref(body);
    }
    free(text);
    return 0;
}
