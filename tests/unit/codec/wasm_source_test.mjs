// SPDX-License-Identifier: Apache-2.0
// The source of encoder.wasm (clients/web): what a page would send, frame by frame, against the decoder of codec.wasm.
// usage: node wasm_source_test.mjs encoder.wasm codec.wasm
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const [encoderPath, decoderPath] = process.argv.slice(2);
assert.ok(encoderPath && decoderPath, 'usage: node wasm_source_test.mjs encoder.wasm codec.wasm');

const TYPE = { RENDITION: 0x17, CURSOR_SHAPE: 0x28, CURSOR_POSITION: 0x29, SCREEN_RESET: 0x40, SCREEN_UPDATE: 0x41 };
const FIRST = 1, LAST = 2, KEYFRAME = 4;
const encoderModule = new WebAssembly.Module(readFileSync(encoderPath));
const decoderModule = new WebAssembly.Module(readFileSync(decoderPath));

class Viewer {
  constructor() {
    this.c = new WebAssembly.Instance(decoderModule, {}).exports;
    this.decoder = this.c.cw_wasm_decoder_new(0) >>> 0;
    this.number = 0;
    this.synced = false;
  }

  reset(view) {
    [this.width, this.height, this.desktopWidth, this.desktopHeight] = [0, 2, 4, 6].map((at) => view.getUint16(at, true));
    this.number = view.getUint32(8, true);
    this.synced = false;
  }

  update(packet, isKeyframe) {
    if (!isKeyframe) this.number++;
    if (!isKeyframe && !this.synced) return;
    const p = this.c.cw_wasm_alloc(packet.length) >>> 0;
    new Uint8Array(this.c.memory.buffer, p, packet.length).set(packet);
    assert.equal(this.c.cw_wasm_apply(this.decoder, p, packet.length), 0, 'the packet applies');
    this.c.cw_wasm_free(p);
    this.synced = true;
    assert.equal(this.c.cw_wasm_update_number(this.decoder) >>> 0, this.number, 'its number');
    assert.equal(this.c.cw_wasm_width(this.decoder), this.width);
    assert.equal(this.c.cw_wasm_height(this.decoder), this.height);
  }

  rgba() {
    const bytes = this.width * this.height * 4;
    const p = this.c.cw_wasm_alloc(bytes) >>> 0;
    assert.equal(this.c.cw_wasm_copy_rgba(this.decoder, 0, 0, this.width, this.height, p, bytes), 0);
    const copy = Buffer.from(new Uint8Array(this.c.memory.buffer, p, bytes));
    this.c.cw_wasm_free(p);
    return copy;
  }
}

class Page {
  constructor() {
    this.c = new WebAssembly.Instance(encoderModule, {}).exports;
    this.now = 1000;
    this.connect();
  }

  connect() {
    this.viewers = [new Viewer(), new Viewer()];
    this.open = null; // the screen message under way
    this.types = [];
    this.c.cw_web_connected(7);
  }

  text(pointer) {
    const all = new Uint8Array(this.c.memory.buffer, pointer >>> 0, 512);
    return Buffer.from(all.subarray(0, all.indexOf(0))).toString();
  }

  show(width, height, rgba) {
    const room = this.c.cw_web_room(width, height) >>> 0;
    assert.notEqual(room, 0);
    new Uint8Array(this.c.memory.buffer, room, width * height * 4).set(rgba);
    assert.equal(this.c.cw_web_picture(), 0, this.text(this.c.cw_web_text()));
    this.picture = { width, height, rgba };
  }

  /** One turn; frames: how many are sent at most. Gives the types of what was sent, whole messages only. */
  turn(isAllowed, { frames = Infinity, after = 20 } = {}) {
    this.now += after;
    assert.equal(this.c.cw_web_process(isAllowed ? 1 : 0, this.now), 0, this.text(this.c.cw_web_text()));
    this.types = [];
    for (; frames > 0; frames--) {
      const pointer = this.c.cw_web_output() >>> 0;
      if (pointer === 0) break;
      this.take(Buffer.from(new Uint8Array(this.c.memory.buffer, pointer, this.c.cw_web_output_bytes() >>> 0)));
      this.c.cw_web_sent();
    }
    return this.types;
  }

