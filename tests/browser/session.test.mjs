// SPDX-License-Identifier: Apache-2.0
// One session, end to end: `make run`, a representative in Chromium, a live X desktop.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import {
    canvasEqualsScreen, changePassword, openBrowser, openPage, pagePoint, sessionOpened, signIn,
} from './lib/console.mjs';
import { Customer } from './lib/customer.mjs';
import { CHANNEL, TYPE, WireSocket, makeHolder } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';

describe('one session, end to end', { concurrency: false, timeout: 600000 }, () => {
    let appliance;
    let browser;
    let page;
    let api;
    let expiring;

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    async function freshApi() {
        const fresh = new Api(appliance.url);
        const { status } = await fresh.post('/api/v1/sign-in', { user: appliance.ready.admin_user, password: PASSWORD });
        assert.equal(status, 200);
        return fresh;
    }

    async function firstJumpItem() {
        const { json } = await api.get('/api/v1/jump-items');
        assert.equal(json.jump_items.length, 1, 'the sample desktop is the one Jump Item');
        return json.jump_items[0];
    }

    async function jump() {
        const item = await until('the sample desktop is free', async () => {
            const found = await firstJumpItem();
            return found.state === 'online' ? found : undefined;
        });
        await page.getByTestId('home-tab').click();
        await page.getByTestId(`jump-${item.id}`).click();
        return sessionOpened(page);
    }

    /** The parts of one session's tab. */
    function tab(session) {
        return page.getByTestId(`session-${session}`);
    }

    async function endSession(session) {
        await tab(session).getByTestId('end-session').click();
        await page.getByTestId('end-session-confirm').filter({ visible: true }).click();
        await tab(session).getByTestId('session-ended').waitFor();
    }

    async function closeTab(session) {
        await tab(session).getByTestId('close-tab').click();
        await tab(session).waitFor({ state: 'detached' });
    }

    test('a wrong password is refused with a sentence and an audit row', async () => {
        page = await openPage(browser.context, `${appliance.url}/console`);
        await signIn(page, appliance.ready.admin_user, 'not the password');
        await page.getByRole('alert').filter({ hasText: /password/i }).waitFor();
        await appliance.auditRow('refused sign-in', (row) => row.action === 'sign_in' && row.result !== 'ok');
    });

    test('the first sign-in makes the administrator choose a password', async () => {
        await until('the account may try again', async () => {
            await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
            return page.getByTestId('new-password').waitFor({ timeout: 3000 }).then(() => true, () => false);
        }, 30000, 500);
        await changePassword(page, PASSWORD);
        await page.locator('[data-testid^="jump-item-"]').first().waitFor();
        api = await freshApi();
        expiring = (await api.post('/api/v1/session-keys', { life_s: 60 })).json;
        expiring.at = Date.now();
    });

    test('a second administrator cannot be created over the socket', async () => {
        const { code, stderr, stdout } = await appliance.ctl('create', 'admin', 'mallory');
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, /account|administrator/i);
        await appliance.auditRow('refused create admin',
            (row) => /admin/.test(row.action) && row.result !== 'ok');
    });

    test('a Jump shows the desktop exactly as the X server has it', async () => {
        const session = await jump();
        await canvasEqualsScreen(page, session, appliance.desktop);
        const shown = await appliance.ctlJson('show', 'sessions');
        assert.ok(shown.sessions.some((s) => s.id === session && s.state === 'active'));
        await appliance.auditRow('the Jump', (row) => /jump/.test(row.action) && row.result === 'ok');
    });

    test('a command typed into the remote terminal runs and its result is seen', async () => {
        const session = await jumpedSession();
        const proof = path.join('/tmp', `causeway-proof-${process.pid}`);
        const terminal = await appliance.terminal();
        await clickWindow(session, terminal);
        await page.keyboard.type(`echo "It's {live}: ~$((6*7))|" > ${proof}; clear; cat ${proof}\n`);
        await until('the command has run', () => fs.existsSync(proof) && fs.readFileSync(proof, 'utf8').length > 0);
        assert.equal(fs.readFileSync(proof, 'utf8'), 'It\'s {live}: ~42|\n');
        fs.rmSync(proof);
        await canvasEqualsScreen(page, session, appliance.desktop);
    });

    test('a window is moved with the pointer', async () => {
        const session = await jumpedSession();
        const terminal = await appliance.terminal();
        const from = await appliance.windowBox(terminal);
        const grip = await pagePoint(page, session, from.x + 100, from.y - 10);
        await page.mouse.move(grip.x, grip.y);
        await page.mouse.down();
        await page.mouse.move(grip.x + 40, grip.y + 30, { steps: 6 });
        await page.mouse.move(grip.x + 60, grip.y + 40, { steps: 4 });
        await page.mouse.up();
        await until('the window has moved', async () => {
            const to = await appliance.windowBox(terminal);
            return Math.abs(to.x - from.x) > 20 && Math.abs(to.y - from.y) > 10;
        });
        await canvasEqualsScreen(page, session, appliance.desktop);
    });

    test('the session goes on while control is killed, and control picks it up again', async () => {
        const session = await jumpedSession();
        const [control] = await appliance.pidsOf('causeway-control');
        process.kill(control, 'SIGKILL');
        const terminal = await appliance.terminal();
        await clickWindow(session, terminal);
        await page.keyboard.type('clear; echo still here\n');
        await canvasEqualsScreen(page, session, appliance.desktop);
        await until('control runs again', async () => {
            const [again] = await appliance.pidsOf('causeway-control');
            return again !== undefined && again !== control;
        });
        await until('control knows the session again', async () => {
            const { code, stdout } = await appliance.ctl('--json', 'show', 'sessions');
            return code === 0 && JSON.parse(stdout).sessions.some((s) => s.id === session && s.state === 'active');
        });
        await page.keyboard.type('clear\n');
        await canvasEqualsScreen(page, session, appliance.desktop);
    });

    test('the remote pointer has its own shape', async () => {
        const session = await jumpedSession();
        await clickWindow(session, await appliance.terminal());
        await until('the canvas shows the terminal\'s text cursor', () =>
            page.getByTestId(`screen-${session}`).evaluate((canvas) => /url\(/.test(getComputedStyle(canvas).cursor)));
    });

    test('the session comes back by itself when the engine is killed', async () => {
        const session = await jumpedSession();
        const [engine] = await appliance.pidsOf('causeway-engine');
        process.kill(engine, 'SIGKILL');
        await until('the engine runs again', async () => {
            const [again] = await appliance.pidsOf('causeway-engine');
            return again !== undefined && again !== engine;
        });
        await until('the tab is live again', async () =>
            await tab(session).getAttribute('data-state') === 'live', 20000);
        await clickWindow(session, await appliance.terminal());
        await page.keyboard.type('clear; echo back again\n');
        await canvasEqualsScreen(page, session, appliance.desktop);
    });

    test('the representative ends the session', async () => {
        const session = await jumpedSession();
        await endSession(session);
        await closeTab(session);
        await until('control has ended it', async () => {
            const { sessions } = await appliance.ctlJson('show', 'sessions');
            return !sessions.some((s) => s.id === session && s.state !== 'ended');
        });
        await appliance.auditRow('the end', (row) => row.action.startsWith('session') && /end/.test(row.action));
        await until('the sample desktop is free again', async () => (await firstJumpItem()).state === 'online');
    });

    test('an operator ends a session with causewayctl', async () => {
        const session = await jump();
        await canvasEqualsScreen(page, session, appliance.desktop);
        const { code } = await appliance.ctl('end', 'session', String(session));
        assert.equal(code, 0);
        await tab(session).getByTestId('session-ended').filter({ hasText: /operator/i }).waitFor();
        await closeTab(session);
    });

    test('a customer joins with a session key, allows, chats, and ends it with one key', async () => {
        const customer = await Customer.start();
        try {
            const session = await customerSession(customer);
            await customer.answer('allow view and control');
            await canvasEqualsScreen(page, session, customer.environment);
            await tab(session).getByTestId('chat-input').fill('Hello, how can I help?');
            await tab(session).getByTestId('chat-send').click();
            await tab(session).getByTestId('chat-log').getByText('Hello, how can I help?').waitFor();
            await customer.type('My screen is upside down');
            await customer.keys('Return');
            await tab(session).getByTestId('chat-log').getByText('My screen is upside down').waitFor();
            const { json } = await (await freshApi()).get(`/api/v1/sessions/${session}/chat`);
            assert.deepEqual(json.lines.filter((l) => l.from !== 'appliance').map((l) => [l.from, l.text]), [
                ['representative', 'Hello, how can I help?'], ['customer', 'My screen is upside down'],
            ]);
            await customer.keys('Pause');
            await tab(session).getByTestId('session-ended').filter({ hasText: /customer/i }).waitFor();
            await closeTab(session);
            assert.equal(await customer.close(), 0);
            const printed = /transcript.*: (https:\S+#visit=S\d+\.\S+)/.exec(customer.output)?.[1];
            assert.ok(printed, `the program names the page: ${customer.output}`);
            const afterwards = await openPage(browser.context, printed);
            await afterwards.getByTestId('transcript-show').click();
            await afterwards.getByTestId('transcript').filter({ hasText: 'My screen is upside down' }).waitFor();
            assert.deepEqual(afterwards.problems, []);
            await afterwards.close();
        } finally {
            await customer.stop();
        }
    });

    test('nothing of the screen is seen before consent, and a refusal stays a refusal', async () => {
        const customer = await Customer.start();
        try {
            const session = await customerSession(customer);
            await new Promise((resolve) => setTimeout(resolve, 1000));
            const pixels = await page.getByTestId(`screen-${session}`).evaluate((canvas) => {
                const context = canvas.getContext('2d');
                return context.getImageData(0, 0, canvas.width, canvas.height).data
                    .some((value, index) => index % 4 !== 3 && value !== 0);
            });
            assert.equal(pixels, false, 'no pixel was shown without consent');
            await customer.answer('refuse');
            await tab(session).getByTestId('chat-log').getByText(/did not allow viewing/).waitFor();
            await endSession(session);
            await closeTab(session);
            assert.equal(await customer.close(), 0);
        } finally {
            await customer.stop();
        }
    });

    test('a used session key is refused', async () => {
        const { json } = await api.post('/api/v1/session-keys', {});
        const customer = await Customer.start();
        try {
            const portal = await openPortal(json.key);
            customer.runClient(await portal.getByTestId('client-command').innerText());
            await until('the customer waits in the queue', async () =>
                (await api.get('/api/v1/queue')).json.queue.length > 0);
            await portal.close();
            const again = await openPage(browser.context, appliance.url);
            await again.getByTestId('key-input').fill(json.key);
            await again.getByTestId('key-submit').click();
            await again.getByTestId('portal-error').filter({ hasText: /used/i }).waitFor();
            await again.close();
            await appliance.auditRow('used key', (row) => /key/.test(row.action) && row.result !== 'ok');
            const { queue } = (await api.get('/api/v1/queue')).json;
            await api.post(`/api/v1/sessions/${queue[0].session}/end`);
        } finally {
            await customer.stop();
        }
    });

    test('a wrong session key is refused', async () => {
        const portal = await openPage(browser.context, appliance.url);
        await portal.getByTestId('key-input').fill('ZZZZ-ZZZZ-ZZ');
        await portal.getByTestId('key-submit').click();
        await portal.getByTestId('portal-error').filter({ hasText: /not valid/i }).waitFor();
        await portal.close();
    });

    test('a forged ticket is refused with its close code and an audit row', async () => {
        const holder = makeHolder();
        const item = await firstJumpItem();
        const { json } = await api.post(`/api/v1/jump-items/${item.id}/jump`, { holder_key: holder.publicKey });
        const forged = Buffer.from(json.ticket, 'base64url');
        forged[16] ^= 0xff; // more permissions than control signed
        const socket = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        const answer = await socket.hello(forged.toString('base64url'), holder);
        const close = answer?.code ? answer : await socket.waitForClose();
        assert.equal(close.code, 4040);
        assert.match(close.text, /not issued by this appliance/);
        await appliance.auditRow('forged ticket', (row) => /TICKET_FORGED|forged/i.test(JSON.stringify(row)));

        const thief = makeHolder();
        const stolen = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        const stolenAnswer = await stolen.hello(json.ticket, thief);
        assert.equal((stolenAnswer?.code ? stolenAnswer : await stolen.waitForClose()).code, 4044);

        const good = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        assert.equal((await good.hello(json.ticket, holder)).type, TYPE.WELCOME);
        const twice = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        const twiceAnswer = await twice.hello(json.ticket, holder);
        assert.equal((twiceAnswer?.code ? twiceAnswer : await twice.waitForClose()).code, 4042);

        // Malformed, out of order and not permitted, each on a connection of its own; `good` lives on.
        const early = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        await early.waitFor(TYPE.CHALLENGE);
        early.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, payload: Buffer.from('\0\0\0\0hi') });
        assert.equal((await early.waitForClose()).code, 4022);
        const garbage = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        await garbage.waitFor(TYPE.CHALLENGE);
        garbage.sendRaw(2, Buffer.alloc(40, 0xee));
        assert.ok([4020, 4024].includes((await garbage.waitForClose()).code));
        assert.equal(good.closed, null, 'the good connection is not disturbed');
        good.close();
        await api.post(`/api/v1/sessions/${json.session}/end`);
    });

    test('a wrong Origin is refused on the WebSocket and on a change', async () => {
        const socket = new WireSocket({ port: appliance.httpsPort, origin: 'https://evil.example' });
        const close = await socket.waitForClose();
        assert.equal(close.status, 403);
        await appliance.auditRow('wrong Origin', (row) => /origin/i.test(JSON.stringify(row)));
        const { status, json } = await api.post('/api/v1/session-keys', {}, { origin: 'https://evil.example' });
        assert.equal(status, 403);
        assert.equal(json.error.code, 'ORIGIN');
        assert.match(json.error.message, /another site/);
    });

    test('port 8080 only redirects', async () => {
        const response = await fetch(`http://localhost:${appliance.httpPort}/console?x=1`, { redirect: 'manual' });
        assert.equal(response.status, 308);
        assert.equal(response.headers.get('location'), `${appliance.url}/console?x=1`);
    });

    test('an expired session key is refused', async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, expiring.at + 61500 - Date.now())));
        const portal = await openPage(browser.context, appliance.url);
        await portal.getByTestId('key-input').fill(expiring.key);
        await portal.getByTestId('key-submit').click();
        await portal.getByTestId('portal-error').filter({ hasText: /expired/i }).waitFor();
        await portal.close();
    });

    test('no page had a script error or a policy violation', () => {
        assert.deepEqual(page.problems, []);
    });

    test('a second make run finds its store, and asks for no first administrator', async () => {
        await appliance.stop({ keepState: true });
        const { stateDir, httpsPort, httpPort } = appliance;
        appliance = await Appliance.start({ stateDir, httpsPort, httpPort });
        appliance.ownsState = true;
        assert.equal(appliance.ready.one_time_password ?? null, null);
        api = await freshApi();
        await until('the sample desktop is back', async () => (await firstJumpItem()).state === 'online');
    });

    async function jumpedSession() {
        const canvas = page.locator('[data-testid^="screen-"]').last();
        await canvas.waitFor();
        return Number((await canvas.getAttribute('data-testid')).slice('screen-'.length));
    }

    async function clickWindow(session, window) {
        const box = await appliance.windowBox(window);
        const point = await pagePoint(page, session, box.x + 60, box.y + 60);
        await page.mouse.click(point.x, point.y);
    }

    async function openPortal(key) {
        const portal = await openPage(browser.context, appliance.url);
        await portal.getByTestId('key-input').fill(key);
        await portal.getByTestId('key-submit').click();
        await portal.getByTestId('client-command').waitFor();
        return portal;
    }

    /** Makes a key in the console, opens the portal with it, runs its command, accepts. */
    async function customerSession(customer) {
        await page.bringToFront();
        await page.getByTestId('home-tab').click();
        await page.getByTestId('create-session-key').click();
        const key = (await page.getByTestId('session-key-value').innerText()).trim();
        await page.keyboard.press('Escape');
        const portal = await openPortal(key);
        customer.runClient(await portal.getByTestId('client-command').innerText());
        await portal.close();
        await page.locator('[data-testid^="accept-"]').first().click();
        const session = await sessionOpened(page);
        await customer.window();
        return session;
    }
});
