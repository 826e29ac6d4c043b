// SPDX-License-Identifier: Apache-2.0
// The portal as customers find it, against the real appliance, on a telephone (360 px) and on a desk (1280 px).
// SCREENSHOTS=folder leaves a picture of each step.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import zlib from 'node:zlib';

import { Api } from './lib/api.mjs';
import { Appliance, root, until } from './lib/appliance.mjs';
import { openBrowser, openPage } from './lib/console.mjs';
import { NativeConnection, HELLO_KIND, hello } from './lib/native.mjs';
import { CHANNEL, TYPE, WireSocket, makeHolder } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const AXE = fs.readFileSync(path.join(root, 'tests/browser/node_modules/axe-core/axe.min.js'), 'utf8');
const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><b>bold</b>';
const sizes = [{ name: 'phone', width: 360, height: 740 }, { name: 'desk', width: 1280, height: 860 }];
const screenshots = process.env.SCREENSHOTS;

describe('the portal', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let api;
    let team;
    let socket;

    before(async () => {
        if (screenshots)
            fs.mkdirSync(screenshots, { recursive: true });
        appliance = await Appliance.start();
        browser = await openBrowser();
        api = new Api(appliance.url);
        const { admin_user: user, one_time_password: password } = appliance.ready;
        await must('sign-in', { user, password });
        await must('password', { current: password, new: PASSWORD });
        await must('availability', { status: 'available' });
        team = (await must('teams', { name: 'First Line' })).team.id;
        const me = (await get('me')).account.id;
        await must(`teams/${team}/members`, { account: me, role: 'lead' });
        const issues = [];
        for (const [name, code] of [['A printer does not print', 'printer'], ['E-mail and calendar', 'mail'],
            ['Something else', 'other']])
            issues.push((await must('issues', { name, code, team, priority: 'medium' })).id);
        await must('portals/1', {
            title: 'Northwind Help Desk', show_keys: true, show_issues: true, show_representatives: true, issues,
            text: 'Tell us what is wrong, or enter the key that we gave you.\nWe are here on working days.',
        });
        await must('portal/me', { shown: true });
    });

    after(async () => {
        socket?.close();
        await browser?.close();
        await appliance?.stop();
    });

    async function must(name, body) {
        const { status, json, text } = await api.post(`/api/v1/${name}`, body);
        assert.equal(status, 200, `${name}: ${text}`);
        return json;
    }

    async function get(name) {
        const { status, json, text } = await api.get(`/api/v1/${name}`);
        assert.equal(status, 200, `${name}: ${text}`);
        return json;
    }

    /** A console of the administrator, so that a representative is there. */
    async function comeOnline() {
        const holder = makeHolder();
        const { ticket } = await must('events-ticket', { holder_key: holder.publicKey });
        socket = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        assert.equal((await socket.hello(ticket, holder))?.type, TYPE.WELCOME);
    }

    async function shot(page, name) {
        if (!screenshots)
            return;
        const { width } = page.viewportSize();
        for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await page.waitForTimeout(200);
            await page.screenshot({ path: path.join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        }
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    }

    /** What axe finds, light and dark, in a world of its own, so that the page's policy does not matter. */
    async function axeIsClean(page, view) {
        for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await page.waitForTimeout(200);
            const session = await page.context().newCDPSession(page);
            const { frameTree } = await session.send('Page.getFrameTree');
            const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
            await session.send('Runtime.evaluate', { contextId: executionContextId, expression: AXE });
            const { result } = await session.send('Runtime.evaluate', {
                contextId: executionContextId, awaitPromise: true, returnByValue: true,
                expression: 'axe.run().then((r) => ({ passes: r.passes.length, found: r.violations'
                    + '.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).join(", ")) }))',
            });
            await session.detach();
            assert.ok(result.value.passes > 5, `axe looked at ${view}`);
            assert.deepEqual(result.value.found, [], `${view}, ${colorScheme}`);
        }
    }

    /** axe is content, nothing sticks out at the side, nothing was complained about; a picture is kept. */
    async function isGood(page, view) {
        await axeIsClean(page, view);
        const { wide, room } = await page.evaluate(() => ({
            wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth,
        }));
        assert.ok(wide <= room, `${view}: ${wide} px on a page of ${room} px`);
        assert.deepEqual(page.problems, [], view);
        await shot(page, view);
    }

    /** A page of that size; Chromium counts what moves on it. */
    async function open(size, address = '/', { locale = 'en-GB' } = {}) {
        const page = await openPage(browser.context, 'about:blank');
        await page.setViewportSize(size);
        await page.addInitScript((language) => {
            Object.defineProperty(navigator, 'languages', { get: () => [language] });
            window.moved = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries())
                    window.moved += entry.hadRecentInput ? 0 : entry.value;
            }).observe({ type: 'layout-shift', buffered: true });
        }, locale);
        await page.goto(appliance.url + address);
        return page;
    }

    /** A key becomes a waiting session, as the customer client does it. */
    async function enter(key, { name = 'Ina Example', agreed } = {}) {
        const holder = makeHolder();
        const connection = await NativeConnection.open({ port: appliance.httpsPort });
        connection.send({ ...decode(hello(HELLO_KIND.SESSION_KEY, Buffer.from(JSON.stringify({
            key, holder: holder.publicKey, name, platform: 'Debian', ...(agreed && { agreed }),
        })))) });
        const reply = await connection.waitFor(TYPE.HELLO_REPLY);
        connection.socket.destroy();
        const json = JSON.parse(reply.payload.subarray(reply.payload.indexOf('{')).toString());
        return { ...json, holder };
    }

    function decode(frame) {
        return { type: frame.readUInt8(1), channel: frame.readUInt8(2), flags: frame.readUInt8(3), payload: frame.subarray(16) };
    }

    function say(wire, session, number, text) {
        const payload = Buffer.concat([Buffer.alloc(4), Buffer.from(text)]);
        payload.writeUInt32LE(number);
        wire.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, session, payload });
    }

    async function newKey() {
        return (await must('session-keys', {})).key;
    }

    test('what the page loads is less than 60 KB, as it is served', async () => {
        const page = await open(sizes[0]);
        await page.getByTestId('topic-printer').waitFor();
        const loaded = await page.evaluate(() => performance.getEntries()
            .filter((entry) => entry.encodedBodySize > 0 && !entry.name.includes('/api/'))
            .map((entry) => [entry.name, entry.encodedBodySize]));
        assert.ok(loaded.some(([name]) => name.endsWith('.css')) && loaded.some(([name]) => name.endsWith('.js')));
        const bytes = loaded.reduce((sum, [, size]) => sum + size, 0);
        assert.ok(bytes < 60 * 1024, `${bytes} bytes: ${JSON.stringify(loaded)}`);
        await page.close();
    });

    for (const size of sizes) {
        test(`${size.name}: the page of the portal`, async () => {
            const page = await open(size);
            await page.getByTestId('portal-title').filter({ hasText: 'Northwind Help Desk' }).waitFor();
            await page.getByTestId('topic-printer').waitFor();
            assert.match(await page.getByTestId('portal-text').innerText(), /working days\.$/);
            assert.equal(await page.getByTestId('people').count(), socket ? 1 : 0);
            await isGood(page, 'start');
            assert.equal(await page.evaluate(() => window.moved), 0, 'nothing moved while it loaded');
            await page.close();
        });

        test(`${size.name}: a wrong key, a key as a person pastes it, and the command`, async () => {
            const page = await open(size);
            await page.getByTestId('key-submit').click();
            await page.getByTestId('portal-error').filter({ hasText: 'Enter the session key' }).waitFor();
            await page.getByTestId('key-input').fill('AAAA-AAAA-AA');
            await page.getByTestId('key-submit').click();
            await page.getByTestId('portal-error').filter({ hasText: 'not valid' }).waitFor();
            assert.equal(await page.evaluate(() => document.activeElement.id), 'session-key');
            await isGood(page, 'key-wrong');
            const key = await newKey();
            await page.getByTestId('key-input').fill(`  ${key.toLowerCase().replaceAll('-', ' ')} `);
            await page.keyboard.press('Enter');
            await page.getByTestId('portal-ready').waitFor();
            assert.ok((await page.getByTestId('client-command').innerText()).includes(key));
            assert.equal(new URL(page.url()).search, '');
            await isGood(page, 'ready');
            await page.reload();
            assert.ok((await page.getByTestId('client-command').innerText()).includes(key), 'a reload goes on');
            await page.close();
        });
    }

    test('the address with a key leads to the command at once', async () => {
        const page = await open(sizes[1], `/?key=${await newKey()}`);
        await page.getByTestId('client-command').waitFor();
        await page.close();
    });

    test('a representative comes and is listed; what he is called is text', async () => {
        const me = (await get('me')).account.id;
        await must(`accounts/${me}`, { display_name: `Ada ${HOSTILE}` });
        const page = await open(sizes[1]);
        await page.getByTestId('topic-printer').waitFor();
        assert.equal(await page.getByTestId('people').count(), 0, 'nobody is there yet');
        await comeOnline();
        await page.reload();
        await page.getByTestId(`person-${me}`).filter({ hasText: HOSTILE }).waitFor();
        assert.equal(await page.locator('main b, main img').count(), 0);
        await must(`accounts/${me}`, { display_name: 'Ada Lovelace' });
        await page.close();
        for (const size of sizes) {
            const fresh = await open(size);
            await fresh.getByTestId(`person-${me}`).click();
            await fresh.getByTestId('for-person').filter({ hasText: 'Ada Lovelace' }).waitFor();
            await until('the name has the focus', () => fresh.evaluate(() => document.activeElement.name === 'name'));
            await isGood(fresh, 'person');
            await fresh.close();
        }
    });

    test('a request says what is missing where it is missing, asks for the agreement and becomes a key', async (t) => {
        t.after(() => must('customer-messages', { name: 'agreement' }));
        await must('customer-messages', { name: 'agreement', text: `We see what you show us.\n\n${HOSTILE}` });
        for (const size of sizes) {
            const page = await open(size);
            await page.getByTestId('issue-submit').click();
            await page.locator('#topic-error').filter({ hasText: 'Choose what it is about' }).waitFor();
            await page.locator('#entry-name-error').filter({ hasText: 'Enter your name' }).waitFor();
            assert.equal(await page.evaluate(() => document.activeElement.name), 'topic');
            await isGood(page, 'issue-missing');
            await page.getByTestId('topic-printer').click();
            await page.getByTestId('issue-name').fill('Ina Example');
            await page.getByTestId('issue-company').fill('Paper & Co');
            await page.getByTestId('issue-code').fill('P-7');
            await page.getByTestId('issue-description').fill(`${HOSTILE}\nSince Monday.`);
            await page.getByTestId('issue-submit').click();
            await page.getByTestId('agreement').filter({ hasText: HOSTILE }).waitFor();
            await isGood(page, 'terms');
            await page.getByTestId('decline-terms').click();
            assert.equal(await page.getByTestId('issue-company').inputValue(), 'Paper & Co', 'what was written stays');
            await page.getByTestId('issue-submit').click();
            await page.getByTestId('accept-terms').click();
            await page.getByTestId('portal-ready').filter({ hasText: 'First Line' }).waitFor();
            await shot(page, 'issue-ready');
            assert.match(await page.getByTestId('client-command').innerText(), /--key [0-9A-Z-]{12}/);
            await page.close();
        }
        const keyPage = await open(sizes[1]);
        await keyPage.getByTestId('key-input').fill(await newKey());
        await keyPage.keyboard.press('Enter');
        await keyPage.getByTestId('accept-terms').click();
        await keyPage.getByTestId('client-command').waitFor();
        await keyPage.close();
    });

    test('who waits sees the place and the wait, who is served sees by whom, and afterwards what is kept', async () => {
        const { id: rating } = await must('survey-questions', { for: 'customer', kind: 'rating', text: 'How was it?', required: true, place: 1 });
        const { id: choice } = await must('survey-questions', { for: 'customer', kind: 'choice', text: 'Was the problem solved?', choices: 'Yes\nPartly\nNo', place: 2 });
        const { id: free } = await must('survey-questions', { for: 'customer', kind: 'text', text: `What else? ${HOSTILE}`, place: 3 });
        await must('customer-messages', { name: 'finished', text: `Goodbye, %CUSTOMER%. ${HOSTILE}` });
        const pages = [];
        for (const size of sizes) {
            const page = await open(size);
            await page.getByTestId('key-input').fill(await newKey());
            await page.keyboard.press('Enter');
            const command = await page.getByTestId('client-command').innerText();
            pages.push({ page, key: /--key (\S+)/.exec(command)[1] });
        }
        for (const [i, one] of pages.entries()) {
            one.joined = await enter(one.key, { name: `Customer ${i + 1}` });
            await one.page.getByTestId('queue-position').filter({ hasText: String(i + 1) }).waitFor();
            await one.page.getByTestId('queue-wait').filter({ hasText: 'not known yet' }).waitFor();
            await one.page.getByTestId('queue-message').filter({ hasText: `Welcome, Customer ${i + 1}` }).waitFor();
            await isGood(one.page, 'waiting');
        }
        await must('customer-messages', { name: 'greeting', text: `Number %POSITION%, %CUSTOMER%! ${HOSTILE}` });
        await pages[1].page.getByTestId('queue-message').filter({ hasText: `Number 2, Customer 2! ${HOSTILE}` }).waitFor();
        await pages[1].page.reload();
        await pages[1].page.getByTestId('queue-position').filter({ hasText: '2' }).waitFor();
        await must('customer-messages', { name: 'greeting' });

        for (const [i, { page, joined }] of pages.entries()) {
            const holder = makeHolder();
            const { ticket } = await must(`sessions/${joined.session}/accept`, { holder_key: holder.publicKey });
            const wire = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
            assert.equal((await wire.hello(ticket, holder))?.type, TYPE.WELCOME);
            await page.getByTestId('active').filter({ hasText: 'You are connected with Ada Lovelace' }).waitFor();
            await isGood(page, 'active');
            if (i === 0)
                await pages[1].page.getByTestId('queue-position').filter({ hasText: '1' }).waitFor();
            say(wire, joined.session, 1, `Hello. ${HOSTILE}`);
            say(wire, joined.session, 2, 'Please restart the printer.');
            await until('the lines are kept', async () =>
                (await get(`sessions/${joined.session}/chat`)).lines.some((line) => /restart/.test(line.text)));
            await must(`sessions/${joined.session}/end`, {});
            wire.close();
            await page.getByTestId('after-message').filter({ hasText: `Goodbye, Customer ${i + 1}. ${HOSTILE}` }).waitFor();
            await page.getByTestId(`question-${free}`).waitFor();
            await isGood(page, 'after');

            await page.getByTestId('survey-send').click();
            await page.locator(`#question-${rating}-error`).filter({ hasText: 'Please answer' }).waitFor();
            await page.getByTestId(`question-${rating}`).getByLabel('4 of 5').check({ force: true });
            await page.getByTestId(`question-${choice}`).getByText('Partly').click();
            await page.getByTestId(`question-${free}`).fill(HOSTILE);
            await page.getByTestId('survey-send').click();
            await page.getByTestId('survey-sent').waitFor();

            await page.getByTestId('transcript-show').click();
            await page.getByTestId('transcript').filter({ hasText: `Hello. ${HOSTILE}` }).waitFor();
            assert.equal(await page.locator('main b, main img').count(), 0);
            await isGood(page, 'transcript');
            const asText = await saved(page, 'transcript-text');
            assert.match(asText.name, new RegExp(`^session-${joined.session}\\.txt$`));
            assert.match(asText.content, /Ada Lovelace: Please restart the printer\./);
            const asData = JSON.parse((await saved(page, 'transcript-data')).content);
            assert.equal(asData.session.id, joined.session);
            assert.ok(asData.lines.some((line) => line.text === `Hello. ${HOSTILE}` && line.role === 'representative'));
            await page.reload();
            await page.getByTestId('survey-sent').waitFor();
        }
        const { status } = await new Api(appliance.url).get('/api/v1/portal/visit?token=K1.AAAA');
        assert.equal(status, 404);
        const again = pages[0].page;
        await again.getByTestId('start-again').click();
        await again.getByTestId('key-input').waitFor();
        for (const { page } of pages)
            await page.close();
        for (const question of [rating, choice, free])
            await must(`survey-questions/${question}/remove`, {});
        await must('customer-messages', { name: 'finished' });
    });

    /** What a button gives to keep. */
    async function saved(page, testId) {
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testId).click()]);
        const stream = await download.createReadStream();
        const parts = [];
        for await (const part of stream)
            parts.push(part);
        return { name: download.suggestedFilename(), content: Buffer.concat(parts).toString() };
    }

    test('after a session the page goes on to where the administrator wants, unless one stays', async () => {
        await must('customer-messages', { name: 'finished_url', text: 'https://example.com/thanks' });
        const page = await open(sizes[0]);
        await page.getByTestId('key-input').fill(await newKey());
        await page.keyboard.press('Enter');
        const command = await page.getByTestId('client-command').innerText();
        const { session } = await enter(/--key (\S+)/.exec(command)[1]);
        await must(`sessions/${session}/accept`, { holder_key: makeHolder().publicKey });
        await must(`sessions/${session}/end`, {});
        await page.getByTestId('go-on').filter({ hasText: 'You will be taken to example.com' }).waitFor();
        await isGood(page, 'go-on');
        await page.getByTestId('stay').click();
        assert.equal(await page.getByTestId('go-on').getByText('You will be taken').count(), 0);
        assert.equal(await page.getByTestId('go-on').locator('a').getAttribute('href'), 'https://example.com/thanks');
        let asked = '';
        await page.route('https://example.com/**', (route) => {
            asked = route.request().url();
            return route.fulfill({ body: 'thanks' });
        });
        await page.getByTestId('go-on').locator('a').click();
        await until('the page of thanks was asked for', () => asked === 'https://example.com/thanks');
        await page.close();
        await must('customer-messages', { name: 'finished_url' });
    });

    test('what the program prints leads to survey and transcript, also in a tab that has the portal open', async (t) => {
        const { id } = await must('survey-questions', { for: 'customer', kind: 'rating', text: 'How was it?', place: 1 });
        t.after(() => must(`survey-questions/${id}/remove`, {}));
        const { session, visit, survey } = await enter(await newKey());
        const page = await open(sizes[0], `/?survey=${survey}`);
        await page.getByTestId('survey-error').filter({ hasText: 'not over yet' }).waitFor();
        await must(`sessions/${session}/accept`, { holder_key: makeHolder().publicKey });
        await must(`sessions/${session}/end`, {});
        await page.reload();
        await page.getByTestId(`question-${id}`).getByLabel('5 of 5').check({ force: true });
        await isGood(page, 'survey');
        await page.getByTestId('survey-send').click();
        await page.getByTestId('survey-sent').waitFor();
        await page.goto(appliance.url);
        await page.getByTestId('key-input').waitFor();
        await page.evaluate((token) => { location.hash = `visit=${token}`; }, visit);
        await page.getByTestId('after-title').filter({ hasText: 'Your session is over' }).waitFor();
        await page.getByTestId('survey-sent').waitFor();
        await page.goto(`${appliance.url}/?visit=S1.${'A'.repeat(43)}`);
        await page.getByTestId('visit-gone').waitFor();
        await axeIsClean(page, 'gone');
        await page.close();
    });

    test('a Support Button leads to the way in', async () => {
        const { url } = await must('support-buttons', { name: 'On the desk', team });
        const page = await open(sizes[0], new URL(url).pathname + new URL(url).search);
        await page.getByTestId('portal-ready').filter({ hasText: 'First Line' }).waitFor();
        assert.match(await page.getByTestId('client-command').innerText(), /--button /);
        await isGood(page, 'button');
        await page.goto(`${appliance.url}/?button=${'A'.repeat(43)}`);
        await page.getByTestId('button-error').filter({ hasText: 'not valid any more' }).waitFor();
        await page.close();
    });

    test('a portal with colours, a logo and notices, closed until it opens in the visitor\'s time', async () => {
        const opensOn = new Date(Date.now() + 5 * 86400000).toISOString().slice(0, 10);
        await must('portals', {
            name: 'Printers', code: 'printers', title: 'Contoso Druckdienst', text: 'Wir reparieren Drucker.',
            accent: '#e25822', background: '#10243a', foreground: '#f4efe6', show_keys: true, show_issues: true,
            schedule: true, time_zone: 'Pacific/Kiritimati', hours: '', dates: `${opensOn} 09:00-17:00`,
        });
        const { portals } = await get('portals');
        const { id } = portals.find((portal) => portal.code === 'printers');
        await must(`portals/${id}/logo`, { picture: logo().toString('base64url') });
        await must('notices', { text: `The paper is late.\n${HOSTILE}`, portal: 'printers' });
        for (const size of sizes) {
            const page = await open(size, '/p/printers');
            await page.getByTestId('closed').waitFor();
            await page.getByTestId('portal-logo').waitFor();
            await page.getByTestId('notices').filter({ hasText: HOSTILE }).waitFor();
            assert.equal(await page.locator('main b, main img').count(), 0);
            assert.equal(await page.getByTestId('issue-submit').count(), 0, 'keys only');
            const { portal } = (await api.get('/api/v1/portal?portal=printers')).json;
            const wanted = await page.evaluate((time) => new Intl.DateTimeFormat('en-GB', {
                weekday: 'long', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
            }).formatToParts(time).filter((part) => part.type !== 'literal').map((part) => part.value), portal.opens_unix_ms);
            const opens = await page.getByTestId('opens').innerText();
            assert.ok(wanted.every((part) => opens.includes(part)), `${opens}: ${wanted}`);
            assert.equal(await page.evaluate(() => window.moved), 0, 'nothing moved while it loaded');
            await isGood(page, 'closed');
            await page.getByTestId('key-input').fill(await newKey());
            await page.keyboard.press('Enter');
            await page.getByTestId('client-command').waitFor();
            await page.close();
        }
        const { url } = await must('support-buttons', { name: 'At the printer', team, portal: 'printers' });
        const page = await open(sizes[0], new URL(url).pathname + new URL(url).search);
        await page.getByTestId('opens').waitFor();
        assert.equal(await page.getByTestId('client-command').count(), 0, 'a button rests while its portal is closed');
        await page.close();
    });

    test('somebody without an account joins a session by invitation', async () => {
        const { id: profile } = await must('invite-profiles', { name: 'Looks on', permissions: 'chat view_screen' });
        const customer = await enter(await newKey(), { name: 'Carla' });
        const holder = makeHolder();
        const { ticket } = await must(`sessions/${customer.session}/accept`, { holder_key: holder.publicKey });
        const wire = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        assert.equal((await wire.hello(ticket, holder))?.type, TYPE.WELCOME);
        const { url } = await must(`sessions/${customer.session}/invitations/external`, { profile });
        const page = await open(sizes[1], new URL(url).pathname + new URL(url).search);
        await page.getByTestId('guest-join').click();
        await page.locator('#entry-name-error').filter({ hasText: 'the others will see it' }).waitFor();
        await isGood(page, 'invitation');
        await page.getByTestId('guest-name').fill('Grace Hopper');
        await page.getByTestId('guest-join').click();
        await page.locator('[data-testid="guest"][data-state="live"]').waitFor();
        await page.getByTestId('chat-input').fill('I am here.');
        await page.getByTestId('chat-input').press('Enter');
        await until('the guest said it', async () => (await get(`sessions/${customer.session}/chat`)).lines
            .some((line) => line.text === 'I am here.' && line.name === 'Grace Hopper'));
        await page.setViewportSize(sizes[1]);
        await shot(page, 'guest');
        await must(`sessions/${customer.session}/end`, {});
        await page.getByTestId('guest-over').waitFor();
        wire.close();
        await page.goto(url);
        await page.getByTestId('guest-name').fill('Grace Hopper');
        await page.getByTestId('guest-join').click();
        await page.getByTestId('guest-error').filter({ hasText: /used already|no longer open/ }).waitFor();
        await page.close();
    });

    test('nobody is there to take it: the message of the administrator, and the page to go to', async () => {
        socket.close();
        socket = undefined;
        await must('options', { name: 'queue.orphan_s', value: 1 });
        await must('customer-messages', { name: 'orphan_url', text: 'https://example.com/later' });
        const page = await open(sizes[0]);
        await page.getByTestId('topic-other').click();
        await page.getByTestId('issue-name').fill('Ina Example');
        await page.getByTestId('issue-submit').click();
        const command = await page.getByTestId('client-command').innerText();
        await enter(/--key (\S+)/.exec(command)[1]);
        await page.getByTestId('after-title').filter({ hasText: 'Nobody is available' }).waitFor();
        assert.equal(await page.getByTestId('go-on').locator('a').getAttribute('href'), 'https://example.com/later');
        assert.equal(await page.getByTestId('transcript-card').count(), 0, 'there was no session');
        await isGood(page, 'orphaned');
        await page.close();
        await must('customer-messages', { name: 'orphan_url' });
    });

    test('in German, by the browser\'s language or by choice', async () => {
        const page = await open(sizes[0], '/', { locale: 'de-AT' });
        await page.getByTestId('key-submit').filter({ hasText: 'Weiter' }).waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
        await page.getByTestId('key-input').fill('ZZZZ-ZZZZ-ZZ');
        await page.getByTestId('key-submit').click();
        await page.getByTestId('portal-error').filter({ hasText: 'nicht gültig' }).waitFor();
        await isGood(page, 'german');
        await page.getByTestId('language').selectOption('en');
        await page.getByTestId('key-submit').filter({ hasText: 'Continue' }).waitFor();
        await page.reload();
        await page.getByTestId('key-submit').filter({ hasText: 'Continue' }).waitFor();
        await page.close();
    });

    test('without a mouse: from the first key to the command', async () => {
        const page = await open(sizes[1]);
        await page.getByTestId('topic-printer').waitFor();
        const tabTo = async (testId) => {
            for (let i = 0; i < 30; i++) {
                if (await page.evaluate((id) => document.activeElement?.closest(`[data-testid="${id}"]`) !== null
                    && document.activeElement !== document.body, testId))
                    return;
                await page.keyboard.press('Tab');
            }
            assert.fail(`${testId} was not reached`);
        };
        await tabTo('topic-printer');
        await page.keyboard.press('ArrowDown');
        await tabTo('issue-name');
        await page.keyboard.type('Ina Example');
        await tabTo('issue-submit');
        await page.keyboard.press('Enter');
        await page.getByTestId('client-command').waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'portal-ready');
        assert.deepEqual(page.problems, []);
        await page.close();
    });

    test('the appliance is away: the page says so and comes back', async () => {
        const page = await open(sizes[0]);
        await page.route('**/api/v1/portal**', (route) => route.abort());
        await page.reload();
        await page.getByTestId('load-error').filter({ hasText: 'cannot be reached' }).waitFor();
        await axeIsClean(page, 'away');
        await page.unroute('**/api/v1/portal**');
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByTestId('key-input').waitFor();
        await page.close();
    });
});

/** A PNG of 120 by 40: orange discs on white. */
function logo() {
    const [width, height] = [120, 40];
    const rows = Buffer.alloc((width * 3 + 1) * height, 0xff);
    for (let y = 0; y < height; y++) {
        rows[y * (width * 3 + 1)] = 0;
        for (let x = 0; x < width; x++) {
            if (((x % 40) - 20) ** 2 + (y - 20) ** 2 < 300)
                rows.set([226, 88, 34], y * (width * 3 + 1) + 1 + x * 3);
        }
    }
    const chunk = (type, data) => {
        const body = Buffer.concat([Buffer.from(type), data]);
        const whole = Buffer.alloc(body.length + 8);
        whole.writeUInt32BE(data.length);
        body.copy(whole, 4);
        whole.writeUInt32BE(zlib.crc32(body), body.length + 4);
        return whole;
    };
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width);
    head.writeUInt32BE(height, 4);
    head.set([8, 2, 0, 0, 0], 8);
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
        chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
