/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/http.h - the web front: connections that the engine pipes to web.sock, pages and the JSON API.
 *
 * Owner:     main makes and frees it; the strings of the config must outlive it.
 * Thread:    the state thread.
 * Errors:    CW_ERR_NOMEM, CW_ERR_INTERNAL (libmicrohttpd did not start).
 * Limits:    CW_HTTP_*, CW_PREFACE_* (front_limits.h).
 * Invariant: nothing reaches libmicrohttpd before its preface was read and found right; a suspended request
 *            is in the suspended list and control knows its waiter.
 *
 * The rules of the API are in control/API.md.
 */
#ifndef CW_CONTROL_FRONT_HTTP_H
#define CW_CONTROL_FRONT_HTTP_H

#include "control/control.h"
#include "control/front/loop.h"

struct cw_http;

struct cw_http_config {
    struct cw_loop *loop;
    struct cw_control *control;
    const char *public_origin;
    const char *pages_dir;
    const char *download_dir;
    const struct cw_operation *operations;
    void *user;
    /* How many engine workers are linked now; for /readyz. */
    unsigned (*engine_links)(void *user);
};

int cw_http_new(const struct cw_http_config *config, struct cw_http **ret_http);
/* Requests under way get 503. */
void cw_http_free(struct cw_http *h);

/* Takes fd, a connection to web.sock from a peer that may use it. */
void cw_http_accept(struct cw_http *h, int fd);
/* Once after every turn of the loop: what is ready inside libmicrohttpd moves on. */
void cw_http_after_turn(struct cw_http *h);
/* Before waiting for events: true, when there is more to move on. */
bool cw_http_has_more(struct cw_http *h);
/* Once a second: closes connections whose preface or next request does not come. */
void cw_http_tick(struct cw_http *h, uint64_t now_ms);

#endif
