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
};
