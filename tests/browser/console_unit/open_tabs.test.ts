/* SPDX-License-Identifier: Apache-2.0 */
/* What a console keeps over a reload: its tabs are the browser tab's own, its lock is the whole browser's. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { readLocked, readTabs, writeLocked, writeTabs } from '../../../clients/console/src/open_tabs';

class MapStorage {
  readonly kept = new Map<string, string>();
  getItem(name: string): string | null { return this.kept.get(name) ?? null; }
  setItem(name: string, value: string): void { this.kept.set(name, value); }
  removeItem(name: string): void { this.kept.delete(name); }
}

const ADA = 7;
const BOB = 8;

function have(name: 'localStorage' | 'sessionStorage'): void {
  Object.defineProperty(globalThis, name, { value: new MapStorage(), configurable: true });
}

/* Another tab of the same browser: it shares one storage and begins with the other empty. */
const openTab = () => have('sessionStorage');

beforeEach(() => {
  have('localStorage');
  openTab();
});

test('whoever finds a locked console finds it locked in every new tab', () => {
  writeLocked(ADA, true);
  assert.ok(readLocked(ADA));
  openTab();
  assert.ok(readLocked(ADA));
  assert.ok(!readLocked(BOB));
  writeLocked(ADA, false);
  assert.ok(!readLocked(ADA));
  openTab();
  assert.ok(!readLocked(ADA));
});

test('the tabs of one browser tab are not those of another', () => {
  const tabs = [{ id: 4, name: 'Grace', watching: false }];
  writeTabs(ADA, tabs);
  assert.deepEqual(readTabs(ADA), tabs);
  assert.deepEqual(readTabs(BOB), []);
  openTab();
  assert.deepEqual(readTabs(ADA), []);
});
