/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one can be given sessions. */
import { get, post } from './request';

export type Status = 'available' | 'busy' | 'away';

export interface Availability {
  readonly account: number;
  readonly status: Status;
  readonly status_code: string | null;
  readonly console_connected: boolean;
  readonly opted_out: boolean;
  readonly screen_locked: boolean;
  readonly can_be_assigned: boolean;
  readonly sessions: number;
  readonly sessions_max: number;
  readonly idle_limit_s: number;
}

export interface StatusCode {
  readonly id: number;
  readonly name: string;
  readonly shown_as: Status;
}

export const availabilityApi = {
  show: () => get<Availability>('availability'),
  /* status: one of Status, or the name of a custom one. */
  set: (change: { status?: string; opted_out?: boolean }) => post<Availability>('availability', change),
  report: (idleS: number, locked: boolean) =>
    post<Availability>('availability/report', { idle_s: idleS, screen_locked: locked }),
  extend: (extended: boolean) => post('me/extended-availability', { extended }),
  codes: () => get<{ status_codes: StatusCode[] }>('status-codes'),
};
