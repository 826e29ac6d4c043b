/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items, what a Jump asks for, approvals, and the tokens that make new items. */
import { get, post, type Query } from './request';
import type { SessionTicket } from './sessions';

export type JumpState = 'online' | 'offline' | 'in_session' | 'passive' | 'lost' | 'disabled';
export type Presence = 'unknown' | 'logged_in' | 'logged_out' | 'locked' | 'screen_saver';

export interface JumpItem {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly group_id: number;
  readonly state: JumpState;
  readonly presence: Presence;
  readonly tag: string;
  readonly last_access_unix_ms: number | null;
  readonly last_seen_unix_ms: number | null;
  readonly hostname: string;
  readonly platform: string;
  readonly user: string;
  readonly session: number | null;
  readonly needs_update: boolean;
}

export interface JumpStatistics {
  readonly uptime_s?: number;
  readonly idle_s?: number;
  readonly cpu_percent?: number;
  readonly memory_bytes?: number;
  readonly memory_used_bytes?: number;
  readonly disk_bytes?: number;
  readonly disk_used_bytes?: number;
  readonly screen_width_px?: number;
  readonly screen_height_px?: number;
}

export interface JumpItemWhole extends JumpItem {
  readonly comments: string;
  readonly workgroup: string;
  readonly domain: string;
  readonly fqdn: string;
  readonly private_ip: string;
  readonly public_ip: string;
  readonly version: string;
  readonly mode: 'active' | 'passive';
  readonly port: number;
  readonly start_quietly: boolean;
  readonly is_disabled: boolean;
  readonly expires_unix_ms: number | null;
  readonly created_unix_ms: number | null;
  readonly reported_unix_ms: number | null;
  readonly statistics: JumpStatistics;
  readonly may: readonly string[]; /* flags of a Jump Item role */
}

export const searchFields = ['name', 'hostname', 'fqdn', 'domain', 'workgroup', 'private_ip', 'public_ip', 'console_user',
  'tag', 'comments', 'last_accessed', 'group', 'method', 'status'] as const;
export type SearchField = typeof searchFields[number];

/* A list as it is looked at: what is left out, its order, from where. */
export interface JumpListing extends Query {
  readonly text?: string | undefined;
  readonly fields?: string | undefined;
  readonly group?: number | undefined;
  readonly tag?: string | undefined;
  readonly state?: string | undefined;
  readonly sort?: string | undefined;
  readonly descending?: boolean | undefined;
  readonly from?: number | undefined;
  readonly limit?: number | undefined;
}

export interface JumpCounts {
  readonly all: number;
  readonly states: Readonly<Partial<Record<JumpState, number>>>;
  readonly groups: readonly { readonly id: number; readonly count: number }[];
  readonly tags: readonly { readonly tag: string; readonly count: number }[];
}

export interface JumpGroup {
  readonly id: number;
  readonly name: string;
  readonly owner: number | null; /* whose personal list it is */
  readonly may: readonly string[];
}

export interface JumpCopy {
  readonly id: number;
  readonly jump_item: number;
  readonly group_id: number;
  readonly group: string;
}

export interface JumpAccess {
  readonly may_start: boolean;
  readonly copy: number | null;
  readonly policy: { readonly id: number; readonly name: string } | null;
  readonly ticket: boolean;
  readonly second_factor: boolean;
  readonly has_code: boolean;
  readonly approval: {
    readonly state: 'needed' | 'waits' | 'given'; readonly request: number | null; readonly minutes: number;
    readonly ends_unix_ms: number | null;
  } | null;
  readonly is_open: boolean;
  readonly next_open_unix_ms: number | null;
  readonly next_close_unix_ms: number | null;
  readonly is_strict: boolean;
  readonly may_override: boolean;
  readonly tells: boolean;
  readonly recording: 'off' | 'on' | 'required';
  readonly reach: 'online' | 'wakes' | 'offline' | 'disabled';
  readonly sessions: readonly { readonly session: number; readonly representative: string; readonly is_own: boolean }[];
  readonly second: 'join' | 'another' | 'disallow';
}

/* What a Jump policy may ask for. */
export interface JumpHow {
  readonly copy?: number;
  readonly ticket?: string;
  readonly override?: boolean;
  readonly code?: string;
}

export interface JumpTicket extends SessionTicket {
  readonly waking?: boolean;
  readonly wake_s?: number;
}

