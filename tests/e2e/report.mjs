// SPDX-License-Identifier: Apache-2.0
// The people and the checks of tests/e2e/report.sh: sessions with names, chat and notes that mean no good, and what reports make of them.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { promisify } from 'node:util';

import { Api } from '../browser/lib/api.mjs';
import { HELLO_KIND, NativeConnection, hello } from '../browser/lib/native.mjs';
import { CHANNEL, TYPE, makeHolder } from '../browser/lib/wire.mjs';

const { CAUSEWAY_BIN: bin, CAUSEWAY_DIR: dir } = process.env;
const port = Number(process.env.HTTPS_PORT);
const execute = promisify(execFile);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const NASTY = ['=cmd|\' /C calc\'!A0', '<script>alert("x")</script>', ']]> & "quoted", \'too\'', '+1\u202e@SUM(1)', 'Zoë 漢 😀'];
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
    try {
        const { stdout, stderr } = await execute(`${bin}/causewayctl`, ['--socket', `${dir}/run/control.sock`, ...words]);
        return { code: 0, text: stdout, error: stderr };
    } catch (error) {
        return { code: error.code, text: error.stdout, error: error.stderr };
    }
}

/** { status, headers, text } with a bearer token. */
function request(method, path, { token, form } = {}) {
    return new Promise((resolve, reject) => {
        const asked = https.request({
            host: '127.0.0.1', port, path: `/api/v1/${path}`, method, rejectUnauthorized: false,
            headers: {
                ...(token ? { Authorization: `Bearer ${token}` } : {}),
                ...(form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
            },
        }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers,
                text: Buffer.concat(parts).toString() }));
        });
        asked.on('error', reject);
        asked.end(form);
    });
}

async function makeToken(name, scope) {
    const made = JSON.parse((await ctl('--json', 'create', 'api-account', name, `${scope}=read`)).text);
    const client = made.api_account?.client_id ?? made.client_id;
    const answer = await request('POST', 'oauth2/token',
        { form: `grant_type=client_credentials&client_id=${client}&client_secret=${made.client_secret}` });
    return JSON.parse(answer.text).access_token;
}

async function signIn() {
    const made = JSON.parse((await ctl('--json', 'create', 'admin', 'alice')).text);
    const api = new Api(`https://localhost:${port}`);
    const password = 'correct horse battery staple';
    await api.post('/api/v1/sign-in', { user: 'alice', password: made.one_time_password });
    await api.post('/api/v1/password', { current: made.one_time_password, new: password });
    await api.post('/api/v1/sign-in', { user: 'alice', password });
    return api;
}

/** A customer with that name asks, is accepted, chats and is ended. Gives the session's number. */
async function live(api, name, text) {
    const key = (await api.post('/api/v1/session-keys')).json.key;
    const holder = makeHolder();
    const asking = await NativeConnection.open({ host: '127.0.0.1', port });
    asking.write(hello(HELLO_KIND.SESSION_KEY, Buffer.from(JSON.stringify({ key, holder: holder.publicKey, name, platform: 'test' }))));
    const reply = JSON.parse((await asking.waitFor(TYPE.HELLO_REPLY)).payload.subarray(4).toString());
    asking.close();
    const connection = await NativeConnection.open({ host: '127.0.0.1', port });
    await connection.prove(HELLO_KIND.TICKET, Buffer.from(reply.ticket, 'base64url'), holder.privateKey);
    const own = makeHolder();
    await api.post(`/api/v1/sessions/${reply.session}/accept`, { holder_key: own.publicKey });
    const payload = Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.from(text)]);
    connection.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, payload });
    for (let tries = 0; tries < 100; tries++) {
        if ((await api.get(`/api/v1/sessions/${reply.session}/chat`)).text.includes('"customer"'))
            break;
        await sleep(20);
    }
    const noted = await api.post(`/api/v1/sessions/${reply.session}/notes`, { text: `note: ${text}` });
    check('a note is taken', noted.status === 200, noted.text);
    await api.post(`/api/v1/sessions/${reply.session}/external-key`, { external_key: `INC-${reply.session}` });
    await api.post(`/api/v1/sessions/${reply.session}/end`);
    connection.close();
    return reply.session;
}

