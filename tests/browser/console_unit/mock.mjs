// SPDX-License-Identifier: Apache-2.0
// A mock appliance for the console's own tests: pages with the real CSP, the HTTP API with made-up
// data, and a WebSocket that speaks just enough of the protocol to look like an engine with a desktop behind it.
// The true end-to-end test is tests/browser/session.test.mjs.
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const M = {
    HELLO: 0x01, CHALLENGE: 0x03, PING: 0x04, PONG: 0x05, CLOSE: 0x06, WELCOME: 0x07, PERMISSIONS: 0x08,
    PARTICIPANT: 0x09, SESSION_END: 0x0b, SESSION_ENDED: 0x0c, SCREEN_ACK: 0x0e, RESUME_TICKET: 0x0f,
    LINK_STATE: 0x10, KEY: 0x20, POINTER: 0x21, RELEASE_ALL: 0x22, CURSOR_SHAPE: 0x28, CHAT_SAY: 0x30,
    CHAT_LINE: 0x31, EVENT: 0x38, SCREEN_RESET: 0x40, SCREEN_UPDATE: 0x41,
};
const CHANNEL = { 0x20: 1, 0x21: 1, 0x22: 1, 0x28: 2, 0x30: 3, 0x31: 3, 0x38: 8, 0x40: 9, 0x41: 9 };
const FRAME_MAX = 16368;
const KEYFRAME = 4;

export const CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; "
    + "img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    + "require-trusted-types-for 'script'; trusted-types causeway-worker";

/** One WebSocket, server side: enough of RFC 6455 for a well-behaved browser. */
class Socket {
    constructor(socket, onFrame, onClose) {
        this.socket = socket;
        let held = Buffer.alloc(0);
        socket.on('data', (data) => {
            held = Buffer.concat([held, data]);
            for (;;) {
                const used = this.#take(held, onFrame);
                if (used === 0)
                    return;
                held = held.subarray(used);
            }
        });
        socket.on('close', onClose);
        socket.on('error', () => socket.destroy());
    }

    #take(held, onFrame) {
        if (held.length < 6)
            return 0;
        let length = held[1] & 0x7f;
        let at = 2;
        if (length === 126) {
            length = held.readUInt16BE(2);
            at = 4;
        }
        if (held.length < at + 4 + length)
            return 0;
        const mask = held.subarray(at, at + 4);
        const body = Buffer.from(held.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ mask[i & 3]));
        const opcode = held[0] & 0xf;
        if (opcode === 2)
            onFrame(body);
        else if (opcode === 8)
            this.socket.end(Buffer.from([0x88, 0]));
        return at + 4 + length;
    }

    #raw(opcode, body) {
        const head = body.length < 126 ? Buffer.from([0x80 | opcode, body.length])
            : Buffer.from([0x80 | opcode, 126, body.length >> 8, body.length & 255]);
        if (!this.socket.destroyed)
            this.socket.write(Buffer.concat([head, body]));
    }

    /** A whole message, cut into frames as the relay does. */
    send(type, session, payload = Buffer.alloc(0), flags = 0) {
        let at = 0;
        do {
            const part = payload.subarray(at, at + FRAME_MAX);
            const head = Buffer.alloc(16);
            head.set([1, type, CHANNEL[type] ?? 0,
                flags | (at === 0 ? 1 : 0) | (at + part.length >= payload.length ? 2 : 0)]);
            head.writeUInt32LE(session, 8);
            head.writeUInt32LE(part.length, 12);
            this.#raw(2, Buffer.concat([head, part]));
            at += part.length;
        } while (at < payload.length);
    }

    close(code, text) {
        this.send(M.CLOSE, 0, Buffer.concat([u16(code), Buffer.from(text)]));
        this.#raw(8, Buffer.concat([Buffer.from([(4000 + code) >> 8, (4000 + code) & 255]), Buffer.from(text)]));
        this.socket.end();
    }
}

const u16 = (value) => Buffer.from([value & 255, value >> 8]);
const u32 = (value) => {
    const out = Buffer.alloc(4);
    out.writeUInt32LE(value >>> 0);
    return out;
};
const u64 = (value) => {
    const out = Buffer.alloc(8);
    out.writeBigUInt64LE(BigInt(value));
    return out;
};

