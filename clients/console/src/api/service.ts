/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of the appliance itself: programs, outbound events, its state, the audit log, backups, recording. */
import { get, post } from './request';

export type Access = 'none' | 'read' | 'full';

export const scopes = ['command', 'report', 'configuration', 'backup'] as const;
export type Scope = (typeof scopes)[number];

export interface ApiAccount extends Readonly<Record<Scope, Access>> {
  readonly id: number;
  readonly name: string;
  readonly client_id: string;
  readonly enabled: boolean;
  readonly networks: string;
  readonly comments: string;
  readonly created_unix_ms: number;
  readonly last_token_unix_ms: number | null;
}

export interface EventReceiver {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly events: string;
  readonly enabled: boolean;
  readonly own_ca: boolean;
  readonly state: 'idle' | 'sending' | 'waiting to try again' | 'disabled' | 'no courier';
  readonly waiting: number;
  readonly left_out: number;
  readonly failures: number;
  readonly next_unix_ms: number | null;
  readonly last_done_unix_ms: number | null;
  readonly last_error: string;
}

export interface ApplianceWorker {
  readonly worker: number;
  readonly connections: number;
  readonly sessions: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
}

export interface ApplianceStatus {
  readonly version: string;
  readonly now_unix_ms: number;
  readonly uptime_s: number;
  readonly store_bytes: number;
  readonly engine_connected: boolean;
  readonly drained: boolean;
  readonly sessions: number;
  readonly sessions_waiting: number;
  readonly connections: number;
  readonly jump_clients: number;
  readonly jump_items: number;
  readonly consoles: number;
  readonly seats: number;
  readonly seats_used: number;
  readonly recording: Recording;
  readonly last_backup_unix_ms: number | null;
  readonly audit_rows: number;
  readonly audit_signed_unix_ms: number | null;
  readonly workers: readonly ApplianceWorker[];
}

export type Recording = 'off' | 'on' | 'required';

export interface AuditRow {
  readonly id: number;
  readonly time_unix_ms: number;
  readonly actor: string;
  readonly source: string;
  readonly action: string;
  readonly object: string;
  readonly result: string;
  readonly detail: string;
}

export interface AuditState {
  readonly result: string;
  readonly rows: number;
  readonly checkpoints: number;
  readonly last_epoch: number;
  readonly last_signed_row: number;
}

export interface MadeBackup {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  readonly schema: number;
  readonly version: string;
}

export const apiAccountsApi = {
  list: async () => (await get<{ api_accounts: ApiAccount[] }>('api-accounts')).api_accounts,
  create: (values: object) => post<{ api_account: ApiAccount; client_secret: string }>('api-accounts', values),
  set: (id: number, values: object) => post<{ api_account: ApiAccount }>(`api-accounts/${id}`, values),
  newSecret: (id: number) => post<{ client_id: string; client_secret: string }>(`api-accounts/${id}/new-secret`),
  remove: (id: number) => post(`api-accounts/${id}/remove`),
};

export const receiversApi = {
  list: async () => (await get<{ event_receivers: EventReceiver[] }>('event-receivers')).event_receivers,
  create: (values: object) => post<{ event_receiver: EventReceiver; secret: string }>('event-receivers', values),
  set: (id: number, values: object) => post<{ event_receiver: EventReceiver }>(`event-receivers/${id}`, values),
  newSecret: (id: number) => post<{ secret: string }>(`event-receivers/${id}/new-secret`),
  remove: (id: number) => post(`event-receivers/${id}/remove`),
  test: (id: number) => post(`event-receivers/${id}/test`),
};

export const serviceApi = {
  status: () => get<ApplianceStatus>('appliance'),
  audit: async () => (await get<{ rows: AuditRow[] }>('audit')).rows,
  verify: () => get<AuditState>('audit/verify'),
  backUp: (passphrase: string) => post<MadeBackup>('backups', { passphrase }),
  setRecording: (value: Recording) => post<{ recording: Recording }>('recording', { value }),
};
