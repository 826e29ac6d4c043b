/* SPDX-License-Identifier: Apache-2.0 */
/* engine/mailbox.h - a bounded queue of messages to one worker from all the others.
 *
 * Owner:     main makes one a worker and frees it after the threads have ended; what a mail points to
 *            belongs to the receiver once push has given 0, and stays the sender's otherwise.
 * Thread:    push: any. pop: the receiving worker only.
 * Units:     mails.
 * Errors:    CW_ERR_FULL (the sender keeps the mail), CW_ERR_NOMEM.
 * Limits:    the capacity given at creation; nothing is allocated afterwards.
 * Invariant: mails of one sender arrive in the order they were pushed.
 *
 * After a push the sender calls wake() of the receiver's struct cw_io. A push is a hand-over of a whole
 * connection, once in its life, so a mutex is cheap enough; pop looks at an atomic count before it locks.
 */
#ifndef CW_ENGINE_MAILBOX_H
#define CW_ENGINE_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

enum { CW_MAIL_OPAQUE_BYTES = 48 };

struct cw_mail {
    uint32_t kind; /* the workers' own numbering */
    int32_t
        descriptor; /* from the CLOSE completion that followed detach; goes into adopt; -1: none */
    void *connection;
    uint8_t opaque[CW_MAIL_OPAQUE_BYTES];
};

struct cw_mailbox;

int cw_mailbox_new(unsigned capacity, struct cw_mailbox **ret_mailbox);
/* Mails still in it are dropped: pop until false first. NULL is allowed; gives NULL. */
struct cw_mailbox *cw_mailbox_free(struct cw_mailbox *m);
int cw_mailbox_push(struct cw_mailbox *m, const struct cw_mail *mail);
/* False: empty. */
bool cw_mailbox_pop(struct cw_mailbox *m, struct cw_mail *ret_mail);

#endif
