// SPDX-License-Identifier: Apache-2.0
// Operation moving of the second decoder: codec/FORMAT.md, 6.3.
import assert from 'node:assert/strict';

import { ZIGZAG } from './second_jpeg.mjs';

const TAPS = [null, [1, -5, 52, 20, -5, 1], [2, -10, 40, 40, -10, 2], [1, -5, 20, 52, -5, 1]];
const M = [
  [64, 64, 64, 64, 64, 64, 64, 64], [89, 75, 50, 18, -18, -50, -75, -89], [83, 36, -36, -83, -83, -36, 36, 83], [75, -18, -89, -50, 50, 89, 18, -75],
  [64, -64, -64, 64, 64, -64, -64, 64], [50, -89, 18, 75, -75, -18, 89, -50], [36, -83, 83, -36, -36, 83, -83, 36], [18, -50, 75, -89, 89, -75, 50, -18],
];
const STEPS = [32, 36, 40, 45, 51, 57];
const LEFT_CLASSES = [0, 2, 3, 4, 5, 6, 8, 11, 15, 21, 30, 40];
const PLACE_CLASSES = [0, 1, 3, 6, 10, 15, 21, 28, 36, 43, 49, 54];

const clamp = (v) => Math.max(0, Math.min(255, v));
const saturate = (v) => Math.max(-32768, Math.min(32767, v));
const classOf = (starts, v) => starts.findLastIndex((start) => start <= v);
const nearClass = (sum) => (sum <= 2 ? sum : Math.ceil(Math.log2(sum)) + 1);
const median = (a, b, c) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

class Bits {
  constructor(bytes, contexts) {
    this.bytes = bytes;
    this.contexts = contexts;
    this.at = 4;
    this.range = 2 ** 32 - 1;
    this.code = bytes.readUInt32BE(0);
  }

  fill() {
    while (this.range < 2 ** 24) {
      assert.ok(this.at < this.bytes.length);
      this.range *= 256;
      this.code = this.code * 256 + this.bytes[this.at++];
    }
  }

  bit(...name) {
    const key = name.join(',');
    const c = this.contexts.get(key) ?? { fast: 16384, slow: 16384 };
    this.contexts.set(key, c);
    const z = Math.floor(this.range / 65536) * (c.fast + c.slow);
    const one = this.code >= z;
    if (one) {
      this.code -= z;
      this.range -= z;
      c.fast -= c.fast >> 4;
      c.slow -= c.slow >> 7;
    } else {
      this.range = z;
      c.fast += (32768 - c.fast) >> 4;
      c.slow += (32768 - c.slow) >> 7;
    }
    this.fill();
    return one ? 1 : 0;
  }

  plain(count = 1) {
    let v = 0;
    for (let i = 0; i < count; i++) {
      this.range = Math.floor(this.range / 2);
      const one = this.code >= this.range;
      if (one)
        this.code -= this.range;
      this.fill();
      v = v * 2 + (one ? 1 : 0);
    }
    return v;
  }

  golomb() {
    let n = 0;
    while (this.plain() === 1)
      assert.ok(++n <= 15);
    return 2 ** n - 1 + this.plain(n);
  }
}

class Plane {
  constructor(w, h) {
    this.w = w;
    this.h = h;
    this.samples = new Uint8Array(w * h);
    this.counts = new Map(); // of coefficients, by "column,row" of a block
  }

  at(x, y) { // edges repeated outwards
    return this.samples[Math.max(0, Math.min(this.h - 1, y)) * this.w + Math.max(0, Math.min(this.w - 1, x))];
  }

  count(column, row) {
    return this.counts.get(`${column},${row}`) ?? 0;
  }
}

