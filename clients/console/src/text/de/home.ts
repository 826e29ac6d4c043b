/* SPDX-License-Identifier: Apache-2.0 */
import type { home as english } from '../en/home';
import type { Text } from '../types';

export const home: Text<typeof english> = {
  title: 'Start',
  jumpItems: 'Jump-Elemente',
  filter: 'Nach Name, Gruppe, Rechner oder Benutzer filtern',
  none: 'Noch keine Jump-Elemente. Ein Administrator kann ein Registrierungstoken erstellen und den angezeigten Befehl auf einem Computer ausführen, um einen hinzuzufügen.',
  noMatch: (filter) => `Kein Jump-Element passt zu „${filter}“.`,
  shown: (shown, all) => (shown === all ? `${all} insgesamt` : `${shown} von ${all} angezeigt`),
  columns: { name: 'Name', group: 'Gruppe', state: 'Zustand', lastAccess: 'Letzter Zugriff', action: 'Aktion' },
  state: {
    online: 'Online', offline: 'Offline', in_session: 'In Sitzung', passive: 'Passiv', lost: 'Verloren',
    disabled: 'Vom Benutzer abgeschaltet',
  },
  never: 'Nie',
  noGroup: 'Keine Gruppe',
  jump: 'Jump',
  jumping: 'Wird gestartet…',
  jumpTo: (name) => `Jump zu ${name}`,
  queue: 'Meine Warteschlange',
  queueEmpty: 'Niemand wartet. Erstellen Sie einen Sitzungsschlüssel, und geben Sie ihn einem Kunden.',
  arrived: (ago) => `Wartet · eingetroffen ${ago}`,
  accept: 'Annehmen',
  accepting: 'Wird angenommen…',
  acceptOf: (name) => `Die Sitzung von ${name} annehmen`,
  sessions: 'Meine offenen Sitzungen',
  open: 'Öffnen',
  openOf: (name) => `Die Sitzung mit ${name} öffnen`,
  otherSessions: 'Sitzungen anderer',
  watch: 'Zuschauen',
  watchOf: (name, who) => `Bei der Sitzung von ${who} mit ${name} zuschauen`,
  kind: { jump: 'Jump', key: 'Sitzungsschlüssel' },
  customerWaiting: (name) => `${name} wartet in Ihrer Warteschlange.`,
  unnamedCustomer: 'Ein Kunde',
};