export class MockAppliance {
    user = 'alice';
    password = 'one-time';
    mustChange = true;
    signedIn = false;
    permissions = 0x0f;
    role = 3;
    dropChat = false;        // say nothing back: the message must stay unsent
    refuseEvents = false;
    availability = { account: 1, status: 'available', status_code: null, console_connected: true, opted_out: false,
        screen_locked: false, can_be_assigned: true, sessions: 0, sessions_max: 1, idle_limit_s: 0 };
    settings = [
        { name: 'theme', value: 'system', rule: 'default', administrators: '', own: '',
            words: 'system|light|dark|high_contrast', meaning: 'colours of the console' },
        { name: 'language', value: 'browser', rule: 'default', administrators: '', own: '', words: 'browser|en|de',
            meaning: 'language of the console' },
        { name: 'sound_waiting', value: 'on', rule: 'forced', administrators: 'on', own: '', words: 'off|on',
            meaning: 'a sound when somebody waits in a queue' },
    ];
    jumpItems = [];
    otherSessions = [];
    queue = [];
    received = [];           // {type, payload, session} of all session connections
    chat = [];               // stored lines
    said = new Map();        // client message id -> line
    connections = new Set(); // live session connections
    helloKinds = [];         // ticket kinds as they arrived: join or resume
    #tickets = new Map();    // ticket id hex -> {session, holder, kind}

    constructor(consoleOut, packets, size) {
        this.out = consoleOut;
        this.packets = packets;
        this.size = size;
    }

