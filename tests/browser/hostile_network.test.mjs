// SPDX-License-Identifier: Apache-2.0
// Many at once, against the real processes: stalled handshakes, churn, floods of small records and KeyUpdates,
// readers that stop. A representative goes on working meanwhile, honest newcomers get in, nothing is left behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { after, afterEach, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { GoodSession } from './lib/good_session.mjs';
import { HELLO_KIND, HostileClient, NativeConnection, provenTicket, hello } from './lib/native.mjs';
import { CHANNEL, TYPE, encodeFrame } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const STALLED = 400;
const CHURN = 3000;
const SOURCES = 40; // loopback addresses that the attackers come from
const HANDSHAKE_S_MAX = 10; // CW_TIME_HANDSHAKE_S_MAX
const STALL_S_MAX = 15; // CW_TIME_STALL_S_MAX
const MEMORY_GROWTH_MAX = 64 * 1024 * 1024;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A TCP connection that hands over one byte at a time, each in a segment of its own. */
class OneByteSocket extends Duplex {
    constructor(options) {
        super();
        this.inner = net.connect({ ...options, noDelay: true });
        this.inner.on('data', (data) => this.push(data));
        this.inner.on('end', () => this.push(null));
        this.inner.on('error', (error) => this.destroy(error));
        this.inner.on('close', () => this.destroy());
    }

    _read() {}

    async _write(data, _encoding, done) {
        for (const byte of data) {
            this.inner.write(Buffer.from([byte]));
            await new Promise((resolve) => setImmediate(resolve));
        }
        done();
    }

    _destroy(error, done) {
        this.inner.destroy();
        done(error);
    }
}

