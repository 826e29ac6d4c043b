/* SPDX-License-Identifier: Apache-2.0 */
import type { setup as english } from '../en/setup';
import type { Text } from '../types';

export const setup: Text<typeof english> = {
  title: 'Zweiten Faktor einrichten',
  lead: 'Tragen Sie dieses Geheimnis in eine Authenticator-App ein, und geben Sie dann den Code ein, den die App zeigt.',
  confirm: 'Bestätigen',
  authenticator: 'Stattdessen einen Sicherheitsschlüssel oder dieses Gerät verwenden',
  codesTitle: 'Wiederherstellungscodes',
  codesLead: 'Jeder Code lässt Sie einmal ein, wenn Sie keinen zweiten Faktor zur Hand haben. Bewahren Sie sie sicher auf.',
  done: 'Ich habe sie aufbewahrt',
};
