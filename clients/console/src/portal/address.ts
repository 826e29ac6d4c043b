/* SPDX-License-Identifier: Apache-2.0 */
/* What the address of the page says: which portal, and with what the customer comes. */
import { tidyKey } from '../portal_key';

export interface Address {
  readonly portal: string | undefined; /* code; undefined: the one of this host */
  readonly key: string; /* a session key; empty: none */
  readonly button: string; /* the secret of a Support Button */
  readonly invitation: string; /* the key of an invitation to a session */
  readonly visit: string; /* a token: the page goes on with that visit */
  readonly survey: string; /* a token that the program got */
}

/* Secrets come in the query, as control writes the addresses, or behind the #, which no server sees. */
export function readAddress(place: { pathname: string; search: string; hash: string }): Address {
  const query = new URLSearchParams(place.search);
  const fragment = new URLSearchParams(place.hash.replace(/^#/, ''));
  const value = (name: string) => (fragment.get(name) ?? query.get(name) ?? '').trim();
  const code = /^\/p\/([A-Za-z0-9._-]+)$/.exec(place.pathname)?.[1];
  return {
    portal: code,
    key: tidyKey(value('key')),
    button: value('button').slice(0, 64),
    invitation: tidyKey(value('invitation')),
    visit: value('visit').slice(0, 64),
    survey: value('survey').slice(0, 64),
  };
}

/* The address without what was used: neither history nor a shoulder keeps a secret. */
export function cleanAddress(): void {
  history.replaceState(null, '', location.pathname);
}
