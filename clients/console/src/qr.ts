/* SPDX-License-Identifier: Apache-2.0 */
/* A QR code (ISO/IEC 18004) of a text: byte mode, error correction M, versions 1 to 20.
 *
 * Pure: text -> square of modules, true is dark. The quiet zone around it is the drawer's.
 * Limits:    QR_BYTES_MAX bytes of UTF-8; null beyond.
 */
export const QR_BYTES_MAX = 666;

export interface QrCode {
  readonly size: number;
  readonly modules: readonly (readonly boolean[])[];
}

const VERSION_MAX = 20;
/* Of error correction M, by version from 1. */
const ECC_PER_BLOCK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const LEVEL_M_BITS = 0;

/* ---- the field of 256 elements, and Reed-Solomon over it ---- */

const exp = new Uint8Array(512);
const log = new Uint8Array(256);
for (let at = 0, value = 1; at < 255; at++) {
  exp[at] = exp[at + 255] = value;
  log[value] = at;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : exp[log[a]! + log[b]!]!;
}

/* The remainder of data times x^count by the generator of that degree. */
export function errorCorrection(data: readonly number[], count: number): number[] {
  let generator = [1];
  for (let root = 0; root < count; root++) {
    const next = new Array<number>(generator.length + 1).fill(0);
    generator.forEach((factor, at) => {
      next[at]! ^= factor;
      next[at + 1]! ^= times(factor, exp[root]!);
    });
    generator = next;
  }
  const rest = [...data, ...new Array<number>(count).fill(0)];
  for (let at = 0; at < data.length; at++) {
    const factor = rest[at]!;
    if (factor !== 0) {
      generator.forEach((value, step) => {
        rest[at + step]! ^= times(value, factor);
      });
    }
  }
  return rest.slice(data.length);
}

/* ---- how much fits, and the codewords ---- */

function rawModules(version: number): number {
  let result = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const align = Math.floor(version / 7) + 2;
    result -= (25 * align - 10) * align - 55;
    if (version >= 7) {
      result -= 36;
    }
  }
  return result;
}

function dataCodewords(version: number): number {
  return Math.floor(rawModules(version) / 8) - ECC_PER_BLOCK[version - 1]! * BLOCKS[version - 1]!;
}

function bitsOf(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let at = count - 1; at >= 0; at--) {
      bits.push((value >>> at) & 1);
    }
  };
  put(4, 4); /* byte mode */
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  const room = dataCodewords(version) * 8;
  put(0, Math.min(4, room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) {
    put(pad, 8);
  }
  return bits;
}

/* The blocks, each with its error correction, dealt out in turn. */
function interleave(data: readonly number[], version: number): number[] {
  const count = BLOCKS[version - 1]!;
  const ecc = ECC_PER_BLOCK[version - 1]!;
  const short = Math.floor(data.length / count);
  const longFrom = count - (data.length % count);
  const blocks: { data: number[]; ecc: number[] }[] = [];
  for (let block = 0, at = 0; block < count; block++) {
    const length = short + (block >= longFrom ? 1 : 0);
    const part = data.slice(at, at + length);
    blocks.push({ data: part, ecc: errorCorrection(part, ecc) });
    at += length;
  }
  const result: number[] = [];
  for (let at = 0; at <= short; at++) {
    blocks.forEach((block) => at < block.data.length && result.push(block.data[at]!));
  }
  for (let at = 0; at < ecc; at++) {
    blocks.forEach((block) => result.push(block.ecc[at]!));
  }
  return result;
}

/* ---- the square ---- */

/* null: not of a pattern, so data goes there. */
type Square = (boolean | null)[][];

export function alignmentAt(version: number): number[] {
  if (version === 1) {
    return [];
  }
  const count = Math.floor(version / 7) + 2;
  const size = version * 4 + 17;
  const step = Math.ceil((size - 13) / (count * 2 - 2)) * 2;
  const places = [6];
  for (let place = size - 7; places.length < count; place -= step) {
    places.splice(1, 0, place);
  }
  return places;
}

function drawPatterns(square: Square, version: number): void {
  const size = square.length;
  for (let at = 0; at < size; at++) {
    square[6]![at] = square[at]![6] = at % 2 === 0;
  }
  const put = (row: number, column: number, dark: boolean) => {
    if (row >= 0 && row < size && column >= 0 && column < size) {
      square[row]![column] = dark;
    }
  };
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) {
    for (let y = -4; y <= 4; y++) {
      for (let x = -4; x <= 4; x++) {
        const ring = Math.max(Math.abs(x), Math.abs(y));
        put(row + y, column + x, ring !== 2 && ring !== 4);
      }
    }
  }
  const places = alignmentAt(version);
  const last = places.length - 1;
  places.forEach((row, i) => places.forEach((column, j) => {
    if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) {
      return; /* a finder is there */
    }
    for (let y = -2; y <= 2; y++) {
      for (let x = -2; x <= 2; x++) {
        put(row + y, column + x, Math.max(Math.abs(x), Math.abs(y)) !== 1);
      }
    }
  }));
  drawFormat(square, 0);
  drawVersion(square, version);
}

