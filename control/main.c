/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-control: reads the configuration, opens its sockets, becomes its user, and turns the loop. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "control/control.h"
#include "control/front/courier_socket.h"
#include "control/front/ctl_socket.h"
#include "control/front/http.h"
#include "control/front/identity_file.h"
#include "control/front/link_socket.h"
#include "control/front/listener.h"
#include "control/front/loop.h"
#include "control/front/metrics_socket.h"
#include "control/front/privileges.h"
#include "control/front/sandbox.h"
#include "control/front/supervisor_socket.h"
#include "control/front/waiter.h"
#include "control/limits.h"
#include "engine/base/config.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/options.h"
#include "engine/wire/setting.h"

enum { MAIN_TICK_MS = 1000 / CW_TICK_PARTS };

enum main_socket {
    SOCKET_LINK,
    SOCKET_WEB,
    SOCKET_CONTROL,
    SOCKET_CONTROL_RO,
    SOCKET_COURIER,
    SOCKET_COUNT
};

struct main_state {
    struct cw_config config;
    gid_t operator_gid;
    int lock_fd; /* held for life: one causeway-control a run_dir */
    struct cw_loop *loop;
    struct cw_control *control;
    struct cw_links *links;
    struct cw_http *http;
    struct cw_ctl *ctl;
    struct cw_supervisor_socket *supervisor;
    struct cw_courier_socket *courier;
    int metrics_fd; /* -1: off, or given to metrics */
    struct cw_metrics_socket *metrics;
    struct cw_listener listeners[SOCKET_COUNT];
    struct cw_watch signals;
    struct cw_watch hashes;
    uint64_t next_tick_ms;
    unsigned tick_part; /* the next one */
    bool is_stopping;
    struct cw_setting_values settings;
    char message[512];
};

static const struct {
    const char *name;
    mode_t mode;
} main_sockets[SOCKET_COUNT] = {
    [SOCKET_LINK] = {"link.sock", 0600},       [SOCKET_WEB] = {"web.sock", 0600},
    [SOCKET_CONTROL] = {"control.sock", 0660}, [SOCKET_CONTROL_RO] = {"control-ro.sock", 0666},
    [SOCKET_COURIER] = {"courier.sock", 0600},
};

static int main_read_identity(void *user, char ret_hex[65])
{
    const struct main_state *m = user;
    return cw_identity_file_read(m->config.state_dir, ret_hex);
}

static void main_on_reply(void *user, void *waiter, int err, struct cw_reply *reply)
{
    struct cw_waiter *w = waiter;
    (void)user;
    w->done(w, err, reply);
}

static void main_on_commit(void *user, bool is_done)
{
    struct main_state *m = user;
    if (m->links != NULL)
        cw_links_release(m->links, is_done);
}

/* What it is told was committed before. */
static int main_order_supervisor(void *user, const char *line)
{
    struct main_state *m = user;
    if (cw_control_commit(m->control) != 0)
        return CW_ERR_IO;
    return cw_supervisor_socket_order(m->supervisor, line, cw_loop_now_ms());
}

static void main_on_supervisor(void *user, bool is_done, const char *text)
{
    struct main_state *m = user;
    cw_control_on_supervisor(m->control, is_done, text);
}

static unsigned main_engine_links(void *user)
{
    const struct main_state *m = user;
    return cw_links_count(m->links);
}

