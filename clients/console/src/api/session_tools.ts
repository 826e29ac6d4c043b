/* SPDX-License-Identifier: Apache-2.0 */
/* What one works with in a session: its facts, notes, people, invitations, tools and survey (control/API.md). */
import { get, post } from './request';
import type { SessionEntry } from './sessions';

export type Consent = 'waits' | 'denied' | 'view' | 'control';

export interface Person {
  readonly participant: number;
  readonly name: string;
  readonly account: number | null;
  readonly relation: 'source' | 'owner' | 'invited' | 'sponsor' | 'external' | 'watcher';
  readonly connected: boolean;
  readonly since_unix_ms: number;
  readonly consent: Consent | null;
}

export interface Note {
  readonly id: number;
  readonly name: string;
  readonly time_unix_ms: number;
  readonly text: string;
}

export interface Attribute {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly editable: boolean;
  readonly value: string;
}

export type Priority = 'low' | 'medium' | 'high';

export interface SessionFacts extends SessionEntry {
  readonly name: string;
  readonly priority: Priority;
  readonly external_key: string;
  readonly team: number | null;
  readonly client?: 'full' | 'browser' | 'jump';
  readonly skills: readonly number[];
  readonly participants: readonly Person[];
  readonly attributes: readonly Attribute[];
  readonly notes: readonly Note[];
  readonly links: readonly { readonly id: number; readonly name: string; readonly url: string }[];
}

export interface ToolAnswer {
  readonly tool: string;
  readonly allowed: boolean;
  readonly source: string;
  readonly policy: number | null;
  readonly policy_name: string;
  readonly asked: boolean;
  readonly time_s: number;
  readonly state: 'deny' | 'ask' | 'waits' | 'allow';
}

export interface Question {
  readonly id: number;
  readonly kind: 'text' | 'choice' | 'rating';
  readonly text: string;
  readonly choices: readonly string[];
  readonly required: boolean;
  readonly answer: string;
}

export interface Invitation {
  readonly invitation: number;
  readonly session: number;
  readonly customer: string;
  readonly inviter: string;
  readonly message: string;
  readonly as: Person['relation'];
  readonly mine: boolean;
  readonly created_unix_ms: number;
}

export interface ExternalInvitation {
  readonly invitation: number;
  readonly key: string;
  readonly url: string;
  readonly expires_unix_ms: number;
}

export interface Representative {
  readonly account: number;
  readonly display_name: string;
  readonly status: string;
  readonly console_connected: boolean;
}

export interface CannedMessage {
  readonly id: number;
  readonly category_name: string;
  readonly name: string;
  readonly text: string;
}

/* To whom a session goes, or who is asked: a team or one representative. */
export type Place = { readonly team: number } | { readonly account: number };

const of = (session: number, what: string) => `sessions/${session}/${what}`;

export const sessionToolsApi = {
  show: (session: number) => get<SessionFacts>(`sessions/${session}`),
  tools: (session: number) => get<{ answers: ToolAnswer[] }>(of(session, 'tools')),
  toolNames: () => get<{ tools: { tool: string; what: string }[] }>('session-tools'),
  askTool: (session: number, tool: string) => post<{ state: string }>(of(session, 'ask-tool'), { tool }),

  rename: (session: number, name: string) => post(of(session, 'name'), { name }),
  setExternalKey: (session: number, key: string) => post(of(session, 'external-key'), { external_key: key }),
  setAttribute: (session: number, code: string, value: string) => post(of(session, 'attributes'), { code, value }),
  setPriority: (session: number, priority: Priority) => post(of(session, 'priority'), { priority }),
  setSkills: (session: number, skills: readonly number[]) => post(of(session, 'skills'), { skills }),
  addNote: (session: number, text: string) => post(of(session, 'notes'), { text }),

  transfer: (session: number, place: Place, reason: string) => post(of(session, 'transfer'), { ...place, reason }),
  leave: (session: number) => post(of(session, 'leave')),
  remove: (session: number, participant: number) => post(of(session, 'participants/remove'), { participant }),
  elevate: (session: number) => post(of(session, 'elevate')),

  invite: (session: number, whom: Place | { readonly issue: number }, message: string) =>
    post<{ invitation: number }>(of(session, 'invitations'), { ...whom, message }),
  askSponsor: (session: number, whom: Place, message: string) =>
    post<{ invitation: number }>(of(session, 'sponsor'), { ...whom, message }),
  inviteExternal: (session: number, profile: number, life_s: number, message: string) =>
    post<ExternalInvitation>(of(session, 'invitations/external'), { profile, life_s, message }),
  invitations: () => get<{ invitations: Invitation[] }>('invitations'),
  cancel: (invitation: number) => post(`invitations/${invitation}/cancel`),

  survey: (session: number) => get<{ questions: Question[] }>(of(session, 'survey')),
  answerSurvey: (session: number, answers: Readonly<Record<string, string>>) => post(of(session, 'survey'), { answers }),

  teams: () => get<{ teams: { id: number; name: string; role: string }[] }>('teams', { limit: 100 }),
  representatives: (team: number) =>
    get<{ representatives: Representative[] }>(`teams/${team}/representatives`, { limit: 100 }),
  issues: () => get<{ issues: { id: number; name: string }[] }>('issues', { limit: 100 }),
  profiles: () => get<{ profiles: { id: number; name: string; permissions: string[] }[] }>('invite-profiles'),
  skills: () => get<{ skills: { id: number; name: string; rank: number }[] }>('skills'),
  cannedMessages: (after: number) =>
    get<{ messages: CannedMessage[]; next: number | null }>('canned-messages', { after, limit: 100 }),
};
