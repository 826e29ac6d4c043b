/* SPDX-License-Identifier: Apache-2.0 */
/* Queue, open sessions and the compact Jump list. */
export const home = {
  jumpItems: 'Jump Items',
  filter: 'Filter by name, group, host or user',
  none: 'No Jump Items yet. An administrator can create an enrolment token and run the command it shows on a computer to add one.',
  noMatch: (filter: string) => `No Jump Item matches “${filter}”.`,
  shown: (shown: number, all: number) => (shown === all ? `${all} in all` : `${shown} of ${all} shown`),
  columns: { lastAccess: 'Last access' },
  state: {
    online: 'Online', offline: 'Offline', in_session: 'In session', passive: 'Passive', lost: 'Lost',
    disabled: 'Disabled by its user',
  },
  jump: 'Jump',
  jumping: 'Starting…',
  jumpTo: (name: string) => `Jump to ${name}`,
  accepting: 'Accepting…',
  sessions: 'My open sessions',
  open: 'Open',
  openOf: (name: string) => `Open the session with ${name}`,
  otherSessions: 'Sessions of others',
  watch: 'Join to watch',
  watchOf: (name: string, who: string) => `Join to watch the session of ${who} with ${name}`,
  kind: { jump: 'Jump', key: 'Session key' },
  customerWaiting: (name: string) => `${name} is waiting in your queue.`,
  unnamedCustomer: 'A customer',
};
