// SPDX-License-Identifier: Apache-2.0
// What is around the console's pages: places, rights, availability, settings, language, shortcuts.
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { canvasEqualsScreen, changePassword, openBrowser, openPage, sessionOpened, signIn } from './lib/console.mjs';
import { shot } from './lib/shots.mjs';

const PASSWORD = 'correct horse battery';

describe('the frame of the console', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let page;
    let api;

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console`);
        await page.setViewportSize({ width: 1280, height: 800 });
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await page.getByTestId('queue').waitFor();
        api = new Api(appliance.url);
        assert.equal((await api.post('/api/v1/sign-in', { user: appliance.ready.admin_user, password: PASSWORD })).status, 200);
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    const hash = () => new URL(page.url()).hash;
    const setting = (name) => page.getByTestId(`setting-${name}`);

    async function openMenu(name) {
        await page.getByTestId('account-menu').click();
        await page.getByTestId(name).click();
    }

    test('places: a page has an address, back and forward work, and an unknown one says so', async () => {
        assert.equal(hash(), '#/queues');
        await openMenu('go-me-settings');
        await page.getByTestId('settings-page').waitFor();
        assert.equal(hash(), '#/me/settings');
        await openMenu('go-me-shortcuts');
        await page.getByTestId('shortcuts-page').waitFor();
        await page.goBack();
        await page.getByTestId('settings-page').waitFor();
        await page.goBack();
        await page.getByTestId('queue').waitFor();
        await page.goForward();
        await page.getByTestId('settings-page').waitFor();
        await page.reload();
        await page.getByTestId('settings-page').waitFor();
        await page.evaluate(() => { location.hash = '#/no/such/page'; });
        await page.getByRole('heading', { name: 'No such page' }).waitFor();
        await page.getByRole('link', { name: 'To the queues' }).click();
        await page.getByTestId('queue').waitFor();
    });

    test('availability is chosen, and what the appliance knows is what is shown', async () => {
        assert.equal(await page.getByTestId('availability-status').getAttribute('data-status'), 'available');
        await page.getByTestId('availability').click();
        await shot(page, 'shell-availability');
        await page.getByTestId('availability-busy').click();
        await page.locator('[data-testid="availability-status"][data-status="busy"]').waitFor();
        assert.equal((await api.get('/api/v1/availability')).json.status, 'busy');
        assert.equal((await api.post('/api/v1/availability', { status: 'away' })).status, 200);
        await page.locator('[data-testid="availability-status"][data-status="away"]').waitFor();
        await page.getByTestId('availability').click();
        await page.getByTestId('availability-opt-out').click();
        await until('one is opted out', async () => (await api.get('/api/v1/availability')).json.opted_out);
        await api.post('/api/v1/availability', { status: 'available', opted_out: false });
    });

    test('a theme takes effect at once and is there after the page is loaded again', async () => {
        await openMenu('go-me-settings');
        await shot(page, 'shell-settings');
        await page.getByTestId('choose-theme').selectOption('dark');
        await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' });
        await page.reload();
        await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' });
        await page.getByTestId('choose-theme').selectOption('high_contrast');
        await page.locator('html[data-theme="high_contrast"]').waitFor({ state: 'attached' });
        await shot(page, 'shell-contrast', ['dark']);
        await assertAccessible(page, 'settings in high contrast');
        await page.getByTestId('choose-theme').selectOption('system');
        await setting('theme').and(page.locator('[data-value="system"]')).waitFor();
    });

    test('what an administrator forces is marked, cannot be chosen, and announces itself', async () => {
        const set = await api.post('/api/v1/console-settings', { name: 'density', value: 'compact', forced: true });
        assert.equal(set.status, 200);
        await page.locator('html[data-density="compact"]').waitFor({ state: 'attached' });
        await page.getByTestId('toasts').getByText('Settings changed: Rows of lists').waitFor();
        assert.equal(await setting('density').getAttribute('data-rule'), 'forced');
        assert.ok(await page.getByTestId('choose-density').isDisabled());
        await shot(page, 'shell-forced', ['light']);
        await api.post('/api/v1/console-settings/reset', { name: 'density' });
        await setting('density').and(page.locator('[data-rule="default"]')).waitFor();
    });

    test('sounds can be turned off; restoring asks first and gives the defaults', async () => {
        await page.getByTestId('choose-sound_chat').click();
        await setting('sound_chat').and(page.locator('[data-value="off"]')).waitFor();
        await page.getByTestId('settings-restore').click();
        await shot(page, 'shell-confirm');
        await page.getByTestId('confirm-no').click();
        assert.equal(await setting('sound_chat').getAttribute('data-value'), 'off');
        await page.getByTestId('settings-restore').click();
        await page.getByTestId('confirm-yes').click();
        await setting('sound_chat').and(page.locator('[data-value="on"]')).waitFor();
        assert.ok(await page.getByTestId('settings-restore').isDisabled());
    });

    test('German: chosen, complete on these pages, also before the next sign-in', async () => {
        await page.getByTestId('choose-language').selectOption('de');
        await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
        assert.equal(await page.locator('html').getAttribute('lang'), 'de');
        await shot(page, 'shell-german', ['light']);
        await page.getByTestId('home-tab').click();
        await openMenu('go-me-shortcuts');
        await page.getByRole('heading', { name: 'Tastenkürzel' }).waitFor();
        await openMenu('sign-out');
        await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
        await page.reload();
        await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
        await signIn(page, appliance.ready.admin_user, PASSWORD);
        await page.getByTestId('shortcuts-page').waitFor();
        await openMenu('go-me-settings');
        await page.getByTestId('choose-language').selectOption('browser');
        await page.getByRole('heading', { name: 'Settings' }).waitFor();
    });

    test('shortcuts: the list, going to a page, the filter; not while typing, and not when turned off', async () => {
        await page.keyboard.press('?');
        const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
        await list.getByText('Go to Queues').waitFor();
        await shot(page, 'shell-shortcuts');
        await assertAccessible(page, 'the list of shortcuts');
        await page.keyboard.press('Escape');
        await list.waitFor({ state: 'detached' });
        await page.keyboard.press('g');
        await page.keyboard.press('q');
        await page.getByTestId('queue').waitFor();
        await page.keyboard.press('/');
        assert.equal(await page.evaluate(() => document.activeElement.type), 'search');
        await page.keyboard.type('?');
        assert.equal(await list.count(), 0);
        await page.keyboard.press('Control+a');
        await page.keyboard.press('Delete');
        await openMenu('go-me-settings');
        await page.getByTestId('choose-shortcuts').click();
        await setting('shortcuts').and(page.locator('[data-value="off"]')).waitFor();
        await page.getByRole('heading', { name: 'Settings' }).focus();
        await page.keyboard.press('?');
        assert.equal(await list.count(), 0);
        await page.getByTestId('choose-shortcuts').click();
        await setting('shortcuts').and(page.locator('[data-value="on"]')).waitFor();
    });

    test('the first load of each page is under 200 KB as it is served, and says when one can begin', async (t) => {
        for (const where of ['/console', '/']) {
            const fresh = await openBrowser();
            try {
                const first = await fresh.context.newPage();
                const devtools = await fresh.context.newCDPSession(first);
                const loaded = [];
                await devtools.send('Network.enable');
                devtools.on('Network.loadingFinished', ({ encodedDataLength }) => loaded.push(encodedDataLength));
                await first.goto(`${appliance.url}${where}`);
                await first.waitForFunction(() => performance.getEntriesByName('interactive').length > 0);
                await first.waitForLoadState('networkidle');
                const bytes = loaded.reduce((sum, one) => sum + one, 0);
                const ms = await first.evaluate(() => performance.getEntriesByName('interactive')[0].startTime);
                t.diagnostic(`${where}: ${loaded.length} files, ${bytes} bytes; interactive after ${Math.round(ms)} ms`);
                assert.ok(loaded.length >= 3, 'page, style and script came');
                assert.ok(bytes < 200_000, `${bytes} bytes`);
            } finally {
                await fresh.close();
            }
        }
    });

    test('pages are packed for who takes that, and only then', async () => {
        const read = (accepted) => new Promise((resolve, reject) => {
            https.get(`${appliance.url}/console`, { rejectUnauthorized: false, headers: { 'Accept-Encoding': accepted } }, (reply) => {
                const parts = [];
                reply.on('data', (part) => parts.push(part));
                reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(parts) }));
            }).on('error', reject);
        });
        const unpack = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body) => body };
        const pages = [];
        for (const [accepted, name] of [['gzip, deflate, br', 'br'], ['gzip', 'gzip'], ['br;q=0', 'identity']]) {
            const { status, headers, body } = await read(accepted);
            assert.equal(status, 200);
            assert.equal(headers['content-encoding'], name === 'identity' ? undefined : name);
            assert.match(headers.vary, /Accept-Encoding/);
            pages.push(unpack[name](body).toString());
        }
        assert.match(pages[0], /<!doctype html>/);
        assert.deepEqual(pages, [pages[0], pages[0], pages[0]]);
    });

    test('a lost connection shows itself, and goes away by itself', async () => {
        const banner = page.getByTestId('connection-lost');
        await browser.context.setOffline(true);
        await banner.getByText('The connection to the appliance is lost').waitFor();
        await shot(page, 'shell-lost');
        await browser.context.setOffline(false);
        await banner.getByText('lost').waitFor({ state: 'detached' });
    });

    test('control is killed: live updates stop, come back, and what changed meanwhile is shown', async () => {
        await page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
        const [control] = await appliance.pidsOf('causeway-control');
        process.kill(control, 'SIGKILL');
        await until('control runs again', async () => {
            const [again] = await appliance.pidsOf('causeway-control');
            return again !== undefined && again !== control;
        });
        await until('it answers', async () => (await api.post('/api/v1/availability', { status: 'busy' })
            .catch(() => ({ status: 0 }))).status === 200, 20000, 200);
        await page.locator('[data-testid="availability-status"][data-status="busy"]').waitFor({ timeout: 40000 });
        await api.post('/api/v1/availability', { status: 'available' });
        await page.locator('[data-testid="availability-status"][data-status="available"]').waitFor();
    });

    test('session tabs come back after the page is loaded again, the one in view first; signing out forgets them', async () => {
        await page.getByTestId('home-tab').click();
        await page.evaluate(() => { location.hash = '#/queues'; });
        const item = await until('the sample desktop is free', async () => {
            const { json } = await api.get('/api/v1/jump-items');
            return json.jump_items.find((one) => one.state === 'online');
        }, 20000);
        await page.getByTestId(`jump-${item.id}`).click();
        const session = await sessionOpened(page);
        assert.equal(hash(), `#/session/${session}`);
        const isLive = () => page.locator(`[data-testid="session-${session}"][data-state="live"]`).waitFor();
        await isLive();
        await page.reload();
        await isLive();
        await canvasEqualsScreen(page, session, appliance.desktop);
        assert.equal(hash(), `#/session/${session}`);
        await page.getByTestId('home-tab').click();
        assert.equal(hash(), '#/queues');
        await page.goBack();
        assert.ok(await page.getByTestId(`session-${session}`).isVisible());
        await page.getByTestId('home-tab').click();
        await page.reload();
        await page.getByTestId('queue').waitFor();
        await page.getByTestId(`session-tab-${session}`).waitFor();
        await openMenu('sign-out');
        await signIn(page, appliance.ready.admin_user, PASSWORD);
        await page.getByTestId('queue').waitFor();
        await page.getByTestId(`open-session-${session}`).waitFor();
        assert.equal(await page.getByTestId(`session-tab-${session}`).count(), 0);
        await page.evaluate((id) => { location.hash = `#/session/${id}`; }, session + 1000);
        await page.getByTestId('queue').waitFor();
    });

    test('a locked console shows nothing, opens with the password only, and stays locked when it is loaded again', async () => {
        await page.getByTestId('account-menu').click();
        await page.getByTestId('lock-console').click();
        await page.getByTestId('locked').waitFor();
        assert.ok(!await page.getByTestId('queue').isVisible());
        await page.keyboard.press('Escape');
        await shot(page, 'shell-locked');
        await assertAccessible(page, 'the locked console');
        await until('the appliance knows', async () => (await api.get('/api/v1/availability')).json.screen_locked);
        await page.reload();
        await page.getByTestId('unlock-password').waitFor();
        await page.getByTestId('unlock-password').fill('not the password');
        await page.getByTestId('unlock').click();
        await page.getByTestId('unlock-error').filter({ hasText: 'wrong' }).waitFor();
        assert.ok(!await page.getByTestId('queue').isVisible());
        await page.getByTestId('unlock-password').fill(PASSWORD);
        await page.getByTestId('unlock').click();
        await page.getByTestId('queue').waitFor();
        await until('the appliance knows', async () => !(await api.get('/api/v1/availability')).json.screen_locked);
    });

    test('a console that nobody is at is locked after the time that was chosen, and not otherwise', async () => {
        for (const [chosen, isLocked] of [['never', false], ['5', true]]) {
            assert.equal((await api.post('/api/v1/me/settings', { name: 'lock_after_minutes', value: chosen })).status, 200);
            const idle = await browser.context.newPage();
            await idle.clock.install();
            await idle.goto(`${appliance.url}/console`);
            await idle.locator('[data-testid="events-state"][data-up="true"]').waitFor();
            await idle.clock.fastForward(4 * 60_000);
            assert.equal(await idle.getByTestId('locked').count(), 0);
            await idle.clock.fastForward(2 * 60_000);
            if (isLocked) {
                await idle.getByTestId('locked').waitFor();
                const another = await browser.context.newPage(); /* a new tab is no way around it */
                await another.goto(`${appliance.url}/console`);
                await another.getByTestId('locked').waitFor();
                await another.close();
                for (const covered of [idle, page]) {
                    await covered.getByTestId('unlock-password').fill(PASSWORD);
                    await covered.getByTestId('unlock').click();
                    await covered.getByTestId('queue').waitFor();
                }
            } else {
                assert.equal(await idle.getByTestId('locked').count(), 0);
            }
            await idle.close();
        }
        await api.post('/api/v1/me/settings/restore', {});
    });

    test('every page here is clean for axe', async () => {
        for (const name of ['settings', 'security', 'shortcuts']) {
            await page.evaluate((where) => { location.hash = where; }, `#/me/${name}`);
            await page.getByTestId(`${name}-page`).waitFor();
            await shot(page, `shell-${name}`);
            await assertAccessible(page, name);
        }
        await page.getByTestId('account-menu').click();
        await shot(page, 'shell-account');
        await assertAccessible(page, 'the account menu');
        await page.keyboard.press('Escape');
    });

    test('nothing went wrong on the way: no script error, no breach of the policy', () => {
        /* While the network or control was away, requests and the live connection failed. */
        assert.deepEqual(page.problems.filter((one) => !/ERR_INTERNET_DISCONNECTED|status of 50[23]|WebSocket connection/.test(one)), []);
    });
});
