/* SPDX-License-Identifier: Apache-2.0 */
/* The sign-in form. */
export const signIn = {
  title: 'Sign in',
  lead: 'For representatives and administrators.',
  user: 'User name',
  password: 'Password',
  button: 'Sign in',
  busy: 'Signing in…',
  remember: 'Stay signed in on this computer',
  authenticator: 'Sign in with an authenticator',
  needUser: 'Enter your user name.',
  needPassword: 'Enter your password.',
  signedOut: 'You are signed out.',
  customerHint: 'Were you given a session key? ',
  customerLink: 'Enter it on the customer page',
};
