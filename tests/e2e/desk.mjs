// SPDX-License-Identifier: Apache-2.0
// The checks of tests/e2e/desk.sh: alice administers, bob and cleo are representatives of a team, cleo leads it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { Api } from '../browser/lib/api.mjs';
import { HELLO_KIND, NativeConnection, hello } from '../browser/lib/native.mjs';
import { CHANNEL, TYPE, makeHolder } from '../browser/lib/wire.mjs';

const { CAUSEWAY_BIN: bin, CAUSEWAY_DIR: dir } = process.env;
const port = Number(process.env.HTTPS_PORT);
const execute = promisify(execFile);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const CHAT = 4n;
const VIEW = 1n;
const END = 8n;
let passed = 0;
let failed = 0;

function check(name, isSo, detail = '') {
    if (isSo) {
        passed++;
        return;
    }
    failed++;
    console.log(`FAILED: ${name}\n    ${detail}`);
}

async function ctl(...words) {
    const { stdout } = await execute(`${bin}/causewayctl`, ['--socket', `${dir}/run/control.sock`, '--json', ...words]);
    return JSON.parse(stdout);
}

async function until(what, isSo) {
    const deadline = Date.now() + 10000;
    while (!await isSo()) {
        if (Date.now() > deadline) {
            check(`within 10 s: ${what}`, false);
            return;
        }
        await sleep(30);
    }
    check(what, true);
}

/** One connection with a ticket: what came over it. */
class Seat {
    constructor() {
        this.lines = [];
        this.side = [];
        this.events = [];
        this.permissions = undefined;
    }

    async take(ticket, holder) {
        this.connection = await NativeConnection.open({ host: '127.0.0.1', port });
        this.connection.onFrame = (frame) => this.#onFrame(frame);
        const welcome = await this.connection.prove(HELLO_KIND.TICKET, Buffer.from(ticket, 'base64url'), holder.privateKey);
        if (!welcome)
            throw new Error(`not let in: ${JSON.stringify(this.connection.closed)}`);
        this.participant = welcome.payload.readUInt32LE(4);
        this.permissions ??= welcome.payload.readBigUInt64LE(8);
        return this;
    }

    #onFrame({ type, payload: p }) {
        if (type === TYPE.CHAT_LINE)
            this.lines.push(p.subarray(26 + p.readUInt16LE(24)).toString());
        else if (type === TYPE.SIDE_LINE)
            this.side.push(p.subarray(26 + p.readUInt16LE(24)).toString());
        else if (type === TYPE.EVENT)
            this.events.push(JSON.parse(p.toString()));
        else if (type === TYPE.PERMISSIONS)
            this.permissions = p.readBigUInt64LE(0);
    }

    consent(participant, view, control) {
        const payload = Buffer.alloc(8);
        payload.writeUInt32LE(participant, 0);
        payload.writeUInt8(view, 4);
        payload.writeUInt8(control, 5);
        this.connection.send({ type: TYPE.CONSENT, channel: CHANNEL.control, payload });
    }

    say(type, id, text) {
        const payload = Buffer.concat([Buffer.alloc(4), Buffer.from(text)]);
        payload.writeUInt32LE(id, 0);
        this.connection.send({ type, channel: CHANNEL.chat, payload });
    }

    heard(text) {
        return this.lines.some((line) => line.includes(text));
    }

    saw(type, session) {
        return this.events.some((event) => event.type === type && (session === undefined || event.session === session));
    }

    leave() {
        this.connection.close();
    }
}

class Representative {
    constructor(user) {
        this.user = user;
        this.api = new Api(`https://localhost:${port}`);
    }

    async signIn(oneTime) {
        const password = 'correct horse battery staple';
        await this.api.post('/api/v1/sign-in', { user: this.user, password: oneTime });
        await this.api.post('/api/v1/password', { current: oneTime, new: password });
        const signed = await this.api.post('/api/v1/sign-in', { user: this.user, password });
        this.account = signed.json.account.id;
        return this;
    }

    async openConsole() {
        const holder = makeHolder();
        const ticket = (await this.api.post('/api/v1/events-ticket', { holder_key: holder.publicKey })).json.ticket;
        this.console = await new Seat().take(ticket, holder);
    }

    /** A ticket from an operation, and the seat it leads to. */
    async sit(path, body = {}) {
        const holder = makeHolder();
        const reply = await this.api.post(path, { ...body, holder_key: holder.publicKey });
        if (reply.status !== 200)
            throw new Error(`${path}: ${reply.text}`);
        this.session = reply.json.session;
        this.seat = await new Seat().take(reply.json.ticket, holder);
        return reply.json.session;
    }
}

async function customer(rep, team, name) {
    const key = (await rep.api.post('/api/v1/session-keys', { team })).json.key;
    const holder = makeHolder();
    const asking = await NativeConnection.open({ host: '127.0.0.1', port });
    asking.write(hello(HELLO_KIND.SESSION_KEY, Buffer.from(JSON.stringify({ key, holder: holder.publicKey, name, platform: 'test' }))));
    const reply = JSON.parse((await asking.waitFor(TYPE.HELLO_REPLY)).payload.subarray(4).toString());
    asking.close();
    const seat = await new Seat().take(reply.ticket, holder);
    seat.session = reply.session;
    return seat;
}

