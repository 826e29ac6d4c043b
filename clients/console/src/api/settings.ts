/* SPDX-License-Identifier: Apache-2.0 */
/* How the console behaves for a person: control merges what was chosen, suggested and forced. */
import { get, post } from './request';

export interface ConsoleSetting {
  readonly name: string;
  readonly value: string;
  readonly rule: 'default' | 'suggested' | 'own' | 'forced';
  readonly administrators: string;
  readonly own: string;
  readonly words: string; /* 'off|on' */
  readonly meaning: string;
}

export const settingsApi = {
  list: () => get<{ settings: ConsoleSetting[] }>('me/settings'),
  choose: (name: string, value: string) => post('me/settings', { name, value }),
  restore: () => post('me/settings/restore'),
  set: (name: string, value: string, forced: boolean) => post('console-settings', { name, value, forced }),
  reset: (name: string) => post('console-settings/reset', { name }),
};
