/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/usage.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 300, LINE_BYTES = 1024 };

static double ticks_of(const char *path, bool with_children)
{
    char line[LINE_BYTES];
    double ticks = 0;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return 0;
    if (fgets(line, sizeof line, f) != NULL) {
        const char *rest = strrchr(line, ')');
        unsigned long long user = 0, system = 0;
        long long child_user = 0, child_system = 0;
        if (rest != NULL &&
            sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld", &user,
                   &system, &child_user, &child_system) == 4)
            ticks =
                (double)(user + system) + (with_children ? (double)(child_user + child_system) : 0);
    }
    (void)fclose(f);
    return ticks;
}

/* The scheduler's own count, in ns, of every thread; false where the kernel keeps none. */
static bool scheduled_s(pid_t pid, double *ret_s)
{
    char path[PATH_BYTES];
    double sum_ns = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    if (d == NULL)
        return false;
    struct dirent *e;
    while ((e = readdir(d)) != NULL) {
        unsigned long long ns = 0;
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)pid, e->d_name);
        FILE *f = fopen(path, "r");
        if (f == NULL)
            continue;
        if (fscanf(f, "%llu", &ns) == 1)
            sum_ns += (double)ns;
        (void)fclose(f);
    }
    (void)closedir(d);
    *ret_s = sum_ns / 1e9;
    return sum_ns > 0;
}

/* Calls add for pid and for each of its children. */
static void each(pid_t pid, void (*add)(pid_t pid, void *to), void *to)
{
    char path[PATH_BYTES];
    add(pid, to);
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return;
    int child = 0;
    while (fscanf(f, "%d", &child) == 1)
        add(child, to);
    (void)fclose(f);
}

static void add_cpu(pid_t pid, void *to)
{
    char path[PATH_BYTES];
    double *sum_s = to;
    double s = 0;
    if (!scheduled_s(pid, &s)) {
        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        s = ticks_of(path, true) / (double)sysconf(_SC_CLK_TCK);
    }
    *sum_s += s;
}

static double kilobytes_in(const char *path, const char *key)
{
    char line[LINE_BYTES];
    double value = 0;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtod(line + strlen(key), NULL);
    }
    (void)fclose(f);
    return value;
}

static void add_memory(pid_t pid, void *to)
{
    char path[PATH_BYTES];
    struct cw_usage *sum = to;
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    sum->memory_bytes += kilobytes_in(path, "Pss:") * 1024;
    sum->own_bytes += (kilobytes_in(path, "Pss_Anon:") + kilobytes_in(path, "Pss_Shmem:")) * 1024;
}

static void add_descriptors(pid_t pid, void *to)
{
    char path[PATH_BYTES];
    double *sum = to;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *d = opendir(path);
    if (d == NULL)
        return;
    while (readdir(d) != NULL)
        *sum += 1;
    *sum -= 2; /* . and .. */
    (void)closedir(d);
}

bool cw_usage_exists(pid_t pid)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%d", (int)pid);
    return access(path, F_OK) == 0;
}

double cw_usage_cpu_s(const pid_t *pids, unsigned count)
{
    double sum_s = 0;
    for (unsigned i = 0; i < count; i++)
        each(pids[i], add_cpu, &sum_s);
    return sum_s;
}

struct cw_usage cw_usage_of(const pid_t *pids, unsigned count)
{
    struct cw_usage u = {.cpu_s = cw_usage_cpu_s(pids, count)};
    for (unsigned i = 0; i < count; i++) {
        each(pids[i], add_memory, &u);
        each(pids[i], add_descriptors, &u.descriptors);
    }
    return u;
}

double cw_usage_slab_bytes(void)
{
    return kilobytes_in("/proc/meminfo", "Slab:") * 1024;
}
