/* SPDX-License-Identifier: Apache-2.0 */
/* Tables. */
export const table = {
  count: (shown: string, count: number) => (count === 1 ? '1 row' : `${shown} rows`),
  columns: 'Columns',
  actions: 'Actions',
  selectAll: 'Select all',
  selectOne: (name: string) => `Select ${name}`,
};
