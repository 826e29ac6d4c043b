// SPDX-License-Identifier: Apache-2.0
// A second decoder of the screen format, made from codec/FORMAT.md alone: what the text leaves open shows here. It is
// slow. Decompression is `zstd`, the program.
// usage: node second_decoder.mjs codec/FORMAT.md FOLDER...     (of golden streams; prints what it decoded)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

import { jpeg } from './second_jpeg.mjs';
import { Moving } from './second_moving.mjs';

const TILE = 64;

// Section 6.5.
const CONTEXTS = [0, 1, 2, 3, 5, 7, 10, 14, 16, 24, 32, 48, 72, 104];
const FOLDED = [16, 24, 32, 48, 64, 96, 128, 192], EXTRA = [3, 3, 4, 4, 5, 5, 6, 6];
const half = (v) => v >> 1;
const TO_PLANES = [
  (b, g, r) => [g, b, r],
  (b, g, r) => [g, (b - g + 128) & 255, (r - g + 128) & 255],
  (b, g, r) => {
    const q = (r - b + 128) & 255, m = (b + half(q) - 64) & 255, s = (g - m + 128) & 255;
    return [(m + half(s) - 64) & 255, q, s];
  },
];
const FROM_PLANES = [
  (p, q, s) => [q, p, s],
  (p, q, s) => [(q + p - 128) & 255, p, (s + p - 128) & 255],
  (p, q, s) => {
    const m = (p - half(s) + 64) & 255, b = (m - half(q) + 64) & 255;
    return [b, (s + m - 128) & 255, (q + b - 128) & 255];
  },
];

// 14 contexts of 24 weights to frequencies.
function frequencies(weights) {
  return CONTEXTS.map((_, c) => {
    const v = [...weights.subarray(24 * c, 24 * c + 24)].map((b) => {
      assert.ok(b <= 47);
      return b < 4 ? b : (4 + b % 4) * 2 ** (Math.floor(b / 4) - 1);
    });
    const s = v.reduce((a, b) => a + b);
    const out = v.map((weight) => 1 + (s === 0 ? 0 : Math.floor(1000 * weight / s)));
    out[v.indexOf(Math.max(...v))] += 1024 - out.reduce((a, b) => a + b);
    return out;
  });
}

