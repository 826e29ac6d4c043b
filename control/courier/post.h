/* SPDX-License-Identifier: Apache-2.0 */
/* control/courier/post.h - HTTPS POSTs, and messages to syslog receivers, that run side by side.
 *
 * Owner:     struct cw_posts owns the transfers; what a job says is copied.
 * Thread:    one; libcurl looks names up in threads of its own.
 * Units:     ms.
 * Errors:    CW_ERR_INVALID (no such URL), CW_ERR_FULL (CW_POSTS_MAX run), CW_ERR_NOMEM. What goes wrong later is
 *            told to done.
 * Limits:    CW_POST_*: time, and bytes of an answer, which nobody reads.
 * Invariant: done is called once for each post that began, unless all are dropped. Redirections are not followed,
 *            certificates are always verified.
 *
 * What the URL says: https://HOST/PATH is a POST. syslog+tls://HOST:PORT and syslog+tcp://HOST:PORT take the body as it
 * is over a connection of its own, and are done when the other end's TCP has confirmed every byte; syslog+udp:// and a
 * numeric address is one datagram, done when it was sent.
 */
#ifndef CW_CONTROL_COURIER_POST_H
#define CW_CONTROL_COURIER_POST_H

#include <stddef.h>
#include <stdint.h>

enum {
    CW_POSTS_MAX = 64,           /* one a receiver, and there are at most as many */
    CW_POST_TIME_MS_MAX = 15000, /* a receiver that needs longer is as good as away */
    CW_POST_CONNECT_TIME_MS_MAX = 5000,
    CW_POST_ANSWER_BYTES_MAX = 64 * 1024,
    CW_POST_HEADERS_MAX = 8,
};

struct cw_posts;

struct cw_post_job {
    uint64_t id;
    const char *url;
    const char *headers[CW_POST_HEADERS_MAX + 1]; /* "Name: value"; ends with NULL */
    const char *body;
    size_t body_bytes;
    const char *ca; /* PEM that is trusted instead of the system's; NULL: the system's */
};

/* status: of HTTP, 200 from syslog, 0 when there was none; why: a sentence then, else "". */
typedef void (*cw_post_done_fn)(void *user, uint64_t id, long status, const char *why);

int cw_posts_new(cw_post_done_fn done, void *user, struct cw_posts **ret_posts);
void cw_posts_free(struct cw_posts *p);
int cw_posts_begin(struct cw_posts *p, const struct cw_post_job *job);
/* Waits for events of the posts or of fd (poll's events), at most wait_ms, then does what is due. Returns poll's
 * revents for fd, negative on failure. */
int cw_posts_turn(struct cw_posts *p, int fd, short events, int wait_ms);
/* Forgets all that run. */
void cw_posts_drop(struct cw_posts *p);

#endif
