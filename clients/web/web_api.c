/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/web/web_api.h"

#include <stdbool.h>
#include <stddef.h>

#include "clients/agent/source.h"
#include "clients/web/picture.h"
#include "engine/base/err.h"

/* A module is one page's: it has one source, as long as it lives. */
static struct {
    struct cw_source *source; /* NULL before the first picture */
    struct cw_peer peer;
    struct cw_screen_settings settings; /* chosen last, for a source that opens later, too */
    bool is_sync_wanted;
    bool is_reduced_wanted;
    size_t output_bytes;
    char text[256];
} web;

static uint64_t ns_of(double ms)
{
    return (uint64_t)(ms * 1e6);
}

uint8_t *cw_web_room(uint32_t width_px, uint32_t height_px)
{
    return cw_picture_room(width_px, height_px);
}

int32_t cw_web_picture(void)
{
    cw_picture_done();
    if (web.source != NULL)
        return 0;
    int err = cw_source_open(NULL, &web.source, web.text, sizeof(web.text));
    if (err != 0)
        return err;
    cw_source_set(web.source, &web.settings);
    if (web.is_sync_wanted)
        cw_source_sync(web.source, CW_RENDITION_FULL);
    cw_source_want_reduced(web.source, web.is_reduced_wanted);
    return 0;
}

void cw_web_connected(uint32_t session)
{
    cw_web_lost();
    web.peer.state = CW_PEER_OPEN;
    web.peer.welcome.session = session;
    web.is_sync_wanted = false;
    web.is_reduced_wanted = false;
    if (web.source != NULL)
        cw_source_connected(web.source);
}

void cw_web_lost(void)
{
    cw_peer_clear(&web.peer);
    cw_peer_init(&web.peer, NULL, NULL);
    web.output_bytes = 0;
}

void cw_web_sync(uint32_t rendition)
{
    web.is_sync_wanted = true;
    if (web.source != NULL && rendition <= CW_RENDITION_REDUCED)
        cw_source_sync(web.source, (uint8_t)rendition);
}

void cw_web_ack(uint32_t rendition, uint32_t update, double now_ms)
{
    if (web.source != NULL && rendition <= CW_RENDITION_REDUCED)
        cw_source_ack(web.source, (uint8_t)rendition, update, ns_of(now_ms));
}

void cw_web_want_reduced(uint32_t is_wanted)
{
    web.is_reduced_wanted = is_wanted != 0;
    if (web.source != NULL)
        cw_source_want_reduced(web.source, web.is_reduced_wanted);
}

void cw_web_set(uint32_t colours, uint32_t flags)
{
    if (colours >= CW_COLOURS_COUNT)
        return;
    web.settings =
        (struct cw_screen_settings){.colours = (uint8_t)colours, .flags = (uint8_t)flags};
    if (web.source != NULL)
        cw_source_set(web.source, &web.settings);
}

int32_t cw_web_process(uint32_t is_allowed, double now_ms)
{
    if (web.source == NULL)
        return 0;
    return cw_source_process(web.source, &web.peer, NULL, is_allowed != 0, ns_of(now_ms), web.text,
                             sizeof(web.text));
}

double cw_web_deadline_ms(void)
{
    const uint64_t at =
        web.source != NULL ? cw_source_deadline_ns(web.source, &web.peer) : UINT64_MAX;
    return at == UINT64_MAX ? -1.0 : (double)at / 1e6;
}

const uint8_t *cw_web_output(void)
{
    web.output_bytes = 0;
    if (web.peer.state != CW_PEER_OPEN)
        return NULL;
    const uint8_t *frame = cw_peer_output(&web.peer, &web.output_bytes);
    return web.output_bytes != 0 ? frame : NULL;
}

uint32_t cw_web_output_bytes(void)
{
    return (uint32_t)web.output_bytes;
}

void cw_web_sent(void)
{
    cw_peer_sent(&web.peer, web.output_bytes);
    web.output_bytes = 0;
}

const char *cw_web_text(void)
{
    return web.text;
}