// The sets of the text: [set][plane P, planes Q and S].
function readSets(format) {
  const block = /```weights\n([^`]*)```/.exec(format);
  if (block === null)
    return [];
  const all = Uint8Array.from(block[1].trim().split(/\s+/), Number);
  assert.equal(all.length, 3 * 14 * 24);
  return [[0, 0], [1, 2]].map((tables) => tables.map((t) => frequencies(all.subarray(336 * t, 336 * t + 336))));
}

// A plane's state that is read from the raw words.
class Coder {
  constructor(words) {
    this.words = words;
    this.x = words.take(4).readUInt32LE(0);
    assert.ok(this.x >= 65536);
  }

  fill() {
    if (this.x < 65536)
      this.x = this.x * 65536 + this.words.take(2).readUInt16LE(0);
  }

  token(table) {
    const r = this.x % 1024;
    let token = 0, first = 0;
    while (r >= first + table[token])
      first += table[token++];
    this.x = table[token] * Math.floor(this.x / 1024) + r - first;
    this.fill();
    return token;
  }

  folded(table) {
    const token = this.token(table);
    if (token < 16)
      return token;
    const n = EXTRA[token - 16], bits = this.x % 2 ** n;
    this.x = Math.floor(this.x / 2 ** n);
    this.fill();
    return FOLDED[token - 16] + bits;
  }
}

class Decoder {
  constructor(sets) {
    this.sets = sets;
    this.width = this.height = 0;
    this.number = -1;
    this.synced = this.streaming = false;
    this.newHistory();
  }

  // Section 2, rule 3.
  newHistory() {
    this.compressed = []; // the frame's parts so far
    this.given = 0; // bytes that they gave
    this.colours = [];
    this.moving = new Moving();
    this.valid = new Set(); // "layer,column,row"
    this.layers = Array.from({ length: this.layerCount() }, () => null);
  }

  layerCount() {
    const area = this.width * this.height;
    return area === 0 ? 0 : Math.min(4, Math.floor(2 ** 24 / area));
  }

  // Section 3.
  header(p) {
    assert.equal(p[0], 0xc5);
    assert.ok(p[1] === 1 || p[1] === 2);
    assert.ok(p[2] === 1 || p[2] === 2);
    assert.equal(p[3] & ~(p[1] === 1 ? 1 : 7), 0);
    const h = {
      version: p[1], keyframe: p[2] === 1, restart: (p[3] & 1) !== 0, colours: (p[3] & 4) !== 0,
      number: p.readUInt32LE(4), bodyBytes: p.readUInt32LE(8), operations: p.readUInt16LE(12), bytes: 14, raw: 0,
    };
    if (h.keyframe) {
      assert.ok(h.restart);
      h.width = p.readUInt16LE(14);
      h.height = p.readUInt16LE(16);
      h.bytes = 18;
    }
    if (p[3] & 2) {
      h.raw = p.readUInt32LE(h.bytes);
      h.bytes += 4;
      assert.ok(h.raw >= 1);
    }
    return h;
  }

  // Section 4. The frame's former parts are decompressed again: simple, and slow. An empty last block ends a frame that
  // goes on.
  body(h, part) {
    this.compressed.push(part);
    const input = Buffer.concat(h.keyframe ? this.compressed : [...this.compressed, Buffer.from([1, 0, 0])]);
    const r = spawnSync('zstd', ['-dc', '-q'], { input, maxBuffer: 1 << 30 });
    assert.equal(r.status, 0, `${r.error ?? r.stderr}`);
    assert.equal(r.stdout.length - this.given, h.bodyBytes);
    const body = r.stdout.subarray(this.given);
    this.given = r.stdout.length;
    return body;
  }

  apply(packet) {
    const h = this.header(packet);
    if (!h.keyframe) // section 2, rule 4
      assert.ok(this.synced && h.number === (this.number + 1) % 2 ** 32 && (h.restart || this.streaming));
    this.synced = false;
    if (h.keyframe) {
      this.width = h.width;
      this.height = h.height;
      this.picture = Buffer.alloc(h.width * h.height * 4);
    }
    if (h.restart)
      this.newHistory();
    const rawStart = packet.length - h.raw;
    const body = this.body(h, packet.subarray(h.bytes, rawStart));
    this.draw(h, body, packet.subarray(rawStart));
    if (h.keyframe)
      this.newHistory();
    this.synced = true;
    this.streaming = !h.keyframe;
    this.number = h.number;
  }

  // Section 5.
  draw(h, body, raw) {
    let at = 0;
    if (h.colours) {
      const first = body.readUInt16LE(0), count = body.readUInt16LE(2);
      assert.ok(count >= 1 && first <= this.colours.length && first + count <= 4096);
      for (let i = 0; i < count; i++)
        this.colours[first + i] = body.subarray(4 + 3 * i, 7 + 3 * i);
      at = 4 + 3 * count;
    }
    const operations = [];
    for (let i = 0; i < h.operations; i++, at += 9)
      operations.push({
        mode: body[at], x: body.readUInt16LE(at + 1), y: body.readUInt16LE(at + 3),
        w: body.readUInt16LE(at + 5), h: body.readUInt16LE(at + 7),
      });
    const reader = (bytes, start) => ({
      bytes, at: start,
      take(n) {
        this.at += n;
        assert.ok(this.at <= this.bytes.length);
        return this.bytes.subarray(this.at - n, this.at);
      },
    });
    const data = reader(body, at);
    this.raw = reader(raw, 0);
    this.moved = false; // an operation moving was there
    let stage = 0;
    for (const o of operations) {
      assert.ok(o.w >= 1 && o.h >= 1 && o.x + o.w <= this.width && o.y + o.h <= this.height);
      const next = o.mode === 8 ? 0 : o.mode === 0 ? 1 : 2;
      assert.ok(next >= stage || next === 2);
      stage = next;
      this.operation(h, o, data);
    }
    assert.ok(stage > 0);
    assert.equal(data.at, body.length);
    assert.equal(this.raw.at, raw.length);
  }

  put(x, y, b, g, r) {
    const at = (y * this.width + x) * 4;
    this.picture[at] = b;
    this.picture[at + 1] = g;
    this.picture[at + 2] = r;
  }

  // Rows of a rectangle of a picture of this size, as copies.
  cut(picture, x, y, w, h) {
    return Array.from({ length: h }, (_, i) => Buffer.from(picture.subarray(
      ((y + i) * this.width + x) * 4, ((y + i) * this.width + x + w) * 4)));
  }

  paste(picture, x, y, rows) {
    rows.forEach((row, i) => row.copy(picture, ((y + i) * this.width + x) * 4));
  }

  // Section 6.
  operation(h, o, data) {
    assert.ok(h.version === 2 || o.mode <= 3);
    modes.add(o.mode);
    if (o.mode === 0) {
      const d = data.take(4), fromX = d.readUInt16LE(0), fromY = d.readUInt16LE(2);
      assert.ok(!h.keyframe && fromX + o.w <= this.width && fromY + o.h <= this.height);
      this.paste(this.picture, o.x, o.y, this.cut(this.picture, fromX, fromY, o.w, o.h));
    } else if (o.mode === 1) {
      const [b, g, r] = data.take(3);
      for (let y = 0; y < o.h; y++)
        for (let x = 0; x < o.w; x++)
          this.put(o.x + x, o.y + y, b, g, r);
    } else if (o.mode === 2 || o.mode === 3) {
      this.planes(o, data);
    } else if (o.mode === 4) {
      this.text(o, data);
    } else if (o.mode === 5) {
      this.photo(o, data);
    } else if (o.mode === 8) {
      this.save(h, o, data.take(1)[0]);
    } else if (o.mode === 9) {
      this.restore(h, o, data.take(4));
    } else {
      assert.ok(o.mode === 6 || o.mode === 7);
      this.drawLossy(h, o, data);
    }
  }

  // Sections 6.2 and 6.3.
  drawLossy(h, o, data) {
    let pixels;
    if (o.mode === 6) {
      const [quality, sampling, ...raw] = data.take(5);
      pixels = jpeg(quality, sampling, this.raw.take(raw[0] + raw[1] * 256 + raw[2] * 65536), o.w, o.h);
    } else {
      assert.ok(!this.moved);
      this.moved = true;
      pixels = this.moving.frame(this.raw.take(data.take(4).readUInt32LE(0)), o.w, o.h);
    }
    pixels.forEach((pixel, i) => this.put(o.x + i % o.w, o.y + Math.floor(i / o.w), ...pixel));
  }

  planes(o, data) {
    const area = o.w * o.h;
    const P = data.take(area), Q = data.take(area), S = data.take(area);
    for (let y = 0; y < o.h; y++) {
      let p = 0, q = 0, s = 0;
      for (let x = 0; x < o.w; x++) {
        const i = y * o.w + x;
        if (o.mode === 2)
          p = q = s = 0;
        p = (p + P[i]) & 255;
        q = (q + Q[i]) & 255;
        s = (s + S[i]) & 255;
        this.put(o.x + x, o.y + y, q + p, p, s + p);
      }
    }
  }

  // Section 6.1.
  text(o, data) {
    const bands = [];
    for (let sum = 0; sum < o.h;) {
      const [band] = data.take(1);
      assert.ok(band >= 1);
      bands.push(band);
      sum += band;
      assert.ok(sum <= o.h);
    }
    const indexes = data.take(o.w * o.h);
    let i = 0, top = 0;
    for (const band of bands) {
      for (let x = 0; x < o.w; x++)
        for (let y = top; y < top + band; y++) {
          let index = indexes[i++];
          if (index === 255) {
            index = data.take(2).readUInt16LE(0);
            assert.ok(index >= 255);
          }
          assert.ok(index < this.colours.length);
          this.put(o.x + x, o.y + y, ...this.colours[index]);
        }
      top += band;
    }
  }

  photo(o, data) {
    const d = data.take(5), transform = d[0] & 3, set = d[0] >> 2 & 3;
    const above = (d[0] & 16) !== 0, left = (d[0] & 32) !== 0, rawBytes = d.readUInt32LE(1);
    assert.ok(transform < 3 && set < 3 && (set < 2 || o.w * o.h >= 4096) && d[0] < 64);
    assert.ok((!above || o.y > 0) && (!left || o.x > 0) && rawBytes % 2 === 0 && rawBytes >= 12);
    let tables = this.sets[set];
    if (set === 2) {
      const weights = data.take(672);
      tables = [frequencies(weights.subarray(0, 336)), frequencies(weights.subarray(336))];
    }
    const end = this.raw.at + rawBytes;
    const coders = [0, 1, 2].map(() => new Coder(this.raw));
    // Values and magnitudes by plane, with a row and a column more on the near sides; [row + 1][column + 1].
    const grid = () => Array.from({ length: o.h + 1 }, () => new Array(o.w + 1));
    const values = [grid(), grid(), grid()];
    const shown = (x, y) => TO_PLANES[transform](...this.picture.subarray((y * this.width + x) * 4, (y * this.width + x) * 4 + 3));
    for (let n = 0; n < 3; n++) {
      for (let x = 0; x < o.w; x++)
        values[n][0][x + 1] = above ? shown(o.x + x, o.y - 1)[n] : 128;
      values[n][0][0] = above && left ? shown(o.x - 1, o.y - 1)[n] : values[n][0][1];
      for (let y = 0; y < o.h && left; y++)
        values[n][y + 1][0] = shown(o.x - 1, o.y + y)[n];
    }
    let former = [0, 1, 2].map(() => new Array(o.w).fill(2));
    for (let y = 0; y < o.h; y++) {
      const magnitudes = [[], [], []];
      for (let n = 0; n < 3 && !left; n++)
        values[n][y + 1][0] = values[n][y][1];
      for (let x = 0; x < o.w; x++) {
        const pixel = [0, 1, 2].map((n) => {
          const W = values[n][y + 1][x], N = values[n][y][x + 1], C = values[n][y][x];
          const low = Math.min(W, N), high = Math.max(W, N);
          const guess = low + high - Math.min(Math.max(C, low), high);
          const up = former[n];
          const activity = 2 * ((x > 0 ? magnitudes[n][x - 1] : up[0]) + up[x]) + (x > 0 ? up[x - 1] : up[0])
            + up[Math.min(x + 1, o.w - 1)];
          const f = coders[n].folded(tables[n > 0 ? 1 : 0][CONTEXTS.findLastIndex((from) => from <= activity)]);
          const residual = f % 2 === 0 ? f / 2 : -(f + 1) / 2;
          magnitudes[n][x] = Math.min(Math.abs(residual), 31);
          return values[n][y + 1][x + 1] = (guess + residual) & 255;
        });
        this.put(o.x + x, o.y + y, ...FROM_PLANES[transform](...pixel));
      }
      former = magnitudes;
    }
    assert.equal(this.raw.at, end);
    for (const coder of coders)
      assert.equal(coder.x, 65536);
  }

  // The tiles that a rectangle touches.
  * tiles(layer, x, y, w, h) {
    for (let row = Math.floor(y / TILE); row * TILE < y + h; row++)
      for (let column = Math.floor(x / TILE); column * TILE < x + w; column++)
        yield `${layer},${column},${row}`;
  }

  // Section 6.4.
  save(h, o, layer) {
    const ends = (end, last) => end % TILE === 0 || end === last;
    assert.ok(!h.keyframe && layer < this.layerCount() && o.x % TILE === 0 && o.y % TILE === 0);
    assert.ok(ends(o.x + o.w, this.width) && ends(o.y + o.h, this.height));
    this.layers[layer] ??= Buffer.alloc(this.picture.length);
    this.paste(this.layers[layer], o.x, o.y, this.cut(this.picture, o.x, o.y, o.w, o.h));
    for (const tile of this.tiles(layer, o.x, o.y, o.w, o.h))
      this.valid.add(tile);
  }

  restore(h, o, d) {
    const first = d.readUInt16LE(0), layer = Math.floor(first / 8192);
    const x = (o.x + first % 8192) % 8192, y = (o.y + d.readUInt16LE(2)) % 65536;
    assert.ok(!h.keyframe && layer < this.layerCount() && x + o.w <= this.width && y + o.h <= this.height);
    for (const tile of this.tiles(layer, x, y, o.w, o.h))
      assert.ok(this.valid.has(tile));
    this.paste(this.picture, o.x, o.y, this.cut(this.layers[layer], x, y, o.w, o.h));
  }
}

function decode(path, sets) {
  const stream = readFileSync(`${path}.packets`);
  const lines = readFileSync(`${path}.sha256`, 'utf8').trimEnd().split('\n');
  const decoder = new Decoder(sets);
  let count = 0;
  for (let at = 0; at < stream.length; count++) {
    const length = stream.readUInt32LE(at);
    try {
      decoder.apply(stream.subarray(at + 4, at + 4 + length));
    } catch (e) {
      throw new Error(`${path}: packet ${count}: ${e.message}`, { cause: e });
    }
    at += 4 + length;
    const hash = createHash('sha256').update(decoder.picture).digest('hex');
    assert.equal(hash, lines[count].split(' ')[0], `${path}: packet ${count}`);
  }
  assert.equal(count, lines.length);
  return count;
}

let streams = 0, packets = 0;
const modes = new Set(); // that were seen
const sets = readSets(readFileSync(process.argv[2], 'utf8'));
for (const folder of process.argv.slice(3))
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.packets'))) {
    packets += decode(`${folder}/${file.slice(0, -'.packets'.length)}`, sets);
    streams++;
  }
assert.deepEqual([...modes].sort(), [...Array(10).keys()], 'every operation is in the streams');
console.log(`second decoder: ${streams} streams, ${packets} packets equal, of all operations`);
