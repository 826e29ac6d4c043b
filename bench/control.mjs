// SPDX-License-Identifier: Apache-2.0
// The control plane's rows: a real causeway-control, asked over web.sock as the engine pipes people to it, with an engine
// that is played on link.sock (causeway-bench-control). Prints a table and writes build/bench/control.json.
//
//   node bench/control.mjs [--smoke | --quick] [--rows changes,starts,search,explain,restart]
//
// durable_changes_per_s    64 clients change what is recorded, each again as soon as it was answered; every answer was committed with
//                          synchronous=FULL and its audit row. Interleaved with one transaction a request (option
//                          store.groups off): that is the peer.
// session_starts_per_s     64 clients jump to computers of which each is free: policy, audit, ticket; both ends of each session
//                          come up and it ends again meanwhile.
// session_start.p99_ms     the same at 1,000 a second, whose times begin when they are due.
// search75k.p99_ms         a client that looks for three pieces of text, one that few names have and two that many have.
// policy_explain.us        processor time of the operation, all tools, in the process that has the store.
// restart.s, rss_mb        75,000 Jump Items and 5,000 live sessions: from the start of the program until it serves, the
//                          engine linked again; its memory after that, with no session disturbed.
import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

import { median, root, sleep, spreadOf, writeReport } from './lib/machine.mjs';

const smoke = process.argv.includes('--smoke');
const wanted = (process.argv.find((one) => one.startsWith('--rows='))?.slice(7) ?? '').split(',').filter(Boolean);
const programs = path.resolve(root, process.env.B ?? 'build/release');
const RUNS = smoke ? 1 : process.argv.includes('--quick') ? 2 : 5;
const SECONDS = smoke ? 0.5 : 3;
const WARM_UP = smoke ? 0.1 : 0.5;
const ITEMS = smoke ? 2000 : 75000;
const SESSIONS = smoke ? 100 : 5000;
const ORIGIN = 'https://localhost:8443';
/* The engine's and the web's sockets are for the appliance's own user, who therefore is the one that plays them. */
const user = os.userInfo().username;
const rows = [];
const failures = []; /* figures that are none: the report is written, the run has failed */
const is = (name) => wanted.length === 0 || wanted.includes(name);

function row(name, unit, better, values, peer) {
    if (values.length === 0 || values.some((one) => !Number.isFinite(one) || one <= 0))
        throw new Error(`control.${name}: no work was measured`);
    const value = Number(median(values).toPrecision(4));
    rows.push({ name: `control.${name}`, value, unit, better, runs: values.length, spread: spreadOf(values), peer: peer?.by ?? null,
        peer_value: peer?.value ?? null, ratio: peer ? Number((value / peer.value).toFixed(3)) : null });
}

class Control {
    constructor() {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-bench-control-'));
        fs.chmodSync(this.dir, 0o755);
        this.conf = path.join(this.dir, 'conf');
        this.log = fs.openSync(path.join(this.dir, 'log'), 'a');
        this.web = path.join(this.dir, 'run/web.sock');
        this.link = path.join(this.dir, 'run/link.sock');
        fs.writeFileSync(this.conf, `listen_https = 127.0.0.1:8443\nlisten_http = off\nuser = ${user}\npublic_origin = ${ORIGIN}\n` +
            `state_dir = ${this.dir}/state\nrun_dir = ${this.dir}/run\n`);
    }

    start() {
        this.child = spawn(path.join(programs, 'causeway-control'), ['--config', this.conf], { stdio: ['ignore', this.log, this.log] });
        this.over = new Promise((resolve) => this.child.on('exit', resolve));
    }

    async stop() {
        this.child.kill('SIGTERM');
        await this.over;
    }

    async end() {
        if (this.child?.exitCode === null && this.child.signalCode === null)
            await this.stop();
        fs.closeSync(this.log);
        fs.rmSync(this.dir, { recursive: true });
    }

