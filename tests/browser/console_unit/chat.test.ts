/* SPDX-License-Identifier: Apache-2.0 */
/* The chat log: order, what is unsent, and no line twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../clients/console/src/backoff';
import { parseEvent } from '../../../clients/console/src/events';
import { tidyKey } from '../../../clients/console/src/portal_key';
import { ChatLog } from '../../../clients/console/src/session/chat';
import { formatRemaining } from '../../../clients/console/src/text/format';

const line = (sequence: number, participant: number, clientMessage: number, text: string) => ({
  sequence, timeUnixMs: 1000 + sequence, participant, clientMessage, name: `p${participant}`, text,
});

test('a said message stays unsent until its own line comes back', () => {
  const chat = new ChatLog(41);
  chat.setSelf(2);
  const first = chat.say('one');
  const second = chat.say('two');
  assert.deepEqual([first.id, second.id], [41, 42]);
  chat.addLine(line(1, 3, 41, 'another participant with the same id'));
  assert.equal(chat.unsent.length, 2);
  chat.addLine(line(2, 2, 41, 'one'));
  assert.deepEqual(chat.unsent.map((said) => said.text), ['two']);
});

test('a line that comes twice is shown once and still confirms', () => {
  const chat = new ChatLog(1);
  chat.setSelf(2);
  chat.say('one');
  chat.addHistory([{ sequence: 1, time_unix_ms: 5, participant: 2, name: 'Alice', text: 'one', from: 'representative',
    audience: 'everybody' }]);
  assert.equal(chat.unsent.length, 1, 'history has no client message id');
  assert.equal(chat.addLine(line(1, 2, 1, 'one')), false);
  assert.equal(chat.lines.length, 1);
  assert.equal(chat.unsent.length, 0);
});

test('lines are in the order of control, whatever order they arrive in', () => {
  const chat = new ChatLog(1);
  chat.setSelf(2);
  for (const sequence of [3, 1, 5, 2, 3, 4]) {
    chat.addLine(line(sequence, sequence % 2 === 0 ? 2 : 0, 0, `line ${sequence}`));
  }
  assert.deepEqual(chat.lines.map((one) => one.sequence), [1, 2, 3, 4, 5]);
  assert.deepEqual(chat.lines.map((one) => one.from), ['appliance', 'self', 'appliance', 'self', 'appliance']);
});

test('a line keeps to whom it is said, unsent, live and from the history', () => {
  const chat = new ChatLog(1);
  chat.setSelf(2);
  assert.equal(chat.say('aside', 'representatives').audience, 'representatives');
  assert.equal(chat.say('aloud').audience, 'everybody');
  assert.deepEqual(chat.unsent.map((said) => said.audience), ['representatives', 'everybody']);
  chat.addLine(line(1, 2, 1, 'aside'), 'representatives');
  chat.addLine(line(2, 2, 2, 'aloud'), 'everybody');
  chat.addHistory([{ sequence: 3, time_unix_ms: 5, participant: 3, name: 'Bob', text: 'b', from: 'representative',
    audience: 'representatives' }]);
  assert.deepEqual(chat.lines.map((one) => one.audience), ['representatives', 'everybody', 'representatives']);
  assert.equal(chat.unsent.length, 0);
});

test('client message ids wrap within 32 bits', () => {
  const chat = new ChatLog(0xffffffff);
  assert.equal(chat.say('a').id, 0xffffffff);
  assert.equal(chat.say('b').id, 0);
});

test('waits grow, are bounded, jitter, and start again after a reset', () => {
  const least = new Backoff(500, 10_000, () => 0);
  const most = new Backoff(500, 10_000, () => 1);
  assert.deepEqual([1, 2, 3].map(() => least.delay()), [250, 500, 1000]);
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(() => most.delay()), [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  most.reset();
  assert.equal(most.delay(), 500);
});

test('events are taken apart totally', () => {
  const parse = (text: string) => parseEvent(new TextEncoder().encode(text));
  assert.deepEqual(parse('{"type":"session_waiting","session":4,"customer":"Kim","more":1}'),
    { type: 'session_waiting', session: 4, customer: 'Kim' });
  for (const bad of ['', '{', 'null', '[]', '7', '{"type":3}', '{"kind":"x"}']) {
    assert.equal(parse(bad), null, bad);
  }
  assert.equal(parseEvent(Uint8Array.of(0xff, 0xfe)), null);
});

test('a session key may be typed in any way', () => {
  for (const typed of ['ABCD-EFGH-JK', 'abcdefghjk', ' abcd efgh jk ', 'ａｂｃｄ–efgh_jk']) {
    assert.equal(tidyKey(typed), 'ABCD-EFGH-JK');
  }
  assert.equal(tidyKey('  '), '');
  assert.equal(tidyKey('ABCDEFGH'), 'ABCD-EFGH');
});

test('a countdown reads like a clock', () => {
  assert.equal(formatRemaining(600_000), '10:00');
  assert.equal(formatRemaining(59_001), '1:00');
  assert.equal(formatRemaining(5_000), '0:05');
  assert.equal(formatRemaining(-1), '0:00');
  assert.equal(formatRemaining(3_900_000), '1 h 05 min');
});
