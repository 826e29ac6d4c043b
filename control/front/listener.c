/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"

enum {
    LISTENER_BACKLOG = 512,
    LISTENER_ACCEPTS_PER_TURN = 32, /* so that a burst of callers does not starve the links */
    LISTENER_GROUPS_MAX = 256,
};

/* Nobody answers: the file is left over from a process that was killed. */
static int listener_remove_stale(const struct sockaddr_un *address, char *message, size_t size)
{
    struct stat st;
    if (lstat(address->sun_path, &st) != 0)
        return 0;
    if (!S_ISSOCK(st.st_mode)) {
        (void)snprintf(message, size, "%s is in the way: it is not a socket", address->sun_path);
        return CW_ERR_USED;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        (void)snprintf(message, size, "cannot make a socket: %s", strerror(errno));
        return CW_ERR_IO;
    }
    int rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
    int why = errno;
    (void)close(fd);
    if (rc == 0 || why != ECONNREFUSED) {
        (void)snprintf(message, size, "another process listens on %s", address->sun_path);
        return CW_ERR_USED;
    }
    if (unlink(address->sun_path) != 0 && errno != ENOENT) {
        (void)snprintf(message, size, "cannot remove the old socket %s: %s", address->sun_path,
                       strerror(errno));
        return CW_ERR_IO;
    }
    return 0;
}

/* Gives the file to its owner, and remembers it. We may be root here and the folder somebody else's, so
 * this goes by a descriptor of what is certainly a socket of ours, not by a path that may change. */
static int listener_own(struct cw_listener *l, uid_t uid, gid_t gid)
{
    int fd = open(l->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return CW_ERR_IO;
    int rc = CW_ERR_IO;
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
        goto out;
    if ((uid != (uid_t)-1 || gid != (gid_t)-1) && fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0)
        /* Without root only groups of one's own can be given; root and we ourselves still get in. */
        cw_log(CW_LOG_WARNING, "control.listener", "cannot change owner of %s: %s", l->path,
               strerror(errno));
    if (fstat(fd, &l->made) == 0)
        rc = 0;
out:
    (void)close(fd);
    return rc;
}

static int listener_bind(struct cw_listener *l, const struct sockaddr_un *address, mode_t mode,
                         uid_t uid, gid_t gid)
{
    l->watch.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->watch.fd < 0)
        return CW_ERR_IO;
    mode_t before = umask(0777 & ~mode);
    int rc = bind(l->watch.fd, (const struct sockaddr *)address, sizeof *address);
    (void)umask(before);
    if (rc != 0)
        return CW_ERR_IO;
    rc = listener_own(l, uid, gid);
    if (rc != 0)
        return rc;
    return listen(l->watch.fd, LISTENER_BACKLOG) == 0 ? 0 : CW_ERR_IO;
}

int cw_listener_open(struct cw_listener *l, const char *dir, const char *name, mode_t mode,
                     uid_t uid, gid_t gid, char *message, size_t message_size)
{
    memset(l, 0, sizeof *l);
    l->watch.fd = -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof address.sun_path) {
        (void)snprintf(message, message_size, "run_dir %s is too long for a socket's path", dir);
        return CW_ERR_TOO_LARGE;
    }
    memcpy(l->path, address.sun_path, sizeof l->path);
    int rc = listener_remove_stale(&address, message, message_size);
    if (rc != 0)
        return rc;
    rc = listener_bind(l, &address, mode, uid, gid);
    if (rc != 0) {
        (void)snprintf(message, message_size, "cannot listen on %s: %s", l->path, strerror(errno));
        cw_listener_close(l);
    }
    return rc;
}

static void listener_accept(struct cw_listener *l)
{
    for (int i = 0; i < LISTENER_ACCEPTS_PER_TURN; i++) {
        int fd = accept4(l->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
                cw_log(CW_LOG_WARNING, "control.listener", "%s: %s; trying again in a second",
                       l->path, strerror(errno));
                cw_loop_forget(l->loop, &l->watch);
                l->is_paused = true;
            }
            return;
        }
        struct ucred peer;
        socklen_t peer_size = sizeof peer;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) != 0 ||
            peer_size != sizeof peer) {
            (void)close(fd);
            continue;
        }
        l->accepted(l->arg, fd, &peer);
    }
}

static void listener_ready(void *arg, uint32_t epoll_events)
{
    (void)epoll_events;
    listener_accept(arg);
}

int cw_listener_start(struct cw_listener *l, struct cw_loop *loop, cw_accepted_fn accepted,
                      void *arg)
{
    l->loop = loop;
    l->accepted = accepted;
    l->arg = arg;
    l->watch.ready = listener_ready;
    l->watch.arg = l;
    return cw_loop_watch(loop, &l->watch, EPOLLIN);
}

void cw_listener_tick(struct cw_listener *l)
{
    if (l->is_paused && cw_loop_watch(l->loop, &l->watch, EPOLLIN) == 0)
        l->is_paused = false;
}

void cw_listener_close(struct cw_listener *l)
{
    if (l->watch.fd < 0)
        return;
    struct stat st;
    /* An inode number is soon used again; the time of its last change tells the two apart. */
    if (l->made.st_ino != 0 && lstat(l->path, &st) == 0 && st.st_dev == l->made.st_dev &&
        st.st_ino == l->made.st_ino && st.st_ctim.tv_sec == l->made.st_ctim.tv_sec &&
        st.st_ctim.tv_nsec == l->made.st_ctim.tv_nsec)
        (void)unlink(l->path);
    if (l->loop != NULL && !l->is_paused)
        cw_loop_forget(l->loop, &l->watch);
    (void)close(l->watch.fd);
    l->watch.fd = -1;
}

bool cw_peer_is_self(const struct ucred *peer)
{
    return peer->uid == geteuid();
}

bool cw_peer_is_operator(const struct ucred *peer, gid_t operator_gid)
{
    if (peer->uid == 0 || cw_peer_is_self(peer))
        return true;
    if (operator_gid == (gid_t)-1)
        return false;
    if (peer->gid == operator_gid)
        return true;
    /* SO_PEERCRED tells the primary group only; the rest is asked from the user database. */
    char text[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwuid_r(peer->uid, &entry, text, sizeof text, &found) != 0 || found == NULL)
        return false;
    gid_t groups[LISTENER_GROUPS_MAX];
    int count = LISTENER_GROUPS_MAX;
    if (getgrouplist(found->pw_name, found->pw_gid, groups, &count) < 0)
        return false;
    for (int i = 0; i < count; i++)
        if (groups[i] == operator_gid)
            return true;
    return false;
}
