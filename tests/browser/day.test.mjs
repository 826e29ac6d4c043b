// SPDX-License-Identifier: Apache-2.0
// A day of a support desk on the real appliance: three representatives, their manager and an administrator, customers with
// the client and with a browser, Jump Clients, hostile names; a page loaded again, a lost network and a restart of control
// in the middle of it. SCREENSHOTS=folder keeps a picture of each screen.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { openPage, signIn } from './lib/console.mjs';
import { FakeCustomer } from './lib/fake_customer.mjs';
import { HostileClient } from './lib/native.mjs';
import { shot } from './lib/shots.mjs';
import { TYPE } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const HOSTILE = '<img src=x onerror="window.isOwned=1">"\'&{{7*7}}';
const JUMP_CLIENTS = 10;
const CUSTOMERS = 8; // on the wire; two more come with a browser
const PATIENCE_MS = 45000;

describe('a day of work', { concurrency: false, timeout: 900000 }, () => {
    let appliance;
    let chrome;
    let admin; // the API as the first administrator
    let team;
    let question;
    const people = {};
    const portals = []; // pages of customers
    const customers = [];
    const devices = [];

    async function ok(reply) {
        const answer = await reply;
        assert.equal(answer.status, 200, answer.text);
        return answer.json;
    }

    async function newContext() {
        const context = await chrome.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
        context.setDefaultTimeout(PATIENCE_MS);
        return context;
    }

    async function openConsole(user) {
        const context = await newContext();
        const page = await openPage(context, `${appliance.url}/console`);
        await signIn(page, user, PASSWORD);
        await page.getByTestId('queues-page').waitFor();
        await isUp(page);
        return { context, page };
    }

    async function person(user, name, role) {
        const made = await ok(admin.post('/api/v1/accounts', { user, display_name: name, is_admin: false }));
        const api = new Api(appliance.url);
        await ok(api.post('/api/v1/sign-in', { user, password: made.one_time_password }));
        await ok(api.post('/api/v1/password', { current: made.one_time_password, new: PASSWORD }));
        const { account } = await ok(api.post('/api/v1/sign-in', { user, password: PASSWORD }));
        await ok(admin.post(`/api/v1/teams/${team}/members`, { account: account.id, role }));
        people[user] = { api, account: account.id, ...await openConsole(user) };
    }

    /** A customer with the client, whose key leads to the team's queue. */
    async function come(name, api = people.ana.api) {
        const { key } = await ok(api.post('/api/v1/session-keys', { team }));
        const customer = await FakeCustomer.enter(appliance.httpsPort, key, name);
        customers.push(customer);
        return customer;
    }

    /** A customer with nothing but a browser; resolves with the page, which waits in the chat. */
    async function comeByBrowser() {
        const { key } = await ok(people.ana.api.post('/api/v1/session-keys', { team }));
        const page = await openPage(await newContext(), `${appliance.url}/?key=${key}`);
        portals.push(page);
        await page.getByTestId('chat-in-browser').click();
        await page.locator('[data-testid="customer"][data-state="live"]').waitFor();
        return page;
    }

    const isUp = (page) => page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
    const tab = (page, session) => page.getByTestId(`session-${session}`);
    const isLive = (page, session) => page.locator(`[data-testid="session-${session}"][data-state="live"]`).waitFor();
    const rail = async (page, name) => {
        await page.getByTestId('home-tab').click();
        await page.getByTestId(`rail-${name}`).click();
    };

    async function openPanel(page, session, name) {
        const button = tab(page, session).getByTestId(name === 'chat' ? 'chat-toggle' : `panel-${name}`);
        if (await button.getAttribute('aria-expanded') !== 'true')
            await button.click();
    }

    async function say(page, session, audience, text) {
        await openPanel(page, session, 'chat');
        const choice = tab(page, session).getByTestId(`chat-audience-${audience}`);
        if (await choice.count() > 0)
            await choice.check({ force: true });
        await tab(page, session).getByTestId('chat-input').fill(text);
        await tab(page, session).getByTestId('chat-send').click();
        await tab(page, session).getByTestId('chat-log').getByText(text).first().waitFor();
    }

    async function accept(page, session) {
        await rail(page, 'queues');
        await page.getByTestId(`queue-choice-${team}`).click();
        await page.getByTestId(`accept-${session}`).click();
        await isLive(page, session);
    }

    /** Somebody who leads a session ends it, with the survey of representatives. */
    async function end(page, session) {
        await page.getByTestId(`session-tab-${session}`).getByRole('button').or(page.getByTestId(`session-tab-${session}`)).first().click();
        await tab(page, session).getByTestId('end-session').click();
        await page.getByTestId(`survey-${question}`).getByRole('radio', { name: '4 of 5' }).check();
        await page.getByTestId('end-session-confirm').click();
        await tab(page, session).getByTestId('session-ended').waitFor();
        await tab(page, session).getByTestId('close-tab').click();
        await tab(page, session).waitFor({ state: 'detached' });
    }

    /** Chromium complains of the policy for cameras when a page asks for a screen, and of a network or a control that is away. */
    const ownProblems = ({ problems }) => problems.filter((text) =>
        !/camera is not allowed|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|status of 50[23]/.test(text));

    before(async () => {
        appliance = await Appliance.start();
        chrome = await chromium.launch({
            executablePath: '/usr/bin/chromium', headless: true,
            args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        });
        admin = new Api(appliance.url);
        const { admin_user: user, one_time_password: current } = appliance.ready;
        await ok(admin.post('/api/v1/sign-in', { user, password: current }));
        await ok(admin.post('/api/v1/password', { current, new: PASSWORD }));
        await ok(admin.post('/api/v1/sign-in', { user, password: PASSWORD }));
        team = (await ok(admin.post('/api/v1/teams', { name: 'Printers' }))).team.id;
        await ok(admin.post('/api/v1/teams', { name: `Networks ${HOSTILE}` }));
        question = (await ok(admin.post('/api/v1/survey-questions', {
            for: 'representative', kind: 'rating', text: 'How hard was it?', required: true,
        }))).id;
        await ok(admin.post('/api/v1/survey-questions', { for: 'customer', kind: 'rating', text: 'How was it?', required: true }));
        await person('ana', 'Ana Alves', 'member');
        await person('bob', `Bob ${HOSTILE}`, 'member');
        await person('cleo', 'Cleo Crane', 'member');
        await person('mona', 'Mona Meyer', 'manager');
        people.admin = { api: admin, ...await openConsole(user) };
        const { identity } = await appliance.ctlJson('show', 'info');
        for (let i = 0; i < JUMP_CLIENTS; i++) {
            const { token } = await appliance.ctlJson('create', 'enrolment-token');
            const device = await HostileClient.enrol({
                port: appliance.httpsPort, token, identity, name: i === 0 ? `Till ${HOSTILE}` : `Till ${i}`,
            });
            await device.stand();
            devices.push(device);
        }
    });

    after(async () => {
        customers.forEach((customer) => customer.wire.close());
        devices.forEach(({ device }) => device?.close());
        await chrome?.close();
        await appliance?.stop();
    });

    let first; // a customer on the wire
    let second; // the page of one with a browser
    let secondSession;

    test('in the morning: customers come, with names that are only text', async () => {
        const { ana, bob } = people;
        for (const { page } of [ana, bob])
            await page.getByTestId(`queue-choice-${team}`).click();
        first = await come(`Carla ${HOSTILE}`);
        for (let i = 1; i < CUSTOMERS; i++)
            await come(`Customer ${i}`);
        second = await comeByBrowser();
        for (const { page } of [ana, bob]) {
            await page.getByTestId(`queue-${first.session}`).getByText(HOSTILE).waitFor();
            await page.getByTestId(`queue-choice-${team}`).locator('.queue-count', { hasText: new RegExp(`^${CUSTOMERS + 1}$`) }).waitFor();
        }
        await shot(ana.page, 'day-queue');
        await shot(second, 'day-customer-waits');
    });

    test('one is taken: consent, chat both ways, a note; the others see it go', async () => {
        const { ana, bob } = people;
        await accept(ana.page, first.session);
        await bob.page.getByTestId(`queue-${first.session}`).waitFor({ state: 'detached' });
        first.consent(1, 1);
        await tab(ana.page, first.session).getByTestId('permission-state').getByText('View and control').waitFor();
        await say(ana.page, first.session, 'everybody', 'Good morning');
        await first.hears('Good morning');
        first.say(1, `It is [b]upside down[/b] ${HOSTILE}`);
        await tab(ana.page, first.session).getByTestId('chat-log').getByText(`It is [b]upside down[/b] ${HOSTILE}`).waitFor();
        await openPanel(ana.page, first.session, 'notes');
        await tab(ana.page, first.session).getByTestId('note-text').fill(`Room 4 ${HOSTILE}`);
        await tab(ana.page, first.session).getByTestId('note-add').click();
        await tab(ana.page, first.session).getByTestId('notes').getByText('Room 4').waitFor();
        await shot(ana.page, 'day-session');
    });

    test('a colleague is invited, and what the two say aside is never the customer\'s', async () => {
        const { ana, bob } = people;
        await tab(ana.page, first.session).getByTestId('tool-invite').click();
        await ana.page.getByTestId('invite-kind-account').check({ force: true });
        await ana.page.getByTestId('place-account').selectOption(String(bob.account));
        await ana.page.getByTestId('invite-message').fill('Have you seen this?');
        await ana.page.getByTestId('invite-send').click();
        await bob.page.getByText('Have you seen this?').first().waitFor();
        await shot(bob.page, 'day-invited');
        await bob.page.locator('[data-testid^="invitation-accept-"]').first().click();
        await isLive(bob.page, first.session);
        await say(ana.page, first.session, 'representatives', 'Only for us');
        await tab(bob.page, first.session).getByTestId('chat-log').getByText('Only for us').waitFor();
        await say(bob.page, first.session, 'everybody', 'Hello from Bob');
        await first.hears('Hello from Bob');
        assert.ok(!first.types.has(TYPE.SIDE_LINE) && !first.heard.some((line) => line.includes('Only for us')));
    });

    test('a page is loaded again in the middle of it, and everything is there', async () => {
        const { ana } = people;
        await ana.page.reload();
        await isLive(ana.page, first.session);
        await openPanel(ana.page, first.session, 'chat');
        await tab(ana.page, first.session).getByTestId('chat-log').getByText('Only for us').waitFor();
        await say(ana.page, first.session, 'everybody', 'I am back');
        await first.hears('I am back');
    });

    test('a network is lost and comes back: the page says so, and knows what happened meanwhile', async () => {
        const { bob } = people;
        await rail(bob.page, 'queues');
        await bob.page.getByTestId(`queue-choice-${team}`).click();
        const banner = bob.page.getByTestId('connection-lost');
        await bob.context.setOffline(true);
        await banner.getByText('lost').waitFor();
        await shot(bob.page, 'day-lost');
        const late = await come('Late Larry');
        await bob.context.setOffline(false);
        await banner.getByText('lost').waitFor({ state: 'detached' });
        await bob.page.getByTestId(`queue-${late.session}`).waitFor();
        await isUp(bob.page);
    });

    test('a browser customer is taken by the second; the lead sees both on the dashboard', async () => {
        const { bob, mona } = people;
        const { queue } = await ok(bob.api.get(`/api/v1/queue?queue=${team}`));
        const others = new Set(customers.map(({ session }) => session));
        secondSession = queue.find(({ session }) => !others.has(session)).session;
        await accept(bob.page, secondSession);
        await second.getByTestId('view-question').waitFor();
        await second.getByTestId('view-no').click();
        await say(bob.page, secondSession, 'everybody', 'How can I help?');
        await second.getByTestId('customer-chat-log').getByText('How can I help?').waitFor();
        await second.getByTestId('customer-input').fill(`Help ${HOSTILE}`);
        await second.getByTestId('customer-send').click();
        await tab(bob.page, secondSession).getByTestId('chat-log').getByText(`Help ${HOSTILE}`).waitFor();
        await shot(second, 'day-customer-chat');
        await rail(mona.page, 'dashboard');
        for (const session of [first.session, secondSession])
            await mona.page.locator(`[data-testid="dashboard-session-${session}"][data-state="active"]`).waitFor();
        await mona.page.getByTestId(`representative-${bob.account}`).getByText(HOSTILE).waitFor();
        await shot(mona.page, 'day-dashboard');
    });

    test('control restarts at noon: sessions go on, and everybody finds everything again', async () => {
        const { ana, bob } = people;
        const [control] = await appliance.pidsOf('causeway-control');
        process.kill(control, 'SIGKILL');
        await until('control runs again', async () => {
            const [again] = await appliance.pidsOf('causeway-control');
            return again !== undefined && again !== control;
        }, PATIENCE_MS);
        await until('control knows the session again', async () =>
            (await ana.api.get(`/api/v1/sessions/${first.session}`).catch(() => ({ status: 0 }))).status === 200, PATIENCE_MS);
        for (const { page } of Object.values(people))
            await isUp(page);
        await say(ana.page, first.session, 'everybody', 'Still here');
        await first.hears('Still here');
        await bob.page.getByTestId(`session-tab-${secondSession}`).first().click();
        await say(bob.page, secondSession, 'everybody', 'So am I');
        await second.getByTestId('customer-chat-log').getByText('So am I').waitFor();
    });

    test('a session is handed over with a reason', async () => {
        const { bob, cleo } = people;
        await tab(bob.page, secondSession).getByTestId('tool-transfer').click();
        await bob.page.getByTestId('place-kind-account').check({ force: true });
        await bob.page.getByTestId('place-account').selectOption(String(cleo.account));
        await bob.page.getByTestId('transfer-reason').fill('She knows browsers');
        await bob.page.getByTestId('transfer-send').click();
        await rail(cleo.page, 'queues');
        await cleo.page.getByTestId('queue-choice-personal').click();
        await cleo.page.getByTestId(`accept-${secondSession}`).click();
        await isLive(cleo.page, secondSession);
        await say(cleo.page, secondSession, 'everybody', 'Cleo speaking');
        await second.getByTestId('customer-chat-log').getByText('Cleo speaking').waitFor();
    });

    test('the manager takes a session over from the dashboard', async () => {
        const { ana, mona } = people;
        await mona.page.getByTestId(`dashboard-more-${first.session}`).click();
        await mona.page.getByTestId('take-over').click();
        await mona.page.getByTestId('take-over-do').click();
        await isLive(mona.page, first.session);
        await tab(ana.page, first.session).getByTestId('end-session').waitFor({ state: 'detached' });
        await say(mona.page, first.session, 'everybody', 'The manager speaking');
        await first.hears('The manager speaking');
        await shot(mona.page, 'day-taken-over');
        const fits = await tab(mona.page, first.session).locator('.tools, .session-body, .status-line').evaluateAll((parts) => parts.every((part) => {
            const { left, right } = part.getBoundingClientRect();
            return left >= 0 && right <= innerWidth;
        }));
        assert.ok(fits, 'long names of many do not push the session out of its window');
    });

    test('a Jump from the list, by its hostile name', async () => {
        const { admin: { page } } = people;
        await rail(page, 'jump');
        await page.getByTestId('jump-filter').fill('onerror');
        const row = page.locator('[data-testid^="jump-item-"]').filter({ hasText: HOSTILE });
        await row.waitFor();
        await shot(page, 'day-jump');
        const item = (await row.getAttribute('data-testid')).slice('jump-item-'.length);
        const offered = devices[0].answerOffer();
        await page.getByTestId(`jump-${item}`).click();
        const source = await offered;
        const jumped = Number((await page.locator('[data-testid^="session-tab-"]').first().getAttribute('data-testid'))
            .slice('session-tab-'.length));
        await isLive(page, jumped);
        assert.equal(source.session, jumped);
        await end(page, jumped);
        source.close();
    });

    test('the sessions end: a survey for each side, and the customer has the transcript', async () => {
        const { cleo, mona } = people;
        await end(cleo.page, secondSession);
        await second.getByTestId('after').waitFor();
        await second.locator('[data-testid^="question-"]').first().getByLabel('4 of 5').check({ force: true });
        await second.getByTestId('survey-send').click();
        await second.getByTestId('survey-sent').waitFor();
        await second.getByTestId('transcript-show').click();
        await second.getByTestId('transcript').filter({ hasText: 'Cleo speaking' }).waitFor();
        await shot(second, 'day-customer-after');
        await end(mona.page, first.session);
    });

    test('the report has them, with customer, representative and every message', async () => {
        const { admin: { page } } = people;
        await page.getByTestId('home-tab').click();
        await page.getByTestId('rail-reports').click();
        for (const session of [first.session, secondSession])
            await page.getByTestId(`report-session-${session}`).waitFor();
        await page.getByTestId(`report-session-${first.session}`).getByText(HOSTILE).first().waitFor();
        await shot(page, 'day-report');
        await page.getByTestId(`report-session-${first.session}`).getByRole('link').first().click();
        await page.getByTestId('tab-chat').click();
        await page.getByTestId('part-chat').getByText('Only for us').waitFor();
        await page.getByTestId('part-chat').getByRole('grid').focus();
        await page.keyboard.press('End');
        await page.getByTestId('part-chat').getByText('The manager speaking').waitFor();
        await shot(page, 'day-report-session');
    });

    test('an administrator adds a user and a team, who is in it and signs in at once', async () => {
        const { admin: { page } } = people;
        const field = (name) => page.getByTestId(`field-${name}`);
        await page.getByTestId('rail-admin').click();
        await page.getByTestId('side-admin-users').click();
        await page.getByTestId('users-new').click();
        await field('user').fill('dora');
        await field('displayName').fill(`Dora ${HOSTILE}`);
        await page.getByTestId('form-save').click();
        const once = await page.getByTestId('one-time-password').textContent();
        await page.getByTestId('one-time-done').click();
        await shot(page, 'day-admin-user');
        await page.getByTestId('side-admin-teams').click();
        await page.getByTestId('teams-new').click();
        await field('name').fill('Evening shift');
        await page.getByTestId('form-save').click();
        await page.getByTestId('team-add-member').click();
        await page.getByTestId('team-add-member').fill('dora');
        await page.getByRole('option', { name: /Dora/ }).waitFor();
        await page.keyboard.press('Enter');
        await page.locator('[data-testid^="member-"]').getByText(HOSTILE).first().waitFor();
        await shot(page, 'day-admin-team');
        const dora = await openPage(await newContext(), `${appliance.url}/console`);
        people.dora = { page: dora };
        await signIn(dora, 'dora', once);
        await dora.getByTestId('new-password').fill(PASSWORD);
        await dora.getByTestId('new-password-repeat').fill(PASSWORD);
        await dora.getByTestId('change-password').click();
        await dora.getByTestId('queue').waitFor();
        await rail(dora, 'team');
        await dora.getByText('Evening shift').first().waitFor();
    });

    test('in the evening: no script of a stranger ran, no page had an error or broke the policy', async () => {
        for (const page of [...Object.values(people).map((one) => one.page), ...portals]) {
            assert.equal(await page.evaluate(() => window.isOwned), undefined);
            assert.deepEqual(ownProblems(page), [], page.url());
        }
    });
});
