/* SPDX-License-Identifier: Apache-2.0 */
/* What this tab keeps so that a reload goes on where the customer was: in the tab's own storage, gone with it. */
import type { Entrance } from '../api/portal';

export interface Kept {
  readonly token: string; /* of the visit */
  readonly entrance: Entrance | null; /* null: the page was opened with a token only */
  readonly customer: string;
  readonly agreed: boolean;
}

const NAME = 'causeway.portal.visit';

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function keptVisit(): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Partial<Kept> | null;
    if (!kept || !isText(kept.token) || !isText(kept.customer)) {
      return null;
    }
    const entrance = kept.entrance;
    const whole = entrance && isText(entrance.command) && isText(entrance.representative) ? entrance : null;
    return { token: kept.token, customer: kept.customer, agreed: kept.agreed === true, entrance: whole };
  } catch {
    return null;
  }
}

export function keepVisit(kept: Kept | null): void {
  try {
    if (kept) {
      sessionStorage.setItem(NAME, JSON.stringify(kept));
    } else {
      sessionStorage.removeItem(NAME);
    }
  } catch {
    /* A browser that keeps nothing: a reload begins anew. */
  }
}
