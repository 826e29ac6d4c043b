/* SPDX-License-Identifier: Apache-2.0 */
import type { setup as english } from '../en/setup';
import type { Text } from '../types';

export const setup: Text<typeof english> = {
  title: 'Zweiten Faktor einrichten',
  lead: 'Ein zweiter Faktor schützt Ihr Konto, wenn jemand Ihr Kennwort erfährt.',
  qr: 'Code für eine Authenticator-App',
  scan: 'Scannen Sie dies mit einer Authenticator-App auf Ihrem Telefon, und geben Sie dann den Code ein, den die App zeigt.',
  orType: 'Oder tragen Sie dieses Geheimnis in die App ein:',
  copyCodes: 'Codes kopieren',
  confirm: 'Bestätigen',
  authenticator: 'Stattdessen einen Sicherheitsschlüssel oder dieses Gerät verwenden',
  codesTitle: 'Wiederherstellungscodes',
  codesLead: 'Jeder Code lässt Sie einmal ein, wenn Sie keinen zweiten Faktor zur Hand haben. Bewahren Sie sie sicher auf.',
  done: 'Ich habe sie aufbewahrt',
};
