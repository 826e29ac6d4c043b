/* SPDX-License-Identifier: Apache-2.0 */
/* Chat of teams and between two representatives. */
import { get, post } from './request';

/* Whom one talks with: a team, or one person. */
export type RoomKey = { readonly team: number; readonly account?: undefined } | { readonly account: number; readonly team?: undefined };

export interface Room {
  readonly team: number | null;
  readonly account: number | null;
  readonly name: string;
  readonly unread: number;
  readonly read: number;
  readonly message: number;
  readonly time_unix_ms: number | null;
  readonly connected?: boolean;
}

export interface TeamMessage {
  readonly message: number;
  readonly time_unix_ms: number;
  readonly from: number;
  readonly name: string;
  readonly text: string;
}

export const TEAM_TEXT_BYTES_MAX = 4_000;

export const teamChatApi = {
  rooms: () => get<{ rooms: Room[] }>('team-chat/rooms'),
  list: (room: RoomKey, before?: number) => get<{ messages: TeamMessage[]; more: boolean }>('team-chat', { ...room, before, limit: 50 }),
  send: (room: RoomKey, text: string) => post<{ message: number; time_unix_ms: number }>('team-chat', { ...room, text }),
  read: (room: RoomKey, message: number) => post('team-chat/read', { ...room, message }),
};
