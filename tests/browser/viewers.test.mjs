// SPDX-License-Identifier: Apache-2.0
// One session on the sample desktop with four who watch it: one in control, one on a good line, one on a slow line,
// and one who takes nothing. The desktop is busy all the while. Whoever is slow must end up on the reduced picture,
// the right one, and nobody else may notice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, rootPixels, until } from './lib/appliance.mjs';
import { Decoder } from './lib/decoder.mjs';
import { GoodSession } from './lib/good_session.mjs';
import { CHANNEL, FLAG, TYPE, WireSocket, makeHolder } from './lib/wire.mjs';

const PASSWORD = 'a long enough pass phrase';
const SLOW_INTERVAL_MS = 250; // one read of at most 16 KB: 64 KB/s
const RENDITION_MASK = 0x30;

/** Somebody who watches. */
class Watcher {
    static async open(appliance, api, session) {
        const watcher = new Watcher();
        const holder = makeHolder();
        const { status, json } = await api.post(`/api/v1/sessions/${session}/watch`, { holder_key: holder.publicKey });
        assert.equal(status, 200, JSON.stringify(json));
        Object.assign(watcher, {
            session, decoders: [await Decoder.load(), await Decoder.load()], rendition: 0, parts: [], updates: 0,
            keyframes: 0, reductions: 0, isInSync: false, desktop: null,
        });
        watcher.wire = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        watcher.wire.onFrame = (frame) => watcher.#onFrame(frame);
        const welcome = await watcher.wire.hello(json.ticket, holder);
        assert.equal(welcome?.type, TYPE.WELCOME, JSON.stringify(welcome));
        assert.equal(welcome.payload.readBigUInt64LE(8), 5n, 'who watches sees and chats');
        return watcher;
    }

    #onFrame(frame) {
        this.wire.frames.length = 0;
        const rendition = (frame.flags & RENDITION_MASK) >> 4;
        if (frame.type === TYPE.SCREEN_RESET) {
            this.reductions += rendition > this.rendition ? 1 : 0;
            this.rendition = rendition;
            this.isInSync = false;
            this.size = [frame.payload.readUInt16LE(0), frame.payload.readUInt16LE(2)];
            this.desktop = [frame.payload.readUInt16LE(4), frame.payload.readUInt16LE(6)];
        }
        if (frame.type !== TYPE.SCREEN_UPDATE)
            return;
        assert.equal(rendition, this.rendition, 'only frames of its own rendition');
        if (frame.flags & FLAG.FIRST)
            this.parts = [];
        this.parts.push(frame.payload);
        if (!(frame.flags & FLAG.LAST))
            return;
        const isKeyframe = (frame.flags & FLAG.KEYFRAME) !== 0;
        assert.ok(isKeyframe || this.isInSync, 'an update only for who is in sync');
        this.isInSync = true;
        this.keyframes += isKeyframe ? 1 : 0;
        this.updates++;
        this.decoder.apply(Buffer.concat(this.parts));
        assert.deepEqual([this.decoder.width, this.decoder.height], this.size);
        const ack = Buffer.alloc(rendition === 0 ? 4 : 5);
        ack.writeUInt32LE(this.decoder.updateNumber);
        if (rendition !== 0)
            ack[4] = rendition;
        this.wire.send({ type: TYPE.SCREEN_ACK, channel: CHANNEL.control, payload: ack, session: this.session });
    }

    get decoder() {
        return this.decoders[this.rendition];
    }

    /** Reads one piece at a time, at intervals. */
    slowDown() {
        const { socket } = this.wire;
        const pause = () => socket.pause();
        socket.on('data', pause);
        socket.pause();
        const timer = setInterval(() => socket.resume(), SLOW_INTERVAL_MS);
        socket.on('close', () => clearInterval(timer));
        return () => {
            clearInterval(timer);
            socket.off('data', pause);
            socket.resume();
        };
    }

    /** Whether it shows these pixels, or their means two by two. */
    shows(screen) {
        const { width, height } = this.decoder;
        const picture = this.decoder.picture();
        const step = this.rendition + 1;
        for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
                for (let channel = 0; channel < 3; channel++) {
                    const at = (dx, dy) => screen.rgb[(Math.min(y * step + dy, screen.height - 1) * screen.width
                        + Math.min(x * step + dx, screen.width - 1)) * 3 + channel];
                    const wanted = step === 1 ? at(0, 0) : (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) >> 2;
                    if (picture[(y * width + x) * 4 + channel] !== wanted)
                        return false;
                }
            }
        }
        return true;
    }
}

