/* SPDX-License-Identifier: Apache-2.0 */
import type { home as english } from '../en/home';
import type { Text } from '../types';

export const home: Text<typeof english> = {
  jumpItems: 'Jump-Elemente',
  filter: 'Nach Name, Gruppe, Rechner oder Benutzer filtern',
  none: 'Noch keine Jump-Elemente. Ein Administrator kann ein Registrierungstoken erstellen und den angezeigten Befehl auf einem Computer ausführen, um einen hinzuzufügen.',
  noMatch: (filter) => `Kein Jump-Element passt zu „${filter}“.`,
  shown: (shown, all) => (shown === all ? `${all} insgesamt` : `${shown} von ${all} angezeigt`),
  columns: { lastAccess: 'Letzter Zugriff' },
  state: {
    online: 'Online', offline: 'Offline', in_session: 'In Sitzung', passive: 'Passiv', lost: 'Verloren',
    disabled: 'Vom Benutzer abgeschaltet',
  },
  jump: 'Jump',
  jumping: 'Wird gestartet…',
  jumpTo: (name) => `Jump zu ${name}`,
  accepting: 'Wird angenommen…',
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
