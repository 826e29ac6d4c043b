/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds each file of a corpus directory to a fuzz target: what was found once stays fixed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 64 * 1024 * 1024 };

/* 0 when the whole file went through the target. */
static int replay(const char *path)
{
    int result = -1;
    uint8_t *data = NULL;
    long size = -1;
    FILE *file = fopen(path, "rb");
    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0 && size <= INPUT_BYTES_MAX && fseek(file, 0, SEEK_SET) == 0)
        /* Exactly as large as the input, so that a sanitizer sees one byte too many. */
        data = malloc(size > 0 ? (size_t)size : 1);
    if (data != NULL && fread(data, 1, (size_t)size, file) == (size_t)size) {
        (void)LLVMFuzzerTestOneInput(data, (size_t)size);
        result = 0;
    } else {
        (void)fprintf(stderr, "%s: cannot be read whole\n", path);
    }
    free(data);
    if (file != NULL)
        (void)fclose(file);
    return result;
}

int main(int argc, char **argv)
{
    char path[4096];
    unsigned passed = 0;
    unsigned failed = 0;
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    if (directory == NULL) {
        (void)fprintf(stderr, "usage: %s DIRECTORY-OF-INPUTS (it must exist)\n", argv[0]);
        return 2;
    }
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        if (replay(path) == 0)
            passed++;
        else
            failed++;
    }
    (void)closedir(directory);
    if (passed == 0) {
        (void)fprintf(stderr, "%s: the corpus is empty\n", argv[1]);
        failed++;
    }
    (void)printf("%s\n%u passed, %u failed\n", argv[1], passed, failed);
    return failed == 0 ? 0 : 1;
}
