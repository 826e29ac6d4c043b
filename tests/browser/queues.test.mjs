// SPDX-License-Identifier: Apache-2.0
// The desk: queues, offers of automatic assignment, transfer, Get Next. Two representatives of a team and a lead.
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
const HOSTILE = '<img src=x onerror=alert(1)> \u202Egpj.exe "\'&';

describe('the desk of a support team', { concurrency: false, timeout: 420000 }, () => {
    let appliance;
    let admin;
    let team;
    let other;
    const people = {};
    const customers = [];

    /** An account in the team, signed in with the API and in a browser of its own. */
    async function person(user, name, role) {
        const made = await admin.post('/api/v1/accounts', { user, display_name: name, is_admin: false });
        assert.equal(made.status, 200, made.text);
        const api = new Api(appliance.url);
        await api.post('/api/v1/sign-in', { user, password: made.json.one_time_password });
        await api.post('/api/v1/password', { current: made.json.one_time_password, new: PASSWORD });
        const signed = await api.post('/api/v1/sign-in', { user, password: PASSWORD });
        const account = signed.json.account.id;
        const put = await admin.post(`/api/v1/teams/${team}/members`, { account, role });
        assert.equal(put.status, 200, put.text);
        const browser = await openBrowser();
        const page = await openPage(browser.context, `${appliance.url}/console`);
        await page.setViewportSize({ width: 1280, height: 800 });
        await signIn(page, user, PASSWORD);
        await page.getByTestId('queue').waitFor();
        await page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
        people[user] = { api, account, browser, page };
    }

    async function come(name, into = team) {
        const customer = await Waiting.come({ appliance, api: people.bob.api, team: into, name });
        customers.push(customer);
        return customer.session;
    }

    const row = (page, session) => page.getByTestId(`queue-${session}`);
    const show = (page, which) => page.getByTestId(`queue-choice-${which}`).click();

    async function more(page, session, entry) {
        await page.getByTestId(`more-${session}`).click();
        await page.getByTestId(entry).click();
    }

    /** Whoever has it ends it; one that waits is taken first. */
    async function endSession(session) {
        for (const { api } of Object.values(people)) {
            if ((await api.post(`/api/v1/sessions/${session}/end`)).status === 200)
                return;
        }
        const taken = await people.bob.api.post(`/api/v1/sessions/${session}/accept`, { holder_key: makeHolder().publicKey });
        assert.equal(taken.status, 200, taken.text);
        assert.equal((await people.bob.api.post(`/api/v1/sessions/${session}/end`)).status, 200);
    }

    before(async () => {
        appliance = await Appliance.start();
        admin = new Api(appliance.url);
        const { admin_user: user, one_time_password: once } = appliance.ready;
        await admin.post('/api/v1/sign-in', { user, password: once });
        await admin.post('/api/v1/password', { current: once, new: PASSWORD });
        assert.equal((await admin.post('/api/v1/sign-in', { user, password: PASSWORD })).status, 200);
        team = (await admin.post('/api/v1/teams', { name: 'Printers' })).json.team.id;
        other = (await admin.post('/api/v1/teams', { name: 'Networks' })).json.team.id;
        await person('bob', 'Bob Baker', 'member');
        await person('cleo', 'Cleo Crane', 'lead');
    });

    after(async () => {
        customers.forEach((customer) => customer.leave());
        for (const { browser } of Object.values(people))
            await browser.close();
        await appliance?.stop();
    });

    test('who comes is in the team\'s queue of both at once; details, priority and favourites follow', async () => {
        const { bob, cleo } = people;
        await show(bob.page, team);
        await show(cleo.page, 'all');
        const first = await come('Carla Novak');
        const second = await come(HOSTILE);
        await row(bob.page, first).waitFor();
        await row(cleo.page, second).waitFor();
        assert.equal(await bob.page.getByTestId(`queue-choice-${team}`).locator('.queue-count').innerText(), '2');
        assert.ok((await row(bob.page, second).innerText()).includes('<img src=x onerror=alert(1)>'));
        await row(bob.page, first).click();
        await bob.page.getByTestId('queue-details').getByText('Printers').waitFor();
        await more(cleo.page, second, 'priority-high');
        await bob.page.locator(`[data-testid="queue-${second}"][data-priority="high"]`).waitFor();
        await bob.page.getByTestId(`favourite-${first}`).click();
        await bob.page.locator(`[data-testid="favourite-${first}"][aria-pressed="true"]`).waitFor();
        await shot(bob.page, 'queues-team');
        await bob.page.getByTestId('queue-favourites').click();
        await row(bob.page, second).waitFor({ state: 'detached' });
        await bob.page.getByTestId('queue-favourites').click();
        await bob.page.getByTestId('queue-filter').fill('nobody of this name');
        await bob.page.getByRole('button', { name: 'Show all' }).click();
        await row(bob.page, second).waitFor();
        await assertAccessible(bob.page, 'the queues');
    });

    test('the order and the columns are there again after the page was loaded again', async () => {
        const { page } = people.bob;
        await page.getByTestId('sort-customer').click();
        await page.getByTestId('queue-columns').click();
        await page.getByTestId('column-external-key').click();
        await page.reload();
        await page.getByTestId('queue').waitFor();
        await page.locator('[role="columnheader"][aria-sort="ascending"]', { hasText: 'Customer' }).waitFor();
        await page.getByRole('columnheader', { name: 'External key' }).waitFor();
        await page.getByTestId('queue-columns').click();
        await page.getByTestId('column-external-key').click();
    });

    test('Get Next takes the oldest of the highest priority; the others see it go', async () => {
        const { bob, cleo } = people;
        const { queue } = (await bob.api.get('/api/v1/queue?queue=all')).json;
        const wanted = queue[0].session;
        await bob.page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
        await bob.page.getByRole('heading', { name: 'Queues' }).focus();
        await bob.page.keyboard.press('n');
        await bob.page.getByTestId(`session-tab-${wanted}`).waitFor();
        await row(cleo.page, wanted).waitFor({ state: 'detached' });
        await endSession(wanted);
        await bob.page.getByTestId('home-tab').click();
    });

    test('transfer with a reason goes to the other queue; declining from the own queue sends it back', async () => {
        const { bob, cleo } = people;
        const [entry] = (await bob.api.get('/api/v1/queue?queue=all')).json.queue;
        await more(bob.page, entry.session, `transfer-${entry.session}`);
        await bob.page.getByTestId('transfer-team').selectOption({ label: 'Printers' });
        await bob.page.getByTestId('transfer-person').selectOption({ label: 'Cleo Crane · Available' });
        await bob.page.getByTestId('transfer-reason').fill('She knows this printer');
        await shot(bob.page, 'queues-transfer');
        await assertAccessible(bob.page, 'the transfer dialog');
        await bob.page.getByTestId('transfer-do').click();
        await bob.page.getByTestId('toasts').getByText('Transferred.').waitFor();
        await show(cleo.page, 'personal');
        await row(cleo.page, entry.session).waitFor();
        await row(bob.page, entry.session).waitFor({ state: 'detached' });
        await more(cleo.page, entry.session, `decline-${entry.session}`);
        await cleo.page.getByTestId('decline-reason').fill('Not today');
        await shot(cleo.page, 'queues-decline');
        await cleo.page.getByTestId('decline-do').click();
        await row(cleo.page, entry.session).waitFor({ state: 'detached' });
        await row(bob.page, entry.session).waitFor();
        await endSession(entry.session);
    });

    test('automatic assignment: an offer counts down, is there after a reload, and goes when it was declined', async () => {
        const { bob, cleo } = people;
        const set = await admin.post(`/api/v1/teams/${team}/queue`, { automatic: true, offer_s: 60 });
        assert.equal(set.status, 200, set.text);
        const session = await come('Olga Petrova');
        const offers = [bob, cleo].map(({ page }) => page.getByTestId(`offer-${session}`));
        const at = await until('one of them is asked', async () => {
            const shown = await Promise.all(offers.map((offer) => offer.count()));
            return shown[0] + shown[1] > 0 && (shown[0] ? [bob, cleo] : [cleo, bob]);
        });
        const [asked, next] = at;
        await asked.page.getByTestId('announcement').filter({ hasText: 'Olga Petrova is offered to you' }).waitFor({ state: 'attached' });
        await shot(asked.page, 'queues-offer');
        await assertAccessible(asked.page, 'an offer');
        const first = await asked.page.getByTestId('offer-left').innerText();
        await until('the countdown goes on', async () => await asked.page.getByTestId('offer-left').innerText() !== first);
        await asked.page.reload();
        await asked.page.getByTestId(`offer-${session}`).waitFor();
        await asked.page.getByTestId(`offer-decline-${session}`).click();
        await asked.page.getByTestId(`offer-${session}`).waitFor({ state: 'detached' });
        await next.page.getByTestId(`offer-accept-${session}`).click();
        await next.page.getByTestId(`session-tab-${session}`).waitFor();
        assert.equal(await next.page.getByTestId(`offer-${session}`).count(), 0);
        await endSession(session);
        await next.page.getByTestId('home-tab').click();
        await admin.post(`/api/v1/teams/${team}/queue`, { automatic: false });
    });

    test('an offer that is answered elsewhere goes from the page', async () => {
        const { bob, cleo } = people;
        await cleo.api.post('/api/v1/availability', { status: 'away' });
        await admin.post(`/api/v1/teams/${team}/queue`, { automatic: true, offer_s: 60 });
        const session = await come('Ivan Horvat');
        await bob.page.getByTestId(`offer-${session}`).waitFor();
        await bob.api.post(`/api/v1/sessions/${session}/transfer`, { team: other });
        await bob.page.getByTestId(`offer-${session}`).waitFor({ state: 'detached' });
        await bob.page.getByTestId('toasts').getByText('Ivan Horvat was moved to another queue.').waitFor();
        await admin.post(`/api/v1/teams/${team}/queue`, { automatic: false });
        await cleo.api.post('/api/v1/availability', { status: 'available' });
        customers.at(-1).leave();
    });

    test('who waits too long is marked, and the team hears of it', async () => {
        const { bob } = people;
        await show(bob.page, team);
        const set = await admin.post(`/api/v1/teams/${team}/queue`, { overdue_s: 1, alert_count: 1 });
        assert.equal(set.status, 200, set.text);
        const session = await come('Late Larry');
        await bob.page.locator(`[data-testid="queue-${session}"][data-overdue="true"]`).waitFor();
        await row(bob.page, session).getByText('Overdue').waitFor();
        await bob.page.getByTestId('toasts').getByText('Late Larry waits too long in Printers.').waitFor();
        await people.cleo.page.getByTestId('toasts').getByText('1 customer waits in Printers.').waitFor();
        await shot(bob.page, 'queues-overdue');
        await admin.post(`/api/v1/teams/${team}/queue`, { overdue_s: 0, alert_count: 0 });
        await endSession(session);
    });

    test('an invitation is asked over whatever is shown; joining opens the session, later keeps it in the list', async () => {
        const { bob, cleo } = people;
        const session = await come('Dana Weber');
        await show(bob.page, team);
        await bob.page.getByTestId(`accept-${session}`).click();
        await bob.page.getByTestId(`session-tab-${session}`).waitFor();
        const invite = () => bob.api.post(`/api/v1/sessions/${session}/invitations`, { account: cleo.account, message: HOSTILE });
        const first = (await invite()).json.invitation;
        const card = cleo.page.getByTestId(`invited-${first}`);
        await card.getByText('<img src=x onerror=alert(1)>').waitFor();
        await shot(cleo.page, 'queues-invited');
        await assertAccessible(cleo.page, 'an invitation');
        await card.getByRole('button', { name: 'Later' }).click();
        await card.waitFor({ state: 'detached' });
        await cleo.page.getByTestId('invitations').getByTestId(`invitation-decline-${first}`).click();
        await cleo.page.getByTestId('invitations').waitFor({ state: 'detached' });
        const second = (await invite()).json.invitation;
        await cleo.page.getByTestId(`invited-${second}`).getByTestId(`invitation-accept-${second}`).click();
        await cleo.page.getByTestId(`session-tab-${session}`).waitFor();
        await endSession(session);
        await cleo.page.getByTestId('home-tab').click();
        await bob.page.getByTestId('home-tab').click();
    });

    test('nothing went wrong on the way: no script error, no breach of the policy', () => {
        for (const { page } of Object.values(people))
            assert.deepEqual(page.problems, []);
    });
});
