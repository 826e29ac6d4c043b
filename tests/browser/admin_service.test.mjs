// SPDX-License-Identifier: Apache-2.0
// Administration of the service against the real appliance: the main path of each page, hostile names, secrets shown once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { shot } from './lib/shots.mjs';

const PASSWORD = 'correct horse battery';
const HOSTILE = '<img src=x onerror="window.hit=1">"\'&{{7*7}}';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('administration of the service', { concurrency: false, timeout: 600000 }, () => {
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
    const choose = (testId) => page.locator('label', { has: page.getByTestId(testId) }).click();

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

    async function openedId(path) {
        await until(`one of ${path} is open`, () => new RegExp(`^#/admin/${path}/\\d+$`).test(hash()));
        return Number(hash().split('/').at(-1));
    }

    async function closeToasts() {
        const toasts = page.getByTestId('toasts');
        for (let left = await toasts.locator('.toast').count(); left > 0; left--)
            await toasts.getByRole('button', { name: 'Close' }).first().click();
    }

    /** Saves, and waits until that went well: the form has nothing left to save, or is gone. */
    async function saveForm() {
        await page.getByTestId('form-save').click();
        await until('the form is saved', async () => page.evaluate(() => {
            const button = document.querySelector('[data-testid="form-save"]');
            return button === null || (button.disabled && button.getAttribute('aria-busy') !== 'true');
        }), 12000, 50);
    }

    let portal;

    test('portals: made, its look is previewed and saved, text in it is text', async () => {
        await open('portals');
        await page.getByTestId('portals-new').click();
        await page.getByTestId('form-save').click();
        await page.getByText('A name is needed.').waitFor();
        await field('name').fill('Acme Support');
        await saveForm();
        portal = await openedId('portals');
        await field('title').fill(HOSTILE);
        await field('text').fill(`We are here to help.\n${HOSTILE}`);
        await field('accent').fill('#zz0000');
        await page.getByTestId('form-save').click();
        await page.getByText('A colour is like #1a73e8, or empty.').waitFor();
        await field('accent').fill('#b3261e');
        await field('background').fill('#102030');
        await field('foreground').fill('#ffffff');
        const preview = page.getByTestId('portal-preview');
        assert.ok((await preview.textContent()).includes(HOSTILE));
        assert.equal(await preview.evaluate((box) => getComputedStyle(box).backgroundColor), 'rgb(16, 32, 48)');
        await saveForm();
        const { portal: saved } = await got(`portals/${portal}`);
        assert.deepEqual([saved.code, saved.title, saved.accent, saved.background], ['acme-support', HOSTILE, '#b3261e', '#102030']);
        await page.getByTestId('logo-file').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') });
        await page.getByTestId('logo').waitFor();
        assert.match((await got(`portals/${portal}`)).portal.logo, /^\/logos\//);
        await page.getByTestId('logo-file').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.alloc(50000) });
        await page.getByText('at most 40 KB are possible').waitFor();
        await closeToasts();
        await shot(page, 'admin-portal-look');
        await assertAccessible(page, 'look of a portal');
        await page.getByTestId('logo-remove').click();
        await page.getByTestId('logo').waitFor({ state: 'detached' });
        assert.equal(await page.evaluate(() => window.hit), undefined);
    });

    test('portals: what it offers, and when', async () => {
        const team = (await made('teams', { name: 'Helpdesk' })).team.id;
        const issue = (await made('issues', { name: HOSTILE, code: 'hostile', team })).id;
        await page.getByTestId('tab-offer').click();
        await field('show_issues').check();
        await page.getByTestId(`issue-${issue}`).check();
        await field('show_representatives').check();
        await saveForm();
        const { portal: saved } = await got(`portals/${portal}`);
        assert.deepEqual([saved.issues, saved.show_representatives], [[issue], true]);
        await shot(page, 'admin-portal-offer', ['light']);
        await page.getByTestId('tab-hours').click();
        await field('schedule').check();
        await page.getByTestId('time-zone').click();
        await page.getByTestId('time-zone').fill('berlin');
        await page.getByRole('option', { name: 'Europe/Berlin' }).waitFor();
        await page.keyboard.press('Enter');
        await page.getByTestId('week-office').click();
        await page.getByTestId('date').fill('2026-12-24');
        await page.getByTestId('date-add').click();
        await saveForm();
        const hours = (await got(`portals/${portal}`)).portal;
        assert.equal(hours.schedule, true);
        assert.equal(hours.time_zone, 'Europe/Berlin');
        assert.match(hours.hours, /mon 08:00-mon 17:00/);
        assert.equal(hours.dates, '2026-12-24 closed');
        await shot(page, 'admin-portal-hours', ['light']);
        await assertAccessible(page, 'hours of a portal');
    });

    test('portals: notices of one and of all', async () => {
        await page.getByTestId('tab-notices').click();
        await page.getByTestId('notice-new').click();
        await page.getByTestId('form-save').click();
        await page.getByText('A text is needed.').waitFor();
        await field('text').fill(`Maintenance tonight ${HOSTILE}`);
        await field('until').fill('2027-01-31T18:00');
        await saveForm();
        const notice = await until('the notice is there', async () => (await got('notices')).notices.at(-1));
        assert.equal(notice.portal, portal);
        await page.getByTestId(`notice-${notice.id}`).getByText('Shown now').waitFor();
        await page.getByTestId(`notice-edit-${notice.id}`).click();
        await field('portal').selectOption('0');
        await field('until').fill('');
        await saveForm();
        const changed = (await got('notices')).notices.find((one) => one.id === notice.id);
        assert.deepEqual([changed.portal, changed.until_unix_ms], [null, null]);
        await shot(page, 'admin-portal-notices', ['light']);
        await page.getByTestId(`notice-remove-${notice.id}`).click();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId(`notice-${notice.id}`).waitFor({ state: 'detached' });
        assert.deepEqual((await got('notices')).notices, []);
    });

    test('customer messages: of a portal and of the appliance, with macros, and back to the standard', async () => {
        await page.getByTestId('tab-messages').click();
        const said = async (name, where = '') => (await got(`customer-messages${where}`)).messages.find((one) => one.name === name).text;
        await page.getByTestId('message-open-greeting').click();
        await field('text').fill('Acme greets ');
        await page.getByTestId('macro-CUSTOMER').click();
        await page.getByTestId('form-save').click();
        await page.locator('[data-testid="message-greeting"][data-own="true"]').waitFor();
        assert.equal(await said('greeting', `?portal=${portal}`), 'Acme greets %CUSTOMER%');
        assert.match(await said('greeting'), /^Welcome/);
        await shot(page, 'admin-portal-messages', ['light']);
        await page.getByTestId('message-reset').click();
        await page.locator('[data-testid="message-greeting"][data-own="false"]').waitFor();
        assert.match(await said('greeting', `?portal=${portal}`), /^Welcome/);
        await open('messages');
        await page.getByTestId('message-open-finished_url').click();
        await field('text').fill('javascript:alert(1)');
        await page.getByTestId('form-save').click();
        await page.getByTestId('form-error').filter({ hasText: 'https://' }).waitFor();
        await field('text').fill('https://help.example/thanks');
        await saveForm();
        assert.equal(await said('finished_url', `?portal=${portal}`), 'https://help.example/thanks');
        await closeToasts();
        await shot(page, 'admin-messages');
        await assertAccessible(page, 'customer messages');
    });

    test('Support Buttons: the secret is shown once, edited, exported, revoked', async () => {
        await open('buttons');
        await page.getByTestId('buttons-new').click();
        await field('name').fill(HOSTILE);
        await field('kind').selectOption('team');
        await page.getByTestId('form-save').click();
        await page.getByText('Choose where it leads.').waitFor();
        const team = (await got('teams')).teams[0].id;
        await field('team').selectOption(String(team));
        await field('life').fill('30');
        await saveForm();
        const secret = await page.getByTestId('button-secret').textContent();
        assert.ok((await page.getByTestId('button-command').textContent()).includes(secret));
        await shot(page, 'admin-button-secret');
        await assertAccessible(page, 'secret of a Support Button');
        await page.getByTestId('secret-done').click();
        const id = await openedId('buttons');
        assert.ok(!(await page.content()).includes(secret), 'the secret is nowhere in the page any more');
        const entrance = await api.post('/api/v1/portal/support-button', { button: secret });
        assert.equal(entrance.status, 200, entrance.text);
        await field('name').fill('Till 7');
        await field('life').fill('0');
        await saveForm();
        const shown = async () => (await got('support-buttons')).support_buttons.find((one) => one.id === id);
        const changed = await shown();
        assert.deepEqual([changed.name, changed.team, changed.expires_unix_ms || null], ['Till 7', team, null]);
        await shot(page, 'admin-button', ['light']);
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('buttons-export').click()]);
        const csv = await (await import('node:fs/promises')).readFile(await download.path(), 'utf8');
        assert.match(csv, /Till 7/);
        assert.ok(!csv.includes(secret));
        await page.getByTestId('button-revoke').click();
        await page.getByTestId('confirm-yes').click();
        await until('it is revoked', async () => (await shown()).state === 'revoked');
        assert.equal((await api.post('/api/v1/portal/support-button', { button: secret })).status, 410);
        await page.getByTestId('close-details').click();
        await page.getByTestId('buttons-statistics').waitFor();
        await shot(page, 'admin-buttons', ['light']);
        await assertAccessible(page, 'Support Buttons');
    });

    test('canned messages: categories, tags as elements, hostile text stays text', async () => {
        await open('canned');
        await page.getByTestId('categories').click();
        await page.getByTestId('category-name').fill('Greetings');
        await page.getByTestId('category-add').click();
        const category = await until('the category is there', async () => (await got('canned-message-categories')).categories[0]);
        await page.getByTestId(`category-${category.id}`).waitFor();
        await assertAccessible(page, 'categories');
        await page.keyboard.press('Escape');
        await page.getByTestId('canned-new').click();
        await field('name').fill(HOSTILE);
        await field('category').selectOption(String(category.id));
        const preview = page.getByTestId('bb-preview');
        await field('text').fill('[b]Hello[/b] [url=javascript:alert(1)]x[/url] [url=https://help.example/a]help[/url] [color=#ff0000]red[/color] <b>no</b>');
        assert.equal(await preview.locator('strong').textContent(), 'Hello');
        assert.deepEqual(await preview.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))), ['https://help.example/a']);
        assert.equal(await preview.locator('b').count(), 0);
        assert.ok((await preview.textContent()).includes('[url=javascript:alert(1)]x[/url]'));
        await page.getByTestId('form-save').click();
        await page.getByTestId('form-error').filter({ hasText: /link/ }).waitFor();
        await field('text').fill('[b]Hello[/b], [i]how[/i] can I help? [color=#0b5c8f]See[/color] [url=https://help.example/a]our help[/url].');
        const team = (await got('teams')).teams[0].id;
        await page.getByTestId(`team-${team}`).check();
        await saveForm();
        const id = await openedId('canned');
        const saved = (await got('canned-messages?all=true')).messages.find((one) => one.id === id);
        assert.deepEqual([saved.name, saved.category, saved.teams], [HOSTILE, category.id, [team]]);
        await shot(page, 'admin-canned');
        await assertAccessible(page, 'a canned message');
        assert.equal(await page.evaluate(() => window.hit), undefined);
        await page.getByTestId('canned-remove').click();
        await page.getByTestId('confirm-yes').click();
        await until('it is gone', async () => (await got('canned-messages?all=true')).messages.length === 0);
    });

    test('canned scripts: made and changed with its text', async () => {
        const category = (await made('canned-script-categories', { name: 'Network' })).id;
        await open('scripts');
        await page.getByTestId('scripts-new').click();
        await field('name').fill('Show routes');
        await field('category').selectOption(String(category));
        await field('platform').selectOption('linux');
        await field('text').fill('ip route\n');
        await saveForm();
        const id = await openedId('scripts');
        await field('text').fill('ip route\nip rule\n');
        await saveForm();
        const { script } = await got(`canned-scripts/${id}`);
        assert.deepEqual([script.name, script.platform, script.text.trim()], ['Show routes', 'linux', 'ip route\nip rule']);
        await shot(page, 'admin-scripts', ['light']);
    });

    test('surveys: questions in their order', async () => {
        await open('surveys');
        const add = async (text, kind, choices) => {
            await page.getByTestId('question-add-customer').click();
            await field('text').fill(text);
            await field('kind').selectOption(kind);
            if (choices)
                await field('choices').fill(choices);
            await saveForm();
        };
        await add(`Were we helpful? ${HOSTILE}`, 'rating');
        await add('How did you find us?', 'choice', 'Web\nPhone');
        const asked = async () => (await got('survey-questions')).questions.filter((one) => one.for === 'customer');
        const before = await until('both are there', async () => ((all) => all.length === 2 && all)(await asked()));
        await page.getByTestId(`question-up-${before[1].id}`).click();
        await until('they changed places', async () => (await asked())[0].id === before[1].id);
        await shot(page, 'admin-surveys', ['light']);
        await assertAccessible(page, 'surveys');
        await page.getByTestId(`question-remove-${before[0].id}`).click();
        await page.getByTestId('confirm-yes').click();
        await until('one is gone', async () => (await asked()).length === 1);
    });

    test('attributes, links and status codes: made and removed', async () => {
        await open('attributes');
        await page.getByTestId('attributes-new').click();
        await field('name').fill('Order number');
        await field('code').fill('order');
        await saveForm();
        await openedId('attributes');
        assert.ok((await got('attributes')).attributes.some((one) => one.code === 'order'));
        await open('links');
        await page.getByTestId('links-new').click();
        await field('name').fill('Ticket');
        await field('url').fill('javascript:alert(1)');
        await page.getByTestId('form-save').click();
        await page.getByTestId('form-error').filter({ hasText: /./ }).waitFor();
        await field('url').fill('https://tickets.example/%EXTERNAL_KEY%');
        await saveForm();
        await openedId('links');
        assert.ok((await got('custom-links')).links.some((one) => one.url === 'https://tickets.example/%EXTERNAL_KEY%'));
        await assertAccessible(page, 'custom links');
        await open('status-codes');
        await page.getByTestId('status-codes-new').click();
        await field('name').fill('At lunch');
        await field('shown_as').selectOption('away');
        await saveForm();
        await openedId('status-codes');
        await page.getByTestId('status-remove').click();
        await page.getByTestId('confirm-yes').click();
        await until('it is gone', async () => !(await got('status-codes')).status_codes.some((one) => one.name === 'At lunch'));
    });

    test('API accounts: the secret is shown once and works, a new one ends it', async () => {
        await open('api');
        await page.getByTestId('api-new').click();
        await field('name').fill('Ticketing');
        await field('report').selectOption('read');
        await saveForm();
        const client = await page.getByTestId('client-id').textContent();
        const secret = await page.getByTestId('client-secret').textContent();
        await shot(page, 'admin-api-secret', ['light']);
        await page.getByTestId('secret-done').click();
        await openedId('api');
        assert.ok(!(await page.content()).includes(secret));
        const token = async () => (await fetch(`${appliance.url}/api/v1/oauth2/token`, {
            method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: client, client_secret: secret }),
        })).status;
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        assert.equal(await token(), 200);
        await page.getByTestId('api-new-secret').click();
        await page.getByTestId('confirm-yes').click();
        await page.getByTestId('client-secret').waitFor();
        assert.notEqual(await page.getByTestId('client-secret').textContent(), secret);
        await page.getByTestId('secret-done').click();
        assert.equal(await token(), 401);
        delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        await shot(page, 'admin-api');
        await assertAccessible(page, 'API accounts');
    });

    test('outbound events: a receiver that is not there says why', async () => {
        await open('events');
        await page.getByTestId('events-new').click();
        await field('name').fill('SIEM');
        await field('url').fill('https://127.0.0.1:9/hook');
        await field('events').fill('session.*');
        await saveForm();
        const secret = await page.getByTestId('receiver-secret').textContent();
        await page.getByTestId('secret-done').click();
        await openedId('events');
        assert.ok(!(await page.content()).includes(secret));
        await page.getByTestId('receiver-test').click();
        await page.getByText('The test event is on its way.').waitFor();
        await shot(page, 'admin-events', ['light']);
        await assertAccessible(page, 'outbound events');
    });

    test('appliance: figures, recording mode, audit log verified, a backup made', async () => {
        await open('status');
        const status = await got('appliance');
        assert.ok(status.workers.length > 0 && status.engine_connected && status.audit_rows > 0);
        await page.getByTestId('figure-connections').waitFor();
        assert.equal(await page.getByTestId('workers').locator('tbody tr').count(), status.workers.length);
        await shot(page, 'admin-status');
        await assertAccessible(page, 'appliance');
        await open('recording');
        await choose('recording-required');
        await page.locator('[data-testid="recording-meaning"][data-mode="required"]').waitFor();
        assert.equal((await got('appliance')).recording, 'required');
        await open('audit');
        await page.getByTestId('audit-verify').click();
        await page.locator('[data-testid="audit-verified"][data-tone="ok"]').waitFor();
        await shot(page, 'admin-audit', ['light']);
        await assertAccessible(page, 'audit log');
        await open('backups');
        await field('passphrase').fill('short');
        await page.getByTestId('form-save').click();
        await page.getByText('At least 12 characters are needed.').waitFor();
        await field('passphrase').fill('correct horse battery staple');
        await field('repeat').fill('correct horse battery staple');
        await page.getByTestId('form-save').click();
        await page.getByTestId('backup-file').waitFor();
        assert.match(await page.getByTestId('backup-file').textContent(), /\.backup$/);
        assert.ok((await got('appliance')).last_backup_unix_ms > 0);
        await shot(page, 'admin-backup', ['light']);
    });

    test('who may only edit portals sees portals and messages, and nothing else of it', async () => {
        const { account, one_time_password: first } = await made('accounts', { user: 'paula', display_name: 'Paula' });
        await made(`accounts/${account.id}`, { rights_allowed: ['edit_portals'] });
        const other = await openBrowser();
        try {
            const second = await openPage(other.context, `${appliance.url}/console`);
            await signIn(second, 'paula', first);
            await changePassword(second, PASSWORD);
            await second.getByTestId('rail-admin').click();
            await second.getByTestId('side-admin-portals').waitFor();
            const seen = await second.locator('[data-testid^="side-admin-"]').evaluateAll((all) => all.map((one) => one.dataset.testid));
            assert.deepEqual(seen.filter((one) => !/buttons/.test(one)).sort(), ['side-admin-messages', 'side-admin-portals']);
            await second.evaluate(() => { location.hash = '#/admin/status'; });
            await second.getByTestId('page-refused').waitFor();
        } finally {
            await other.close();
        }
    });

    test('nothing went wrong on the way: no script error, no breach of the policy', () => {
        assert.deepEqual(page.problems.filter((one) => !/status of (400|409)/.test(one)), []);
    });
});
