// SPDX-License-Identifier: Apache-2.0
// The browser's side of engine/PROTOCOL.md for tests and benchmarks: a WebSocket over TLS written by
// hand, so that a test can also break every rule (wrong Origin, forged ticket, malformed frames).
import crypto from 'node:crypto';
import tls from 'node:tls';

export const CHANNEL = { control: 0, input: 1, cursor: 2, chat: 3, event: 8, screen: 9 };
export const TYPE = {
    HELLO: 0x01, HELLO_REPLY: 0x02, CHALLENGE: 0x03, PING: 0x04, PONG: 0x05, CLOSE: 0x06, WELCOME: 0x07,
    PERMISSIONS: 0x08, PARTICIPANT: 0x09, SESSION_OFFER: 0x0a, SESSION_END: 0x0b, SESSION_ENDED: 0x0c,
    SYNC_REQUEST: 0x0d, SCREEN_ACK: 0x0e, RESUME_TICKET: 0x0f, LINK_STATE: 0x10, CONSENT: 0x11, STATISTICS: 0x12,
    RENDITION: 0x17,
    KEY: 0x20, POINTER: 0x21, RELEASE_ALL: 0x22, CURSOR_SHAPE: 0x28, CURSOR_POSITION: 0x29,
    CHAT_SAY: 0x30, CHAT_LINE: 0x31, SIDE_SAY: 0x32, SIDE_LINE: 0x33, EVENT: 0x38, SCREEN_RESET: 0x40, SCREEN_UPDATE: 0x41,
};
export const FLAG = { FIRST: 1, LAST: 2, KEYFRAME: 4 };

const base64url = (buffer) => Buffer.from(buffer).toString('base64url');

/** An Ed25519 holder key as the console makes one. */
export function makeHolder() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    return { privateKey, publicKey: base64url(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)) };
}

export function encodeFrame({ type, channel, flags = FLAG.FIRST | FLAG.LAST, stream = 0, session = 0, payload }) {
    const frame = Buffer.alloc(16 + payload.length);
    frame.writeUInt8(1, 0);
    frame.writeUInt8(type, 1);
    frame.writeUInt8(channel, 2);
    frame.writeUInt8(flags, 3);
    frame.writeUInt16LE(stream, 4);
    frame.writeUInt32LE(session, 8);
    frame.writeUInt32LE(payload.length, 12);
    payload.copy(frame, 16);
    return frame;
}

export function decodeFrame(frame) {
    return {
        version: frame.readUInt8(0), type: frame.readUInt8(1), channel: frame.readUInt8(2), flags: frame.readUInt8(3),
        stream: frame.readUInt16LE(4), session: frame.readUInt32LE(8), payload: frame.subarray(16),
    };
}

/** HELLO of kind TICKET: the ticket and the holder's signature over the challenge. */
export function ticketHello(ticket, challenge, privateKey) {
    const signed = Buffer.concat([Buffer.from('causeway possession v1'), challenge, ticket.subarray(40, 56)]);
    const proof = crypto.sign(null, signed, privateKey);
    const head = Buffer.from([1, 1, 0, 0]);
    head.writeUInt16LE(ticket.length + proof.length, 2);
    return encodeFrame({ type: TYPE.HELLO, channel: CHANNEL.control, payload: Buffer.concat([head, ticket, proof]) });
}

/**
 * A WebSocket to the appliance. Events go to `onFrame(decoded)` and `onClose({ status, code, text })`.
 * `status` is the HTTP status when the upgrade was refused.
 */
