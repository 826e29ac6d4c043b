/* SPDX-License-Identifier: Apache-2.0 */
/* Which session tabs this window has, and whether it is locked, so that both are so when the page is loaded again.
 *
 * Limits: tabs are in the storage of one browser tab, the lock in the browser's; an account does not see another's.
 */
export interface OpenTab {
  readonly id: number;
  readonly name: string;
  readonly watching: boolean;
}

const KEY = 'causeway.tabs';
const TABS_MAX = 50;

function isTab(value: unknown): value is OpenTab {
  const tab = value as Partial<OpenTab> | null;
  return typeof tab === 'object' && tab !== null && Number.isSafeInteger(tab.id) && typeof tab.name === 'string'
    && typeof tab.watching === 'boolean';
}

export function readTabs(account: number): readonly OpenTab[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(`${KEY}.${account}`) ?? '[]');
    return Array.isArray(found) ? found.filter(isTab).slice(0, TABS_MAX) : [];
  } catch {
    return [];
  }
}

export function writeTabs(account: number, tabs: readonly OpenTab[]): void {
  try {
    sessionStorage.setItem(`${KEY}.${account}`, JSON.stringify(tabs));
  } catch {
    /* Storage is off: the sessions are in "My open sessions". */
  }
}

const LOCK_KEY = 'causeway.locked';

/* A console that was locked is still locked after its page was loaded again, and in every other tab that is opened:
 * the cookie is good there, too. */
export function readLocked(account: number): boolean {
  try {
    return localStorage.getItem(LOCK_KEY) === String(account);
  } catch {
    return false;
  }
}

export function writeLocked(account: number, locked: boolean): void {
  try {
    if (locked) {
      localStorage.setItem(LOCK_KEY, String(account));
    } else {
      localStorage.removeItem(LOCK_KEY);
    }
  } catch {
    /* Storage is off: loading the page again unlocks it. */
  }
}
