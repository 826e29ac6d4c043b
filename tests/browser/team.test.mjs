// SPDX-License-Identifier: Apache-2.0
// Team chat between representatives, who is there, and the dashboard of who leads them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { openBrowser, openPage, signIn } from './lib/console.mjs';
import { shot } from './lib/shots.mjs';
import { Waiting } from './lib/waiting.mjs';
import { makeHolder } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const HOSTILE = '<script>alert(1)</script> \u05d0\u05d1\u05d2 "\'& <img src=x onerror=alert(2)>';

describe('a team and who leads it', { concurrency: false, timeout: 420000 }, () => {
    let appliance;
    let admin;
    let team;
    const people = {};
    const customers = [];

    async function person(user, name, role) {
        const made = await admin.post('/api/v1/accounts', { user, display_name: name, is_admin: false });
        const api = new Api(appliance.url);
        await api.post('/api/v1/sign-in', { user, password: made.json.one_time_password });
        await api.post('/api/v1/password', { current: made.json.one_time_password, new: PASSWORD });
        const account = (await api.post('/api/v1/sign-in', { user, password: PASSWORD })).json.account.id;
        assert.equal((await admin.post(`/api/v1/teams/${team}/members`, { account, role })).status, 200);
        const browser = await openBrowser();
        const page = await openPage(browser.context, `${appliance.url}/console`);
        await page.setViewportSize({ width: 1280, height: 800 });
        await signIn(page, user, PASSWORD);
        await page.getByTestId('queue').waitFor();
        await page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
        people[user] = { api, account, browser, page };
    }

    const open = (page, rail) => page.getByTestId(`rail-${rail}`).click();

    async function say(page, text) {
        await page.getByTestId('team-draft').fill(text);
        await page.getByTestId('team-draft').press('Enter');
        await page.getByTestId('team-log').getByText(text, { exact: true }).waitFor();
    }

    before(async () => {
        appliance = await Appliance.start();
        admin = new Api(appliance.url);
        const { admin_user: user, one_time_password: once } = appliance.ready;
        await admin.post('/api/v1/sign-in', { user, password: once });
        await admin.post('/api/v1/password', { current: once, new: PASSWORD });
        assert.equal((await admin.post('/api/v1/sign-in', { user, password: PASSWORD })).status, 200);
        team = (await admin.post('/api/v1/teams', { name: 'Printers' })).json.team.id;
        await person('bob', 'Bob Baker', 'member');
        await person('cleo', 'Cleo Crane', 'lead');
    });

    after(async () => {
        customers.forEach((customer) => customer.leave());
        for (const { browser } of Object.values(people))
            await browser.close();
        await appliance?.stop();
    });

    test('team chat: at once, as text, both ways; unread is counted until it was seen', async () => {
        const { bob, cleo } = people;
        await open(bob.page, 'team');
        await bob.page.getByText('Nothing was written here yet').waitFor();
        await say(bob.page, HOSTILE);
        await cleo.page.getByTestId('rail-team').locator('.badge', { hasText: '1' }).waitFor();
        await open(cleo.page, 'team');
        await cleo.page.getByTestId('team-log').getByText(HOSTILE, { exact: true }).waitFor();
        await cleo.page.getByTestId('rail-team').locator('.badge').waitFor({ state: 'detached' });
        await say(cleo.page, `Seen: ${HOSTILE}`);
        await bob.page.getByTestId('team-log').getByText(`Seen: ${HOSTILE}`, { exact: true }).waitFor();
        await say(bob.page, 'Two lines\nof one message');
        await say(bob.page, 'and one right after');
        assert.equal(await bob.page.locator('.team-message').count(), 4);
        assert.equal(await bob.page.locator('.team-message.same').count(), 1);
        await shot(bob.page, 'team-chat');
        await assertAccessible(bob.page, 'team chat');
    });

    test('messages between two, and who is there', async () => {
        const { bob, cleo } = people;
        await bob.page.locator(`[data-testid="member-${cleo.account}"][data-connected="true"]`).waitFor();
        await bob.page.getByRole('link', { name: 'Write a message to Cleo Crane' }).click();
        await say(bob.page, 'Between us');
        await cleo.page.getByTestId(`unread-person-${bob.account}`).waitFor();
        await cleo.page.getByTestId(`room-person-${bob.account}`).click();
        await cleo.page.getByTestId('team-log').getByText('Between us').waitFor();
        await cleo.page.getByTestId(`unread-person-${bob.account}`).waitFor({ state: 'detached' });
        await cleo.api.post('/api/v1/availability', { status: 'busy' });
        await bob.page.getByTestId(`member-${cleo.account}`).getByText('Busy').waitFor();
        await shot(bob.page, 'team-person');
    });

    test('older messages come when one scrolls up, and what was in sight stays', async () => {
        const { bob, cleo } = people;
        for (let i = 1; i <= 70; i++) {
            const sent = await until('it may be written', async () => {
                const { status } = await (i % 2 ? bob : cleo).api.post('/api/v1/team-chat', { team, text: `message ${i} of many` });
                return status === 200 || (status !== 429 && assert.fail(`status ${status}`));
            }, 10000, 300);
            assert.ok(sent);
        }
        await bob.page.getByTestId(`room-team-${team}`).click();
        await bob.page.getByText('message 70 of many').waitFor();
        assert.equal(await bob.page.getByText('message 2 of many', { exact: true }).count(), 0);
        await bob.page.getByTestId('team-log').evaluate((log) => { log.scrollTop = 0; });
        await bob.page.getByText('message 2 of many', { exact: true }).waitFor();
        assert.ok(await bob.page.getByTestId('team-log').evaluate((log) => log.scrollTop > 100), 'the place was kept');
    });

    test('the dashboard: people, sessions in words and signs, transfer and take over; not for members', async () => {
        const { bob, cleo } = people;
        assert.equal(await bob.page.getByTestId('rail-dashboard').count(), 0);
        await bob.page.evaluate(() => { location.hash = '#/dashboard'; });
        await bob.page.getByTestId('page-refused').waitFor();
        await bob.page.getByTestId('rail-queues').click();
        for (const name of ['Carla Novak', '<b>Dana</b>', 'Emil Stern'])
            customers.push(await Waiting.come({ appliance, api: bob.api, team, name }));
        await open(cleo.page, 'dashboard');
        const [first, second, third] = customers.map(({ session }) => session);
        await cleo.page.getByTestId(`dashboard-session-${first}`).waitFor();
        await cleo.page.getByTestId('tile-waiting').getByText('3').waitFor();
        await bob.page.getByTestId(`queue-choice-${team}`).click();
        await bob.page.getByTestId(`accept-${first}`).click();
        await bob.page.getByTestId(`session-tab-${first}`).waitFor();
        await cleo.page.locator(`[data-testid="dashboard-session-${first}"][data-state="active"]`).getByText('Bob Baker').waitFor();
        await cleo.page.getByTestId(`representative-${bob.account}`).waitFor();
        await admin.post(`/api/v1/teams/${team}/queue`, { overdue_s: 1 });
        await cleo.page.locator(`[data-testid="dashboard-session-${third}"][data-colour="red"]`).getByText('Overdue').waitFor();
        await shot(cleo.page, 'dashboard');
        await assertAccessible(cleo.page, 'the dashboard');
        await cleo.page.getByTestId(`dashboard-more-${second}`).click();
        await cleo.page.getByTestId('dashboard-transfer').click();
        await cleo.page.getByTestId('transfer-person').selectOption({ label: 'Bob Baker · Available' });
        await cleo.page.getByTestId('transfer-do').click();
        await until('it waits for Bob', async () =>
            (await bob.api.get('/api/v1/queue')).json.queue.some(({ session }) => session === second));
        await cleo.page.getByTestId(`dashboard-more-${first}`).click();
        await cleo.page.getByTestId('take-over').click();
        await cleo.page.getByText('Bob Baker stays in it as invited').waitFor();
        await cleo.page.getByTestId('take-over-do').click();
        await cleo.page.getByTestId(`session-tab-${first}`).waitFor();
        const { sessions } = (await cleo.api.get('/api/v1/sessions')).json;
        assert.equal(sessions.find(({ id }) => id === first)?.representative, 'Cleo Crane');
        for (const session of [second, third])
            assert.equal((await bob.api.post(`/api/v1/sessions/${session}/accept`, { holder_key: makeHolder().publicKey })).status, 200);
        for (const [{ api }, session] of [[cleo, first], [bob, second], [bob, third]])
            assert.equal((await api.post(`/api/v1/sessions/${session}/end`)).status, 200);
    });

    test('500 who wait: the list is whole, and only what is in sight is drawn', async () => {
        const { bob, cleo } = people;
        await admin.post(`/api/v1/teams/${team}/queue`, { overdue_s: 0 });
        await cleo.page.getByTestId('home-tab').click();
        await open(cleo.page, 'queues');
        await cleo.page.getByTestId(`queue-choice-${team}`).click();
        for (let come = 0; come < 500; come += 10) {
            customers.push(...await Promise.all(Array.from({ length: 10 }, (_, i) =>
                Waiting.come({ appliance, api: bob.api, team, name: `Customer ${come + i + 1}` }))));
        }
        await cleo.page.getByTestId(`queue-choice-${team}`).locator('.queue-count', { hasText: /^500$/ }).waitFor({ timeout: 30000 });
        const list = cleo.page.getByRole('grid', { name: 'Customers who wait' });
        assert.equal(await list.getAttribute('aria-rowcount'), '501');
        assert.ok(await list.getByRole('row').count() < 80);
        await list.focus();
        await cleo.page.keyboard.press('End');
        await cleo.page.getByTestId(`queue-${customers.at(-1).session}`).waitFor();
        await shot(cleo.page, 'queues-500', ['light']);
    });

    test('nothing went wrong on the way: no script error, no breach of the policy', () => {
        for (const { page } of Object.values(people))
            assert.deepEqual(page.problems, []);
    });
});
