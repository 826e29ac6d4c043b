/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-engine: the data plane. Starts one worker a core, gives up every right it can, waits for a signal. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/config.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/options.h"
#include "engine/inherit.h"
#include "engine/io.h"
#include "engine/mailbox.h"
#include "engine/penalty.h"
#include "engine/record_folder.h"
#include "engine/relay_limits.h"
#include "engine/sandbox.h"
#include "engine/supervision.h"
#include "engine/supervisor/directory.h"
#include "engine/tls.h"
#include "engine/usage.h"
#include "engine/worker.h"

enum {
    PATH_BYTES = 272, /* state_dir and a name; run_dir is shorter */
    /* What a process has open beside sockets: rings, eventfds, listeners, standard streams. */
    DESCRIPTORS_KEPT = 256,
    ACCEPT_MS_MAX = 3000, /* control's link, or the second that is waited for it */
    HOLD_MS_MAX = 250,    /* a step of each worker */
    QUIET_MS_MAX = 2200,  /* less than the supervisor waits */
    PAGES_MS_MAX = 12000, /* what workers give pages, and a little */
    STOP_S_MAX = 4,       /* the workers' two seconds of flushing, and the backend's linger */
};
#define STEP_NS UINT64_C(1000000000) /* a worker looks up from waiting at least once a second */

struct engine;

struct thread {
    struct engine *engine;
    unsigned index;
    int cpu;
    pthread_t thread;
    bool is_running;
    struct cw_worker *worker;
};

struct engine {
    const char *config_path;
    struct cw_config config;
    struct cw_identity identity;
    struct cw_listen_set https, http;
    struct cw_tls_context *tls;
    int supervisor; /* the line to it; -1: started by hand */
    struct cw_record_folder recordings;
    unsigned count;
    struct thread threads[CW_LISTEN_WORKERS_MAX];
    struct cw_io *ios[CW_LISTEN_WORKERS_MAX];
    struct cw_mailbox *mailboxes[CW_LISTEN_WORKERS_MAX];
    cpu_set_t cpus;
    atomic_bool is_stopping;
    char link_path[PATH_BYTES];
    char web_path[PATH_BYTES];
    char message[512];
};

/* ---- before rights are given up ----------------------------------------------------------------- */

static int open_listeners(struct engine *e)
{
    const char *inherited = getenv("CAUSEWAY_LISTEN");
    char *message = e->message;
    size_t size = sizeof(e->message);
    if (inherited != NULL) {
        bool must_listen = e->supervisor < 0;
        int err = cw_inherit_parse(inherited, &e->https, &e->http, &e->count, message, size);
        if (err == CW_OK)
            err = cw_inherit_check(&e->https, must_listen, message, size);
        if (err == CW_OK)
            err = cw_inherit_check(&e->http, must_listen, message, size);
        return err == CW_OK ? EX_OK : EX_USAGE;
    }
    unsigned cores = (unsigned)CPU_COUNT(&e->cpus);
    e->count = e->config.workers != 0 ? e->config.workers : cores;
    if (e->count > CW_LISTEN_WORKERS_MAX)
        e->count = CW_LISTEN_WORKERS_MAX;
    int err = cw_listen_open(e->config.listen_https, e->count, "listen_https", e->config_path,
                             &e->https, message, size);
    if (err == CW_OK && strcmp(e->config.listen_http, "off") != 0)
        err = cw_listen_open(e->config.listen_http, e->count, "listen_http", e->config_path,
                             &e->http, message, size);
    if (err == CW_ERR_CONFLICT)
        return EX_TEMPFAIL; /* another program holds the port */
    return err == CW_OK ? EX_OK : EX_OSERR;
}

