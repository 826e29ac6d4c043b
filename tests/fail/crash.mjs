// SPDX-License-Identifier: Apache-2.0
// kill -9 of the real engine under load, again and again, with the real control beside it: an attended session whose two
// ends (crash-ends) move streams both ways and talk. Every byte and every line must arrive once and in order.
//   node tests/fail/crash.mjs [--seconds 8] [--programs build/release]
// The engine runs alone here: causeway-supervisor gives up on one that dies six times a minute.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import test from 'node:test';

import { Api } from '../browser/lib/api.mjs';
import { freePort, root, until } from '../browser/lib/appliance.mjs';

function option(name, fallback) {
    const at = process.argv.indexOf(`--${name}`);
    return at > 0 ? process.argv[at + 1] : fallback;
}
const seconds = Number(option('seconds', process.env.CRASH_SECONDS ?? 8));
const programs = path.resolve(root, option('programs', process.env.B ?? 'build/release'));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Appliance {
    constructor(port) {
        this.port = port;
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-crash-'));
        fs.chmodSync(this.dir, 0o755);
        this.conf = path.join(this.dir, 'conf');
        const user = process.getuid() === 0 ? 'nobody' : os.userInfo().username;
        fs.writeFileSync(this.conf, `listen_https = 127.0.0.1:${port}\nlisten_http = off\nworkers = 2\nuser = ${user}\n` +
            `public_origin = https://localhost:${port}\nstate_dir = ${this.dir}/data\nrun_dir = ${this.dir}/run\n`);
        this.log = fs.openSync(path.join(this.dir, 'log'), 'a');
    }

    start(name) {
        const child = spawn(path.join(programs, name), ['--config', this.conf], { stdio: ['ignore', this.log, this.log] });
        child.over = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
        return child;
    }

    // The kernel closes the sockets of a killed engine a little later; the supervisor would have kept the listeners open.
    async startEngine() {
        for (;;) {
            this.engine = this.start('causeway-engine');
            const busy = await Promise.race([this.engine.over.then((code) => code === 75), sleep(100).then(() => false)]);
            if (!busy)
                return;
        }
    }

    ctl(...words) {
        return JSON.parse(execFileSync(path.join(programs, 'causewayctl'),
            ['--socket', path.join(this.dir, 'run/control.sock'), '--json', ...words], { encoding: 'utf8' }));
    }

    async isReady() {
        try {
            return (await this.api.get('/readyz')).status === 200;
        } catch {
            return false; // not yet
        }
    }

    async begin() {
        this.control = this.start('causeway-control');
        await until('control is there', () => fs.existsSync(path.join(this.dir, 'run/control.sock')));
        await this.startEngine();
        this.api = new Api(`https://localhost:${this.port}`);
        await until('the appliance is ready', () => this.isReady());
        const password = this.ctl('create', 'admin', 'ada').one_time_password;
        assert.equal((await this.api.post('/api/v1/sign-in', { user: 'ada', password })).status, 200);
        const changed = await this.api.post('/api/v1/password', { current: password, new: 'a long and good one 1' });
        assert.equal(changed.status, 200);
    }

    async end() {
        this.engine?.kill('SIGKILL');
        this.control?.kill('SIGTERM');
        await Promise.all([this.engine?.over, this.control?.over]);
        fs.closeSync(this.log);
        fs.rmSync(this.dir, { recursive: true });
    }
}

test(`reliable channels while the engine is killed for ${seconds} s`, { timeout: (seconds + 60) * 1000 }, async (t) => {
    const appliance = new Appliance(await freePort());
    t.after(() => appliance.end());
    await appliance.begin();
    const identity = fs.readFileSync(path.join(appliance.dir, 'run/identity.pub'), 'utf8').trim();
    const { json: { key } } = await appliance.api.post('/api/v1/session-keys');
    const ends = spawn(path.join(programs, 'crash-ends'), [`localhost:${appliance.port}`, identity, key],
        { stdio: ['pipe', 'pipe', 'pipe'] });
    t.after(() => ends.kill('SIGKILL'));
    const over = new Promise((resolve) => ends.on('exit', (code, signal) => resolve(signal ?? code)));
    let said = '';
    ends.stderr.on('data', (data) => { said += data; });
    const lines = [];
    readline.createInterface({ input: ends.stdout }).on('line', (line) => lines.push(line));
    await until('the customer waits', () => lines.length >= 2);
    const accepted = await appliance.api.post(`/api/v1/sessions/${lines[0]}/accept`, { holder_key: lines[1] });
    assert.equal(accepted.status, 200);
    ends.stdin.write(`${accepted.json.ticket}\n`);

    const stopAt = Date.now() + seconds * 1000;
    let kills = 0;
    let isOver = false;
    over.then(() => { isOver = true; });
    await sleep(500);
    while (Date.now() < stopAt && !isOver) {
        appliance.engine.kill('SIGKILL');
        await appliance.engine.over;
        kills++;
        await appliance.startEngine();
        await sleep(200 + Math.random() * 900);
    }
    ends.stdin.end('stop\n');
    const code = await over;
    console.log(`${kills} kills; ${lines.slice(2).join(' ')}`);
    const log = fs.readFileSync(path.join(appliance.dir, 'log'), 'utf8');
    assert.equal(code, 0, `crash-ends ended with ${code}: ${said}\n${log.split('\n').slice(-15).join('\n')}`);
    assert.doesNotMatch(log, /check failed|AddressSanitizer|runtime error/);
    const numbers = /finished (\d+) and (\d+), .* bytes (\d+) and (\d+); chat lines (\d+)/.exec(lines.at(-1)).slice(1).map(Number);
    assert.ok(kills >= Math.floor(seconds / 2), 'it was killed often');
    assert.ok(numbers.every((n) => n > 0), 'something was done on every channel');
});
