/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of policies: group policies, session policies, Jump Groups, roles and Jump policies, invite profiles. */
import { loadAll } from '../view/resource';
import type { SignInRules } from './people';
import { get, post } from './request';

export type BlockState = 'not_defined' | 'defined' | 'final';

export interface GroupPolicy extends SignInRules {
  readonly id: number;
  readonly position: number;
  readonly name: string;
  readonly comments: string;
  readonly administration: BlockState;
  readonly administration_rights: readonly string[];
  readonly representative: BlockState;
  readonly representative_rights: readonly string[];
  readonly session: BlockState;
  readonly session_policy: number;
  readonly sign_in: BlockState;
}

export type PolicyMember =
  | { readonly account: number; readonly user: string; readonly team?: undefined }
  | { readonly team: number; readonly name: string; readonly account?: undefined };

export interface Tool {
  readonly tool: string;
  readonly what: string;
  readonly built_in_allowed: boolean;
}

export type ToolChoice = 'allow' | 'deny' | 'not_defined';
export type Prompt = 'ask' | 'never' | 'not_defined';

export interface ToolRule {
  readonly tool: string;
  readonly choice: ToolChoice;
  readonly prompt: Prompt;
  readonly time_s: number;
  readonly silence: 'yes' | 'no';
}

export interface SessionPolicy {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly description: string;
  readonly for_accounts: boolean;
  readonly for_invites: boolean;
  readonly for_jump_items: boolean;
}

export type AssignedKind = 'jump_item' | 'copy' | 'jump_group' | 'portal' | 'account' | 'team';

export interface Assignment {
  readonly kind: AssignedKind;
  readonly object: number;
  readonly attended: number | null;
  readonly unattended: number | null;
  readonly jump_policy: number | null;
}

export interface ToolAnswer {
  readonly tool: string;
  readonly allowed: boolean;
  readonly source: string;
  readonly policy: number | null;
  readonly policy_name: string;
  readonly asked: boolean;
  readonly prompt_source: string;
  readonly time_s?: number;
  readonly silence?: 'yes' | 'no';
}

export interface Explanation {
  readonly attended: boolean;
  readonly layers: readonly { readonly source: string; readonly policy: number; readonly name: string }[];
  readonly answers: readonly ToolAnswer[];
}

export interface JumpGroup {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly description: string;
  readonly owner: number | null;
  readonly may: readonly string[];
}

export interface JumpGroupMember {
  readonly kind: 'account' | 'team' | 'everybody';
  readonly member: number;
  readonly name: string;
  readonly role: number | null;
  readonly role_name: string;
}

export interface JumpRole {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly may: readonly string[];
}

export interface RoleDefaults {
  readonly account: number | null;
  readonly default_role: number | null;
  readonly personal_role: number | null;
  readonly team_role: number | null;
  readonly system_role: number | null;
}

export interface JumpPolicy {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly description: string;
  readonly schedule: boolean;
  readonly time_zone: string;
  readonly strict: boolean;
  readonly open_now: boolean;
  readonly ticket: boolean;
  readonly ticket_patterns: string;
  readonly second_factor: boolean;
  readonly simultaneous: 'global' | 'join' | 'disallow' | 'another';
  readonly with_copies: boolean;
  readonly approval: boolean;
  readonly approval_minutes: number;
  readonly recording: 'global' | 'off' | 'on' | 'required';
  readonly tell_start: boolean;
  readonly tell_end: boolean;
}

export interface JumpPolicyDetails {
  readonly jump_policy: JumpPolicy;
  readonly hours: string;
  readonly dates: string;
  readonly next_open_unix_ms: number | null;
  readonly next_close_unix_ms: number | null;
}

export interface InviteProfile {
  readonly id: number;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly session_policy: number | null;
}

export const groupPoliciesApi = {
  list: () => get<{ group_policies: GroupPolicy[] }>('group-policies'),
  show: (id: number) => get<{ group_policy: GroupPolicy; members: PolicyMember[] }>(`group-policies/${id}`),
  create: (values: object) => post<{ group_policy: GroupPolicy }>('group-policies', values),
  set: (id: number, values: object) => post<{ group_policy: GroupPolicy }>(`group-policies/${id}`, values),
  remove: (id: number) => post(`group-policies/${id}/remove`),
  move: (id: number, place: number) => post(`group-policies/${id}/move`, { place }),
  addMember: (id: number, member: object) => post(`group-policies/${id}/members`, member),
  removeMember: (id: number, member: object) => post(`group-policies/${id}/members/remove`, member),
};

