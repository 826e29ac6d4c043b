/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/disabled.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/agent/state.h"
#include "engine/base/err.h"

static int path_of(const char *state_dir, const char *file, char *out, size_t size)
{
    const int n = snprintf(out, size, "%s/%s", state_dir, file);
    return n > 0 && (size_t)n < size ? 0 : CW_ERR_INVALID;
}

bool cw_disabled_look(struct cw_disabled *d)
{
    char events[4096];
    const bool before = d->is_disabled;
    while (d->fd >= 0 && read(d->fd, events, sizeof(events)) > 0)
        continue; /* which file it was does not matter */
    d->is_disabled = access(d->path, F_OK) == 0;
    return d->is_disabled != before;
}

void cw_disabled_open(struct cw_disabled *d, const char *state_dir)
{
    *d = (struct cw_disabled){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (d->fd >= 0 && inotify_add_watch(d->fd, state_dir,
                                        IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM) < 0)
        cw_disabled_close(d);
    if (path_of(state_dir, CW_STATE_DISABLED_FILE, d->path, sizeof(d->path)) != 0)
        d->path[0] = '\0';
    (void)cw_disabled_look(d);
}

void cw_disabled_close(struct cw_disabled *d)
{
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
}

int cw_disabled_set(const char *state_dir, bool is_disabled)
{
    static const char text[] = "This computer's user allows no sessions: causeway-client enable\n";
    char path[4200];
    if (path_of(state_dir, CW_STATE_DISABLED_FILE, path, sizeof(path)) != 0) {
        errno = ENAMETOOLONG;
        return CW_ERR_IO;
    }
    if (is_disabled)
        return cw_file_replace(path, text, sizeof(text) - 1, 0600);
    return unlink(path) == 0 || errno == ENOENT ? 0 : CW_ERR_IO;
}

int cw_disabled_run(const char *state_dir, bool is_disabled)
{
    char path[4200];
    if (path_of(state_dir, "client.json", path, sizeof(path)) != 0 || access(path, F_OK) != 0) {
        fprintf(stderr, "causeway-client: There is no enrolment in %s that you may change.\n",
                state_dir);
        return EX_NOINPUT;
    }
    if (cw_disabled_set(state_dir, is_disabled) != 0) {
        fprintf(stderr, "causeway-client: Cannot change %s: %s.\n", state_dir, strerror(errno));
        return EX_NOPERM;
    }
    puts(is_disabled
             ? "Disabled: nobody can Jump to this computer until \"causeway-client enable\". "
               "Sessions that run go on."
             : "Enabled: sessions can begin again.");
    return 0;
}
