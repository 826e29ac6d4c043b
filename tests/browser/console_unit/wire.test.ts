/* SPDX-License-Identifier: Apache-2.0 */
/* The browser's wire format against the engine's headers and the examples of engine/PROTOCOL.md. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as frame from '../../../clients/console/src/wire/frame';
import * as limits from '../../../clients/console/src/wire/limits';
import * as message from '../../../clients/console/src/wire/message';
import * as ticket from '../../../clients/console/src/wire/ticket';
import { closeText } from '../../../clients/console/src/text/common';

const header = readFileSync('engine/wire/frame.h', 'utf8');
const cLimits = readFileSync('engine/limits.h', 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
const protocol = readFileSync('engine/PROTOCOL.md', 'utf8');

/* The value of a C constant expression of limits.h. */
function cValue(expression: string): number {
  const replaced = expression.replace(/CW_[A-Z0-9_]+/g, (name) => String(cLimit(name)));
  assert.match(replaced, /^[\d\s*+()-]+$/);
  return Number(new Function(`return (${replaced});`)());
}

function cLimit(name: string): number {
  const found = new RegExp(`\\b${name}\\s*=\\s*([^,]+),`).exec(cLimits);
  assert.ok(found, `${name} is in engine/limits.h`);
  return cValue(found[1]!);
}

