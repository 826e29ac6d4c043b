// SPDX-License-Identifier: Apache-2.0
// The native side of engine/PROTOCOL.md for tests: ALPN causeway/1 over TLS, a pinned identity key, frames back
// to back. A test can be a Jump Client or a session's source with it, an honest one or not.
import crypto from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';

import { CHANNEL, FLAG, TYPE, decodeFrame, encodeFrame } from './wire.mjs';

const HEADER_BYTES = 16;
const PAYLOAD_BYTES_MAX = 16368;
export const HELLO_KIND = { TICKET: 1, DEVICE: 2, ENROLMENT: 3, SESSION_KEY: 4 };

/** HELLO with any kind and body. */
export function hello(kind, body, { version = 1, frame = {} } = {}) {
    const head = Buffer.from([version, kind, 0, 0]);
    head.writeUInt16LE(body.length, 2);
    return encodeFrame({ type: TYPE.HELLO, channel: CHANNEL.control, payload: Buffer.concat([head, body]), ...frame });
}

/** The body of a TICKET or DEVICE hello: the ticket and the proof that its holder signs this connection. */
export function provenTicket(ticket, exporter, privateKey) {
    const signed = Buffer.concat([Buffer.from('causeway possession v1'), exporter, ticket.subarray(40, 56)]);
    return Buffer.concat([ticket, crypto.sign(null, signed, privateKey)]);
}

/** The Ed25519 key that signed the certificate a native client sees, as hexadecimal digits. */
function identityOf(socket) {
    const shown = socket.getPeerCertificate(true);
    const issuer = shown.issuerCertificate;
    if (!issuer || issuer === shown)
        throw new Error('the appliance showed no identity certificate');
    const authority = new crypto.X509Certificate(issuer.raw);
    const key = authority.publicKey;
    if (key.asymmetricKeyType !== 'ed25519' || !new crypto.X509Certificate(shown.raw).verify(key))
        throw new Error('the certificate is not signed by an identity key');
    return Buffer.from(key.export({ format: 'jwk' }).x, 'base64url').toString('hex');
}

/** One native connection. Frames go to `onFrame`; `closed` becomes { code, text, at } or {} without a word. */
export class NativeConnection {
    static async open({ host = 'localhost', port, identity, localAddress }) {
        const connection = new NativeConnection();
        connection.raw = net.connect({ host: localAddress ? '127.0.0.1' : host, port, localAddress });
        connection.socket = tls.connect({
            socket: connection.raw, rejectUnauthorized: false, ALPNProtocols: ['causeway/1'],
        });
        await new Promise((resolve, reject) => {
            connection.socket.once('secureConnect', resolve);
            connection.socket.once('error', reject);
        });
        connection.identity = identityOf(connection.socket);
        if (identity !== undefined && connection.identity !== identity)
            throw new Error(`the appliance has another identity: ${connection.identity}`);
        connection.exporter = connection.socket.exportKeyingMaterial(32, 'EXPORTER-causeway-possession', undefined);
        connection.socket.on('data', (data) => connection.#receive(data));
        connection.socket.on('error', (error) => { connection.error = error; });
        connection.socket.on('close', () => connection.#finish({}));
        return connection;
    }

    constructor() {
        this.onFrame = () => {};
        this.input = Buffer.alloc(0);
        this.frames = [];
        this.waiters = [];
        this.session = 0;
        this.closed = null;
        this.answersPings = true;
    }

    #finish(how) {
        this.closed ??= how;
        for (const waiter of this.waiters.splice(0))
            waiter.settle(undefined);
    }

    #receive(data) {
        this.input = Buffer.concat([this.input, data]);
        while (this.input.length >= HEADER_BYTES) {
            const size = HEADER_BYTES + this.input.readUInt32LE(12);
            if (this.input.length < size)
                return;
            const frame = decodeFrame(Buffer.from(this.input.subarray(0, size)));
            this.input = this.input.subarray(size);
            this.#deliver(frame);
        }
    }