static void raise_descriptor_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int prepare(struct engine *e)
{
    char *message = e->message;
    size_t size = sizeof(e->message);
    if (cw_config_load(e->config_path, &e->config, message, size) != CW_OK)
        return EX_CONFIG;
    (void)cw_log_set_format_name(e->config.log_format);
    if (cw_log_set_level_name(e->config.log_level) != CW_OK) {
        (void)snprintf(message, size, "log_level %s is unknown", e->config.log_level);
        return EX_CONFIG;
    }
    if (cw_identity_find(&e->config, &e->identity, message, size) != CW_OK)
        return EX_CONFIG;
    if (sched_getaffinity(0, sizeof(e->cpus), &e->cpus) != 0) {
        (void)snprintf(message, size, "the processors cannot be counted: %s", strerror(errno));
        return EX_OSERR;
    }
    raise_descriptor_limit();
    int code = open_listeners(e);
    if (code != EX_OK)
        return code;
    if (cw_directories_make(&e->config, &e->identity, message, size) != CW_OK)
        return EX_CANTCREAT;
    /* Ports are bound and directories have their owner: nothing more needs root. */
    if (e->identity.must_switch &&
        cw_sandbox_become(e->identity.uid, e->identity.gid, message, size) != CW_OK)
        return EX_NOPERM;
    return cw_sandbox_harden(message, size) == CW_OK ? EX_OK : EX_NOPERM;
}

/* ---- keys --------------------------------------------------------------------------------------- */

/* The host of the first origin: "https://help.example:8443 https://b" gives "help.example". */
static void web_host(const char *origins, char *out, size_t out_size)
{
    const char *start = strstr(origins, "://");
    start = start != NULL ? start + 3 : origins;
    size_t size = strcspn(start, " :/");
    if (*start == '[') {
        start++;
        size = strcspn(start, "]");
    }
    if (size >= out_size)
        size = out_size - 1;
    memcpy(out, start, size);
    out[size] = 0;
}

/* For whoever sets up a client on this machine: what it pins. */
static int write_identity(struct engine *e)
{
    static const char digits[] = "0123456789abcdef";
    char path[PATH_BYTES], temporary[PATH_BYTES + 8], text[2 * CW_KEY_BYTES + 1];
    const uint8_t *key = cw_tls_identity_key(e->tls);
    for (unsigned i = 0; i < CW_KEY_BYTES; i++) {
        text[2 * i] = digits[key[i] >> 4];
        text[2 * i + 1] = digits[key[i] & 15];
    }
    text[2 * CW_KEY_BYTES] = '\n';
    (void)snprintf(path, sizeof(path), "%.95s/identity.pub", e->config.run_dir);
    (void)snprintf(temporary, sizeof(temporary), "%s.new", path);
    (void)unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool good =
        fd >= 0 && fchmod(fd, 0644) == 0 && write(fd, text, sizeof(text)) == (ssize_t)sizeof(text);
    good = (fd < 0 || close(fd) == 0) && good && rename(temporary, path) == 0;
    if (good)
        return EX_OK;
    (void)snprintf(e->message, sizeof(e->message), "%.120s cannot be written: %s", path,
                   strerror(errno));
    return EX_CANTCREAT;
}

static int load_keys(struct engine *e)
{
    char directory[PATH_BYTES], host[256];
    (void)snprintf(directory, sizeof(directory), "%.255s/tls", e->config.state_dir);
    web_host(e->config.public_origin, host, sizeof(host));
    if (cw_record_folder_open(&e->config, &e->recordings, e->message, sizeof(e->message)) != CW_OK)
        return EX_CONFIG;
    if (e->recordings.directory < 0)
        cw_log(CW_LOG_WARNING, "engine.record", "%s", e->recordings.why);
    if (cw_tls_context_new(directory, host, e->message, sizeof(e->message), &e->tls) != CW_OK)
        return EX_CONFIG;
    return write_identity(e);
}

static void close_files(const struct engine *e)
{
    cw_usage_open();
    char message[128] = "";
    int version = 0;
    int err = cw_sandbox_close_files(e->recordings.directory, &version, message, sizeof(message));
    if (err == CW_OK)
        cw_log(CW_LOG_INFO, "engine", "file system closed by landlock %d", version);
    else
        cw_log(CW_LOG_WARNING, "engine", "not confined to its sockets: %s", message);
}

