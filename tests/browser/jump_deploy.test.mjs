// SPDX-License-Identifier: Apache-2.0
// Deploying Jump Clients from the console, what a real one tells about itself, a second Jump to it, the list as a file
// and on paper, and all of it with the keyboard.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, sessionOpened, signIn } from './lib/console.mjs';

const PASSWORD = 'correct horse battery';
const screenshots = process.env.SCREENSHOTS;

describe('deploying Jump Clients', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let second;
    let page;
    let api;
    let item; // the sample desktop

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console`);
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await page.getByTestId('create-session-key').waitFor();
        api = new Api(appliance.url);
        await ok(api.post('/api/v1/sign-in', { user: appliance.ready.admin_user, password: PASSWORD }));
        item = await until('the sample desktop is online', async () =>
            (await ok(api.get('/api/v1/jump-items?state=online'))).jump_items[0], 20000);
    });

    after(async () => {
        await second?.close();
        await browser?.close();
        await appliance?.stop();
    });

    async function shoot(name, on = page) {
        if (!screenshots)
            return;
        for (const colorScheme of ['light', 'dark']) {
            await on.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await on.waitForTimeout(300); // colours move for a moment
            await on.screenshot({ path: path.join(screenshots, `deploy-${name}-${colorScheme}.png`) });
        }
        await on.emulateMedia({ colorScheme: 'light', reducedMotion: null });
    }

    async function ok(reply) {
        const answer = await reply;
        assert.equal(answer.status, 200, answer.text);
        return answer.json;
    }

    test('an installer is made step by step, and its command works as it is shown', async () => {
        await page.getByTestId('rail-jump').click();
        await page.getByTestId('sub-jump-deploy').click();
        await page.getByText('No installers yet').waitFor();
        await page.getByTestId('installer-new').click();
        await page.getByTestId('installer-label').fill('Tills <i>Berlin</i>');
        await page.getByTestId('installer-pattern').fill('Till');
        await page.getByTestId('installer-next').click();
        await page.getByTestId('installer-error').getByText('{hostname}').waitFor();
        await page.getByTestId('installer-pattern').fill('Till {hostname}');
        await page.getByTestId('installer-tag').fill('till');
        await shoot('wizard');
        await assertAccessible(page, 'the first step of an installer');
        await page.getByTestId('installer-next').click();
        await page.getByTestId('installer-mode').selectOption('passive');
        await page.getByTestId('installer-port').fill('80');
        await page.getByTestId('installer-next').click();
        await page.getByTestId('installer-error').getByText('1024').waitFor();
        await page.getByTestId('installer-port').fill('5900');
        await page.getByTestId('installer-next').click();
        await page.getByTestId('installer-uses').fill('20');
        await page.getByTestId('installer-next').click();
        const line = await page.getByTestId('installer-script').textContent();
        await shoot('command');
        await assertAccessible(page, 'the command of an installer');
        const url = new URL(/'(https:[^']+)'/.exec(line)[1]);
        const script = await api.get(url.pathname + url.search);
        assert.equal(script.status, 200);
        assert.match(script.text, /^#!/);
        await page.getByTestId('installer-done').click();
        const { installers: [made] } = await ok(api.get('/api/v1/installers'));
        assert.equal(made.label, 'Tills <i>Berlin</i>');
        assert.deepEqual([made.mode, made.port, made.uses_max, made.tag, made.name_pattern], ['passive', 5900, 20, 'till', 'Till {hostname}']);
        await page.getByTestId(`installer-${made.id}`).getByText('Tills <i>Berlin</i>').waitFor();
        await shoot('installers');
        await assertAccessible(page, 'installers');
    });

    test('it is extended, and revoked after a question', async () => {
        const { installers: [before] } = await ok(api.get('/api/v1/installers'));
        await page.getByTestId(`installer-more-${before.id}`).click();
        await page.getByTestId('installer-extend').click();
        await page.getByTestId('extend-life').selectOption({ label: '1 year' });
        await page.getByTestId('extend-save').click();
        await page.getByTestId('toasts').getByText('Extended.').waitFor();
        const { installers: [longer] } = await ok(api.get('/api/v1/installers'));
        assert.ok(longer.expires_unix_ms > before.expires_unix_ms);
        assert.equal(longer.uses_max, 20);
        await page.getByTestId(`installer-more-${before.id}`).click();
        await page.getByTestId('installer-revoke').click();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId(`installer-${before.id}`).waitFor({ state: 'detached' });
        await page.getByTestId('installers-old').check();
        await page.locator(`[data-testid="installer-${before.id}"][data-state="revoked"]`).waitFor();
    });

    test('upgrades are paused and go on', async () => {
        await page.getByTestId('sub-jump-upgrade').click();
        await page.getByTestId('upgrade-figures').waitFor();
        await shoot('upgrade');
        await assertAccessible(page, 'upgrades');
        await page.getByTestId('upgrade-pause').click();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId('upgrade-resume').waitFor();
        assert.equal((await ok(api.get('/api/v1/upgrade'))).is_on, false);
        await page.getByTestId('upgrade-resume').click();
        await page.getByTestId('upgrade-pause').waitFor();
        assert.equal((await ok(api.get('/api/v1/upgrade'))).is_on, true);
    });

    test('a real Jump Client tells about itself, and shows its screen', async () => {
        await until('its screen was sent', async () => (await api.get(`/api/v1/jump-items/${item.id}/thumbnail`)).status === 200, 60000, 500);
        await page.getByTestId('sub-jump').click();
        await page.getByTestId(`jump-item-${item.id}`).click();
        await page.getByTestId('details-thumbnail').waitFor();
        assert.ok(await page.getByTestId('details-thumbnail').evaluate((image) => image.complete && image.naturalWidth > 0));
        await page.getByTestId('jump-details').getByText('Memory').waitFor();
        await shoot('details');
        await assertAccessible(page, 'Jump Items');
    });

    test('the list goes into a file and onto paper', async () => {
        await page.getByTestId('jump-export').click();
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-all').click()]);
        const csv = fs.readFileSync(await download.path(), 'utf8');
        assert.match(csv, /^\uFEFFid,name,/);
        assert.ok(csv.includes(item.hostname));
        await page.evaluate(() => {
            window.print = () => {
                window.printed = document.querySelector('.print-sheet')?.textContent;
                window.dispatchEvent(new Event('afterprint'));
            };
        });
        await page.getByTestId('jump-export').click();
        await page.getByTestId('print-list').click();
        await page.waitForFunction(() => window.printed);
        assert.ok((await page.evaluate(() => window.printed)).includes(item.name));
        assert.equal(await page.locator('.print-sheet').count(), 0);
    });

    test('the keyboard alone finds an item, makes it a favourite, edits it and Jumps', async () => {
        await page.keyboard.press('/');
        await page.keyboard.type(item.name);
        await page.getByText('1 found').waitFor();
        await page.locator('.table-scroll').focus();
        await page.keyboard.press('ArrowDown');
        await page.getByTestId('jump-details').getByRole('heading', { name: item.name }).waitFor();
        await page.keyboard.press('s');
        await page.locator('[data-testid="details-star"][aria-pressed="true"]').waitFor();
        await page.keyboard.press('e');
        await page.waitForFunction(() => document.activeElement?.closest('[data-testid="details-form"]'));
        await page.keyboard.press('Control+a');
        await page.keyboard.type('Front desk');
        await page.keyboard.press('Enter');
        await page.getByTestId('jump-details').getByRole('heading', { name: 'Front desk' }).waitFor();
        await page.locator('.table-scroll').focus();
        await page.keyboard.press('Enter');
        const session = await sessionOpened(page);
        await page.locator(`[data-testid="session-${session}"][data-state="live"]`).waitFor();
    });

    test('whoever comes second is told who is there, and joins', async () => {
        const { one_time_password: password } = await ok(api.post('/api/v1/accounts', { user: 'mary', display_name: 'Mary', is_admin: true }));
        second = await openBrowser();
        const mary = await openPage(second.context, `${appliance.url}/console`);
        await signIn(mary, 'mary', password);
        await changePassword(mary, PASSWORD);
        await mary.getByTestId('rail-jump').click();
        await mary.getByTestId(`jump-${item.id}`).click();
        await mary.getByTestId('jump-others').getByText('You join that session').waitFor();
        await shoot('second', mary);
        await assertAccessible(mary, 'a second Jump');
        await mary.getByTestId('jump-start').click();
        await sessionOpened(mary);
        assert.deepEqual(mary.problems, []);
        assert.deepEqual(page.problems, []);
    });

    test('the same in German', async () => {
        await ok(api.post('/api/v1/me/settings', { name: 'language', value: 'de' }));
        const german = await openPage(browser.context, `${appliance.url}/console#/jump/${item.id}`);
        await german.getByTestId('jump-details').getByRole('heading', { name: 'Front desk' }).waitFor();
        await shoot('german', german);
        await german.close();
    });
});
