/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/listener.h - one listening Unix socket in run_dir and who is on the other end.
 *
 * Owner:     main owns the struct; close it before the loop goes.
 * Thread:    the state thread.
 * Errors:    CW_ERR_IO, CW_ERR_USED (somebody listens there), CW_ERR_TOO_LARGE (path over sun_path); the
 *            message says which path and why.
 * Invariant: a socket file is removed only when nobody listens on it, or when it is the one we made.
 */
#ifndef CW_CONTROL_FRONT_LISTENER_H
#define CW_CONTROL_FRONT_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

#include "control/front/loop.h"

/* fd is non-blocking and the callee's to close. */
typedef void (*cw_accepted_fn)(void *arg, int fd, const struct ucred *peer);

struct cw_listener {
    struct cw_watch watch;
    struct cw_loop *loop;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    struct stat made; /* the socket file as we made it */
    bool is_paused; /* out of descriptors: taken up again by cw_listener_tick */
    cw_accepted_fn accepted;
    void *arg;
};

/* Binds and listens; uid and gid of (uid_t)-1, (gid_t)-1 stay as they are. */
int cw_listener_open(struct cw_listener *l, const char *dir, const char *name, mode_t mode,
                     uid_t uid, gid_t gid, char *message, size_t message_size);
/* Starts accepting. */
int cw_listener_start(struct cw_listener *l, struct cw_loop *loop, cw_accepted_fn accepted,
                      void *arg);
void cw_listener_tick(struct cw_listener *l);
void cw_listener_close(struct cw_listener *l);

/* True for root, our own uid, or a member of the group (primary or supplementary); gid (gid_t)-1 is no
 * group. */
bool cw_peer_is_operator(const struct ucred *peer, gid_t operator_gid);
bool cw_peer_is_self(const struct ucred *peer);

#endif
