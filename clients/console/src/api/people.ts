/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of people: accounts, teams with their queues and issues, skills, seats. */
import { loadAll } from '../view/resource';
import { get, post } from './request';

export type TeamRole = 'member' | 'lead' | 'manager';

export interface AccountRow {
  readonly id: number;
  readonly user: string;
  readonly display_name: string;
  readonly is_admin: boolean;
  readonly is_enabled: boolean;
  readonly must_change_password: boolean;
  readonly is_locked: boolean;
  readonly created_unix_ms: number;
  readonly last_sign_in_unix_ms: number | null;
}

/* 'not_defined' leaves a rule to the next layer. */
export interface SignInRules {
  readonly second_factor: string;
  readonly remember_me: string;
  readonly second_login: string;
  readonly network_rule: string;
  readonly networks: string;
}

export interface AccountDetails extends AccountRow, SignInRules {
  readonly comments: string;
  readonly rights_allowed: readonly string[];
  readonly rights_denied: readonly string[];
  readonly session_policy: number;
  readonly sessions_max: number; /* 0: the appliance's */
  readonly teams: readonly { readonly team: number; readonly name: string; readonly role: TeamRole }[];
}

export interface RightAnswer {
  readonly name: string;
  readonly answer: string;
  readonly rule: string;
}

export interface Team {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly comments: string;
  readonly persistent_queue: boolean;
  readonly member_count: number;
  readonly role: 'none' | TeamRole;
}

export interface TeamMember {
  readonly account: number;
  readonly user: string;
  readonly display_name: string;
  readonly role: TeamRole;
}

export interface QueueRules {
  readonly team: number;
  readonly automatic: boolean;
  readonly persistent: boolean;
  readonly offer_s: number;
  readonly overdue_s: number | null;
  readonly overflow_team: number | null;
  readonly overflow_s: number | null;
  readonly overflow_count: number | null;
  readonly alert_count: number | null;
}

export interface Issue {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly team: number;
  readonly priority: 'low' | 'medium' | 'high';
}

export interface Skill {
  readonly id: number;
  readonly parent: number | null;
  readonly rank: number;
  readonly name: string;
}

/* Who may be put into a team, a policy, a Jump Group. */
export interface Person {
  readonly id: number;
  readonly user: string;
  readonly display_name: string;
  readonly is_enabled: boolean;
}

/* Where an account is signed in. */
export interface SignInPlace {
  readonly id: number;
  readonly address: string;
  readonly signed_in_unix_ms: number;
  readonly last_used_unix_ms: number;
  readonly remembered: boolean;
}

export const accountsApi = {
  all: () => loadAll<AccountRow>(async (after) => {
    const page = await get<{ accounts: AccountRow[]; next: number | null }>('accounts', { after, limit: 100 });
    return { rows: page.accounts, next: page.next };
  }),
  find: (text: string) => get<{ accounts: Person[] }>('account-names', { text, limit: 20 }),
  show: (id: number) => get<{ account: AccountDetails }>(`accounts/${id}`),
  create: (user: string, displayName: string, isAdmin: boolean) =>
    post<{ account: AccountRow; one_time_password: string }>('accounts',
      { user, ...(displayName !== '' && { display_name: displayName }), is_admin: isAdmin }),
  set: (id: number, changes: object) => post<{ account: AccountDetails }>(`accounts/${id}`, changes),
  enable: (id: number, enabled: boolean) => post(`accounts/${id}/${enabled ? 'enable' : 'disable'}`),
  remove: (id: number) => post(`accounts/${id}/remove`),
  unlock: (id: number) => post(`accounts/${id}/unlock`),
  resetPassword: (id: number) => post<{ one_time_password: string }>(`accounts/${id}/reset-password`),
  resetFactor: (id: number) => post(`accounts/${id}/reset-second-factor`),
  setAssignment: (id: number, sessionsMax: number) => post(`accounts/${id}/assignment`, { sessions_max: sessionsMax }),
  explain: (id: number) => get<{ is_enabled: boolean; answers: RightAnswer[] }>(`accounts/${id}/rights`),
  signIns: (id: number) => get<{ sign_ins: SignInPlace[] }>(`accounts/${id}/sign-ins`),
  endSignIns: (id: number) => post(`accounts/${id}/sign-ins/end`),
  skills: (id: number) => get<{ skills: number[] }>(`accounts/${id}/skills`),
  setSkills: (id: number, skills: readonly number[]) => post(`accounts/${id}/skills`, { skills }),
};

export const teamsApi = {
  all: () => loadAll<Team>(async (after) => {
    const page = await get<{ teams: Team[]; next: number | null }>('teams', { after, limit: 100 });
    return { rows: page.teams, next: page.next };
  }),
  members: (id: number) => loadAll<TeamMember>(async (after) => {
    const page = await get<{ members: TeamMember[]; next: number | null }>(`teams/${id}/members`, { after, limit: 100 });
    return { rows: page.members, next: page.next };
  }),
  create: (values: object) => post<{ team: Team }>('teams', values),
  set: (id: number, values: object) => post<{ team: Team }>(`teams/${id}`, values),
  remove: (id: number) => post(`teams/${id}/remove`),
  setMember: (id: number, account: number, role: TeamRole) => post(`teams/${id}/members`, { account, role }),
  removeMember: (id: number, account: number) => post(`teams/${id}/members/remove`, { account }),
  queues: () => get<{ queues: QueueRules[] }>('queue-rules'),
  setQueue: (id: number, values: object) => post(`teams/${id}/queue`, values),
  issues: () => loadAll<Issue>(async (after) => {
    const page = await get<{ issues: Issue[]; next?: number | null }>('issues', { after, limit: 100 });
    return { rows: page.issues, next: page.next ?? (page.issues.length === 100 ? page.issues[99]!.id : null) };
  }),
  createIssue: (values: object) => post<{ id: number }>('issues', values),
  removeIssue: (id: number) => post(`issues/${id}/remove`),
};

export const skillsApi = {
  list: () => get<{ skills: Skill[] }>('skills'),
  create: (values: object) => post<{ id: number }>('skills', values),
  set: (id: number, values: object) => post(`skills/${id}`, values),
  remove: (id: number) => post(`skills/${id}/remove`),
};

export const seatsApi = {
  list: () => get<{ seats: number; used: number; extended: number[] }>('seats'),
};
