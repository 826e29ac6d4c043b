/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of waiting customers, what one does with them, invitations received, and the dashboard. */
import type { Availability } from './availability';
import { get, post } from './request';
import type { SessionEntry, SessionTicket } from './sessions';

export type Priority = 'low' | 'medium' | 'high';
export type QueueStatus = 'waiting' | 'in_progress' | 'customer_absent';

export interface QueueEntry {
  readonly session: number;
  readonly customer: string;
  readonly name: string;
  readonly waiting_since_unix_ms: number;
  readonly state: 'waiting' | 'active';
  readonly status: QueueStatus;
  readonly team: number | null; /* null: a personal queue */
  readonly priority: Priority;
  readonly queued_unix_ms: number;
  readonly position: number | null;
  readonly estimated_wait_s: number | null;
  readonly overdue: boolean;
  readonly favourite: boolean;
  readonly offered_to: number | null;
  readonly offered_until_unix_ms: number | null;
  readonly external_key: string;
  readonly waits_for_manual_accept: boolean;
}

export interface QueuePage {
  readonly total?: number;
  readonly now_unix_ms?: number;
  readonly queue: readonly QueueEntry[];
}

export interface Participant {
  readonly participant: number;
  readonly name: string;
  readonly account: number | null;
  readonly relation: 'source' | 'owner' | 'invited' | 'sponsor' | 'external' | 'watcher';
  readonly connected: boolean;
  readonly since_unix_ms: number;
}

export interface SessionDetails extends QueueEntry, Omit<SessionEntry, 'state' | 'customer'> {
  readonly portal: number | string | null;
  readonly issue: number | string | null;
  readonly participants: readonly Participant[];
  readonly skills: readonly number[];
  readonly attributes: readonly { readonly code: string; readonly name?: string; readonly value: string }[];
  readonly notes: readonly { readonly id: number; readonly name: string; readonly time_unix_ms: number; readonly text: string }[];
  readonly links?: readonly { readonly id: number; readonly name: string; readonly url: string }[];
}

export interface Invitation {
  readonly invitation: number;
  readonly session: number;
  readonly customer: string;
  readonly inviter: string;
  readonly message: string;
  readonly as: string;
  readonly mine: boolean;
  readonly created_unix_ms: number;
}

export interface Skill {
  readonly id: number;
  readonly parent: number | null;
  readonly rank: number;
  readonly name: string;
}

export interface Representative extends Availability {
  readonly display_name: string;
  readonly idle_s?: number | null; /* dashboard: null when no console of theirs is connected */
  readonly skills?: readonly number[]; /* dashboard */
}

export interface DashboardSession extends QueueEntry, Pick<SessionEntry, 'id' | 'kind' | 'representative' | 'started_unix_ms'> {
  readonly colour: 'red' | 'yellow' | 'green';
  readonly account: number | null; /* who has it, or whose queue it is */
  readonly participants: readonly Participant[];
}

export interface DashboardTeam {
  readonly team: number;
  readonly name: string;
  readonly role: 'lead' | 'manager';
  readonly rules: {
    readonly waiting: number; readonly overdue_s: number | null; readonly alert_count: number | null; readonly automatic: boolean;
  } | null;
  readonly representatives: readonly Representative[];
  readonly sessions: readonly DashboardSession[];
}

export interface Dashboard {
  readonly now_unix_ms: number;
  readonly teams: readonly DashboardTeam[];
}

export interface TeamEntry {
  readonly id: number;
  readonly name: string;
  readonly role: 'none' | 'member' | 'lead' | 'manager';
}

const PAGE_ROWS = 500;
const ROWS_MAX = 5_000;

/* Everybody who waits where one may see it, in the queues' order. */
async function allWaiting(): Promise<Required<QueuePage>> {
  const first = await get<QueuePage>('queue', { queue: 'all', limit: PAGE_ROWS });
  const all = [...first.queue];
  const total = first.total ?? all.length;
  while (all.length < Math.min(total, ROWS_MAX)) {
    const more = (await get<QueuePage>('queue', { queue: 'all', limit: PAGE_ROWS, offset: all.length })).queue;
    if (more.length === 0) {
      break;
    }
    all.push(...more);
  }
  return { queue: all, total, now_unix_ms: first.now_unix_ms ?? Date.now() };
}

export const queueApi = {
  waiting: allWaiting,
  next: (holderKey: string) => post<SessionTicket>('queue/next', { holder_key: holderKey }),
  details: (session: number) => get<SessionDetails>(`sessions/${session}`),
  decline: (session: number, reason: string) => post(`sessions/${session}/decline`, { ...(reason && { reason }) }),
  transfer: (session: number, to: { team: number } | { account: number }, reason: string) =>
    post(`sessions/${session}/transfer`, { ...to, ...(reason && { reason }) }),
  takeOver: (session: number, holderKey: string) =>
    post<SessionTicket>(`sessions/${session}/take-over`, { holder_key: holderKey }),
  setPriority: (session: number, priority: Priority) => post(`sessions/${session}/priority`, { priority }),
  favourite: (session: number, favourite: boolean) => post(`sessions/${session}/favourite`, { favourite }),
  setSkills: (session: number, skills: readonly number[]) => post(`sessions/${session}/skills`, { skills }),
  skills: () => get<{ skills: Skill[] }>('skills'),
  invitations: () => get<{ invitations: Invitation[] }>('invitations'),
  acceptInvitation: (id: number, holderKey: string) =>
    post<SessionTicket>(`invitations/${id}/accept`, { holder_key: holderKey }),
  declineInvitation: (id: number, reason = '') => post(`invitations/${id}/decline`, { ...(reason && { reason }) }),
  dashboard: () => get<Dashboard>('dashboard'),
  teams: (after: number) => get<{ teams: TeamEntry[]; next: number | null }>('teams', { after, limit: 100 }),
  representatives: (team: number, after: number) =>
    get<{ representatives: Representative[]; next?: number | null }>(`teams/${team}/representatives`, { after, limit: 100 }),
};
