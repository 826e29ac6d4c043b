// SPDX-License-Identifier: Apache-2.0
// A scene's packets through the WebAssembly decoder in Chromium: time to decode, time to show, frames a second.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { openBrowser } from '../../tests/browser/lib/console.mjs';
import { framesOf } from './frames.mjs';
import { median, root, spreadOf } from './machine.mjs';

const PACKET_ROOM = 26 * 1024 * 1024;
// Clocks in a page are exact to 5 microseconds only in isolation.
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Runs `input` (bytes, or a recording's path) into a program; resolves with its output. */
function through(program, args, input) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        const parts = [];
        child.stdout.on('data', (data) => parts.push(data));
        child.once('error', reject);
        child.once('close', (status) => (status === 0 ? resolve(Buffer.concat(parts)) : reject(new Error(`${program} ${args[0]}: exit ${status}`))));
        child.stdin.on('error', () => {});
        if (Buffer.isBuffer(input))
            child.stdin.end(input);
        else
            framesOf(input, reject).pipe(child.stdin);
    });
}

/** SHA-256 of a picture as a canvas has it, from B, G, R, X. */
function canvasHash(bgrx) {
    const rgba = Buffer.from(bgrx);
    for (let at = 0; at < rgba.length; at += 4) {
        [rgba[at], rgba[at + 2]] = [rgba[at + 2], rgba[at]];
        rgba[at + 3] = 255;
    }
    return createHash('sha256').update(rgba).digest('hex');
}

/** In the page: passes over all packets, then as many frames as the screen takes. */
async function inPage({ passes, showMs, packetRoom }) {
    const { instance } = await WebAssembly.instantiateStreaming(fetch('/codec.wasm'), {});
    const codec = instance.exports;
    const file = new Uint8Array(await (await fetch('/packets')).arrayBuffer());
    const view = new DataView(file.buffer);
    const packets = [];
    for (let at = 0; at < file.length; at += 4 + view.getUint32(at, true))
        packets.push(file.subarray(at + 4, at + 4 + view.getUint32(at, true)));
    const decoder = codec.cw_wasm_decoder_new(0);
    const room = codec.cw_wasm_alloc(packetRoom) >>> 0;
    const apply = (packet) => {
        new Uint8Array(codec.memory.buffer, room, packet.length).set(packet);
        if (codec.cw_wasm_apply(decoder, room, packet.length) !== 0)
            throw new Error('the decoder refused a packet');
    };
    apply(packets[0]);
    const width = codec.cw_wasm_width(decoder);
    const height = codec.cw_wasm_height(decoder);
    const pixelBytes = width * height * 4;
    const pixels = codec.cw_wasm_alloc(pixelBytes) >>> 0;
    document.body.innerHTML = `<canvas width="${width}" height="${height}"></canvas>`;
    const context = document.querySelector('canvas').getContext('2d', { alpha: false });
    const show = () => {
        const count = codec.cw_wasm_damage_count(decoder) >>> 0;
        const damage = new Uint32Array(codec.memory.buffer, codec.cw_wasm_damage(decoder) >>> 0, count * 4).slice();
        for (let i = 0; i < count; i++) {
            const [x, y, w, h] = damage.subarray(i * 4, i * 4 + 4);
            codec.cw_wasm_copy_rgba(decoder, x, y, w, h, pixels, pixelBytes);
            context.putImageData(new ImageData(new Uint8ClampedArray(codec.memory.buffer, pixels, w * h * 4), w, h), x, y);
        }
    };
    const decodeMs = [];
    const shownMs = [];
    for (let pass = 0; pass < passes; pass++) {
        let decode = 0;
        let shown = 0;
        apply(packets[0]);
        show();
        for (const packet of packets.slice(1)) {
            const begin = performance.now();
            apply(packet);
            const middle = performance.now();
            show();
            decode += middle - begin;
            shown += performance.now() - begin;
            await new Promise((resolve) => setTimeout(resolve));
        }
        decodeMs.push(decode / (packets.length - 1));
        shownMs.push(shown / (packets.length - 1));
    }
    codec.cw_wasm_copy_rgba(decoder, 0, 0, width, height, pixels, pixelBytes);
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(codec.memory.buffer, pixels, pixelBytes).slice());
    let frames = 0;
    let begin = 0;
    const framesPerS = await new Promise((resolve) => {
        const step = (now) => {
            begin = begin === 0 ? now : begin;
            if (now - begin >= showMs) {
                resolve(frames * 1000 / (now - begin));
                return;
            }
            apply(packets[frames % packets.length]);
            show();
            frames++;
            requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
    });
    return { decodeMs, shownMs, framesPerS, updates: packets.length - 1,
        hash: [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
}

function serve(files) {
    return new Promise((resolve) => {
        const server = http.createServer((request, response) => {
            const [type, body] = files[request.url] ?? ['text/plain', null];
            response.writeHead(body === null ? 404 : 200, { ...ISOLATED, 'Content-Type': type });
            response.end(body ?? '');
        });
        server.listen(0, '127.0.0.1', () => resolve(server));
    });
}

/** Rows of one scene; its `from` is the frames, or the path of their recording. */
export async function browserRows(codecProgram, scene, { passes, showMs }) {
    const packets = await through(codecProgram, ['encode', '--size', scene.size], scene.from);
    const [width, height] = scene.size.split('x').map(Number);
    const pictures = await through(codecProgram, ['decode'], packets);
    const server = await serve({
        '/': ['text/html', '<!doctype html><title>decode</title><body></body>'],
        '/packets': ['application/octet-stream', packets],
        '/codec.wasm': ['application/wasm', fs.readFileSync(path.join(root, 'build/wasm/codec.wasm'))],
    });
    const browser = await openBrowser();
    try {
        const page = await browser.context.newPage();
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        const seen = await page.evaluate(inPage, { passes, showMs, packetRoom: PACKET_ROOM });
        if (seen.updates === 0 || seen.hash !== canvasHash(pictures.subarray(pictures.length - width * height * 4)))
            throw new Error(`${scene.name}: the browser does not show the native decoder's picture`);
        const row = (measure, values, unit, better) => ({ by: 'causeway', measure, value: Number(median(values).toPrecision(4)), unit, better,
            lossy: false, runs: values.length, spread: spreadOf(values) });
        return [row('decode_ms', seen.decodeMs, 'ms', 'lower'), row('decode_and_show_ms', seen.shownMs, 'ms', 'lower'),
            row('frames_per_s', [seen.framesPerS], '/s', 'higher')];
    } finally {
        await browser.close();
        server.close();
    }
}
