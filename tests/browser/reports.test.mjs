// SPDX-License-Identifier: Apache-2.0
// Reports in the console: filters, rows, the page of one session, and files that hold all of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { GoodSession } from './lib/good_session.mjs';
import { shot } from './lib/shots.mjs';

const PASSWORD = 'correct horse battery';
const HOSTILE = '<img src=x onerror="document.title=1">=cmd|\u202e"&';
const CHANGES = 620; // more than one page of a file

describe('reports', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let page;
    let api;
    let session;

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
        const item = await until('the sample desktop is there', async () => {
            const { json } = await api.get('/api/v1/jump-items');
            return json.jump_items.find((one) => one.state === 'online')?.id;
        });
        const good = await GoodSession.open({ appliance, api, item });
        session = good.id;
        assert.equal((await api.post(`/api/v1/sessions/${session}/name`, { name: HOSTILE })).status, 200);
        assert.equal((await api.post(`/api/v1/sessions/${session}/notes`, { text: `Look: ${HOSTILE}` })).status, 200);
        assert.equal((await api.post(`/api/v1/sessions/${session}/end`)).status, 200);
        await until('the session is over', async () =>
            (await api.get(`/api/v1/reports/sessions?session=${session}`)).json.rows[0]?.status === 'ended');
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    const report = async (place) => {
        await page.evaluate((hash) => { location.hash = hash; }, `#/reports/${place}`);
        await page.getByTestId(`report-${place.split(/[/?]/)[0]}`).waitFor();
    };

    test('sessions: rows, filters in the address, nothing of a person as markup', async () => {
        await page.getByTestId('rail-reports').click();
        const row = page.getByTestId(`report-session-${session}`);
        await row.waitFor();
        await page.getByTestId('report.sessions-columns').click();
        await page.getByTestId('column-title').click();
        await page.keyboard.press('Escape');
        await row.getByText(HOSTILE).waitFor();
        assert.equal(await page.title() === '1', false);
        await shot(page, 'reports-sessions');
        await assertAccessible(page, 'the report of sessions');
        await page.getByTestId('filter-status').selectOption('waiting');
        await row.waitFor({ state: 'detached' });
        assert.match(page.url(), /status=waiting/);
        await page.reload();
        await page.getByText('Nothing in this period').waitFor();
        await page.getByTestId('filter-status').selectOption('ended');
        await row.waitFor();
        await page.getByTestId('filter-customer').fill('nobody is called this');
        await page.getByTestId('filter-customer').press('Enter');
        await row.waitFor({ state: 'detached' });
    });

    test('days of one\'s own, and a range that is none says so', async () => {
        await report('sessions?period=own&first=2001-01-01&last=2001-01-02');
        await page.getByText('Nothing in this period').waitFor();
        await page.getByTestId('filter-last').fill('2000-12-31');
        await page.getByText('the last cannot be before the first').waitFor();
    });

    test('one session: its facts and its parts', async () => {
        await report('sessions');
        await page.getByTestId(`report-session-${session}`).getByRole('link').click();
        await page.getByTestId('session-facts').getByText(HOSTILE).waitFor();
        await page.getByTestId('part-participants').getByRole('gridcell').first().waitFor();
        await page.getByTestId('tab-notes').click();
        await page.getByTestId('part-notes').getByText(`Look: ${HOSTILE}`).waitFor();
        await page.getByTestId('tab-events').click();
        await page.getByTestId('part-events').getByText('session.end').first().waitFor();
        await shot(page, 'reports-session');
        await assertAccessible(page, 'the report of a session');
        await page.goBack();
        await page.getByTestId(`report-session-${session}`).waitFor();
        await page.evaluate(() => { location.hash = '#/reports/sessions/4000000000'; });
        await page.getByText('No such session').waitFor();
    });

    test('sums have a chart that says what the table says', async () => {
        await report('session-summary');
        const chart = page.locator('.chart svg');
        await chart.waitFor();
        assert.match(await chart.getAttribute('aria-label'), /^Summary: Sessions/);
        await shot(page, 'reports-summary');
        await assertAccessible(page, 'the summary');
        await page.getByTestId('filter-by').selectOption('representative');
        await page.locator('.chart title').filter({ hasText: ': 1' }).first().waitFor({ state: 'attached' });
        await report('team-activity');
        await page.getByTestId('report-table').waitFor();
    });

    test('the whole as CSV, JSON and XML is what the API gives, over more than one page', async () => {
        for (let line = 0; line < CHANGES; line++)
            await api.post('/api/v1/console-settings', { name: 'theme', value: line % 2 ? 'dark' : 'light', forced: false });
        await report('configuration-changes');
        const rows = (await api.get('/api/v1/reports/configuration-changes?limit=500')).json;
        assert.ok(rows.next, 'the report has more than one page');
        for (const [format, marks] of [
            ['csv', (content) => content.split('\n').filter((one) => one.includes('console_setting.set')).length],
            ['json', (content) => JSON.parse(content).rows.filter((one) => one.action === 'console_setting.set').length],
            ['xml', (content) => content.split('<action>console_setting.set</action>').length - 1],
        ]) {
            await page.getByTestId('report-download').click();
            const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`download-${format}`).click()]);
            const content = fs.readFileSync(await file.path(), 'utf8');
            assert.match(file.suggestedFilename(), new RegExp(`^causeway-configuration-changes-.*\\.${format}$`));
            assert.equal(marks(content), CHANGES, format);
            if (format === 'xml') {
                assert.equal(content.split('<configuration_changes>').length, 2);
                assert.equal(content.split('</report>').length, 2);
                assert.ok(!content.includes('<next>'));
            }
        }
    });

    test('who may not see what others do sees what is his own', async () => {
        const made = await api.post('/api/v1/accounts', { user: 'reader', display_name: 'Reader', is_admin: false });
        const other = await openBrowser();
        try {
            const theirs = await openPage(other.context, `${appliance.url}/console#/reports/sessions`);
            await signIn(theirs, 'reader', made.json.one_time_password);
            await changePassword(theirs, PASSWORD);
            await theirs.getByTestId('report-sessions').waitFor();
            await theirs.getByText('Nothing in this period').waitFor();
            assert.equal(await theirs.getByTestId('side-reports-configuration-changes').count(), 0);
            await theirs.evaluate(() => { location.hash = '#/reports/configuration-changes'; });
            await theirs.getByTestId('page-refused').waitFor();
        } finally {
            await other.close();
        }
    });

    test('nothing went wrong in the page', () => {
        assert.deepEqual(page.problems, []);
    });
});