// What the last frame's plane shows at a vector, size x size samples.
function predicted(last, x, y, vector, size) {
  const x0 = x + (vector[0] >> 2), y0 = y + (vector[1] >> 2), fx = TAPS[vector[0] & 3], fy = TAPS[vector[1] & 3];
  const filter = (taps, at) => clamp((taps.reduce((sum, tap, i) => sum + tap * at(i - 2), 0) + 32) >> 6);
  const across = (px, py) => (fx === null ? last.at(px, py) : filter(fx, (i) => last.at(px + i, py)));
  const rows = new Map();
  for (let py = y0 - 2; py < y0 + size + 3; py++)
    rows.set(py, Array.from({ length: size }, (_, i) => across(x0 + i, py)));
  return Array.from({ length: size * size }, (_, i) => {
    const px = i % size, py = y0 + Math.floor(i / size);
    return fy === null ? rows.get(py)[px] : filter(fy, (k) => rows.get(py + k)[px]);
  });
}

// 8 x 8 samples of a mode.
function intra(plane, x0, y0, mode) {
  const l = Array.from({ length: 8 }, (_, y) => (x0 > 0 ? plane.at(x0 - 1, y0 + y) : 128));
  const u = Array.from({ length: 8 }, (_, x) => (y0 > 0 ? plane.at(x0 + x, y0 - 1) : 128));
  const there = [...(x0 > 0 ? l : []), ...(y0 > 0 ? u : [])], n = there.length;
  const mean = n === 0 ? 128 : Math.floor((there.reduce((a, b) => a + b) + n / 2) / n);
  return Array.from({ length: 64 }, (_, i) => {
    const x = i % 8, y = i >> 3;
    if (mode === 3)
      return ((7 - x) * l[y] + (x + 1) * u[7] + (7 - y) * u[x] + (y + 1) * l[7] + 8) >> 4;
    return mode === 0 ? mean : mode === 1 ? u[x] : l[y];
  });
}

// Levels of a block, row * 8 + column.
function readLevels(bits, planes, n, column, row) {
  const plane = planes[n];
  const near = nearClass(plane.count(column - 1, row) + plane.count(column, row - 1));
  const beside = n === 0 ? 0 : planes[n - 1].count(column, row);
  if (bits.bit('none', n, near, beside === 0 ? 0 : beside < 6 ? 1 : 2) === 1)
    return null;
  let ones = 0;
  while (ones < 6 && bits.bit('log', n, near, ones) === 1)
    ones++;
  let count = 1;
  for (let i = 0; i < ones && ones < 6; i++)
    count = 2 * count + bits.bit('count', n, ones, count);
  if (ones === 6)
    count = 64;
  plane.counts.set(`${column},${row}`, count);
  const levels = new Array(64).fill(0);
  let last = [0, 0], high = 0;
  for (let i = 0, left = count; left > 0; i++) {
    const is = left === 64 - i ? 1
      : bits.bit('significant', n, classOf(LEFT_CLASSES, left), classOf(PLACE_CLASSES, i), last[0] + last[1]);
    last = [last[1], is];
    if (is === 0)
      continue;
    let more = 0;
    while (more < 14 && bits.bit('more', n, Math.min(high, 3), more) === 1)
      more++;
    const level = more < 14 ? more + 1 : 15 + bits.golomb();
    assert.ok(level <= 32767);
    if (level > 1)
      high++;
    levels[ZIGZAG[i]] = bits.plain() === 1 ? -level : level;
    left--;
  }
  return levels;
}

// Adds a block's residual to its prediction, on the plane.
function complete(plane, x0, y0, prediction, levels, step) {
  const F = levels?.map((level) => saturate((level * step) >> 2));
  const C = F?.map((_, at) => saturate((M.reduce((sum, m, k) => sum + m[at >> 3] * F[k * 8 + (at & 7)], 0) + 64) >> 7));
  prediction.forEach((v, at) => {
    const x = at & 7, y = at >> 3;
    const residual = C === undefined ? 0 : (M.reduce((sum, m, k) => sum + m[x] * C[y * 8 + k], 0) + 1024) >> 11;
    plane.samples[(y0 + y) * plane.w + x0 + x] = clamp(v + residual);
  });
}