/* ---- workers ------------------------------------------------------------------------------------ */

/* What of the process's descriptors a worker may have as sockets: those that are not settled yet, and all where
 * the kernel has no direct descriptors. */
static unsigned descriptors_a_worker(const struct engine *e)
{
    struct rlimit files = {.rlim_cur = 1024};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    uint64_t kept = DESCRIPTORS_KEPT + 4 * (uint64_t)e->count;
    uint64_t most = files.rlim_cur > 2 * kept ? (files.rlim_cur - kept) / e->count : kept;
    return most < CW_IO_SOCKETS_MAX ? (unsigned)most : CW_IO_SOCKETS_MAX;
}

/* Sockets of one kind that worker i has. */
static unsigned listeners_a_kind(const struct engine *e, unsigned i)
{
    return (e->https.count - i + e->count - 1) / e->count;
}

static int open_backend(struct engine *e, unsigned i, unsigned descriptors)
{
    int listeners[2 * CW_LISTEN_WORKERS_MAX];
    unsigned count = 0;
    /* With fewer workers than sockets some have one more than others: the worker says how many are its own. */
    for (unsigned n = i; n < e->https.count; n += e->count)
        listeners[count++] = e->https.descriptors[n];
    for (unsigned n = i; n < e->http.count; n += e->count)
        listeners[count++] = e->http.descriptors[n];
    const struct cw_io_uring_config config = {
        .listeners = listeners,
        .listener_count = count,
        .sockets_max = CW_IO_SOCKETS_MAX,
        .descriptors_max = descriptors,
        .directory = e->recordings.directory,
        .tcp_congestion = e->config.tcp_congestion,
    };
    int err = cw_io_uring_new(&config, &e->ios[i]);
    if (err == CW_OK)
        err = cw_mailbox_new(CW_RELAY_HANDOVERS_MAX, &e->mailboxes[i]);
    return err;
}

/* A page takes two sockets, one to the browser and one to control. */
static unsigned connections_a_worker(const struct cw_io *io)
{
    unsigned most = io->sockets_max / 2;
    return most < CW_RELAY_CONNECTIONS_MAX ? most : 0;
}

static int make_workers(struct engine *e)
{
    static struct cw_penalties penalties; /* one budget a source, however many workers there are */
    struct cw_setting_values settings;
    uint64_t instance = 0;
    cw_setting_defaults(&settings);
    if (cw_setting_parse(CW_SETTING_log_level, e->config.log_level, &settings.log_level, e->message,
                         sizeof e->message) != CW_OK)
        return EX_CONFIG;
    while (penalties.secret == 0)
        if (getrandom(&penalties.secret, sizeof penalties.secret, 0) !=
            (ssize_t)sizeof penalties.secret)
            penalties.secret = 0;
    while (instance == 0)
        if (getrandom(&instance, sizeof(instance), 0) != (ssize_t)sizeof(instance))
            instance = 0;
    unsigned descriptors = descriptors_a_worker(e);
    int err = CW_OK;
    for (unsigned i = 0; i < e->count && err == CW_OK; i++)
        err = open_backend(e, i, descriptors);
    for (unsigned i = 0; i < e->count && err == CW_OK; i++) {
        const struct cw_worker_config config = {
            .io = e->ios[i],
            .tls = e->tls,
            .index = i,
            .count = e->count,
            .mailboxes = e->mailboxes,
            .ios = e->ios,
            .https_listener = 0,
            .http_listener =
                e->http.count != 0 ? (uint16_t)listeners_a_kind(e, i) : CW_LISTENER_NONE,
            .listener_count = (uint16_t)listeners_a_kind(e, i),
            .accepts_when_linked = true,
            .link_path = e->link_path,
            .web_path = e->web_path,
            .public_origin = e->config.public_origin,
            .engine_instance = instance,
            .connections_max = connections_a_worker(e->ios[i]),
            .settings = &settings,
            .record = cw_record_folder_config(&e->recordings),
            .usage = cw_usage_read,
            .penalties = &penalties,
        };
        err = cw_worker_new(&config, &e->threads[i].worker);
    }
    if (err == CW_OK)
        return EX_OK;
    (void)snprintf(e->message, sizeof(e->message), "the workers cannot be made: %s",
                   cw_err_text(err));
    return EX_OSERR;
}

