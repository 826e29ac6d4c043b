// SPDX-License-Identifier: Apache-2.0
// The checks of tests/e2e/passive.sh: the real client, installed passive, and what arrives at its port while it is away.
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { Api } from '../browser/lib/api.mjs';
import { HELLO_KIND, NativeConnection } from '../browser/lib/native.mjs';
import { TYPE, makeHolder } from '../browser/lib/wire.mjs';

const { CAUSEWAY_BIN: bin, CAUSEWAY_DIR: dir } = process.env;
const port = Number(process.env.HTTPS_PORT);
const wakePort = Number(process.env.WAKE_PORT);
const execute = promisify(execFile);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const api = new Api(`https://localhost:${port}`);
let passed = 0;
let failed = 0;
let client;

function check(name, isSo, detail = '') {
    if (isSo) {
        passed++;
        return;
    }
    failed++;
    console.log(`FAILED: ${name}\n    ${detail}`);
}

async function until(what, isSo, seconds = 20) {
    const deadline = Date.now() + seconds * 1000;
    while (!await isSo()) {
        if (Date.now() > deadline) {
            check(what, false, `not within ${seconds} s`);
            return;
        }
        await sleep(50);
    }
    check(what, true);
}

async function ctl(...words) {
    const { stdout } = await execute(`${bin}/causewayctl`, ['--socket', `${dir}/run/control.sock`, '--json', ...words]);
    return JSON.parse(stdout);
}

const log = () => (existsSync(`${dir}/client.log`) ? readFileSync(`${dir}/client.log`, 'utf8') : '');
const times = (text) => log().split(text).length - 1;

async function connections() {
    const { stdout } = await execute('ss', ['-Htnp']);
    return stdout.split('\n').filter((line) => line.includes(`pid=${client.pid},`)).length;
}

async function itemState() {
    return (await ctl('show', 'jump-item', '1')).jump_item.state;
}

function runClient() {
    const out = openSync(`${dir}/client.log`, 'a');
    client = spawn(process.env.CAUSEWAY_CLIENT ?? `${bin}/causeway-client`, ['run', '--state-dir', `${dir}/client`],
        { stdio: ['ignore', out, out] });
}

async function endClient() {
    const gone = once(client, 'exit');
    client.kill('SIGKILL');
    await gone;
}

async function isAsleep(what) {
    await until(`${what}: the item is passive`, async () => await itemState() === 'passive');
    await until(`${what}: it has no connection`, async () => await connections() === 0);
    check(`${what}: the program runs`, client.exitCode === null);
}

/** A Jump, and the representative's connection. */
async function jump() {
    const holder = makeHolder();
    const reply = await api.post('/api/v1/jump-items/1/jump', { holder_key: holder.publicKey });
    check('a Jump is answered at once', reply.status === 200 && reply.json.waking === true && reply.json.wake_s > 0, reply.text);
    const seat = { session: reply.json.session, types: new Set(), ended: '' };
    seat.connection = await NativeConnection.open({ host: '127.0.0.1', port });
    seat.connection.onFrame = ({ type, payload }) => {
        seat.types.add(type);
        if (type === TYPE.SESSION_ENDED)
            seat.ended = payload.subarray(2).toString();
    };
    await seat.connection.prove(HELLO_KIND.TICKET, Buffer.from(reply.json.ticket, 'base64url'), holder.privateKey);
    return seat;
}

async function wakes(what, number) {
    const before = times('the appliance wakes this Jump Client');
    const seat = await jump();
    await until(`${what}: the screen comes`, () => seat.types.has(TYPE.SCREEN_RESET) || seat.types.has(TYPE.SCREEN_UPDATE));
    check(`${what}: by one datagram`, times('the appliance wakes this Jump Client') === before + 1, log());
    check(`${what}: the item is in a session`, await itemState() === 'in_session');
    await sleep(3000);
    check(`${what}: it stays while the session runs`, await itemState() === 'in_session' && await connections() === 2);
    const ended = await api.post(`/api/v1/sessions/${seat.session}/end`, {});
    check(`${what}: the session ends`, ended.status === 200, ended.text);
    seat.connection.close();
    await isAsleep(`${what}, afterwards`);
    check(`${what}: it kept the number`, JSON.parse(readFileSync(`${dir}/client/waking.json`)).wake_number > number);
    return JSON.parse(readFileSync(`${dir}/client/waking.json`)).wake_number;
}

