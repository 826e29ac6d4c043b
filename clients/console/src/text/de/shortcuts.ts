/* SPDX-License-Identifier: Apache-2.0 */
import type { shortcuts as english } from '../en/shortcuts';
import type { Text } from '../types';

export const shortcuts: Text<typeof english> = {
  title: 'Tastenkürzel',
  lead: 'Einzelne Tasten wirken außerhalb von Feldern und außerhalb eines entfernten Bildschirms.',
  offHint: 'Kürzel aus einzelnen Tasten lassen sich in den Einstellungen abschalten.',
  then: 'dann',
  everywhere: 'Überall',
  inTables: 'In Tabellen',
  inSession: 'In einer Sitzung',
  showList: 'Diese Liste zeigen',
  search: 'Zum Filter der Seite',
  goTo: (page) => `Zu: ${page}`,
  tab: (place) => (place === 1 ? 'Zum Startreiter' : `Zum Sitzungsreiter ${place - 1}`),
  leaveScreen: 'Den entfernten Bildschirm verlassen: zusammen drücken und loslassen',
  tables: [
    ['↑|↓', 'Zu einer anderen Zeile'],
    ['Pos1|Ende', 'Erste und letzte Zeile'],
    ['Eingabe', 'Zeile öffnen'],
    ['Leertaste', 'Zeile auswählen'],
    ['Umschalt+Leertaste', 'Bis zu dieser Zeile auswählen'],
    ['Strg+A', 'Alle Zeilen auswählen'],
  ],
};
