/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/config.h - causeway.conf: bootstrap settings of supervisor, engine and control.
 *
 * Owner:     the caller owns the struct; it never changes after start.
 * Thread:    any.
 * Units:     in the names.
 * Errors:    CW_ERR_IO (file), CW_ERR_INVALID; message says "FILE:LINE: what" and, for an unknown key,
 *            which known key is nearest.
 *
 * Limits:    a file has at most CW_CONFIG_BYTES_MAX bytes.
 *
 * Lines are "key = value"; "#" at the start of a line or after a blank starts a comment; a key may come
 * once; an unknown key is an error; a key that does not come keeps its default.
 */
#ifndef CW_ENGINE_BASE_CONFIG_H
#define CW_ENGINE_BASE_CONFIG_H

#include <stddef.h>

struct cw_config {
    char listen_https[128];  /* "[::]:8443": one port for native clients, browsers and pages */
    char listen_http[128];   /* "[::]:8080": answers a redirect only; "off" */
    char listen_metrics[128]; /* "127.0.0.1:9187": metrics and health over plain HTTP; "off" */
    char public_origin[512]; /* "https://localhost:8443 https://help.example": exact, space between;
                                the first one is used in links */
    char state_dir[256];     /* tls/ (engine), control/ (control): kept */
    char run_dir[96];    /* link.sock, web.sock, control.sock, control-ro.sock (sun_path is 108) */
    char pages_dir[256]; /* console and portal files, built from clients/console */
    char download_dir[256]; /* client programs offered by the portal */
    char user[64];          /* engine and control run as this user when started by root */
    char operator_group
        [64];           /* group that may use control.sock beside root and user; empty: nobody */
    char log_format[8]; /* text, json */
    char log_level[16]; /* error, warning, info, debug */
    char recordings_dir[256]; /* empty: state_dir/recordings */
    char recordings_key
        [256]; /* file with the 32 bytes that encrypt recordings; empty: they are not */
    char recordings_free_mb[16]; /* below this much free space no recording is possible */
    char recording[16];          /* off, on, required: until control is told otherwise */
    char tcp_congestion[16]; /* congestion control of accepted connections; empty: the system's */
    unsigned workers;        /* 0: one a core */
};

enum { CW_CONFIG_BYTES_MAX = 64 * 1024 };

/* What an empty file means: the layout of an installed appliance. */
void cw_config_default(struct cw_config *ret_config);
int cw_config_load(const char *path, struct cw_config *ret_config, char *message,
                   size_t message_size);
/* Reads all of it, for a check: report is called for each wrong line ("FILE:LINE: what") or for the file itself.
 * Returns how many times; *ret_config has what is right, defaults elsewhere. */
typedef void (*cw_config_report_fn)(void *user, const char *problem);
unsigned cw_config_check(const char *path, cw_config_report_fn report, void *user,
                         struct cw_config *ret_config);
/* The same from memory; name stands for the file in messages. *ret_config is untouched unless 0. */
int cw_config_parse(const char *text, size_t size, const char *name, struct cw_config *ret_config,
                    char *message, size_t message_size);

/* Where recordings go. */
void cw_config_recordings_dir(const struct cw_config *config, char *out, size_t out_size);

/* "[::]:8443" or "192.0.2.1:8443" into its parts; host has no brackets. */
struct cw_listen_address {
    char host[64];
    unsigned port; /* 1 to 65535 */
    int is_ipv6;
};
int cw_listen_address_parse(const char *text, struct cw_listen_address *ret_address);

#endif
