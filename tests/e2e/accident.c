/* SPDX-License-Identifier: Apache-2.0 */
/* Accidents for a program that is loaded with this (LD_PRELOAD), so that tests need no luck: ACCIDENT names a call
 * and what happens to the process there, once; the file ACCIDENT_DONE is made then.
 *
 *   kill FUNCTION [ENDING]   SIGKILL before the call whose path ends so (pwrite: whose offset is behind that)
 *   kill-after FUNCTION ...  the same behind the call
 *   fail FUNCTION ...        the call fails with EIO
 *   flip                     the signature of an offered program has a wrong bit, at every check
 *
 * ACCIDENT_CLOCK=N makes the monotonic clock go N times as fast. ACCIDENT_LOG gets the offsets of pwrite. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { BEFORE, AFTER, FAIL };

static bool is_time(int what, const char *function, const char *path, long long offset)
{
    static const char *const verbs[] = {"kill", "kill-after", "fail"};
    const char *accident = getenv("ACCIDENT"), *done = getenv("ACCIDENT_DONE");
    char verb[16], name[32], ending[200] = "";
    if (accident == NULL || done == NULL ||
        sscanf(accident, "%15s %31s %199s", verb, name, ending) < 2 ||
        strcmp(verb, verbs[what]) != 0 || strcmp(name, function) != 0)
        return false;
    const size_t n = strlen(ending), size = path != NULL ? strlen(path) : 0;
    if (path != NULL ? size < n || strcmp(path + size - n, ending) != 0 : offset < atoll(ending))
        return false;
    const int fd = open(done, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static bool strikes(const char *function, const char *path, long long offset)
{
    if (is_time(BEFORE, function, path, offset))
        raise(SIGKILL);
    errno = EIO;
    return is_time(FAIL, function, path, offset);
}

static void strikes_after(const char *function, const char *path)
{
    const int error = errno;
    if (is_time(AFTER, function, path, 0))
        raise(SIGKILL);
    errno = error;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to)
{
    if (strikes("rename", to, 0))
        return -1;
    const int result = REAL(rename)(from, to);
    strikes_after("rename", to);
    return result;
}

int link(const char *from, const char *to)
{
    if (strikes("link", to, 0))
        return -1;
    return REAL(link)(from, to);
}

int execv(const char *path, char *const argv[])
{
    return strikes("execv", path, 0) ? -1 : REAL(execv)(path, argv);
}

/* The path is the last argument: what the program is started for. */
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
    size_t n = 0;
    while (argv[n] != NULL)
        n++;
    if (strikes("posix_spawn", argv[n - 1], 0))
        return EIO;
    const int result = REAL(posix_spawn)(pid, path, actions, attributes, argv, environment);
    strikes_after("posix_spawn", argv[n - 1]);
    return result;
}

static void tell(long long offset)
{
    const char *path = getenv("ACCIDENT_LOG");
    FILE *f = path != NULL ? fopen(path, "ae") : NULL;
    if (f == NULL)
        return;
    fprintf(f, "%lld\n", offset);
    fclose(f);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (strikes("pwrite", NULL, offset))
        return -1;
    tell(offset);
    return REAL(pwrite)(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

int EVP_DigestVerify(void *context, const unsigned char *signature, size_t signature_size,
                     const unsigned char *text, size_t text_size)
{
    static const char offer[] = "causeway program";
    int (*real)(void *, const unsigned char *, size_t, const unsigned char *, size_t) =
        (__typeof__(real))dlsym(RTLD_NEXT, "EVP_DigestVerify");
    unsigned char wrong[64];
    const char *accident = getenv("ACCIDENT");
    if (accident == NULL || strcmp(accident, "flip") != 0 || signature_size != sizeof wrong ||
        text_size < sizeof offer - 1 || memcmp(text, offer, sizeof offer - 1) != 0)
        return real(context, signature, signature_size, text, text_size);
    memcpy(wrong, signature, sizeof wrong);
    wrong[0] ^= 1;
    return real(context, wrong, sizeof wrong, text, text_size);
}

static long speed(void)
{
    const char *text = getenv("ACCIDENT_CLOCK");
    const long n = text != NULL ? strtol(text, NULL, 10) : 1;
    return n > 0 ? n : 1;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    const int result = REAL(clock_gettime)(clock, t);
    if (clock != CLOCK_MONOTONIC || result != 0)
        return result;
    const unsigned long long ns =
        ((unsigned long long)t->tv_sec * 1000000000U + (unsigned long long)t->tv_nsec) *
        (unsigned long long)speed();
    t->tv_sec = (time_t)(ns / 1000000000U);
    t->tv_nsec = (long)(ns % 1000000000U);
    return 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    return REAL(poll)(fds, count, timeout_ms > 0 ? timeout_ms / (int)speed() + 1 : timeout_ms);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec t = {0};
    if (timeout == NULL)
        return REAL(ppoll)(fds, count, NULL, mask);
    const unsigned long long ns =
        ((unsigned long long)timeout->tv_sec * 1000000000U + (unsigned long long)timeout->tv_nsec) /
        (unsigned long long)speed();
    t.tv_sec = (time_t)(ns / 1000000000U);
    t.tv_nsec = (long)(ns % 1000000000U);
    return REAL(ppoll)(fds, count, &t, mask);
}
