/* SPDX-License-Identifier: Apache-2.0 */
/* The Jump interface: which list is meant, what is asked first, and parts of files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWaiting } from '../../../clients/console/src/approvals';
import type { Approval, JumpAccess, JumpItem } from '../../../clients/console/src/api/jump';
import { dayOf, endOfDay } from '../../../clients/console/src/pages/jump/bulk';
import { keepRows } from '../../../clients/console/src/pages/jump/export';
import { filterFavourites, listingOf } from '../../../clients/console/src/pages/jump/list';
import { placeOf } from '../../../clients/console/src/pages/jump/places';
import { asksFirst } from '../../../clients/console/src/pages/jump/start';

const open: JumpAccess = {
  may_start: true, copy: null, policy: null, ticket: false, second_factor: false, has_code: false, approval: null, is_open: true,
  next_open_unix_ms: null, next_close_unix_ms: null, is_strict: false, may_override: false, tells: false, recording: 'off',
  reach: 'online', sessions: [], second: 'join',
};

test('a Jump that nothing stands in the way of is made at once', () => {
  assert.equal(asksFirst(open), false);
  assert.equal(asksFirst({ ...open, reach: 'wakes' }), false);
  assert.equal(asksFirst({ ...open, approval: { state: 'given', request: 1, minutes: 9, ends_unix_ms: 1 } }), false);
});

test('what has to be read or given is asked first', () => {
  const other = { session: 3, representative: 'Bob', is_own: false };
  const cases: Partial<JumpAccess>[] = [
    { may_start: false }, { is_open: false }, { ticket: true }, { second_factor: true }, { reach: 'offline' }, { reach: 'disabled' },
    { approval: { state: 'needed', request: null, minutes: 9, ends_unix_ms: null } },
    { approval: { state: 'waits', request: 2, minutes: 9, ends_unix_ms: 1 } }, { sessions: [other] },
  ];
  for (const one of cases) {
    assert.equal(asksFirst({ ...open, ...one }), true, JSON.stringify(one));
  }
  /* One's own session is entered again, whatever the policy says by now. */
  assert.equal(asksFirst({ ...open, ticket: true, sessions: [{ ...other, is_own: true }] }), false);
});

test('a list is remembered as a word, and other words are the whole list', () => {
  assert.deepEqual(placeOf('group 7'), { kind: 'group', group: 7 });
  assert.deepEqual(placeOf('tag Berlin Mitte'), { kind: 'tag', tag: 'Berlin Mitte' });
  assert.deepEqual(placeOf('favourites'), { kind: 'favourites' });
  for (const said of ['', 'all', 'group', 'group x', 'tag', 'nonsense 3']) {
    assert.deepEqual(placeOf(said), { kind: 'all' }, said);
  }
});

test('what is looked at is what is asked for', () => {
  const sort = { column: 'lastAccess', descending: true };
  assert.deepEqual(listingOf({ place: { kind: 'tag', tag: 'till' }, words: 'ber', fields: ['name', 'tag'], state: 'online', sort }),
    { text: 'ber', fields: 'name,tag', tag: 'till', state: 'online', sort: 'last_access', descending: true });
  assert.deepEqual(listingOf({ place: { kind: 'all' }, words: '', fields: ['name'], state: '', sort: { column: 'user', descending: false } }),
    { sort: 'name', descending: false });
});

test('favourites are filtered by every word, and by state', () => {
  const item = (name: string, state: JumpItem['state']) => ({ name, state, group: 'All', hostname: '', user: '', tag: '' }) as JumpItem;
  const all = [item('Till Berlin', 'online'), item('Till Lyon', 'offline')];
  assert.deepEqual(filterFavourites(all, 'BER till', ''), [all[0]]);
  assert.deepEqual(filterFavourites(all, '', 'offline'), [all[1]]);
  assert.equal(filterFavourites(null, 'x', ''), null);
});

test('rows of a file are kept by their number, with line breaks and quotes inside', () => {
  const csv = 'id,name,comments\r\n1,a,"two\nlines, and ""quotes"""\r\n12,b,\r\n2,"2\n1,",x\r\n';
  assert.deepEqual(keepRows(csv, new Set([1, 2]), true),
    { csv: 'id,name,comments\r\n1,a,"two\nlines, and ""quotes"""\r\n2,"2\n1,",x\r\n', rows: 2 });
  assert.deepEqual(keepRows('12,b,\r\n', new Set([12]), false), { csv: '12,b,\r\n', rows: 1 });
});

test('a day is its last moment here', () => {
  assert.equal(endOfDay(''), 0);
  assert.equal(dayOf(null), '');
  assert.equal(dayOf(endOfDay('2026-12-31')), '2026-12-31');
  assert.ok(endOfDay('2026-12-31') > new Date(2026, 11, 31, 23, 59).getTime());
});

test('a request that nobody can decide about any more does not wait', () => {
  const one = { state: 'waits', waits_until_unix_ms: 100 } as Approval;
  assert.equal(isWaiting(one, 99), true);
  assert.equal(isWaiting(one, 100), false);
  assert.equal(isWaiting({ ...one, state: 'given' }, 99), false);
});