describe('viewers of one session', { timeout: 240000 }, () => {
    let appliance;
    let api;
    let good;
    let busy;

    before(async () => {
        appliance = await Appliance.start();
        api = new Api(appliance.url);
        await signIn(api, appliance.ready.admin_user, appliance.ready.one_time_password);
        const item = await until('the sample desktop is online', async () =>
            (await api.get('/api/v1/jump-items')).json.jump_items.find((i) => i.state === 'online'));
        good = await GoodSession.open({ appliance, api, item: item.id });
    });

    after(async () => {
        busy?.kill();
        good?.close();
        await appliance.stop();
    });

    async function signIn(who, user, once) {
        assert.equal((await who.post('/api/v1/sign-in', { user, password: once })).status, 200);
        assert.equal((await who.post('/api/v1/password', { current: once, new: PASSWORD })).status, 200);
    }

    async function watch(user) {
        const made = await api.post('/api/v1/accounts', { user, display_name: user, is_admin: true });
        assert.equal(made.status, 200, made.text);
        const own = new Api(appliance.url);
        await signIn(own, user, made.json.one_time_password);
        const { json } = await own.get('/api/v1/sessions-to-watch');
        assert.deepEqual(json.sessions.map((s) => s.id), [good.id]);
        return Watcher.open(appliance, own, good.id);
    }

    /** A terminal that fills with other text all the time. */
    function keepBusy() {
        busy = spawn('xterm', ['-geometry', '100x30+300+60', '-e', 'sh', '-c',
            'while :; do head -c 3000 /dev/urandom | base64 -w 99; sleep 0.04; done'], { env: appliance.desktop, stdio: 'ignore' });
    }

    async function stopBusy() {
        busy.kill();
        busy = undefined;
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }

    test('the slow one gets the reduced picture, the others notice nothing', async (t) => {
        const eve = await watch('eve'); // a good line
        const sam = await watch('sam'); // a slow one
        const tom = await watch('tom'); // takes nothing
        for (const watcher of [eve, sam, tom])
            await until('everybody has the picture', () => watcher.isInSync);
        tom.wire.socket.pause();
        const quicken = sam.slowDown();
        keepBusy();
        // It is tried on the whole picture again after 10 s, which is too much for it, and then not for 20 s.
        await until('the slow viewer is given the reduced picture, twice',
            () => sam.reductions === 2 && sam.rendition === 1 && sam.isInSync, 120000);
        assert.deepEqual(sam.desktop, [good.decoder.width, good.decoder.height]);
        const before = { eve: eve.updates, sam: sam.updates, good: good.pictures };
        await new Promise((resolve) => setTimeout(resolve, 4000));
        t.diagnostic(`in 4 s: in control ${good.pictures - before.good} updates, good line ${eve.updates - before.eve}, `
            + `slow line ${sam.updates - before.sam} of the reduced picture; keyframes: good line ${eve.keyframes}, slow ${sam.keyframes}`);
        assert.equal(eve.keyframes, 1, 'who keeps up needs one keyframe');
        assert.equal(eve.rendition, 0);
        assert.ok(eve.updates - before.eve >= 20, 'the good line gets on');
        assert.ok(sam.updates - before.sam >= 2, 'so does the slow one');
        await good.type('b');

        await stopBusy();
        const screen = await until('the good viewer shows the desktop', async () => {
            const now = await rootPixels(appliance.desktop);
            return eve.shows(now) && now;
        }, 15000, 300);
        await until('the slow viewer shows the desktop at half its size', () => sam.rendition === 1 && sam.shows(screen), 20000, 300);
        quicken();
        await until('the slow viewer comes back to the whole picture', () => sam.rendition === 0 && sam.isInSync, 60000);
        await until('and shows the desktop', async () => sam.shows(await rootPixels(appliance.desktop)), 15000, 300);
        for (const watcher of [eve, sam])
            assert.equal(watcher.wire.closed, null);
        for (const watcher of [eve, sam, tom])
            watcher.wire.close();
    });
});
