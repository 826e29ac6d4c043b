/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a password. */
export const password = {
  title: 'Choose a new password',
  lead: 'The password you signed in with was for one use. Choose your own to go on.',
  current: 'Present password',
  next: 'New password',
  repeat: 'New password again',
  rule: 'Use at least 12 characters. A few unrelated words make a good password.',
  button: 'Change password',
  busy: 'Changing…',
  differs: 'The two new passwords are not the same.',
  tooShort: 'The new password needs at least 12 characters.',
  needCurrent: 'Enter your present password.',
  changed: 'The password was changed.',
};
