// SPDX-License-Identifier: Apache-2.0
// Administration of people and policies against the real appliance: the main path of each page, hostile names, who sees what.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { shot } from './lib/shots.mjs';

const PASSWORD = 'correct horse battery';
const HOSTILE = '<img src=x onerror="window.hit=1">"\'&{{7*7}} Ünï\u202e';

describe('administration of people and policies', { concurrency: false, timeout: 600000 }, () => {
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
    const field = (name) => page.getByTestId(`field-${name}`);

    async function open(path, name) {
        await page.evaluate((where) => { location.hash = where; }, `#/admin/${path}`);
        await page.getByTestId(`${name ?? path}-page`).waitFor();
    }

    async function made(path, body) {
        const reply = await api.post(`/api/v1/${path}`, body);
        assert.equal(reply.status, 200, reply.text);
        return reply.json;
    }

    async function got(path) {
        const reply = await api.get(`/api/v1/${path}`);
        assert.equal(reply.status, 200, reply.text);
        return reply.json;
    }

    /** The number at the end of the address, after something was made. */
    async function openedId(path) {
        await until(`one of ${path} is open`, () => new RegExp(`^#/admin/${path}/\\d+$`).test(hash()));
        return Number(hash().split('/').at(-1));
    }

    async function saveForm() {
        const before = await page.getByTestId('toasts').locator('.toast').count();
        for (let left = before; left > 0; left--)
            await page.getByTestId('toasts').getByRole('button', { name: 'Close' }).first().click();
        await page.getByTestId('form-save').click();
        await page.getByTestId('toasts').getByText(/Saved\.|was created/).first().waitFor();
    }

    /** A radio button of a row of choices: what one clicks is its label. */
    const choose = (testId) => page.locator('label', { has: page.getByTestId(testId) }).click();

    const account = async (id) => (await got(`accounts/${id}`)).account;

    let erin; // an account that the tests go on with

    test('users: one is added, the one-time password is shown once, and it signs in', async () => {
        await open('users');
        await page.getByTestId('users-new').click();
        await page.getByTestId('form-save').click();
        await page.getByText('A user name is needed.').waitFor();
        await field('user').fill('erin');
        await field('displayName').fill('Erin Walsh');
        await page.getByTestId('form-save').click();
        const password = await page.getByTestId('one-time-password').textContent();
        await shot(page, 'admin-user-password');
        await page.getByTestId('one-time-done').click();
        erin = await openedId('users');
        assert.equal(await page.getByTestId('one-time-password').count(), 0);
        const other = new Api(appliance.url);
        const signedIn = await other.post('/api/v1/sign-in', { user: 'erin', password });
        assert.equal(signedIn.status, 200);
        assert.equal(signedIn.json.must_change_password, true);
        assert.ok(!(await page.content()).includes(password), 'the password is nowhere in the page any more');
        assert.equal((await other.post('/api/v1/password', { current: password, new: PASSWORD })).status, 200);
    });

    test('users: rights as inherited, allowed or denied, with the rule that decides', async () => {
        await page.getByTestId('tab-rights').click();
        const jump = page.getByTestId('right-jump');
        await page.locator('[data-testid="right-jump"][data-answer="allow"]').waitFor();
        await choose('choose-jump-deny');
        await choose('choose-edit_teams-allow');
        await saveForm();
        await page.locator('[data-testid="right-jump"][data-answer="deny"]').waitFor();
        assert.equal(await jump.getAttribute('data-rule'), 'the account itself');
        assert.deepEqual((await account(erin)).rights_denied, ['jump']);
        assert.deepEqual((await account(erin)).rights_allowed, ['edit_teams']);
        await shot(page, 'admin-user-rights');
        const { answers } = await got(`accounts/${erin}/rights`);
        for (const answer of answers.filter((one) => one.answer === 'allow' || one.answer === 'deny')) {
            const row = page.getByTestId(`right-${answer.name}`);
            assert.equal(await row.getAttribute('data-answer'), answer.answer, answer.name);
            assert.equal(await row.getAttribute('data-rule'), answer.rule, answer.name);
        }
        await assertAccessible(page, 'rights of a user');
    });

    test('users: sign-in rules, profile, unsaved changes are asked about', async () => {
        await page.getByTestId('tab-signIn').click();
        await field('second_login').selectOption('refuse');
        await field('network_rule').selectOption('always');
        await field('networks').fill('not a network');
        await page.getByTestId('form-save').click();
        await page.getByTestId('form-error').filter({ hasText: /./ }).waitFor();
        await field('networks').fill('127.0.0.0/8 ::1/128');
        await saveForm();
        assert.equal((await account(erin)).networks, '127.0.0.0/8 ::1/128');
        await shot(page, 'admin-user-sign-in');
        await page.getByTestId('tab-profile').click();
        await field('comments').fill('Night shift');
        await field('sessions_max').fill('4');
        await page.getByTestId('home-tab').click();
        await page.getByTestId('close-details').click();
        await page.getByRole('dialog').getByText('Leave without saving?').waitFor();
        await page.getByTestId('confirm-no').click();
        await saveForm();
        assert.equal((await account(erin)).comments, 'Night shift');
        assert.equal((await account(erin)).sessions_max, 4);
        await shot(page, 'admin-user-profile');
        await assertAccessible(page, 'profile of a user');
    });

    test('users: disabled and enabled, second factor and password reset, signed out everywhere', async () => {
        await page.getByTestId('tab-places').click();
        await page.getByText('127.0.0.1').or(page.getByText('::1')).first().waitFor();
        await page.getByTestId('sign-out-all').click();
        await page.getByTestId('confirm-yes').click();
        await page.getByText('Nowhere signed in.').waitFor();
        const act = async (name) => {
            await page.getByTestId('user-menu').click();
            await page.getByTestId(name).click();
        };
        await act('user-enable');
        await page.getByRole('dialog').getByText('Erin Walsh').first().waitFor();
        await page.getByTestId('confirm-yes').click();
        await until('the account is disabled', async () => !(await account(erin)).is_enabled);
        await page.getByTestId('users-details').getByText('Disabled', { exact: true }).waitFor();
        await act('user-enable');
        await until('the account is enabled', async () => (await account(erin)).is_enabled);
        await act('user-reset-factor');
        await page.getByTestId('confirm-yes').click();
        await page.getByText('The second factor was reset.').waitFor();
        await act('user-reset-password');
        await page.getByTestId('confirm-yes').click();
        const password = await page.getByTestId('one-time-password').textContent();
        await page.getByTestId('one-time-done').click();
        const other = new Api(appliance.url);
        assert.equal((await other.post('/api/v1/sign-in', { user: 'erin', password: PASSWORD })).status, 403);
        assert.equal((await other.post('/api/v1/sign-in', { user: 'erin', password })).status, 200);
        assert.equal((await other.post('/api/v1/password', { current: password, new: PASSWORD })).status, 200);
    });

    test('users: a name that was locked is unlocked', async () => {
        const other = new Api(appliance.url);
        await until('the name is locked', async () => {
            await other.post('/api/v1/sign-in', { user: 'erin', password: 'wrong wrong wrong' });
            return (await account(erin)).is_locked;
        }, 20000, 100);
        await page.reload();
        await page.getByTestId('users-details').getByText('Locked', { exact: true }).waitFor();
        await choose('users-filter-locked');
        await page.getByTestId('user-menu').click();
        await page.getByTestId('user-unlock').click();
        await page.getByText('Unlocked: failed attempts are forgotten.').waitFor();
        assert.equal((await account(erin)).is_locked, false);
        await choose('users-filter-all');
    });

    let helpdesk;

    test('teams: made, a member found by name, a role, rules of the queue, an issue', async () => {
        await made('skills', { name: 'French', rank: 1 });
        await open('teams');
        await page.getByTestId('teams-new').click();
        await field('name').fill('Helpdesk');
        await saveForm();
        helpdesk = await openedId('teams');
        await page.getByTestId('team-add-member').click();
        await page.getByTestId('team-add-member').fill('wals');
        await page.getByRole('option', { name: /Erin Walsh/ }).waitFor();
        await page.keyboard.press('Enter');
        await page.getByTestId(`member-${erin}`).waitFor();
        await page.getByTestId(`role-${erin}`).selectOption('lead');
        await until('the role is set', async () =>
            (await got(`teams/${helpdesk}/members`)).members.find((one) => one.account === erin)?.role === 'lead');
        await shot(page, 'admin-team-members');
        await assertAccessible(page, 'members of a team');
        const second = (await made('teams', { name: 'Second line' })).team.id;
        await page.getByTestId(`teams-row-${second}`).waitFor();
        await page.getByTestId('tab-queue').click();
        await field('automatic').check();
        await field('overdue_s').fill('300');
        await field('alert_count').fill('5');
        await field('overflow_team').selectOption(String(second));
        await page.getByTestId('form-save').click();
        await page.getByText('Say after how long, or with how many.').waitFor();
        await field('overflow_s').fill('600');
        await saveForm();
        const rules = (await got('queue-rules')).queues.find((one) => one.team === helpdesk);
        assert.deepEqual([rules.automatic, rules.overdue_s, rules.alert_count, rules.overflow_team, rules.overflow_s],
            [true, 300, 5, second, 600]);
        await shot(page, 'admin-team-queue');
        await page.getByTestId('tab-issues').click();
        await field('name').fill('Printer');
        await field('priority').selectOption('high');
        await page.getByLabel('French').check();
        await saveForm();
        const issue = await until('the issue is there', async () => (await got('issues')).issues.find((one) => one.name === 'Printer'));
        assert.deepEqual([issue.team, issue.priority], [helpdesk, 'high']);
        await page.getByTestId(`issue-${issue.id}`).waitFor();
        await shot(page, 'admin-team-issues');
    });

    test('skills: made and given to a user; licences: seats are counted and limited', async () => {
        await open('skills');
        await page.getByTestId('skills-new').click();
        await field('name').fill('Printers');
        await field('rank').fill('2');
        await saveForm();
        const skill = await openedId('skills');
        await shot(page, 'admin-skills', ['light']);
        await open(`users/${erin}`, 'users');
        await page.getByTestId('tab-teams').click();
        await page.getByTestId(`skill-${skill}`).check();
        await until('the user has the skill', async () => (await got(`accounts/${erin}/skills`)).skills.includes(skill));
        await shot(page, 'admin-user-teams', ['light']);
        await open('licences');
        await field('count').fill('20');
        await saveForm();
        await page.getByTestId('seats-used').filter({ hasText: 'of 20' }).waitFor();
        await shot(page, 'admin-licences', ['light']);
        await assertAccessible(page, 'licences');
        await made('options/reset', { name: 'licence.seats' });
    });

    test('nothing went wrong on the way: no script error, no breach of the policy', () => {
        assert.deepEqual(page.problems.filter((one) => !/status of 400/.test(one)), []);
    });
});
