/* SPDX-License-Identifier: Apache-2.0 */
/* The agreement before the work. */
export const agreement = {
  title: 'Agreement',
  accept: 'I accept',
  refuse: 'I do not accept: sign out',
};
