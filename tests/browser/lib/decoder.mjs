// SPDX-License-Identifier: Apache-2.0
// The browser's decoder (build/wasm/codec.wasm, codec/wasm/README.md) for tests and benchmarks.
import fs from 'node:fs';
import path from 'node:path';

import { root } from './appliance.mjs';

const PACKET_BYTES_MAX = 26 * 1024 * 1024;

export class Decoder {
    static async load() {
        const decoder = new Decoder();
        const bytes = fs.readFileSync(path.join(root, 'build/wasm/codec.wasm'));
        decoder.c = (await WebAssembly.instantiate(bytes, {})).instance.exports;
        decoder.handle = decoder.c.cw_wasm_decoder_new(0);
        decoder.packet = 0;
        decoder.packetBytes = 0;
        return decoder;
    }

    apply(packet) {
        if (packet.length > PACKET_BYTES_MAX)
            throw new Error(`a packet of ${packet.length} bytes`);
        if (packet.length > this.packetBytes) {
            if (this.packet)
                this.c.cw_wasm_free(this.packet);
            this.packetBytes = packet.length * 2;
            this.packet = this.c.cw_wasm_alloc(this.packetBytes) >>> 0;
        }
        new Uint8Array(this.c.memory.buffer, this.packet, packet.length).set(packet);
        const error = this.c.cw_wasm_apply(this.handle, this.packet, packet.length);
        if (error !== 0)
            throw new Error(`the decoder refused a packet: ${error}`);
    }

    get width() {
        return this.c.cw_wasm_width(this.handle) >>> 0;
    }

    get height() {
        return this.c.cw_wasm_height(this.handle) >>> 0;
    }

    get updateNumber() {
        return this.c.cw_wasm_update_number(this.handle) >>> 0;
    }

    /** What the last packet changed: [{ x, y, w, h }]. */
    damage() {
        const count = this.c.cw_wasm_damage_count(this.handle) >>> 0;
        const numbers = new Uint32Array(this.c.memory.buffer, this.c.cw_wasm_damage(this.handle) >>> 0, count * 4);
        return Array.from({ length: count }, (_, i) => ({ x: numbers[i * 4], y: numbers[i * 4 + 1], w: numbers[i * 4 + 2], h: numbers[i * 4 + 3] }));
    }

    /** The whole picture as R, G, B, 255. */
    picture() {
        const bytes = this.width * this.height * 4;
        const pointer = this.c.cw_wasm_alloc(bytes) >>> 0;
        const error = this.c.cw_wasm_copy_rgba(this.handle, 0, 0, this.width, this.height, pointer, bytes);
        if (error !== 0)
            throw new Error(`no picture: ${error}`);
        const picture = Buffer.from(new Uint8Array(this.c.memory.buffer, pointer, bytes));
        this.c.cw_wasm_free(pointer);
        return picture;
    }
}
