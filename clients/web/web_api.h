/* SPDX-License-Identifier: Apache-2.0 */
/* clients/web/web_api.h - what encoder.wasm exports for a page that shares its screen (clients/web/README.md).
 *
 * Owner:     one source and one sender a module; pointers are valid until the next call.
 * Thread:    one.
 * Units:     ms of the page's monotonic clock, pixels, bytes.
 * Errors:    0 or a negative enum cw_err; cw_web_text says what a person should know.
 * Limits:    those of clients/agent/source.h and clients/web/picture.h.
 * Invariant: no screen byte is made while the page does not allow it.
 *
 * Source and sender are the native client's (clients/agent/source.c, clients/peer/peer.c). The page writes pictures,
 * gives the clock and what came from the appliance, and sends the frames that it is given, in order.
 */
#ifndef CW_CLIENTS_WEB_WEB_API_H
#define CW_CLIENTS_WEB_WEB_API_H

#include <stdint.h>

#if defined(__wasm__)
#    define CW_EXPORT(name) __attribute__((export_name(#    name))) name
#else
#    define CW_EXPORT(name) name
#endif

/* Room for a picture (R, G, B, A), or NULL; then cw_web_picture once it is whole. The first opens the source. */
uint8_t *CW_EXPORT(cw_web_room)(uint32_t width_px, uint32_t height_px);
int32_t CW_EXPORT(cw_web_picture)(void);

/* A new connection, welcomed to the session of that number; and its end: what waits is of no use to the next one. */
void CW_EXPORT(cw_web_connected)(uint32_t session);
void CW_EXPORT(cw_web_lost)(void);

/* SYNC_REQUEST, SCREEN_ACK, RENDITION and SCREEN_SETTINGS. */
void CW_EXPORT(cw_web_sync)(uint32_t rendition);
void CW_EXPORT(cw_web_ack)(uint32_t rendition, uint32_t update, double now_ms);
void CW_EXPORT(cw_web_want_reduced)(uint32_t is_wanted);
void CW_EXPORT(cw_web_set)(uint32_t colours, uint32_t flags);

/* Does what is due; after an error nothing can be shared any more. */
int32_t CW_EXPORT(cw_web_process)(uint32_t is_allowed, double now_ms);
/* When cw_web_process has something to do though nothing happened; negative: never. */
double CW_EXPORT(cw_web_deadline_ms)(void);

/* The next frame to send, or NULL; its size; and that it was taken. */
const uint8_t *CW_EXPORT(cw_web_output)(void);
uint32_t CW_EXPORT(cw_web_output_bytes)(void);
void CW_EXPORT(cw_web_sent)(void);

/* Ended by NUL; the log's newest line, which is empty when it was taken already. */
const char *CW_EXPORT(cw_web_text)(void);
const char *CW_EXPORT(cw_web_log)(void);

#endif
