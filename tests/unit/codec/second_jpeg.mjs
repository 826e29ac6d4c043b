// SPDX-License-Identifier: Apache-2.0
// Operation jpeg of the second decoder: codec/FORMAT.md, 6.2, and the tables of annex K of ITU-T T.81.
import assert from 'node:assert/strict';

const QUANT = [
  [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
  [17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    ...new Array(32).fill(99)],
];
// The places of coefficients, row * 8 + column, as they are sent.
export const ZIGZAG = [];
for (let sum = 0; sum < 15; sum++)
  for (let i = 0; i <= sum; i++) {
    const [row, column] = sum % 2 === 0 ? [sum - i, i] : [i, sum - i];
    if (row < 8 && column < 8)
      ZIGZAG.push(row * 8 + column);
  }

// How many codes there are of each length from 1 on, and what they stand for.
const hex = (text) => text.match(/../g).map((two) => parseInt(two, 16));
const DC = [[0, 1, 5, 1, 1, 1, 1, 1, 1], [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1]].map((counts) => huffman(counts, [...Array(12).keys()]));
const AC = [
  huffman([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125], hex(
    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566'
    + '6768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1'
    + 'f2f3f4f5f6f7f8f9fa')),
  huffman([0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119], hex(
    '000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a63646566'
    + '6768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2'
    + 'f3f4f5f6f7f8f9fa')),
];

// Values by "length,code".
function huffman(counts, values) {
  const table = new Map();
  let code = 0, next = 0;
  counts.forEach((count, i) => {
    for (let n = 0; n < count; n++)
      table.set(`${i + 1},${code++}`, values[next++]);
    code *= 2;
  });
  assert.equal(next, values.length);
  return table;
}

const clamp = (v) => Math.max(0, Math.min(255, v));
const saturate = (v) => Math.max(-32768, Math.min(32767, v));

const M = Array.from({ length: 8 }, (_, n) => Array.from({ length: 8 }, (_unused, k) => (
  k === 0 ? 5793 : Math.floor(8192 * Math.cos((2 * n + 1) * k * Math.PI / 16) + 0.5))));

class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0; // bits
  }

  bit() {
    const byte = this.at >> 3;
    assert.ok(byte < this.bytes.length);
    return this.bytes[byte] >> (7 - this.at++ % 8) & 1;
  }

  value(table) {
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      code = code * 2 + this.bit();
      const found = table.get(`${length},${code}`);
      if (found !== undefined)
        return found;
    }
    throw new Error('a code that is none');
  }

  // T.81's EXTEND: so many bits as a number with sign.
  signed(size) {
    let v = 0;
    for (let i = 0; i < size; i++)
      v = v * 2 + this.bit();
    return size > 0 && v < 2 ** (size - 1) ? v - 2 ** size + 1 : v;
  }
}

// 64 samples.
function block(bits, kind, component, divisors) {
  const F = new Array(64).fill(0);
  const put = (i, level) => {
    const d = divisors[ZIGZAG[i]];
    F[ZIGZAG[i]] = Math.max(-2047, Math.min(2047, level * d));
  };
  component.dc += bits.signed(bits.value(DC[kind]));
  put(0, component.dc);
  for (let i = 1; i < 64; i++) {
    const value = bits.value(AC[kind]), run = value >> 4, size = value & 15;
    if (value === 0)
      break;
    i += run;
    assert.ok(i <= 63);
    if (size > 0)
      put(i, bits.signed(size));
  }
  const C = F.map((_, at) => {
    const n = at >> 3, u = at & 7;
    return saturate((M[n].reduce((sum, m, k) => sum + m * F[k * 8 + u], 0) + 1024) >> 11);
  });
  return C.map((_, at) => {
    const n = at >> 3, m = at & 7;
    return clamp(128 + ((M[m].reduce((sum, factor, k) => sum + factor * C[n * 8 + k], 0) + 65536) >> 17));
  });
}

/** The pixels [b, g, r] of w x h, by rows. */
export function jpeg(quality, sampling, raw, w, h) {
  assert.ok(w <= 128 && h <= 128 && quality >= 1 && quality <= 100 && sampling <= 2 && raw.length >= 1);
  const s = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const divisors = QUANT.map((table) => table.map((d) => Math.max(1, Math.min(255, Math.floor((d * s + 50) / 100)))));
  const across = sampling === 0 ? 1 : 2, down = sampling === 2 ? 2 : 1; // blocks of Y in a unit
  const units = Math.ceil(w / (8 * across)), rows = Math.ceil(h / (8 * down));
  const bits = new Bits(raw);
  const components = [0, 1, 2].map((n) => {
    const c = { dc: 0, across: n === 0 ? across : 1, down: n === 0 ? down : 1 };
    c.stride = units * c.across * 8;
    c.samples = new Uint8Array(c.stride * rows * c.down * 8);
    return c;
  });
  for (let unit = 0; unit < units * rows; unit++)
    components.forEach((c, n) => {
      for (let i = 0; i < c.across * c.down; i++) {
        const x = (unit % units * c.across + i % c.across) * 8;
        const y = (Math.floor(unit / units) * c.down + Math.floor(i / c.across)) * 8;
        block(bits, n > 0 ? 1 : 0, c, divisors[n > 0 ? 1 : 0]).forEach((v, at) => {
          c.samples[(y + (at >> 3)) * c.stride + x + (at & 7)] = v;
        });
      }
    });
  assert.equal(Math.ceil(bits.at / 8), raw.length);
  const part = (c, f) => (c * f + 8192) >> 14;
  return Array.from({ length: w * h }, (_, i) => {
    const x = i % w, y = Math.floor(i / w);
    const at = (n) => components[n].samples[Math.floor(y / (n > 0 ? down : 1)) * components[n].stride + Math.floor(x / (n > 0 ? across : 1))];
    const Y = at(0), b = at(1) - 128, r = at(2) - 128;
    return [clamp(Y + 2 * b + part(b, -3736)), clamp(Y + part(b, -5638) + part(r, -11700)), clamp(Y + r + part(r, 6586))];
  });
}
