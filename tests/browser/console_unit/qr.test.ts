/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes: the vectors of the standard's tables, and a reader of our own that gets back every text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignmentAt, encodeQr, errorCorrection, formatBits, QR_BYTES_MAX, versionBits, type QrCode } from '../../../clients/console/src/qr';

/* ISO/IEC 18004: level M of each mask; versions 7, 8 and 20; places of the alignment patterns. */
const FORMATS = [0b101010000010010, 0b101000100100101, 0b101111001111100, 0b101101101001011, 0b100010111111001,
  0b100000011001110, 0b100111110010111, 0b100101010100000];
const ECC = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
/* Data codewords of level M by version, as the standard's table has them. */
const DATA = [16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669];

test('format and version information and alignment patterns are those of the standard', () => {
  assert.deepEqual(FORMATS.map((_, mask) => formatBits(mask)), FORMATS);
  assert.equal(versionBits(7), 0b000111110010010100);
  assert.equal(versionBits(8), 0b001000010110111100);
  assert.equal(versionBits(20), 0b010100100110100110);
  assert.deepEqual(alignmentAt(1), []);
  assert.deepEqual(alignmentAt(2), [6, 18]);
  assert.deepEqual(alignmentAt(7), [6, 22, 38]);
  assert.deepEqual(alignmentAt(14), [6, 26, 46, 66]);
  assert.deepEqual(alignmentAt(20), [6, 34, 62, 90]);
});

test('error correction of the well-known code of "HELLO WORLD", version 1-M', () => {
  assert.deepEqual(errorCorrection([32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17], 10),
    [196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);
});

/* Reads a code back the way a scanner does once it has found the modules. */
function read({ size, modules }: QrCode): string {
  const version = (size - 17) / 4;
  const dark = (y: number, x: number) => (modules[y]![x] ? 1 : 0);
  for (let at = 8; at < size - 8; at++) {
    assert.equal(dark(6, at), at % 2 === 0 ? 1 : 0, 'timing');
    assert.equal(dark(at, 6), at % 2 === 0 ? 1 : 0, 'timing');
  }
  const format = [dark(0, 8), dark(1, 8), dark(2, 8), dark(3, 8), dark(4, 8), dark(5, 8), dark(7, 8), dark(8, 8), dark(8, 7),
    dark(8, 5), dark(8, 4), dark(8, 3), dark(8, 2), dark(8, 1), dark(8, 0)].reduce((all, bit, at) => all | (bit << at), 0);
  const mask = FORMATS.indexOf(format);
  assert.ok(mask >= 0, 'the format is one of level M');
  let second = 0;
  for (let at = 0; at < 15; at++) {
    second |= (at < 8 ? dark(8, size - 1 - at) : dark(size - 15 + at, 8)) << at;
  }
  assert.equal(second, format, 'both copies of the format are the same');
  const places = version === 1 ? [] : alignmentAt(version);
  const isPattern = (y: number, x: number) => y === 6 || x === 6 || (y < 9 && x < 9) || (y < 9 && x >= size - 8)
    || (y >= size - 8 && x < 9) || (version >= 7 && ((y < 6 && x >= size - 11) || (x < 6 && y >= size - 11)))
    || places.some((row) => places.some((column) => Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2
      && !((row === 6 && column === 6) || (row === 6 && column === size - 7) || (row === size - 7 && column === 6))));
  const masked = [(y: number, x: number) => (y + x) % 2, (y: number) => y % 2, (_: number, x: number) => x % 3,
    (y: number, x: number) => (y + x) % 3, (y: number, x: number) => ((y >> 1) + Math.floor(x / 3)) % 2,
    (y: number, x: number) => (y * x) % 2 + (y * x) % 3, (y: number, x: number) => ((y * x) % 2 + (y * x) % 3) % 2,
    (y: number, x: number) => ((y + x) % 2 + (y * x) % 3) % 2][mask]!;
  const bits: number[] = [];
  let up = true;
  for (let right = size - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) {
      right--;
    }
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isPattern(y, x)) {
          bits.push(dark(y, x) ^ (masked(y, x) === 0 ? 1 : 0));
        }
      }
    }
  }
  const words: number[] = [];
  for (let at = 0; at + 8 <= bits.length; at += 8) {
    words.push(bits.slice(at, at + 8).reduce((value, bit) => (value << 1) | bit, 0));
  }
  const count = BLOCKS[version - 1]!;
  const total = DATA[version - 1]!;
  assert.equal(words.length, total + count * ECC[version - 1]!, 'every codeword is there');
  const blocks: number[][] = Array.from({ length: count }, () => []);
  const short = Math.floor(total / count);
  const lengths = blocks.map((_, at) => short + (at >= count - (total % count) ? 1 : 0));
  let next = 0;
  for (let at = 0; at <= short; at++) {
    blocks.forEach((block, number) => at < lengths[number]! && block.push(words[next++]!));
  }
  for (let at = 0; at < ECC[version - 1]!; at++) {
    blocks.forEach((block) => block.push(words[next++]!));
  }
  blocks.forEach((block) => assert.ok(syndromes(block, ECC[version - 1]!).every((one) => one === 0), 'no error in a block'));
  const data = blocks.flatMap((block, number) => block.slice(0, lengths[number]));
  const stream = data.flatMap((byte) => Array.from({ length: 8 }, (_, at) => (byte >> (7 - at)) & 1));
  const take = (from: number, length: number) => stream.slice(from, from + length).reduce((value, bit) => value * 2 + bit, 0);
  assert.equal(take(0, 4), 4, 'byte mode');
  const sizeBits = version < 10 ? 8 : 16;
  const length = take(4, sizeBits);
  return new TextDecoder().decode(Uint8Array.from({ length }, (_, at) => take(4 + sizeBits + at * 8, 8)));
}

/* Multiplication by shifting, unlike the tables of the code under test. */
function multiply(a: number, b: number): number {
  let result = 0;
  for (let at = 7; at >= 0; at--) {
    result = (result << 1) ^ ((result >> 7) * 0x11d);
    result ^= ((b >> at) & 1) * a;
  }
  return result & 0xff;
}

function syndromes(block: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, power) => {
    let root = 1;
    for (let at = 0; at < power; at++) {
      root = multiply(root, 2);
    }
    return block.reduce((sum, word) => multiply(sum, root) ^ word, 0);
  });
}

test('every length and version reads back as it was', () => {
  const text = (length: number) => Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * 7 + length) % 90))).join('');
  const sizes = new Set<number>();
  for (let length = 0; length <= QR_BYTES_MAX; length += length < 30 ? 1 : 13) {
    const code = encodeQr(text(length))!;
    sizes.add(code.size);
    assert.equal(read(code), text(length));
  }
  assert.equal(read(encodeQr(text(QR_BYTES_MAX))!), text(QR_BYTES_MAX));
  assert.equal(sizes.size, 20, 'every version was used');
  assert.equal(encodeQr(text(QR_BYTES_MAX + 1)), null);
});

test('an address of one-time codes with letters of every kind reads back', () => {
  const uri = 'otpauth://totp/H%C3%BClfe:zo%C3%AB?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Hülfe — 漢字';
  assert.equal(read(encodeQr(uri)!), uri);
});
