// SPDX-License-Identifier: Apache-2.0
// The Jump interface on the real appliance with 75,000 Jump Items: one smooth list, hostile names, several at once,
// hours, and an approval by somebody in a second browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, root, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { HostileClient } from './lib/native.mjs';

const PASSWORD = 'correct horse battery';
const ITEMS = 75000;
const SEEDED = ITEMS - 2; // the sample desktop and the hostile one are the others
const HOSTILE = '<img src=x onerror=alert(1)>"\'&amp; \u202egnp.exe';
const screenshots = process.env.SCREENSHOTS;

/** Writes SEEDED Jump Items into the store of an appliance that is down. */
function seed(stateDir) {
    const folder = path.join(stateDir, 'data/control');
    execFileSync(path.join(root, 'build/release/causeway-bench-control'),
        ['seed', `control_dir=${folder}`, `items=${SEEDED}`, 'sessions=0'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const { uid, gid } = fs.statSync(folder);
    for (const name of fs.readdirSync(folder))
        fs.chownSync(path.join(folder, name), uid, gid);
}

describe('the Jump interface', { concurrency: false, timeout: 400000 }, () => {
    const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-test-'));
    let appliance;
    let browser;
    let second;
    let page;
    let api;
    let device;
    let hostile; // its number

    before(async () => {
        const first = await Appliance.start({ stateDir });
        const { admin_user: user, one_time_password: password } = first.ready;
        await first.stop({ keepState: true });
        seed(stateDir);
        appliance = await Appliance.start({ stateDir });
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console`);
        await signIn(page, user, password);
        await changePassword(page, PASSWORD);
        await page.getByTestId('create-session-key').waitFor();
        api = new Api(appliance.url);
        assert.equal((await api.post('/api/v1/sign-in', { user, password: PASSWORD })).status, 200);
        const { token } = await appliance.ctlJson('create', 'enrolment-token');
        const { identity } = await appliance.ctlJson('show', 'info');
        device = await HostileClient.enrol({ port: appliance.httpsPort, token, name: HOSTILE, identity });
        await device.stand();
        hostile = (await api.get('/api/v1/jump-items?state=online&sort=name')).json.jump_items
            .find((item) => item.name.includes('onerror'))?.id;
        assert.ok(hostile, 'the hostile name is in the list as it is');
    });

    after(async () => {
        device?.device?.close();
        await second?.close();
        await browser?.close();
        await appliance?.stop();
        fs.rmSync(stateDir, { recursive: true, force: true });
    });

    async function shoot(name, on = page) {
        if (screenshots)
            await on.screenshot({ path: path.join(screenshots, `jump-${name}.png`) });
    }

    const scroller = () => page.getByTestId('jump-table').locator('.table-scroll');
    const rows = () => page.locator('[data-testid^="jump-item-"]');
    const current = () => page.getByTestId('jump-details');

    async function search(words) {
        await page.getByTestId('jump-filter').fill(words);
    }

    async function ok(reply) {
        const answer = await reply;
        assert.equal(answer.status, 200, answer.text);
        return answer.json;
    }

    test('75,000 items are one list: few rows in the page, every one within reach', async () => {
        await page.getByTestId('rail-jump').click();
        await rows().first().waitFor();
        const grid = scroller();
        await until('all are in the list', async () => Number(await grid.getAttribute('aria-rowcount')) === ITEMS + 1);
        await shoot('list');
        const longest = await page.evaluate(async () => {
            const found = { longest: 0, most: 0 };
            const observer = new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
                found.longest = Math.max(found.longest, entry.duration);
            }));
            observer.observe({ entryTypes: ['longtask'] });
            const box = document.querySelector('[data-testid="jump-table"] .table-scroll');
            const step = box.scrollHeight / 200;
            for (let turn = 1; turn <= 200; turn++) {
                box.scrollTop = turn * step;
                await new Promise((resolve) => requestAnimationFrame(resolve));
                found.most = Math.max(found.most, box.querySelectorAll('.table-rows > .table-row').length);
            }
            observer.disconnect();
            return found;
        });
        assert.ok(longest.most < 100, `${longest.most} rows are in the page`);
        console.log(`# scrolling through ${ITEMS} items: at most ${longest.most} rows in the page, longest task ${Math.round(longest.longest)} ms`);
        await grid.focus();
        await page.keyboard.press('End');
        const last = (await ok(api.get('/api/v1/jump-items?sort=name&descending=true&limit=1'))).jump_items[0];
        await page.getByTestId(`jump-item-${last.id}`).waitFor();
        await current().getByRole('heading', { name: last.name }).waitFor();
        await page.keyboard.press('Home');
        const top = (await ok(api.get('/api/v1/jump-items?limit=1'))).jump_items[0];
        await page.getByTestId(`jump-item-${top.id}`).waitFor();
        assert.deepEqual(page.problems, []);
    });

    test('it is sorted by the appliance, and remembers how', async () => {
        await page.getByTestId('sort-state').click();
        const first = (await ok(api.get('/api/v1/jump-items?sort=state&limit=1'))).jump_items[0];
        await page.getByTestId(`jump-item-${first.id}`).waitFor();
        assert.notEqual(first.state, 'offline');
        await page.getByTestId('jump-columns').click();
        await page.getByTestId('column-user').click();
        await page.reload();
        await page.getByTestId(`jump-item-${first.id}`).waitFor();
        await page.getByRole('columnheader', { name: 'User' }).waitFor();
        await page.getByTestId('sort-name').click();
    });

    test('a search needs three characters, and only looks into the chosen fields', async () => {
        await search('po');
        await page.getByText('at least 3 characters').waitFor();
        await search('Porto kiosk');
        const { count } = await ok(api.get('/api/v1/jump-items/search?text=Porto%20kiosk'));
        assert.ok(count > 1000);
        await page.getByText(new RegExp(`^${String(count).replace(/(?=\d{3}$)/, '\\D?')} found$`)).waitFor();
        await page.getByTestId('jump-fields').click();
        await page.getByTestId('search-field-tag').click();
        await page.getByText('Nothing was found').waitFor();
        await page.getByTestId('jump-fields').click();
        await page.getByTestId('field-all').click();
        await rows().first().waitFor();
    });

    test('hostile names are text', async () => {
        await search('onerror');
        const row = page.getByTestId(`jump-item-${hostile}`);
        await row.waitFor();
        assert.ok((await row.textContent()).includes('<img src=x onerror=alert(1)>'));
        await row.click();
        await current().getByRole('heading').first().getByText('<img src=x onerror=alert(1)>').waitFor();
        await shoot('hostile');
        assert.equal(await page.locator('img[src="x"]').count(), 0);
        assert.deepEqual(page.problems, []);
    });

    test('one item is edited in its details, and made a favourite', async () => {
        await page.getByTestId('details-edit').click();
        await page.getByTestId('field-tag').fill('counter');
        await page.getByTestId('field-comments').fill('Behind the till.\nAsk for Ada.');
        await shoot('edit');
        await assertAccessible(page, 'an item that is edited');
        await page.getByTestId('form-save').click();
        await current().getByText('Behind the till.').waitFor();
        await page.getByTestId('details-star').click();
        await search('');
        await page.getByTestId('place-favourites').click();
        await page.getByTestId(`jump-item-${hostile}`).waitFor();
        assert.equal(await rows().count(), 1);
        await page.getByTestId('place-all').click();
        const item = (await ok(api.get(`/api/v1/jump-items/${hostile}`))).jump_item;
        assert.equal(item.tag, 'counter');
        await current().getByTestId('details-star').click();
    });

    test('several are edited, moved and copied at once', async () => {
        const group = (await ok(api.post('/api/v1/jump-groups', { name: 'Night shift' }))).jump_group;
        await search('Turku server 001');
        await until('the search has come', async () => await rows().count() > 1 && await rows().count() < 12);
        const count = await rows().count();
        await rows().first().getByRole('checkbox').click();
        await page.getByTestId('select-found').click();
        await page.getByTestId('jump-selected').getByText(`${count} selected`).waitFor();
        await shoot('bulk');
        await assertAccessible(page, 'several items');
        await page.getByTestId('bulk-edit').click();
        await page.getByTestId('bulk-has-tag').check();
        await page.getByTestId('bulk-tag').fill('rack 7');
        await page.getByTestId('bulk-save').click();
        await page.getByText(`${count} changed`).waitFor();
        const tagged = await ok(api.get('/api/v1/jump-items?tag=rack%207'));
        assert.equal(tagged.count, count);
        const choose = async () => {
            await rows().first().getByRole('checkbox').click();
            await page.getByTestId('select-found').click();
            await page.getByTestId('jump-selected').getByText(`${count} selected`).waitFor();
        };
        await choose();
        await page.getByTestId('bulk-more').click();
        await page.getByTestId('bulk-copy').click();
        await page.getByTestId('bulk-group').selectOption({ label: 'Night shift' });
        await page.getByTestId('bulk-save').click();
        await page.getByText(`${count} copied`).waitFor();
        assert.equal((await ok(api.get(`/api/v1/jump-items?group=${group.id}`))).count, count);
        await choose();
        await page.getByTestId('bulk-more').click();
        await page.getByTestId('bulk-remove').click();
        await shoot('bulk-remove');
        await page.getByTestId('confirm-yes').click();
        await page.getByText(`${count} removed`).waitFor();
        assert.equal((await ok(api.get('/api/v1/jump-items?tag=rack%207'))).count, 0);
        await search('');
    });

    test('a group has its own list, live', async () => {
        const { jump_group: group } = await ok(api.post('/api/v1/jump-groups', { name: 'Tills' }));
        await page.getByTestId(`place-group-${group.id}`).click();
        await page.getByText('No Jump Items here yet').waitFor();
        await ok(api.post(`/api/v1/jump-items/${hostile}`, { group: 'Tills' }));
        await page.getByTestId(`jump-item-${hostile}`).waitFor();
        await page.getByTestId('place-all').click();
    });

    test('outside its hours one is told when it is available again, in one\'s own time', async () => {
        const { jump_policy: policy } = await ok(api.post('/api/v1/jump-policies', {
            name: 'Never today', schedule: true, time_zone: 'Europe/Vienna', hours: tomorrow(),
        }));
        await ok(api.post('/api/v1/policy-assignments', { kind: 'jump_item', object: hostile, jump_policy: policy.id }));
        const { access } = await ok(api.get(`/api/v1/jump-items/${hostile}/access`));
        assert.equal(access.is_open, false);
        await page.getByTestId('place-all').click();
        await search('onerror');
        await page.getByTestId(`jump-${hostile}`).click();
        const when = await page.evaluate((time) => new Intl.DateTimeFormat(navigator.language, { dateStyle: 'medium', timeStyle: 'short' }).format(time),
            access.next_open_unix_ms);
        await page.getByTestId('jump-closed').getByText(when).waitFor();
        assert.ok(await page.getByTestId('jump-start').isDisabled());
        await shoot('closed');
        await page.getByTestId('jump-override').check();
        assert.ok(await page.getByTestId('jump-start').isEnabled());
        await page.getByTestId('jump-cancel').click();
        await ok(api.post('/api/v1/policy-assignments', { kind: 'jump_item', object: hostile, jump_policy: 0 }));
    });

    test('somebody else approves a Jump in a second browser', async () => {
        const { one_time_password: password } = await ok(api.post('/api/v1/accounts', { user: 'mary', display_name: 'Mary', is_admin: true }));
        const { jump_policy: policy } = await ok(api.post('/api/v1/jump-policies', {
            name: 'Four eyes', approval: true, approval_minutes: 60, ticket: true, ticket_patterns: 'INC####',
        }));
        await ok(api.post('/api/v1/policy-assignments', { kind: 'jump_item', object: hostile, jump_policy: policy.id }));
        second = await openBrowser();
        const mary = await openPage(second.context, `${appliance.url}/console`);
        await signIn(mary, 'mary', password);
        await changePassword(mary, PASSWORD);
        await mary.getByTestId('rail-jump').waitFor();

        await page.getByTestId(`jump-${hostile}`).click();
        await page.getByTestId('jump-reason').fill('The till prints <b>nothing</b>.');
        await shoot('ask');
        await assertAccessible(page, 'asking for approval');
        await page.getByTestId('jump-ask').click();
        await page.getByTestId('jump-waits').waitFor();

        await mary.getByTestId('rail-jump').locator('.badge').waitFor();
        await mary.getByTestId('rail-jump').click();
        await mary.getByTestId('sub-jump-approvals').click();
        const waiting = mary.getByTestId('approvals-waiting').locator('li');
        await waiting.getByText('The till prints <b>nothing</b>.').waitFor();
        await shoot('approvals', mary);
        await assertAccessible(mary, 'approvals');
        await waiting.getByRole('button', { name: 'Approve' }).click();
        await mary.getByTestId('decide-minutes').fill('30');
        await mary.getByTestId('decide-answer').fill('Go ahead.');
        await mary.getByTestId('decide').click();
        await mary.getByText('Nobody waits for an approval').waitFor();

        await page.getByTestId('jump-given').waitFor();
        await shoot('given');
        await page.getByTestId('jump-ticket').fill('nonsense');
        await page.getByTestId('jump-start').click();
        await page.getByTestId('jump-error').getByText('no ticket').waitFor();
        await page.getByTestId('jump-ticket').fill('INC0815');
        const offered = device.answerOffer();
        await page.getByTestId('jump-start').click();
        const source = await offered;
        await page.locator('[data-testid^="session-tab-"]').waitFor();
        await appliance.auditRow('the Jump', (row) => row.action === 'session.start' || row.action === 'jump_item.jump');
        source.close();
        assert.deepEqual(mary.problems, []);
        assert.deepEqual(page.problems, []);
    });
});

/** Hours of the week that begin tomorrow. */
function tomorrow() {
    const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
    return `${days[(new Date().getUTCDay() + 2) % 7]} 09:00-17:00`;
}
