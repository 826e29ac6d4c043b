/* SPDX-License-Identifier: Apache-2.0 */
/* The dialog that makes a Jump Client's token. */
export const enrolment = {
  create: 'Add a Jump Client',
  title: 'Add a Jump Client',
  lead: 'A Jump Client makes a computer reachable without anybody sitting at it. Create a token, then run the command on that computer.',
  name: 'Name (optional)',
  group: 'Group (optional)',
  button: 'Create token',
  busy: 'Creating…',
  command: 'Run this on the computer',
  copyCommand: 'Copy command',
  expires: (when: string) => `The token works once, until ${when}.`,
};
