// SPDX-License-Identifier: Apache-2.0
// End-to-end rows of one session on loopback: the appliance as `make run` brings it up, a viewer that speaks
// the browser's wire (TLS, WebSocket, WASM decoder). Prints a table and writes build/bench/e2e.json.
//
//   node bench/e2e.mjs [--smoke]      --smoke: a few rounds only; the figures are not for comparison
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { Api } from '../tests/browser/lib/api.mjs';
import { Appliance, root, rootPixels, until } from '../tests/browser/lib/appliance.mjs';
import { Decoder } from '../tests/browser/lib/decoder.mjs';
import { CHANNEL, FLAG, TYPE, WireSocket, makeHolder } from '../tests/browser/lib/wire.mjs';
import { Quiet, percentile, pinCongestion, processorTicks, sleep, spreadOf, stealPercent, writeReport } from './lib/machine.mjs';

const smoke = process.argv.includes('--smoke');
const KEYSTROKES = smoke ? 20 : 400;
const STARTS = smoke ? 1 : 5;
const TYPING_S = smoke ? 2 : 30;
const TYPING_PER_S = 10;
const PINGS = smoke ? 20 : 300;
const PASSWORD = 'a bench of oak and iron';

const rows = [];

function row(name, value, unit, { runs = 1, spread = 0 } = {}) {
    if (!Number.isFinite(value) || value <= 0)
        throw new Error(`${name}: no work was measured (${value})`);
    rows.push({ name, value: Number(value.toPrecision(4)), unit, better: 'lower', peer: null, peer_value: null, ratio: null, runs, spread });
}

/** A representative's connection to a session: decodes, acknowledges, tells who waits. */
class Viewer {
    static async jump(api, appliance, item) {
        const viewer = new Viewer();
        const holder = makeHolder();
        const begin = performance.now();
        const { status, json } = await api.post(`/api/v1/jump-items/${item}/jump`, { holder_key: holder.publicKey });
        if (status !== 200)
            throw new Error(`Jump refused: ${json.error.message}`);
        viewer.session = json.session;
        viewer.decoder = await Decoder.load();
        viewer.onDamage = () => {};
        viewer.parts = [];
        viewer.decodeMs = [];
        const socket = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        viewer.socket = socket;
        const picture = new Promise((resolve) => { viewer.firstPicture = resolve; });
        socket.onFrame = (frame) => viewer.#frame(frame);
        const welcome = await socket.hello(json.ticket, holder);
        if (welcome?.type !== TYPE.WELCOME)
            throw new Error(`the engine refused the ticket: ${JSON.stringify(welcome)}`);
        await picture;
        viewer.startMs = performance.now() - begin;
        return viewer;
    }

    #frame(frame) {
        if (frame.type === TYPE.PONG)
            this.onPong?.(performance.now());
        if (frame.type !== TYPE.SCREEN_UPDATE)
            return;
        if (frame.flags & FLAG.FIRST)
            this.parts = [];
        this.parts.push(frame.payload);
        if (!(frame.flags & FLAG.LAST))
            return;
        const begin = performance.now();
        this.decoder.apply(this.parts.length === 1 ? this.parts[0] : Buffer.concat(this.parts));
        const now = performance.now();
        this.decodeMs.push(now - begin);
        const ack = Buffer.alloc(4);
        ack.writeUInt32LE(this.decoder.updateNumber);
        this.#send(TYPE.SCREEN_ACK, CHANNEL.control, ack);
        this.firstPicture();
        this.onDamage(this.decoder.damage(), now);
    }

    #send(type, channel, payload) {
        this.socket.send({ type, channel, session: this.session, payload });
    }

    key(keysym) {
        for (const down of [1, 0]) {
            const payload = Buffer.alloc(8);
            payload.writeUInt32LE(keysym, 0);
            payload.writeUInt8(down, 4);
            this.#send(TYPE.KEY, CHANNEL.input, payload);
        }
    }

    /** Round trip of a PING through the engine alone. */
    ping() {
        return new Promise((resolve) => {
            const begin = performance.now();
            this.onPong = (now) => resolve(now - begin);
            this.#send(TYPE.PING, CHANNEL.control, Buffer.alloc(8, 7));
        });
    }

    /** Presses a key; resolves with the ms until a pixel inside `box` has changed at the viewer. */
    keystroke(keysym, box) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error('a keystroke changed nothing within 2 s')), 2000);
            const begin = performance.now();
            this.onDamage = (rects, now) => {
                const hit = rects.some((r) => r.x < box.x + box.width && r.x + r.w > box.x && r.y < box.y + box.height && r.y + r.h > box.y);
                if (!hit)
                    return;
                this.onDamage = () => {};
                clearTimeout(timer);
                resolve(now - begin);
            };
            this.key(keysym);
        });
    }
}

async function signedIn(appliance) {
    const api = new Api(appliance.url);
    const user = appliance.ready.admin_user;
    await api.post('/api/v1/sign-in', { user, password: appliance.ready.one_time_password });
    await api.post('/api/v1/password', { current: appliance.ready.one_time_password, new: PASSWORD });
    const again = await api.post('/api/v1/sign-in', { user, password: PASSWORD });
    if (again.status !== 200)
        throw new Error(`sign-in failed: ${again.text}`);
    return api;
}

function onlineItem(api) {
    return until('the sample desktop is online', async () => {
        const { json } = await api.get('/api/v1/jump-items');
        return json.jump_items.find((item) => item.state === 'online')?.id;
    }, 20000);
}