describe('a hostile network', { concurrency: false, timeout: 240000 }, () => {
    let appliance;
    let good;
    let enginePid;
    let info;
    let device;
    let quiet;
    let lastSource = 0;

    /** Not of those that the honest use: budgets are per source. */
    const attacker = () => `127.0.2.${1 + lastSource++ % SOURCES}`;
    const tcp = (localAddress = attacker()) => {
        const socket = net.connect({ port: appliance.httpsPort, host: '127.0.0.1', localAddress });
        socket.on('error', () => {});
        return socket;
    };
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${enginePid}/status`, 'utf8'))[1]) * 1024;
    const descriptors = () => fs.readdirSync(`/proc/${enginePid}/fd`).length;

    /** Connections of all workers together, by state. */
    async function connections() {
        const { workers } = await appliance.ctlJson('show', 'info');
        const sum = {};
        for (const { status } of workers)
            for (const [name, count] of Object.entries(status?.connections ?? {}))
                sum[name] = (sum[name] ?? 0) + count;
        return sum;
    }

    async function isQuiet() {
        const { open, ...others } = await connections();
        return open === quiet.open && Object.values(others).every((count) => count === 0);
    }

    /** An honest Jump Client comes in, is welcome, and leaves. */
    async function newcomerIsWelcome(connect) {
        const connection = await connect();
        const welcome = await connection.prove(HELLO_KIND.DEVICE, device.credential, device.privateKey);
        assert.ok(welcome, `welcome: ${JSON.stringify(connection.closed)}`);
        connection.close();
    }
    const honest = () => NativeConnection.open({ port: appliance.httpsPort, localAddress: '127.0.3.1', identity: info.identity });

    before(async () => {
        appliance = await Appliance.start();
        const api = new Api(appliance.url);
        const { admin_user: user, one_time_password: current } = appliance.ready;
        await api.post('/api/v1/sign-in', { user, password: current });
        assert.equal((await api.post('/api/v1/password', { current, new: PASSWORD })).status, 200);
        info = await appliance.ctlJson('show', 'info');
        const item = await until('the sample desktop is online', async () =>
            (await api.get('/api/v1/jump-items')).json.jump_items.find((i) => i.state === 'online'));
        good = await GoodSession.open({ appliance, api, item: item.id });
        [enginePid] = await appliance.pidsOf('causeway-engine');
        const { token } = await appliance.ctlJson('create', 'enrolment-token');
        device = await HostileClient.enrol({
            port: appliance.httpsPort, token, name: 'Newcomer', identity: info.identity, localAddress: '127.0.3.1',
        });
        quiet = await until('the appliance is quiet', async () => {
            const found = await connections();
            return found.open === 3 && Object.entries(found).every(([name, count]) => name === 'open' || count === 0)
                && { open: found.open, memory: memory(), descriptors: descriptors() };
        }, 20000, 250);
    });

    after(async () => {
        good?.close();
        await appliance?.stop();
    });

    afterEach(async () => {
        await good.type('x');
        assert.deepEqual(await appliance.pidsOf('causeway-engine'), [enginePid], 'the engine has not ended');
    });

    test('one byte a segment and one byte a record are only slow', async () => {
        const options = { port: appliance.httpsPort, host: '127.0.0.1', localAddress: '127.0.3.2' };
        const below = new OneByteSocket(options);
        const socket = tls.connect({ socket: below, rejectUnauthorized: false, ALPNProtocols: ['causeway/1'] });
        await new Promise((resolve, reject) => {
            socket.once('secureConnect', resolve);
            socket.once('error', reject);
        });
        const exporter = socket.exportKeyingMaterial(32, 'EXPORTER-causeway-possession', undefined);
        for (const byte of hello(HELLO_KIND.DEVICE, provenTicket(device.credential, exporter, device.privateKey)))
            socket.write(Buffer.from([byte]));
        const first = await new Promise((resolve, reject) => {
            socket.once('data', resolve);
            socket.once('close', () => reject(new Error('closed before WELCOME')));
        });
        assert.equal(first[1], TYPE.WELCOME);
        socket.destroy();
    });

    // Three attacks that each end by a time-out of the appliance, so they run at once.

    async function stallHandshakes() {
        const hello = await new Promise((resolve) => {
            const pipe = new Duplex({ read() {}, write(data, _encoding, done) { resolve(data); done(); } });
            tls.connect({ socket: pipe, rejectUnauthorized: false }).on('error', () => {});
        });
        const start = performance.now();
        const stalled = [];
        for (let i = 0; i < STALLED; i++) {
            const socket = tcp();
            if (i % 3 === 1)
                socket.write(hello.subarray(0, hello.length / 2));
            else if (i % 3 === 2)
                socket.write(hello); // it never answers the server's flight
            stalled.push(new Promise((resolve) => socket.once('close', resolve)));
            if (i % 50 === 0)
                await good.type('s');
        }
        return Promise.all(stalled).then(() => (performance.now() - start) / 1000);
    }

    /** openssl s_client says KeyUpdate (and asks for one) for each line; resolves with how many it sent. */
    async function floodKeyUpdates() {
        const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${appliance.httpsPort}`, '-alpn', 'causeway/1',
            '-bind', '127.0.2.77'], { stdio: ['pipe', 'ignore', 'pipe'] });
        let said = '';
        let isOver = false;
        client.stdin.on('error', () => {});
        client.stderr.on('data', (data) => { said += data; });
        client.once('exit', () => { isOver = true; });
        for (let i = 0; i < 4000 && !isOver; i++) {
            client.stdin.write('K\n');
            await sleep(1); // a command is what one read of it brings
        }
        // It never says HELLO: the latest end is the time for that.
        await until('the connection has ended', () => isOver, (HANDSHAKE_S_MAX + 8) * 1000, 50);
        return said.match(/KEYUPDATE/g)?.length ?? 0;
    }

    async function openPagesAndDoNotRead() {
        const pages = [];
        for (let i = 0; i < 40; i++) {
            const below = tcp();
            const socket = tls.connect({ socket: below, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
            socket.on('error', () => {});
            await new Promise((resolve) => socket.once('secureConnect', resolve));
            below.pause();
            socket.pause();
            // The same page again and again in one connection: far more than the kernel keeps for a reader.
            for (let n = 0; n < 400; n++)
                socket.write('GET /console HTTP/1.1\r\nHost: localhost\r\n\r\n');
            pages.push(socket);
        }
        return pages;
    }

    test('stalled handshakes, a flood of KeyUpdates and pages nobody reads keep nobody out, and end', async (t) => {
        const before = memory();
        const pages = await openPagesAndDoNotRead();
        const flood = floodKeyUpdates();
        const stalls = stallHandshakes();
        await newcomerIsWelcome(honest);
        const seconds = await stalls;
        t.diagnostic(`the last of ${STALLED} stalled handshakes ended after ${seconds.toFixed(1)} s`);
        assert.ok(seconds < HANDSHAKE_S_MAX + 8, `all ended after ${seconds} s`);
        const updates = await flood;
        t.diagnostic(`${updates} KeyUpdates were sent`);
        assert.ok(updates > 10, `it was a flood: ${updates}`);
        await until('no connection of these is open any more', isQuiet, (STALL_S_MAX + 15) * 1000, 500);
        for (const page of pages)
            page.destroy();
        assert.ok(memory() - before < MEMORY_GROWTH_MAX, `the engine grew by ${memory() - before}`);
    });

    test('thousands that come and go leave nothing', async () => {
        let open = 0;
        for (let i = 0; i < CHURN; i++) {
            const below = tcp();
            open++;
            below.once('close', () => { open--; });
            if (i % 4 === 0)
                tls.connect({ socket: below, rejectUnauthorized: false, ALPNProtocols: ['causeway/1'] })
                    .on('error', () => {}).once('secureConnect', () => below.resetAndDestroy());
            else
                below.once('connect', () => (i % 2 === 0 ? below.destroy() : below.resetAndDestroy()));
            if (i % 500 === 0)
                await good.type('c');
            while (open > 100)
                await sleep(2);
        }
        await newcomerIsWelcome(honest);
        await until('all of them are gone', isQuiet, 20000, 250);
    });

    test('a device that says everything byte by byte, thousands of records, is served', async () => {
        const connection = await honest();
        assert.ok(await connection.prove(HELLO_KIND.DEVICE, device.credential, device.privateKey));
        const ping = encodeFrame({ type: TYPE.PING, channel: CHANNEL.control, payload: Buffer.from('8 bytes!') });
        for (let i = 0; i < 100; i++) {
            for (const byte of ping)
                connection.write(Buffer.from([byte]));
            const pong = await connection.waitFor(TYPE.PONG);
            assert.deepEqual(pong?.payload, Buffer.from('8 bytes!'));
        }
        connection.close();
    });

    test('nothing is left of all that', async (t) => {
        await until('only the good session is connected', isQuiet, 20000, 250);
        t.diagnostic(`memory ${quiet.memory} -> ${memory()}, descriptors ${quiet.descriptors} -> ${descriptors()}`);
        assert.ok(descriptors() <= quiet.descriptors, `${descriptors()} descriptors, ${quiet.descriptors} before`);
        assert.ok(memory() - quiet.memory < MEMORY_GROWTH_MAX, `the engine grew by ${memory() - quiet.memory}`);
    });
});
