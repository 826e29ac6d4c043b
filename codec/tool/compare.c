/* SPDX-License-Identifier: Apache-2.0 */
/* The encoders of others are no part of the codec: a program of its own holds them. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "codec/tool/tool.h"

int tool_compare(char **argv)
{
    static const char name[] = "causeway-codec-compare";
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - sizeof(name));
    char *slash = size > 0 ? memrchr(path, '/', (size_t)size) : NULL;
    if (slash != NULL) {
        memcpy(slash + 1, name, sizeof(name));
        (void)execv(path, argv);
    }
    (void)execvp(name, argv);
    return tool_fail(EXIT_NO_PROGRAM, "%s: %s (\"make bench-codec\" builds it)", name,
                     strerror(errno));
}