export class WireSocket {
    constructor({ host = 'localhost', port, origin, path = '/ws', localAddress }) {
        this.onFrame = () => {};
        this.onClose = () => {};
        this.closed = null;
        this.input = Buffer.alloc(0);
        this.fragments = [];
        this.upgraded = false;
        this.waiters = [];
        this.frames = [];
        const key = crypto.randomBytes(16).toString('base64');
        this.socket = tls.connect({
            host: localAddress ? '127.0.0.1' : host, port, localAddress, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'],
        }, () => {
            this.socket.setNoDelay(true);
            this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
                + `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nOrigin: ${origin}\r\n\r\n`);
        });
        this.socket.on('data', (data) => this.#receive(data));
        this.socket.on('error', (error) => this.#finish({ error }));
        this.socket.on('close', () => this.#finish({}));
    }

    #finish(how) {
        if (this.closed)
            return;
        this.closed = how;
        this.onClose(how);
        for (const waiter of this.waiters)
            waiter.settle();
    }

    #receive(data) {
        this.input = Buffer.concat([this.input, data]);
        if (!this.upgraded) {
            const end = this.input.indexOf('\r\n\r\n');
            if (end < 0)
                return;
            const head = this.input.subarray(0, end).toString('latin1');
            const status = Number(head.split(' ')[1]);
            this.input = this.input.subarray(end + 4);
            if (status !== 101) {
                this.#finish({ status, text: this.input.toString() });
                this.socket.destroy();
                return;
            }
            this.upgraded = true;
        }
        while (this.#takeWebSocketFrame());
    }

    #takeWebSocketFrame() {
        if (this.input.length < 2)
            return false;
        let length = this.input[1] & 0x7f;
        let at = 2;
        if (length === 126) {
            if (this.input.length < 4)
                return false;
            length = this.input.readUInt16BE(2);
            at = 4;
        } else if (length === 127) {
            if (this.input.length < 10)
                return false;
            length = Number(this.input.readBigUInt64BE(2));
            at = 10;
        }
        if (this.input.length < at + length)
            return false;
        const opcode = this.input[0] & 0x0f;
        const payload = Buffer.from(this.input.subarray(at, at + length));
        this.input = this.input.subarray(at + length);
        if (opcode === 8) {
            const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
            this.#finish({ code, text: payload.subarray(2).toString() });
            this.socket.end();
        } else if (opcode === 9) {
            this.sendRaw(10, payload);
        } else if (opcode === 2 || opcode === 0) {
            this.#deliver(decodeFrame(payload));
        }
        return true;
    }

    #deliver(frame) {
        if (frame.type === TYPE.PING) {
            this.send({ type: TYPE.PONG, channel: CHANNEL.control, session: frame.session, payload: frame.payload });
            return;
        }
        this.onFrame(frame);
        const waiter = this.waiters.find((w) => w.matches(frame));
        if (waiter)
            waiter.settle(frame);
        else
            this.frames.push(frame);
    }

    /** The next (or an already queued) frame of a type; undefined when the connection ends first. */
    waitFor(type, timeoutMs = 5000) {
        const queued = this.frames.findIndex((f) => f.type === type);
        if (queued >= 0)
            return Promise.resolve(this.frames.splice(queued, 1)[0]);
        if (this.closed)
            return Promise.resolve(undefined);
        return new Promise((resolve, reject) => {
            const waiter = { matches: (frame) => frame.type === type };
            const timer = setTimeout(() => {
                this.waiters = this.waiters.filter((w) => w !== waiter);
                reject(new Error(`no frame of type 0x${type.toString(16)} within ${timeoutMs} ms`));
            }, timeoutMs);
            waiter.settle = (frame) => {
                clearTimeout(timer);
                this.waiters = this.waiters.filter((w) => w !== waiter);
                resolve(frame);
            };
            this.waiters.push(waiter);
        });
    }

    async waitForClose(timeoutMs = 5000) {
        const deadline = Date.now() + timeoutMs;
        while (!this.closed) {
            if (Date.now() > deadline)
                throw new Error(`the connection is still open after ${timeoutMs} ms`);
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return this.closed;
    }

    /** One masked WebSocket frame. */
    sendRaw(opcode, payload, { masked = true } = {}) {
        const mask = crypto.randomBytes(4);
        const long = payload.length > 125;
        const head = Buffer.alloc((long ? 4 : 2) + (masked ? 4 : 0));
        head[0] = 0x80 | opcode;
        head[1] = (masked ? 0x80 : 0) | (long ? 126 : payload.length);
        if (long)
            head.writeUInt16BE(payload.length, 2);
        const body = Buffer.from(payload);
        if (masked) {
            mask.copy(head, head.length - 4);
            for (let i = 0; i < body.length; i++)
                body[i] ^= mask[i & 3];
        }
        this.socket.write(Buffer.concat([head, body]));
    }

    send(frame) {
        this.sendRaw(2, encodeFrame(frame));
    }

    /** Answers the engine's challenge with a ticket; resolves with the WELCOME frame or the close. */
    async hello(ticketBase64, holder) {
        const challenge = await this.waitFor(TYPE.CHALLENGE);
        if (!challenge)
            return this.closed;
        this.sendRaw(2, ticketHello(Buffer.from(ticketBase64, 'base64url'), challenge.payload, holder.privateKey));
        const welcome = await this.waitFor(TYPE.WELCOME);
        return welcome ?? this.closed;
    }

    close() {
        this.socket.destroy();
    }
}
