// SPDX-License-Identifier: Apache-2.0
// Bad input against the real processes: whoever breaks the rules gets a defined close code or a sentence,
// the session of somebody else goes on, and nothing is left behind.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { after, afterEach, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { canvasPixels, openBrowser, openPage, sessionOpened, signIn } from './lib/console.mjs';
import { GoodSession } from './lib/good_session.mjs';
import { HELLO_KIND, HostileClient, NativeConnection, hello, provenTicket, screenReset, solidPacket } from './lib/native.mjs';
import { StateFolder, storeTroubles } from './lib/store.mjs';
import { CHANNEL, FLAG, TYPE, WireSocket, encodeFrame, makeHolder } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const CODE = {
    ENDED_BY_REPRESENTATIVE: 1, MALFORMED: 20, TOO_LARGE: 21, NOT_NOW: 22, NOT_PERMITTED: 23, VERSION: 24,
    TICKET_FORGED: 40, PROOF_WRONG: 44, TOO_SLOW: 60, TIMED_OUT: 61,
};
const WEBSOCKET_BASE = 4000;
const HANDSHAKE_S_MAX = 10; // CW_TIME_HANDSHAKE_S_MAX and CW_TIME_HELLO_S_MAX
const SILENCE_S_MAX = 60; // CW_TIME_SILENCE_S_MAX, looked at every 5 s
const VIEWER_QUEUE_BYTES_MAX = 32 * 1024 * 1024;
const SCREEN_MESSAGE_BYTES_MAX = 26 * 1024 * 1024;
const HELLO_BODY_BYTES_MAX = 1024;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = Buffer.alloc(0);

/** A frame that is right but for what `wrong` changes; `raw` patches bytes of the header. */
function frameOf(type, channel, payload = nothing, wrong = {}, raw = {}) {
    const frame = encodeFrame({ type, channel, payload, ...wrong });
    for (const [at, byte] of Object.entries(raw))
        frame[at] = byte;
    return frame;
}

const key = (session) => frameOf(TYPE.KEY, CHANNEL.input, Buffer.from([0x61, 0, 0, 0, 1, 0, 0, 0]), { session });