  take(frame) {
    assert.equal(frame[0], 1, 'version');
    const [type, channel, flags] = [frame[1], frame[2], frame[3]];
    assert.equal(frame.readUInt32LE(8), 7, 'session');
    assert.equal(frame.readUInt32LE(12), frame.length - 16, 'length');
    assert.ok(frame.length <= 16384, 'a frame fits a record');
    const payload = frame.subarray(16);
    if (channel !== 9) {
      assert.equal(flags & 3, FIRST | LAST);
      this.types.push(type);
      if (type === TYPE.CURSOR_SHAPE) assert.equal(payload.readUInt32LE(0), 0, 'a pointer without a shape');
      return;
    }
    const viewer = this.viewers[flags >> 4 & 3];
    if (flags & FIRST) {
      assert.equal(this.open, null, 'messages of a channel do not interleave');
      this.open = [];
    }
    this.open.push(payload);
    if (!(flags & LAST)) return;
    const message = Buffer.concat(this.open);
    this.open = null;
    this.types.push(type);
    if (type === TYPE.SCREEN_RESET) viewer.reset(new DataView(message.buffer, message.byteOffset, message.length));
    else viewer.update(message, (flags & KEYFRAME) !== 0);
  }

  ack(rendition = 0) {
    this.c.cw_web_ack(rendition, this.viewers[rendition].number, this.now);
  }

  /** Whether the viewer sees the picture as it was given, but for alpha. */
  matches() {
    const { width, height, rgba } = this.picture;
    const seen = this.viewers[0];
    if (seen.width !== width || seen.height !== height) return false;
    const shown = seen.rgba();
    for (let at = 0; at < rgba.length; at++)
      if ((at & 3) !== 3 && shown[at] !== rgba[at]) return false;
    return true;
  }
}

function picture(width, height, seed) {
  const out = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      out.set([(x * 3 + seed) & 0xf0, (y + seed * 5) & 0xe0, x > y ? 40 : (seed * 37) & 255, seed & 255], (y * width + x) * 4);
  return out;
}

function beginsWithASync() {
  const page = new Page();
  assert.deepEqual(page.turn(true), [], 'nothing before a picture');
  page.c.cw_web_sync(0); // somebody views before the browser gave a picture
  page.show(120, 90, picture(120, 90, 1));
  assert.deepEqual(page.turn(false), [], 'nothing without consent');
  const first = page.turn(true);
  for (const type of [TYPE.CURSOR_SHAPE, TYPE.SCREEN_RESET, TYPE.SCREEN_UPDATE])
    assert.ok(first.includes(type), `type ${type} is sent`);
  assert.ok(page.matches(), 'the first picture');
  page.show(120, 90, picture(120, 90, 2));
  assert.deepEqual(page.turn(true), [TYPE.SCREEN_UPDATE]);
  assert.ok(page.matches(), 'the second');
  page.show(120, 90, picture(120, 90, 2));
  assert.deepEqual(page.turn(true), [], 'the same picture again is nothing');
}

function waitsForAcknowledgements() {
  const page = new Page();
  page.show(64, 64, picture(64, 64, 1));
  page.c.cw_web_sync(0);
  page.turn(true);
  let sent = 0;
  for (let n = 2; n < 8; n++) {
    page.show(64, 64, picture(64, 64, n));
    sent += page.turn(true).length;
  }
  assert.ok(sent <= 2, `${sent} updates are under way`);
  page.c.cw_web_ack(0, page.viewers[0].number + 5, page.now); // never sent: a lie
  assert.deepEqual(page.turn(true), []);
  page.ack();
  assert.deepEqual(page.turn(true), [TYPE.SCREEN_UPDATE]);
  assert.ok(page.matches(), 'the newest picture came, the ones between did not');
}

function followsTheSize() {
  const page = new Page();
  page.show(200, 100, picture(200, 100, 3));
  page.c.cw_web_sync(0);
  page.turn(true);
  page.show(90, 160, picture(90, 160, 4)); // a window is made smaller
  const types = page.turn(true);
  assert.ok(types.includes(TYPE.SCREEN_RESET) && types.includes(TYPE.SCREEN_UPDATE));
  assert.ok(page.matches(), 'the new size');
  page.show(7, 1, picture(7, 1, 5));
  page.turn(true);
  assert.ok(page.matches(), 'a very small one');
}

function stopsAtOnce() {
  const page = new Page();
  page.show(64, 64, picture(64, 64, 1));
  page.c.cw_web_sync(0);
  page.turn(true);
  page.ack();
  page.show(64, 64, picture(64, 64, 9));
  assert.deepEqual(page.turn(false), [], 'not even the picture that was there');
  page.show(64, 64, picture(64, 64, 10));
  const again = page.turn(true);
  assert.ok(again.includes(TYPE.SCREEN_RESET), 'shared again: from the start');
  assert.ok(page.matches());
}

