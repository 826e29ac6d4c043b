/* SPDX-License-Identifier: Apache-2.0 */
import type { security as english } from '../en/security';
import type { Text } from '../types';

export const security: Text<typeof english> = {
  title: 'Anmeldung und Sicherheit',
  lead: 'Wie Sie sich anmelden und wo Sie angemeldet sind.',
  password: 'Kennwort',
};