/* The 15 bits that say level and mask. */
export function formatBits(mask: number): number {
  const data = (LEVEL_M_BITS << 3) | mask;
  let rest = data;
  for (let at = 0; at < 10; at++) {
    rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  }
  return ((data << 10) | rest) ^ 0x5412;
}

export function versionBits(version: number): number {
  let rest = version;
  for (let at = 0; at < 12; at++) {
    rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  }
  return (version << 12) | rest;
}

function drawFormat(square: Square, mask: number): void {
  const size = square.length;
  const bits = formatBits(mask);
  const bit = (at: number) => ((bits >>> at) & 1) === 1;
  const first = [[0, 8], [1, 8], [2, 8], [3, 8], [4, 8], [5, 8], [7, 8], [8, 8], [8, 7], [8, 5], [8, 4], [8, 3], [8, 2],
    [8, 1], [8, 0]] as const;
  first.forEach(([row, column], at) => (square[row]![column] = bit(at)));
  for (let at = 0; at < 8; at++) {
    square[8]![size - 1 - at] = bit(at);
  }
  for (let at = 8; at < 15; at++) {
    square[size - 15 + at]![8] = bit(at);
  }
  square[size - 8]![8] = true;
}

function drawVersion(square: Square, version: number): void {
  if (version < 7) {
    return;
  }
  const bits = versionBits(version);
  for (let at = 0; at < 18; at++) {
    const a = square.length - 11 + (at % 3);
    const b = Math.floor(at / 3);
    square[b]![a] = square[a]![b] = ((bits >>> at) & 1) === 1;
  }
}

/* Two columns at a time from the right, up and down in turn. */
function drawData(square: Square, codewords: readonly number[], isPattern: (row: number, column: number) => boolean): void {
  const size = square.length;
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    const column = right <= 6 ? right - 1 : right;
    const up = ((column + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step;
      for (const x of [column, column - 1]) {
        if (!isPattern(row, x)) {
          square[row]![x] = at < codewords.length * 8 && ((codewords[at >>> 3]! >>> (7 - (at & 7))) & 1) === 1;
          at++;
        }
      }
    }
  }
}

const masks: readonly ((row: number, column: number) => boolean)[] = [
  (y, x) => (x + y) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (x + y) % 3 === 0,
  (y, x) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (y, x) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (y, x) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (y, x) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/* How hard it is to read: runs, blocks, what looks like a finder, and too much of one colour. */
function penalty(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length;
  let result = 0;
  const lines = [...modules, ...modules.map((_, x) => modules.map((row) => row[x]!))];
  for (const line of lines) {
    for (let at = 0, run = 0; at < size; at++) {
      run = at > 0 && line[at] === line[at - 1] ? run + 1 : 1;
      result += run === 5 ? 3 : run > 5 ? 1 : 0;
    }
    const drawn = line.map((dark) => (dark ? '1' : '0')).join('');
    for (const finder of ['10111010000', '00001011101']) {
      for (let at = drawn.indexOf(finder); at >= 0; at = drawn.indexOf(finder, at + 1)) {
        result += 40;
      }
    }
  }
  let dark = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      dark += modules[y]![x] ? 1 : 0;
      const same = modules[y]![x];
      if (y + 1 < size && x + 1 < size && modules[y]![x + 1] === same && modules[y + 1]![x] === same
        && modules[y + 1]![x + 1] === same) {
        result += 3;
      }
    }
  }
  return result + 10 * Math.floor(Math.abs((dark * 20) / (size * size) - 10));
}

export function encodeQr(content: string): QrCode | null {
  const bytes = new TextEncoder().encode(content);
  let version = 1;
  while (version <= VERSION_MAX && dataCodewords(version) * 8 < 4 + (version < 10 ? 8 : 16) + bytes.length * 8) {
    version++;
  }
  if (version > VERSION_MAX) {
    return null;
  }
  const bits = bitsOf(bytes, version);
  const data: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    data.push(bits.slice(at, at + 8).reduce((value, bit) => (value << 1) | bit, 0));
  }
  const codewords = interleave(data, version);
  const size = version * 4 + 17;
  const patterns: Square = Array.from({ length: size }, () => new Array<boolean | null>(size).fill(null));
  drawPatterns(patterns, version);
  const isPattern = (row: number, column: number) => patterns[row]![column] !== null;

  let best: boolean[][] = [];
  let least = Infinity;
  masks.forEach((mask, number) => {
    const square = patterns.map((row) => [...row]);
    drawData(square, codewords, isPattern);
    drawFormat(square, number);
    const modules = square.map((row, y) => row.map((dark, x) => (isPattern(y, x) ? dark === true : (dark === true) !== mask(y, x))));
    const points = penalty(modules);
    if (points < least) {
      least = points;
      best = modules;
    }
  });
  return { size, modules: best };
}

/* One SVG path of all dark modules, in units of modules. */
export function pathOf(code: QrCode): string {
  let path = '';
  code.modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      let run = 0;
      while (row[x + run]) {
        run++;
      }
      if (run > 0) {
        path += `M${x} ${y}h${run}v1h-${run}z`;
        x += run;
      }
    }
  });
  return path;
}
