// SPDX-License-Identifier: Apache-2.0
// The WebAssembly encoder against the native one: same frames, same settings, same packets, byte by byte.
// usage: node wasm_encoder_test.mjs encoder.wasm causeway-codec
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [wasmPath, tool] = process.argv.slice(2);
assert.ok(wasmPath && tool, 'usage: node wasm_encoder_test.mjs encoder.wasm causeway-codec');

const WIDTH = 499, HEIGHT = 331, FRAMES = 36, FPS = 20, KEYFRAME_EVERY = 9;
const FRAME_BYTES = WIDTH * HEIGHT * 4;

// A desktop with all that is coded in a way of its own: text that scrolls, a photograph, a window that moves and comes
// back, a film, a picture that rests and becomes exact.
function makeFrames() {
  let seed = 4711;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
  const ink = Uint8Array.from({ length: WIDTH * (HEIGHT + 8 * FRAMES) }, () => (random() % 5 === 0 ? 1 : 0));
  const noise = Uint8Array.from({ length: 4096 }, () => random() & 15);
  const frames = [];
  for (let n = 0; n < FRAMES; n++) {
    const f = Buffer.alloc(FRAME_BYTES);
    const set = (x, y, b, g, r) => {
      const at = (y * WIDTH + x) * 4;
      f[at] = b;
      f[at + 1] = g;
      f[at + 2] = r;
      f[at + 3] = n; // ignored
    };
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const paper = x >= 20 && x < 220 && ink[(y + 8 * n) * WIDTH + x];
        if (x >= 300 && y < 180) // a film: something large moves all the time
          set(x, y, (x + 3 * n + noise[(x * 7 + y * 13) & 4095]) & 255, (y * 2 + n) & 255, ((x ^ y) + 5 * n) & 255);
        else if (x >= 260 && y >= 190) // a photograph, another one every 12 frames
          set(x, y, (x * y >> 5) & 255, (y + 40 * (n / 12 | 0) + noise[(x * 31 + y * 17) & 4095]) & 255, (x + y) & 255);
        else
          set(x, y, paper ? 20 : 240, paper ? 30 : 240, paper ? 200 : 240);
      }
    }
    const left = 10 + (n < 18 ? 6 * n : 6 * (36 - n)); // a window, over the text
    for (let y = 60; y < 130; y++)
      for (let x = left; x < left + 90; x++) set(x, y, 60, y & 8 ? 90 : 180, x & 4 ? 30 : 220);
    frames.push(f);
  }
  return frames;
}

const module = new WebAssembly.Module(readFileSync(wasmPath));
assert.deepEqual(WebAssembly.Module.imports(module), [], 'the module imports nothing');
const { exports: c } = new WebAssembly.Instance(module, {});
const bytesAt = (p, n) => new Uint8Array(c.memory.buffer, p >>> 0, n);

function* encode(frames, { colours, quality, budget }) {
  const encoder = c.cw_wasm_encoder_new(WIDTH, HEIGHT) >>> 0;
  assert.notEqual(encoder, 0);
  if (quality || colours)
    assert.equal(c.cw_wasm_encoder_set(encoder, colours, quality ? 1 : 0, quality), 0);
  const most = c.cw_wasm_encoder_packet_bytes_max(encoder) >>> 0;
  const out = c.cw_wasm_alloc(most) >>> 0;
  const picture = c.cw_wasm_alloc(FRAME_BYTES) >>> 0;
  for (const [n, frame] of frames.entries()) {
    bytesAt(picture, FRAME_BYTES).set(frame);
    c.cw_wasm_encoder_turn(encoder, Number(BigInt(n) * 1000000000n / BigInt(FPS)), budget);
    const isKey = n % KEYFRAME_EVERY === 0;
    if (isKey) c.cw_wasm_encoder_expect_keyframe(encoder);
    const bytes = c.cw_wasm_encoder_update(encoder, picture, WIDTH * 4, out, most);
    assert.ok(bytes >= 0, `frame ${n}: error ${bytes}`);
    if (n > 0 && bytes > 0) yield Buffer.from(bytesAt(out, bytes));
    if (isKey) {
      const keyBytes = c.cw_wasm_encoder_keyframe(encoder, out, most);
      assert.ok(keyBytes > 0, `keyframe ${n}: error ${keyBytes}`);
      yield Buffer.from(bytesAt(out, keyBytes));
    }
  }
  c.cw_wasm_free(picture);
  c.cw_wasm_free(out);
  c.cw_wasm_encoder_free(encoder);
}

function nativePackets(frames, words) {
  const r = spawnSync(tool, ['encode', '--size', `${WIDTH}x${HEIGHT}`, '--keyframe-every', String(KEYFRAME_EVERY),
    '--fps', String(FPS), ...words], { input: Buffer.concat(frames), maxBuffer: 1 << 30 });
  assert.equal(r.status, 0, String(r.stderr));
  const packets = [];
  for (let at = 0; at < r.stdout.length;) {
    const length = r.stdout.readUInt32LE(at);
    packets.push(r.stdout.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return packets;
}

const frames = makeFrames();
const cases = [
  ['without loss', { colours: 0, quality: 0, budget: 0 }, []],
  ['pictures with loss, any size', { colours: 0, quality: 85, budget: 0 }, ['--quality', '85']],
  ['pictures with loss, on a slow line', { colours: 0, quality: 70, budget: 9000 },
    ['--quality', '70', '--budget', '9000']],
  ['for video', { colours: 4, quality: 60, budget: 30000 },
    ['--colours', 'video', '--quality', '60', '--budget', '30000']],
  ['in 16 bits', { colours: 1, quality: 0, budget: 0 }, ['--colours', 'more']],
  ['in grey', { colours: 3, quality: 0, budget: 0 }, ['--colours', 'grey']],
];
for (const [what, settings, words] of cases) {
  const native = nativePackets(frames, words);
  const ours = [...encode(frames, settings)];
  assert.ok(native.length >= FRAMES, `${what}: one packet a frame and keyframes`);
  assert.equal(ours.length, native.length, `${what}: as many packets`);
  for (const [n, packet] of ours.entries())
    assert.ok(packet.equals(native[n]), `${what}: packet ${n} differs (${packet.length} and ${native[n].length} bytes)`);
  const total = native.reduce((sum, p) => sum + p.length, 0);
  console.log(`wasm encoder: ${what}: ${ours.length} packets, ${total} bytes, the same as the native encoder's`);
}
