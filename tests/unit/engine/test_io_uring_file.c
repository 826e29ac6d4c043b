/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the io_uring backend: written and synced through the ring, made in one directory and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/sandbox.h"
#include "tests/unit/engine/io_fixture.h"

static char directory_path[64];
static int directory;

static struct cw_io *open_backend(unsigned without)
{
    struct cw_io *io = NULL;
    const struct cw_io_uring_config config = {.sockets_max = 8, .directory = directory};
    assert_int_equal(cw_io_uring_new_without(without, &config, &io), 0);
    return io;
}

/* Waits for the one request of the file. */
static int32_t done(struct cw_io *io, cw_file file)
{
    struct cw_io_completion c = expect(io, CW_IO_FILE);
    assert_int_equal(c.socket, file);
    return c.result;
}

static size_t read_back(const char *name, uint8_t *out, size_t size)
{
    int fd = openat(directory, name, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, out, size);
    assert_true(n >= 0);
    close(fd);
    return (size_t)n;
}

static void what_is_written_is_there(void **state)
{
    struct cw_io *io = open_backend(modes[mode_of(state)].without);
    cw_file f;
    enum { PIECE = 100000, PIECES = 5 };
    static uint8_t bytes[PIECES * PIECE], back[sizeof(bytes) + 1];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 11 + i / 255);
    assert_int_equal(io->ops->file_create(io, "a.rec", &f), 0);
    struct iovec iov[PIECES];
    for (unsigned i = 0; i < PIECES; i++)
        iov[i] = (struct iovec){bytes + i * PIECE, PIECE};
    assert_int_equal(io->ops->file_write(io, f, iov, 1, 0), 0);
    assert_int_equal(done(io, f), PIECE);
    assert_int_equal(io->ops->file_write(io, f, iov + 1, PIECES - 1, PIECE), 0);
    memset(iov, 0, sizeof(iov)); /* the array is copied */
    assert_int_equal(done(io, f), (PIECES - 1) * PIECE);
    assert_int_equal(io->ops->file_sync(io, f), 0);
    assert_int_equal(done(io, f), 0);
    assert_int_equal(read_back("a.rec", back, sizeof(back)), sizeof(bytes));
    assert_memory_equal(bytes, back, sizeof(bytes));
    struct stat st;
    assert_int_equal(fstatat(directory, "a.rec", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    cw_file again;
    assert_int_equal(io->ops->file_create(io, "a.rec", &again), CW_ERR_CONFLICT);
    io->ops->file_close(io, f);
    assert_int_equal(io->ops->file_sync(io, f), CW_ERR_STATE);
    assert_null(io->ops->free(io));
    unlinkat(directory, "a.rec", 0);
}

static void names_stay_in_the_directory(void **state)
{
    struct cw_io *io = open_backend(modes[mode_of(state)].without);
    cw_file f = 0;
    char longest[300];
    memset(longest, 'n', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = 0;
    assert_int_equal(io->ops->file_create(io, "../out", &f), CW_ERR_INVALID);
    assert_int_equal(io->ops->file_create(io, "/tmp/out", &f), CW_ERR_INVALID);
    assert_int_equal(io->ops->file_create(io, "", &f), CW_ERR_INVALID);
    assert_int_equal(io->ops->file_create(io, longest, &f), CW_ERR_INVALID);
    assert_int_equal(io->ops->file_create(io, "..", &f), CW_ERR_CONFLICT); /* it exists */
    assert_int_equal(symlinkat("/tmp/out", directory, "link"), 0);
    assert_int_equal(io->ops->file_create(io, "link", &f), CW_ERR_CONFLICT);
    unlinkat(directory, "link", 0);
    assert_int_equal(f, 0);
    assert_null(io->ops->free(io));

    struct cw_io_uring_config none = {.sockets_max = 8, .directory = -1};
    assert_int_equal(cw_io_uring_new(&none, &io), 0);
    assert_int_equal(io->ops->file_create(io, "a", &f), CW_ERR_STATE);
    assert_int_equal(io->ops->file_sync(io, 1u << CW_IO_INDEX_BITS), CW_ERR_STATE);
    assert_null(io->ops->free(io));
}

/* A disk that is full says so and what it took counts. */
static void a_full_disk_is_told(void **state)
{
    struct cw_io *io = open_backend(modes[mode_of(state)].without);
    enum { LIMIT = 50000 };
    static uint8_t bytes[100000];
    cw_file f;
    struct rlimit normal;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &normal), 0);
    const struct rlimit small = {.rlim_cur = LIMIT, .rlim_max = normal.rlim_max};
    assert_int_equal(io->ops->file_create(io, "full", &f), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct iovec iov = {bytes, sizeof(bytes)};
    assert_int_equal(io->ops->file_write(io, f, &iov, 1, 0), 0);
    int32_t first = done(io, f);
    iov = (struct iovec){bytes, 10};
    assert_int_equal(io->ops->file_write(io, f, &iov, 1, LIMIT), 0);
    int32_t second = done(io, f);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &normal), 0);
    assert_int_equal(first, LIMIT);
    assert_int_equal(second, -EFBIG);
    io->ops->file_close(io, f);
    assert_null(io->ops->free(io));
    unlinkat(directory, "full", 0);
}

