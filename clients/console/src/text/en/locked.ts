/* SPDX-License-Identifier: Apache-2.0 */
/* A console that is locked. */
export const locked = {
  lockNow: 'Lock the console',
  title: 'The console is locked',
  lead: (name: string) => `Only ${name} can open it. Your sessions go on behind it.`,
  unlock: 'Unlock',
};
