/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and switches of the appliance, and the agreement that accounts accept. */
import type { Agreement } from './account';
import { get, post } from './request';

export interface ApplianceOption {
  readonly name: string;
  readonly running: string | number;
  readonly stored: string | number; /* '-': nothing is stored */
  readonly default: string | number;
  readonly range: string;
  readonly unit: string;
  readonly meaning: string;
}

export interface PublishedAgreement extends Agreement {
  readonly published_unix_ms: number;
}

export const optionsApi = {
  list: () => get<{ options: ApplianceOption[] }>('options'),
  set: (name: string, value: string | number) => post<{ option: ApplianceOption }>('options', { name, value }),
  reset: (name: string) => post<{ option: ApplianceOption }>('options/reset', { name }),
  agreement: () => get<{ agreement: PublishedAgreement | null }>('agreement'),
  publish: (title: string, body: string) => post<{ agreement: PublishedAgreement }>('agreement', { title, text: body }),
  withdraw: () => post('agreement/withdraw'),
};
