/* SPDX-License-Identifier: Apache-2.0 */
import type { locked as english } from '../en/locked';
import type { Text } from '../types';

export const locked: Text<typeof english> = {
  lockNow: 'Konsole sperren',
  title: 'Die Konsole ist gesperrt',
  lead: (name) => `Nur ${name} kann sie öffnen. Ihre Sitzungen laufen dahinter weiter.`,
  unlock: 'Entsperren',
};
