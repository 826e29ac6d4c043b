// SPDX-License-Identifier: Apache-2.0
// The checks of tests/e2e/policies.sh: a session policy and a Jump policy, seen from a connection, the API and causewayctl.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { Api } from '../browser/lib/api.mjs';
import { CHANNEL, TYPE } from '../browser/lib/wire.mjs';
import { Crowd } from './crowd.mjs';

const { CAUSEWAY_BIN: bin, CAUSEWAY_DIR: dir } = process.env;
const port = Number(process.env.HTTPS_PORT);
const execute = promisify(execFile);
const BIT = { view: 1n << 0n, control: 1n << 1n, shell: 1n << 8n };
const TOOL = { ask: 0x1d, answer: 0x1e };
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
    const json = words[0] !== 'table';
    const rest = json ? words : words.slice(1);
    try {
        const { stdout } = await execute(`${bin}/causewayctl`,
            ['--socket', `${dir}/run/control.sock`, ...(json ? ['--json'] : []), ...rest]);
        return { code: 0, text: stdout, json: json ? JSON.parse(stdout) : undefined };
    } catch (error) {
        return { code: error.code, text: `${error.stdout}${error.stderr}` };
    }
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

/** The last mask that the engine told this end, as it changes. */
function watchMask(end) {
    const seen = { mask: 0n };
    const before = end.connection.onFrame;
    end.connection.onFrame = (frame) => {
        if (frame.type === TYPE.PERMISSIONS)
            seen.mask = frame.payload.readBigUInt64LE(0);
        before(frame);
    };
    return seen;
}

function consent(customer) {
    const payload = Buffer.alloc(8);
    payload[4] = 1;
    payload[5] = 1;
    customer.connection.send({ type: TYPE.CONSENT, channel: CHANNEL.control, payload });
}

/** The customer is asked about the shell; before its yes the engine gives nothing of it. */
async function askFirst(api, crowd, customer, representative, policy, seen) {
    let asked;
    const before = customer.connection.onFrame;
    customer.connection.onFrame = (frame) => {
        if (frame.type === TOOL.ask)
            asked = frame.payload;
        before(frame);
    };
    const set = await ctl('set', 'session-policy', String(policy), 'tool', 'shell', 'allow', 'prompt=ask', 'time_s=60', 'silence=no');
    check('the operator wants the customer asked', set.code === 0, set.text);
    await crowd.until('the shell is closed till then', () => (seen.mask & BIT.shell) === 0n);
    const wants = await api.post(`/api/v1/sessions/${representative.session}/ask-tool`, { tool: 'shell' });
    check('the representative asks', wants.status === 200 && wants.json.state === 'waits', wants.text);
    await crowd.until('the customer is asked', () => asked !== undefined);
    check('in words', asked.subarray(12).toString().includes('use a command shell'), asked.toString('hex'));
    check('and nothing is open before the answer', (seen.mask & BIT.shell) === 0n, String(seen.mask));
    const answer = Buffer.alloc(8);
    asked.copy(answer, 0, 0, 6);
    answer[6] = 1;
    customer.connection.send({ type: TOOL.answer, channel: CHANNEL.control, payload: answer });
    await crowd.until('the yes opens it', () => (seen.mask & BIT.shell) !== 0n);
}

async function sessionPolicies(api) {
    const crowd = new Crowd(port, api);
    await crowd.gather(1);
    const [customer, representative] = crowd.pairs[0];
    const seen = watchMask(representative);
    consent(customer);
    await crowd.until('the customer allows all', () => (seen.mask & BIT.shell) !== 0n);
    check('who may control may use the shell', (seen.mask & (BIT.view | BIT.control | BIT.shell)) === (BIT.view | BIT.control | BIT.shell),
        String(seen.mask));

    const made = await api.post('/api/v1/session-policies', { name: 'No shell', tools: { shell: 'deny' } });
    check('a policy is made', made.status === 200, made.text);
    const policy = made.json.session_policy.id;
    const me = (await api.get('/api/v1/me')).json.account.id;
    const given = await api.post('/api/v1/policy-assignments', { kind: 'account', object: me, attended: policy });
    check('and given to an account', given.status === 200, given.text);
    await crowd.until('the shell is gone from the live mask', () => (seen.mask & BIT.shell) === 0n);
    check('and nothing else', (seen.mask & (BIT.view | BIT.control)) === (BIT.view | BIT.control), String(seen.mask));

    const explained = await ctl('explain', 'policy', 'account=alice', 'tool=shell', 'attended=on');
    const row = explained.json?.answers?.[0];
    check('causewayctl names the policy and its layer', row?.tool === 'shell' && row.allowed === false && row.source === 'account'
        && row.policy_name === 'No shell', explained.text);
    const table = await ctl('table', 'explain', 'policy', 'account=alice', 'attended=on');
    check('as a table for people, too', /shell +no +account +\d+ +No shell/.test(table.text), table.text.slice(0, 2000));
    const json = await api.get(`/api/v1/sessions/${representative.session}/tools`);
    const tool = json.json?.answers?.find((answer) => answer.tool === 'shell');
    check('the API says the same of the live session', tool?.allowed === false && tool.policy_name === 'No shell', json.text.slice(0, 500));

    representative.connection.socket.destroy();
    await crowd.until('the representative comes back', () => representative.gapsMs.length === 1 && representative.connection);
    const again = watchMask(representative);
    const opened = await ctl('set', 'session-policy', String(policy), 'tool', 'shell', 'allow');
    check('the operator allows it again', opened.code === 0, opened.text);
    await crowd.until('it is there at once', () => (again.mask & BIT.shell) !== 0n);
    await askFirst(api, crowd, customer, representative, policy, again);
    check('nothing went wrong on the way', crowd.faults.length === 0, crowd.faults.join('; '));
    crowd.ends.forEach((end) => end.over());
}

async function jumpPolicies(api) {
    const made = await ctl('create', 'jump-policy', 'Office', 'hours=mon-fri 08:00-17:00', 'time_zone=Europe/Vienna',
        'dates=2026-12-24 closed', 'strict=on');
    check('causewayctl makes a Jump policy', made.code === 0 && made.json.hours.startsWith('mon 08:00-mon 17:00, tue'), made.text);
    check('which says when it is open', Number.isInteger(made.json?.next_open_unix_ms), made.text);
    const wrong = await ctl('create', 'jump-policy', 'Nowhere', 'time_zone=Europe/Atlantis');
    check('an unknown time zone is refused by name', wrong.code === 1 && wrong.text.includes('Europe/Atlantis'), wrong.text);
    const listed = await api.get('/api/v1/jump-policies');
    check('the API lists it', listed.json?.jump_policies?.[0]?.time_zone === 'Europe/Vienna', listed.text);
    const group = await api.post('/api/v1/jump-groups', { name: 'Tills' });
    const member = await ctl('set', 'jump-group', String(group.json?.jump_group?.id), 'member', 'everybody', 'role=2');
    check('a Jump Group has members with roles', group.status === 200 && member.code === 0, group.text + member.text);
    check('changes are in the audit log', (await ctl('show', 'audit')).text.includes('jump_group.member_set'));
}

try {
    const api = await signIn();
    await sessionPolicies(api);
    await jumpPolicies(api);
} catch (error) {
    check('the script comes to its end', false, error.stack);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
