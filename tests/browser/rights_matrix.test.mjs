// SPDX-License-Identifier: Apache-2.0
// Who sees and may do what: for each right, each role in a team, an administrator and somebody without any right, what the
// console offers, what it refuses, and what control answers are the same for each page of the registry (src/pages.ts).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, root, until } from './lib/appliance.mjs';
import { openBrowser, openPage, signIn } from './lib/console.mjs';

const PASSWORD = 'correct horse battery';
const get = (what) => ['GET', what];
/* A change that nobody can make like this: who has the right hears what is wrong with it. */
const post = (what) => ['POST', what];

/* needs: one of these rights; none is for everybody; 'lead' is for who leads a team. asks: what the page lives from;
   has: whether there is anything in an answer that nobody is refused. */
const PAGES = {
    '/queues': { needs: [], asks: get('queue') },
    '/jump': { needs: [], asks: get('jump-items') },
    '/jump/approvals': { needs: ['approve_jumps'], asks: post('jump-approvals/4000000/deny') },
    '/jump/deploy': { needs: ['deploy_jump_clients'], asks: get('installers') },
    '/jump/upgrade': { needs: ['deploy_jump_clients'], asks: get('upgrade') },
    '/team': { needs: [], asks: get('team-chat/rooms') },
    '/dashboard': { needs: 'lead', asks: get('dashboard'), has: ({ teams }) => teams.length > 0 },
    '/admin/users': { needs: ['edit_accounts'], asks: get('accounts') },
    '/admin/teams': { needs: ['edit_teams'], asks: post('teams') },
    '/admin/skills': { needs: ['edit_skills'], asks: post('skills') },
    '/admin/licences': { needs: ['edit_settings'], asks: post('options/reset') },
    '/admin/group-policies': { needs: ['edit_policies'], asks: get('group-policies') },
    '/admin/session-policies': { needs: ['edit_policies'], asks: post('session-policies') },
    '/admin/explain': { needs: ['edit_policies'], asks: get('policy-explanation') },
    '/admin/assignments': { needs: ['edit_policies'], asks: get('policy-explanation') },
    '/admin/invite-profiles': { needs: ['edit_policies'], asks: post('invite-profiles') },
    '/admin/jump-groups': { needs: ['edit_jump_groups'], asks: post('jump-groups') },
    '/admin/jump-roles': { needs: ['edit_jump_groups'], asks: get('jump-role-defaults') },
    '/admin/jump-policies': { needs: ['edit_policies'], asks: post('jump-policies') },
    '/admin/security': { needs: ['edit_settings'], asks: post('options/reset') },
    '/admin/console-settings': { needs: ['edit_settings'], asks: post('console-settings/reset') },
    '/admin/agreement': { needs: ['edit_settings'], asks: post('agreement') },
    '/admin/portals': { needs: ['edit_portals'], asks: post('portals') },
    '/admin/messages': { needs: ['edit_portals'], asks: post('customer-messages') },
    '/admin/buttons': { needs: ['edit_support_buttons', 'own_support_buttons'], asks: post('support-buttons') },
    '/admin/canned': { needs: ['edit_canned_messages'], asks: post('canned-messages') },
    '/admin/scripts': { needs: ['edit_canned_messages'], asks: post('canned-scripts') },
    '/admin/surveys': { needs: ['edit_surveys'], asks: post('survey-questions') },
    '/admin/attributes': { needs: ['edit_surveys'], asks: post('attributes') },
    '/admin/links': { needs: ['edit_settings'], asks: post('custom-links') },
    '/admin/status-codes': { needs: ['edit_settings'], asks: post('status-codes') },
    '/admin/api': { needs: ['edit_api'], asks: get('api-accounts') },
    '/admin/events': { needs: ['edit_api'], asks: get('event-receivers') },
    '/admin/status': { needs: ['edit_settings'], asks: get('appliance') },
    '/admin/recording': { needs: ['edit_settings'], asks: post('recording') },
    '/admin/audit': { needs: ['view_audit'], asks: get('audit') },
    '/admin/backups': { needs: ['back_up'], asks: post('backups') },
    '/reports/sessions': { needs: [], asks: get('reports/sessions') },
    '/reports/session-summary': { needs: [], asks: get('reports/session-summary') },
    '/reports/team-activity': { needs: [], asks: get('reports/team-activity') },
    '/reports/jump-items': { needs: [], asks: get('reports/jump-items') },
    '/reports/support-buttons': { needs: [], asks: get('reports/support-buttons') },
    '/reports/surveys': { needs: [], asks: get('reports/surveys') },
    '/reports/logins': { needs: [], asks: get('reports/logins') },
    '/reports/configuration-changes': { needs: ['view_audit'], asks: get('reports/configuration-changes') },
    '/reports/recordings': { needs: ['view_recordings'], asks: get('recordings') },
    '/me/settings': { needs: [], asks: get('me/settings') },
    '/me/security': { needs: [], asks: get('me/factors') },
    '/me/shortcuts': { needs: [], asks: get('me') },
};

