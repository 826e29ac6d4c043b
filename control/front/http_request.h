/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/http_request.h - one HTTP request from its head to its answer.
 *
 * Owner:     libmicrohttpd's connection, through con_cls; freed by cw_http_request_free when it is complete.
 * Thread:    the state thread, inside libmicrohttpd's callbacks (cw_http_request_abandon: outside).
 * Errors:    as libmicrohttpd wants them: MHD_NO closes the connection.
 * Limits:    CW_HTTP_BODY_BYTES_MAX, CW_HTTP_BODIES_BYTES_MAX, CW_HTTP_SWALLOW_BYTES_MAX.
 * Invariant: see the states in http_request.c.
 */
#ifndef CW_CONTROL_FRONT_HTTP_REQUEST_H
#define CW_CONTROL_FRONT_HTTP_REQUEST_H

#include <microhttpd.h>
#include <stddef.h>

#include "control/front/http.h"
#include "control/front/http_reply.h"

struct cw_http_request;

/* What requests share; inside struct cw_http. */
struct cw_http_shared {
    struct cw_http_config config;
    struct cw_http_headers headers;
    struct cw_http_request *suspended;
    size_t bodies_bytes; /* held by requests that are being received */
    bool must_run;       /* a connection was added or resumed: MHD_run has work */
};

/* libmicrohttpd's access handler; cls is struct cw_http_shared. */
enum MHD_Result cw_http_request_handle(void *cls, struct MHD_Connection *connection,
                                       const char *path, const char *method, const char *version,
                                       const char *data, size_t *data_size, void **con_cls);
/* libmicrohttpd's completion callback. */
void cw_http_request_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                               enum MHD_RequestTerminationCode why);
/* Answers every suspended request with 503 and resumes it. */
void cw_http_requests_abandon(struct cw_http_shared *shared);

#endif