export interface JumpEdit {
  readonly name?: string;
  readonly group?: string;
  readonly tag?: string;
  readonly comments?: string;
  readonly expires_unix_ms?: number;
  readonly mode?: 'active' | 'passive';
  readonly port?: number;
}

export interface Approval {
  readonly id: number;
  readonly jump_item: number;
  readonly name: string;
  readonly user: string;
  readonly state: 'waits' | 'given' | 'refused';
  readonly reason: string;
  readonly minutes: number;
  readonly created_unix_ms: number;
  readonly decided_unix_ms: number | null;
  readonly decided_by: string;
  readonly answer: string;
  readonly ends_unix_ms: number | null;
  readonly waits_until_unix_ms: number | null;
}

export interface EnrolmentToken {
  readonly token: string;
  readonly expires_unix_ms: number;
  readonly command: string;
}

interface JumpPage { readonly jump_items: JumpItem[]; readonly count: number; readonly next: number | null }

/* One computer was found, and a session with it begins; or what was found. */
export type JumpFound = (SessionTicket & { readonly jump_item: number })
  | { readonly jump_items: readonly JumpItem[]; readonly count: number };

/* What edit_many takes at once. */
export const EDIT_MOST = 1000;

export const jumpApi = {
  items: (after: number) => get<JumpPage>('jump-items', { after }),
  /* With text it is a search. */
  list: (listing: JumpListing) => get<JumpPage>(listing.text ? 'jump-items/search' : 'jump-items', listing),
  counts: () => get<JumpCounts>('jump-items/counts'),
  favourites: () => get<{ jump_items: JumpItem[] }>('jump-items/favourites'),
  setFavourite: (id: number, is: boolean) => post(`jump-items/${id}/favourite`, { is_favourite: is }),
  show: (id: number) => get<{ jump_item: JumpItemWhole }>(`jump-items/${id}`),
  access: (id: number) => get<{ access: JumpAccess }>(`jump-items/${id}/access`),
  thumbnail: (id: number) => get<{ type: string; picture: string; time_unix_ms: number }>(`jump-items/${id}/thumbnail`),
  export: (after: number) => get<{ csv: string; rows: number; next: number | null }>('jump-items/export', { after }),
  jump: (id: number, holderKey: string, how: JumpHow = {}) =>
    post<JumpTicket>(`jump-items/${id}/jump`, { holder_key: holderKey, ...how }),
  edit: (id: number, edit: JumpEdit) => post<{ jump_item: JumpItemWhole }>(`jump-items/${id}`, edit),
  editMany: (items: readonly number[], edit: JumpEdit) => post<{ changed: number }>('jump-items/edit', { items, ...edit }),
  remove: (id: number) => post(`jump-items/${id}/remove`),
  uninstall: (id: number) => post<{ is_online: boolean }>(`jump-items/${id}/uninstall`),
  retryUpgrade: (id: number) => post<{ is_online: boolean; needs_update: boolean }>(`jump-items/${id}/upgrade`),
  groups: (after: number) => get<{ jump_groups: JumpGroup[]; next: number | null }>('jump-groups', { after }),
  personalList: () => post<{ jump_group: JumpGroup }>('jump-groups/personal'),
  copies: (id: number) => get<{ copies: JumpCopy[] }>(`jump-items/${id}/copies`),
  copyTo: (id: number, group: number) => post<{ copy: JumpCopy }>(`jump-items/${id}/copies`, { group }),
  removeCopy: (copy: number) => post(`jump-copies/${copy}/remove`),
  askApproval: (id: number, reason: string, minutes: number) =>
    post<{ approval: Approval }>(`jump-items/${id}/approval`, { reason, minutes }),
  approvals: (state: string, after: number) =>
    get<{ approvals: Approval[]; next: number | null }>('jump-approvals', { state, after }),
  approve: (id: number, minutes: number, answer: string) =>
    post<{ approval: Approval }>(`jump-approvals/${id}/approve`, { minutes, answer }),
  deny: (id: number, answer: string) => post<{ approval: Approval }>(`jump-approvals/${id}/deny`, { answer }),
  searchAndJump: (text: string, holderKey: string) =>
    post<JumpFound>('jump-items/search-and-jump', { text, holder_key: holderKey }),
  createEnrolmentToken: (name: string, group: string) =>
    post<EnrolmentToken>('enrolment-tokens', { ...(name && { name }), ...(group && { group }) }),
};
