/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings as the page reads them: the example of engine/RECORDING.md, and every kind of damage. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Story } from '../../../clients/console/src/recording/story';
import { RecordKind, TapeError, TapePart, type TapeRecord } from '../../../clients/console/src/recording/tape';

const SEAL_BYTES = 200;

function example(): Uint8Array {
  const page = readFileSync('engine/RECORDING.md', 'utf8');
  const text = /```recording\n([\s\S]*?)```/.exec(page)![1]!;
  return Uint8Array.from(text.trim().split(/\s+/), (byte) => parseInt(byte, 16));
}

function read(bytes: Uint8Array, step = bytes.byteLength): { part: TapePart; records: TapeRecord[] } {
  const part = new TapePart(bytes.byteLength);
  const records: TapeRecord[] = [];
  for (let at = 0; at < bytes.byteLength; at += step) {
    records.push(...part.push(bytes.subarray(at, Math.min(bytes.byteLength, at + step))));
  }
  return { part, records };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/* The hash of the last block of data is the last 32 bytes before the seal. */
const rootOf = (bytes: Uint8Array) => hex(bytes.subarray(bytes.byteLength - SEAL_BYTES - 32, bytes.byteLength - SEAL_BYTES));

test('the example of the format, whole and a byte at a time', async () => {
  const bytes = example();
  for (const step of [bytes.byteLength, 97, 1]) {
    const { part, records } = read(bytes, step);
    assert.equal(part.header?.session, 7);
    assert.equal(part.header?.part, 1);
    assert.deepEqual(records.map((one) => one.kind), [RecordKind.PARTICIPANT, RecordKind.FRAME, RecordKind.FRAME, RecordKind.END]);
    assert.deepEqual(records.map((one) => one.unixMs - part.header!.startUnixMs), [0, 5, 1500, 2000]);
    assert.equal(await part.verify(rootOf(bytes)), true);
    assert.equal(await part.verify(rootOf(bytes).replace(/^./, (digit) => (digit === '0' ? '1' : '0'))), false);
  }
});

test('what happened in it can be told', () => {
  const story = new Story();
  read(example()).records.forEach((record) => story.push(record));
  assert.deepEqual(story.lines.map((line) => line.kind), ['came', 'end']);
  assert.equal(story.lines[1]!.text, 'Bye.');
});

test('a changed bit is noticed, wherever it is', async () => {
  const bytes = example();
  const root = rootOf(bytes);
  for (let at = 0; at < bytes.byteLength - SEAL_BYTES; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 1 << (at % 8);
    let good = false;
    try {
      good = await read(changed).part.verify(root);
    } catch (error) {
      assert.ok(error instanceof TapeError, String(error));
    }
    assert.equal(good, false, `byte ${at}`);
  }
});

test('a part that is cut gives the records of its whole blocks and is not called whole', async () => {
  const bytes = example();
  const counts = new Set<number>();
  for (let length = 0; length < bytes.byteLength; length += 7) {
    const part = new TapePart(bytes.byteLength);
    const records = part.push(bytes.subarray(0, length));
    counts.add(records.length);
    assert.equal(part.isComplete, false);
    assert.equal(await part.verify(rootOf(bytes)), false);
  }
  assert.deepEqual([...counts].sort(), [0, 2, 4]);
});

test('encrypted ones, later versions and what is no recording are told apart', () => {
  const changed = (at: number, value: number) => {
    const bytes = example();
    bytes[at] = value;
    return bytes;
  };
  const fault = (bytes: Uint8Array) => {
    try {
      read(bytes);
    } catch (error) {
      return error instanceof TapeError ? error.fault : String(error);
    }
    return 'none';
  };
  assert.equal(fault(changed(10, 3)), 'encrypted');
  assert.equal(fault(changed(8, 2)), 'version');
  assert.equal(fault(changed(0, 0)), 'not_a_recording');
  assert.equal(fault(changed(128, 0)), 'damaged');
  assert.equal(fault(changed(128 + 6, 255)), 'damaged');
  assert.throws(() => new TapePart(4).push(new Uint8Array(5)), TapeError);
});
