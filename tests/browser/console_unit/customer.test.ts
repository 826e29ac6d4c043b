/* SPDX-License-Identifier: Apache-2.0 */
/* The customer in a browser: who may see what, and every byte that comes from the appliance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHelloReply, encodeEntrance, platformText, Refused } from '../../../clients/console/src/customer/entrance';
import {
  decodeClientOffer, decodeNumber, decodeScreenAck, decodeToolQuestion, encodeConsent, encodeToolAnswer,
} from '../../../clients/console/src/customer/messages';
import { People } from '../../../clients/console/src/customer/people';
import { Role, WireError } from '../../../clients/console/src/wire/frame';

const REPRESENTATIVE = Role.REPRESENTATIVE;
const utf8 = new TextEncoder();

function reply(code: number, body: unknown): Uint8Array {
  const text = utf8.encode(typeof body === 'string' ? body : JSON.stringify(body));
  const out = new Uint8Array(4 + text.byteLength);
  new DataView(out.buffer).setUint16(0, code, true);
  new DataView(out.buffer).setUint16(2, text.byteLength, true);
  out.set(text, 4);
  return out;
}

const ticket = Buffer.alloc(152, 7).toString('base64url');

test('a HELLO with a session key says that it is a browser', () => {
  const hello = encodeEntrance({ key: 'ABCD-EFGH-JK', holder: 'AA', name: 'Kim', platform: 'x', agreed: true });
  assert.deepEqual([...hello.subarray(0, 2)], [1, 4]);
  assert.equal(new DataView(hello.buffer).getUint16(2, true), hello.byteLength - 4);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(hello.subarray(4))),
    { key: 'ABCD-EFGH-JK', holder: 'AA', name: 'Kim', platform: 'x', agreed: true, client: 'browser' });
  assert.throws(() => encodeEntrance({ key: 'x', holder: 'AA', name: 'n'.repeat(2000), platform: '', agreed: false }), WireError);
});

test('an answer gives a ticket, or the sentence of the refusal', () => {
  const entered = decodeHelloReply(reply(0, { ticket, session: 7, representative: 'Ann\u0001', visit: 'v' }));
  assert.equal(entered.session, 7);
  assert.equal(entered.ticket.byteLength, 152);
  assert.equal(entered.representative, 'Ann\ufffd');
  assert.equal(entered.visit, 'v');
  assert.throws(() => decodeHelloReply(reply(52, { message: 'This session key was used already.' })),
    (error) => error instanceof Refused && error.code === 52 && /used already/.test(error.message));
});

test('any other bytes are no answer', () => {
  const bad = [
    new Uint8Array(0), new Uint8Array(3), reply(0, 'no JSON'), reply(0, '[]'), reply(0, 'null'), reply(0, { session: 7 }),
    reply(0, { ticket: 'short', session: 7 }), reply(0, { ticket, session: 'seven' }), reply(0, { ticket, session: 0 }),
    reply(0, { ticket, session: 1.5 }), reply(0, { ticket, session: 7 }).subarray(0, 20),
    new Uint8Array([0, 0, 2, 0, 0xff, 0xfe]),
  ];
  for (const bytes of bad) {
    assert.throws(() => decodeHelloReply(bytes), WireError);
  }
});

test('the platform is what the browser tells of itself', () => {
  assert.equal(platformText('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'),
    'Chrome 156 on Linux');
  assert.equal(platformText('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0'),
    'Edge 140 on Windows');
  assert.equal(platformText('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), 'Firefox 140 on Linux');
  assert.equal(platformText('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15'),
    'Safari 18 on macOS');
  assert.equal(platformText(''), 'A browser');
});

test('nobody sees anything that was not allowed', () => {
  const people = new People();
  people.note(1, Role.CUSTOMER, 'Kim', true);
  people.note(2, REPRESENTATIVE, 'Ann', true);
  assert.equal(people.question?.participant, 2, 'the customer is not asked about itself');
  assert.deepEqual(people.viewers, []);
  assert.deepEqual(people.answer(2, 'refused'), { participant: 2, view: false });
  assert.equal(people.question, null);
  assert.deepEqual(people.shareWithAll(), [{ participant: 2, view: true }], 'the person changed its mind');
  assert.deepEqual(people.viewers.map((v) => v.name), ['Ann']);
  people.note(3, REPRESENTATIVE, 'Bob', true);
  assert.equal(people.question?.name, 'Bob', 'who comes later is asked about');
  assert.deepEqual(people.viewers.map((v) => v.name), ['Ann']);
  people.note(2, REPRESENTATIVE, 'Ann', false);
  assert.deepEqual(people.viewers, [], 'who is away sees nothing');
  people.note(2, REPRESENTATIVE, 'Ann', true);
  assert.deepEqual(people.viewers.map((v) => v.name), ['Ann']);
  people.note(2, REPRESENTATIVE, 'Eve', true);
  assert.deepEqual(people.viewers, [], 'another name is another person');
});

test('stopping takes all consent back, and nobody is asked about until something is shared', () => {
  const people = new People();
  people.note(2, REPRESENTATIVE, 'Ann', true);
  people.shareWithAll();
  assert.deepEqual(people.standing, [{ participant: 2, view: true }]);
  assert.deepEqual(people.stop(), { participant: 0, view: false });
  assert.deepEqual(people.standing, []);
  assert.deepEqual(people.viewers, []);
  assert.equal(people.question, null);
  people.note(3, REPRESENTATIVE, 'Bob', true);
  assert.equal(people.question, null);
  assert.equal(people.shareWithAll().length, 2);
});

test('a new connection knows nobody who is there, and says the answers again', () => {
  const people = new People();
  people.note(2, REPRESENTATIVE, 'Ann', true);
  people.shareWithAll();
  people.nobodyPresent();
  assert.deepEqual(people.viewers, []);
  assert.deepEqual(people.standing, [{ participant: 2, view: true }]);
});

test('consent and answers are the bytes of the protocol', () => {
  assert.deepEqual([...encodeConsent(0x01020304, true)], [4, 3, 2, 1, 1, 0, 0, 0]);
  assert.deepEqual([...encodeConsent(0, false)], [0, 0, 0, 0, 0, 0, 0, 0]);
  const bytes = new Uint8Array(12 + 5);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 2, true);
  view.setUint16(4, 9, true);
  view.setUint16(6, 30, true);
  view.setUint8(8, 1);
  bytes.set(utf8.encode('May I'), 12);
  const question = decodeToolQuestion(bytes);
  assert.deepEqual(question, { participant: 2, tool: 9, seconds: 30, silenceMeansYes: true, text: 'May I' });
  assert.deepEqual([...encodeToolAnswer(question, true)], [2, 0, 0, 0, 9, 0, 1, 0]);
  assert.deepEqual(decodeScreenAck(new Uint8Array([5, 0, 0, 0])), { update: 5, rendition: 0 });
  assert.deepEqual(decodeScreenAck(new Uint8Array([5, 0, 0, 0, 1])), { update: 5, rendition: 1 });
});

test('an offer leads to this appliance only', () => {
  const offer = (body: unknown) => decodeClientOffer(utf8.encode(typeof body === 'string' ? body : JSON.stringify(body)));
  assert.deepEqual(offer({ command: './causeway-client', download: '/download/causeway-client', representative: 'Ann', expires_unix_ms: 5 }),
    { command: './causeway-client', download: '/download/causeway-client', representative: 'Ann', expiresUnixMs: 5 });
  for (const download of ['https://evil.example/x', '//evil.example/download/x', 'javascript:alert(1)', '/download/../x', 7]) {
    assert.equal(offer({ command: 'x', download }).download, null, String(download));
  }
  for (const bad of ['', 'x', '[]', 'null', '{}', '{"command":7}', '{"command":""}']) {
    assert.throws(() => offer(bad), WireError);
  }
});

test('decoders give a value or a WireError for any bytes', () => {
  let seed = 99;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 4294967296) * below);
  };
  for (let n = 0; n < 20_000; n++) {
    const bytes = Uint8Array.from({ length: random(40) }, () => random(256));
    for (const decode of [decodeHelloReply, decodeToolQuestion, decodeNumber, decodeScreenAck, decodeClientOffer]) {
      try {
        decode(bytes);
      } catch (error) {
        assert.ok(error instanceof WireError || error instanceof Refused, `${decode.name}: ${String(error)}`);
      }
    }
  }
});
