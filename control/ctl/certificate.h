/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl/certificate.h - a certificate and its key from the operator's files into a command.
 *
 * Owner:     the caller wipes line.
 * Thread:    one.
 * Errors:    enum ctl_exit, after the reason was written to stderr.
 * Limits:    CTL_PEM_BYTES_MAX for both together.
 */
#ifndef CW_CONTROL_CTL_CERTIFICATE_H
#define CW_CONTROL_CTL_CERTIFICATE_H

#include <stddef.h>

#include "control/ctl/client.h"

enum { CTL_PEM_BYTES_MAX = 48 * 1024 };

/* Adds pem="..." to "certificate prepare". key may be NULL when the certificate's file has the key too. */
enum ctl_exit ctl_certificate_add(const char *certificate, const char *key, char *line,
                                  size_t line_size);

#endif
