// SPDX-License-Identifier: Apache-2.0
// The checks of tests/e2e/operations.sh: settings, drain, upgrade, metrics under a crowd of live sessions.
import { execFile } from 'node:child_process';
import http from 'node:http';
import tls from 'node:tls';
import { promisify } from 'node:util';

import { Api } from '../browser/lib/api.mjs';
import { Crowd, RESTARTING } from './crowd.mjs';

const { CAUSEWAY_BIN: bin, CAUSEWAY_DIR: dir } = process.env;
const port = Number(process.env.HTTPS_PORT);
const sessions = Number(process.env.SESSIONS);
const execute = promisify(execFile);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
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

/** { code, json, text } of causewayctl --json. */
async function ctl(...words) {
    const run = (options) => execute(`${bin}/causewayctl`, ['--socket', `${dir}/run/control.sock`, ...options, ...words]);
    try {
        const { stdout } = await run(words[0] === 'metrics' ? [] : ['--json']);
        return { code: 0, text: stdout, json: words[0] === 'metrics' ? undefined : JSON.parse(stdout) };
    } catch (error) {
        const text = `${error.stdout}${error.stderr}`;
        return { code: error.code, text };
    }
}

function get(path) {
    return new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port: process.env.METRICS_PORT, path }, (response) => {
            let text = '';
            response.on('data', (part) => { text += part; });
            response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }));
        }).on('error', reject);
    });
}

function metric(text, name) {
    return text.split('\n').filter((line) => line.startsWith(name)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function signIn() {
    const made = await ctl('create', 'admin', 'alice');
    const api = new Api(`https://localhost:${port}`);
    const password = 'correct horse battery staple';
    await api.post('/api/v1/sign-in', { user: 'alice', password: made.json.one_time_password });
    await api.post('/api/v1/password', { current: made.json.one_time_password, new: password });
    await api.post('/api/v1/sign-in', { user: 'alice', password });
    return api;
}

async function settings() {
    const before = await ctl('engine', 'settings');
    const stall = before.json.settings.find((row) => row.name === 'stall_ms');
    check('a setting has value, default, range, unit and meaning',
        stall.value === '15000' && stall.workers === '15000' && stall.default === '15000' && stall.range === '1000-300000'
        && stall.unit === 'ms' && stall.meaning.length > 20, JSON.stringify(stall));
    const wrong = await ctl('engine', 'set', 'stall_ms', '7');
    check('out of range is refused and says the range', wrong.code === 1 && wrong.text.includes('1000 to 300000'), wrong.text);
    const unknown = await ctl('engine', 'set', 'stall', '7');
    check('an unknown name is refused', unknown.code === 1 && unknown.text.includes('engine settings'), unknown.text);
    const done = await ctl('engine', 'set', 'stall_ms', '20000');
    check('a change is done by both workers', done.json?.answers?.length === 2 && done.json.result === 'done', done.text);
    await ctl('engine', 'set', 'penalty_request_per_min', '100000');
    check('it is in the audit log', (await ctl('show', 'audit')).text.includes('"action":"engine.set"'));
}

/** People who come by until they are told to stop: each connects, is greeted by TLS, and leaves. Gives who was not greeted. */
function visitors(count) {
    const unkind = [];
    let isOver = false;
    const visit = () => new Promise((resolve) => {
        const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['causeway/1'] });
        const end = (error) => {
            socket.destroy();
            resolve(error);
        };
        socket.once('secureConnect', () => end());
        socket.once('error', (error) => end(error.code ?? error.message));
        socket.once('close', () => end('closed without a word'));
    });
    const all = Promise.all(Array.from({ length: count }, async () => {
        while (!isOver) {
            await sleep(Math.random() * 100);
            const error = await visit();
            if (error)
                unkind.push(error);
        }
    }));
    return async () => {
        isOver = true;
        await all;
        return unkind;
    };
}

