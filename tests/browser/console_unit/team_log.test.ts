/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of a conversation: each once, in order; days, authors and what is new. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TeamMessage } from '../../../clients/console/src/api/team_chat';
import { drawn, follows, mergeMessages } from '../../../clients/console/src/team_log';

const DAY_MS = 86_400_000;
const at = (message: number, from = 2, time = message * 1000): TeamMessage =>
  ({ message, time_unix_ms: time, from, name: `person ${from}`, text: `text ${message}` });
const day = (unixMs: number) => String(Math.floor(unixMs / DAY_MS));

test('messages are there once and in order, whatever came first', () => {
  const merged = mergeMessages([at(3), at(4)], [at(1), at(2), at(3), at(5)]);
  assert.deepEqual(merged.map((one) => one.message), [1, 2, 3, 4, 5]);
  assert.deepEqual(mergeMessages([], []), []);
});

test('a gap is noticed: a message that does not follow makes one ask again', () => {
  assert.ok(follows([], 1));
  assert.ok(!follows([], 7));
  assert.ok(follows([at(1), at(2)], 3));
  assert.ok(follows([at(1), at(2)], 2));
  assert.ok(!follows([at(1), at(2)], 4));
});

test('a new day has a separator, and says the author again', () => {
  const list = drawn([at(1, 2, DAY_MS - 2000), at(2, 2, DAY_MS - 1000), at(3, 2, DAY_MS)], day, 99, 1);
  assert.deepEqual(list.map((one) => one.newDay), [true, false, true]);
  assert.deepEqual(list.map((one) => one.sameAuthor), [false, true, false]);
});

test('the line "New" stands once, before the first unread message of somebody else', () => {
  const list = drawn([at(1), at(2, 1), at(3), at(4)], day, 1, 1);
  assert.deepEqual(list.map((one) => one.firstNew), [false, false, true, false]);
  assert.ok(drawn([at(1, 1), at(2, 1)], day, 0, 1).every((one) => !one.firstNew), 'one\'s own are never new');
});
