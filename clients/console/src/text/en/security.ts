/* SPDX-License-Identifier: Apache-2.0 */
/* How one signs in, and where one is signed in. */
export const security = {
  title: 'Sign-in and security',
  lead: 'How you sign in, and where you are signed in.',
  password: 'Password',
};