/** One upgrade under the crowd: who was told what, and how long nobody was let in. */
async function upgrade(crowd, name, words, gapMsMax) {
    crowd.forgetCloses();
    crowd.failures = [];
    const stop = visitors(20);
    let answer = await ctl('engine', 'upgrade', ...words);
    for (let tries = 0; tries < 60 && answer.text.includes('not over yet'); tries++) {
        await sleep(250); // the engine before still answers its last pages
        answer = await ctl('engine', 'upgrade', ...words);
    }
    check(`${name}: done`, answer.code === 0 && answer.json.result.includes('runs as process'), answer.text);
    await crowd.until(`${name}: all are back`, () => crowd.ends.every((end) => end.connection && end.gapsMs.length > 0));
    const codes = crowd.ends.flatMap((end) => end.closes);
    check(`${name}: each end was told RESTARTING once`,
        codes.length === crowd.ends.length && codes.every((code) => code === RESTARTING), JSON.stringify(codes.slice(0, 20)));
    const unkind = await stop();
    check(`${name}: whoever came meanwhile was greeted`, unkind.length === 0, unkind.slice(0, 5).join('; '));
    const why = crowd.failures.length === 0 ? '' : (await ctl('metrics')).text.split('\n')
        .filter((line) => /(refused|failed|turned_away)_total\{.* [1-9]/.test(line)).join('\n    ');
    check(`${name}: nobody was refused`, crowd.failures.length === 0, `${crowd.failures.slice(0, 5).join('; ')}\n    ${why}`);
    const gap = crowd.gap();
    console.log(`${name}: ${gap.count} ends back; CLOSE to WELCOME p50 ${gap.p50} ms, p99 ${gap.p99} ms, longest ${gap.max} ms `
        + `(with up to ${crowd.jitterMs} ms of jitter); ${answer.json?.result}`);
    check(`${name}: soon`, gap.max < gapMsMax, JSON.stringify(gap));
}

async function upgrades(crowd) {
    const stop = crowd.talk(1500);
    await sleep(1500);
    await upgrade(crowd, 'upgrade', [], 20000);
    await sleep(1000);
    const three = await ctl('engine', 'set', 'workers', '3');
    check('workers waits for the next upgrade', three.json?.result === 'done', three.text);
    await upgrade(crowd, 'to three workers', [], 20000);
    check('there are three', (await ctl('engine', 'status')).json.workers.length === 3);
    await ctl('engine', 'set', 'workers', '1');
    await upgrade(crowd, 'to one worker', ['--binary', `${bin}/causeway-engine`], 20000);
    check('there is one', (await ctl('engine', 'status')).json.workers.length === 1);
    const value = (await ctl('engine', 'settings')).json.settings.find((row) => row.name === 'stall_ms');
    check('the new engine has the stored settings', value.workers === '20000', JSON.stringify(value));

    await sleep(5000); // the replaced engine has gone
    crowd.forgetCloses();
    for (const [binary, why] of [['/bin/true', 'ended with code 0'], ['/etc/passwd', 'cannot be executed'],
        ['/bin/false', 'ended with code 1']]) {
        const answer = await ctl('engine', 'upgrade', '--binary', binary);
        check(`${binary} does not take over, and why is said`, answer.code === 1 && answer.text.includes(why), answer.text);
    }
    await sleep(500);
    check('a failed upgrade disturbs nobody', crowd.ends.every((end) => end.closes.length === 0));
    stop();
    await crowd.until('every line came back', () => crowd.ends.every((end) => end.pending.size === 0));
    await crowd.until('every line came to both', () => crowd.pairs.every(([a, b]) => a.lines.size === b.lines.size));
    const faults = crowd.check();
    const lines = crowd.pairs.reduce((sum, [customer]) => sum + customer.lines.size, 0);
    console.log(`${lines} chat lines in ${crowd.pairs.length} sessions`);
    check('no chat line was lost or doubled', faults.length === 0, faults.slice(0, 10).join('\n    '));
    check('there were some', lines > 4 * crowd.pairs.length, String(lines));
}

async function drain(crowd, api) {
    crowd.forgetCloses();
    check('ready before', (await get('/readyz')).status === 200);
    await ctl('engine', 'drain');
    check('not ready while it is drained', (await get('/readyz')).status === 503);
    const refused = await api.post('/api/v1/session-keys');
    check('no session key is made', refused.status === 503 || refused.status === 429, `${refused.status} ${refused.text}`);
    check('and why is said', refused.text.includes('drained'), refused.text);
    const status = await ctl('engine', 'status');
    check('what is left is shown', status.json.sessions === crowd.pairs.length && status.json.draining, status.text);
    const late = await ctl('engine', 'drain', '--wait', '--timeout', '1');
    check('--timeout ends the wait with 1', late.code === 1 && late.text.includes('sessions are left'), late.text);
    crowd.ends[0].connection.socket.destroy();
    await crowd.until('one of a live session comes back', () => crowd.isBack() && crowd.ends[0].gapsMs.length === 1);
    check('live sessions go on', crowd.ends.slice(1).every((end) => end.closes.length === 0));
    const waiting = ctl('engine', 'drain', '--wait', '--timeout', '20');
    for (const { session } of crowd.pairs.map(([customer]) => customer)) {
        const end = await ctl('end', 'session', String(session));
        if (end.code !== 0)
            crowd.faults.push(end.text);
    }
    check('--wait returns when no session is left', (await waiting).code === 0);
    await ctl('engine', 'undrain');
    check('ready again', (await get('/readyz')).status === 200);
    check('and sessions can begin', (await api.post('/api/v1/session-keys')).status === 200);
}

/** The subject of the certificate that a browser would see. */
function shownToBrowsers() {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ALPNProtocols: ['http/1.1'],
            rejectUnauthorized: false }, () => {
            resolve(socket.getPeerCertificate().subject.CN);
            socket.destroy();
        });
        socket.on('error', reject);
    });
}

