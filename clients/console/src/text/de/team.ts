/* SPDX-License-Identifier: Apache-2.0 */
import type { team as english } from '../en/team';
import type { Text } from '../types';

export const team: Text<typeof english> = {
  title: 'Team',
  rooms: 'Unterhaltungen',
  teams: 'Teams',
  people: 'Personen',
  unread: (count) => (count >= 100 ? '99+' : `${count}`),
  unreadOf: (count) => (count === 1 ? '1 ungelesene Nachricht' : `${count} ungelesene Nachrichten`),
  log: (name) => `Nachrichten: ${name}`,
  empty: 'Hier wurde noch nichts geschrieben',
  emptyText: 'Was Sie schreiben, sehen alle im Team und nie ein Kunde.',
  emptyPerson: 'Was Sie schreiben, sehen nur Sie beide.',
  older: 'Ältere Nachrichten laden',
  loadingOlder: 'Ältere Nachrichten werden geladen…',
  begin: 'Hier beginnt die Unterhaltung.',
  today: 'Heute',
  yesterday: 'Gestern',
  newLine: 'Neu',
  you: 'Sie',
  write: (name) => `An ${name} schreiben`,
  send: 'Senden',
  hint: 'Enter sendet, Umschalt+Enter beginnt eine neue Zeile.',
  tooLong: 'Das ist zu lang für eine Nachricht: höchstens 4.000 Byte.',
  members: 'Wer da ist',
  offline: 'Nicht angemeldet',
  messageTo: (name) => `${name} eine Nachricht schreiben`,
  sessions: (count) => (count === 1 ? '1 Sitzung' : `${count} Sitzungen`),
  noTeam: 'Sie sind in keinem Team',
  noTeamText: 'Ein Administrator nimmt Personen in Teams auf. Bis dahin ist hier niemand, mit dem Sie sprechen können.',
  choose: 'Wählen Sie eine Unterhaltung',
};
