// SPDX-License-Identifier: Apache-2.0
// A representative at work on the sample desktop, who must not notice what others do to the appliance:
// every keystroke has to change the terminal's picture.
import assert from 'node:assert/strict';

import { until } from './appliance.mjs';
import { Decoder } from './decoder.mjs';
import { CHANNEL, FLAG, TYPE, WireSocket, makeHolder } from './wire.mjs';

const SEEN_MS_MAX = 2000;

export class GoodSession {
    static async open({ appliance, api, item }) {
        const good = new GoodSession();
        good.decoder = await Decoder.load();
        good.parts = [];
        good.pictures = 0;
        const holder = makeHolder();
        const { status, json } = await api.post(`/api/v1/jump-items/${item}/jump`, { holder_key: holder.publicKey });
        assert.equal(status, 200);
        good.id = json.session;
        good.wire = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        good.wire.onFrame = (frame) => good.#onFrame(frame);
        const welcome = await good.wire.hello(json.ticket, holder);
        assert.equal(welcome?.type, TYPE.WELCOME, 'the good session is welcome');
        await until('the sample desktop is seen', () => good.decoder.width > 0);
        good.box = await appliance.windowBox(await appliance.terminal());
        good.#click(good.box.x + 60, good.box.y + 40);
        await good.type('a');
        return good;
    }

    #onFrame(frame) {
        if (frame.type !== TYPE.SCREEN_UPDATE)
            return;
        if (frame.flags & FLAG.FIRST)
            this.parts = [];
        this.parts.push(frame.payload);
        if (!(frame.flags & FLAG.LAST))
            return;
        this.decoder.apply(Buffer.concat(this.parts));
        this.pictures++;
        this.wire.frames.length = 0; // nobody waits for what was drawn
        const ack = Buffer.alloc(4);
        ack.writeUInt32LE(this.decoder.updateNumber);
        this.#send(TYPE.SCREEN_ACK, CHANNEL.control, ack);
    }

    #send(type, channel, payload) {
        this.wire.send({ type, channel, payload, session: this.id });
    }

    #click(x, y) {
        for (const buttons of [0, 1, 0]) {
            const payload = Buffer.alloc(12);
            [x, y, buttons].forEach((value, i) => payload.writeUInt16LE(value, i * 2));
            this.#send(TYPE.POINTER, CHANNEL.input, payload);
        }
    }

    #key(keysym) {
        for (const down of [1, 0]) {
            const payload = Buffer.alloc(8);
            payload.writeUInt32LE(keysym);
            payload.writeUInt8(down, 4);
            this.#send(TYPE.KEY, CHANNEL.input, payload);
        }
    }

    /** What the terminal's window shows. */
    #terminal() {
        const rows = [];
        const { x, y, width, height } = this.box;
        const picture = this.decoder.picture();
        for (let row = y; row < y + height; row++)
            rows.push(picture.subarray((row * this.decoder.width + x) * 4, (row * this.decoder.width + x + width) * 4));
        return Buffer.concat(rows);
    }

    /** Types one character, which must be seen within SEEN_MS_MAX; resolves with the milliseconds it took. */
    async type(character) {
        assert.equal(this.wire.closed, null, `the good session is open: ${JSON.stringify(this.wire.closed)}`);
        const before = this.#terminal();
        const seenPictures = { count: this.pictures };
        const start = performance.now();
        this.#key(character.codePointAt(0));
        await until('a keystroke of the good session is seen', () => {
            if (this.pictures === seenPictures.count)
                return false;
            seenPictures.count = this.pictures;
            return this.#terminal().compare(before) !== 0;
        }, SEEN_MS_MAX, 5);
        return performance.now() - start;
    }

    close() {
        this.wire.close();
    }
}
