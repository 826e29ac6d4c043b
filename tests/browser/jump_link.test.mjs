// SPDX-License-Identifier: Apache-2.0
// /console/?jump=TEXT, as a ticketing tool links to it: one computer starts at once, several are listed, none is said.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Appliance } from './lib/appliance.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { HostileClient } from './lib/native.mjs';

const PASSWORD = 'correct horse battery';

describe('a link that Jumps', { concurrency: false, timeout: 180000 }, () => {
    let appliance;
    let browser;
    let page;
    const devices = [];

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console/?jump=Kasse%20Nord`);
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await page.getByTestId('create-session-key').waitFor();
        const { identity } = await appliance.ctlJson('show', 'info');
        for (const name of ['Kasse Nord 1', 'Kasse Nord 2', 'Lager <b>']) {
            const { token } = await appliance.ctlJson('create', 'enrolment-token');
            const device = await HostileClient.enrol({ port: appliance.httpsPort, token, name, identity });
            await device.stand();
            devices.push(device);
        }
    });

    after(async () => {
        devices.forEach((device) => device.device?.close());
        await browser?.close();
        await appliance?.stop();
    });

    const follow = async (wanted) => {
        await page.goto(`${appliance.url}/console/?jump=${encodeURIComponent(wanted)}`);
        await page.getByTestId('create-session-key').waitFor({ state: 'attached' });
    };
    const rows = () => page.locator('[data-testid^="jump-item-"]');
    const isOf = async (query) => page.waitForFunction((search) => location.search === search, query);

    test('the link outlives signing in; none says so', async () => {
        await page.locator('.empty').getByText('No Jump Item matches “Kasse Nord”.').waitFor();
        assert.equal(await rows().count(), 0);
        await isOf('');
    });

    test('several are listed, and nothing starts', async () => {
        await follow('kasse nord');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid^="jump-item-"]').length === 2);
        assert.equal(await page.getByTestId('jump-filter').inputValue(), 'kasse nord');
        assert.deepEqual((await rows().locator('.item-name').allTextContents()).sort(), ['Kasse Nord 1', 'Kasse Nord 2']);
        assert.equal(await page.locator('[data-testid^="session-tab-"]').count(), 0);
        await page.getByTestId('jump-filter').fill('');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid^="jump-item-"]').length > 2);
    });

    test('one starts at once, and once', async () => {
        const offered = devices[2].answerOffer();
        await follow('lager <b>');
        const source = await offered;
        await page.locator('[role="tab"]').getByText('Lager <b>').waitFor();
        await isOf('');
        await page.reload();
        await page.getByTestId('create-session-key').waitFor({ state: 'attached' });
        await page.waitForFunction(() => document.querySelectorAll('[data-testid^="jump-item-"]').length > 2);
        assert.equal(await page.getByTestId('jump-filter').inputValue(), '');
        source.close();
    });

    test('too short a text is answered in a sentence', async () => {
        await follow('ab');
        await page.getByText(/at least 3/).waitFor();
    });
});
