/* SPDX-License-Identifier: Apache-2.0 */
/* The console's decoder object on real packets: what it draws equals what the codec's tool was given. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ScreenDecoder } from '../../../clients/console/src/screen/decoder';
import { straightRgba } from '../../../clients/console/src/screen/screen';

const width = 200;
const height = 120;

function picture(step: number): Buffer {
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = x >= 20 + step && x < 60 + step && y >= 10 && y < 40;
      pixels.set(inside ? [10, 200, 30 + step, 0] : [x & 255, y & 255, 90, 0], (y * width + x) * 4);
    }
  }
  return pixels;
}

function encode(frames: Buffer[]): Uint8Array[] {
  const tool = process.env['CODEC_TOOL'];
  assert.ok(tool, 'CODEC_TOOL names the codec tool');
  const run = spawnSync(tool, ['encode', '--size', `${width}x${height}`], { input: Buffer.concat(frames) });
  assert.equal(run.status, 0, String(run.stderr));
  const packets: Uint8Array[] = [];
  for (let at = 0; at < run.stdout.length;) {
    const bytes = run.stdout.readUInt32LE(at);
    packets.push(Uint8Array.from(run.stdout.subarray(at + 4, at + 4 + bytes)));
    at += 4 + bytes;
  }
  return packets;
}

async function load(): Promise<ScreenDecoder> {
  const wasm = process.env['CODEC_WASM'];
  assert.ok(wasm, 'CODEC_WASM names the built decoder');
  return ScreenDecoder.fromModule(await WebAssembly.compile(readFileSync(wasm)));
}

function drawOn(canvas: Uint8Array, decoder: ScreenDecoder): void {
  for (const rect of decoder.damage()) {
    for (const strip of decoder.strips(rect)) {
      for (let row = 0; row < strip.h; row += 1) {
        canvas.set(strip.rgba.subarray(row * strip.w * 4, (row + 1) * strip.w * 4), ((strip.y + row) * width + strip.x) * 4);
      }
    }
  }
}

test('damaged rectangles alone make the picture', async () => {
  const frames = [0, 3, 9].map(picture);
  const packets = encode(frames);
  assert.equal(packets.length, frames.length);
  const decoder = await load();
  const canvas = new Uint8Array(width * height * 4);
  packets.forEach((packet, step) => {
    assert.equal(decoder.apply(packet), 0);
    drawOn(canvas, decoder);
    const expected = frames[step]!;
    for (let at = 0; at < canvas.length; at += 4) {
      const same = canvas[at] === expected[at + 2] && canvas[at + 1] === expected[at + 1] && canvas[at + 2] === expected[at];
      assert.ok(same && canvas[at + 3] === 255, `pixel ${at / 4} of frame ${step}`);
    }
  });
  assert.deepEqual([decoder.width, decoder.height, decoder.updateNumber], [width, height, 3]);
  decoder.free();
});

test('an update without its keyframe and a damaged packet are refused, and a keyframe heals', async () => {
  const packets = encode([0, 5].map(picture));
  const decoder = await load();
  assert.notEqual(decoder.apply(packets[1]!), 0);
  assert.equal(decoder.apply(packets[0]!), 0);
  assert.notEqual(decoder.apply(packets[1]!.subarray(0, 5)), 0);
  assert.notEqual(decoder.apply(packets[1]!), 0, 'out of sync after a damaged packet');
  assert.equal(decoder.apply(packets[0]!), 0);
  assert.equal(decoder.apply(packets[1]!), 0);
  decoder.free();
});

test('cursor pixels become straight RGBA', () => {
  const shape = { width: 2, height: 1, hotX: 0, hotY: 0, pixels: Uint8Array.of(10, 20, 40, 128, 9, 9, 9, 0) };
  assert.deepEqual([...straightRgba(shape)], [80, 40, 20, 128, 0, 0, 0, 0]);
});
