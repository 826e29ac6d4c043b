/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/operate.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/worker_state.h"

enum { TEXT_BYTES = 200, DESCRIPTION_BYTES = 320, CERTIFICATE_TEXT_BYTES = 900 };

const char cw_operate_drain_text[] =
    "The appliance is being drained for maintenance and takes nothing new. Try again later.";

static void answer(struct cw_worker *w, const struct cw_link_message *order, int err,
                   const char *text)
{
    struct cw_link_message m = {
        .type = CW_LINK_ANSWER,
        .request = order->request,
        .code = err == CW_OK ? CW_LINK_ANSWER_DONE : CW_LINK_ANSWER_REFUSED,
        .bytes = (const uint8_t *)text,
        .bytes_count = strlen(text),
    };
    if (order->request != 0)
        (void)cw_link_put(w, &m);
}

/* The two that live outside of the worker's own data. */
static void apply(const struct cw_worker *w, enum cw_setting setting)
{
    if (setting == CW_SETTING_log_level)
        cw_log_set_level((enum cw_log_level)w->settings.log_level);
    else if (setting == CW_SETTING_busy_poll_us)
        w->io->ops->set_busy_poll(w->io, (uint32_t)w->settings.busy_poll_us);
}

void cw_operate_on_setting(struct cw_worker *w, const struct cw_link_message *m)
{
    char text[TEXT_BYTES];
    enum cw_setting setting = cw_setting_find((const char *)m->bytes, m->bytes_count);
    int err = cw_setting_set(&w->settings, setting, m->value, text, sizeof text);
    if (err == CW_OK) {
        apply(w, setting);
        cw_setting_text(setting, m->value, text, sizeof text);
        cw_log(CW_LOG_INFO, "engine.operate", "worker=%u setting=%s value=%s", w->config.index,
               cw_setting_info(setting)->name, text);
    } else {
        cw_log(CW_LOG_WARNING, "engine.operate", "worker=%u setting refused: %s", w->config.index,
               text);
    }
    answer(w, m, err, text);
}

/* What is in use, and what waits. */
static void describe(struct cw_tls_context *tls, const char *remark, char *text, size_t size)
{
    char current[DESCRIPTION_BYTES];
    char prepared[DESCRIPTION_BYTES];
    cw_tls_certificate_describe(tls, CW_TLS_CERTIFICATE_WEB, false, current, sizeof current);
    cw_tls_certificate_describe(tls, CW_TLS_CERTIFICATE_WEB, true, prepared, sizeof prepared);
    (void)snprintf(text, size, "in use: %s%s%s%s%s", current,
                   prepared[0] != '\0' ? "; prepared: " : "", prepared,
                   remark[0] != '\0' ? "; note: " : "", remark);
}

void cw_operate_on_certificate(struct cw_worker *w, const struct cw_link_message *m)
{
    char text[CERTIFICATE_TEXT_BYTES];
    char remark[TEXT_BYTES] = "";
    struct cw_tls_context *tls = w->config.tls;
    const char *pem = (const char *)m->bytes;
    int err = CW_OK;
    if (w->config.index != 0) { /* the certificate is the process's, not a worker's */
        answer(w, m, CW_OK, "");
        return;
    }
    if (m->kind == CW_LINK_CERTIFICATE_ABORT)
        cw_tls_certificate_abort(tls, CW_TLS_CERTIFICATE_WEB);
    if (m->kind == CW_LINK_CERTIFICATE_PREPARE || m->kind == CW_LINK_CERTIFICATE_COMMIT)
        err = cw_tls_certificate_prepare(tls, CW_TLS_CERTIFICATE_WEB, pem, m->bytes_count, remark,
                                         sizeof remark);
    if (err == CW_OK && m->kind == CW_LINK_CERTIFICATE_COMMIT)
        err = cw_tls_certificate_commit(tls, CW_TLS_CERTIFICATE_WEB);
    if (err == CW_OK)
        describe(tls, remark, text, sizeof text);
    answer(w, m, err, err == CW_OK ? text : remark);
}

void cw_operate_on_drain(struct cw_worker *w, const struct cw_link_message *m)
{
    bool is_draining = m->kind != 0;
    if (is_draining != w->is_draining)
        cw_log(CW_LOG_INFO, "engine.operate", "worker=%u %s", w->config.index,
               is_draining ? "drains: nothing new is taken" : "takes new sessions again");
    w->is_draining = is_draining;
    answer(w, m, CW_OK, "");
}