static void main_on_signal(void *arg, uint32_t epoll_events)
{
    struct main_state *m = arg;
    struct signalfd_siginfo info;
    (void)epoll_events;
    if (read(m->signals.fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    cw_log(CW_LOG_INFO, "control", "stopping: signal %u", info.ssi_signo);
    m->is_stopping = true;
}

static void main_on_hashes(void *arg, uint32_t epoll_events)
{
    struct main_state *m = arg;
    (void)epoll_events;
    cw_control_on_hashes_ready(m->control);
}

static void main_on_link(void *arg, int fd, const struct ucred *peer)
{
    struct main_state *m = arg;
    if (cw_peer_is_self(peer)) {
        cw_links_accept(m->links, fd);
        return;
    }
    cw_log(CW_LOG_WARNING, "control.link", "link.sock: uid %u refused", (unsigned)peer->uid);
    (void)close(fd);
}

static void main_on_courier(void *arg, int fd, const struct ucred *peer)
{
    struct main_state *m = arg;
    if (cw_peer_is_self(peer)) {
        cw_courier_socket_accept(m->courier, fd);
        return;
    }
    cw_log(CW_LOG_WARNING, "control.courier", "courier.sock: uid %u refused", (unsigned)peer->uid);
    (void)close(fd);
}

static int main_post(void *user, const char *line)
{
    struct main_state *m = user;
    return cw_courier_socket_post(m->courier, line);
}

static void main_on_web(void *arg, int fd, const struct ucred *peer)
{
    struct main_state *m = arg;
    if (cw_peer_is_self(peer)) {
        cw_http_accept(m->http, fd);
        return;
    }
    cw_log(CW_LOG_WARNING, "control.http", "web.sock: uid %u refused", (unsigned)peer->uid);
    (void)close(fd);
}

static void main_on_control(void *arg, int fd, const struct ucred *peer)
{
    struct main_state *m = arg;
    if (cw_peer_is_operator(peer, m->operator_gid))
        cw_ctl_accept(m->ctl, fd, peer, CW_FRONT_SOCKET);
    else
        cw_ctl_refuse(m->ctl, fd, peer,
                      "this socket is for root, the appliance's own user and the operator group");
}

static void main_on_control_ro(void *arg, int fd, const struct ucred *peer)
{
    struct main_state *m = arg;
    cw_ctl_accept(m->ctl, fd, peer, CW_FRONT_SOCKET_RO);
}

/* The lock, not the sockets, decides who is the one: two that start at once cannot take each other's. */
static int main_lock(struct main_state *m)
{
    char path[sizeof m->config.run_dir + 16];
    (void)snprintf(path, sizeof path, "%s/control.lock", m->config.run_dir);
    m->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (m->lock_fd < 0) {
        (void)snprintf(m->message, sizeof m->message, "cannot open %s: %s", path, strerror(errno));
        return EX_CANTCREAT;
    }
    if (flock(m->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        (void)snprintf(m->message, sizeof m->message,
                       "another causeway-control runs with run_dir %s", m->config.run_dir);
        return EX_UNAVAILABLE;
    }
    return EX_OK;
}

/* Everything that needs root, if we are root: folders, sockets with their owners, then the drop. */
static int main_prepare(struct main_state *m)
{
    struct cw_privileges p;
    char *message = m->message;
    size_t size = sizeof m->message;
    if (cw_privileges_find(&p, m->config.user, message, size) != 0 ||
        cw_group_find(m->config.operator_group, &m->operator_gid, message, size) != 0)
        return EX_CONFIG;
    if (cw_privileges_make_dir(&p, m->config.state_dir, 0700, message, size) != 0 ||
        cw_privileges_make_dir(&p, m->config.run_dir, 0755, message, size) != 0)
        return EX_CANTCREAT;
    int rc = main_lock(m);
    for (int i = 0; i < SOCKET_COUNT && rc == EX_OK; i++) {
        gid_t gid = i == SOCKET_CONTROL && m->operator_gid != (gid_t)-1 ? m->operator_gid : p.gid;
        if (cw_listener_open(&m->listeners[i], m->config.run_dir, main_sockets[i].name,
                             main_sockets[i].mode, p.uid, gid, message, size) != 0)
            rc = EX_UNAVAILABLE;
    }
    if (rc == EX_OK &&
        cw_metrics_listen(m->config.listen_metrics, &m->metrics_fd, message, size) != 0)
        rc = EX_UNAVAILABLE;
    if (rc == EX_OK && p.is_root && fchown(m->lock_fd, p.uid, p.gid) != 0)
        rc = EX_CANTCREAT;
    if (rc == EX_OK && cw_privileges_drop(&p, message, size) != 0)
        rc = EX_NOPERM;
    if (rc == EX_OK && cw_sandbox_close() != 0) {
        (void)snprintf(message, size, "cannot close the sandbox (seccomp): %s", strerror(errno));
        rc = EX_OSERR;
    }
    return rc;
}

static int main_start_control(struct main_state *m)
{
    static char dir[sizeof m->config.state_dir + 16]; /* all are kept by control */
    static char tls[sizeof m->config.state_dir + 16];
    static char recordings[sizeof m->config.state_dir + 16];
    (void)snprintf(dir, sizeof dir, "%s/control", m->config.state_dir);
    cw_setting_defaults(&m->settings);
    int rc = cw_setting_parse(CW_SETTING_log_level, m->config.log_level, &m->settings.log_level,
                              m->message, sizeof m->message);
    if (rc != 0)
        return EX_CONFIG;
    (void)snprintf(tls, sizeof tls, "%s/tls", m->config.state_dir);
    cw_config_recordings_dir(&m->config, recordings, sizeof recordings);
    const struct cw_control_config config = {
        .control_dir = dir,
        .tls_dir = tls,
        .recordings_dir = recordings,
        .settings = &m->settings,
        .recording = m->config.recording,
        .public_origin = m->config.public_origin,
        .download_dir = m->config.download_dir,
        .user = m,
        .read_identity = main_read_identity,
        .on_reply = main_on_reply,
        .on_commit = main_on_commit,
        .post = main_post,
        .order_supervisor = main_order_supervisor,
    };
    rc = cw_control_new(&config, m->message, sizeof m->message, &m->control);
    return rc == 0 ? EX_OK : EX_UNAVAILABLE;
}

static int main_start_fronts(struct main_state *m)
{
    static const cw_accepted_fn accepted[SOCKET_COUNT] = {
        [SOCKET_LINK] = main_on_link,       [SOCKET_WEB] = main_on_web,
        [SOCKET_CONTROL] = main_on_control, [SOCKET_CONTROL_RO] = main_on_control_ro,
        [SOCKET_COURIER] = main_on_courier,
    };
    const struct cw_http_config http = {
        .loop = m->loop,
        .control = m->control,
        .public_origin = m->config.public_origin,
        .pages_dir = m->config.pages_dir,
        .download_dir = m->config.download_dir,
        .operations = cw_operations,
        .user = m,
        .engine_links = main_engine_links,
    };
    m->hashes =
        (struct cw_watch){.fd = cw_control_event_fd(m->control), .ready = main_on_hashes, .arg = m};
    int rc = cw_loop_watch(m->loop, &m->hashes, EPOLLIN);
    if (rc == 0)
        rc = cw_links_new(m->loop, m->control, &m->links);
    if (rc == 0)
        rc = cw_http_new(&http, &m->http);
    if (rc == 0)
        rc = cw_ctl_new(m->loop, m->control, &m->ctl);
    if (rc == 0)
        rc = cw_courier_socket_new(m->loop, m->control, &m->courier);
    if (rc == 0)
        rc = cw_supervisor_socket_new(m->loop, m->config.run_dir, main_on_supervisor, m,
                                      &m->supervisor);
    if (rc == 0 && m->metrics_fd >= 0) {
        rc = cw_metrics_socket_new(m->loop, m->control, m->metrics_fd, main_engine_links, m,
                                   &m->metrics);
        m->metrics_fd = rc == 0 ? -1 : m->metrics_fd;
    }
    for (int i = 0; i < SOCKET_COUNT && rc == 0; i++)
        rc = cw_listener_start(&m->listeners[i], m->loop, accepted[i], m);
    if (rc == 0)
        return EX_OK;
    (void)snprintf(m->message, sizeof m->message, "cannot start: %s", cw_err_text(rc));
    return EX_OSERR;
}

/* Before any thread exists, so that all of them have the signals blocked. */
static int main_take_signals(struct main_state *m)
{
    sigset_t set;
    (void)signal(SIGPIPE, SIG_IGN);
    /* A store at its size limit is a store that cannot be written, not the end of control. */
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    m->signals = (struct cw_watch){
        .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = main_on_signal, .arg = m};
    if (m->signals.fd >= 0 && cw_loop_new(&m->loop) == 0 &&
        cw_loop_watch(m->loop, &m->signals, EPOLLIN) == 0)
        return EX_OK;
    (void)snprintf(m->message, sizeof m->message, "cannot start: %s", strerror(errno));
    return EX_OSERR;
}

static void main_tick(struct main_state *m, uint64_t now_ms)
{
    const unsigned part = m->tick_part;

    m->next_tick_ms = now_ms + MAIN_TICK_MS;
    m->tick_part = (part + 1) % CW_TICK_PARTS;
    cw_control_tick_part(m->control, cw_loop_now_unix_ms(), part);
    if (part != 0)
        return;
    cw_http_tick(m->http, now_ms);
    cw_ctl_tick(m->ctl, now_ms);
    cw_supervisor_socket_tick(m->supervisor, now_ms);
    for (int i = 0; i < SOCKET_COUNT; i++)
        cw_listener_tick(&m->listeners[i]);
}

static int main_turn(struct main_state *m)
{
    bool has_more = false;
    while (!m->is_stopping) {
        uint64_t now_ms = cw_loop_now_ms();
        if (now_ms >= m->next_tick_ms)
            main_tick(m, now_ms);
        int wait_ms = has_more ? 0 : (int)(m->next_tick_ms - now_ms);
        if (wait_ms < 0 || wait_ms > MAIN_TICK_MS)
            wait_ms = 0;
        if (cw_loop_turn(m->loop, wait_ms) != 0) {
            (void)snprintf(m->message, sizeof m->message, "epoll failed: %s", strerror(errno));
            return EX_OSERR;
        }
        cw_http_after_turn(m->http);
        has_more = cw_metrics_socket_after_turn(m->metrics);
        cw_links_after_turn(m->links);
        /* A link that ends may end what waited for its answer, and so change something. */
        if (cw_control_commit(m->control) != 0) {
            cw_links_after_turn(m->links);
            (void)cw_control_commit(m->control);
        }
        has_more = cw_http_has_more(m->http) || has_more;
    }
    return EX_OK;
}

static void main_stop(struct main_state *m)
{
    for (int i = 0; i < SOCKET_COUNT; i++)
        cw_listener_close(&m->listeners[i]);
    if (m->control != NULL)
        (void)cw_control_commit(m->control);
    cw_http_free(m->http);
    cw_metrics_socket_free(m->metrics);
    if (m->metrics_fd >= 0)
        (void)close(m->metrics_fd);
    cw_ctl_free(m->ctl);
    cw_links_free(m->links);
    m->links = NULL;
    cw_supervisor_socket_free(m->supervisor);
    cw_courier_socket_free(m->courier);
    if (m->control != NULL)
        cw_control_free(m->control);
    cw_loop_free(m->loop);
    if (m->signals.fd >= 0)
        (void)close(m->signals.fd);
    if (m->lock_fd >= 0)
        (void)close(m->lock_fd);
}

static int main_run(const char *config_path)
{
    static struct main_state state;
    struct main_state *m = &state;
    m->lock_fd = -1;
    m->metrics_fd = -1;
    m->signals.fd = -1;
    for (int i = 0; i < SOCKET_COUNT; i++)
        m->listeners[i].watch.fd = -1;
    int rc = EX_OK;
    if (cw_config_load(config_path, &m->config, m->message, sizeof m->message) != 0)
        rc = EX_CONFIG;
    if (rc == EX_OK)
        (void)cw_log_set_format_name(m->config.log_format);
    if (rc == EX_OK && cw_log_set_level_name(m->config.log_level) != 0) {
        (void)snprintf(m->message, sizeof m->message, "log_level %.15s is unknown",
                       m->config.log_level);
        rc = EX_CONFIG;
    }
    if (rc == EX_OK)
        rc = main_prepare(m);
    if (rc == EX_OK)
        rc = main_take_signals(m);
    if (rc == EX_OK)
        rc = main_start_control(m);
    if (rc == EX_OK)
        rc = main_start_fronts(m);
    if (rc == EX_OK) {
        cw_log(CW_LOG_INFO, "control", "ready: sockets in %s, store in %s/control",
               m->config.run_dir, m->config.state_dir);
        rc = main_turn(m);
    }
    if (rc != EX_OK)
        cw_log(CW_LOG_ERROR, "control", "%s", m->message);
    main_stop(m);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct cw_program program = {
        .name = "causeway-control",
        .purpose =
            "The control plane of a Causeway appliance: accounts, policy, web pages and API.\n",
        .remarks = "It is started by causeway-supervisor; see causeway-control(8).\n",
    };
    const char *config_path = NULL;
    int status = cw_options_parse(&program, argc, argv, &config_path);
    return status < 0 ? main_run(config_path) : status;
}