    /** One request over web.sock with a connection of its own; resolves with { status, text, cookie }. */
    ask(method, target, body) {
        return new Promise((resolve, reject) => {
            const preface = Buffer.from('0d0a0d0a000d0a515549540a2111000cc6120001c612000200010002', 'hex');
            const text = body ? JSON.stringify(body) : '';
            const head = [`${method} ${target} HTTP/1.1`, 'Host: localhost', `Origin: ${ORIGIN}`, 'Connection: close'];
            if (this.cookie)
                head.push(`Cookie: ${this.cookie}`);
            if (text)
                head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`);
            let all = '';
            const socket = net.connect(this.web, () => socket.write(Buffer.concat([preface, Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`)])));
            socket.on('data', (bytes) => { all += bytes; });
            socket.on('error', reject);
            socket.on('close', () => resolve({ status: Number(all.slice(9, 12)), text: all.slice(all.indexOf('\r\n\r\n') + 4),
                cookie: /Set-Cookie: ([^;]*)/.exec(all)?.[1] }));
        });
    }

    async until(what, ask) {
        for (let i = 0; i < 3000; i++) {
            if (await ask().catch(() => false))
                return;
            await sleep(5);
        }
        throw new Error(`${what}: not within 15 s\n${fs.readFileSync(path.join(this.dir, 'log'), 'utf8').slice(-2000)}`);
    }

    serves() {
        return this.until('control serves', async () => (await this.ask('GET', '/healthz')).status === 200);
    }

    async must(method, target, body) {
        const answer = await this.ask(method, target, body);
        if (answer.status !== 200)
            throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
        return answer;
    }

    ctl(...words) {
        return JSON.parse(execFileSync(path.join(programs, 'causewayctl'),
            ['--socket', path.join(this.dir, 'run/control.sock'), '--json', ...words], { encoding: 'utf8' }));
    }

    /** A store with one administrator, signed in, and what `sessions` and `items` ask for. */
    async prepare() {
        this.start();
        await this.serves();
        const password = this.ctl('create', 'admin', 'ada').one_time_password;
        this.cookie = (await this.must('POST', '/api/v1/sign-in', { user: 'ada', password })).cookie;
        await this.must('POST', '/api/v1/password', { current: password, new: 'a long and good one 1' });
        this.cookie = (await this.must('POST', '/api/v1/sign-in', { user: 'ada', password: 'a long and good one 1' })).cookie;
        await this.stop();
        await this.play('seed', { control_dir: path.join(this.dir, 'state/control'), items: ITEMS, sessions: SESSIONS });
        this.start();
        await this.serves();
    }

    player(command, options, onLine) {
        const words = Object.entries(options).map(([key, value]) => `${key}=${value}`);
        const child = spawn(path.join(programs, 'causeway-bench-control'), [command, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
        const lines = readline.createInterface({ input: child.stdout });
        lines.on('line', onLine);
        /* The last line comes before the end of the output, and both before this. */
        return new Promise((resolve, reject) => child.on('close', (code) =>
            code === 0 ? resolve() : reject(new Error(`${command} ${words.join(' ')}: ended with ${code}`))));
    }

    async play(command, options) {
        let figures = {};
        await this.player(command, options, (line) => { figures = JSON.parse(line); });
        return figures;
    }

    load(command, options) {
        return this.play(command, { web: this.web, link: this.link, origin: ORIGIN, cookie: this.cookie, clients: 64, items: ITEMS,
            sessions: SESSIONS, seconds: SECONDS, warm_up: WARM_UP, ...options });
    }

    /** Its memory that is in use, in MB, and the processor time it took, in seconds. */
    usage() {
        const status = fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
        const stat = fs.readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return { rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1000, cpu: (Number(stat[11]) + Number(stat[12])) / 100 };
    }
}

/** What one small write and fdatasync takes on the disk that has the store: the floor of a commit. */
function syncTime(dir) {
    const file = path.join(dir, 'sync');
    const fd = fs.openSync(file, 'w');
    const block = Buffer.alloc(4096, 1);
    const times = [];
    for (let i = 0; i < 200; i++) {
        const begun = process.hrtime.bigint();
        fs.writeSync(fd, block);
        fs.fdatasyncSync(fd);
        times.push(Number(process.hrtime.bigint() - begun) / 1e6);
    }
    fs.closeSync(fd);
    fs.rmSync(file);
    return Number(median(times).toFixed(3));
}

async function changes(control) {
    const grouped = [];
    const single = [];
    for (let i = 0; i < RUNS; i++) {
        control.ctl('set', 'option', 'store.groups', 'on');
        const before = control.usage().cpu;
        const one = await control.load('changes');
        one.cpuUs = (control.usage().cpu - before) / (one.per_s * (SECONDS + WARM_UP)) * 1e6;
        grouped.push(one);
        control.ctl('set', 'option', 'store.groups', 'off');
        single.push(await control.load('changes'));
    }
    control.ctl('set', 'option', 'store.groups', 'on');
    row('durable_changes_per_s', '1/s', 'higher', grouped.map((one) => one.per_s),
        { by: 'one transaction a request', value: Number(median(single.map((one) => one.per_s)).toPrecision(4)) });
    row('durable_change.p99_ms', 'ms', 'lower', grouped.map((one) => one.p99_ms),
        { by: 'one transaction a request', value: median(single.map((one) => one.p99_ms)) });
    row('durable_change.cpu_us', 'us', 'lower', grouped.map((one) => one.cpuUs));
}

async function starts(control) {
    const most = [];
    const paced = [];
    for (let i = 0; i < RUNS; i++) {
        most.push(await control.load('starts'));
        paced.push(await control.load('starts', { rate: 1000 }));
        for (const one of [most.at(-1), paced.at(-1)])
            if (one.offered < one.answers || one.over === 0)
                throw new Error('sessions were answered that were not offered to the computer');
    }
    row('session_starts_per_s', '1/s', 'higher', most.map((one) => one.per_s));
    row('session_start.p99_ms', 'ms', 'lower', paced.map((one) => one.p99_ms));
    if (!smoke && paced.some((one) => one.per_s < 990))
        failures.push(`1,000 sessions a second were asked for, and ${paced.map((one) => one.per_s).join(', ')} began`);
}

/* Each asks for another piece of a name; a fifth of the answers is a page of a hundred. */
async function search(control) {
    const found = JSON.parse((await control.must('GET', '/api/v1/jump-items/search?text=shop.example')).text);
    if (found.count !== ITEMS)
        throw new Error(`${found.count} of ${ITEMS} Jump Items were found`);
    const times = [];
    for (let i = 0; i < RUNS; i++) {
        for (const text of ['%', 'till', 'user4'])
            times.push((await control.load('get', { text: `/api/v1/jump-items/search?text=${text}`, clients: 1 })).p99_ms);
    }
    row('search75k.p99_ms', 'ms', 'lower', times);
}

async function explain(control) {
    await control.stop();
    const times = [];
    for (let i = 0; i < RUNS; i++)
        times.push((await control.play('explain', { control_dir: path.join(control.dir, 'state/control'), items: ITEMS, seconds: SECONDS / 3 })).us);
    row('policy_explain.us', 'us', 'lower', times);
    control.start();
    await control.serves();
}

async function restart(control) {
    const times = [];
    const cpus = [];
    const sizes = [];
    /* The first time control learns from where each computer connects; that is not part of it. */
    for (let i = -1; i < RUNS; i++) {
        await control.stop();
        const begun = process.hrtime.bigint();
        control.start();
        await control.until('the link is there', async () => fs.existsSync(control.link) && (await control.ask('GET', '/healthz')).status === 200);
        let figures = {};
        let linked;
        const isLinked = new Promise((resolve) => { linked = resolve; });
        const over = control.player('relink', { link: control.link, items: ITEMS, sessions: SESSIONS, seconds: smoke ? 1 : 3 }, (line) => {
            figures = JSON.parse(line);
            linked();
        });
        await Promise.race([isLinked, over]);
        await control.must('GET', '/readyz');
        await control.must('POST', '/api/v1/jump-items/1/rename', { name: `after restart ${i}` });
        const took = Number(process.hrtime.bigint() - begun) / 1e9;
        const { rss, cpu } = control.usage();
        await over;
        if (i >= 0) {
            times.push(took);
            cpus.push(cpu);
            sizes.push(Math.max(rss, control.usage().rss));
        }
        if (figures.wanted !== SESSIONS || figures.disturbed !== 0)
            throw new Error(`${figures.wanted} of ${SESSIONS} sessions were wanted, ${figures.disturbed} were disturbed`);
    }
    row('restart.s', 's', 'lower', times);
    row('restart.cpu_s', 's', 'lower', cpus);
    row('rss_mb', 'MB', 'lower', sizes);
}

const control = new Control();
try {
    await control.prepare();
    const machine = { fdatasync_ms: syncTime(control.dir), jump_items: ITEMS, live_sessions: SESSIONS };
    /* First the restart: its sessions are those of the store. */
    if (is('restart'))
        await restart(control);
    if (is('search'))
        await search(control);
    if (is('explain'))
        await explain(control);
    if (is('changes'))
        await changes(control);
    if (is('starts'))
        await starts(control);
    writeReport(smoke ? 'control-smoke' : 'control', `node bench/control.mjs ${process.argv.slice(2).join(' ')}`.trim(), machine, rows);
    for (const failure of failures)
        console.error(`FAILED: ${failure}`);
    process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
    await control.end();
}