/** RFC 4180 backwards. */
function parseCsv(text) {
    const rows = [[]];
    for (const cell of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
        if (cell.index === text.length)
            break;
        rows.at(-1).push(cell[1] !== undefined ? cell[1].replaceAll('""', '"') : cell[2]);
        if (cell[3] === '\r\n')
            rows.push([]);
    }
    return rows.filter((row) => row.length > 0);
}

async function validate(name, xml) {
    writeFileSync(`${dir}/answer.xml`, xml);
    const run = await execute('xmllint', ['--nonet', '--noout', '--schema', `${dir}/report.xsd`, `${dir}/answer.xml`])
        .then(() => ({ code: 0, text: '' }), (error) => ({ code: error.code, text: error.stderr }));
    check(`${name}: xmllint agrees`, run.code === 0, `${run.text}\n${xml.slice(0, 2000)}`);
}

async function xpath(expression) {
    const { stdout } = await execute('xmllint', ['--nonet', '--xpath', expression, `${dir}/answer.xml`]);
    return stdout.replace(/\n$/, '');
}

async function formats(token, sessions) {
    const json = await request('GET', 'reports/sessions', { token });
    const { rows, next } = JSON.parse(json.text);
    check('JSON has every session', rows.length === sessions.length && next === null, json.text.slice(0, 500));
    check('names are as they were', rows.every((row, i) => row.customer === NASTY[i] && row.id === sessions[i]), json.text.slice(0, 500));
    check('who, from where, how long, how it ended', rows.every((row) => row.representative_name !== '' && row.customer_address !== ''
        && row.status === 'ended' && row.started_unix_ms >= row.created_unix_ms && row.ended_unix_ms >= row.started_unix_ms
        && row.end !== '' && row.note_count === 1 && row.chat_lines > 1), json.text.slice(0, 1500));
    const csv = await request('GET', 'reports/sessions?format=csv', { token });
    check('CSV is a file', csv.headers['content-type'] === 'text/csv; charset=utf-8'
        && csv.headers['content-disposition'] === 'attachment; filename="sessions.csv"', JSON.stringify(csv.headers));
    const [names, ...lines] = parseCsv(csv.text);
    const customers = lines.map((line) => line[names.indexOf('customer')]);
    check('formulas are text there', customers.every((name, i) => name === (/^[=+\-@]/.test(NASTY[i]) ? `'${NASTY[i]}` : NASTY[i])),
        JSON.stringify(customers));
    const xml = await request('GET', 'reports/sessions?format=xml&details=true', { token });
    check('XML is a file', xml.headers['content-type'] === 'application/xml; charset=utf-8'
        && xml.headers['content-disposition'] === 'attachment; filename="sessions.xml"', JSON.stringify(xml.headers));
    await validate('sessions with details', xml.text);
    for (const [i, name] of NASTY.entries())
        check(`XML gives back ${name}`, await xpath(`string((//*[local-name()="customer"])[${i + 1}])`) === name);
    check('and the chat', await xpath(`string((//*[local-name()="line"][*[local-name()="role"]="customer"]/*[local-name()="text"])[2])`) === NASTY[1]);
}

async function others(token, sessions) {
    const reports = ['sessions', 'sessions?part=participants', 'sessions?part=queue', 'sessions?part=events', 'sessions?part=chat',
        'sessions?part=notes', 'sessions?part=surveys', 'sessions?part=recordings', 'sessions?part=attributes', 'jump-items', 'support-buttons', 'surveys',
        'logins', 'configuration-changes', 'team-activity', 'session-summary', 'session-summary?by=representative',
        'session-summary?by=team', 'session-summary?by=group', `sessions/${sessions[0]}`];
    for (const path of reports) {
        const answer = await request('GET', `reports/${path}${path.includes('?') ? '&' : '?'}format=xml`, { token });
        check(`${path} is answered`, answer.status === 200, answer.text);
        await validate(path, answer.text);
        const csv = await request('GET', `reports/${path}${path.includes('?') ? '&' : '?'}format=csv`, { token });
        const rows = parseCsv(csv.text);
        check(`${path} is a table`, csv.status === 200 && rows.every((row) => row.length === rows[0].length), csv.text.slice(0, 500));
    }
    const read = async (path) => JSON.parse((await request('GET', `reports/${path}`, { token })).text).rows;
    const logins = await read('logins');
    check('logins has the sign-in and the refused one', logins.some((row) => row.action === 'sign_in' && row.result === 'ok' && row.actor === 'alice')
        && logins.some((row) => row.action === 'sign_in' && row.result === 'DENIED'), JSON.stringify(logins));
    const changes = await read('configuration-changes');
    check('changes has the team and the account', ['team.create', 'api_account.create'].every((action) =>
        changes.some((row) => row.action === action && row.actor !== '')), JSON.stringify(changes));
    check('and no session', changes.every((row) => !row.object.startsWith('session ')));
    const teams = await read('team-activity');
    check('team activity counts sign-ins', teams.length === 1 && teams[0].name !== '' && teams[0].sign_ins >= 1, JSON.stringify(teams));
    const summary = await read('session-summary?by=representative');
    check('the summary counts sessions', summary.length === 1 && summary[0].sessions === sessions.length
        && summary[0].ended === sessions.length, JSON.stringify(summary));
    const queue = await read(`sessions?part=queue&session=${sessions[0]}`);
    check('the queue: it waited, then somebody had it', queue.map((row) => row.state).join() === 'waiting,active'
        && queue.every((row) => row.until_unix_ms !== null), JSON.stringify(queue));
    const people = await read(`sessions?part=participants&session=${sessions[0]}`);
    check('two took part', people.length === 2 && people[0].role === 'customer' && people[0].address !== ''
        && people.every((row) => row.left_unix_ms !== null), JSON.stringify(people));
}

