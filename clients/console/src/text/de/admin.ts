/* SPDX-License-Identifier: Apache-2.0 */
import type { admin as english } from '../en/admin';
import type { Text } from '../types';

export const admin: Text<typeof english> = {
  search: 'Suchen',
  nothingFound: 'Nichts gefunden',
  nothingFoundText: 'Versuchen Sie es mit weniger oder anderen Wörtern.',
  gone: 'Das gibt es nicht mehr. Vielleicht hat es jemand entfernt.',
  closeDetails: 'Details schließen',
  typeToFind: 'Tippen, um zu suchen',
  clear: (what) => `Leeren: ${what}`,
  removeOne: (name) => `${name} wegnehmen`,
  removeTitle: (name) => `„${name}“ entfernen?`,
  removed: (name) => `„${name}“ wurde entfernt.`,
  name: 'Name',
  code: 'Kürzel',
  codeHint: 'Für Programme und Links. Bleibt es leer, wird es aus dem Namen gebildet.',
  description: 'Beschreibung',
  comments: 'Bemerkungen',
  more: 'Weitere Aktionen',
  none: 'Keine',
  inherited: 'Geerbt',
  notDefined: 'Nicht festgelegt',
  created: (name) => `„${name}“ wurde angelegt.`,
  nameNeeded: 'Ein Name wird gebraucht.',
};