function xMacro(name: string): string[][] {
  const start = header.indexOf(`#define ${name}(X)`);
  assert.ok(start >= 0);
  const block = header.slice(start, header.indexOf('\n\n', start)).replace(/\\\n/g, '\n').replace(/\/\*.*?\*\//g, '');
  return [...block.matchAll(/X\(([A-Z_]+), (.*)\)\s*$/gm)].map((m) => [m[1]!, m[2]!]);
}

function camel(code: string): string[] {
  return code.split(',').map((part) => part.trim());
}

test('limits are those of engine/limits.h', () => {
  for (const [name, value] of Object.entries(limits)) {
    assert.equal(value, cLimit(`CW_${name}`), name);
  }
});

test('messages, channels, roles, permissions and close codes are those of engine/wire/frame.h', () => {
  const rows = xMacro('CW_MESSAGES');
  assert.equal(rows.length, frame.messages.size);
  for (const [name, rest] of rows) {
    const [number, channel, least, most] = camel(rest!);
    const type = frame.Message[name as keyof typeof frame.Message];
    assert.equal(type, Number(number), name);
    const info = frame.messages.get(type)!;
    assert.equal(info.channel, frame.Channel[channel as keyof typeof frame.Channel], name);
    assert.equal(info.least, cValue(least!), name);
    assert.equal(info.most, cValue(most!), name);
  }
  const numbered = (macro: string, table: Record<string, number | bigint>, map = (n: number): number | bigint => n) => {
    const entries = xMacro(macro);
    assert.equal(entries.length, Object.keys(table).length, macro);
    for (const [name, rest] of entries) {
      assert.equal(table[name!], map(Number(camel(rest!)[0])), `${macro} ${name}`);
    }
  };
  numbered('CW_CHANNELS', frame.Channel);
  numbered('CW_ROLES', frame.Role);
  numbered('CW_PERMISSIONS', frame.Permit, (bit) => 1n << BigInt(bit));
  numbered('CW_CLOSE_CODES', frame.CloseCode);
});

test('close texts are those of engine/wire/frame.h', () => {
  for (const [name, rest] of xMacro('CW_CLOSE_CODES')) {
    const text = /"(.*)"/.exec(rest!)![1]!;
    assert.equal(closeText(frame.CloseCode[name as keyof typeof frame.CloseCode], ''), text);
  }
});

interface Example {
  name: string;
  bytes: Uint8Array;
}

const examples: Example[] = [...protocol.matchAll(/```frame ([A-Z_]+)\n([0-9a-f\s]+)```/g)].map((m) => ({
  name: m[1]!,
  bytes: Uint8Array.from(m[2]!.trim().split(/\s+/), (hex) => parseInt(hex, 16)),
}));

function example(name: string): Uint8Array {
  const found = examples.find((one) => one.name === name);
  assert.ok(found, `engine/PROTOCOL.md has an example of ${name}`);
  return found.bytes;
}

function payload(name: string): Uint8Array {
  return frame.decodeFrame(example(name)).payload;
}

test('every example frame of engine/PROTOCOL.md decodes', () => {
  assert.ok(examples.length >= 20, 'there are examples');
  for (const { name, bytes } of examples) {
    const { header: head } = frame.decodeFrame(bytes);
    assert.equal(head.type, frame.Message[name as keyof typeof frame.Message], name);
    const whole = new frame.MessageAssembler().push(bytes);
    assert.equal(whole === null, (head.flags & frame.Flag.LAST) === 0, name);
  }
});

test('payloads of the examples have their values', () => {
  assert.deepEqual(message.decodeWelcome(payload('WELCOME')),
    { session: 7, participant: 2, permissions: 15n, role: 1, controlUp: true });
  assert.deepEqual(message.decodeClose(payload('CLOSE')), { code: 41, text: 'The ticket has expired.' });
  assert.equal(message.decodePermissions(payload('PERMISSIONS')), 13n);
  assert.deepEqual(message.decodeParticipant(payload('PARTICIPANT')),
    { participant: 2, role: 1, present: true, name: 'Alice' });
  assert.deepEqual(message.decodeChatLine(payload('CHAT_LINE')), {
    sequence: 3, timeUnixMs: Number(0x1a2003805d2n), participant: 2, clientMessage: 9, name: 'Alice', text: 'Grüezi',
  });
  assert.deepEqual(message.decodeScreenReset(payload('SCREEN_RESET')),
    { width: 1280, height: 800, desktopWidth: 1280, desktopHeight: 800 });
  assert.deepEqual(message.decodeCursorPosition(payload('CURSOR_POSITION')), { x: 640, y: 400 });
  const shape = message.decodeCursorShape(payload('CURSOR_SHAPE'));
  assert.deepEqual([shape.width, shape.height, shape.hotX, shape.hotY], [1, 2, 0, 1]);
});

test('what the console sends is byte for byte as in the examples', () => {
  const sent: [string, number, Uint8Array][] = [
    ['KEY', 7, message.encodeKey(0x61, true)],
    ['POINTER', 7, message.encodePointer({ x: 640, y: 400, buttons: 1, wheelX: 0, wheelY: -120 })],
    ['RELEASE_ALL', 7, new Uint8Array(0)],
    ['SCREEN_ACK', 7, message.encodeScreenAck(41, 0)],
    ['SESSION_END', 7, message.encodeClose(2)],
    ['CHAT_SAY', 7, message.encodeChatSay(9, 'Grüezi')],
    ['PONG', 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)],
  ];
  for (const [name, session, body] of sent) {
    const type = frame.Message[name as keyof typeof frame.Message];
    assert.deepEqual(frame.encodeFrame(type, session, body), example(name), name);
  }
});

test('the ticket hello is as in the example, and its proof verifies over the bytes the console signs', () => {
  const hello = payload('HELLO');
  const wholeTicket = hello.subarray(4, 4 + limits.TICKET_BYTES);
  const proof = hello.subarray(4 + limits.TICKET_BYTES);
  assert.deepEqual(ticket.encodeTicketHello(wholeTicket, proof), Uint8Array.from(hello));
  const holder = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: ticket.base64urlEncode(wholeTicket.subarray(56, 88)) }, format: 'jwk',
  });
  const challenge = payload('CHALLENGE');
  assert.ok(verify(null, ticket.possessionBytes(challenge, wholeTicket), holder, proof));
});

test('base64url is exact and total', () => {
  for (let size = 0; size < 70; size += 1) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 37 + size) & 255);
    const text = ticket.base64urlEncode(bytes);
    assert.equal(text, Buffer.from(bytes).toString('base64url'));
    assert.deepEqual(ticket.base64urlDecode(text), bytes);
  }
  assert.equal(ticket.base64urlDecode('a+b/'), null);
  assert.equal(ticket.base64urlDecode('A'), null);
  assert.equal(ticket.ticketFromText('AAAA'), null);
  assert.equal(ticket.ticketFromText(ticket.base64urlEncode(new Uint8Array(152)))?.byteLength, 152);
});