async function people() {
    const alice = await new Representative('alice').signIn((await ctl('create', 'admin', 'alice')).one_time_password);
    const all = [alice];
    for (const user of ['bob', 'cleo']) {
        const made = await alice.api.post('/api/v1/accounts', { user, display_name: user, is_admin: false });
        all.push(await new Representative(user).signIn(made.json.one_time_password));
    }
    return all;
}

async function audited(action, count) {
    const rows = (await ctl('show', 'audit')).rows.filter((row) => row.action === action && row.result === 'ok');
    check(`audit: ${count} of ${action}`, rows.length === count, JSON.stringify(rows));
}

async function queue(bob, cleo, alice, team) {
    await bob.openConsole();
    await cleo.openConsole();
    const first = await customer(bob, team, 'Carl');
    const second = await customer(bob, team, 'Dana');
    await until('the consoles hear of it', () => bob.console.saw('session_waiting', first.session) && cleo.console.saw('queue_changed'));
    await until('the customer is greeted', () => second.heard('You are number 2 in the queue'));
    await alice.api.post(`/api/v1/sessions/${second.session}/priority`, { priority: 'high' });
    const refused = await alice.api.post('/api/v1/queue/next', { holder_key: makeHolder().publicKey });
    check('nobody takes from a queue of others', refused.status === 404, refused.text);
    const rows = (await bob.api.get('/api/v1/queue?queue=all')).json.queue;
    const { links } = (await bob.api.get(`/api/v1/sessions/${first.session}`)).json;
    check('a custom link of the session', links[0].url === 'https://crm.example/?c=Carl&u=bob', JSON.stringify(links));
    check('both wait', rows.length === 2 && rows.every((row) => row.state === 'waiting' && row.total_s >= 0), JSON.stringify(rows));
    check('get next: the oldest', await bob.sit('/api/v1/queue/next') === first.session);
    second.leave();
    return first;
}

async function talk(bob, cleo, alice, team) {
    const said = await bob.api.post('/api/v1/team-chat', { team, text: 'who knows printers?' });
    check('written to the team', said.status === 200 && said.json.message === 1, said.text);
    await until('cleo reads it at once', () => cleo.console.events.some((event) => event.type === 'team_chat' && event.team === team && event.text === 'who knows printers?' && event.from === bob.account));
    check('alice is in no team', (await alice.api.post('/api/v1/team-chat', { team, text: 'me' })).status === 404);
    await cleo.api.post('/api/v1/team-chat', { account: bob.account, text: 'I do' });
    await until('bob reads the answer', () => bob.console.events.some((event) => event.type === 'team_chat' && event.account === cleo.account && event.text === 'I do'));
    const { rooms } = (await cleo.api.get('/api/v1/team-chat/rooms')).json;
    check('cleo has not read the team', rooms.some((room) => room.team === team && room.unread === 1), JSON.stringify(rooms));
    await cleo.api.post('/api/v1/team-chat/read', { team, message: 1 });
    check('now she has', (await cleo.api.get('/api/v1/team-chat/rooms')).json.rooms.every((room) => room.unread === 0));
    const { messages, more } = (await cleo.api.get(`/api/v1/team-chat?team=${team}&limit=5`)).json;
    check('the page of the team', messages.length === 1 && messages[0].name === 'bob' && !more, JSON.stringify(messages));
}

async function share(bob, cleo, seat) {
    const { session } = seat;
    seat.consent(bob.seat.participant, 1, 0);
    await until('bob may see', () => (bob.seat.permissions & VIEW) !== 0n);
    const asked = await bob.api.post(`/api/v1/sessions/${session}/invitations`, { account: cleo.account, message: 'look at this' });
    check('invited', asked.status === 200, asked.text);
    await until('cleo is asked', () => cleo.console.saw('invited', session));
    await cleo.sit(`/api/v1/invitations/${asked.json.invitation}/accept`);
    check('cleo may chat, and not see: the customer was asked about bob', cleo.seat.permissions === CHAT, String(cleo.seat.permissions));
    seat.consent(cleo.seat.participant, 1, 0);
    await until('now cleo may see, too', () => cleo.seat.permissions === (CHAT | VIEW));
    check('bob may end it, cleo may not', (bob.seat.permissions & END) !== 0n && (cleo.seat.permissions & END) === 0n);
    check('not over HTTPS either', (await cleo.api.post(`/api/v1/sessions/${session}/end`)).status === 403);
    bob.seat.say(TYPE.SIDE_SAY, 1, 'he may be lying');
    await until('both representatives read the side chat', () => cleo.seat.side.includes('he may be lying') && bob.seat.side.length === 1);
    bob.seat.say(TYPE.CHAT_SAY, 2, 'one moment please');
    await until('the customer reads what is for everybody', () => seat.heard('one moment please'));
    check('the side chat never came to the customer', seat.side.length === 0 && !seat.heard('lying'));
    await cleo.sit(`/api/v1/sessions/${session}/take-over`);
    await until('a new connection has the side chat again', () => cleo.seat.side.includes('he may be lying'));
    const said = (await cleo.api.get(`/api/v1/sessions/${session}/chat`)).json.lines.filter((line) => line.audience === 'representatives');
    check('the transcript marks it', said.length === 1 && said[0].text === 'he may be lying', JSON.stringify(said));
    await until('cleo has it', () => (cleo.seat.permissions & END) !== 0n && (bob.seat.permissions & END) === 0n);
    await until('everybody reads it', () => seat.heard('cleo took the session over from bob.'));
    check('bob does not take it back', (await bob.api.post(`/api/v1/sessions/${session}/take-over`, { holder_key: makeHolder().publicKey })).status === 403);
    await cleo.api.post(`/api/v1/sessions/${session}/notes`, { text: 'the cable is loose' });
}

