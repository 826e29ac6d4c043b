/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of recordings for who plays them: a stretch of a file at a time.
 *
 * The file is read on the state thread. A stretch is small, and the next one is asked of the disk meanwhile, so that it
 * is in memory when it is wanted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/audit/audit.h"
#include "control/limits.h"
#include "control/secret.h"
#include "control/state.h"
#include "engine/base/err.h"
#include "engine/wire/recording.h"

/* "session-00000007-0123456789abcdef-001.cwr", as the engine names it: no other file can be asked for. */
static int row_of_file(struct cw_control *c, const char *file, struct cw_recording_row *ret)
{
    struct cw_recording_header header = {0};

    if (!cw_recording_name_parse(file, strlen(file), &header))
        return CW_ERR_NOT_FOUND;
    int err = cw_store_recording_get(c->store, header.recording, header.part, ret);
    return err == 0 && strcmp(ret->file, file) != 0 ? CW_ERR_NOT_FOUND : err;
}

static int file_open(const struct cw_control *c, const char *file)
{
    int folder = c->config.recordings_dir == NULL
                     ? -1
                     : open(c->config.recordings_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    (void)close(folder);
    struct stat st;
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static int stretch_read(int fd, const struct cw_recording_row *row, uint64_t offset,
                        struct cw_reply *reply)
{
    static uint8_t bytes[CW_RECORDING_STRETCH_BYTES]; /* the state thread's */
    static char text[(CW_RECORDING_STRETCH_BYTES * 4 + 2) / 3 + 1];
    const uint64_t end = row->bytes; /* what was sealed, and nothing behind it */
    size_t wanted = offset >= end ? 0 : sizeof bytes;
    size_t got = 0;

    if (wanted > end - offset)
        wanted = (size_t)(end - offset);
    while (got < wanted) {
        ssize_t n = pread(fd, bytes + got, wanted - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cw_refuse(reply, CW_ERR_IO, "%s cannot be read at byte %llu: %s.", row->file,
                             (unsigned long long)(offset + got),
                             n == 0 ? "the file is shorter than when it was sealed"
                                    : strerror(errno));
        got += (size_t)n;
    }
    if (offset + got < end)
        (void)posix_fadvise(fd, (off_t)(offset + got), sizeof bytes, POSIX_FADV_WILLNEED);
    cw_base64url_encode(bytes, got, text);
    json_t *next = offset + got < end ? json_integer((json_int_t)(offset + got)) : json_null();
    reply->json = json_pack("{s:I, s:I, s:s, s:o}", "bytes", (json_int_t)end, "offset",
                            (json_int_t)offset, "data", text, "next", next);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

/* Who looked at what is in the log, once for each part. */
static int audit_play(struct cw_control *c, const struct cw_request *request,
                      const struct cw_recording_row *row)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    (void)snprintf(object, sizeof object, "session %u", row->session);
    err = cw_audit(c, &actor, "recording.play", object, "ok", "%s", row->file);
    return cw_store_end(c->store, err);
}

int cw_op_recording_read(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_recording_row row = {0};
    const char *file = NULL;
    uint64_t offset = 0;
    int err = cw_body_only(request->body, "file offset", reply);

    if (err != 0)
        return err;
    if (cw_body_text(request->body, "file", CW_RECORDING_NAME_BYTES_MAX, &file) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "file must be a file of recording.list.");
    if (cw_body_number(request->body, "offset", 0, INT64_MAX, &offset) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "offset must be a number of bytes.");
    err = row_of_file(c, file, &row);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no such recording.");
    if (err != 0)
        return err;
    int fd = file_open(c, row.file);
    if (fd < 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         "%s is not among the appliance's recordings any more.", row.file);
    if (offset == 0)
        err = audit_play(c, request, &row);
    if (err == 0)
        err = stretch_read(fd, &row, offset, reply);
    (void)close(fd);
    return err;
}