async function certificates(crowd) {
    const make = (name, ...more) => execute('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-keyout', `${dir}/${name}.key`, '-out', `${dir}/${name}.crt`, '-subj', `/CN=${name}`, ...more]);
    await make('rotated', '-days', '30', '-addext', 'subjectAltName=DNS:localhost');
    await make('elsewhere', '-days', '30', '-addext', 'subjectAltName=DNS:elsewhere.example');
    await make('other', '-days', '30');
    const prepare = (certificate, key) =>
        ctl('certificate', 'prepare', '--certificate', `${dir}/${certificate}.crt`, '--key', `${dir}/${key}.key`);
    crowd.forgetCloses();
    const before = await shownToBrowsers();
    const wrong = await prepare('rotated', 'other');
    check('a key that does not belong is refused, and why is said', wrong.code === 1 && /key/.test(wrong.text), wrong.text);
    const nothing = await ctl('certificate', 'commit');
    check('then nothing is prepared', nothing.code === 1 && nothing.text.includes('No certificate is prepared'), nothing.text);
    const elsewhere = await prepare('elsewhere', 'elsewhere');
    check('one for another host is taken with a note', elsewhere.code === 0 && /note: /.test(elsewhere.text), elsewhere.text);
    await ctl('certificate', 'abort');
    check('abort forgets it', !(await ctl('certificate', 'show')).text.includes('prepared'));
    const good = await prepare('rotated', 'rotated');
    check('a good one is described', good.code === 0 && good.text.includes('rotated'), good.text);
    check('and not used yet', await shownToBrowsers() === before);
    const commit = await ctl('certificate', 'commit');
    check('commit', commit.code === 0 && commit.text.includes('rotated'), commit.text);
    check('browsers see it at once', await shownToBrowsers() === 'rotated');
    await sleep(300);
    check('no session was touched', crowd.ends.every((end) => end.closes.length === 0));
    const { stdout } = await execute('grep', ['-rlE', 'BEGIN .*PRIVATE KEY', `${dir}/log`, `${dir}/run`, `${dir}/state/control`])
        .catch((error) => error);
    check('the key is in no log and no store', stdout === '', stdout);
}

async function metrics(crowd) {
    const scraped = await get('/metrics');
    check('metrics are text 0.0.4', scraped.status === 200 && scraped.type.startsWith('text/plain; version=0.0.4'), scraped.type);
    check('they count what lives', metric(scraped.text, 'causeway_engine_sessions{') === crowd.pairs.length);
    check('roles', metric(scraped.text, 'causeway_engine_authenticated_connections{') === 2 * crowd.pairs.length);
    check('handshakes', metric(scraped.text, 'causeway_engine_handshakes_total{') > 2 * crowd.pairs.length);
    check('hello latencies', metric(scraped.text, 'causeway_engine_hello_duration_seconds_count{') >= 2 * crowd.pairs.length);
    check('memory', metric(scraped.text, 'causeway_engine_process_resident_memory_bytes') > 1e6);
    check('causewayctl gives the same families',
        (await ctl('metrics')).text.match(/^# TYPE/gm).length === scraped.text.match(/^# TYPE/gm).length);
    check('nothing else is served there', (await get('/api/v1/me')).status === 404);
    check('health', (await get('/healthz')).text === 'ok\n');
}

try {
    const api = await signIn();
    await settings();
    const crowd = new Crowd(port, api);
    await crowd.gather(sessions);
    check('the crowd is there', crowd.isBack() && crowd.pairs.length === sessions);
    await metrics(crowd);
    await certificates(crowd);
    await upgrades(crowd);
    check('the next engines have the certificate', await shownToBrowsers() === 'rotated');
    await drain(crowd, api);
    check('no fault on the way', crowd.faults.length === 0, crowd.faults.slice(0, 5).join('; '));
    crowd.ends.forEach((end) => end.over());
} catch (error) {
    check('the script comes to its end', false, error.stack);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