function finishesWhatBegan() {
  const page = new Page();
  const noisy = Uint8Array.from({ length: 300 * 300 * 4 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  page.show(300, 300, noisy);
  page.c.cw_web_sync(0);
  page.turn(true, { frames: 4 });
  assert.notEqual(page.open, null, 'a message is under way');
  page.turn(false);
  assert.equal(page.open, null, 'it was finished');
  assert.deepEqual(page.turn(false), [], 'and nothing came after it');
}

function makesTheReducedPicture() {
  const page = new Page();
  page.show(201, 100, picture(201, 100, 3));
  page.c.cw_web_sync(0);
  page.turn(true);
  page.c.cw_web_want_reduced(1);
  page.turn(true);
  const half = page.viewers[1];
  assert.deepEqual([half.width, half.height, half.desktopWidth, half.desktopHeight], [101, 50, 201, 100]);
  assert.ok(half.synced);
  page.c.cw_web_want_reduced(0);
  assert.deepEqual(page.turn(true), []);
}

function beginsAnewWithAConnection() {
  const page = new Page();
  page.show(64, 64, picture(64, 64, 1));
  page.c.cw_web_sync(0);
  page.turn(true);
  page.c.cw_web_lost();
  assert.deepEqual(page.turn(true), [], 'no connection, no frame');
  page.connect();
  assert.deepEqual(page.turn(true), [], 'nobody has asked on this one');
  page.c.cw_web_sync(0);
  assert.ok(page.turn(true).includes(TYPE.SCREEN_RESET));
  assert.ok(page.matches());
}

function refusesNonsense() {
  const page = new Page();
  for (const [w, h] of [[0, 5], [5, 0], [7681, 10], [10, 4321], [0xffffffff, 0xffffffff]])
    assert.equal(page.c.cw_web_room(w, h) >>> 0, 0, `${w} x ${h}`);
  assert.notEqual(page.c.cw_web_picture(), 0, 'no room, no picture');
  page.c.cw_web_set(99, 255);
  page.c.cw_web_sync(77);
  page.show(20, 20, picture(20, 20, 1));
  page.c.cw_web_sync(77);
  page.c.cw_web_ack(77, 1, page.now);
  page.c.cw_web_set(99, 0);
  page.turn(true);
}

/** Any order of events: every frame is well-formed, every packet applies, and at rest the picture is the newest one. */
function survivesAnything(seed, steps) {
  let state = seed;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 4294967296 * below);
  };
  const page = new Page();
  page.c.cw_web_sync(0);
  for (let n = 0; n < steps; n++) {
    switch (random(9)) {
      case 0: case 1: {
        const [w, h] = [[96, 64], [96, 64], [96, 64], [33, 70]][random(4)];
        page.show(w, h, picture(w, h, random(200)));
        break;
      }
      case 2: page.c.cw_web_sync(random(3)); break;
      case 3: page.c.cw_web_ack(random(2), page.viewers[0].number - random(3) + random(2), page.now); break;
      case 4: page.c.cw_web_want_reduced(random(2)); break;
      case 5: page.c.cw_web_set(random(7), random(3)); break;
      case 6: page.turn(random(4) > 0, { frames: random(6), after: random(60) }); break;
      case 7:
        if (random(20) === 0 && page.open === null) {
          page.c.cw_web_lost();
          page.connect();
          page.c.cw_web_sync(0);
        }
        break;
      default: page.turn(true, { after: random(300) }); page.ack(); page.ack(1);
    }
  }
  page.c.cw_web_set(0, 1);
  page.c.cw_web_sync(0);
  page.show(96, 64, picture(96, 64, 42));
  for (let n = 0; n < 12; n++) {
    page.turn(true, { after: 300 });
    page.ack();
    page.ack(1);
  }
  assert.ok(page.matches(), `seed ${seed}: at rest the viewer sees the newest picture`);
}

beginsWithASync();
waitsForAcknowledgements();
followsTheSize();
stopsAtOnce();
finishesWhatBegan();
makesTheReducedPicture();
beginsAnewWithAConnection();
refusesNonsense();
for (let seed = 1; seed <= 12; seed++) survivesAnything(seed, 400);
console.log('wasm source: sync, pace, size, stop, renditions, connections and 12 random lives are right');
