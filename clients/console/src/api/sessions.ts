/* SPDX-License-Identifier: Apache-2.0 */
/* Support sessions: one's own, those one may watch, and session keys. */
import type { ChatHistoryLine } from '../session/chat';
import { get, post } from './request';

export interface SessionEntry {
  readonly id: number;
  readonly state: 'waiting' | 'active' | 'ended';
  readonly kind: 'jump' | 'key';
  readonly customer: string;
  readonly jump_item: number | null;
  readonly representative: string | null;
  readonly started_unix_ms: number | null;
  readonly source_connected: boolean;
  readonly recording?: 'off' | 'on' | 'required';
  readonly client?: 'full' | 'browser' | 'jump'; /* what the customer's side runs on */
}

export interface SessionTicket {
  readonly session: number;
  readonly ticket: string;
}

export interface SessionKey {
  readonly key: string;
  readonly expires_unix_ms: number;
  readonly url: string;
  readonly email?: { readonly subject: string; readonly body: string; readonly mailto: string };
}

/* What a key is made for; what is left out is the appliance's default. */
export interface KeyWishes {
  readonly life_s?: number;
  readonly team?: number;
  readonly portal?: number;
}

export const sessionsApi = {
  mine: () => get<{ sessions: SessionEntry[] }>('sessions'),
  accept: (session: number, holderKey: string) =>
    post<SessionTicket>(`sessions/${session}/accept`, { holder_key: holderKey }),
  join: (session: number, holderKey: string) =>
    post<SessionTicket>(`sessions/${session}/join`, { holder_key: holderKey }),
  toWatch: () => get<{ sessions: SessionEntry[] }>('sessions-to-watch'),
  watch: (session: number, holderKey: string) =>
    post<SessionTicket>(`sessions/${session}/watch`, { holder_key: holderKey }),
  offerClient: (session: number) => post(`sessions/${session}/offer-client`),
  end: (session: number) => post(`sessions/${session}/end`),
  chat: (session: number) => get<{ lines: ChatHistoryLine[] }>(`sessions/${session}/chat`),
  createKey: (wishes: KeyWishes = {}) => post<SessionKey>('session-keys', wishes),
};