function smooth(plane, vectorAt, step) {
  const most = Math.min(255, (step * 13 >> 8) + 1), slope = Math.min(255, (step * 21 >> 11) + 1), change = Math.min(127, (step * 31 + 4096) >> 13);
  const s = plane.samples;
  const edge = (at, next, along) => {
    for (let i = 0; i < 8; i++, at += along) {
      const p1 = s[at - 2 * next], p0 = s[at - next], q0 = s[at], q1 = s[at + next];
      if (Math.abs(p0 - q0) >= most || Math.abs(p1 - p0) >= slope || Math.abs(q1 - q0) >= slope)
        continue;
      const by = Math.max(-change, Math.min(change, (4 * (q0 - p0) + p1 - q1 + 4) >> 3));
      s[at - next] = clamp(p0 + by);
      s[at] = clamp(q0 - by);
    }
  };
  for (const [dx, dy] of [[1, 0], [0, 1]])
    for (let row = dy; row < plane.h / 8; row++)
      for (let column = dx; column < plane.w / 8; column++) {
        const a = vectorAt(column, row), b = vectorAt(column - dx, row - dy);
        const moves = Math.abs(a[0] - b[0]) >= 4 || Math.abs(a[1] - b[1]) >= 4;
        if (moves || plane.count(column, row) > 0 || plane.count(column - dx, row - dy) > 0)
          edge(row * 8 * plane.w + column * 8, dx === 1 ? 1 : plane.w, dx === 1 ? plane.w : 1);
      }
}

/** The history of moving pictures. */
export class Moving {
  constructor() {
    this.planes = null; // of the last frame, and its size
    this.contexts = new Map();
  }

  /** Decodes a frame; pixels [b, g, r] by rows. */
  frame(raw, w, h) {
    const last = this.planes;
    this.planes = null; // after an error there is none
    assert.ok(raw.length >= 6 && raw[0] <= 1 && raw[1] <= 51);
    assert.ok(w <= 7680 && h <= 7680 && w * h <= 4096 * 2304);
    this.history = raw[0] === 1;
    if (this.history)
      assert.ok(last !== null && this.w === w && this.h === h);
    else
      this.contexts = new Map();
    this.w = w;
    this.h = h;
    const across = Math.ceil(w / 16) * 16, down = Math.ceil(h / 16) * 16;
    const step = STEPS[raw[1] % 6] << Math.floor(raw[1] / 6);
    this.steps = [step, (step * 39 + 16) >> 5, step];
    this.bits = new Bits(raw.subarray(2), this.contexts);
    this.last = last;
    this.now = [0, 1, 2].map(() => new Plane(across, down));
    this.macroblocks = new Map(); // by "column,row"
    this.vectors = new Map(); // by "column,row" of a block
    for (let row = 0; row < down / 16; row++)
      for (let column = 0; column < across / 16; column++)
        this.macroblock(column, row);
    assert.equal(this.bits.at, raw.length - 2);
    this.now.forEach((plane, n) => smooth(plane, (x, y) => this.vector(x, y), this.steps[n]));
    this.planes = this.now;
    const [Y, U, V] = this.now;
    return Array.from({ length: w * h }, (_, i) => {
      const at = Math.floor(i / w) * across + i % w;
      const y = Y.samples[at], d = V.samples[at] - 128, c = U.samples[at] - 128;
      return [clamp(y - d - c), clamp(y + d), clamp(y - d + c)];
    });
  }

  vector(column, row) {
    return this.vectors.get(`${column},${row}`) ?? [0, 0];
  }

  // How many of left and upper neighbour are so.
  neighbours(column, row, is) {
    return [[column - 1, row], [column, row - 1]].filter(([x, y]) => {
      const m = this.macroblocks.get(`${x},${y}`);
      return m !== undefined && is(m);
    }).length;
  }

