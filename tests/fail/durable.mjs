// SPDX-License-Identifier: Apache-2.0
// What was acknowledged is there: kill -9 of the real control while many change things, again and again, against a journal
// of what was answered; and a disk that takes nothing for a while.
//   node --test tests/fail/durable.mjs      (DURABLE_SECONDS: how long it is killed, 8)
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { root, until } from '../browser/lib/appliance.mjs';

const seconds = Number(process.env.DURABLE_SECONDS ?? 8);
const programs = path.resolve(root, process.env.B ?? 'build/release');
const WRITERS = 6; /* a user has 8 connections to the socket */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Control {
    constructor() {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-durable-'));
        fs.chmodSync(this.dir, 0o755);
        this.conf = path.join(this.dir, 'conf');
        this.socket = path.join(this.dir, 'run/control.sock');
        this.log = fs.openSync(path.join(this.dir, 'log'), 'a');
        const user = process.getuid() === 0 ? 'nobody' : os.userInfo().username;
        fs.writeFileSync(this.conf, `listen_https = 127.0.0.1:8443\nlisten_http = off\nuser = ${user}\n` +
            `public_origin = https://localhost:8443\nstate_dir = ${this.dir}/state\nrun_dir = ${this.dir}/run\n`);
    }

    async start() {
        this.child = spawn(path.join(programs, 'causeway-control'), ['--config', this.conf], { stdio: ['ignore', this.log, this.log] });
        this.over = new Promise((resolve) => this.child.on('exit', (code, signal) => resolve(signal ?? code)));
        await until('control answers', () => spawnSync(path.join(programs, 'causewayctl'), ['--socket', this.socket, 'show', 'info']).status === 0);
    }

    async kill() {
        this.child.kill('SIGKILL');
        await this.over;
    }

    async end() {
        this.child.kill('SIGKILL');
        await this.over;
        fs.closeSync(this.log);
        fs.rmSync(this.dir, { recursive: true });
    }

    ctl(...words) {
        return JSON.parse(execFileSync(path.join(programs, 'causewayctl'), ['--socket', this.socket, '--json', ...words], { encoding: 'utf8' }));
    }

    store(...words) {
        return spawnSync(path.join(programs, 'causeway-store'), words, { encoding: 'utf8' });
    }

    connect() {
        return new Promise((resolve, reject) => {
            const socket = net.connect(this.socket, () => resolve(new Line(socket)));
            socket.on('error', reject);
        });
    }
}

/** A connection to the control socket: one command, one answer. */
class Line {
    constructor(socket) {
        this.socket = socket;
        this.text = '';
        this.isClosed = false;
        socket.on('data', (bytes) => {
            this.text += bytes;
            const end = this.text.indexOf('\n');
            if (end < 0)
                return;
            const line = this.text.slice(0, end);
            this.text = this.text.slice(end).replace(/^\n+/, '');
            if (line !== '')
                this.give?.(JSON.parse(line));
        });
        socket.on('error', () => {});
        socket.on('close', () => { this.isClosed = true; this.give?.(null); });
    }

    /** The answer, or null: control died before it was given. */
    ask(command) {
        if (this.isClosed)
            return Promise.resolve(null);
        return new Promise((resolve) => {
            this.give = (answer) => { this.give = null; resolve(answer); };
            this.socket.write(`json ${command}\n`);
        });
    }
}

/** Renames its own team again and again; sent and answered are the journal. */
async function write(control, journal, refused) {
    const line = await control.connect();
    for (;;) {
        const number = journal.sent + 1;
        journal.sent = number;
        const answer = await line.ask(`set team ${journal.team} name="w${journal.team} ${number}"`);
        if (answer === null)
            return;
        if (answer.error) {
            assert.ok(refused, `refused: ${JSON.stringify(answer)}`);
            refused(answer.error);
            await sleep(20);
            continue;
        }
        journal.answered = number;
    }
}

function compare(control, journals) {
    for (const journal of journals) {
        const { teams } = control.ctl('show', 'teams');
        const number = Number(/^w\d+ (\d+)$/.exec(teams.find((team) => team.id === journal.team).name)[1]);
        assert.ok(number >= journal.answered, `team ${journal.team} was told ${journal.answered}, and has ${number}`);
        assert.ok(number <= journal.sent);
        journal.sent = number;
        journal.answered = number;
    }
}

async function begin(t) {
    const control = new Control();
    t.after(() => control.end());
    await control.start();
    control.ctl('create', 'admin', 'ada');
    const journals = [];
    for (let i = 1; i <= WRITERS; i++) {
        const answer = control.ctl('create', 'team', `w${i} 0`);
        journals.push({ team: (answer.team ?? answer).id, sent: 0, answered: 0 });
        control.ctl('set', 'team', String(journals.at(-1).team), `name=w${journals.at(-1).team} 0`);
    }
    return { control, journals };
}

test(`nothing that was acknowledged is lost while control is killed for ${seconds} s`, { timeout: (seconds + 90) * 1000 }, async (t) => {
    const { control, journals } = await begin(t);
    const stopAt = Date.now() + seconds * 1000;
    let kills = 0;
    let changes = 0;
    while (Date.now() < stopAt) {
        const before = journals.reduce((sum, one) => sum + one.answered, 0);
        const writers = journals.map((journal) => write(control, journal));
        await sleep(30 + Math.random() * 300);
        await control.kill();
        await Promise.all(writers);
        changes += journals.reduce((sum, one) => sum + one.answered, 0) - before;
        kills++;
        const store = control.store('verify', path.join(control.dir, 'state'));
        assert.equal(store.status, 0, `${store.stdout}${store.stderr}`);
        await control.start();
        compare(control, journals);
    }
    const { rows } = control.ctl('audit', 'verify');
    console.log(`${kills} kills, ${changes} changes acknowledged, ${rows} audit rows`);
    assert.ok(kills >= 5 && changes > 10 * kills, 'it was killed at work');
    assert.ok(rows > changes, 'each change has its row');
});

test('a disk that takes nothing: every request is answered, and control goes on without a restart', { timeout: 60000 }, async (t) => {
    const { control, journals } = await begin(t);
    /* Only its own user may set a limit of a process. */
    const { uid, gid } = fs.statSync(path.join(control.dir, 'state/control'));
    const limit = (bytes) => execFileSync('prlimit', ['--pid', String(control.child.pid), `--fsize=${bytes}:`], { uid, gid });
    const reasons = new Set();
    let refusals = 0;
    const writers = journals.map((journal) => write(control, journal, (error) => {
        refusals++;
        reasons.add(error.message);
    }));
    await sleep(300);
    for (let round = 0; round < 3; round++) {
        limit(4096);
        await until('a change is refused', () => refusals > 0);
        await sleep(200);
        const told = journals.map((journal) => journal.answered);
        assert.equal(control.ctl('show', 'teams').teams.length, WRITERS, 'it can be read meanwhile');
        await sleep(300);
        assert.deepEqual(journals.map((journal) => journal.answered), told, 'nothing is acknowledged meanwhile');
        limit('unlimited');
        await until('changes go on', () => journals.every((journal, i) => journal.answered > told[i]));
        refusals = 0;
    }
    for (const reason of reasons)
        assert.match(reason, /^Nothing was changed: the appliance's store cannot be written \(.+\)\. Sessions that are running go on\.$/);
    await control.kill();
    await Promise.all(writers);
    const store = control.store('verify', path.join(control.dir, 'state'));
    assert.equal(store.status, 0, `${store.stdout}${store.stderr}`);
    await control.start();
    compare(control, journals);
});