async function filters(token, sessions) {
    const read = async (query) => JSON.parse((await request('GET', `reports/sessions?${query}`, { token })).text);
    check('by external key', (await read(`external_key=INC-${sessions[2]}`)).rows.map((row) => row.id).join() === String(sessions[2]));
    check('by customer', (await read(`customer=${encodeURIComponent('<SCRIPT')}`)).rows.map((row) => row.id).join() === String(sessions[1]));
    check('from a time to come', (await read(`from=${encodeURIComponent('2100-01-01T00:00:00+01:00')}`)).rows.length === 0);
    check('nobody waits', (await read('status=waiting')).rows.length === 0);
    const seen = [];
    let after = '';
    do {
        const page = await request('GET', `reports/sessions?format=csv&limit=2${after}`, { token });
        seen.push(...parseCsv(page.text).filter((row) => row[0] !== 'id').map((row) => Number(row[0])));
        after = page.headers['causeway-next'] ? `&after=${page.headers['causeway-next']}` : '';
    } while (after !== '' && seen.length < 20);
    check('pages follow each other', seen.join() === sessions.join(), seen.join());
    const other = await makeToken('Other', 'command');
    check('another scope is refused', (await request('GET', 'reports/sessions', { token: other })).status === 403);
    check('and nobody at all', (await request('GET', 'reports/sessions')).status === 401);
}

async function commands(sessions) {
    const table = await ctl('report', 'sessions');
    check('causewayctl prints a table', table.code === 0 && table.text.includes('REPRESENTATIVE NAME') && table.text.includes('Zoë'), table.text);
    const csv = await ctl('report', 'sessions', 'format=csv', 'limit=2');
    check('and CSV as it is', csv.code === 0 && parseCsv(csv.text).length === 3 && csv.error.includes('more follows: after='), csv.text + csv.error);
    const schema = await ctl('report', 'schema');
    const served = await request('GET', 'report.xsd');
    check('the schema is the same everywhere', served.status === 200 && schema.text === served.text, schema.text.slice(0, 200));
    const one = await ctl('report', 'session', String(sessions[0]), 'format=xml');
    check('one session', one.code === 0 && one.text.includes('<participants>'), one.error);
}

try {
    const api = await signIn();
    await ctl('set', 'option', 'api.per_second', '1000');
    await api.post('/api/v1/sign-in', { user: 'alice', password: 'not the one' }).catch(() => undefined);
    await api.post('/api/v1/teams', { name: '<b>First & "line"</b>' });
    await api.post('/api/v1/teams/1/members', { account: 1, role: 'member' });
    const sessions = [];
    for (const name of NASTY)
        sessions.push(await live(api, name, name));
    const token = await makeToken('Reader', 'report');
    writeFileSync(`${dir}/report.xsd`, (await request('GET', 'report.xsd')).text);
    await formats(token, sessions);
    await others(token, sessions);
    await filters(token, sessions);
    await commands(sessions);
} catch (error) {
    check('the script comes to its end', false, error.stack);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