/* The n-th processor that we may use, counted round and round. */
static int nth_cpu(const cpu_set_t *cpus, unsigned n)
{
    n %= (unsigned)CPU_COUNT(cpus);
    for (int cpu = 0;; cpu++)
        if (CPU_ISSET((size_t)cpu, cpus) && n-- == 0)
            return cpu;
}

static void *run_worker(void *arg)
{
    const struct thread *t = arg;
    struct cw_io *io = t->engine->ios[t->index];
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)t->cpu, &one);
    /* Not pinned is slower and no error: a container may have taken the processor away. */
    (void)pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
    while (cw_worker_step(t->worker, io->ops->now_ns(io) + STEP_NS))
        ;
    CW_CHECK(atomic_load(&t->engine->is_stopping), "a worker runs until it is stopped");
    return NULL;
}

static int start_threads(struct engine *e)
{
    for (unsigned i = 0; i < e->count; i++) {
        struct thread *t = &e->threads[i];
        t->engine = e;
        t->index = i;
        t->cpu = nth_cpu(&e->cpus, i);
        int err = pthread_create(&t->thread, NULL, run_worker, t);
        if (err != 0) {
            (void)snprintf(e->message, sizeof(e->message), "a thread cannot be started: %s",
                           strerror(err));
            return EX_OSERR;
        }
        t->is_running = true;
    }
    return EX_OK;
}

/* ---- making way for another engine -------------------------------------------------------------- */

/* True once all say so; looks every few milliseconds, for a time. */
static bool wait_until(const struct engine *e, bool (*is_so)(const struct cw_worker *w),
                       unsigned ms_max)
{
    const struct timespec moment = {.tv_nsec = 2 * 1000 * 1000};
    for (unsigned ms = 0; ms < ms_max; ms += 2) {
        bool all = true;
        for (unsigned i = 0; i < e->count; i++)
            all = all && is_so(e->threads[i].worker);
        if (all)
            return true;
        (void)nanosleep(&moment, NULL);
    }
    return false;
}

static bool is_held(const struct cw_worker *w)
{
    return !cw_worker_is_accepting(w);
}

/* Participants are told to connect again; pages are finished while the other one already works. */
static void make_way(struct engine *e, const sigset_t *signals)
{
    const struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};
    cw_log(CW_LOG_INFO, "engine", "another engine takes over");
    atomic_store(&e->is_stopping, true);
    for (unsigned i = 0; i < e->count; i++)
        cw_worker_hold(e->threads[i].worker);
    (void)wait_until(e, is_held, HOLD_MS_MAX);
    for (unsigned i = 0; i < e->count; i++)
        cw_worker_restart(e->threads[i].worker);
    (void)wait_until(e, cw_worker_is_quiet, QUIET_MS_MAX);
    cw_supervision_say(e->supervisor, "quiet", "");
    for (unsigned left = PAGES_MS_MAX / 50; left > 0; left--) {
        bool is_over = true;
        for (unsigned i = 0; i < e->count; i++) {
            struct thread *t = &e->threads[i];
            t->is_running = t->is_running && pthread_tryjoin_np(t->thread, NULL) != 0;
            is_over = is_over && !t->is_running;
        }
        if (is_over || sigtimedwait(signals, NULL, &moment) == SIGTERM)
            return;
    }
}

/* ---- the end ------------------------------------------------------------------------------------ */

/* False: a worker did not end in time. */
static bool stop_threads(struct engine *e)
{
    struct timespec until;
    bool all = true;
    atomic_store(&e->is_stopping, true);
    for (unsigned i = 0; i < e->count; i++)
        if (e->threads[i].is_running)
            cw_worker_stop(e->threads[i].worker);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_S_MAX;
    for (unsigned i = 0; i < e->count; i++) {
        struct thread *t = &e->threads[i];
        if (t->is_running && pthread_timedjoin_np(t->thread, NULL, &until) == 0)
            t->is_running = false;
        all = all && !t->is_running;
    }
    return all;
}

