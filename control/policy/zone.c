/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"

static const char database[] = "/usr/share/zoneinfo";

enum { HEADER_BYTES = 44, TYPE_BYTES = 6 };

struct counts { /* of a block, in the header's order */
    uint32_t utc;
    uint32_t standard;
    uint32_t leap;
    uint32_t time;
    uint32_t type;
    uint32_t name;
};

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t time_of(const uint8_t *p, size_t bytes)
{
    if (bytes == 4)
        return (int32_t)big32(p);
    return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

/* The header at bytes; ret_size: of the block behind it, with times of time_bytes each. */
static int read_header(const uint8_t *bytes, size_t n, size_t time_bytes, struct counts *ret,
                       size_t *ret_size)
{
    uint32_t count[6];

    if (n < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0)
        return CW_ERR_INVALID;
    for (size_t i = 0; i < 6; i++) {
        count[i] = big32(bytes + 20 + i * 4);
        if (count[i] > CW_ZONE_COUNT_MAX)
            return CW_ERR_INVALID;
    }
    *ret = (struct counts){count[0], count[1], count[2], count[3], count[4], count[5]};
    *ret_size = ret->time * time_bytes + ret->time + (size_t)ret->type * TYPE_BYTES + ret->name +
                ret->leap * (time_bytes + 4) + ret->standard + ret->utc;
    return *ret_size <= n - HEADER_BYTES ? 0 : CW_ERR_INVALID;
}

static int read_offset(const uint8_t *types, uint32_t type, int32_t *ret)
{
    const int32_t offset = (int32_t)big32(types + (size_t)type * TYPE_BYTES);

    if (offset < CW_ZONE_OFFSET_S_MIN || offset > CW_ZONE_OFFSET_S_MAX)
        return CW_ERR_INVALID;
    *ret = offset;
    return 0;
}

/* at: the block's first byte; its size was checked. */
static int read_block(const uint8_t *at, const struct counts *count, size_t time_bytes,
                      struct cw_zone *zone)
{
    const uint8_t *indexes = at + count->time * time_bytes;
    const uint8_t *types = indexes + count->time;
    int err = 0;

    if (count->type == 0)
        return CW_ERR_INVALID;
    if (count->leap != 0)
        return CW_ERR_UNSUPPORTED;
    zone->at_s = calloc(count->time + 1, sizeof *zone->at_s);
    zone->offset_s = calloc(count->time + 1, sizeof *zone->offset_s);
    if (zone->at_s == NULL || zone->offset_s == NULL)
        return CW_ERR_NOMEM;
    err = read_offset(types, 0, &zone->first_s);
    for (uint32_t i = 0; err == 0 && i < count->time; i++) {
        zone->at_s[i] = time_of(at + i * time_bytes, time_bytes);
        if (indexes[i] >= count->type || (i > 0 && zone->at_s[i] <= zone->at_s[i - 1]))
            return CW_ERR_INVALID;
        err = read_offset(types, indexes[i], &zone->offset_s[i]);
    }
    zone->count = count->time;
    return err;
}

/* A newline, the rule, a newline. An empty one says nothing about later times. */
static int read_footer(const uint8_t *at, size_t n, struct cw_zone *zone)
{
    const uint8_t *end = NULL;
    int err = 0;

    if (n < 2 || at[0] != '\n')
        return CW_ERR_INVALID;
    end = memchr(at + 1, '\n', n - 1);
    if (end == NULL)
        return CW_ERR_INVALID;
    if (end == at + 1)
        return 0;
    err = cw_zone_rule_parse((const char *)at + 1, (size_t)(end - at - 1), &zone->rule);
    zone->has_rule = err == 0;
    return err;
}

static int parse_into(const uint8_t *bytes, size_t n, struct cw_zone *zone)
{
    struct counts count;
    size_t size = 0;
    int err = read_header(bytes, n, 4, &count, &size);

    if (err != 0)
        return err;
    if (bytes[4] == '\0')
        return read_block(bytes + HEADER_BYTES, &count, 4, zone);
    /* From version 2 on a block with times of 64 bits follows, and a rule. */
    bytes += HEADER_BYTES + size;
    n -= HEADER_BYTES + size;
    err = read_header(bytes, n, 8, &count, &size);
    if (err == 0)
        err = read_block(bytes + HEADER_BYTES, &count, 8, zone);
    if (err == 0)
        err = read_footer(bytes + HEADER_BYTES + size, n - HEADER_BYTES - size, zone);
    return err;
}

int cw_zone_parse(const uint8_t *bytes, size_t n, struct cw_zone **ret_zone)
{
    struct cw_zone *zone = calloc(1, sizeof *zone);
    int err = zone != NULL ? parse_into(bytes, n, zone) : CW_ERR_NOMEM;

    if (err != 0) {
        cw_zone_free(zone);
        return err;
    }
    *ret_zone = zone;
    return 0;
}

void cw_zone_free(struct cw_zone *zone)
{
    if (zone == NULL)
        return;
    free(zone->at_s);
    free(zone->offset_s);
    free(zone);
}

static bool is_name_character(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_' || ch == '+' || ch == '-';
}

bool cw_zone_name_is_good(const char *name)
{
    bool after_slash = true;
    size_t n = 0;

    for (; name[n] != '\0'; n++) {
        if (n == CW_ZONE_NAME_BYTES_MAX || (name[n] == '/' && after_slash))
            return false;
        if (name[n] != '/' && !is_name_character(name[n]))
            return false;
        after_slash = name[n] == '/';
    }
    return n > 0 && !after_slash;
}

int cw_zone_load(const char *name, struct cw_zone **ret_zone)
{
    static uint8_t bytes[CW_ZONE_FILE_BYTES_MAX + 1]; /* the state thread's only */
    char path[sizeof database + 1 + CW_ZONE_NAME_BYTES_MAX];
    struct stat st;
    ssize_t n = -1;
    int fd = -1;
    int err = CW_ERR_INVALID;

    if (!cw_zone_name_is_good(name))
        return CW_ERR_INVALID;
    snprintf(path, sizeof path, "%s/%s", database, name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? CW_ERR_NOT_FOUND : CW_ERR_IO;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        err = CW_ERR_NOT_FOUND;
    else
        n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n > 0 && n <= CW_ZONE_FILE_BYTES_MAX)
        err = cw_zone_parse(bytes, (size_t)n, ret_zone);
    if (err == 0)
        snprintf((*ret_zone)->name, sizeof(*ret_zone)->name, "%s", name);
    return err;
}

struct cw_zone_span cw_zone_at(const struct cw_zone *zone, int64_t unix_s)
{
    uint32_t low = 0;
    uint32_t high = zone->count; /* transitions before low are over, those from high on to come */
    struct cw_zone_span span = {zone->first_s, INT64_MAX};

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->at_s[middle] <= unix_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->count && zone->has_rule)
        return cw_zone_rule_at(&zone->rule, unix_s);
    if (low > 0)
        span.offset_s = zone->offset_s[low - 1];
    if (low < zone->count)
        span.until_s = zone->at_s[low];
    return span;
}
