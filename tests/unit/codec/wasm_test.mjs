// SPDX-License-Identifier: Apache-2.0
// The WebAssembly decoder against the native one: same packets, same pixels, frame by frame.
// usage: node wasm_test.mjs codec.wasm causeway-codec
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [wasmPath, tool] = process.argv.slice(2);
assert.ok(wasmPath && tool, 'usage: node wasm_test.mjs codec.wasm causeway-codec');

const WIDTH = 333, HEIGHT = 211, FRAMES = 24;

// A small desktop: flat areas, text-like noise, a gradient, a pane that scrolls, a cursor.
function makeFrames() {
  let seed = 12345;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
  const text = Uint8Array.from({ length: WIDTH * (HEIGHT + 8 * FRAMES) }, () => (random() % 5 === 0 ? 1 : 0));
  const frames = [];
  for (let n = 0; n < FRAMES; n++) {
    const f = new Uint8Array(WIDTH * HEIGHT * 4);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const ink = x >= 40 && x < 260 && text[(y + 8 * n) * WIDTH + x];
        const photo = x >= 270;
        f.set(photo ? [(x + n) & 255, y, (x + y + n + random() % 3) & 255, random() & 255]
          : ink ? [20, 30, 200, 7] : [240, 240, 240, n], (y * WIDTH + x) * 4);
      }
    }
    for (let y = 10; y < 26; y++) f.set([0, n * 9, 255, 0], (y * WIDTH + 3 + n) * 4);
    frames.push(f);
  }
  return Buffer.concat(frames);
}

function run(args, input) {
  const r = spawnSync(tool, args, { input, maxBuffer: 1 << 30 });
  assert.equal(r.status, 0, `${tool} ${args.join(' ')}: ${r.stderr}`);
  return r.stdout;
}

const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), {});
const c = instance.exports;
const bytesAt = (p, n) => new Uint8Array(c.memory.buffer, p >>> 0, n);
const errorText = (e) => {
  const all = new Uint8Array(c.memory.buffer, c.cw_wasm_error_text(e) >>> 0, 200);
  return Buffer.from(all.subarray(0, all.indexOf(0))).toString();
};

function* packets(dump) {
  for (let at = 0; at < dump.length;) {
    const length = dump.readUInt32LE(at);
    yield dump.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

function apply(decoder, packet) {
  const p = c.cw_wasm_alloc(packet.length);
  bytesAt(p, packet.length).set(packet);
  const err = c.cw_wasm_apply(decoder, p, packet.length);
  c.cw_wasm_free(p);
  return err;
}

// Copies what the last packet changed onto a canvas, as a browser does.
function present(decoder, canvas) {
  const count = c.cw_wasm_damage_count(decoder);
  const rects = new Uint32Array(c.memory.buffer, c.cw_wasm_damage(decoder) >>> 0, count * 4).slice();
  for (let i = 0; i < count; i++) {
    const [x, y, w, h] = rects.subarray(4 * i, 4 * i + 4);
    const p = c.cw_wasm_alloc(w * h * 4);
    assert.equal(c.cw_wasm_copy_rgba(decoder, x, y, w, h, p, w * h * 4), 0);
    const pixels = bytesAt(p, w * h * 4);
    for (let row = 0; row < h; row++)
      canvas.set(pixels.subarray(row * w * 4, (row + 1) * w * 4), ((y + row) * WIDTH + x) * 4);
    c.cw_wasm_free(p);
  }
}

function sameAsNative(canvas, picture) {
  for (let i = 0; i < picture.length; i += 4)
    if (canvas[i] !== picture[i + 2] || canvas[i + 1] !== picture[i + 1] || canvas[i + 2] !== picture[i]
      || canvas[i + 3] !== 255) return false;
  return true;
}

assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(wasmPath))), []);

const frames = makeFrames();
const dump = run(['encode', '--size', `${WIDTH}x${HEIGHT}`, '--keyframe-every', '10'], frames);
const pictures = run(['decode'], dump);
const bytes = WIDTH * HEIGHT * 4;
const all = [...packets(dump)];
assert.equal(all.length, FRAMES + 2, 'one packet a frame and two more keyframes');
assert.equal(pictures.length, all.length * bytes);

const decoder = c.cw_wasm_decoder_new(0);
assert.notEqual(decoder, 0);
assert.equal(apply(decoder, all[1]), -5, 'an update before any keyframe');
const canvas = new Uint8Array(bytes);
all.forEach((packet, n) => {
  const err = apply(decoder, packet);
  assert.equal(err, 0, `packet ${n}: ${errorText(err)}`);
  present(decoder, canvas);
  assert.ok(sameAsNative(canvas, pictures.subarray(n * bytes, (n + 1) * bytes)), `packet ${n} differs from native`);
});
assert.equal(c.cw_wasm_width(decoder), WIDTH);
assert.equal(c.cw_wasm_height(decoder), HEIGHT);
assert.equal(c.cw_wasm_update_number(decoder), FRAMES);

// A late joiner: from the second keyframe on.
const late = c.cw_wasm_decoder_new(0);
const start = all.findIndex((p, n) => n > 0 && p[2] === 1);
const lateCanvas = new Uint8Array(bytes);
for (let n = start; n < all.length; n++) {
  assert.equal(apply(late, all[n]), 0);
  present(late, lateCanvas);
}
assert.deepEqual(lateCanvas, canvas);

// Damage of every sort is an error with a text, and the module lives on.
assert.equal(apply(late, all[2].subarray(0, 9)), -4);
assert.match(errorText(-4), /FORMAT/);
assert.equal(apply(late, all[start]), 0);
const small = c.cw_wasm_decoder_new(100);
assert.equal(apply(small, all[0]), -4, 'a picture above pixels_max');
for (const d of [decoder, late, small]) c.cw_wasm_decoder_free(d);
console.log(`wasm: ${all.length} packets equal native, late joiner equal, ${dump.length} bytes`);