    #deliver(frame) {
        if (frame.type === TYPE.PING && this.answersPings)
            this.send({ type: TYPE.PONG, channel: CHANNEL.control, payload: frame.payload });
        if (frame.type === TYPE.CLOSE)
            this.closed ??= {
                code: frame.payload.readUInt16LE(0), text: frame.payload.subarray(2).toString(), at: performance.now(),
            };
        this.onFrame(frame);
        const waiter = this.waiters.findIndex((w) => w.type === frame.type);
        if (waiter >= 0)
            this.waiters.splice(waiter, 1)[0].settle(frame);
        else if (frame.type !== TYPE.PING && frame.type !== TYPE.SCREEN_ACK)
            this.frames.push(frame);
    }

    /** The next (or an already queued) frame of a type; undefined when the connection ends first. */
    waitFor(type, timeoutMs = 5000) {
        const queued = this.frames.findIndex((frame) => frame.type === type);
        if (queued >= 0)
            return Promise.resolve(this.frames.splice(queued, 1)[0]);
        if (this.closed)
            return Promise.resolve(undefined);
        return new Promise((resolve, reject) => {
            const waiter = { type };
            const timer = setTimeout(() => {
                this.waiters = this.waiters.filter((w) => w !== waiter);
                reject(new Error(`no frame of type 0x${type.toString(16)} within ${timeoutMs} ms`));
            }, timeoutMs);
            waiter.settle = (frame) => {
                clearTimeout(timer);
                resolve(frame);
            };
            this.waiters.push(waiter);
        });
    }

    /** How the connection ended, once its socket is closed too. */
    async waitForClose(timeoutMs = 5000) {
        const deadline = Date.now() + timeoutMs;
        while (!this.socket.closed) {
            if (Date.now() > deadline)
                throw new Error(`the connection is still open after ${timeoutMs} ms`);
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return this.closed ?? {};
    }

    write(bytes) {
        return this.socket.write(bytes);
    }

    send(frame) {
        return this.write(encodeFrame({ session: this.session, ...frame }));
    }

    /** A message of any size, cut into frames; waits while the appliance does not take more. */
    async sendMessage(type, channel, payload, flags = 0) {
        for (let at = 0; at === 0 || at < payload.length; at += PAYLOAD_BYTES_MAX) {
            const part = payload.subarray(at, at + PAYLOAD_BYTES_MAX);
            const ends = (at === 0 ? FLAG.FIRST : 0) | (at + part.length === payload.length ? FLAG.LAST : 0);
            const isTaken = this.send({ type, channel, flags: flags | ends, payload: part });
            if (!isTaken && !this.closed && !this.socket.destroyed)
                await new Promise((resolve) => {
                    this.socket.once('drain', resolve);
                    this.socket.once('close', resolve);
                });
        }
    }

    /** Says who it is with a ticket; WELCOME, or undefined when it was refused (`closed` tells why). */
    async prove(kind, ticket, privateKey, timeoutMs) {
        this.write(hello(kind, provenTicket(ticket, this.exporter, privateKey)));
        const welcome = await this.waitFor(TYPE.WELCOME, timeoutMs);
        this.session = welcome ? welcome.payload.readUInt32LE(0) : 0;
        return welcome;
    }

    close() {
        this.socket.destroy();
    }
}

/** A Jump Client that does what the test says: enrolled, connected, and ready to be the source of sessions. */
export class HostileClient {
    static async enrol({ port, token, name, identity, localAddress }) {
        const client = new HostileClient();
        Object.assign(client, { port, identity, localAddress });
        const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
        client.privateKey = privateKey;
        const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url');
        const connection = await client.connect();
        connection.write(hello(HELLO_KIND.ENROLMENT, Buffer.from(JSON.stringify({
            token, key, name, hostname: 'hostile', platform: 'nothing',
        }))));
        const reply = await connection.waitFor(TYPE.HELLO_REPLY);
        const answer = JSON.parse(reply.payload.subarray(4).toString());
        if (reply.payload.readUInt16LE(0) !== 0)
            throw new Error(`not enrolled: ${answer.message}`);
        client.credential = Buffer.from(answer.credential, 'base64url');
        await connection.waitForClose();
        return client;
    }

    connect() {
        return NativeConnection.open(this);
    }

    /** The standing connection of the device. */
    async stand() {
        this.device = await this.connect();
        if (!await this.device.prove(HELLO_KIND.DEVICE, this.credential, this.privateKey))
            throw new Error(`the device was refused: ${JSON.stringify(this.device.closed)}`);
        return this.device;
    }

    /** Waits for a SESSION_OFFER and joins it as the source. */
    async answerOffer() {
        const offer = await this.device.waitFor(TYPE.SESSION_OFFER);
        const ticket = offer.payload.subarray(4, 156);
        const source = await this.connect();
        if (!await source.prove(HELLO_KIND.TICKET, ticket, this.privateKey))
            throw new Error(`the source was refused: ${JSON.stringify(source.closed)}`);
        return source;
    }
}

// ---- packets of codec/FORMAT.md, made by hand -------------------------------------------------------

/** One packet of one operation: a solid rectangle. Its zstd frame holds one stored block. */
export function solidPacket({ keyframe = true, number = 0, width, height, x = 0, y = 0, w = width, h = height, color }) {
    const body = Buffer.alloc(12);
    body.writeUInt8(1, 0);
    [x, y, w, h].forEach((value, i) => body.writeUInt16LE(value, 1 + i * 2));
    Buffer.from(color).copy(body, 9);
    const head = Buffer.alloc(keyframe ? 18 : 14);
    head.set([0xc5, 1, keyframe ? 1 : 2, 1]);
    head.writeUInt32LE(number, 4);
    head.writeUInt32LE(body.length, 8);
    head.writeUInt16LE(1, 12);
    if (keyframe) {
        head.writeUInt16LE(width, 14);
        head.writeUInt16LE(height, 16);
    }
    const block = Buffer.alloc(3);
    block.writeUIntLE(body.length << 3 | (keyframe ? 1 : 0), 0, 3);
    return Buffer.concat([head, Buffer.from('28b52ffd0038', 'hex'), block, body]);
}

/** SCREEN_RESET of a picture of this size whose keyframe shows update `number`. */
export function screenReset(width, height, { number = 0, desktop = [width, height] } = {}) {
    const payload = Buffer.alloc(12);
    payload.writeUInt16LE(width, 0);
    payload.writeUInt16LE(height, 2);
    payload.writeUInt16LE(desktop[0], 4);
    payload.writeUInt16LE(desktop[1], 6);
    payload.writeUInt32LE(number, 8);
    return payload;
}
