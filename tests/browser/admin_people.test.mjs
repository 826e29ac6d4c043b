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

    async function saveForm(where = page) {
        await page.getByTestId('toasts').locator('button').evaluateAll((buttons) => buttons.forEach((button) => button.click()));
        await page.getByTestId('toasts').locator('.toast').waitFor({ state: 'detached' });
        await where.getByTestId('form-save').click();
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

    let strict; // a session policy for users

    test('session policies: tools in groups with choice, prompt, time and what silence means; a copy of one', async () => {
        await open('session-policies');
        await page.getByTestId('session-policies-new').click();
        await field('name').fill('Strict');
        await saveForm();
        strict = await openedId('session-policies');
        await page.getByTestId('tool-shell').waitFor();
        assert.equal(await page.locator('[data-testid^="tool-"][data-choice]').count(), 56);
        await choose('choice-shell-deny');
        await choose('choice-file_upload-allow');
        await page.getByTestId('prompt-file_upload').selectOption('ask');
        await page.getByTestId('time-file_upload').fill('45');
        await page.getByTestId('silence-file_upload').selectOption('yes');
        await shot(page, 'admin-session-policy');
        await assertAccessible(page, 'a session policy');
        await saveForm();
        const said = (await got(`session-policies/${strict}`)).tools;
        assert.equal(said.find((one) => one.tool === 'shell').choice, 'deny');
        const upload = said.find((one) => one.tool === 'file_upload');
        assert.deepEqual([upload.choice, upload.prompt, upload.time_s, upload.silence], ['allow', 'ask', 45, 'yes']);
        await choose('all-system-deny');
        await saveForm();
        assert.equal((await got(`session-policies/${strict}`)).tools.filter((one) => one.choice === 'deny').length, 14);
        await page.getByTestId('policy-duplicate').click();
        await until('the copy is open', () => hash() !== `#/admin/session-policies/${strict}`);
        const copy = await openedId('session-policies');
        assert.equal((await got(`session-policies/${copy}`)).tools.length, said.length + 13);
        await page.getByTestId('policy-remove').click();
        await page.getByRole('dialog').getByText('Copy of Strict').waitFor();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId(`session-policies-row-${copy}`).waitFor({ state: 'detached' });
    });

    /** What the simulator shows is what the appliance says. */
    async function simulatorEquals(query) {
        const { answers, layers } = await got(`policy-explanation?${new URLSearchParams(query)}`);
        const shown = () => page.locator('[data-testid^="answer-"]').evaluateAll((rows) => rows.map((row) => [
            row.dataset.testid.slice('answer-'.length), row.dataset.allowed, row.dataset.source, row.dataset.policy, row.dataset.asked]));
        const wanted = answers.map((one) => [one.tool, String(one.allowed), one.source, String(one.policy ?? ''), String(one.asked)]);
        const sorted = (rows) => JSON.stringify([...rows].sort((a, b) => a[0].localeCompare(b[0])));
        await until('the simulator shows the answers', async () => sorted(await shown()) === sorted(wanted));
        assert.equal(await page.getByTestId('explain-layers').locator('li').count(), layers.length);
        return answers;
    }

    test('the simulator: every choice changes the answers, which equal policy.explain', async () => {
        await made(`accounts/${erin}`, { session_policy: strict });
        const forTeam = (await made('session-policies', { name: 'Team rules', tools: { chat_files: 'deny', shell: 'allow' } })).session_policy.id;
        await made('policy-assignments', { kind: 'team', object: helpdesk, attended: forTeam });
        await open('explain');
        await simulatorEquals({});
        await page.getByTestId('explain-account').click();
        await page.getByTestId('explain-account').fill('erin');
        await page.getByRole('option', { name: /Erin Walsh/ }).click();
        const mine = await simulatorEquals({ account: erin });
        assert.equal(mine.find((one) => one.tool === 'shell').source, 'account');
        await page.getByTestId('explain-team').selectOption(String(helpdesk));
        const both = await simulatorEquals({ account: erin, team: helpdesk });
        assert.deepEqual([both.find((one) => one.tool === 'shell').source, both.find((one) => one.tool === 'chat_files').source],
            ['account', 'team']);
        await shot(page, 'admin-explain');
        await assertAccessible(page, 'the simulator');
        await page.getByTestId('explain-portal').selectOption({ index: 1 });
        await simulatorEquals({ account: erin, team: helpdesk, portal: 1 });
        await choose('explain-attended-no');
        await simulatorEquals({ account: erin, team: helpdesk, portal: 1, attended: false });
        await choose('explain-attended-auto');
        // somebody else changes the policy: the answers follow
        await made(`session-policies/${strict}`, { tools: { screenshot: 'deny' } });
        await page.locator('[data-testid="answer-screenshot"][data-allowed="false"]').waitFor();
        await simulatorEquals({ account: erin, team: helpdesk, portal: 1 });
        await shot(page, 'admin-explain-all', ['light']);
        await choose('explain-only-denied');
        await page.getByTestId('answer-chat').waitFor({ state: 'detached' });
        await page.getByTestId('answer-screenshot').waitFor();
    });

    test('assignments: one list of who and what has which policy', async () => {
        await open('assignments');
        await page.getByTestId(`assignment-team-${helpdesk}`).locator('.item-name', { hasText: 'Helpdesk' }).waitFor();
        await page.getByTestId('assignments-new').click();
        await choose('assign-kind-account');
        await page.getByTestId('assign-what').click();
        await page.getByRole('option', { name: /Erin Walsh/ }).click();
        await page.getByTestId('assign-policy').selectOption({ label: 'Team rules' });
        await page.getByTestId('assign-save').click();
        await page.getByTestId(`assignment-account-${erin}`).waitFor();
        await page.getByTestId(`attended-account-${erin}`).selectOption(String(strict));
        await until('it is another policy', async () => (await got('policy-assignments')).assignments
            .some((one) => one.kind === 'account' && one.object === erin && one.attended === strict));
        await shot(page, 'admin-assignments');
        await assertAccessible(page, 'assignments');
        await page.getByRole('button', { name: 'Take all away: Erin Walsh' }).click();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId(`assignment-account-${erin}`).waitFor({ state: 'detached' });
    });

    test('group policies: made, blocks defined and final, members, moved by button and by dragging', async () => {
        await open('group-policies');
        await page.getByTestId('group-policies-new').click();
        await field('name').fill('Night shift');
        await saveForm();
        const night = await openedId('group-policies');
        await choose('block-representative-final');
        await page.getByTestId('has-jump').check();
        await page.getByTestId('has-approve_jumps').check();
        await saveForm();
        await shot(page, 'admin-group-policy');
        await assertAccessible(page, 'a group policy');
        await page.getByTestId('tab-session').click();
        await choose('block-session-defined');
        await field('session_policy').selectOption(String(strict));
        await choose('block-sign_in-defined');
        await field('second_factor').selectOption('required');
        await saveForm();
        const stored = (await got(`group-policies/${night}`)).group_policy;
        assert.deepEqual([stored.representative, stored.representative_rights.sort(), stored.session, stored.session_policy, stored.second_factor],
            ['final', ['approve_jumps', 'jump'], 'defined', strict, 'required']);
        await page.getByTestId('tab-members').click();
        await page.getByTestId('policy-add-team').click();
        await page.getByRole('option', { name: 'Helpdesk' }).click();
        await page.getByRole('list', { name: 'Members' }).getByText('Helpdesk').waitFor();
        await until('the team is a member', async () => (await got(`group-policies/${night}`)).members.some((one) => one.team === helpdesk));
        const day = (await made('group-policies', { name: 'Day shift' })).group_policy.id;
        const third = (await made('group-policies', { name: 'Third' })).group_policy.id;
        const order = async () => (await got('group-policies')).group_policies.map((one) => one.id);
        await page.getByTestId(`down-${night}`).click();
        await until('it moved down', async () => (await order()).join() === [day, night, third].join());
        await page.getByTestId(`group-policy-${third}`).dragTo(page.getByTestId(`group-policy-${day}`));
        await until('it was dragged to the top', async () => (await order()).join() === [third, day, night].join());
        await page.getByTestId('close-details').click();
        await shot(page, 'admin-group-policies');
        // the rule behind the right of a user is this policy now
        const { answers } = await got(`accounts/${erin}/rights`);
        assert.match(answers.find((one) => one.name === 'approve_jumps').rule, /Night shift/);
        for (const id of [night, day, third])
            await made(`group-policies/${id}/remove`, {});
        await page.getByText('No group policies yet').waitFor();
    });

    test('invite profiles: made with permissions, and removed', async () => {
        await open('invite-profiles');
        await page.getByTestId('invite-profiles-new').click();
        await field('name').fill('Vendor');
        await page.getByTestId('permission-control_input').check();
        await saveForm();
        const id = await openedId('invite-profiles');
        const profile = (await got('invite-profiles')).profiles.find((one) => one.id === id);
        assert.deepEqual([...profile.permissions].sort(), ['chat', 'control_input', 'view_screen']);
        await shot(page, 'admin-invite-profiles', ['light']);
        await page.getByTestId('profile-remove').click();
        await page.getByTestId('confirm-yes').click();
        await until('it is gone', async () => (await got('invite-profiles')).profiles.length === 0);
    });

    test('Jump roles: a matrix of 13 permissions, and the roles by default; Jump Groups: members with roles', async () => {
        await open('jump-roles');
        await page.getByTestId('jump-roles-new').click();
        await field('name').fill('Operators');
        await saveForm(page.getByRole('dialog'));
        const role = await until('the role is there', async () => (await got('jump-roles')).jump_roles.find((one) => one.name === 'Operators'));
        await page.getByTestId(`may-${role.id}-edit_tag`).check();
        await until('the role may more', async () =>
            (await got('jump-roles')).jump_roles.find((one) => one.id === role.id).may.includes('edit_tag'));
        assert.equal(await page.locator(`[data-testid^="may-${role.id}-"]`).count(), 13);
        await field('system_role').selectOption(String(role.id));
        await page.getByTestId('form-save').click();
        await until('the default is set', async () => (await got('jump-role-defaults')).defaults.system_role === role.id);
        await shot(page, 'admin-jump-roles');
        await assertAccessible(page, 'Jump roles');
        await open('jump-groups');
        await page.getByTestId('jump-groups-new').click();
        await field('name').fill('Tills');
        await saveForm();
        const group = await openedId('jump-groups');
        await page.getByTestId('group-add-user').click();
        await page.getByRole('option', { name: /Erin Walsh/ }).click();
        await page.getByTestId(`group-role-account-${erin}`).selectOption(String(role.id));
        await until('the member has the role', async () =>
            (await got(`jump-groups/${group}/members`)).members.some((one) => one.member === erin && one.role === role.id));
        await page.getByTestId('group-add-everybody').click();
        await page.getByTestId('group-member-everybody-0').waitFor();
        await shot(page, 'admin-jump-group');
        await page.getByTestId('tab-policies').click();
        await page.getByTestId('group-attended').selectOption(String(strict));
        await until('the policy is assigned', async () =>
            (await got('policy-assignments?kind=jump_group')).assignments.some((one) => one.object === group && one.attended === strict));
    });

    test('Jump policies: the week is painted with the pointer and by keyboard; dates, conditions', async () => {
        await open('jump-policies');
        await page.getByTestId('jump-policies-new').click();
        await field('name').fill('Office hours');
        await saveForm();
        const policy = await openedId('jump-policies');
        await field('schedule').check();
        await page.getByTestId('time-zone').click();
        await page.getByTestId('time-zone').fill('vienna');
        await page.getByRole('option', { name: 'Europe/Vienna' }).click();
        await page.getByTestId('week-never').click();
        const grid = page.getByTestId('week-grid');
        await grid.scrollIntoViewIfNeeded();
        const box = await grid.boundingBox();
        const point = (day, hour) => [box.x + (hour + 0.25) / 24 * box.width, box.y + (day + 0.5) / 7 * box.height];
        await page.mouse.move(...point(0, 8));
        await page.mouse.down();
        await page.mouse.move(...point(2, 12));
        await page.mouse.move(...point(4, 16.5), { steps: 4 });
        await shot(page, 'admin-schedule-painting', ['light']);
        await page.mouse.up();
        assert.equal(await page.getByTestId('day-4').getAttribute('data-hours'), '08:00-17:00');
        // Saturday from 10:00 to 12:00 by keyboard: from Monday 8:00 it is five days down and four half hours to the right
        await grid.focus();
        await page.keyboard.press('Home');
        for (let count = 0; count < 7; count++)
            await page.keyboard.press('ArrowUp');
        for (let count = 0; count < 5; count++)
            await page.keyboard.press('ArrowDown');
        for (let count = 0; count < 20; count++)
            await page.keyboard.press('ArrowRight');
        for (let count = 0; count < 3; count++)
            await page.keyboard.press('Shift+ArrowRight');
        await page.keyboard.press('Space');
        assert.equal(await page.getByTestId('day-5').getAttribute('data-hours'), '10:00-12:00');
        await page.getByTestId('date').fill('2027-12-24');
        await page.getByTestId('date-add').click();
        await page.getByTestId('date').fill('2027-12-31');
        await page.getByTestId('date-from').fill('08:00');
        await page.getByTestId('date-to').fill('12:00');
        await page.getByTestId('date-add').click();
        await field('strict').check();
        await shot(page, 'admin-jump-policy');
        await assertAccessible(page, 'a Jump policy with its schedule');
        await saveForm();
        const stored = await got(`jump-policies/${policy}`);
        assert.equal(stored.hours, 'mon 08:00-mon 17:00, tue 08:00-tue 17:00, wed 08:00-wed 17:00, thu 08:00-thu 17:00, '
            + 'fri 08:00-fri 17:00, sat 10:00-sat 12:00');
        assert.equal(stored.dates, '2027-12-24 closed, 2027-12-31 08:00-12:00');
        assert.deepEqual([stored.jump_policy.time_zone, stored.jump_policy.schedule, stored.jump_policy.strict], ['Europe/Vienna', true, true]);
        await page.getByTestId('tab-conditions').click();
        await field('ticket').check();
        await field('ticket_patterns').fill('INC####');
        await field('approval').check();
        await field('approval_minutes').fill('90');
        await field('simultaneous').selectOption('another');
        await shot(page, 'admin-jump-policy-conditions', ['light']);
        await saveForm();
        const { jump_policy: now } = await got(`jump-policies/${policy}`);
        assert.deepEqual([now.ticket, now.ticket_patterns, now.approval, now.approval_minutes, now.simultaneous],
            [true, 'INC####', true, 90, 'another']);
    });

    test('console settings are suggested and forced; an agreement is published and withdrawn; options are set and reset', async () => {
        await open('console-settings');
        await choose('rule-density-forced');
        await page.locator('[data-testid="console-setting-density"][data-rule="forced"]').waitFor();
        await page.getByTestId('value-density').selectOption('compact');
        await page.locator('html[data-density="compact"]').waitFor({ state: 'attached' });
        await shot(page, 'admin-console-settings');
        await assertAccessible(page, 'console settings');
        await choose('rule-density-free');
        await page.locator('html[data-density="comfortable"]').waitFor({ state: 'attached' });
        await open('agreement');
        await field('title').fill('House rules');
        await field('text').fill(`Be kind.\n${HOSTILE}`);
        await page.getByTestId('form-save').click();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId('agreement-now').getByText('House rules').waitFor();
        assert.equal((await got('agreement')).agreement.title, 'House rules');
        await shot(page, 'admin-agreement', ['light']);
        await page.getByTestId('agreement-withdraw').click();
        await page.getByTestId('confirm-yes').click();
        await page.getByText('No agreement is in force: nobody is asked.').waitFor();
        await open('security', 'security-options');
        await page.getByTestId('option-search').fill('lock_out');
        await page.getByTestId('option-sign_in.idle_s').waitFor({ state: 'detached' });
        await page.getByTestId('set-lock_out.first_s').fill('999999');
        await page.getByTestId('apply-lock_out.first_s').click();
        await page.getByTestId('option-lock_out.first_s').getByRole('alert').waitFor();
        await page.getByTestId('set-lock_out.first_s').fill('20');
        await page.getByTestId('apply-lock_out.first_s').click();
        await page.locator('[data-testid="option-lock_out.first_s"][data-running="20"]').waitFor();
        await shot(page, 'admin-security');
        await assertAccessible(page, 'options');
        await page.getByTestId('reset-lock_out.first_s').click();
        await page.getByTestId('confirm-yes').click();
        await page.locator('[data-testid="option-lock_out.first_s"][data-stored="-"]').waitFor();
    });

    test('hostile names are text, wherever they are shown', async () => {
        const user = (await made('accounts', { user: 'hostile', display_name: HOSTILE })).account.id;
        const team = (await made('teams', { name: HOSTILE })).team.id;
        const policy = (await made('session-policies', { name: HOSTILE })).session_policy.id;
        const group = (await made('group-policies', { name: HOSTILE })).group_policy.id;
        await made('jump-groups', { name: HOSTILE });
        await made('jump-roles', { name: HOSTILE });
        const jump = (await made('jump-policies', { name: HOSTILE })).jump_policy.id;
        await made(`group-policies/${group}/members`, { account: user });
        await made(`group-policies/${group}`, { representative: 'defined', representative_rights: ['jump'] });
        await open(`users/${user}`, 'users');
        await page.getByTestId('users-details').getByRole('heading', { name: HOSTILE }).waitFor();
        await page.getByTestId('tab-rights').click();
        await page.getByTestId('right-jump').getByText(HOSTILE.slice(0, 20)).waitFor();
        await shot(page, 'admin-hostile', ['light']);
        await open(`teams/${team}`, 'teams');
        await page.getByTestId('teams-details').getByRole('heading', { name: HOSTILE }).waitFor();
        await page.getByTestId('team-remove').click();
        await page.getByRole('dialog').getByText(HOSTILE.slice(0, 20)).waitFor();
        await page.getByTestId('confirm-no').click();
        await open(`session-policies/${policy}`, 'session-policies');
        await page.getByTestId('session-policies-details').getByRole('heading', { name: HOSTILE }).waitFor();
        await open(`group-policies/${group}`, 'group-policies');
        await page.getByTestId('group-policies-details').getByRole('heading', { name: HOSTILE }).waitFor();
        await open(`jump-policies/${jump}`, 'jump-policies');
        await page.getByTestId('jump-policies-details').getByRole('heading', { name: HOSTILE }).waitFor();
        await open('jump-roles');
        await page.getByText(HOSTILE.slice(0, 20)).first().waitFor();
        assert.equal(await page.evaluate(() => window.hit), undefined);
        await made(`accounts/${user}/remove`, {});
        await made(`teams/${team}/remove`, {});
        await made(`group-policies/${group}/remove`, {});
    });

    test('who may only edit teams sees that page and no other, and finds people by name there', async () => {
        const { account: helper, one_time_password: once } = await made('accounts', { user: 'helper', display_name: 'Hanna Helper' });
        await made(`accounts/${helper.id}`, { rights_allowed: ['edit_teams'], rights_denied: ['own_support_buttons'] });
        const other = new Api(appliance.url);
        assert.equal((await other.post('/api/v1/sign-in', { user: 'helper', password: once })).status, 200);
        assert.equal((await other.post('/api/v1/password', { current: once, new: PASSWORD })).status, 200);
        const second = await openBrowser();
        try {
            const theirs = await openPage(second.context, `${appliance.url}/console`);
            await theirs.setViewportSize({ width: 1280, height: 800 });
            await signIn(theirs, 'helper', PASSWORD);
            await theirs.getByTestId('rail-admin').click();
            await theirs.getByTestId('teams-page').waitFor();
            assert.deepEqual(await theirs.locator('[data-testid^="side-admin-"]').evaluateAll((links) => links.map((link) => link.dataset.testid)),
                ['side-admin-teams']);
            await theirs.getByTestId(`teams-row-${helpdesk}`).click();
            await theirs.getByTestId('team-add-member').click();
            await theirs.getByTestId('team-add-member').fill('hanna');
            await theirs.getByRole('option', { name: /Hanna Helper/ }).click();
            await theirs.getByTestId(`member-${helper.id}`).waitFor();
            await shot(theirs, 'admin-only-teams', ['light']);
            for (const path of ['users', 'session-policies', 'security', 'jump-groups']) {
                await theirs.evaluate((where) => { location.hash = where; }, `#/admin/${path}`);
                await theirs.getByTestId('page-refused').waitFor();
            }
            assert.equal((await other.get('/api/v1/accounts')).status, 403);
            assert.equal((await other.get('/api/v1/account-names?text=erin')).json.accounts[0].id, erin);
            // the right is taken away: the page goes at once
            await made(`accounts/${helper.id}`, { rights_allowed: [] });
            await theirs.getByTestId('rail-admin').waitFor({ state: 'detached' });
            assert.equal((await other.get('/api/v1/account-names?text=erin')).status, 403);
            assert.deepEqual(theirs.problems, []);
        } finally {
            await second.close();
        }
    });

    test('nothing went wrong on the way: no script error, no breach of the policy', () => {
        assert.deepEqual(page.problems.filter((one) => !/status of 400/.test(one)), []);
    });
});