export const sessionPoliciesApi = {
  tools: () => get<{ tools: Tool[] }>('session-tools'),
  all: () => loadAll<SessionPolicy>(async (after) => {
    const page = await get<{ session_policies: SessionPolicy[]; next: number | null }>('session-policies', { after, limit: 100 });
    return { rows: page.session_policies, next: page.next };
  }),
  show: (id: number) => get<{ session_policy: SessionPolicy; tools: ToolRule[] }>(`session-policies/${id}`),
  create: (values: object) => post<{ session_policy: SessionPolicy }>('session-policies', values),
  set: (id: number, values: object) => post<{ session_policy: SessionPolicy; tools: ToolRule[] }>(`session-policies/${id}`, values),
  remove: (id: number) => post(`session-policies/${id}/remove`),
  assignments: () => loadAll<Assignment>(async (after) => {
    const page = await get<{ assignments: Assignment[]; next: number | null }>('policy-assignments', { after, limit: 100 });
    return { rows: page.assignments, next: page.next };
  }),
  assign: (values: object) => post<{ assignment: Assignment }>('policy-assignments', values),
  explain: (subject: Readonly<Record<string, string | number | boolean | null>>) =>
    get<Explanation>('policy-explanation', subject),
};

export const jumpGroupsApi = {
  all: () => loadAll<JumpGroup>(async (after) => {
    const page = await get<{ jump_groups: JumpGroup[]; next: number | null }>('jump-groups', { after, limit: 100, all: true });
    return { rows: page.jump_groups, next: page.next };
  }),
  create: (values: object) => post<{ jump_group: JumpGroup }>('jump-groups', values),
  set: (id: number, values: object) => post<{ jump_group: JumpGroup }>(`jump-groups/${id}`, values),
  remove: (id: number) => post(`jump-groups/${id}/remove`),
  members: (id: number) => loadAll<JumpGroupMember>(async (after) => {
    const page = await get<{ members: JumpGroupMember[]; next: number | null }>(`jump-groups/${id}/members`, { after, limit: 100 });
    return { rows: page.members, next: page.next };
  }),
  setMember: (id: number, kind: string, member: number, role: number) =>
    post(`jump-groups/${id}/members`, { kind, member, role }),
  removeMember: (id: number, kind: string, member: number) => post(`jump-groups/${id}/members/remove`, { kind, member }),
};

export const jumpRolesApi = {
  list: () => get<{ jump_roles: JumpRole[]; flags: { flag: string; what: string }[] }>('jump-roles'),
  create: (values: object) => post<{ jump_role: JumpRole }>('jump-roles', values),
  set: (id: number, values: object) => post<{ jump_role: JumpRole }>(`jump-roles/${id}`, values),
  remove: (id: number) => post(`jump-roles/${id}/remove`),
  defaults: (account?: number) => get<{ defaults: RoleDefaults; own: boolean }>('jump-role-defaults', { account }),
  setDefaults: (values: object) => post<{ defaults: RoleDefaults }>('jump-role-defaults', values),
};

export const jumpPoliciesApi = {
  all: () => loadAll<JumpPolicy>(async (after) => {
    const page = await get<{ jump_policies: JumpPolicy[]; next: number | null }>('jump-policies', { after, limit: 100 });
    return { rows: page.jump_policies, next: page.next };
  }),
  show: (id: number) => get<JumpPolicyDetails>(`jump-policies/${id}`),
  create: (values: object) => post<JumpPolicyDetails>('jump-policies', values),
  set: (id: number, values: object) => post<JumpPolicyDetails>(`jump-policies/${id}`, values),
  remove: (id: number) => post(`jump-policies/${id}/remove`),
};

export const inviteProfilesApi = {
  list: () => get<{ profiles: InviteProfile[] }>('invite-profiles'),
  create: (values: object) => post<{ id: number }>('invite-profiles', values),
  remove: (id: number) => post(`invite-profiles/${id}/remove`),
};