static void free_all(struct engine *e)
{
    for (unsigned i = 0; i < e->count; i++)
        cw_worker_free(e->threads[i].worker);
    for (unsigned i = 0; i < e->count; i++) {
        if (e->ios[i] != NULL)
            e->ios[i]->ops->free(e->ios[i]);
        cw_mailbox_free(e->mailboxes[i]);
    }
    cw_tls_context_free(e->tls);
    cw_record_folder_close(&e->recordings);
}

static void block_signals(sigset_t *set)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGUSR2);
    (void)sigaddset(set, SIGHUP); /* a terminal that closes is not an order to us */
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
}

static int run(const char *config_path)
{
    static struct engine engine;
    struct engine *e = &engine;
    sigset_t signals;
    int number = SIGHUP;
    e->config_path = config_path;
    e->recordings.directory = -1;
    block_signals(&signals); /* before any thread, so that all have them blocked */
    int code = cw_supervision_open(getenv("CAUSEWAY_SUPERVISOR"), &e->supervisor, e->message,
                                   sizeof e->message) == CW_OK
                   ? EX_OK
                   : EX_USAGE;
    if (code == EX_OK)
        code = prepare(e);
    if (code == EX_OK)
        code = load_keys(e);
    if (code == EX_OK) {
        (void)snprintf(e->link_path, sizeof(e->link_path), "%.95s/link.sock", e->config.run_dir);
        (void)snprintf(e->web_path, sizeof(e->web_path), "%.95s/web.sock", e->config.run_dir);
        code = make_workers(e);
    }
    if (code == EX_OK) {
        cw_supervision_say(e->supervisor, "ready", "");
        if (!cw_supervision_wait(e->supervisor)) {
            cw_log(CW_LOG_INFO, "engine", "not needed any more");
            return EX_OK;
        }
        cw_record_folder_scan(&e->recordings); /* an engine before this one has ended */
        close_files(e);
        code = start_threads(e);
    }
    if (code == EX_OK) {
        cw_log(CW_LOG_INFO, "engine", "ready: %u worker%s, https on %s, links begin with %.*s",
               e->count, e->count == 1 ? "" : "s", e->config.listen_https,
               (int)strcspn(e->config.public_origin, " "), e->config.public_origin);
        if (wait_until(e, cw_worker_is_accepting, ACCEPT_MS_MAX))
            cw_supervision_say(e->supervisor, "accepting", "");
        while (number == SIGHUP)
            if (sigwait(&signals, &number) != 0)
                number = SIGHUP;
        if (number == SIGUSR2)
            make_way(e, &signals);
        else
            cw_log(CW_LOG_INFO, "engine", "stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    } else {
        cw_log(CW_LOG_ERROR, "engine", "%s", e->message);
        cw_supervision_say(e->supervisor, "error", e->message);
    }
    if (!stop_threads(e)) {
        cw_log(CW_LOG_WARNING, "engine", "connections did not end within %d s", STOP_S_MAX);
        _exit(code); /* what a running worker uses must not be freed */
    }
    free_all(e);
    if (code == EX_OK)
        cw_log(CW_LOG_INFO, "engine", "stopped");
    return code;
}

int main(int argc, char **argv)
{
    static const struct cw_program program = {
        .name = "causeway-engine",
        .purpose =
            "The data plane of a Causeway appliance: TLS, sessions, and pages piped to control.\n",
        .remarks =
            "causeway-supervisor starts it with its listening sockets in CAUSEWAY_LISTEN; alone\n"
            "it opens them itself.\n",
    };
    const char *config_path = NULL;
    int status = cw_options_parse(&program, argc, argv, &config_path);
    return status < 0 ? run(config_path) : status;
}
