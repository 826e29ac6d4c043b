// SPDX-License-Identifier: Apache-2.0
// A session's tab at work: two representatives, a customer who is not to be trusted, and everything beside the screen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { FakeCustomer } from './lib/fake_customer.mjs';
import { shot } from './lib/shots.mjs';
import { TYPE } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const HOSTILE = '<img src=x onerror="window.isOwned=1"> \u202eevil';

describe('the tools of a session', { concurrency: false, timeout: 600000 }, () => {
    let appliance;
    let first;
    let second;
    let alice;
    let sam;
    let api;
    let customer;
    let session;
    let team;
    let samAccount;
    let aliceAccount;

    async function post(path, body = {}) {
        const { status, json, text } = await api.post(`/api/v1/${path}`, body);
        assert.equal(status, 200, `${path}: ${text}`);
        return json;
    }

    before(async () => {
        appliance = await Appliance.start();
        first = await openBrowser();
        alice = await openPage(first.context, `${appliance.url}/console`);
        await alice.setViewportSize({ width: 1280, height: 800 });
        await signIn(alice, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(alice, PASSWORD);
        await alice.getByTestId('queue').waitFor();
        api = new Api(appliance.url);
        await post('sign-in', { user: appliance.ready.admin_user, password: PASSWORD });
        aliceAccount = (await api.get('/api/v1/me')).json.account.id;
        const made = await post('accounts', { user: 'sam', display_name: 'Sam <i>Rees</i>', is_admin: false });
        samAccount = made.account.id;
        const samApi = new Api(appliance.url);
        await samApi.post('/api/v1/sign-in', { user: 'sam', password: made.one_time_password });
        assert.equal((await samApi.post('/api/v1/password', { current: made.one_time_password, new: PASSWORD })).status, 200);
        ({ team } = await post('teams', { name: 'Second line' }));
        team = team.id ?? team;
        for (const account of [aliceAccount, samAccount])
            await post(`teams/${team}/members`, { account, role: 'member' });
        await post('attributes', { code: 'case', name: 'Case number', editable: true });
        await post('custom-links', { name: 'Customer record', url: 'https://crm.example/?c=%CUSTOMER%' });
        await post('invite-profiles', { name: 'Vendor', permissions: 'chat view_screen' });
        const category = (await post('canned-message-categories', { name: 'Words' })).id;
        await post('canned-messages', { category, name: 'Greeting', text: 'Hello, [b]welcome[/b] to [url=https://help.example/]help[/url].' });
        await post('canned-messages', { category, name: 'Restart', text: 'Please restart the computer.' });
        second = await openBrowser();
        sam = await openPage(second.context, `${appliance.url}/console`);
        await sam.setViewportSize({ width: 1280, height: 800 });
        await signIn(sam, 'sam', PASSWORD);
        await sam.getByTestId('queue').waitFor();
    });

    after(async () => {
        customer?.wire.close();
        await first?.close();
        await second?.close();
        await appliance?.stop();
    });

    const tab = (page, id = session) => page.getByTestId(`session-${id}`);
    const isLive = (page) => page.locator(`[data-testid="session-${session}"][data-state="live"]`).waitFor({ timeout: 20000 });
    const person = (page, relation) => tab(page).locator(`[data-relation="${relation}"]`);

    async function openPanel(page, name) {
        const button = tab(page).getByTestId(name === 'chat' ? 'chat-toggle' : `panel-${name}`);
        if (await button.getAttribute('aria-expanded') !== 'true')
            await button.click();
    }

    async function say(page, audience, text) {
        await openPanel(page, 'chat');
        await tab(page).getByTestId(`chat-audience-${audience}`).check({ force: true });
        await tab(page).getByTestId('chat-input').fill(text);
        await tab(page).getByTestId('chat-send').click();
        await tab(page).locator('.line.from-self:not(.unsent)').filter({ hasText: text }).waitFor();
    }

    test('a session key: large, for a time and a team one chooses, and as an e-mail', async () => {
        await alice.getByTestId('create-session-key').click();
        await alice.getByTestId('session-key-value').waitFor();
        await alice.getByTestId('key-life').selectOption('600');
        await alice.getByText(/Expires in (9:|10:)/).waitFor();
        const key = (await alice.getByTestId('session-key-value').innerText()).trim();
        assert.ok((await alice.getByTestId('session-key-url').inputValue()).includes(key));
        assert.match(await alice.getByTestId('session-key-mail').getAttribute('href'), /^mailto:\?subject=/);
        await shot(alice, 'session-key');
        await assertAccessible(alice, 'the session key dialog');
        await alice.keyboard.press('Escape');
        customer = await FakeCustomer.enter(appliance.httpsPort, key, `Carl ${HOSTILE}`);
        session = customer.session;
        await alice.getByTestId(`queue-${session}`).getByTestId(`accept-${session}`).click();
        await isLive(alice);
    });

    test('consent: asked, refused, asked again in the chat, viewing, control', async () => {
        const waiting = (state) => tab(alice).locator(`[data-testid="session-waiting"][data-consent="${state}"]`).waitFor();
        await waiting('waits');
        await shot(alice, 'session-consent-waits', ['light']);
        customer.consent(0, 0);
        await waiting('denied');
        await shot(alice, 'session-consent-denied', ['light']);
        await tab(alice).getByTestId('ask-consent').click();
        await customer.hears('May I see your screen?');
        customer.consent(1, 0);
        await tab(alice).getByTestId('permission-state').getByText('View only').waitFor();
        assert.ok(await tab(alice).getByTestId('ctrl-alt-del').isDisabled());
        customer.consent(1, 1);
        await tab(alice).getByTestId('permission-state').getByText('View and control').waitFor();
        await tab(alice).getByTestId('session-waiting').waitFor({ state: 'detached' });
    });

    test('a picture of the screen is saved with every pixel of it', async () => {
        const [download] = await Promise.all([alice.waitForEvent('download'), tab(alice).getByTestId('screenshot').click()]);
        const png = fs.readFileSync(await download.path());
        assert.equal(png.subarray(1, 4).toString(), 'PNG');
        assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [640, 400]);
    });

    test('chat: prepared messages are formatted by elements; what the customer writes is text', async () => {
        await tab(alice).getByTestId('open-canned').click();
        await alice.getByTestId('canned-search').fill('greet');
        await alice.getByTestId('canned-preview').locator('strong').getByText('welcome').waitFor();
        await shot(alice, 'session-canned');
        await assertAccessible(alice, 'prepared messages');
        await alice.getByTestId('canned-insert').click();
        assert.match(await tab(alice).getByTestId('chat-input').inputValue(), /\[b\]welcome\[\/b\]/);
        await tab(alice).getByTestId('chat-send').click();
        const own = tab(alice).locator('.line.from-self').filter({ hasText: 'welcome' });
        await own.locator('strong').waitFor();
        const link = own.locator('a');
        assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
        assert.match(await own.innerText(), /\(https:\/\/help\.example\/\)/, 'a link says where it leads');
        customer.say(1, `[b]bold[/b] [url=https://evil.example/]bank[/url] ${HOSTILE}`);
        const theirs = tab(alice).locator('.line.from-other').filter({ hasText: '[b]bold[/b] [url=https://evil.example/]bank[/url]' });
        await theirs.waitFor();
        assert.equal(await theirs.locator('strong, a, img').count(), 0);
        assert.equal(await alice.evaluate(() => window.isOwned), undefined);
    });

    test('invite a representative, who accepts; the side chat is never the customer\'s', async () => {
        await tab(alice).getByTestId('tool-invite').click();
        await alice.getByTestId('invite-kind-account').check({ force: true });
        await alice.getByTestId('place-account').selectOption(String(samAccount));
        await alice.getByTestId('invite-message').fill('Do you know this printer?');
        await shot(alice, 'session-invite');
        await assertAccessible(alice, 'the invitation dialog');
        await alice.getByTestId('invite-send').click();
        await openPanel(alice, 'people');
        const pending = tab(alice).locator('[data-testid^="invitation-"]');
        await pending.getByText('Do you know this printer?').waitFor();
        await sam.getByText('Do you know this printer?').first().waitFor();
        await shot(sam, 'session-offer');
        await assertAccessible(sam, 'an invitation');
        await sam.locator('[data-testid^="invitation-accept-"]').first().click();
        await isLive(sam);
        await person(alice, 'invited').getByText('Sam <i>Rees</i>').waitFor();
        await pending.waitFor({ state: 'detached' });
        assert.equal(await tab(sam).getByTestId('end-session').count(), 0, 'who was invited does not end it');
        await shot(alice, 'session-people');
        await assertAccessible(alice, 'people');

        await say(alice, 'representatives', 'He is angry, be kind');
        const aside = tab(sam).locator('.line[data-audience="representatives"]').filter({ hasText: 'He is angry, be kind' });
        await aside.getByText('Only representatives').waitFor();
        await say(alice, 'everybody', 'My colleague helps us now');
        await customer.hears('My colleague helps us now');
        assert.ok(!customer.types.has(TYPE.SIDE_LINE), 'no line of the side chat went to the customer');
        assert.ok(!customer.heard.some((line) => line.includes('angry')));
        await shot(alice, 'session-chat');
        await assertAccessible(alice, 'the chat');
    });

    test('unread messages are counted, and the first new one is marked', async () => {
        await openPanel(alice, 'notes');
        customer.say(2, 'Are you still there?');
        await tab(alice).getByTestId('chat-toggle').locator('.badge').getByText('1').waitFor();
        await openPanel(alice, 'chat');
        await tab(alice).locator('.new-line').waitFor();
        await tab(alice).getByTestId('chat-toggle').locator('.badge').waitFor({ state: 'detached' });
    });

    test('notes are kept and everybody with the session sees them', async () => {
        await openPanel(alice, 'notes');
        await tab(alice).getByTestId('note-text').fill(`Printer in room 4 ${HOSTILE}`);
        await tab(alice).getByTestId('note-add').click();
        await tab(alice).getByTestId('notes').getByText('Printer in room 4').waitFor();
        await openPanel(sam, 'notes');
        await tab(sam).getByTestId('notes').getByText('Printer in room 4').waitFor();
        await shot(alice, 'session-notes');
        await assertAccessible(alice, 'notes');
        assert.ok(!customer.heard.some((line) => line.includes('room 4')));
    });

    test('details: name, attribute, external key, priority; links open elsewhere and know nothing of us', async () => {
        await openPanel(alice, 'info');
        const fill = async (name, value) => {
            await tab(alice).getByTestId(name).fill(value);
            await tab(alice).getByTestId(name).press('Enter');
        };
        await fill('session-name', 'Printer of Carl');
        await alice.getByTestId(`session-tab-${session}`).getByText('Printer of Carl').waitFor();
        await fill('attribute-case', 'C-4711');
        await fill('external-key', 'ticket/17');
        await tab(alice).getByTestId('session-priority').selectOption('high');
        await until('control has all of it', async () => {
            const { json } = await api.get(`/api/v1/sessions/${session}`);
            return json.name === 'Printer of Carl' && json.external_key === 'ticket/17' && json.priority === 'high'
                && json.attributes.find((one) => one.code === 'case').value === 'C-4711';
        });
        const link = tab(alice).locator('[data-testid^="custom-link-"]');
        assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
        assert.equal(await link.getAttribute('target'), '_blank');
        assert.match(await link.getAttribute('href'), /^https:\/\/crm\.example\/\?c=Carl%20%3Cimg/);
        await shot(alice, 'session-info');
        await assertAccessible(alice, 'details');
    });

    test('rules: a tool that a policy denies is disabled and says which policy', async () => {
        await openPanel(alice, 'tools');
        const rule = tab(alice).getByTestId('tool-screenshot');
        await rule.and(alice.locator('[data-state="allow"]')).waitFor();
        await post('session-policies/1/tool', { tool: 'screenshot', choice: 'deny', prompt: 'never', time_s: 0, silence: 'no' });
        await rule.and(alice.locator('[data-state="deny"]')).waitFor();
        await until('the tool is disabled', () => tab(alice).getByTestId('screenshot').isDisabled());
        assert.match(await tab(alice).getByTestId('screenshot').getAttribute('title'), /Not allowed by/);
        await shot(alice, 'session-rules');
        await assertAccessible(alice, 'rules');
        await post('session-policies/1/tool', { tool: 'screenshot', choice: 'not_defined' });
        await rule.and(alice.locator('[data-state="allow"]')).waitFor();
    });

    test('an external invitation: a key to copy, pending, cancelled', async () => {
        await openPanel(alice, 'people');
        await tab(alice).getByTestId('open-invite').click();
        await alice.getByTestId('invite-kind-external').check({ force: true });
        await alice.getByTestId('invite-profile').selectOption({ label: 'Vendor' });
        await alice.getByText('May use: chat and see the screen').waitFor();
        await alice.getByTestId('invite-send').click();
        const key = (await alice.getByTestId('external-invitation-key').innerText()).trim();
        assert.ok((await alice.getByTestId('external-invitation-url').inputValue()).endsWith(key));
        await shot(alice, 'session-external');
        await assertAccessible(alice, 'an external invitation');
        await alice.getByTestId('external-invitation-close').click();
        const pending = tab(alice).locator('[data-testid^="invitation-"]');
        await pending.getByRole('button', { name: 'Cancel' }).click();
        await pending.waitFor({ state: 'detached' });
    });

    test('transfer to the other representative, who has it then; and back again', async () => {
        await tab(alice).getByTestId('tool-transfer').click();
        await alice.getByTestId('place-kind-account').check({ force: true });
        await alice.getByTestId('place-account').selectOption(String(samAccount));
        await alice.getByTestId('transfer-reason').fill('Knows printers');
        await shot(alice, 'session-transfer');
        await assertAccessible(alice, 'the transfer dialog');
        await alice.getByTestId('transfer-send').click();
        await tab(alice).waitFor({ state: 'detached' });
        await tab(sam).getByTestId('end-session').waitFor();
        await tab(sam).getByTestId('tool-transfer').click();
        await sam.getByTestId('place-kind-account').check({ force: true });
        await sam.getByTestId('place-account').selectOption(String(aliceAccount));
        await sam.getByTestId('transfer-send').click();
        await tab(sam).waitFor({ state: 'detached' });
        await alice.getByTestId('home-tab').click();
        await alice.getByTestId(`queue-${session}`).getByTestId(`accept-${session}`).click();
        await isLive(alice);
        await openPanel(alice, 'notes');
        await tab(alice).getByTestId('notes').getByText('Printer in room 4').waitFor();
        customer.consent(1, 1);
        await tab(alice).getByTestId('permission-state').getByText('View and control').waitFor();
    });

    test('in its own window and back; never in two at once', async () => {
        const [popup] = await Promise.all([first.context.waitForEvent('page'), tab(alice).getByTestId('detach').click()]);
        popup.problems = alice.problems;
        popup.on('pageerror', (error) => alice.problems.push(String(error)));
        await alice.getByTestId(`detached-${session}`).waitFor();
        await isLive(popup);
        assert.equal(await tab(alice).count(), 0);
        await popup.setViewportSize({ width: 1200, height: 800 });
        await shot(popup, 'session-window');
        await shot(alice, 'session-detached');
        await assertAccessible(alice, 'a session that is in its own window');
        await popup.reload();
        await isLive(popup);
        await new Promise((resolve) => setTimeout(resolve, 2500));
        assert.equal(await tab(alice).count(), 0, 'a window that is loaded again keeps its session');
        await Promise.all([popup.waitForEvent('close'), alice.getByTestId('bring-back').click()]);
        await isLive(alice);
        await alice.getByTestId(`detached-${session}`).waitFor({ state: 'detached' });
    });

    test('the page loaded again in the middle of it has the session again', async () => {
        await alice.reload();
        await isLive(alice);
        assert.equal(new URL(alice.url()).hash, `#/session/${session}`);
        await openPanel(alice, 'chat');
        await tab(alice).getByTestId('chat-log').getByText('My colleague helps us now').waitFor();
    });

    test('control restarts in the middle of it: said, and over by itself', async () => {
        const [control] = await appliance.pidsOf('causeway-control');
        process.kill(control, 'SIGKILL');
        await tab(alice).getByTestId('banner-control').waitFor();
        await tab(alice).getByTestId('banner-control').waitFor({ state: 'detached', timeout: 20000 });
        await until('a note can be written again', async () => (await api.get(`/api/v1/sessions/${session}`)).status === 200, 20000);
        await say(alice, 'everybody', 'Here we are again');
        await customer.hears('Here we are again');
    });

    test('shortcuts: panels and the chat are reached by keys, and listed', async () => {
        await tab(alice).getByTestId('chat-toggle').focus();
        await alice.keyboard.press('s');
        await alice.keyboard.press('n');
        await tab(alice).locator('[data-testid="side-panel"][data-panel="notes"]').waitFor();
        await alice.keyboard.press('s');
        await alice.keyboard.press('w');
        await until('the chat has the focus', () =>
            alice.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'chat-input'));
        await tab(alice).getByTestId('chat-toggle').focus();
        await alice.keyboard.press('?');
        await alice.getByRole('dialog').getByText('Type on the remote screen').waitFor();
        await alice.keyboard.press('Escape');
    });

    test('the survey comes first: without its answer the session does not end', async () => {
        const { id } = await post('survey-questions', { for: 'representative', kind: 'rating', text: 'How hard was it?', required: true });
        await tab(alice).getByTestId('end-session').click();
        await alice.getByTestId('survey').waitFor();
        await shot(alice, 'session-end');
        await assertAccessible(alice, 'the end of a session');
        await alice.getByTestId('end-session-confirm').click();
        await alice.getByTestId('end-error').getByText('Answer the questions that are needed first.').waitFor();
        assert.equal((await api.post(`/api/v1/sessions/${session}/end`)).json.error.code, 'SURVEY', 'control says so, too');
        assert.equal(await tab(alice).getAttribute('data-state'), 'live');
        await alice.getByTestId(`survey-${id}`).getByRole('radio', { name: '4 of 5' }).check();
        await alice.getByTestId('end-session-confirm').click();
        await tab(alice).getByTestId('session-ended').getByText('You ended the session.').waitFor();
        await tab(alice).getByTestId('close-tab').click();
        await tab(alice).waitFor({ state: 'detached' });
        await post(`survey-questions/${id}/remove`);
    });

    test('left in a queue instead: the customer waits for the team', async () => {
        const { key } = await post('session-keys', {});
        customer = await FakeCustomer.enter(appliance.httpsPort, key, 'Dora');
        session = customer.session;
        await alice.getByTestId(`queue-${session}`).getByTestId(`accept-${session}`).click();
        await isLive(alice);
        await tab(alice).getByTestId('end-session').click();
        await alice.getByTestId('end-how-queue').check({ force: true });
        await alice.getByTestId('place-team').selectOption({ label: 'Second line' });
        await alice.getByTestId('end-session-confirm').click();
        await tab(alice).waitFor({ state: 'detached' });
        await until('it waits in the queue of the team', async () =>
            (await api.get(`/api/v1/queue?queue=${team}`)).json.queue.some((one) => one.session === session));
    });

    test('nothing went wrong on the way', () => {
        assert.deepEqual(alice.problems.filter((one) => !/503/.test(one)), []);
        assert.deepEqual(sam.problems.filter((one) => !/503/.test(one)), []);
    });
});
