/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the console. */
export const shell = {
  tabs: 'Work areas',
  home: 'Home',
  signOut: 'Sign out',
  eventsUp: 'Live updates are on.',
  eventsDown: 'Live updates are interrupted. The lists are fetched every few seconds until they return.',
  tabState: { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting', stopped: 'disconnected', ended: 'ended' },
};
