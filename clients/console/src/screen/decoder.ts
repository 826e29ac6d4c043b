/* SPDX-License-Identifier: Apache-2.0 */
/* The screen decoder: codec/ compiled to WebAssembly (codec/wasm/README.md), as one object.
 *
 * Owner:     whoever called load, until free.
 * Invariant: typed arrays over the module's memory are made anew after every call that may grow it.
 */
import * as limits from '../wire/limits';

interface CodecExports {
  readonly memory: WebAssembly.Memory;
  cw_wasm_alloc(bytes: number): number;
  cw_wasm_free(pointer: number): void;
  cw_wasm_decoder_new(pixelsMax: number): number;
  cw_wasm_decoder_free(decoder: number): void;
  cw_wasm_apply(decoder: number, pointer: number, bytes: number): number;
  cw_wasm_width(decoder: number): number;
  cw_wasm_height(decoder: number): number;
  cw_wasm_update_number(decoder: number): number;
  cw_wasm_damage_count(decoder: number): number;
  cw_wasm_damage(decoder: number): number;
  cw_wasm_copy_rgba(
    decoder: number, x: number, y: number, w: number, h: number, pointer: number, bytes: number,
  ): number;
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Strip extends Rect {
  readonly rgba: Uint8ClampedArray<ArrayBuffer>; /* valid until the next strip is asked for */
}

const ERR_NOMEM = -1;
const PIXELS_MAX = limits.SCREEN_WIDTH_PX_MAX * limits.SCREEN_HEIGHT_PX_MAX;
/* Room for copying out: a 1080p row strip of 546 rows; a whole picture goes in a few strips. */
const STRIP_BYTES = 4 * 1024 * 1024;
const PACKET_BYTES_FIRST = 256 * 1024;

const modules = new Map<string, Promise<WebAssembly.Module>>();

/* Fetched and compiled once a page; a failure is forgotten, so that the next session tries again. */
function compiled(url: string): Promise<WebAssembly.Module> {
  let module = modules.get(url);
  if (!module) {
    module = fetch(url).then(async (response) => {
      if (!response.ok) {
        throw new Error(`status ${response.status}`);
      }
      return WebAssembly.compile(await response.arrayBuffer());
    });
    modules.set(url, module);
    module.catch(() => modules.delete(url));
  }
  return module;
}

export class ScreenDecoder {
  #packet = 0;
  #packetBytes = 0;

  private constructor(
    private readonly codec: CodecExports,
    private readonly decoder: number,
    private readonly strip: number,
  ) {}

  static async load(url: string): Promise<ScreenDecoder> {
    return ScreenDecoder.fromModule(await compiled(url));
  }

  static async fromModule(module: WebAssembly.Module): Promise<ScreenDecoder> {
    const instance = await WebAssembly.instantiate(module, {});
    const codec = instance.exports as unknown as CodecExports;
    const decoder = codec.cw_wasm_decoder_new(PIXELS_MAX) >>> 0;
    const strip = codec.cw_wasm_alloc(STRIP_BYTES) >>> 0;
    if (decoder === 0 || strip === 0) {
      throw new Error('no memory for the decoder');
    }
    return new ScreenDecoder(codec, decoder, strip);
  }

  get width(): number {
    return this.codec.cw_wasm_width(this.decoder) >>> 0;
  }

  get height(): number {
    return this.codec.cw_wasm_height(this.decoder) >>> 0;
  }

  get updateNumber(): number {
    return this.codec.cw_wasm_update_number(this.decoder) >>> 0;
  }

  /* 0, or an error of codec/codec.h after which only a keyframe helps. */
  apply(packet: Uint8Array): number {
    if (packet.byteLength > this.#packetBytes && !this.#growPacket(packet.byteLength)) {
      return ERR_NOMEM;
    }
    new Uint8Array(this.codec.memory.buffer, this.#packet, packet.byteLength).set(packet);
    return this.codec.cw_wasm_apply(this.decoder, this.#packet, packet.byteLength) | 0;
  }

  /* What the last packet changed. */
  damage(): Rect[] {
    const count = this.codec.cw_wasm_damage_count(this.decoder) >>> 0;
    const pointer = this.codec.cw_wasm_damage(this.decoder) >>> 0;
    if (count === 0 || pointer === 0) {
      return [];
    }
    const words = new Uint32Array(this.codec.memory.buffer, pointer, count * 4);
    const rects: Rect[] = [];
    for (let at = 0; at < words.length; at += 4) {
      rects.push({ x: words[at]!, y: words[at + 1]!, w: words[at + 2]!, h: words[at + 3]! });
    }
    return rects;
  }

  /* The rectangle's pixels in strips of whole rows, each without a copy on this side. */
  *strips(rect: Rect): Generator<Strip> {
    if (rect.w === 0) {
      return;
    }
    const rowsMax = Math.floor(STRIP_BYTES / (rect.w * 4));
    for (let y = rect.y; y < rect.y + rect.h; y += rowsMax) {
      const h = Math.min(rowsMax, rect.y + rect.h - y);
      const bytes = rect.w * h * 4;
      if (this.codec.cw_wasm_copy_rgba(this.decoder, rect.x, y, rect.w, h, this.strip, bytes) !== 0) {
        return;
      }
      const rgba = new Uint8ClampedArray(this.codec.memory.buffer, this.strip, bytes);
      yield { x: rect.x, y, w: rect.w, h, rgba };
    }
  }

  free(): void {
    this.codec.cw_wasm_decoder_free(this.decoder);
    this.codec.cw_wasm_free(this.strip);
    if (this.#packet !== 0) {
      this.codec.cw_wasm_free(this.#packet);
    }
  }

  #growPacket(bytes: number): boolean {
    if (this.#packet !== 0) {
      this.codec.cw_wasm_free(this.#packet);
    }
    const room = Math.min(limits.SCREEN_MESSAGE_BYTES_MAX, Math.max(PACKET_BYTES_FIRST, bytes * 2));
    this.#packet = this.codec.cw_wasm_alloc(room) >>> 0;
    this.#packetBytes = this.#packet === 0 ? 0 : room;
    return this.#packet !== 0 && bytes <= room;
  }
}
