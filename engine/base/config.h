/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/config.h - causeway.conf: bootstrap settings of supervisor, engine and control.
 *
 * Owner:     the caller owns the struct; it never changes after start.
 * Thread:    any.
 * Units:     in the names.
 * Errors:    CW_ERR_IO (file), CW_ERR_INVALID; message says "FILE:LINE: what" and, for an unknown key,
 *            which known key is nearest.
 *
 * Lines are "key = value"; "#" starts a comment; a key may come once; an unknown key is an error.
 */
#ifndef CW_ENGINE_BASE_CONFIG_H
#define CW_ENGINE_BASE_CONFIG_H

#include <stddef.h>

struct cw_config {
    char listen_https[128];  /* "[::]:8443": one port for native clients, browsers and pages */
    char listen_http[128];   /* "[::]:8080": answers a redirect only; "off" */
    char public_origin[512]; /* "https://localhost:8443 https://help.example": exact, space between;
                                the first one is used in links */
    char state_dir[256];     /* tls/ (engine), control/ (control): kept */
    char run_dir[96];        /* link.sock, web.sock, control.sock, control-ro.sock (sun_path is 108) */
    char pages_dir[256];     /* console and portal files, built from clients/console */
    char download_dir[256];  /* client programs offered by the portal */
    char user[64];           /* engine and control run as this user when started by root */
    char operator_group[64]; /* group that may use control.sock beside root and user; empty: nobody */
    char log_level[16];      /* error, warning, info, debug */
    unsigned workers;        /* 0: one a core */
};

int cw_config_load(const char *path, struct cw_config *ret_config, char *message, size_t message_size);

#endif
