/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up a second factor. */
export const setup = {
  title: 'Set up a second factor',
  lead: 'Type this secret into an authenticator app, then enter the code that the app shows.',
  confirm: 'Confirm',
  authenticator: 'Use a security key or this device instead',
  codesTitle: 'Recovery codes',
  codesLead: 'Each lets you in once when you have no second factor at hand. Keep them in a safe place.',
  done: 'I have stored them',
};
