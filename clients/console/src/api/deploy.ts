/* SPDX-License-Identifier: Apache-2.0 */
/* Installers of Jump Clients, and bringing them to the offered program. */
import { get, post } from './request';

export type InstallerState = 'valid' | 'used_up' | 'expired' | 'revoked';

export interface Installer {
  readonly id: number;
  readonly label: string;
  readonly state: InstallerState;
  readonly name_pattern: string;
  readonly group: string;
  readonly tag: string;
  readonly comments: string;
  readonly overrides: readonly string[];
  readonly start_quietly: boolean;
  readonly mode: 'active' | 'passive';
  readonly port: number;
  readonly uses_max: number;
  readonly uses: number;
  readonly item_life_s: number;
  readonly created_unix_ms: number;
  readonly created_by: string;
  readonly expires_unix_ms: number;
}

export interface InstallerWanted {
  label?: string;
  name_pattern?: string;
  group?: string;
  tag?: string;
  comments?: string;
  overrides?: string;
  start_quietly?: boolean;
  mode?: 'active' | 'passive';
  port?: number;
  uses?: number;
  life_s?: number;
  item_life_s?: number;
  session_policy?: number;
  jump_policy?: number;
}

export interface InstallerMade {
  readonly installer: Installer;
  readonly token: string;
  readonly command: string;
  readonly script_url: string;
}

export interface UpgradeStatus {
  readonly program: { readonly version: string; readonly machine: string; readonly size: number; readonly sha256: string } | null;
  readonly is_on: boolean;
  readonly at_once: number;
  readonly online: number;
  readonly up_to_date: number;
  readonly need_update: number;
  readonly failed: number;
  readonly underway: readonly {
    readonly jump_item: number; readonly name: string; readonly sent_bytes: number; readonly started_unix_ms: number;
  }[];
  readonly failures: readonly {
    readonly jump_item: number; readonly name: string; readonly time_unix_ms: number; readonly why: string;
  }[];
  readonly next: number | null;
}

export const deployApi = {
  installers: (after: number) => get<{ installers: Installer[]; next: number | null }>('installers', { after }),
  create: (wanted: InstallerWanted) => post<InstallerMade>('installers', wanted),
  extend: (id: number, life_s: number, uses: number | undefined) =>
    post<{ installer: Installer }>(`installers/${id}/extend`, { life_s, ...(uses !== undefined && { uses }) }),
  revoke: (id: number) => post(`installers/${id}/revoke`),
  upgrade: () => get<UpgradeStatus>('upgrade'),
  pause: () => post('upgrade/pause'),
  resume: () => post('upgrade/resume'),
};
