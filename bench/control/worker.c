/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/control/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/limits.h"
#include "engine/wire/frame.h"
#include "engine/wire/link.h"
#include "engine/wire/message.h"

enum { STANDING = 256, IN_BYTES = 2 * CW_LINK_MESSAGE_BYTES_MAX };

struct worker {
    int fd;
    bool is_synced;
    bool is_broken;
    uint32_t sessions; /* of the snapshot */
    struct worker_counts counts;
    uint32_t standing[STANDING];
    size_t have;
    uint8_t in[IN_BYTES];
    uint8_t out[CW_LINK_MESSAGE_BYTES_MAX];
};

static const uint8_t worker_address[CW_ADDRESS_BYTES] = {0, 0,    0,    0,   0,  0,   0, 0, 0,
                                                         0, 0xFF, 0xFF, 198, 51, 100, 1, 1, 2};

/* Control reads all the time, but it may answer with more than a socket holds: so both directions move here. */
static int tell(struct worker *w, struct cw_link_message m)
{
    size_t n = 0;
    size_t at = 0;

    memcpy(m.address, worker_address, sizeof m.address);
    if (cw_link_encode(&m, w->out, sizeof w->out, &n) != 0)
        return -1;
    while (at < n) {
        ssize_t sent = send(w->fd, w->out + at, n - at, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        at += sent > 0 ? (size_t)sent : 0;
        if (sent < 0) {
            struct pollfd can = {.fd = w->fd, .events = POLLOUT};
            (void)poll(&can, 1, 1000);
        }
    }
    return 0;
}

static int begin_session(struct worker *w, uint32_t session)
{
    const uint64_t all = CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);
    int rc = tell(w, (struct cw_link_message){.type = CW_LINK_SESSION_UP, .session = session});

    if (rc == 0)
        rc = tell(w, (struct cw_link_message){.type = CW_LINK_PARTICIPANT_UP,
                                              .session = session,
                                              .participant = 1,
                                              .role = CW_ROLE_REPRESENTATIVE,
                                              .permissions = all});
    if (rc == 0)
        rc = tell(w, (struct cw_link_message){.type = CW_LINK_PARTICIPANT_UP,
                                              .session = session,
                                              .participant = 2,
                                              .role = CW_ROLE_UNATTENDED,
                                              .permissions = all | CW_PERMIT(SOURCE_SCREEN)});
    return rc;
}

static int on_offer(struct worker *w, const struct cw_link_message *m)
{
    struct cw_session_offer offer;
    uint32_t *place = &w->standing[w->counts.offered % STANDING];
    int rc = 0;

    if (m->message != CW_MESSAGE_SESSION_OFFER)
        return 0;
    if (cw_session_offer_decode(m->bytes, m->bytes_count, &offer) != 0)
        return -1;
    w->counts.offered++;
    if (*place != 0) {
        rc = tell(w, (struct cw_link_message){
                         .type = CW_LINK_SESSION_OVER, .session = *place, .participant = 1});
        w->counts.over++;
    }
    *place = offer.session;
    return rc == 0 ? begin_session(w, offer.session) : rc;
}

static int on_message(struct worker *w, const struct cw_link_message *m)
{
    switch (m->type) {
    case CW_LINK_SESSION_WANTED: w->counts.wanted++; return 0;
    case CW_LINK_WANTED_END: w->is_synced = true; return 0;
    case CW_LINK_END_SESSION:
    case CW_LINK_REMOVE_PARTICIPANT: w->counts.disturbed += m->session <= w->sessions; return 0;
    case CW_LINK_SEND_DEVICE: return on_offer(w, m);
    default: return 0;
    }
}

int worker_read(struct worker *w)
{
    struct cw_link_message m;
    size_t at = 0;
    size_t used = 0;
    int rc = 0;
    ssize_t n = recv(w->fd, w->in + w->have, sizeof w->in - w->have, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return -1;
    w->have += (size_t)n;
    while (rc == 0 && (rc = cw_link_decode(w->in + at, w->have - at, &m, &used)) == 0) {
        rc = on_message(w, &m);
        at += used;
    }
    w->have -= at;
    memmove(w->in, w->in + at, w->have);
    return rc == CW_ERR_AGAIN ? 0 : rc;
}

static int send_snapshot(struct worker *w, uint32_t devices, uint32_t sessions)
{
    int rc = tell(w, (struct cw_link_message){.type = CW_LINK_ENGINE_HELLO,
                                              .version = CW_LINK_VERSION,
                                              .worker_count = 1,
                                              .engine_instance = 7});

    for (uint32_t i = 1; rc == 0 && i <= devices; i++)
        rc = tell(w, (struct cw_link_message){.type = CW_LINK_DEVICE_UP, .participant = i});
    for (uint32_t i = 1; rc == 0 && i <= sessions; i++)
        rc = begin_session(w, i);
    return rc == 0 ? tell(w, (struct cw_link_message){.type = CW_LINK_SNAPSHOT_END}) : rc;
}

int worker_open(const char *socket_path, uint32_t devices, uint32_t sessions, struct worker **ret)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct worker *w = calloc(1, sizeof *w);

    if (w == NULL)
        return -1;
    w->sessions = sessions;
    w->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", socket_path);
    if (w->fd < 0 || connect(w->fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
        send_snapshot(w, devices, sessions) != 0) {
        worker_close(w);
        return -1;
    }
    *ret = w;
    return 0;
}

void worker_close(struct worker *w)
{
    if (w == NULL)
        return;
    if (w->fd >= 0)
        (void)close(w->fd);
    free(w);
}

int worker_fd(const struct worker *w)
{
    return w->fd;
}

int worker_end_all(struct worker *w)
{
    int rc = 0;

    for (unsigned i = 0; rc == 0 && i < STANDING; i++)
        if (w->standing[i] != 0)
            rc = tell(w, (struct cw_link_message){.type = CW_LINK_SESSION_OVER,
                                                  .session = w->standing[i],
                                                  .participant = 1});
    return rc;
}

bool worker_is_synced(const struct worker *w)
{
    return w->is_synced;
}

struct worker_counts worker_counts(const struct worker *w)
{
    return w->counts;
}
