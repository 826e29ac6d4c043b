/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the console. */
export const shell = {
  tabs: 'Work areas',
  home: 'Home',
  signOut: 'Sign out',
  eventsUp: 'Live updates are on.',
  eventsDown: 'Live updates are interrupted. The lists are fetched every few seconds until they return.',
  tabState: { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting', stopped: 'disconnected', ended: 'ended' },
  rail: 'Pages',
  queues: 'Queues',
  reports: 'Reports',
  admin: 'Admin',
  waiting: 'waiting',
  sections: { people: 'People', access: 'Access', desk: 'Support desk', appliance: 'Appliance' },
  accountOf: (name: string) => `Account of ${name}`,
  noPage: 'No such page',
  noPageText: 'This address leads to no page of the console.',
  toStart: 'To the queues',
  mayNot: 'You may not see this page.',
  mayNotText: 'An administrator can give you the right to, with a group policy or at your account.',
  notLoaded: 'The page could not be loaded. The appliance may have been updated, or the network is down.',
  reload: 'Load the console again',
};
