// SPDX-License-Identifier: Apache-2.0
// The console without a mouse, and what axe finds on every view: nothing, light and dark; and what a representative
// types on other layouts, as Linux, Windows and macOS give it to a browser, character for character in a remote terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { openBrowser, openPage, sessionOpened } from './lib/console.mjs';
import { FRENCH, GERMAN, LayoutTypist, US } from './lib/layouts.mjs';

const PASSWORD = 'correct horse battery';

describe('the console by keyboard alone', { concurrency: false, timeout: 180000 }, () => {
    let appliance;
    let browser;
    let page;

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console`);
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    /** Tab (or Shift+Tab) until the focus is on the element. */
    async function tabTo(testId, key = 'Tab') {
        for (let i = 0; i < 40; i++) {
            if (await page.evaluate((id) => document.activeElement?.closest(`[data-testid="${id}"]`) !== null
                && document.activeElement !== document.body, testId))
                return;
            await page.keyboard.press(key);
        }
        assert.fail(`${testId} was not reached with ${key}`);
    }

    test('sign in and choose a password', async () => {
        await page.getByTestId('user').waitFor();
        await assertAccessible(page, 'sign-in');
        await tabTo('user');
        await page.keyboard.type(appliance.ready.admin_user);
        await page.keyboard.press('Tab');
        await page.keyboard.type(appliance.ready.one_time_password);
        await page.keyboard.press('Enter');
        await page.getByTestId('new-password').waitFor();
        await assertAccessible(page, 'password change');
        await tabTo('new-password');
        await page.keyboard.type(PASSWORD);
        await tabTo('new-password-repeat');
        await page.keyboard.type(PASSWORD);
        await page.keyboard.press('Enter');
        await page.locator('[data-testid^="jump-item-"]').first().waitFor();
    });

    test('the session key dialog opens, and Escape gives the focus back', async () => {
        await assertAccessible(page, 'home');
        await tabTo('create-session-key');
        await page.keyboard.press('Enter');
        await page.getByTestId('session-key-value').waitFor();
        await assertAccessible(page, 'session key dialog');
        await page.keyboard.press('Escape');
        await until('the focus is back', () =>
            page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'create-session-key'));
    });

    test('Jump, type into the remote terminal, leave by the chord, chat, end, close', async () => {
        await tabTo('jump-1');
        await page.keyboard.press('Enter');
        const session = await sessionOpened(page);
        await until('the tab is live', async () =>
            await page.getByTestId(`session-${session}`).getAttribute('data-state') === 'live');
        await appliance.x('xdotool', 'windowactivate', '--sync', await appliance.terminal());
        await tabTo(`keyboard-${session}`);
        const proof = `/tmp/causeway-keyboard-${process.pid}`;
        await page.keyboard.type(`echo by keyboard > ${proof}\n`);
        await until('the command has run', () => fs.existsSync(proof) && fs.statSync(proof).size > 0);
        fs.rmSync(proof);
        for (const key of ['Control', 'Alt', 'Shift'])
            await page.keyboard.down(key);
        for (const key of ['Shift', 'Alt', 'Control'])
            await page.keyboard.up(key);
        await until('the focus has left the remote screen', () => page.evaluate((id) =>
            document.activeElement?.getAttribute('data-testid') !== id, `keyboard-${session}`));
        await assertAccessible(page, 'live session');
        await tabTo('chat-input');
        await page.keyboard.type('Typed without a mouse');
        await page.keyboard.press('Enter');
        await page.getByTestId('chat-log').getByText('Typed without a mouse').waitFor();
        await tabTo('end-session', 'Shift+Tab');
        await page.keyboard.press('Enter');
        await page.getByTestId('end-session-confirm').waitFor();
        await tabTo('end-session-confirm');
        await page.keyboard.press('Enter');
        await page.getByTestId('session-ended').waitFor();
        await assertAccessible(page, 'ended session');
        await tabTo('close-tab');
        await page.keyboard.press('Enter');
        await page.getByTestId(`session-${session}`).waitFor({ state: 'detached' });
    });

    /** A terminal on the sample desktop that writes what is typed, line by line, into a file. */
    async function typedTerminal(use) {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-typed-'));
        const file = path.join(folder, 'typed');
        const title = `typed ${path.basename(folder)}`;
        const words = ['-u8', '-T', title, '-geometry', '100x12+300+300', '-e', 'sh', '-c', `cat >${file}`];
        const terminal = spawn('xterm', words, { env: { ...appliance.desktop, LC_ALL: 'C.UTF-8' }, stdio: 'ignore' });
        try {
            await until('the terminal reads', () => fs.existsSync(file));
            const window = (await appliance.x('xdotool', 'search', '--name', title)).toString().trim().split('\n')[0];
            await appliance.x('xdotool', 'windowactivate', '--sync', window);
            await use(() => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1));
        } finally {
            terminal.kill();
            fs.rmSync(folder, { recursive: true, force: true });
        }
    }

    for (const [platform, type] of [
        ['Linux x86_64', (typist) => typist.layouts([US, GERMAN, FRENCH])],
        ['Win32', (typist) => typist.layouts([US, GERMAN, FRENCH])],
        ['MacIntel', (typist) => typist.macComposition()],
    ]) {
        test(`every character of other layouts arrives: ${platform}`, async () => {
            const other = await openPage(browser.context, 'about:blank');
            await other.addInitScript((name) =>
                Object.defineProperty(navigator, 'platform', { get: () => name }), platform);
            await other.goto(`${appliance.url}/console`);
            await other.locator('[data-testid="jump-1"]:enabled').click();
            const session = await sessionOpened(other);
            await other.locator(`[data-testid="session-${session}"][data-state="live"]`).waitFor();
            await typedTerminal(async (lines) => {
                await other.getByTestId(`keyboard-${session}`).focus();
                const typist = new LayoutTypist(await browser.context.newCDPSession(other), platform);
                const expected = await type(typist);
                await until(`${expected.length} lines are typed`, () => lines().length === expected.length, 30000)
                    .catch((error) => assert.deepEqual(lines(), expected, error.message));
                assert.deepEqual(lines(), expected);
            });
            await other.getByTestId(`session-${session}`).getByTestId('end-session').click();
            await other.getByTestId('end-session-confirm').click();
            await other.getByTestId('session-ended').waitFor();
            await other.getByTestId('close-tab').click();
            assert.deepEqual(other.problems, []);
            await other.close();
        });
    }

    test('the portal', async () => {
        const console = page;
        page = await openPage(browser.context, appliance.url);
        await page.getByTestId('key-input').waitFor();
        await assertAccessible(page, 'portal');
        await tabTo('key-input');
        await page.keyboard.type('zzzz zzzz zz');
        await page.keyboard.press('Enter');
        await page.getByTestId('portal-error').waitFor();
        await assertAccessible(page, 'portal with an error');
        assert.deepEqual(page.problems, []);
        page = console;
    });

    test('everything can be read and reached at 200 %', async () => {
        await page.setViewportSize({ width: 640, height: 480 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `the page is ${wide} px wider than the window`);
        await tabTo('jump-1');
        await tabTo('account-menu');
        await page.keyboard.press('Enter');
        await page.keyboard.press('End');
        await page.keyboard.press('Enter');
        await page.getByTestId('user').waitFor();
        assert.deepEqual(page.problems, []);
    });
});
