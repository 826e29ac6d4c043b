// SPDX-License-Identifier: Apache-2.0
// Customers who wait, on the wire: each takes a session key and holds its connection, as the full client does.
import { HELLO_KIND, NativeConnection, hello } from './native.mjs';
import { TYPE, makeHolder } from './wire.mjs';

export class Waiting {
    /** api: of a representative who makes the key; team: whose queue, none is the representative's own. */
    static async come({ appliance, api, team, name }) {
        const made = await api.post('/api/v1/session-keys', team ? { team } : {});
        if (made.status !== 200)
            throw new Error(`no session key: ${made.text}`);
        const holder = makeHolder();
        const asking = await NativeConnection.open({ host: '127.0.0.1', port: appliance.httpsPort });
        asking.write(hello(HELLO_KIND.SESSION_KEY, Buffer.from(JSON.stringify({
            key: made.json.key, holder: holder.publicKey, name, platform: 'test',
        }))));
        const reply = JSON.parse((await asking.waitFor(TYPE.HELLO_REPLY)).payload.subarray(4).toString());
        asking.close();
        const waiting = new Waiting();
        waiting.session = reply.session;
        waiting.connection = await NativeConnection.open({ host: '127.0.0.1', port: appliance.httpsPort });
        if (!await waiting.connection.prove(HELLO_KIND.TICKET, Buffer.from(reply.ticket, 'base64url'), holder.privateKey))
            throw new Error(`the customer was not let in: ${JSON.stringify(waiting.connection.closed)}`);
        return waiting;
    }

    leave() {
        this.connection.close();
    }
}
