/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items and the tokens that make new ones. */
import { get, post } from './request';
import type { SessionTicket } from './sessions';

export interface JumpItem {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly state: 'online' | 'offline' | 'in_session' | 'passive' | 'lost' | 'disabled';
  readonly last_access_unix_ms: number | null;
  readonly last_seen_unix_ms: number | null;
  readonly hostname: string;
  readonly platform: string;
  readonly user: string;
  readonly session: number | null;
}

export interface EnrolmentToken {
  readonly token: string;
  readonly expires_unix_ms: number;
  readonly command: string;
}

/* One computer was found, and a session with it begins; or what was found. */
export type JumpFound = (SessionTicket & { readonly jump_item: number })
  | { readonly jump_items: readonly JumpItem[]; readonly count: number };

export const jumpApi = {
  items: (after: number) => get<{ jump_items: JumpItem[]; next: number | null }>('jump-items', { after }),
  jump: (id: number, holderKey: string) =>
    post<SessionTicket>(`jump-items/${id}/jump`, { holder_key: holderKey }),
  searchAndJump: (text: string, holderKey: string) =>
    post<JumpFound>('jump-items/search-and-jump', { text, holder_key: holderKey }),
  createEnrolmentToken: (name: string, group: string) =>
    post<EnrolmentToken>('enrolment-tokens', { ...(name && { name }), ...(group && { group }) }),
};
