/* SPDX-License-Identifier: Apache-2.0 */
import type { sessionKey as english } from '../en/session_key';
import type { Text } from '../types';

export const sessionKey: Text<typeof english> = {
  create: 'Sitzungsschlüssel erstellen',
  title: 'Sitzungsschlüssel',
  lead: 'Nennen Sie dem Kunden diesen Schlüssel, oder schicken Sie ihm die Adresse. Er gilt einmal.',
  key: 'Schlüssel',
  url: 'Adresse für den Kunden',
  copyKey: 'Schlüssel kopieren',
  copyUrl: 'Adresse kopieren',
  expiresIn: (remaining) => `Läuft ab in ${remaining}`,
  expired: 'Dieser Schlüssel ist abgelaufen. Erstellen Sie einen neuen.',
  again: 'Weiteren Schlüssel erstellen',
};