function cut(type: number, flags: number, body: number[], session = 7): Uint8Array {
  const whole = frame.encodeFrame(frame.Message.SCREEN_UPDATE, session, Uint8Array.from(body));
  whole[1] = type;
  whole[3] = flags;
  return whole;
}

test('messages of several frames are joined, also when other channels come between', () => {
  const update = frame.Message.SCREEN_UPDATE;
  const assembler = new frame.MessageAssembler();
  assert.equal(assembler.push(cut(update, 1 | 4, [1, 2])), null);
  assert.equal(assembler.push(example('KEY'))?.type, frame.Message.KEY);
  assert.equal(assembler.push(cut(update, 4, [3])), null);
  const whole = assembler.push(cut(update, 2 | 4, [4]));
  assert.deepEqual(whole?.payload, Uint8Array.of(1, 2, 3, 4));
});

test('broken sequences of frames are refused', () => {
  const update = frame.Message.SCREEN_UPDATE;
  const refused = (...frames: Uint8Array[]) => {
    const assembler = new frame.MessageAssembler();
    assert.throws(() => frames.forEach((one) => assembler.push(one)), frame.WireError);
  };
  refused(cut(update, 2, [1]));
  const event = () => {
    const first = frame.encodeFrame(frame.Message.EVENT, 7, new Uint8Array(8));
    first[3] = frame.Flag.FIRST;
    return first;
  };
  refused(event(), event());
  refused(cut(update, 1, [1]), cut(update, 2 | 4, [1]));
  refused(cut(update, 1, [1]), cut(update, 2, [1], 8));
  refused(cut(update, 3 | 0x40, [1]));
  refused(cut(0x7f, 3, [1]));
  refused(cut(frame.Message.KEY, 3, [1]));
});

test('a screen or cursor message that its source never finished makes room for the next', () => {
  const cursor = (flags: number, value: number) => {
    const one = frame.encodeFrame(frame.Message.CURSOR_SHAPE, 7, new Uint8Array(8).fill(value));
    one[3] = flags;
    return one;
  };
  const update = (flags: number, value: number) => cut(frame.Message.SCREEN_UPDATE, flags, Array(8).fill(value));
  for (const make of [update, cursor]) {
    const assembler = new frame.MessageAssembler();
    assert.equal(assembler.push(make(1, 1)), null);
    assert.deepEqual(assembler.push(make(3, 2))?.payload, new Uint8Array(8).fill(2));
    assert.equal(assembler.push(make(1, 3)), null);
    assert.equal(assembler.push(make(1, 4)), null);
    assert.equal(assembler.push(make(2, 5))?.payload.length, 16);
  }
});

test('random and damaged bytes give a value or a WireError, nothing else', () => {
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
  const decoders = [
    message.decodeWelcome, message.decodeClose, message.decodeParticipant, message.decodePermissions,
    message.decodeChatLine, message.decodeCursorShape, message.decodeCursorPosition, message.decodeScreenReset,
    frame.decodeFrame, (bytes: Uint8Array) => new frame.MessageAssembler().push(bytes),
  ];
  let refused = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const base = examples[random() % examples.length]!.bytes;
    const bytes = base.slice(0, random() % (base.length + 1));
    for (let flips = random() % 4; flips > 0 && bytes.length > 0; flips -= 1) {
      bytes[random() % bytes.length] = random() & 255;
    }
    const input = random() & 1 ? bytes : bytes.subarray(Math.min(16, bytes.length));
    try {
      decoders[random() % decoders.length]!(input);
    } catch (error) {
      assert.ok(error instanceof frame.WireError, String(error));
      refused += 1;
    }
  }
  assert.ok(refused > 1000, 'damage was noticed');
});

test('text from the network loses control characters and keeps the rest', () => {
  assert.equal(message.decodeText(new TextEncoder().encode('a\u0007b\tc\nd\u007f ü漢')), 'a\ufffdb\tc\nd\ufffd ü漢');
  assert.throws(() => message.decodeText(Uint8Array.of(0xc3, 0x28)), frame.WireError);
});