  // Of a block, or of a macroblock by its upper left block.
  guess(column, row, blocks) {
    const lowerRight = blocks === 1 && column % 2 === 1 && row % 2 === 1;
    const third = lowerRight ? this.vector(column - 1, row - 1) : this.vector(column + blocks, row - 1);
    const left = this.vector(column - 1, row), above = this.vector(column, row - 1);
    return [0, 1].map((part) => median(left[part], above[part], third[part]));
  }

  difference() {
    const out = [0, 0];
    for (let part = 0; part < 2; part++) {
      if (this.bits.bit('zero', part, part === 0 ? 0 : out[0] !== 0 ? 2 : 1) === 1)
        continue;
      const negative = this.bits.bit('sign', part) === 1;
      let n = 0;
      while (this.bits.bit('size', part, n) === 1)
        assert.ok(++n <= 15);
      let size = 2 ** n;
      if (n > 0) {
        size += this.bits.bit('low', part, n < 4 ? n : 0) * 2 ** (n - 1);
        size += this.bits.plain(n - 1);
      }
      out[part] = negative ? -size : size;
    }
    return out;
  }

  setVector(column, row, blocks, [x, y]) {
    const limited = [[x, column, this.now[0].w], [y, row, this.now[0].h]].map(([v, at, side]) => (
      Math.max(-4 * (20 + at * 8), Math.min(4 * (side + 20 - (at + blocks) * 8), v))));
    for (let i = 0; i < blocks * blocks; i++)
      this.vectors.set(`${column + i % blocks},${row + Math.floor(i / blocks)}`, limited);
  }

  macroblock(column, row) {
    const m = { skip: false, intra: !this.history, coded: [false, false, false], modes: [], split: false };
    const at = [2 * column, 2 * row];
    this.macroblocks.set(`${column},${row}`, m);
    if (this.history)
      m.skip = this.bits.bit('skip', this.neighbours(column, row, (o) => o.skip)) === 1;
    if (m.skip) {
      this.setVector(...at, 2, this.guess(...at, 2));
    } else {
      if (this.history)
        m.intra = this.bits.bit('intra', this.neighbours(column, row, (o) => o.intra)) === 1;
      if (m.intra)
        this.readModes(m);
      else
        this.readVectors(m, at);
    }
    const levels = [0, 1, 2].map((n) => this.readPlane(m, n, column, row));
    this.now.forEach((plane, n) => this.drawPlane(m, plane, n, at, levels[n]));
  }

  readModes(m) {
    for (let i = 0; i < 4; i++) {
      const high = this.bits.bit('mode', 0);
      m.modes.push(2 * high + this.bits.bit('mode', 1 + high));
    }
  }

  readVectors(m, [column, row]) {
    m.split = this.bits.bit('split') === 1;
    const blocks = m.split ? 1 : 2;
    for (let i = 0; i < (m.split ? 4 : 1); i++) {
      const x = column + i % 2, y = row + (i >> 1);
      const guess = this.guess(x, y, blocks), by = this.difference();
      this.setVector(x, y, blocks, [guess[0] + by[0], guess[1] + by[1]]);
    }
  }

  // The levels of a macroblock's four blocks in a plane.
  readPlane(m, n, column, row) {
    if (m.skip)
      return [null, null, null, null];
    const before = n === 0 ? 0 : m.coded[n - 1] ? 2 : m.coded[0] ? 1 : 0;
    m.coded[n] = this.bits.bit('coded', n, this.neighbours(column, row, (o) => o.coded[n]), before) === 1;
    return [0, 1, 2, 3].map((i) => (m.coded[n] ? readLevels(this.bits, this.now, n, 2 * column + i % 2, 2 * row + (i >> 1)) : null));
  }

  drawPlane(m, plane, n, [column, row], levels) {
    for (let i = 0; i < 4; i++) {
      const x = column + i % 2, y = row + (i >> 1);
      const prediction = m.intra ? intra(plane, 8 * x, 8 * y, m.modes[i])
        : predicted(this.last[n], 8 * x, 8 * y, this.vector(x, y), 8);
      complete(plane, 8 * x, 8 * y, prediction, levels[i], this.steps[n]);
    }
  }
}