async function terminalBox(appliance) {
    const terminal = await appliance.terminal();
    await appliance.x('xdotool', 'windowactivate', '--sync', terminal);
    return appliance.windowBox(terminal);
}

async function cpuMs(appliance) {
    const tick = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));
    const used = {};
    for (const program of ['causeway-engine', 'causeway-control', 'causeway-client']) {
        used[program] = 0;
        for (const pid of await appliance.pidsOf(program)) {
            const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
            used[program] += (Number(fields[11]) + Number(fields[12])) * tick;
        }
    }
    return used;
}

/** x sixty times, then sixty times backspace, and so on: every key changes a cell. */
const keyAt = (index) => Math.floor(index / 60) % 2 === 0 ? 'x'.charCodeAt(0) : 0xff08;

async function measureKeystrokes(viewer, box) {
    const times = [];
    for (let i = 0; i < KEYSTROKES; i++) {
        times.push(await viewer.keystroke(keyAt(i), box));
        await sleep(20 + (i * 7) % 13); // not in step with anything
    }
    row('e2e.keystroke.p50_ms', percentile(times, 0.5), 'ms', { runs: KEYSTROKES, spread: spreadOf(times) });
    row('e2e.keystroke.p99_ms', percentile(times, 0.99), 'ms', { runs: KEYSTROKES });
}

async function measureStages(appliance, viewer) {
    const pings = [];
    for (let i = 0; i < PINGS; i++) {
        pings.push(await viewer.ping());
        await sleep(5);
    }
    row('e2e.stage.engine_round_trip_p50_ms', percentile(pings, 0.5), 'ms', { runs: PINGS, spread: spreadOf(pings) });
    row('e2e.stage.decode_p50_ms', percentile(viewer.decodeMs.slice(1), 0.5), 'ms', { runs: viewer.decodeMs.length - 1 });
    const echo = JSON.parse(execFileSync(path.join(root, 'build/release/bench/x_echo'), [String(smoke ? 20 : 200)], { env: appliance.desktop }));
    row('e2e.stage.desktop_echo_p50_ms', echo.echo_ms_p50, 'ms', { runs: echo.keystrokes });
    row('e2e.stage.capture_whole_screen_p50_ms', echo.capture_ms_p50, 'ms', { runs: echo.keystrokes });
}

async function measureTyping(appliance, viewer, box) {
    const before = await cpuMs(appliance);
    const bytesBefore = viewer.socket.socket.bytesRead + viewer.socket.socket.bytesWritten;
    let seen = 0;
    viewer.onDamage = () => { seen++; };
    const begin = performance.now();
    for (let i = 0; i < TYPING_S * TYPING_PER_S; i++) {
        viewer.key(keyAt(i));
        await sleep(Math.max(0, begin + (i + 1) * 1000 / TYPING_PER_S - performance.now()));
    }
    if (seen < TYPING_S * TYPING_PER_S / 2)
        throw new Error(`only ${seen} updates came for ${TYPING_S * TYPING_PER_S} keys`);
    const after = await cpuMs(appliance);
    const bytes = viewer.socket.socket.bytesRead + viewer.socket.socket.bytesWritten - bytesBefore;
    row('e2e.typing30s.bytes', bytes, 'B');
    let total = 0;
    for (const program of Object.keys(after)) {
        const used = after[program] - before[program];
        total += used;
        if (used > 0)
            row(`e2e.typing30s.cpu_ms.${program}`, used, 'ms');
    }
    row('e2e.typing30s.cpu_ms', total, 'ms');
    await checkPicture(appliance, viewer, box);
}

/** The figures count only if what the viewer decoded is what the X server shows. */
async function checkPicture(appliance, viewer, box) {
    await until('the viewer\'s picture of the terminal equals the X server\'s', async () => {
        const screen = await rootPixels(appliance.desktop);
        const picture = viewer.decoder.picture();
        for (let y = box.y; y < box.y + box.height; y++) {
            for (let x = box.x; x < box.x + box.width; x++) {
                const at = y * screen.width + x;
                if (screen.rgb[at * 3] !== picture[at * 4] || screen.rgb[at * 3 + 1] !== picture[at * 4 + 1] || screen.rgb[at * 3 + 2] !== picture[at * 4 + 2])
                    return false;
            }
        }
        return true;
    });
}

const restore = pinCongestion(); // before the appliance has a socket
const quiet = new Quiet(smoke ? 0 : 60000);
const appliance = await Appliance.start();
try {
    const api = await signedIn(appliance);
    const starts = [];
    await quiet.wait();
    for (let i = 0; i < STARTS; i++) {
        const viewer = await Viewer.jump(api, appliance, await onlineItem(api));
        starts.push(viewer.startMs);
        await api.post(`/api/v1/sessions/${viewer.session}/end`);
        viewer.socket.close();
    }
    row('e2e.session_start_ms', percentile(starts, 0.5), 'ms', { runs: STARTS, spread: spreadOf(starts) });
    const viewer = await Viewer.jump(api, appliance, await onlineItem(api));
    const box = await terminalBox(appliance);
    await sleep(500);
    await quiet.wait();
    const before = processorTicks();
    await measureKeystrokes(viewer, box);
    const after = processorTicks();
    await measureStages(appliance, viewer);
    await quiet.wait();
    await measureTyping(appliance, viewer, box);
    viewer.socket.close();
    writeReport(smoke ? 'e2e-smoke' : 'e2e', smoke ? 'make bench-smoke' : 'make bench-e2e', {
        steal_percent_during_keystrokes: stealPercent(before, after), started_noisy: `${quiet.noisy} of ${quiet.asked}` }, rows);
} finally {
    restore();
    await appliance.stop();
}
