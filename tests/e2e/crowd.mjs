// SPDX-License-Identifier: Apache-2.0
// A crowd of sessions that chat: each has a customer and a representative, native connections both. An end keeps what it said
// until its line comes back, and says it again after a new connection, as engine/PROTOCOL.md asks.

import { HELLO_KIND, NativeConnection, hello } from '../browser/lib/native.mjs';
import { CHANNEL, TYPE, makeHolder } from '../browser/lib/wire.mjs';

export const RESTARTING = 8;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class End {
    constructor(crowd, ticket, holder) {
        Object.assign(this, { crowd, ticket, holder });
        this.resume = null;
        this.said = 0;
        this.pending = new Map(); // client message -> text
        this.lines = new Map(); // sequence -> { participant, message, text }
        this.closes = []; // codes
        this.gapsMs = [];
        this.isOver = false;
    }

    async connect() {
        const connection = await NativeConnection.open({ host: '127.0.0.1', port: this.crowd.port });
        connection.onFrame = (frame) => this.#onFrame(frame);
        /* 400 come at once, on a machine that may have others to serve: the engine gives up sooner than this. */
        const welcome = await connection.prove(HELLO_KIND.TICKET, this.resume ?? this.ticket, this.holder.privateKey, 15000);
        if (!welcome)
            throw new Error(`not let in: ${JSON.stringify(connection.closed)}`);
        this.session = welcome.payload.readUInt32LE(0);
        this.participant = welcome.payload.readUInt32LE(4);
        this.connection = connection;
        for (const [message, text] of this.pending)
            this.#send(message, text);
        connection.socket.once('close', () => this.#onClose(connection));
    }

    #onFrame(frame) {
        if (frame.type === TYPE.RESUME_TICKET)
            this.resume = Buffer.from(frame.payload);
        if (frame.type !== TYPE.CHAT_LINE)
            return;
        const p = frame.payload;
        const line = {
            participant: p.readUInt32LE(16), message: p.readUInt32LE(20),
            text: p.subarray(26 + p.readUInt16LE(24)).toString(),
        };
        const sequence = Number(p.readBigUInt64LE(0));
        const known = this.lines.get(sequence);
        if (known && JSON.stringify(known) !== JSON.stringify(line))
            this.crowd.faults.push(`session ${this.session}: two lines ${sequence}`);
        this.lines.set(sequence, line);
        if (line.participant === this.participant)
            this.pending.delete(line.message);
    }

    async #onClose(connection) {
        const code = connection.closed?.code ?? null;
        if (this.isOver || (code >= 1 && code <= 4)) // the session has ended
            return;
        const begun = connection.closed?.at ?? performance.now();
        this.closes.push(code);
        this.connection = null;
        for (let tries = 0; tries < 100; tries++) {
            await sleep(Math.random() * this.crowd.jitterMs);
            try {
                await this.connect();
                this.gapsMs.push(performance.now() - begun);
                return;
            } catch (error) {
                this.crowd.failures.push(String(error.code ?? error.message));
                await sleep(200);
            }
        }
        this.crowd.faults.push(`session ${this.session}: never back`);
    }

    #send(message, text) {
        const payload = Buffer.alloc(4 + Buffer.byteLength(text));
        payload.writeUInt32LE(message, 0);
        payload.write(text, 4);
        this.connection.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, payload });
    }

    say() {
        const text = `${this.participant} says ${++this.said}`;
        this.pending.set(this.said, text);
        if (this.connection)
            this.#send(this.said, text);
    }

    over() {
        this.isOver = true;
        this.connection?.close();
    }
}

export class Crowd {
    constructor(port, api) {
        Object.assign(this, { port, api });
        this.pairs = [];
        this.faults = [];
        this.failures = [];
        this.jitterMs = 100;
    }

    get ends() {
        return this.pairs.flat();
    }

    async #add() {
        const key = (await this.api.post('/api/v1/session-keys')).json.key;
        const customer = makeHolder();
        const asking = await NativeConnection.open({ host: '127.0.0.1', port: this.port });
        asking.write(hello(HELLO_KIND.SESSION_KEY, Buffer.from(JSON.stringify({
            key, holder: customer.publicKey, name: 'Customer', platform: 'test',
        }))));
        const reply = JSON.parse((await asking.waitFor(TYPE.HELLO_REPLY)).payload.subarray(4).toString());
        asking.close();
        const pair = [new End(this, Buffer.from(reply.ticket, 'base64url'), customer)];
        await pair[0].connect();
        const holder = makeHolder();
        const accepted = await this.api.post(`/api/v1/sessions/${reply.session}/accept`, { holder_key: holder.publicKey });
        if (accepted.status !== 200)
            throw new Error(`not accepted: ${accepted.text}`);
        pair.push(new End(this, Buffer.from(accepted.json.ticket, 'base64url'), holder));
        await pair[1].connect();
        this.pairs.push(pair);
    }

    async gather(count) {
        while (this.pairs.length < count) {
            const more = Math.min(8, count - this.pairs.length);
            await Promise.all(Array.from({ length: more }, () => this.#add()));
        }
    }

    /** Everybody talks now and then until stop is called. */
    talk(everyMs) {
        const timers = this.ends.map((end) => {
            let timer = setTimeout(function next() {
                end.say();
                timer = setTimeout(next, everyMs);
            }, Math.random() * everyMs);
            return () => clearTimeout(timer);
        });
        return () => timers.forEach((stop) => stop());
    }

    async until(what, isSo, timeoutMs = 20000) {
        const deadline = Date.now() + timeoutMs;
        while (!isSo()) {
            if (Date.now() > deadline) {
                this.faults.push(`not within ${timeoutMs} ms: ${what}`);
                return false;
            }
            await sleep(20);
        }
        return true;
    }

    isBack() {
        return this.ends.every((end) => end.connection);
    }

    /** What was said and came to both, each line once, without a hole. Gives what is wrong. */
    check() {
        for (const [customer, representative] of this.pairs) {
            const name = `session ${customer.session}`;
            const last = Math.max(...customer.lines.keys(), 0);
            for (const end of [customer, representative]) {
                if (end.lines.size !== last || ![...end.lines.keys()].every((n) => n >= 1 && n <= last))
                    this.faults.push(`${name}: ${end.lines.size} lines of ${last}`);
                const own = [...end.lines.values()].filter((line) => line.participant === end.participant);
                const once = new Set(own.map((line) => line.message));
                if (own.length !== end.said || once.size !== end.said)
                    this.faults.push(`${name}: ${end.said} said, ${own.length} lines, ${once.size} different ones`);
            }
        }
        return this.faults;
    }

    forgetCloses() {
        for (const end of this.ends) {
            end.closes = [];
            end.gapsMs = [];
        }
    }

    gap() {
        const all = this.ends.flatMap((end) => end.gapsMs).sort((a, b) => a - b);
        const at = (share) => Math.round(all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0);
        return { count: all.length, p50: at(0.5), p99: at(0.99), max: at(1) };
    }
}