describe('bad input', { concurrency: false, timeout: 240000 }, () => {
    let folder;
    let appliance;
    let api;
    let info;
    let good;
    let hostile;
    let hostileItem;
    let source;
    let resumeTicket;
    let browser;
    let pids;
    let quiet;
    const background = {};
    let lastAddress = 10;
    let silent;

    /** A loopback address of its own for who fails on purpose: budgets are per source. */
    const newAddress = () => `127.0.1.${lastAddress++}`;
    const native = () => NativeConnection.open({ port: appliance.httpsPort, localAddress: newAddress() });
    const webSocket = () => new WireSocket({
        port: appliance.httpsPort, origin: appliance.url, localAddress: newAddress(),
    });

    // ---- what must stay as it is ------------------------------------------------------------------

    function memoryOf(pid) {
        return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
    }

    const descriptorsOf = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;

    async function processes() {
        const found = {};
        for (const program of ['causeway-supervisor', 'causeway-engine', 'causeway-control', 'causeway-client'])
            found[program] = (await appliance.pidsOf(program)).sort();
        return found;
    }

    /** Pools and connections of all workers together, as STATUS has them. */
    async function usage() {
        const { workers } = await appliance.ctlJson('show', 'info');
        const sum = { connections: {}, pools: {}, closed: {} };
        for (const { status } of workers) {
            if (!status)
                return undefined;
            for (const part of Object.keys(sum))
                for (const [name, count] of Object.entries(status[part]))
                    sum[part][name] = (sum[part][name] ?? 0) + (count[0] ?? count); // a pool: used, of so many
        }
        return sum;
    }

    /** What is held by processes and pools now. */
    async function holdings() {
        const found = await usage();
        if (!found)
            return undefined;
        // A session keeps its screen's size and its pointer's shape, which is a small frame or a large one.
        const { small_frames: small, medium_frames: medium, large_frames: large, ...pools } = found.pools;
        return {
            connections: found.connections, pools: { ...pools, frames: small + medium + large },
            engine: descriptorsOf(pids['causeway-engine'][0]), control: descriptorsOf(pids['causeway-control'][0]),
        };
    }

    before(async () => {
        folder = new StateFolder();
        appliance = await Appliance.start({ stateDir: folder.path });
        api = new Api(appliance.url);
        const user = appliance.ready.admin_user;
        await api.post('/api/v1/sign-in', { user, password: appliance.ready.one_time_password });
        const changed = await api.post('/api/v1/password', { current: appliance.ready.one_time_password, new: PASSWORD });
        assert.equal(changed.status, 200);
        info = await appliance.ctlJson('show', 'info');
        const item = await until('the sample desktop is online', async () =>
            (await api.get('/api/v1/jump-items')).json.jump_items.find((i) => i.state === 'online'));
        good = await GoodSession.open({ appliance, api, item: item.id });
        pids = await processes();
        for (const [program, found] of Object.entries(pids))
            assert.equal(found.length, 1, `${program} runs once`);
        https.globalAgent.destroy();
        quiet = await until('the appliance is quiet', async () => {
            const found = await holdings();
            const { connections } = found ?? {};
            // The good viewer, its source and the sample desktop's device.
            return connections?.open === 3 && connections.pipe + connections.closed + connections.drain === 0 && found;
        }, 15000, 250);
        const { token } = await appliance.ctlJson('create', 'enrolment-token');
        hostile = await HostileClient.enrol({
            port: appliance.httpsPort, token, name: 'Hostile computer', identity: info.identity, localAddress: newAddress(),
        });
        await hostile.stand();
        hostileItem = await until('the hostile computer is online', async () =>
            (await api.get('/api/v1/jump-items')).json.jump_items.find((i) => i.name === 'Hostile computer' && i.state === 'online')?.id);
        startHalfOpen();
        const { token: another } = await appliance.ctlJson('create', 'enrolment-token');
        silent = await HostileClient.enrol({
            port: appliance.httpsPort, token: another, name: 'Silent computer', identity: info.identity, localAddress: newAddress(),
        });
        await silent.stand();
        silent.device.answersPings = false;
        silent.heard = performance.now();
    });

    after(async () => {
        await browser?.close();
        good?.close();
        await appliance?.stop();
        folder?.remove();
    });

    afterEach(async () => {
        await good.type('x');
        assert.deepEqual(await processes(), pids, 'no process ended');
    });

    // ---- half-open --------------------------------------------------------------------------------

    /** Seconds until the appliance ends a connection on which `start` said what it says. */
    async function endsAfter(socket) {
        const start = performance.now();
        const parts = [];
        socket.on('data', (data) => parts.push(data));
        socket.on('error', () => {});
        await new Promise((resolve) => socket.on('close', resolve));
        return { seconds: (performance.now() - start) / 1000, data: Buffer.concat(parts) };
    }

    function startHalfOpen() {
        const port = appliance.httpsPort;
        const tcp = () => net.connect({ port, host: '127.0.0.1', localAddress: newAddress() });
        const secure = (...alpn) => tls.connect({ socket: tcp(), rejectUnauthorized: false, ALPNProtocols: alpn });
        background.tcp = endsAfter(tcp());
        const half = tcp();
        half.write(Buffer.from([0x16, 3, 1, 0x02, 0x00, 1]));
        background.hello = endsAfter(half);
        background.native = endsAfter(secure('causeway/1'));
        background.web = endsAfter(secure('http/1.1'));
        const head = secure('http/1.1');
        head.write('GET /console HTTP/1.1\r\nHost: loc');
        background.head = endsAfter(head);
        const socket = webSocket();
        const start = performance.now();
        background.webSocket = socket.waitForClose(20000).then((how) => ({ ...how, seconds: (performance.now() - start) / 1000 }));
    }

    test('half-open connections are closed after ten seconds', async () => {
        for (const name of ['tcp', 'hello', 'native', 'web', 'head', 'webSocket']) {
            const { seconds } = await background[name];
            assert.ok(seconds > HANDSHAKE_S_MAX - 0.5 && seconds < HANDSHAKE_S_MAX + 3, `${name} ended after ${seconds} s`);
        }
        const { data } = await background.native;
        assert.equal(data.readUInt8(1), TYPE.CLOSE);
        assert.equal(data.readUInt16LE(16), CODE.TIMED_OUT);
        assert.equal((await background.webSocket).code, WEBSOCKET_BASE + CODE.TIMED_OUT);
    });

    // ---- before anybody is known ------------------------------------------------------------------

    test('garbage instead of TLS, and inside it, ends the connection with an alert', async () => {
        const port = appliance.httpsPort;
        // What does not look like TLS at all gets no alert: nobody there would understand it.
        const noTls = [Buffer.alloc(100, 0xa5), Buffer.alloc(256 * 1024, 0xa5), Buffer.from('GET / HTTP/1.1\r\n\r\n')];
        const noHello = Buffer.concat([Buffer.from([0x16, 3, 1, 0, 64, 1, 0, 0, 60]), Buffer.alloc(60, 0xa5)]);
        for (const bytes of [...noTls, noHello]) {
            const raw = net.connect({ port, host: '127.0.0.1', localAddress: newAddress() });
            raw.write(bytes);
            const ended = await endsAfter(raw);
            assert.ok(ended.seconds < 5, `after ${ended.seconds} s`);
            if (bytes === noHello)
                assert.equal(ended.data[0], 0x15, `an alert: ${ended.data.toString('hex')}`);
        }
        for (const alpn of ['causeway/1', 'http/1.1']) {
            const below = net.connect({ port, host: '127.0.0.1', localAddress: newAddress() });
            const socket = tls.connect({ socket: below, rejectUnauthorized: false, ALPNProtocols: [alpn] });
            let error;
            socket.on('error', (e) => { error = e; });
            await new Promise((resolve) => socket.once('secureConnect', resolve));
            below.write(Buffer.concat([Buffer.from([0x17, 3, 3, 0, 64]), Buffer.alloc(64, 0xa5)]));
            await until('the connection is closed', () => socket.closed, 5000);
            assert.match(String(error?.code), /ALERT/, `${alpn}: ${error}`);
        }
    });

    /** Sends bytes as the first of a native connection and resolves with how it ended. */
    async function nativeAnswer(...parts) {
        const connection = await native();
        for (const part of parts)
            connection.write(part);
        return connection.waitForClose();
    }

    /** The same in a WebSocket, one message for each part. */
    async function webSocketAnswer(...parts) {
        const socket = webSocket();
        await socket.waitFor(TYPE.CHALLENGE);
        for (const part of parts)
            socket.sendRaw(2, part);
        return socket.waitForClose();
    }

    test('frames that break the format end the connection with the code of what is wrong', async () => {
        const ping = Buffer.alloc(8);
        const body = Buffer.from('{}');
        const cases = {
            'garbage': [CODE.VERSION, Buffer.alloc(300, 0xa5)],
            'frame version 2': [CODE.VERSION, frameOf(TYPE.PING, CHANNEL.control, ping, {}, { 0: 2 })],
            'a length over the limit': [CODE.TOO_LARGE, frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, ping, {}, { 14: 0xff, 15: 0xff })],
            'a length over the type\'s limit': [CODE.TOO_LARGE, frameOf(TYPE.PING, CHANNEL.control, Buffer.alloc(9))],
            'an unknown type': [CODE.MALFORMED, frameOf(0x7f, CHANNEL.control, ping)],
            'a wrong channel': [CODE.MALFORMED, frameOf(TYPE.PING, CHANNEL.input, ping)],
            'reserved flags': [CODE.MALFORMED, frameOf(TYPE.PING, CHANNEL.control, ping, { flags: 0x43 })],
            'a reserved field': [CODE.MALFORMED, frameOf(TYPE.PING, CHANNEL.control, ping, {}, { 6: 1 })],
            'LAST without FIRST': [CODE.MALFORMED, frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, ping, { flags: FLAG.LAST })],
            'FIRST without LAST where one frame is all': [CODE.MALFORMED, frameOf(TYPE.PING, CHANNEL.control, ping, { flags: FLAG.FIRST })],
            'a stream': [CODE.MALFORMED, frameOf(TYPE.PING, CHANNEL.control, ping, { stream: 1 })],
            'a session number': [CODE.MALFORMED, hello(HELLO_KIND.ENROLMENT, body, { frame: { session: 5 } })],
            'PING before HELLO': [CODE.NOT_NOW, frameOf(TYPE.PING, CHANNEL.control, ping)],
            'a key before HELLO': [CODE.NOT_NOW, key(0)],
            'a picture before HELLO': [CODE.NOT_NOW, frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, ping)],
            'what only the appliance says': [CODE.NOT_PERMITTED, frameOf(TYPE.LINK_STATE, CHANNEL.control, Buffer.from([1]))],
            'HELLO of another version': [CODE.VERSION, hello(HELLO_KIND.ENROLMENT, body, { version: 2 })],
            'HELLO of no kind': [CODE.MALFORMED, hello(9, body)],
            'HELLO shorter than it says': [CODE.MALFORMED, frameOf(TYPE.HELLO, CHANNEL.control, Buffer.from([1, 3, 99, 0, 1]))],
            'HELLO with too much': [CODE.TOO_LARGE, hello(HELLO_KIND.ENROLMENT, Buffer.alloc(HELLO_BODY_BYTES_MAX + 1, 0x20))],
            'HELLO with a ticket of the wrong size': [CODE.MALFORMED, hello(HELLO_KIND.TICKET, Buffer.alloc(10))],
            'HELLO with JSON that is none': [CODE.MALFORMED, hello(HELLO_KIND.SESSION_KEY, Buffer.from('{"key":'))],
        };
        for (const [name, [code, bytes]] of Object.entries(cases)) {
            const ended = await nativeAnswer(bytes);
            assert.equal(ended.code, code, `native, ${name}: ${JSON.stringify(ended)}`);
            assert.ok(ended.text.length > 10, `native, ${name}: a sentence`);
            const closed = await webSocketAnswer(bytes);
            assert.equal(closed.code, WEBSOCKET_BASE + code, `WebSocket, ${name}: ${JSON.stringify(closed)}`);
            assert.ok(closed.text.length > 10, `WebSocket, ${name}: a sentence`);
        }
    });

    test('a ticket works only for its role, with its key, and unchanged', async () => {
        const answer = async (kind, ticket, privateKey) => {
            const connection = await native();
            await connection.prove(kind, ticket, privateKey);
            return (await connection.waitForClose()).code;
        };
        assert.equal(await answer(HELLO_KIND.TICKET, hostile.credential, hostile.privateKey), CODE.MALFORMED);
        const other = makeHolder().privateKey;
        assert.equal(await answer(HELLO_KIND.DEVICE, hostile.credential, other), CODE.PROOF_WRONG);
        const asRepresentative = Buffer.from(hostile.credential);
        asRepresentative.writeUInt8(1, 1);
        asRepresentative.writeUInt8(1, 2);
        asRepresentative.writeUInt32LE(good.id, 4);
        assert.equal(await answer(HELLO_KIND.TICKET, asRepresentative, hostile.privateKey), CODE.TICKET_FORGED);
        const { json } = await api.post('/api/v1/events-ticket', { holder_key: makeHolder().publicKey });
        const consoleTicket = Buffer.from(json.ticket, 'base64url');
        assert.equal(await answer(HELLO_KIND.DEVICE, consoleTicket, other), CODE.MALFORMED);
    });

    test('a device may say only what devices say', async () => {
        const report = Buffer.from('{"hostname":"x"}');
        const proof = (connection) => hello(HELLO_KIND.DEVICE, provenTicket(hostile.credential, connection.exporter, hostile.privateKey));
        const cases = {
            'a second HELLO': [CODE.NOT_NOW, (c) => proof(c)],
            'a picture': [CODE.NOT_PERMITTED, () => frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, report)],
            'a key': [CODE.NOT_PERMITTED, () => key(0)],
            'the end of a session': [CODE.NOT_PERMITTED, () => frameOf(TYPE.SESSION_END, CHANNEL.control, Buffer.alloc(2))],
            'a report for a session': [CODE.MALFORMED, () => frameOf(TYPE.STATISTICS, CHANNEL.control, report, { session: good.id })],
            'a report that is too long': [CODE.TOO_LARGE, () => frameOf(TYPE.STATISTICS, CHANNEL.control, Buffer.alloc(4097, 0x20))],
        };
        for (const [name, [code, bytes]] of Object.entries(cases)) {
            const device = await hostile.stand();
            device.write(bytes(device));
            assert.equal((await device.waitForClose()).code, code, name);
        }
        await hostile.stand();
    });

    test('WebSocket frames that break RFC 6455 are answered with its codes', async () => {
        const mask = (bytes, head) => Buffer.concat([Buffer.from(head), Buffer.alloc(4), bytes]);
        const ping = frameOf(TYPE.PING, CHANNEL.control, Buffer.alloc(8));
        const cases = {
            'text': [1003, (s) => s.sendRaw(1, Buffer.from('hello'))],
            'not masked': [1002, (s) => s.sendRaw(2, ping, { masked: false })],
            'a reserved bit': [1002, (s) => s.socket.write(mask(ping, [0xc2, 0x80 | ping.length]))],
            'an unknown opcode': [1002, (s) => s.sendRaw(3, ping)],
            'a fragmented PING': [1002, (s) => s.socket.write(mask(nothing, [0x09, 0x80]))],
            'a PING of 126 bytes': [1002, (s) => s.sendRaw(9, Buffer.alloc(126))],
            'a continuation of nothing': [1002, (s) => s.sendRaw(0, ping)],
            'a message within a message': [1002, (s) => {
                s.socket.write(mask(ping, [0x02, 0x80 | ping.length]));
                s.sendRaw(2, ping);
            }],
            'a length not in its shortest form': [1002, (s) => s.socket.write(mask(ping, [0x82, 0xfe, 0, ping.length]))],
            'a wrong close code': [1002, (s) => s.sendRaw(8, Buffer.from([3, 237]))],
            'a message over 16 KB': [1009, (s) => s.socket.write(mask(nothing, [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]))],
            'fragments that are too long together': [1009, (s) => {
                s.socket.write(mask(frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, Buffer.alloc(16368)), [0x02, 0xfe, 0x40, 0]));
                s.socket.write(mask(ping, [0x80, 0x80 | ping.length]));
            }],
            'two frames in a message': [WEBSOCKET_BASE + CODE.MALFORMED, (s) => s.sendRaw(2, Buffer.concat([
                hello(HELLO_KIND.ENROLMENT, nothing), ping]))],
            'half a frame in a message': [WEBSOCKET_BASE + CODE.MALFORMED, (s) => s.sendRaw(2, ping.subarray(0, 20))],
        };
        for (const [name, [code, send]] of Object.entries(cases)) {
            const socket = webSocket();
            await socket.waitFor(TYPE.CHALLENGE);
            send(socket);
            const closed = await socket.waitForClose();
            assert.equal(closed.code, code, `${name}: ${JSON.stringify(closed)}`);
            assert.ok(closed.text.length > 10, `${name}: a sentence`);
        }
    });

    test('HTTP that could be understood in two ways is refused and the connection closed', async () => {
        const ask = async (request) => {
            const socket = tls.connect({
                host: '127.0.0.1', port: appliance.httpsPort, localAddress: newAddress(),
                rejectUnauthorized: false, ALPNProtocols: ['http/1.1'],
            });
            socket.write(request);
            const { seconds, data } = await endsAfter(socket);
            assert.ok(seconds < 4, `it is closed, after ${seconds} s: ${request.slice(0, 60)}`);
            const text = data.toString('latin1');
            assert.doesNotMatch(text, / 200 /, 'what was hidden behind it is not answered');
            return Number(text.split(' ')[1]);
        };
        const post = 'POST /api/v1/portal/session-key HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
            + `Origin: ${appliance.url}\r\n`;
        const hidden = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
        const cases = {
            'a head over 8 KB': [431, `GET /console HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(9000)}\r\n\r\n`],
            'a head of 8 KB that does not end': [431, `GET /console HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20000)}`],
            'length and chunks': [400, `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
            'chunks and length': [400, `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`],
            'two lengths': [400, `${post}Content-Length: 2\r\nContent-Length: 0\r\n\r\n{}${hidden}`],
            'a length with a sign': [400, `${post}Content-Length: +2\r\n\r\n{}${hidden}`],
            'two lengths in one line': [400, `${post}Content-Length: 2, 2\r\n\r\n{}${hidden}`],
            'an unknown transfer coding': [400, `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
            'two transfer codings': [400, `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`],
            'a space before the colon': [400, `${post}Content-Length : 2\r\n\r\n{}${hidden}`],
            'a folded line': [400, `${post}X: a\r\n Content-Length: 2\r\n\r\n{}${hidden}`],
            'a line that ends with LF': [400, `GET /console HTTP/1.1\nHost: localhost\r\n\r\n`],
            'two hosts': [400, `GET /console HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n`],
            'HTTP/1.0': [400, `GET /console HTTP/1.0\r\nHost: localhost\r\n\r\n`],
            'no HTTP': [400, `${'\x01\x02\x03'.repeat(20)}\r\n\r\n`],
            'a WebSocket of another version': [400, `GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
                + `Origin: ${appliance.url}\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`],
        };
        for (const [name, [status, request]] of Object.entries(cases))
            assert.equal(await ask(request), status, name);
    });

    // ---- inside a session -------------------------------------------------------------------------

    const holder = makeHolder();

    /** Ends the hostile computer's session, if there is one, and starts another; resolves with its ticket. */
    async function startHostileSession() {
        const { json: { sessions } } = await api.get('/api/v1/sessions');
        for (const old of sessions.filter((s) => s.jump_item === hostileItem))
            await api.post(`/api/v1/sessions/${old.id}/end`);
        source?.close();
        const { status, json } = await api.post(`/api/v1/jump-items/${hostileItem}/jump`, { holder_key: holder.publicKey });
        assert.equal(status, 200, JSON.stringify(json));
        source = await hostile.answerOffer();
        resumeTicket = (await source.waitFor(TYPE.RESUME_TICKET)).payload;
        return json;
    }

    /** The source's connection again, as after a loss. */
    async function sourceAgain() {
        source = await hostile.connect();
        const welcome = await source.prove(HELLO_KIND.TICKET, resumeTicket, hostile.privateKey);
        assert.equal(welcome?.type, TYPE.WELCOME, JSON.stringify(source.closed));
    }

    /** A viewer of the hostile session. */
    async function view(session, ticket) {
        ticket ??= (await api.post(`/api/v1/sessions/${session}/join`, { holder_key: holder.publicKey })).json.ticket;
        const viewer = webSocket();
        const welcome = await viewer.hello(ticket, holder);
        assert.equal(welcome?.type, TYPE.WELCOME, JSON.stringify(welcome));
        return viewer;
    }

    test('a representative who says what is not theirs to say is closed; the session stays', async () => {
        const { session, ticket } = await startHostileSession();
        const size = screenReset(1280, 800);
        const say = (text) => Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.from(text)]);
        const cases = {
            'a picture': [CODE.NOT_PERMITTED, frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, size, { session })],
            'a screen size': [CODE.NOT_PERMITTED, frameOf(TYPE.SCREEN_RESET, CHANNEL.screen, size, { session })],
            'a pointer shape': [CODE.NOT_PERMITTED, frameOf(TYPE.CURSOR_SHAPE, CHANNEL.cursor, Buffer.alloc(8), { session })],
            'consent': [CODE.NOT_PERMITTED, frameOf(TYPE.CONSENT, CHANNEL.control, Buffer.alloc(8), { session })],
            'a key for another session': [CODE.MALFORMED, key(good.id)],
            'a key for no session': [CODE.MALFORMED, key(0)],
            'an acknowledgement of no rendition': [CODE.MALFORMED, frameOf(TYPE.SCREEN_ACK, CHANNEL.control, Buffer.from([1, 0, 0, 0, 2]), { session })],
            'what only a source says': [CODE.NOT_PERMITTED, frameOf(TYPE.RENDITION, CHANNEL.control, Buffer.from([1, 0, 0, 0]), { session })],
            'a short key': [CODE.MALFORMED, frameOf(TYPE.KEY, CHANNEL.input, Buffer.alloc(7), { session })],
            'a key with bits that must be zero': [CODE.MALFORMED, frameOf(TYPE.KEY, CHANNEL.input, Buffer.from([97, 0, 0, 0, 7, 9, 9, 9]), { session })],
            'a pointer with bits that must be zero': [CODE.MALFORMED, frameOf(TYPE.POINTER, CHANNEL.input, Buffer.alloc(12, 0xff), { session })],
            'chat with control characters': [CODE.MALFORMED, frameOf(TYPE.CHAT_SAY, CHANNEL.chat, say('a\x1b[2Jb\0'), { session })],
            'chat that is not UTF-8': [CODE.MALFORMED, frameOf(TYPE.CHAT_SAY, CHANNEL.chat, say(Buffer.from([0xff, 0xc0])), { session })],
            'chat over its limit': [CODE.TOO_LARGE, frameOf(TYPE.CHAT_SAY, CHANNEL.chat, Buffer.alloc(12005, 0x61), { session })],
            'a second HELLO': [CODE.NOT_NOW, hello(HELLO_KIND.ENROLMENT, Buffer.from('{}'))],
            'an end that is none': [CODE.MALFORMED, frameOf(TYPE.SESSION_END, CHANNEL.control, Buffer.from([0, 0, 0xff]), { session })],
        };
        let first = ticket;
        for (const [name, [code, bytes]] of Object.entries(cases)) {
            const viewer = await view(session, first);
            first = undefined;
            viewer.sendRaw(2, bytes);
            const closed = await viewer.waitForClose();
            assert.equal(closed.code, WEBSOCKET_BASE + code, `${name}: ${JSON.stringify(closed)}`);
            assert.equal(source.closed, null, `the source stays: ${name}`);
        }
        await appliance.auditRow('what was refused', (row) => row.result === 'NOT_PERMITTED' && /SCREEN_UPDATE/.test(row.detail));
    });

    test('a source that breaks the rules is closed with a code; the session stays', async () => {
        const { session } = await startHostileSession();
        const viewer = await view(session);
        const size = screenReset(640, 480);
        const part = Buffer.alloc(16368, 1);
        const screen = (flags, payload = part) => frameOf(TYPE.SCREEN_UPDATE, CHANNEL.screen, payload, { session, flags });
        const begun = frameOf(TYPE.SCREEN_RESET, CHANNEL.screen, size, { session });
        const reduced = (width, height, flags) => frameOf(TYPE.SCREEN_RESET, CHANNEL.screen,
            screenReset(width, height, { desktop: [640, 480] }), { session, flags: flags | FLAG.FIRST | FLAG.LAST });
        const large = Buffer.concat([Buffer.from([128, 0, 128, 0]), part.subarray(4)]);
        const shape = (flags) => frameOf(TYPE.CURSOR_SHAPE, CHANNEL.cursor, large, { session, flags });
        const cases = {
            'a key': [CODE.NOT_PERMITTED, key(session)],
            'a screen of 0 x 0': [CODE.MALFORMED, frameOf(TYPE.SCREEN_RESET, CHANNEL.screen, screenReset(0, 0), { session })],
            'a screen of 65535 x 65535': [CODE.MALFORMED, frameOf(TYPE.SCREEN_RESET, CHANNEL.screen, screenReset(65535, 65535), { session })],
            'a size for another session': [CODE.MALFORMED, frameOf(TYPE.SCREEN_RESET, CHANNEL.screen, size, { session: good.id })],
            'a picture before its size': [CODE.NOT_NOW, screen(FLAG.FIRST | FLAG.LAST | FLAG.KEYFRAME)],
            'a reduced picture before its size': [CODE.NOT_NOW, begun, screen(FLAG.FIRST | FLAG.LAST | 0x10)],
            'a rendition that does not exist': [CODE.MALFORMED, begun, screen(FLAG.FIRST | FLAG.LAST | 0x20)],
            'a size of a rendition that does not exist': [CODE.MALFORMED, reduced(320, 240, 0x30)],
            'a full picture that is reduced': [CODE.MALFORMED, reduced(320, 240, 0)],
            'a reduced picture that is larger': [CODE.MALFORMED, reduced(641, 480, 0x10)],
            'a pointer in a rendition': [CODE.MALFORMED, frameOf(TYPE.CURSOR_SHAPE, CHANNEL.cursor, Buffer.alloc(8),
                { session, flags: FLAG.FIRST | FLAG.LAST | 0x10 })],
            'a rendition without a number': [CODE.MALFORMED, frameOf(TYPE.RENDITION, CHANNEL.control, Buffer.from([0, 1, 0, 0]), { session })],
            'LAST without FIRST': [CODE.MALFORMED, screen(FLAG.LAST)],
            'the middle of nothing': [CODE.MALFORMED, screen(0)],
            'FIRST within a message': [CODE.MALFORMED, begun, screen(FLAG.FIRST), screen(FLAG.FIRST)],
            'another message within a message': [CODE.MALFORMED, begun, screen(FLAG.FIRST), begun],
            'a keyframe that stops being one': [CODE.MALFORMED, begun, screen(FLAG.FIRST | FLAG.KEYFRAME), screen(FLAG.LAST)],
            'a pointer with too few pixels': [CODE.MALFORMED, frameOf(TYPE.CURSOR_SHAPE, CHANNEL.cursor,
                Buffer.concat([Buffer.from([128, 0, 128, 0, 0, 0, 0, 0]), Buffer.alloc(100)]), { session })],
            'a pointer with too many pixels': [CODE.MALFORMED, frameOf(TYPE.CURSOR_SHAPE, CHANNEL.cursor,
                Buffer.concat([Buffer.from([1, 0, 1, 0, 0, 0, 0, 0]), Buffer.alloc(100)]), { session })],
            'a pointer of 129 pixels': [CODE.MALFORMED, frameOf(TYPE.CURSOR_SHAPE, CHANNEL.cursor,
                Buffer.concat([Buffer.from([129, 0, 1, 0, 0, 0, 0, 0]), Buffer.alloc(516)]), { session })],
            'an empty frame within a message': [CODE.MALFORMED, begun, screen(FLAG.FIRST), screen(0, nothing)],
            'a message over its total size': [CODE.TOO_LARGE, shape(FLAG.FIRST), shape(0), shape(0), shape(0), shape(FLAG.LAST)],
        };
        for (const [name, [code, ...frames]] of Object.entries(cases)) {
            for (const frame of frames)
                source.write(frame);
            const ended = await source.waitForClose();
            assert.equal(ended.code, code, `${name}: ${JSON.stringify(ended)}`);
            assert.equal(viewer.closed, null, `the viewer stays: ${name}`);
            await sourceAgain();
        }
        // It may go on when it follows the rules.
        await source.sendMessage(TYPE.SCREEN_RESET, CHANNEL.screen, size);
        await source.sendMessage(TYPE.SCREEN_UPDATE, CHANNEL.screen,
            solidPacket({ width: 640, height: 480, color: [1, 2, 3] }), FLAG.KEYFRAME);
        await viewer.waitFor(TYPE.SCREEN_UPDATE);
        viewer.close();
    });

    test('a viewer that never reads is dropped, and costs no more memory than a queue', async (t) => {
        const { session } = await startHostileSession();
        const viewer = await view(session);
        const [engine] = pids['causeway-engine'];
        const before = { memory: memoryOf(engine), closed: (await usage()).closed.TOO_SLOW ?? 0 };
        viewer.socket.pause();
        await source.sendMessage(TYPE.SCREEN_RESET, CHANNEL.screen, screenReset(640, 480));
        // 12 MB a message: a keyframe whenever one is asked for, updates otherwise.
        const message = Buffer.alloc(12 * 1024 * 1024, 0x5a);
        let sent = 0;
        let peak = 0;
        let isDropped = false;
        const start = performance.now();
        while (!isDropped && performance.now() - start < 30000) {
            if (sent < 40 * message.length) {
                const isAsked = source.frames.some((frame) => frame.type === TYPE.SYNC_REQUEST);
                source.frames.length = 0;
                await source.sendMessage(TYPE.SCREEN_UPDATE, CHANNEL.screen, message, sent === 0 || isAsked ? FLAG.KEYFRAME : 0);
                sent += message.length;
            } else {
                await sleep(250);
            }
            peak = Math.max(peak, memoryOf(engine));
            await good.type('n');
            isDropped = ((await usage())?.closed.TOO_SLOW ?? 0) > before.closed;
        }
        assert.ok(isDropped, 'it is closed with TOO_SLOW');
        t.diagnostic(`${sent} bytes were sent, the engine grew by ${peak - before.memory}`);
        assert.equal(source.closed, null, 'the source is not disturbed');
        assert.ok(sent > 2 * VIEWER_QUEUE_BYTES_MAX, `much was sent: ${sent}`);
        // A full queue, the end of the message that was under way when it became full, and 8 MB of small change.
        const bound = VIEWER_QUEUE_BYTES_MAX + SCREEN_MESSAGE_BYTES_MAX + 8 * 1024 * 1024;
        assert.ok(peak - before.memory < bound, `the engine grew by ${peak - before.memory} bytes, at most ${bound}`);
        viewer.close();
        const again = await view(session);
        await source.sendMessage(TYPE.SCREEN_UPDATE, CHANNEL.screen,
            solidPacket({ width: 640, height: 480, color: [1, 2, 3] }), FLAG.KEYFRAME);
        await again.waitFor(TYPE.SCREEN_UPDATE);
        again.close();
    });

    // ---- an agent that lies, seen by a person ------------------------------------------------------

    /** Says a screen size and a packet once, and again whenever somebody needs a keyframe. */
    async function show(width, height, ...packets) {
        const tell = async () => {
            for (const { flags = FLAG.KEYFRAME, packet } of packets)
                await source.sendMessage(TYPE.SCREEN_UPDATE, CHANNEL.screen, packet, flags);
        };
        source.onFrame = (frame) => {
            if (frame.type === TYPE.SYNC_REQUEST)
                void tell();
        };
        await source.sendMessage(TYPE.SCREEN_RESET, CHANNEL.screen, screenReset(width, height));
        await tell();
    }

    test('what a lying agent sends ends in a sentence, never in a frozen or broken page', async () => {
        await startHostileSession().then(({ session }) => api.post(`/api/v1/sessions/${session}/end`));
        browser = await openBrowser();
        const page = await openPage(browser.context, `${appliance.url}/console`);
        await signIn(page, appliance.ready.admin_user, PASSWORD);
        await page.getByTestId(`jump-${hostileItem}`).click();
        source = await hostile.answerOffer();
        const session = await sessionOpened(page);
        const tab = page.getByTestId(`session-${session}`);
        const blue = { width: 320, height: 200, color: [200, 10, 20] };
        const honest = { packet: solidPacket(blue) };

        /** The honest picture is on the canvas, and the page answers at once. */
        const isHealed = () => until('the page shows an honest picture', async () => {
            if (await tab.getAttribute('data-state') !== 'live')
                return false;
            const { width, height, rgb } = await canvasPixels(page, session);
            return width === 320 && height === 200 && rgb.readUIntBE(0, 3) === 0x140ac8 && rgb.readUIntBE(rgb.length - 3, 3) === 0x140ac8;
        }, 15000, 100);

        await show(320, 200, honest);
        await isHealed();
        const garbage = Buffer.alloc(5000, 0x5a);
        const whole = honest.packet;
        const lies = {
            'another size than announced': [7680, 4320, honest],
            'a picture of 8192 x 8192': [7680, 4320, { packet: solidPacket({ width: 8192, height: 8192, color: [1, 2, 3] }) }],
            'a picture of 0 x 0': [320, 200, { packet: solidPacket({ width: 0, height: 0, color: [1, 2, 3] }) }],
            'a rectangle outside of the picture': [320, 200, { packet: solidPacket({ ...blue, x: 300, w: 100, h: 10 }) }],
            'a packet that is cut off': [320, 200, { packet: whole.subarray(0, whole.length - 4) }],
            'garbage': [320, 200, { packet: garbage }],
            'garbage behind a good header': [320, 200, { packet: Buffer.concat([whole.subarray(0, 18), garbage]) }],
            'an update that is called a keyframe': [320, 200, { packet: solidPacket({ ...blue, keyframe: false, number: 50 }) }],
            'an update that does not follow': [320, 200, honest, { flags: 0, packet: solidPacket({ ...blue, keyframe: false, number: 77 }) }],
        };
        for (const [name, lie] of Object.entries(lies)) {
            // A page that was just loaded comes back quickly when its picture breaks; its session comes back by itself.
            await page.reload();
            assert.equal(await sessionOpened(page), session);
            await show(...lie);
            await until(`the page says that the picture is broken: ${name}`, async () =>
                (await tab.innerText()).includes('The picture could not be decoded.'), 15000, 20);
            assert.equal(await page.evaluate(() => 6 * 7), 42, `the page answers: ${name}`);
            await show(320, 200, honest);
            await isHealed();
        }
        // Updates without a keyframe are for nobody; a picture as large as is allowed is shown.
        await source.sendMessage(TYPE.SCREEN_RESET, CHANNEL.screen, screenReset(320, 200));
        source.onFrame = () => {};
        for (let number = 1; number < 20; number++)
            await source.sendMessage(TYPE.SCREEN_UPDATE, CHANNEL.screen, solidPacket({ ...blue, keyframe: false, number }));
        await show(7680, 4320, { packet: solidPacket({ width: 7680, height: 4320, color: [9, 9, 9] }) });
        await until('the largest screen is shown', () => page.getByTestId(`screen-${session}`).evaluate((canvas) =>
            canvas.width === 7680 && canvas.height === 4320), 10000, 100);
        await show(320, 200, honest);
        await isHealed();

        // What it says is text, wherever it is shown.
        const script = '<img src=x onerror="window.isOwned=1"><script>window.isOwned=1</scr' + 'ipt>';
        const said = Buffer.concat([Buffer.from([5, 0, 0, 0]), Buffer.from(`${script}\u202e\u2066end`)]);
        source.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, payload: said });
        await tab.getByText(script).first().waitFor();
        const report = (text) => hostile.device.send({
            type: TYPE.STATISTICS, channel: CHANNEL.control, payload: Buffer.from(text),
        });
        report('{"hostname": [[[[');
        report('{"hostname": "a\\u0000b", "user": "c\\u0000d"}');
        report(JSON.stringify({ hostname: script.slice(0, 60), user: 'a\x1b[2Jb', platform: 7, uptime_s: 'x', idle_s: -1 }));
        await page.getByTestId('home-tab').click();
        await page.getByTestId(`jump-item-${hostileItem}`).getByText(script.slice(0, 60)).waitFor();
        const { json } = await api.get('/api/v1/jump-items');
        const { user } = json.jump_items.find((i) => i.id === hostileItem);
        assert.doesNotMatch(user ?? '', /[\u0000-\u001f]/, 'control characters are not kept');
        assert.equal(await page.evaluate(() => window.isOwned), undefined, 'nothing it said was run');
        assert.equal(hostile.device.closed, null);

        // The session can be ended all the same, even while the picture is broken.
        await page.locator('[role=tab]', { hasText: 'Hostile computer' }).click();
        await show(320, 200, { packet: garbage });
        await tab.getByTestId('end-session').click();
        await page.getByTestId('end-session-confirm').filter({ visible: true }).click();
        await tab.getByTestId('session-ended').waitFor();
        assert.equal((await source.waitForClose()).code, CODE.ENDED_BY_REPRESENTATIVE);
        assert.deepEqual(page.problems, []);
        await browser.close();
        browser = undefined;
    });

    // ---- a store that cannot be written ------------------------------------------------------------

    for (const { name, reason, spoil } of storeTroubles)
        test(`a store that is ${name}: sentences, a live session, and back without a restart`, async (t) => {
            const user = appliance.ready.admin_user;
            const signInAgain = () => new Api(appliance.url).post('/api/v1/sign-in', { user, password: PASSWORD });
            const rename = () => api.post(`/api/v1/jump-items/${hostileItem}/rename`, { name: 'Hostile computer' });
            const undo = await spoil({ appliance, folder, control: pids['causeway-control'][0] }, t);
            try {
                // A journal that was begun anew is first written again within its old size.
                await until('a change is refused', async () => (await rename()).status === 503, 15000, 1);
                const refused = await signInAgain();
                assert.equal(refused.status, 503, refused.text);
                assert.equal(refused.json.error.code, 'READ_ONLY');
                assert.match(refused.json.error.message, reason);
                const ready = await api.get('/readyz');
                assert.equal(ready.status, 503);
                assert.match(ready.text, reason);
                const shown = await appliance.ctlJson('show', 'info');
                assert.equal(shown.ready, 'no');
                assert.equal(shown.store.writable, false);
                assert.match(shown.store.reason, reason);
                assert.equal((await api.get('/api/v1/jump-items')).status, 200, 'what is there can be read');
                const jump = await api.post(`/api/v1/jump-items/${hostileItem}/jump`, { holder_key: holder.publicKey });
                assert.equal(jump.status, 503, `no session starts that could not be written down: ${jump.text}`);
                assert.match(jump.json.error.message, reason);
                await good.type('s');
            } finally {
                await undo();
            }
            await until('the store is written again', async () => (await api.get('/readyz')).status === 200, 10000, 200);
            assert.equal((await signInAgain()).status, 200);
            const control = await appliance.pidsOf('causeway-control');
            if (name === 'read-only')
                pids['causeway-control'] = control; // it was started again on purpose, once
            assert.deepEqual(control, pids['causeway-control']);
        });

    test('a connection on which nothing is heard for a minute is closed', async () => {
        const ended = await silent.device.waitForClose(SILENCE_S_MAX * 1000 + 10000);
        assert.equal(ended.code, CODE.TIMED_OUT, JSON.stringify(ended));
        const seconds = (ended.at - silent.heard) / 1000;
        assert.ok(seconds > SILENCE_S_MAX - 1 && seconds < SILENCE_S_MAX + 7, `after ${seconds} s`);
    });

    // ---- and nothing leaks --------------------------------------------------------------------------

    test('nothing that was broken is left behind', async () => {
        const device = hostile.device;
        assert.equal(device.closed, null);
        source?.close();
        device.close();
        https.globalAgent.destroy();
        let found;
        await until('everything was given back', async () => {
            found = await holdings();
            return found && found.pools.frames <= quiet.pools.frames && found.pools.queue_entries === 0 && found.pools.chunks === 0
                && JSON.stringify(found.connections) === JSON.stringify(quiet.connections)
                /* SQLite keeps the descriptor of the store's second connection, which copies the log back, for the next one. */
                && found.engine <= quiet.engine && found.control <= quiet.control + 1;
        }, 20000, 250).catch((error) => {
            throw new Error(`${error.message}\nat first ${JSON.stringify(quiet)}\nnow ${JSON.stringify(found)}`);
        });
    });
});
