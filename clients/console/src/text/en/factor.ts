/* SPDX-License-Identifier: Apache-2.0 */
/* The second step of a sign-in. */
export const factor = {
  title: 'Second step',
  label: { totp: 'One-time code', recovery_code: 'Recovery code' },
  go: { totp: 'Sign in', recovery_code: 'Sign in', webauthn: 'Use authenticator' },
  instead: {
    totp: 'Use a one-time code',
    recovery_code: 'Use a recovery code',
    webauthn: 'Use an authenticator',
  },
  authenticatorLead: 'Touch your security key, or confirm on this device.',
  authenticatorFailed: 'The authenticator gave no answer. Try again, or use another way.',
  needCode: 'Enter the code.',
  back: 'Start again',
};