/** The paths of the registry, as its text has them. */
function registry() {
    const source = (name) => fs.readFileSync(path.join(root, 'clients/console/src/pages', name), 'utf8');
    const pages = [...source('../pages.ts').matchAll(/\bpath: '(\/[^']+)'/g)].map(([, at]) => at);
    const kinds = [...source('reports/kinds.ts').matchAll(/\bpath: '([^']+)'/g)].map(([, at]) => `/reports/${at}`);
    return [...pages, ...kinds].sort();
}

const PATHS = registry();

describe('what one may do is what one sees', { concurrency: false, timeout: 900000 }, () => {
    let appliance;
    let admin;
    let subject; // the account whose rights and roles change
    let team;
    const asked = { open: new Set(), refused: [] }; // of the page

    async function ok(reply) {
        const answer = await reply;
        assert.equal(answer.status, 200, answer.text);
        return answer.json;
    }

    async function openConsole(user) {
        const browser = await openBrowser();
        const page = await openPage(browser.context, `${appliance.url}/console`);
        page.setDefaultTimeout(30000);
        const isAsked = (request) => request.url().includes('/api/v1/') && !request.url().includes('/events');
        page.on('request', (request) => { if (isAsked(request)) asked.open.add(request); });
        for (const over of ['requestfinished', 'requestfailed'])
            page.on(over, (request) => asked.open.delete(request));
        page.on('response', (response) => {
            if (response.status() === 403)
                asked.refused.push(`${response.request().method()} ${new URL(response.url()).pathname}`);
        });
        await signIn(page, user, PASSWORD);
        await page.getByTestId('queues-page').waitFor();
        return { browser, page };
    }

    before(async () => {
        appliance = await Appliance.start();
        admin = new Api(appliance.url);
        const { admin_user: user, one_time_password: current } = appliance.ready;
        await ok(admin.post('/api/v1/sign-in', { user, password: current }));
        await ok(admin.post('/api/v1/password', { current, new: PASSWORD }));
        await ok(admin.post('/api/v1/sign-in', { user, password: PASSWORD }));
        const made = await ok(admin.post('/api/v1/accounts', { user: 'robin', display_name: 'Robin Reed', is_admin: false }));
        const api = new Api(appliance.url);
        await ok(api.post('/api/v1/sign-in', { user: 'robin', password: made.one_time_password }));
        await ok(api.post('/api/v1/password', { current: made.one_time_password, new: PASSWORD }));
        const { account } = await ok(api.post('/api/v1/sign-in', { user: 'robin', password: PASSWORD }));
        subject = { api, account: account.id, ...await openConsole('robin') };
        team = (await ok(admin.post('/api/v1/teams', { name: 'Printers' }))).team.id;
        subject.allRights = (await ok(admin.get('/api/v1/me'))).rights; // an administrator has every right
    });

    after(async () => {
        await subject?.browser.close();
        await appliance?.stop();
    });

    const goTo = (page, where) => page.evaluate((to) => { location.hash = `#${to}`; }, where);

    /** What the frame offers: the paths of its links. */
    async function offered(page) {
        const links = async (selector) => (await page.locator(`${selector} a`).evaluateAll((all) =>
            all.map((link) => link.getAttribute('href')))).map((href) => href.slice(1));
        await goTo(page, '/queues');
        await page.getByTestId('queues-page').waitFor();
        const rail = await links('nav.rail');
        const found = rail.filter((at) => !/^\/(admin|reports)\//.test(at));
        for (const group of ['reports', 'admin']) {
            const first = rail.find((at) => at.startsWith(`/${group}/`));
            if (first) {
                await goTo(page, first);
                await page.getByTestId(`side${first.replaceAll('/', '-')}`).waitFor();
                found.push(...await links('nav.side-list'));
            }
        }
        await goTo(page, '/jump');
        await page.getByTestId('jump-page').waitFor();
        found.push(...(await links('nav.sub-nav')).filter((at) => at !== '/jump'));
        await page.getByTestId('account-menu').click();
        for (const at of PATHS.filter((one) => one.startsWith('/me/')))
            if (await page.getByTestId(`go${at.replaceAll('/', '-')}`).count() > 0)
                found.push(at);
        await page.keyboard.press('Escape');
        return found.sort();
    }

    /** The page that one may not open says so; with another place in between, so that it is this one that is seen. */
    async function isRefused(page, at) {
        await goTo(page, '/nowhere');
        await page.getByTestId('page-refused').waitFor({ state: 'detached' });
        await goTo(page, at);
        await page.getByTestId('page-refused').waitFor();
    }

    /** The page that is offered comes, and nothing that it asks for is refused. */
    async function opens(page, at, who) {
        await goTo(page, '/nowhere');
        await until('the page has what it asked for', () => asked.open.size === 0, 30000);
        asked.refused.length = 0;
        await goTo(page, at);
        await page.locator('.frame-page h1').first().waitFor();
        await until(`${at} is loaded`, async () => asked.open.size === 0 && await page.locator('.skeleton').count() === 0, 30000);
        assert.equal(await page.getByTestId('page-refused').count(), 0, `${at} for ${who}`);
        assert.equal((await page.getByTestId('page-error').allInnerTexts()).join(''), '', `${at} for ${who}`);
        assert.deepEqual(asked.refused, [], `what ${at} asks for as ${who}`);
    }

    /** who: { name, rights, leads, admin }; everything: also the pages that are for everybody are opened. */
    async function agrees({ api, page }, who, everything = false) {
        const may = (needs) => who.admin === true && needs !== 'lead'
            || (needs === 'lead' ? who.leads === true : needs.length === 0 || needs.some((right) => who.rights.includes(right)));
        const expected = PATHS.filter((at) => may(PAGES[at].needs)).sort();
        assert.deepEqual(await offered(page), expected, `what is offered to ${who.name}`);
        for (const at of PATHS) {
            const { needs, asks: [method, what], has = () => true } = PAGES[at];
            const { status, text, json } = await api.request(method, `/api/v1/${what}`, method === 'POST' ? {} : undefined);
            assert.equal(status !== 403 && has(json), expected.includes(at), `${method} ${what} for ${who.name}: ${status} ${text}`);
            if (method === 'GET' && expected.includes(at) && what !== 'policy-explanation')
                assert.equal(status, 200, `${what} for ${who.name}: ${text}`);
            if (!expected.includes(at))
                await isRefused(page, at);
            else if (everything || needs.length > 0)
                await opens(page, at, who.name);
        }
    }

    async function withRights(rights) {
        await ok(admin.post(`/api/v1/accounts/${subject.account}`, {
            rights_allowed: rights, rights_denied: subject.allRights.filter((one) => !rights.includes(one)),
        }));
        await goTo(subject.page, '/queues');
        await subject.page.reload();
        asked.open.clear(); // what a page that went had asked for is never answered
        await subject.page.getByTestId('queues-page').waitFor();
    }

    test('every page of the console has its row here', () => {
        assert.ok(PATHS.length > 30, `${PATHS.length} pages`);
        assert.deepEqual(PATHS.filter((at) => !(at in PAGES)), []);
    });

    test('somebody without any right', async () => {
        await withRights([]);
        await agrees(subject, { name: 'nobody', rights: [] }, true);
    });

    test('each right by itself', async (t) => {
        assert.ok(subject.allRights.length >= 30, `${subject.allRights.length} rights`);
        const needed = new Set(Object.values(PAGES).flatMap(({ needs }) => (needs === 'lead' ? [] : needs)));
        for (const right of needed)
            assert.ok(subject.allRights.includes(right), `${right} is a right`);
        for (const right of subject.allRights)
            await t.test(right, async () => {
                await withRights([right]);
                await agrees(subject, { name: right, rights: [right] });
            });
    });

    for (const role of ['member', 'lead', 'manager'])
        test(`a ${role} of a team`, async () => {
            await ok(admin.post(`/api/v1/teams/${team}/members`, { account: subject.account, role }));
            await withRights([]);
            await agrees(subject, { name: role, rights: [], leads: role !== 'member' }, true);
        });

    test('an administrator', async () => {
        const own = await openConsole(appliance.ready.admin_user);
        try {
            await agrees({ api: admin, page: own.page }, { name: 'administrator', rights: [], admin: true }, true);
            assert.deepEqual(own.page.problems, []);
        } finally {
            await own.browser.close();
        }
    });

    test('nothing went wrong on the way', () => {
        assert.deepEqual(subject.page.problems, []);
    });
});
