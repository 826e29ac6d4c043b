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

    test('what the page loads is less than 60 KB', () => {
        const html = fs.readFileSync(path.join(root, 'build/console/portal.html'), 'utf8');
        const loaded = new Set();
        const wanted = [...html.matchAll(/(?:href|src)="\/assets\/([^"]+)"/g)].map((match) => match[1]);
        let bytes = zlib.gzipSync(html).length;
        while (wanted.length > 0) {
            const name = wanted.pop();
            if (loaded.has(name))
                continue;
            loaded.add(name);
            const content = fs.readFileSync(path.join(root, 'build/console/assets', name));
            bytes += zlib.gzipSync(content).length;
            if (name.endsWith('.js'))
                for (const match of content.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
                    wanted.push(match[1]);
        }
        assert.ok(loaded.size >= 3, 'script, style and picture were found');
        assert.ok(bytes < 60 * 1024, `${bytes} bytes`);
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
});
