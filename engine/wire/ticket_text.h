/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/ticket_text.h - what a ticket's signature and a proof of possession are over; for ticket*.c only.
 *
 * Owner:     values only.
 * Thread:    any; no state.
 * Units:     bytes.
 * Errors:    none.
 */
#ifndef CW_ENGINE_WIRE_TICKET_TEXT_H
#define CW_ENGINE_WIRE_TICKET_TEXT_H

#include <stdint.h>

#include "engine/wire/ticket.h"

enum {
    CW_TICKET_PREFIX_BYTES = 18,     /* "causeway ticket v1" */
    CW_POSSESSION_PREFIX_BYTES = 22, /* "causeway possession v1" */
    CW_TICKET_SIGNED_BYTES = CW_TICKET_BYTES - CW_SIGNATURE_BYTES,
    CW_TICKET_TEXT_BYTES = CW_TICKET_PREFIX_BYTES + CW_TICKET_SIGNED_BYTES,
    CW_POSSESSION_TEXT_BYTES = CW_POSSESSION_PREFIX_BYTES + CW_EXPORTER_BYTES + CW_TICKET_ID_BYTES,
};

void cw_ticket_text(const struct cw_ticket *ticket, uint8_t out[CW_TICKET_TEXT_BYTES]);
void cw_possession_text(const uint8_t *exporter, const uint8_t *ticket_id,
                        uint8_t out[CW_POSSESSION_TEXT_BYTES]);

#endif
