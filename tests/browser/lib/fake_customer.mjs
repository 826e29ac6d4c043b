// SPDX-License-Identifier: Apache-2.0
// A customer on the wire who does what the test says: consents, shows a picture, writes, and keeps what is heard.
import assert from 'node:assert/strict';

import { until } from './appliance.mjs';
import { HELLO_KIND, NativeConnection, hello, screenReset, solidPacket } from './native.mjs';
import { CHANNEL, FLAG, TYPE, makeHolder } from './wire.mjs';

/** The customer's side of a session, as the client does it. */
export class FakeCustomer {
    static async enter(port, key, name) {
        const customer = new FakeCustomer();
        const holder = makeHolder();
        const asking = await NativeConnection.open({ port });
        asking.write(hello(HELLO_KIND.SESSION_KEY, Buffer.from(JSON.stringify({
            key, holder: holder.publicKey, name, platform: 'Debian',
        }))));
        const reply = JSON.parse((await asking.waitFor(TYPE.HELLO_REPLY)).payload.subarray(4).toString());
        asking.close();
        customer.session = reply.session;
        customer.wire = await NativeConnection.open({ port });
        customer.heard = [];
        customer.types = new Set();
        customer.wire.onFrame = (frame) => {
            customer.types.add(frame.type);
            if (frame.type === TYPE.CHAT_LINE || frame.type === TYPE.SIDE_LINE)
                customer.heard.push(frame.payload.toString());
            if (frame.type === TYPE.SYNC_REQUEST)
                void customer.show();
        };
        assert.ok(await customer.wire.prove(HELLO_KIND.TICKET, Buffer.from(reply.ticket, 'base64url'), holder.privateKey));
        return customer;
    }

    consent(view, control) {
        this.wire.send({ type: TYPE.CONSENT, channel: CHANNEL.control, payload: Buffer.from([0, 0, 0, 0, view, control, 0, 0]) });
    }

    async show() {
        await this.wire.sendMessage(TYPE.SCREEN_RESET, CHANNEL.screen, screenReset(640, 400));
        await this.wire.sendMessage(TYPE.SCREEN_UPDATE, CHANNEL.screen,
            solidPacket({ width: 640, height: 400, color: [120, 80, 30] }), FLAG.KEYFRAME);
    }

    say(number, text) {
        const payload = Buffer.concat([Buffer.alloc(4), Buffer.from(text)]);
        payload.writeUInt32LE(number);
        this.wire.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, payload });
    }

    hears(text) {
        return until(`the customer hears "${text}"`, () => this.heard.some((line) => line.includes(text)));
    }
}
