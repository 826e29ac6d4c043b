/* SPDX-License-Identifier: Apache-2.0 */
/* The session key dialog. */
export const sessionKey = {
  create: 'Create session key',
  title: 'Session key',
  lead: 'Tell the customer this key, or send the address. It works once.',
  key: 'Key',
  url: 'Address for the customer',
  copyKey: 'Copy key',
  copyUrl: 'Copy address',
  expiresIn: (remaining: string) => `Expires in ${remaining}`,
  expired: 'This key has expired. Create a new one.',
  again: 'Create another key',
};
