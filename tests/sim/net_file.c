/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/net_file.c - the simulated disk: what a reader sees, and what a crash leaves of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "tests/sim/net.h"
#include "tests/sim/net_worker.h"

enum { DELAY_NS = 50000 };

/* ---- contents ----------------------------------------------------------------------------------- */

static void content_write(struct net_content *c, uint64_t offset, const uint8_t *data, size_t size)
{
    size_t end = (size_t)offset + size;
    if (end > c->size) {
        uint8_t *p = realloc(c->data, end);
        CW_CHECK(p != NULL, "the test machine has memory");
        memset(p + c->size, 0, end - c->size);
        c->data = p;
        c->size = end;
    }
    if (size > 0)
        memcpy(c->data + offset, data, size);
}

static void content_copy(struct net_content *to, const struct net_content *from)
{
    free(to->data);
    *to = (struct net_content){0};
    content_write(to, 0, from->data, from->size);
}

static void forget_writes(struct net_file *f)
{
    while (f->first != NULL) {
        struct net_write *w = f->first;
        f->first = w->next;
        free(w);
    }
    f->last = NULL;
}

static void file_free(struct net_file *f)
{
    forget_writes(f);
    free(f->now.data);
    free(f->durable.data);
    free(f);
}

static struct net_file *file_find(const struct cw_net *net, const char *name)
{
    for (struct net_file *f = net->files; f != NULL; f = f->next)
        if (strncmp(f->name, name, sizeof(f->name)) == 0)
            return f;
    return NULL;
}

static void file_write(struct net_file *f, uint64_t offset, const uint8_t *data, size_t size)
{
    struct net_write *w = malloc(sizeof(*w) + size);
    CW_CHECK(w != NULL, "the test machine has memory");
    *w = (struct net_write){.offset = offset, .size = size};
    memcpy(w->data, data, size);
    if (f->last != NULL)
        f->last->next = w;
    else
        f->first = w;
    f->last = w;
    content_write(&f->now, offset, data, size);
}

static void file_sync(struct net_file *f)
{
    content_copy(&f->durable, &f->now);
    forget_writes(f);
    f->was_synced = true;
}

void net_disk_free(struct cw_net *net)
{
    while (net->files != NULL) {
        struct net_file *f = net->files;
        net->files = f->next;
        file_free(f);
    }
}

/* ---- the test's side ---------------------------------------------------------------------------- */

void cw_net_disk_set(struct cw_net *net, const struct cw_net_disk *disk)
{
    net->disk = *disk;
    net->disk_used = 0;
}

void cw_net_disk_crash(struct cw_net *net)
{
    for (unsigned i = 0; i < net->options.workers; i++)
        CW_CHECK(net->workers[i] == NULL, "a machine that crashes takes its workers along");
    for (struct net_file **at = &net->files; *at != NULL;) {
        struct net_file *f = *at;
        if (!f->was_synced && net_draw(net, 2) == 0) {
            *at = f->next;
            file_free(f);
            continue;
        }
        unsigned count = 0;
        for (const struct net_write *w = f->first; w != NULL; w = w->next)
            count++;
        unsigned kept = (unsigned)net_draw(net, (uint64_t)count + 1);
        for (const struct net_write *w = f->first; w != NULL && kept > 0; w = w->next, kept--) {
            bool is_torn = kept == 1 && net_draw(net, 2) == 0;
            size_t size = is_torn ? (size_t)net_draw(net, w->size) : w->size;
            content_write(&f->durable, w->offset, w->data, size);
        }
        content_copy(&f->now, &f->durable);
        forget_writes(f);
        at = &f->next;
    }
}

const uint8_t *cw_net_file(const struct cw_net *net, const char *name, size_t *ret_size)
{
    static const uint8_t nothing[1];
    const struct net_file *f = file_find(net, name);
    *ret_size = f != NULL ? f->now.size : 0;
    if (f == NULL)
        return NULL;
    return f->now.data != NULL ? f->now.data : nothing;
}

const char *cw_net_file_name(const struct cw_net *net, unsigned index)
{
    const struct net_file *f = net->files;
    while (f != NULL && index-- > 0)
        f = f->next;
    return f != NULL ? f->name : NULL;
}

/* ---- requests ----------------------------------------------------------------------------------- */

static cw_file number_of(const struct net_worker *w, const struct net_handle *h)
{
    return (cw_file)h->generation << CW_IO_INDEX_BITS | (cw_file)(h - w->files);
}

static struct net_handle *handle_of(struct net_worker *w, cw_file number)
{
    unsigned index = number & NET_INDEX_MASK;
    CW_CHECK(index < NET_FILES, "a file number comes from the backend");
    struct net_handle *h = &w->files[index];
    CW_CHECK(h->file != NULL && h->generation == number >> CW_IO_INDEX_BITS && !h->is_closing,
             "a file is used until it is closed");
    return h;
}