    async start(port) {
        this.server = http.createServer((request, response) => this.#serve(request, response));
        this.server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
        await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
        this.url = `http://localhost:${this.server.address().port}`;
        return this;
    }

    async stop() {
        for (const connection of this.connections)
            connection.socket.destroy();
        this.events?.socket.destroy();
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    #serve(request, response) {
        let body = '';
        request.on('data', (data) => (body += data));
        request.on('end', () => {
            const { pathname } = new URL(request.url, this.url);
            if (pathname.startsWith('/api/v1/')) {
                const { status, reply } = this.#api(request.method, pathname.slice(8), body === '' ? {} : JSON.parse(body));
                response.writeHead(status, { 'Content-Type': 'application/json' });
                response.end(JSON.stringify(reply));
                return;
            }
            this.#page(pathname, response);
        });
    }

    #page(pathname, response) {
        const file = pathname === '/' ? 'portal.html' : pathname.startsWith('/console') ? 'console.html' : pathname.slice(1);
        const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml',
            wasm: 'application/wasm' };
        try {
            const content = readFileSync(path.join(this.out, path.normalize(file)));
            response.writeHead(200, { 'Content-Type': types[file.split('.').pop()], 'Content-Security-Policy': CSP });
            response.end(content);
        } catch {
            response.writeHead(404).end();
        }
    }

    #api(method, name, body) {
        const ok = (reply) => ({ status: 200, reply });
        const error = (status, code, message) => ({ status, reply: { error: { code, message } } });
        const account = { id: 1, user: this.user, display_name: 'Alice Berger', is_admin: true,
            must_change_password: this.mustChange };
        if (name === 'portal')
            return ok({ name: 'Example Help Desk', identity: 'AA', version: '1', download_available: true, portal: {
                code: 'default', title: '', text: '', accent: null, background: null, foreground: null, logo: null,
                show_keys: true, show_issues: false, show_representatives: false, is_open: true, opens_unix_ms: null,
                closed: '', closed_is_own: false, issues: [], representatives: [], notices: [], agreement: '',
                recording: '', recording_is_own: false,
            } });
        if (name === 'portal/session-key')
            return body.key === 'ABCD-EFGH-JK'
                ? ok({ valid: true, representative: 'Alice Berger', download: '/download/causeway-client',
                    command: './causeway-client --key ABCD-EFGH-JK --identity 9n2vJ8bq0hX7sGf3TzYcW1eRkLmUoPiA6dQxZtVbNsE help.example:8443' })
                : error(404, 'NOT_FOUND', 'This session key is not valid. Check it, or ask for a new one.');
        if (name === 'sign-in') {
            this.signedIn = body.user === this.user && body.password === this.password;
            return this.signedIn ? ok({ account, must_change_password: this.mustChange, next: this.mustChange ? 'password' : null })
                : error(401, 'DENIED', 'The user name or the password is wrong.');
        }
        if (!this.signedIn)
            return error(401, 'DENIED', 'Sign in first.');
        if (name === 'password') {
            if (body.current !== this.password)
                return error(403, 'DENIED', 'The present password is wrong.');
            this.password = body.new;
            this.mustChange = false;
            return ok({ next: null });
        }
        if (name === 'me')
            return ok({ account, appliance: { name: 'Example Help Desk', version: '1', identity: 'AA' },
                rights: ['jump', 'generate_session_key', 'refuse_assignment'],
                teams: [{ id: 1, name: 'Desk', role: 'member' }],
                next: this.mustChange ? 'password' : null });
        const action = /^(?:jump-items|sessions)\/(\d+)\/(jump|accept|join|watch)$/.exec(name);
        if (action && method === 'POST') {
            const session = action[2] === 'jump' ? 70 + Number(action[1]) : Number(action[1]);
            this.queue = this.queue.filter((entry) => entry.session !== session);
            return ok({ session, ticket: this.#ticket(session, body.holder_key, 1).toString('base64url') });
        }
        if (/^sessions\/\d+\/chat$/.test(name))
            return ok({ lines: this.chat });
        if (name === 'availability' && method === 'POST')
            Object.assign(this.availability, body);
        if (name === 'me/settings' && method === 'POST')
            this.settings.find((row) => row.name === body.name).value = body.value;
        switch (name) {
        case 'availability': return ok(this.availability);
        case 'availability/report': return ok(this.availability);
        case 'status-codes': return ok({ status_codes: [{ id: 1, name: 'Lunch', shown_as: 'away' }] });
        case 'me/settings': return ok({ settings: this.settings });
        case 'jump-items': return ok({ jump_items: this.jumpItems, count: this.jumpItems.length, next: null });
        case 'queue': return ok({ queue: this.queue });
        case 'sessions': return ok({ sessions: [] });
        case 'sessions-to-watch': return ok({ sessions: this.otherSessions });
        case 'session-keys':
            return ok({ key: 'ABCD-EFGH-JK', expires_unix_ms: Date.now() + 600_000, url: `${this.url}/?key=ABCD-EFGH-JK` });
        case 'enrolment-tokens':
            return ok({ token: 'T0KEN', expires_unix_ms: Date.now() + 86_400_000,
                command: 'causeway-client install --token T0KEN --identity 9n2vJ8bq0hX7sGf3TzYcW1eRkLmUoPiA6dQxZtVbNsE help.example:8443' });
        case 'events-ticket':
            return this.refuseEvents ? error(503, 'UNAVAILABLE', 'Not now.')
                : ok({ ticket: this.#ticket(0, body.holder_key, 4).toString('base64url') });
        case 'sign-out':
            this.signedIn = false;
            return ok({});
        default: return error(404, 'NOT_FOUND', 'There is no such thing.');
        }
    }

    #ticket(session, holder, kind) {
        const ticket = Buffer.concat([Buffer.from([1, kind, kind === 4 ? 5 : 1, 0]), u32(session), u32(2), u32(0),
            u64(this.permissions), u64(0), u64(2n ** 40n), randomBytes(16), Buffer.from(holder, 'base64url'), randomBytes(64)]);
        this.#tickets.set(ticket.subarray(40, 56).toString('hex'), { session, holder, kind });
        return ticket;
    }

    #upgrade(request, socket) {
        if (request.url !== '/ws' || request.headers.origin !== this.url) {
            socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
            return;
        }
        const accept = createHash('sha1')
            .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
            + `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
        const challenge = randomBytes(32);
        let known = null;
        const connection = new Socket(socket, (frame) => {
            const type = frame[1];
            const payload = frame.subarray(16);
            if (!known) {
                known = this.#hello(connection, type, payload, challenge);
                return;
            }
            this.#message(connection, known, type, payload);
        }, () => this.connections.delete(connection));
        connection.send(M.CHALLENGE, 0, challenge);
    }

    #hello(connection, type, payload, challenge) {
        const ticket = payload.subarray(4, 156);
        const known = this.#tickets.get(ticket.subarray(40, 56).toString('hex'));
        if (type !== M.HELLO || payload.length !== 220 || payload[1] !== 1 || !known) {
            connection.close(40, 'The ticket was not issued by this appliance.');
            return null;
        }
        const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: known.holder }, format: 'jwk' });
        const signed = Buffer.concat([Buffer.from('causeway possession v1'), challenge, ticket.subarray(40, 56)]);
        if (!verify(null, signed, key, payload.subarray(156))) {
            connection.close(44, '');
            return null;
        }
        const { session } = known;
        this.helloKinds.push(known.kind);
        const events = known.kind === 4;
        if (!events) // another channel may overtake the welcome
            connection.send(M.CURSOR_SHAPE, session, Buffer.alloc(8));
        connection.send(M.WELCOME, session, Buffer.concat([u32(session), u32(2), u64(events ? 64 : this.permissions),
            Buffer.from([events ? 5 : 1, 1, 0, 0]), u32(0)]));
        if (events) {
            this.events = connection;
            return known;
        }
        this.connections.add(connection);
        connection.session = session;
        connection.send(M.RESUME_TICKET, session, this.#ticket(session, known.holder, 2));
        connection.send(M.PARTICIPANT, session, this.#participant(2, 1, 'Alice Berger'));
        connection.send(M.PARTICIPANT, session, this.#participant(3, this.role, this.role === 2 ? 'Kim Novak' : 'pc-17'));
        if (this.permissions & 1)
            this.#picture(connection);
        return known;
    }

    #participant(id, role, name) {
        return Buffer.concat([u32(id), Buffer.from([role, 1]), u16(Buffer.byteLength(name)), Buffer.from(name)]);
    }

    #picture(connection) {
        connection.send(M.SCREEN_RESET, connection.session, Buffer.concat([u16(this.size.width), u16(this.size.height),
            u16(this.size.width), u16(this.size.height), u32(0)]));
        this.packets.forEach((packet, at) =>
            connection.send(M.SCREEN_UPDATE, connection.session, packet, at === 0 ? KEYFRAME : 0));
        const pixels = Buffer.alloc(12 * 12 * 4, 0);
        for (let y = 0; y < 12; y++)
            for (let x = 0; x <= y; x++)
                pixels.set([0, 0, 200, 255], (y * 12 + x) * 4);
        connection.send(M.CURSOR_SHAPE, connection.session, Buffer.concat([u16(12), u16(12), u16(1), u16(2), pixels]));
    }

    #message(connection, known, type, payload) {
        if (known.kind === 4)
            return;
        this.received.push({ type, payload, session: known.session });
        if (type === M.CHAT_SAY && !this.dropChat)
            this.say(2, 'Alice Berger', payload.subarray(4).toString(), payload.readUInt32LE(0));
        if (type === M.SESSION_END)
            this.end(1, 'The representative ended the session.');
    }

    /** A chat line, stored once for each client message id of participant 2. */
    say(participant, name, text, id = 0) {
        let line = participant === 2 ? this.said.get(id) : undefined;
        if (!line) {
            line = { sequence: this.chat.length + 1, time_unix_ms: Date.now(), participant, name, text,
                from: participant === 0 ? 'appliance' : participant === 2 ? 'representative' : 'customer', audience: 'everybody' };
            this.chat.push(line);
            if (participant === 2)
                this.said.set(id, line);
        }
        for (const connection of this.connections)
            connection.send(M.CHAT_LINE, connection.session, Buffer.concat([u64(line.sequence), u64(line.time_unix_ms),
                u32(participant), u32(id), u16(Buffer.byteLength(name)), Buffer.from(name), Buffer.from(line.text)]));
    }

    /** A keyframe of a rendition, whose picture has this size. */
    rendition(number, size, keyframe) {
        for (const connection of this.connections) {
            connection.send(M.SCREEN_RESET, connection.session, Buffer.concat([u16(size.width), u16(size.height),
                u16(this.size.width), u16(this.size.height), u32(0)]), number << 4);
            connection.send(M.SCREEN_UPDATE, connection.session, keyframe, KEYFRAME | number << 4);
        }
    }

    setPermissions(mask) {
        this.permissions = mask;
        for (const connection of this.connections) {
            connection.send(M.PERMISSIONS, connection.session, u64(mask));
            if (mask & 1)
                this.#picture(connection);
        }
    }

    linkState(up) {
        for (const connection of this.connections)
            connection.send(M.LINK_STATE, connection.session, Buffer.from([up ? 1 : 0]));
    }

    end(code, text) {
        for (const connection of this.connections) {
            connection.send(M.SESSION_ENDED, connection.session, Buffer.concat([u16(code), Buffer.from(text)]));
            connection.close(code, text);
        }
    }

    drop() {
        for (const connection of this.connections)
            connection.socket.destroy();
    }

    event(event) {
        this.events.send(M.EVENT, 0, Buffer.from(JSON.stringify(event)));
    }
}
