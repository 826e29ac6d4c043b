/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/agent/xvfb.h - an X server of the test's own, on a free display.
 *
 * Owner:     the test program; xvfb_stop is a cmocka group teardown.
 * Thread:    one.
 * Errors:    the test program ends when there is no Xvfb.
 */
#ifndef CW_TESTS_UNIT_AGENT_XVFB_H
#define CW_TESTS_UNIT_AGENT_XVFB_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t xvfb_pid;
static char xvfb_display[16];

static inline const char *xvfb_name(void)
{
    return xvfb_display;
}

/* Xvfb chooses the display and writes its number to the pipe once it is ready. */
static inline void xvfb_start(const char *screen)
{
    int ends[2];
    char number[8] = "";
    if (pipe(ends) != 0)
        exit(1);
    xvfb_pid = fork();
    if (xvfb_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM); /* also when the test is killed */
        int null = open("/dev/null", O_WRONLY);
        dup2(ends[1], 3);
        dup2(null, 2);
        execlp("Xvfb", "Xvfb", "-displayfd", "3", "-screen", "0", screen, "-nolisten", "tcp",
               "-noreset", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    size_t n = 0; /* number and line feed are two writes: hanging up between them would kill it */
    while (n + 1 < sizeof(number) && memchr(number, '\n', n) == NULL &&
           read(ends[0], number + n, 1) == 1)
        n++;
    close(ends[0]);
    if (xvfb_pid < 0 || n == 0) {
        fprintf(stderr, "Xvfb did not start.\n");
        exit(1);
    }
    number[strcspn(number, "\n")] = '\0';
    snprintf(xvfb_display, sizeof(xvfb_display), ":%.8s", number);
}

static inline int xvfb_stop(void **state)
{
    (void)state;
    if (xvfb_pid > 0) {
        kill(xvfb_pid, SIGTERM);
        waitpid(xvfb_pid, NULL, 0);
    }
    return 0;
}

#endif
