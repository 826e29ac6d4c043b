/* SPDX-License-Identifier: Apache-2.0 */
import type { table as english } from '../en/table';
import type { Text } from '../types';

export const table: Text<typeof english> = {
  count: (shown, count) => (count === 1 ? '1 Zeile' : `${shown} Zeilen`),
  columns: 'Spalten',
  actions: 'Aktionen',
  selectAll: 'Alle auswählen',
  selectOne: (name) => `${name} auswählen`,
};
