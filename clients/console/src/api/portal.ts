/* SPDX-License-Identifier: Apache-2.0 */
/* What the public portal asks, without a sign-in. */
import { get, post } from './request';

export interface CheckedKey {
  readonly valid: boolean;
  readonly representative: string;
  readonly command: string;
  readonly download: string | null;
}

export interface PortalInfo {
  readonly name: string;
  readonly version: string;
  readonly download_available: boolean;
}

export const portalApi = {
  checkKey: (key: string) => post<CheckedKey>('portal/session-key', { key }),
  info: () => get<PortalInfo>('portal'),
};
