// SPDX-License-Identifier: Apache-2.0
// The WebAssembly decoder on the golden streams: the pictures whose hashes lie beside them.
// usage: node golden_test.mjs codec.wasm tests/golden/codec
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

const [wasmPath, folder] = process.argv.slice(2);
assert.ok(wasmPath && folder, 'usage: node golden_test.mjs codec.wasm FOLDER');

const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), {});
const c = instance.exports;

function apply(decoder, packet) {
  const p = c.cw_wasm_alloc(packet.length) >>> 0;
  new Uint8Array(c.memory.buffer, p, packet.length).set(packet);
  const err = c.cw_wasm_apply(decoder, p, packet.length);
  c.cw_wasm_free(p);
  return err;
}

// The whole picture as B, G, R, 0.
function picture(decoder) {
  const width = c.cw_wasm_width(decoder), height = c.cw_wasm_height(decoder);
  const bytes = width * height * 4;
  const p = c.cw_wasm_alloc(bytes) >>> 0;
  assert.equal(c.cw_wasm_copy_rgba(decoder, 0, 0, width, height, p, bytes), 0);
  const out = new Uint8Array(c.memory.buffer, p, bytes).slice();
  c.cw_wasm_free(p);
  for (let i = 0; i < bytes; i += 4) [out[i], out[i + 2], out[i + 3]] = [out[i + 2], out[i], 0];
  return out;
}

function decode(path) {
  const stream = readFileSync(`${path}.packets`);
  const lines = readFileSync(`${path}.sha256`, 'utf8').trimEnd().split('\n');
  const decoder = c.cw_wasm_decoder_new(0);
  let count = 0;
  for (let at = 0; at < stream.length; count++) {
    const length = stream.readUInt32LE(at);
    const packet = stream.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    assert.equal(apply(decoder, packet), 0, `${path}: packet ${count}`);
    const hash = createHash('sha256').update(picture(decoder)).digest('hex');
    const kind = packet[2] === 1 ? 'keyframe' : 'update';
    assert.equal(`${hash} ${kind} ${c.cw_wasm_update_number(decoder) >>> 0} `
      + `${c.cw_wasm_width(decoder)}x${c.cw_wasm_height(decoder)}`, lines[count], `${path}: packet ${count}`);
  }
  assert.equal(count, lines.length);
  c.cw_wasm_decoder_free(decoder);
  return count;
}

let streams = 0, packets = 0;
for (const version of readdirSync(folder).filter((name) => /^v\d+$/.test(name)))
  for (const file of readdirSync(`${folder}/${version}`).filter((name) => name.endsWith('.packets'))) {
    packets += decode(`${folder}/${version}/${file.slice(0, -'.packets'.length)}`);
    streams++;
  }
assert.ok(streams >= 16, 'the golden streams are there');
console.log(`golden: ${streams} streams, ${packets} packets decode in WebAssembly`);