static void closing_finishes_what_is_under_way(void **state)
{
    unsigned before = descriptors_open();
    struct cw_io *io = open_backend(modes[mode_of(state)].without);
    static uint8_t bytes[300000], back[300000];
    memset(bytes, 7, sizeof(bytes));
    cw_file f, g;
    struct iovec iov = {bytes, sizeof(bytes)};
    assert_int_equal(io->ops->file_create(io, "closed", &f), 0);
    assert_int_equal(io->ops->file_create(io, "freed", &g), 0);
    assert_int_equal(io->ops->file_write(io, f, &iov, 1, 0), 0);
    io->ops->file_close(io, f);
    expect_nothing(io, 100);
    assert_int_equal(read_back("closed", back, sizeof(back)), sizeof(bytes));
    assert_memory_equal(bytes, back, sizeof(bytes));
    /* So does the end of the backend: afterwards nothing reads our bytes. */
    assert_int_equal(io->ops->file_write(io, g, &iov, 1, 0), 0);
    assert_null(io->ops->free(io));
    memset(bytes, 8, sizeof(bytes));
    assert_int_equal(read_back("freed", back, sizeof(back)), sizeof(bytes));
    for (size_t i = 0; i < sizeof(back); i++)
        assert_int_equal(back[i], 7);
    unlinkat(directory, "closed", 0);
    unlinkat(directory, "freed", 0);
    assert_int_equal(descriptors_open(), before);
}

static void many_files_are_written_at_once(void **state)
{
    struct cw_io *io = open_backend(modes[mode_of(state)].without);
    enum { FILES = 100, ROUNDS = 20 };
    cw_file files[FILES];
    unsigned rounds[FILES] = {0}, left = FILES;
    uint8_t line[64];
    memset(line, 'x', sizeof(line));
    struct iovec iov = {line, sizeof(line)};
    char name[32];
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "many-%u", i);
        assert_int_equal(io->ops->file_create(io, name, &files[i]), 0);
        assert_int_equal(io->ops->file_write(io, files[i], &iov, 1, 0), 0);
    }
    while (left > 0) {
        struct cw_io_completion c = expect(io, CW_IO_FILE);
        unsigned i = 0;
        while (files[i] != c.socket)
            assert_true(++i < FILES);
        assert_int_equal(c.result, sizeof(line));
        if (++rounds[i] < ROUNDS) {
            uint64_t offset = (uint64_t)rounds[i] * sizeof(line);
            assert_int_equal(io->ops->file_write(io, files[i], &iov, 1, offset), 0);
        } else {
            io->ops->file_close(io, files[i]);
            left--;
        }
    }
    static uint8_t back[ROUNDS * sizeof(line) + 1];
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "many-%u", i);
        assert_int_equal(read_back(name, back, sizeof(back)), ROUNDS * sizeof(line));
        unlinkat(directory, name, 0);
    }
    assert_null(io->ops->free(io));
}

/* Inside landlock, in a child, as it cannot be undone: new files here, and nothing else anywhere. */
static int confined(void)
{
    char message[128];
    int version = 0;
    struct cw_io *io = NULL;
    const struct cw_io_uring_config config = {.sockets_max = 8, .directory = directory};
    if (cw_io_uring_new(&config, &io) != CW_OK)
        return 1;
    int err = cw_sandbox_close_files(directory, &version, message, sizeof(message));
    if (err == CW_ERR_UNSUPPORTED)
        return 77;
    cw_file f;
    struct cw_io_completion c;
    struct iovec iov = {message, 10};
    if (err != CW_OK || io->ops->file_create(io, "confined", &f) != CW_OK)
        return 2;
    if (io->ops->file_write(io, f, &iov, 1, 0) != CW_OK ||
        io->ops->wait(io, in_ms(3000), &c, 1) != 1 || c.result != 10)
        return 3;
    if (io->ops->file_sync(io, f) != CW_OK || io->ops->wait(io, in_ms(3000), &c, 1) != 1 ||
        c.result != 0)
        return 4;
    if (openat(directory, "confined", O_RDONLY) >= 0 || errno != EACCES)
        return 5;
    if (unlinkat(directory, "confined", 0) == 0 || errno != EACCES)
        return 6;
    if (mkdirat(directory, "sub", 0700) == 0 || errno != EACCES)
        return 7;
    if (open("/tmp/cw-test-file-outside", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
        return 8;
    if (openat(directory, "../cw-test-file-outside", O_WRONLY | O_CREAT, 0600) >= 0 ||
        errno != EACCES)
        return 9;
    return 0;
}

static void landlock_leaves_new_files_in_the_directory(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(confined());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    unlinkat(directory, "confined", 0);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    snprintf(directory_path, sizeof(directory_path), "/tmp/cw-test-files-%d", (int)getpid());
    if (mkdir(directory_path, 0700) != 0)
        return 1;
    directory = open(directory_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)signal(SIGXFSZ, SIG_IGN);
    umask(0);
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_there),
        cmocka_unit_test(names_stay_in_the_directory),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(closing_finishes_what_is_under_way),
        cmocka_unit_test(many_files_are_written_at_once),
        cmocka_unit_test(landlock_leaves_new_files_in_the_directory),
    };
    int failures = RUN_IN_ALL_MODES(tests);
    close(directory);
    rmdir(directory_path);
    return failures;
}
