/* SPDX-License-Identifier: Apache-2.0 */
/* Keyboard shortcuts and the list of them. */
export const shortcuts = {
  title: 'Keyboard shortcuts',
  lead: 'Single keys work outside of fields and outside of a remote screen.',
  offHint: 'Single-key shortcuts can be turned off in the settings.',
  then: 'then',
  everywhere: 'Everywhere',
  inTables: 'In tables',
  inSession: 'In a session',
  showList: 'Show this list',
  search: 'Go to the filter of the page',
  goTo: (page: string) => `Go to ${page}`,
  tab: (place: number) => (place === 1 ? 'Go to the home tab' : `Go to session tab ${place - 1}`),
  leaveScreen: 'Leave the remote screen: press and release together',
  tables: [
    ['↑|↓', 'Move to another row'],
    ['Home|End', 'First and last row'],
    ['Enter', 'Open the row'],
    ['Space', 'Select the row'],
    ['Shift+Space', 'Select up to this row'],
    ['Ctrl+A', 'Select all rows'],
  ],
};
