/* SPDX-License-Identifier: Apache-2.0 */
import type { shell as english } from '../en/shell';
import type { Text } from '../types';

export const shell: Text<typeof english> = {
  tabs: 'Arbeitsbereiche',
  home: 'Start',
  signOut: 'Abmelden',
  eventsUp: 'Die Anzeige wird laufend aktualisiert.',
  eventsDown: 'Die laufende Aktualisierung ist unterbrochen. Bis sie zurückkehrt, werden die Listen alle paar Sekunden abgerufen.',
  tabState: {
    connecting: 'wird verbunden', live: 'verbunden', reconnecting: 'wird neu verbunden', stopped: 'getrennt',
    ended: 'beendet',
  },
  rail: 'Seiten',
  queues: 'Warte\u00adschlangen',
  reports: 'Berichte',
  admin: 'Verwaltung',
  waiting: 'wartend',
  sections: { people: 'Personen', access: 'Zugriff', desk: 'Support', appliance: 'Appliance' },
  accountOf: (name) => `Konto von ${name}`,
  noPage: 'Diese Seite gibt es nicht',
  noPageText: 'Diese Adresse führt zu keiner Seite der Konsole.',
  toStart: 'Zu den Warteschlangen',
  mayNot: 'Sie dürfen diese Seite nicht sehen.',
  mayNotText: 'Ein Administrator kann Ihnen das Recht dazu geben, mit einer Gruppenrichtlinie oder an Ihrem Konto.',
  notLoaded: 'Die Seite konnte nicht geladen werden. Vielleicht wurde die Appliance aktualisiert, oder das Netz ist gestört.',
  reload: 'Konsole neu laden',
  lost: 'Die Verbindung zur Appliance ist unterbrochen. Die Anzeige kann veraltet sein; sie kommt von selbst zurück.',
  backAgain: 'Die Verbindung zur Appliance ist wieder da.',
  tryNow: 'Jetzt versuchen',
  sessionGone: 'Diese Sitzung ist nicht mehr offen.',
};