int net_file_create(struct cw_io *io, const char *name, cw_file *ret_file)
{
    struct net_worker *w = net_worker_of(io);
    size_t size = strlen(name) + 1;
    struct net_handle *h = w->files;
    if (size == 1 || size > CW_NET_FILE_NAME_BYTES || strchr(name, '/') != NULL)
        return CW_ERR_INVALID;
    while (h < w->files + NET_FILES && h->file != NULL)
        h++;
    if (h == w->files + NET_FILES)
        return CW_ERR_FULL;
    if (file_find(w->net, name) != NULL)
        return CW_ERR_CONFLICT;
    if (w->net->disk.is_limited && w->net->disk_used >= w->net->disk.room_bytes)
        return CW_ERR_FULL;
    struct net_file *f = calloc(1, sizeof(*f));
    CW_CHECK(f != NULL, "the test machine has memory");
    memcpy(f->name, name, size);
    struct net_file **at = &w->net->files;
    while (*at != NULL)
        at = &(*at)->next;
    *at = f;
    uint16_t generation = h->generation < CW_IO_GENERATION_MAX ? h->generation + 1 : 1;
    *h = (struct net_handle){.file = f, .generation = generation};
    *ret_file = number_of(w, h);
    return CW_OK;
}

static void begin(struct net_worker *w, struct net_handle *h, bool is_sync)
{
    const struct cw_net_disk *disk = &w->net->disk;
    uint64_t most = disk->delay_max_ns != 0 ? disk->delay_max_ns : DELAY_NS;
    CW_CHECK(!h->is_busy, "one request is in flight a file");
    h->is_busy = true;
    h->is_sync = is_sync;
    h->done_ns = w->net->now_ns + disk->delay_min_ns;
    if (most > disk->delay_min_ns)
        h->done_ns += net_draw(w->net, most - disk->delay_min_ns + 1);
}

int net_file_write(struct cw_io *io, cw_file number, const struct iovec *iov, unsigned count,
                   uint64_t offset)
{
    struct net_worker *w = net_worker_of(io);
    struct net_handle *h = handle_of(w, number);
    CW_CHECK(count > 0 && count <= CW_IO_IOV_MAX, "a write has 1 to CW_IO_IOV_MAX pieces");
    begin(w, h, false);
    memcpy(h->iov, iov, count * sizeof(*iov));
    h->count = count;
    h->offset = offset;
    return CW_OK;
}

int net_file_sync(struct cw_io *io, cw_file number)
{
    struct net_worker *w = net_worker_of(io);
    begin(w, handle_of(w, number), true);
    return CW_OK;
}

/* The first most bytes. */
static int32_t write_part(struct cw_net *net, struct net_handle *h, size_t most)
{
    size_t taken = 0;
    for (unsigned i = 0; i < h->count && taken < most; i++) {
        size_t n = h->iov[i].iov_len < most - taken ? h->iov[i].iov_len : most - taken;
        if (n > 0)
            file_write(h->file, h->offset + taken, h->iov[i].iov_base, n);
        taken += n;
    }
    net->disk_used += taken;
    return (int32_t)taken;
}

void net_file_close(struct cw_io *io, cw_file number)
{
    struct net_handle *h = handle_of(net_worker_of(io), number);
    h->is_closing = true;
    if (h->is_busy && !h->is_sync) {
        /* Its bytes may be gone when it would end: what the disk has taken so far stays. */
        size_t total = 0;
        for (unsigned k = 0; k < h->count; k++)
            total += h->iov[k].iov_len;
        h->is_busy = false;
        (void)write_part(net_worker_of(io)->net, h,
                         (size_t)net_draw(net_worker_of(io)->net, total + 1));
    }
    if (!h->is_busy)
        h->file = NULL;
}

/* ---- completions -------------------------------------------------------------------------------- */

uint64_t net_files_due(const struct net_worker *w)
{
    uint64_t due = NET_NEVER;
    for (unsigned i = 0; i < NET_FILES; i++)
        if (w->files[i].is_busy && w->files[i].done_ns < due)
            due = w->files[i].done_ns;
    return due;
}

static int32_t write_now(struct cw_net *net, struct net_handle *h)
{
    size_t total = 0;
    for (unsigned i = 0; i < h->count; i++)
        total += h->iov[i].iov_len;
    size_t most = total;
    if (net->disk.short_permille != 0 && total > 1 &&
        net_draw(net, 1000) < net->disk.short_permille)
        most = 1 + (size_t)net_draw(net, total - 1);
    uint64_t room = net->disk.is_limited && net->disk.room_bytes > net->disk_used
                        ? net->disk.room_bytes - net->disk_used
                        : 0;
    if (net->disk.is_limited && most > room)
        most = (size_t)room;
    return most == 0 && total > 0 ? -ENOSPC : write_part(net, h, most);
}

bool net_files_give(struct net_worker *w, struct cw_io_completion *c)
{
    struct cw_net *net = w->net;
    for (unsigned i = 0; i < NET_FILES; i++) {
        struct net_handle *h = &w->files[i];
        if (!h->is_busy || h->done_ns > net->now_ns)
            continue;
        int32_t result = 0;
        h->is_busy = false;
        if (net->disk.fail_permille != 0 && net_draw(net, 1000) < net->disk.fail_permille)
            result = -EIO;
        else if (h->is_sync)
            file_sync(h->file);
        else
            result = write_now(net, h);
        *c = (struct cw_io_completion){
            .op = CW_IO_FILE, .socket = number_of(w, h), .result = result};
        if (!h->is_closing)
            return true;
        h->file = NULL;
    }
    return false;
}

void net_files_stop(struct net_worker *w)
{
    for (unsigned i = 0; i < NET_FILES; i++) {
        struct net_handle *h = &w->files[i];
        if (!h->is_busy || h->is_sync)
            continue;
        size_t total = 0;
        for (unsigned k = 0; k < h->count; k++)
            total += h->iov[k].iov_len;
        (void)write_part(w->net, h, (size_t)net_draw(w->net, total + 1));
    }
}
