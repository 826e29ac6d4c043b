/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up a second factor. */
export const setup = {
  title: 'Set up a second factor',
  lead: 'A second factor protects your account when somebody learns your password.',
  qr: 'Code to scan with an authenticator app',
  scan: 'Scan this with an authenticator app on your phone, then enter the code that the app shows.',
  orType: 'Or type this secret into the app:',
  copyCodes: 'Copy codes',
  confirm: 'Confirm',
  authenticator: 'Use a security key or this device instead',
  codesTitle: 'Recovery codes',
  codesLead: 'Each lets you in once when you have no second factor at hand. Keep them in a safe place.',
  done: 'I have stored them',
};