async function transfer(bob, cleo, seat, team) {
    const { session } = seat;
    const moved = await cleo.api.post(`/api/v1/sessions/${session}/transfer`, { team, reason: 'shift ends' });
    check('transferred', moved.status === 200, moved.text);
    await until('all representatives are out', () => bob.seat.connection.closed && cleo.seat.connection.closed);
    await until('the customer reads it', () => seat.heard('waits in the queue of First Line now: shift ends'));
    check('the customer stays', !seat.connection.closed);
    await bob.sit(`/api/v1/sessions/${session}/accept`);
    const notes = (await bob.api.get(`/api/v1/sessions/${session}/notes`)).json.notes;
    check('the note is there', notes.length === 1 && notes[0].name === 'cleo', JSON.stringify(notes));
}

async function outside(bob, alice, seat) {
    const { session } = seat;
    const profile = (await alice.api.post('/api/v1/invite-profiles', { name: 'Vendor', permissions: 'chat view_screen' })).json.id;
    const path = `/api/v1/sessions/${session}/invitations/external`;
    check('without the right nobody from outside comes', (await bob.api.post(path, { profile })).status === 403);
    await alice.api.post(`/api/v1/accounts/${bob.account}`, { rights_allowed: ['invite_external'] });
    const asked = await bob.api.post(path, { profile });
    check('with it there is a key', asked.status === 200 && asked.json.url.includes(asked.json.key), asked.text);
    const holder = makeHolder();
    const guest = new Api(`https://localhost:${port}`);
    const body = { key: asked.json.key, name: 'Vera', holder_key: holder.publicKey };
    const joined = await guest.post('/api/v1/portal/invitation', body);
    check('it lets Vera in', joined.status === 200, joined.text);
    const vera = await new Seat().take(joined.json.ticket, holder);
    seat.consent(vera.participant, 1, 1);
    await until('Vera sees, and never controls', () => vera.permissions === (CHAT | VIEW));
    check('the key is used up', (await guest.post('/api/v1/portal/invitation', body)).status === 410);
    await bob.api.post(`/api/v1/sessions/${session}/participants/remove`, { participant: vera.participant });
    await until('Vera is sent out', () => vera.connection.closed);
}

async function survey(bob, alice, seat) {
    const { session } = seat;
    const question = (await alice.api.post('/api/v1/survey-questions',
        { for: 'representative', kind: 'choice', choices: 'yes\nno', text: 'Solved?', required: true })).json.id;
    const blocked = await bob.api.post(`/api/v1/sessions/${session}/end`);
    check('the survey comes first', blocked.status === 409 && blocked.text.includes('Solved?'), blocked.text);
    await bob.api.post(`/api/v1/sessions/${session}/survey`, { answers: { [question]: 'yes' } });
    check('then it ends', (await bob.api.post(`/api/v1/sessions/${session}/end`)).status === 200);
    await until('for the customer, too', () => seat.connection.closed);
}

try {
    const [alice, bob, cleo] = await people();
    const { team: { id: team } } = await ctl('create', 'team', 'First Line');
    await ctl('set', 'team', String(team), 'member', String(bob.account), 'member');
    await ctl('set', 'team', String(team), 'member', String(cleo.account), 'lead');
    check('rules of queues by causewayctl', (await ctl('show', 'queues')).queues[0].name === 'First Line');
    const skill = (await ctl('create', 'skill', 'Printers')).id;
    await ctl('set', 'account', String(bob.account), 'skills', `skills=${skill}`);
    await ctl('create', 'custom-link', 'Ticket', 'url=https://crm.example/?c=%CUSTOMER%&u=%USER%');
    check('skills by causewayctl', (await ctl('show', 'account', String(bob.account), 'skills')).skills[0] === skill);
    const seat = await queue(bob, cleo, alice, team);
    await talk(bob, cleo, alice, team);
    await share(bob, cleo, seat);
    await transfer(bob, cleo, seat, team);
    await outside(bob, alice, seat);
    await survey(bob, alice, seat);
    await audited('session.accept', 2);
    await audited('invitation.create', 2);
    await audited('invitation.accept', 2);
    await audited('session.take_over', 1);
    await audited('session.transfer', 1);
    await audited('session.remove_participant', 1);
    await audited('survey.answer', 1);
} catch (error) {
    check('the script comes to its end', false, error.stack);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