async function send(datagram) {
    const socket = createSocket('udp4');
    await new Promise((resolve) => { socket.send(datagram, wakePort, '127.0.0.1', resolve); });
    socket.close();
}

/** What comes for a client that does not run. */
async function caught() {
    const datagrams = [];
    const socket = createSocket('udp4');
    socket.on('message', (message) => datagrams.push(message));
    await new Promise((resolve) => { socket.bind(wakePort, resolve); });
    const seat = await jump();
    await until('who does not wake ends the session', () => seat.ended !== '');
    check('which says why', /did not wake within 5 seconds/.test(seat.ended), seat.ended);
    seat.connection.close();
    socket.close();
    check('it was called more than once', datagrams.length >= 4, String(datagrams.length));
    check('with the same bytes', datagrams.every((d) => d.length === 88 && d.equals(datagrams[0])));
    check('of the documented form', datagrams[0]?.subarray(0, 4).toString() === 'CWW1' && datagrams[0].readUInt32LE(4) === 1);
    return datagrams[0];
}

/** Port and mode changed by an operator: while it sleeps, while it is there, and back. */
async function edits() {
    const other = Number(process.env.OTHER_PORT);
    const before = times('the appliance wakes this Jump Client');
    const kept = () => JSON.parse(readFileSync(`${dir}/client/waking.json`));
    await ctl('edit', 'jump-item', '1', `port=${other}`);
    await until('asleep, it is called to hear another port', () => times('the appliance wakes this Jump Client') === before + 1);
    await until('and listens there', () => times(`listens on port ${other}`) === 1 && kept().port === other);
    await isAsleep('with another port');
    await wakes('woken at the other port', 0);
    await ctl('edit', 'jump-item', '1', 'mode=active');
    await until('told to be active, it comes', async () => await itemState() === 'online');
    await until('and listens no more', () => kept().port === 0);
    await sleep(2500);
    check('it stays', await itemState() === 'online' && await connections() === 1);
    await ctl('edit', 'jump-item', '1', 'mode=passive', `port=${wakePort}`);
    await isAsleep('told to be passive, it goes to sleep at once');
    await wakes('woken at the first port again', 0);
}

async function signIn() {
    const made = await ctl('create', 'admin', 'alice');
    const password = 'correct horse battery staple';
    await api.post('/api/v1/sign-in', { user: 'alice', password: made.one_time_password });
    await api.post('/api/v1/password', { current: made.one_time_password, new: password });
    await api.post('/api/v1/sign-in', { user: 'alice', password });
}

async function run() {
    await signIn();
    await ctl('set', 'option', 'jump.passive_awake_s', '1');
    const made = await ctl('create', 'installer', 'overrides=name,mode', `port=${wakePort}`);
    const words = made.command.split(' ').slice(1);
    words.splice(-1, 0, '--name', 'Till', '--state-dir', `${dir}/client`, '--no-service', '--passive', '--port', String(wakePort));
    await execute(`${bin}/causeway-client`, words);
    runClient();
    await until('it looks in once', () => times('connected') === 1);
    await isAsleep('after its first visit');
    const item = (await ctl('show', 'jump-item', '1')).jump_item;
    check('the item says how it is reached', item.mode === 'passive' && item.port === wakePort && item.public_ip === '127.0.0.1', JSON.stringify(item));

    const number = await wakes('woken', 0);
    await endClient();
    await ctl('set', 'option', 'jump.wake_s', '5');
    const datagram = await caught();

    runClient();
    await until('it looks in again', () => times('connected') === 3);
    await isAsleep('after a restart');
    const forged = Buffer.from(datagram);
    forged.writeBigUInt64LE(forged.readBigUInt64LE(8) + 1n, 8);
    await send(datagram);
    await send(forged);
    await send(Buffer.alloc(1200));
    await until('what is dropped is a line of the log', () => times('datagrams dropped') === 1);
    await sleep(1500);
    check('and does nothing', await connections() === 0 && times('connected') === 3, log());
    check('at most one line', times('dropped') === 1, log());

    await wakes('woken again', number);
    await edits();
    client.kill('SIGTERM');
    await once(client, 'exit');
    await execute(`${bin}/causeway-client`, ['uninstall', '--state-dir', `${dir}/client`, '--no-service']);
    check('nothing is left of it', !existsSync(`${dir}/client`));
}

await run().catch((error) => check('the checks run to their end', false, error.stack));
client?.kill('SIGKILL');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
