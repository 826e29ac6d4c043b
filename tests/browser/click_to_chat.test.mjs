// SPDX-License-Identifier: Apache-2.0
// A customer who has only a browser: one Chromium is the customer's, another the representative's, the appliance is real.
// What the representative sees is compared with what was shared, pixel by pixel as far as a browser's capture is exact.
// SCREENSHOTS=folder leaves pictures of each state.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { canvasPixels, changePassword, openBrowser, openPage, sessionOpened, signIn } from './lib/console.mjs';
import { Customer } from './lib/customer.mjs';
import { CHANNEL, TYPE, WireSocket, makeHolder } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const SHARED_TITLE = 'SharedByTheCustomer'; // in one word: it is an argument of a browser that a shell script starts
/* A browser captures in YUV, and Chromium without a GPU names another matrix than it used: pure red comes as 255, 26, 1. */
const TOLERANCE = 36;

/** Squares of flat colours; show(n) paints others. */
const SHARED_PAGE = `<!doctype html><title>${SHARED_TITLE}</title><style>body{margin:0;background:#fff}canvas{display:block}</style>
<canvas></canvas><script>
const canvas = document.querySelector('canvas');
let drawn = 0;
function colour(n, x, y) { const h = n * 7 + x + 4 * y; return [h % 2 * 200 + 20, (h >> 1) % 2 * 200 + 20, (h >> 2) % 2 * 200 + 20]; }
function show(n) {
  drawn = n;
  canvas.width = innerWidth; canvas.height = innerHeight;
  const context = canvas.getContext('2d');
  for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) {
    context.fillStyle = 'rgb(' + colour(n, x, y).join(',') + ')';
    context.fillRect(x * innerWidth / 4, y * innerHeight / 4, innerWidth / 4 + 1, innerHeight / 4 + 1);
  }
}
addEventListener('resize', () => show(drawn));
show(0);
</script>`;

describe('a customer in a browser', { concurrency: false, timeout: 600000 }, () => {
    let appliance;
    let representative;
    let customers;
    let page; // the representative's console
    let shared;
    let api;

    before(async () => {
        appliance = await Appliance.start();
        representative = await openBrowser();
        customers = await openBrowser([`--auto-select-tab-capture-source-by-title=${SHARED_TITLE}`]);
        page = await openPage(representative.context, `${appliance.url}/console`);
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await page.locator('[data-testid^="jump-item-"]').first().waitFor();
        api = new Api(appliance.url);
        assert.equal((await api.post('/api/v1/sign-in', { user: appliance.ready.admin_user, password: PASSWORD })).status, 200);
        shared = await customers.context.newPage();
        await shared.setViewportSize({ width: 900, height: 700 });
        await shared.goto(`data:text/html,${encodeURIComponent(SHARED_PAGE)}`);
    });

    after(async () => {
        await customers?.close();
        await representative?.close();
        await appliance?.stop();
    });

    /** Chromium complains of the policy for cameras when a page asks for a screen. */
    function ownProblems(of) {
        return of.problems.filter((text) => !/camera is not allowed/.test(text));
    }

    async function picture(of, name) {
        if (process.env.SCREENSHOTS)
            await of.screenshot({ path: path.join(process.env.SCREENSHOTS, `click_to_chat_${name}.png`) });
    }

    function tab(session) {
        return page.getByTestId(`session-${session}`);
    }

    /** Somebody who has chosen a password after the first sign-in. */
    async function signedIn(user, password) {
        const one = new Api(appliance.url);
        assert.equal((await one.post('/api/v1/sign-in', { user, password })).status, 200);
        const changed = await one.post('/api/v1/password', { current: password, new: PASSWORD });
        assert.equal(changed.status, 200, JSON.stringify(changed.json));
        return one;
    }

    /** A customer's page in the session's chat, waiting. */
    async function begin() {
        const { json } = await api.post('/api/v1/session-keys', {});
        const chat = await openPage(customers.context, `${appliance.url}/?key=${json.key}`);
        await chat.setViewportSize({ width: 900, height: 700 }); // the tabs share one window, and so a size
        await chat.getByTestId('chat-in-browser').click();
        await chat.getByTestId('customer').and(chat.locator('[data-state="live"]')).waitFor();
        return chat;
    }

    async function accept() {
        await page.bringToFront();
        await page.getByTestId('home-tab').click();
        await page.locator('[data-testid^="accept-"]').first().click();
        return sessionOpened(page);
    }

    async function session(chat) {
        const number = await accept();
        await chat.getByTestId('view-question').waitFor();
        return number;
    }

    async function share(chat) {
        await chat.bringToFront();
        await chat.getByTestId('view-yes').click();
        await chat.getByTestId('sharing-bar').waitFor().catch(async (error) => {
            throw new Error(`${error.message}: ${await chat.getByTestId('share-error').allInnerTexts()} ${chat.problems}`);
        });
    }

    /** Waits until the representative's canvas shows the picture n of the shared page, at its size. */
    async function showsPicture(number, n) {
        let difference = '';
        await until(`the representative sees picture ${n}`, async () => {
            const expected = await shared.evaluate((i) => {
                const colours = [];
                for (let y = 0; y < 4; y++)
                    for (let x = 0; x < 4; x++)
                        colours.push({ x: (x + 0.5) / 4, y: (y + 0.5) / 4, rgb: window.eval('colour')(i, x, y) });
                return { colours, width: innerWidth, height: innerHeight };
            }, n);
            const { width, height, rgb } = await canvasPixels(page, number);
            if (width === 0 || Math.abs(width / height - expected.width / expected.height) > 0.02) {
                difference = `the canvas has ${width} × ${height} pixels, the page ${expected.width} × ${expected.height}`;
                return false;
            }
            for (const { x, y, rgb: wanted } of expected.colours) {
                const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
                const seen = [...rgb.subarray(at, at + 3)];
                if (seen.some((value, i) => Math.abs(value - wanted[i]) > TOLERANCE)) {
                    difference = `at ${x},${y}: ${seen} instead of ${wanted}`;
                    return false;
                }
            }
            return true;
        }, 20000, 200).catch(async (error) => {
            const bars = await Promise.all(customers.context.pages().map((one) =>
                one.getByTestId('sharing-bar').getAttribute('data-size', { timeout: 500 }).catch(() => null)));
            throw new Error(`${error.message}: ${difference}; shared: ${bars.filter(Boolean)}`);
        });
    }

    async function isBlank(number) {
        const { rgb } = await canvasPixels(page, number);
        return rgb.every((value) => value === 0);
    }

    test('chat works both ways, and the customer is told where it stands', async () => {
        const chat = await begin();
        await chat.getByTestId('customer-chat-log').getByText(/number 1 in the queue/).waitFor();
        await chat.getByTestId('customer-input').fill('My <b>screen</b> is upside down');
        await chat.getByTestId('customer-send').click();
        await picture(chat, 'waiting');
        const number = await session(chat);
        await tab(number).getByTestId('chat-log').getByText('My <b>screen</b> is upside down').waitFor();
        await tab(number).getByTestId('chat-input').fill('Turn it round');
        await tab(number).getByTestId('chat-send').click();
        await chat.getByTestId('customer-chat-log').getByText('Turn it round').waitFor();
        assert.equal(await chat.getByTestId('customer-unsent').count(), 0);
        await picture(chat, 'question');
        assert.ok(await isBlank(number), 'nothing is seen before it is shared');
        await chat.getByTestId('view-no').click();
        await tab(number).getByTestId('chat-log').getByText(/did not allow viewing/).waitFor();
        await chat.getByTestId('customer-end').click();
        await chat.getByTestId('customer-end-confirm').click();
        await tab(number).getByTestId('session-ended').filter({ hasText: /customer/i }).waitFor();
        await chat.getByTestId('after').waitFor(); // survey and transcript are the portal's page
        assert.equal(await chat.evaluate(() => sessionStorage.getItem('causeway.chat')), null, 'nothing is kept');
        assert.deepEqual(ownProblems(chat), []);
        await chat.close();
    });

    test('a tab is shared, seen as it is, follows its size, and stops at once', async () => {
        const chat = await begin();
        const number = await session(chat);
        await shared.evaluate(() => window.eval('show')(1));
        await share(chat);
        await showsPicture(number, 1);
        await picture(chat, 'sharing');
        await picture(page, 'representative');
        for (const n of [2, 3, 4]) {
            await shared.evaluate((i) => window.eval('show')(i), n);
            await showsPicture(number, n);
        }
        await shared.setViewportSize({ width: 640, height: 720 });
        await showsPicture(number, 4);
        await shared.setViewportSize({ width: 900, height: 700 });
        await showsPicture(number, 4);
        /* Nobody controls it, whatever they try. */
        assert.equal(await tab(number).getByTestId('ctrl-alt-del').isEnabled(), false);
        const { json } = await api.get('/api/v1/sessions');
        assert.equal(json.sessions.find((s) => s.id === number).client, 'browser');
        await chat.getByTestId('stop-sharing').click();
        await chat.getByTestId('sharing-bar').waitFor({ state: 'detached' });
        await tab(number).getByTestId('chat-log').getByText(/withdrew the permission/).waitFor();
        await until('the representative sees nothing any more', () => isBlank(number));
        await shared.evaluate(() => window.eval('show')(5));
        assert.ok(await isBlank(number));
        /* And again, begun by the customer. */
        await chat.bringToFront();
        await chat.getByTestId('share-screen').click();
        await showsPicture(number, 5);
        assert.deepEqual(ownProblems(chat), []);
        await chat.getByTestId('customer-end').click();
        await chat.getByTestId('customer-end-confirm').click();
        await tab(number).getByTestId('session-ended').waitFor();
        await chat.close();
    });

    test('a shared tab that is closed is not shared any more', async () => {
        const chat = await begin();
        const number = await session(chat);
        await shared.evaluate(() => window.eval('show')(6));
        await share(chat);
        await showsPicture(number, 6);
        await shared.close();
        await chat.getByTestId('sharing-bar').waitFor({ state: 'detached' });
        await until('the representative sees nothing any more', () => isBlank(number));
        shared = await customers.context.newPage();
        await shared.setViewportSize({ width: 900, height: 700 });
        await shared.goto(`data:text/html,${encodeURIComponent(SHARED_PAGE)}`);
        await chat.close();
        const { status } = await api.post(`/api/v1/sessions/${number}/end`, {});
        assert.equal(status, 200);
    });

    test('a page that is loaded again comes back, and shares nothing until it is asked to', async () => {
        const chat = await begin();
        const number = await session(chat);
        await shared.evaluate(() => window.eval('show')(7));
        await share(chat);
        await showsPicture(number, 7);
        await chat.reload();
        if (await chat.getByTestId('chat-in-browser').isVisible().catch(() => false))
            await chat.getByTestId('chat-in-browser').click();
        await chat.getByTestId('customer').and(chat.locator('[data-state="live"]')).waitFor();
        await tab(number).getByTestId('chat-log').getByText(/is back/).waitFor();
        await tab(number).getByTestId('chat-log').getByText(/withdrew the permission/).waitFor();
        assert.ok(await isBlank(number));
        await share(chat);
        await showsPicture(number, 7);
        await chat.getByTestId('customer-input').fill('I am here again');
        await chat.getByTestId('customer-send').click();
        await tab(number).getByTestId('chat-log').getByText('I am here again').waitFor();
        /* The network goes away for a while: the session and what is shared go on. */
        await customers.context.setOffline(true);
        await customers.context.setOffline(false);
        await shared.evaluate(() => window.eval('show')(8));
        await showsPicture(number, 8);
        await chat.close();
        assert.equal((await api.post(`/api/v1/sessions/${number}/end`, {})).status, 200);
    });

    test('an engine that restarts is not noticed', async () => {
        const chat = await begin();
        const number = await session(chat);
        await shared.evaluate(() => window.eval('show')(9));
        await share(chat);
        await showsPicture(number, 9);
        const [engine] = await appliance.pidsOf('causeway-engine');
        process.kill(engine, 'SIGKILL');
        await chat.getByTestId('customer').and(chat.locator('[data-state="reconnecting"]')).waitFor();
        await chat.getByTestId('customer').and(chat.locator('[data-state="live"]')).waitFor();
        await shared.evaluate(() => window.eval('show')(10));
        await showsPicture(number, 10);
        assert.ok(await chat.getByTestId('sharing-bar').isVisible());
        await chat.close();
        assert.equal((await api.post(`/api/v1/sessions/${number}/end`, {})).status, 200);
    });

    test('who forces input on a browser is refused by the engine', async () => {
        const chat = await begin();
        const { json: queue } = await api.get('/api/v1/queue');
        const holder = makeHolder();
        const waiting = queue.queue[0].session;
        const { json } = await api.post(`/api/v1/sessions/${waiting}/accept`, { holder_key: holder.publicKey });
        const wire = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        assert.equal((await wire.hello(json.ticket, holder))?.type, TYPE.WELCOME);
        await chat.getByTestId('view-question').waitFor();
        await share(chat);
        const key = Buffer.alloc(8);
        key.writeUInt32LE(0x61);
        key[4] = 1;
        wire.send({ type: TYPE.KEY, channel: CHANNEL.input, session: waiting, payload: key });
        const close = await until('the engine closes it', () => wire.frames.find((f) => f.type === TYPE.CLOSE));
        assert.equal(close.payload.readUInt16LE(0), 23, 'NOT_PERMITTED');
        assert.equal(await chat.getByTestId('customer').getAttribute('data-state'), 'live', 'nobody else notices');
        await chat.close();
        assert.equal((await api.post(`/api/v1/sessions/${waiting}/end`, {})).status, 200);
    });

    test('the session goes on with the full client', async () => {
        const customer = await Customer.start();
        try {
            const chat = await begin();
            const number = await session(chat);
            await share(chat);
            await tab(number).getByTestId('offer-client').click();
            await tab(number).getByTestId('offer-client-said').filter({ hasText: /was asked/ }).waitFor({ state: 'attached' });
            await chat.getByTestId('client-offer').waitFor();
            await picture(chat, 'offer');
            await picture(page, 'offered');
            const command = await chat.getByTestId('offer-command').innerText();
            customer.runClient(command.replace('chmod +x causeway-client && ', ''));
            await chat.getByTestId('customer').and(chat.locator('[data-state="replaced"]')).waitFor();
            await picture(chat, 'replaced');
            await customer.answer('allow view and control');
            await until('the representative may control', async () =>
                (await tab(number).getByTestId('ctrl-alt-del').isEnabled()));
            await until('the new screen is seen', async () => (await canvasPixels(page, number)).width === 1024);
            const { json: list } = await api.get('/api/v1/sessions');
            assert.equal(list.sessions.find((s) => s.id === number).client, 'full');
            await customer.keys('Pause');
            await tab(number).getByTestId('session-ended').waitFor();
            assert.equal(await customer.close(), 0);
            await chat.bringToFront();
            await chat.getByTestId('after').waitFor();
            await chat.close();
        } finally {
            await customer.stop();
        }
    });

    test('a Support Button leads to the same chat; a second representative is asked about; control restarts', async () => {
        const { status, json } = await api.post('/api/v1/support-buttons', { name: 'On the desk' });
        assert.equal(status, 200, JSON.stringify(json));
        const chat = await openPage(customers.context, json.url);
        await chat.setViewportSize({ width: 900, height: 700 });
        await chat.getByTestId('chat-in-browser').click();
        await chat.getByTestId('customer').and(chat.locator('[data-state="live"]')).waitFor();
        const number = await session(chat);
        await shared.evaluate(() => window.eval('show')(14));
        await share(chat);
        await showsPicture(number, 14);
        /* Somebody else comes, and sees nothing before the customer says yes. */
        const made = await api.post('/api/v1/accounts', { user: 'bea', display_name: 'Bea', is_admin: true });
        assert.equal(made.status, 200, JSON.stringify(made.json));
        const bea = await signedIn('bea', made.json.one_time_password);
        const invited = await api.post(`/api/v1/sessions/${number}/invitations`, { account: made.json.account.id });
        assert.equal(invited.status, 200, JSON.stringify(invited.json));
        const holder = makeHolder();
        const { json: list } = await bea.get('/api/v1/invitations');
        const { json: joined } = await bea.post(`/api/v1/invitations/${list.invitations[0].invitation}/accept`, { holder_key: holder.publicKey });
        const wire = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        assert.equal((await wire.hello(joined.ticket, holder))?.type, TYPE.WELCOME);
        await chat.bringToFront();
        await chat.getByTestId('view-question').filter({ hasText: 'Bea' }).waitFor();
        assert.ok(!wire.frames.some((f) => f.channel === CHANNEL.screen), 'nothing is seen before');
        await chat.getByTestId('view-yes').click();
        await until('Bea sees it, too', () => wire.frames.some((f) => f.type === TYPE.SCREEN_UPDATE));
        await chat.getByTestId('sharing-text').filter({ hasText: /Bea/ }).waitFor();
        const [control] = await appliance.pidsOf('causeway-control');
        process.kill(control, 'SIGKILL');
        await chat.getByTestId('customer-input').fill('Are you still there?');
        await chat.getByTestId('customer-send').click();
        await shared.evaluate(() => window.eval('show')(15));
        await showsPicture(number, 15);
        await tab(number).getByTestId('chat-log').getByText('Are you still there?').waitFor();
        assert.equal(await tab(number).getByTestId('chat-log').getByText('Are you still there?').count(), 1);
        wire.close();
        await chat.close();
        await until('the session is ended', async () => (await api.post(`/api/v1/sessions/${number}/end`, {})).status === 200);
    });

    test('a browser without frames of its own shares, too', async () => {
        const { json } = await api.post('/api/v1/session-keys', {});
        const chat = await customers.context.newPage();
        await chat.addInitScript(() => { delete globalThis.MediaStreamTrackProcessor; });
        await chat.setViewportSize({ width: 900, height: 700 });
        await chat.goto(`${appliance.url}/?key=${json.key}`);
        await chat.getByTestId('chat-in-browser').click();
        const number = await session(chat);
        await shared.evaluate(() => window.eval('show')(11));
        await share(chat);
        await showsPicture(number, 11);
        await shared.evaluate(() => window.eval('show')(12));
        await showsPicture(number, 12);
        await chat.close();
        assert.equal((await api.post(`/api/v1/sessions/${number}/end`, {})).status, 200);
    });

    test('an encoder that cannot be loaded is said, and the chat goes on', async () => {
        const chat = await begin();
        await chat.route('**/assets/encoder-*.wasm', (route) => route.abort());
        const number = await session(chat);
        await chat.bringToFront();
        await chat.getByTestId('view-yes').click();
        await chat.getByTestId('share-error').filter({ hasText: /encoder could not be loaded/ }).waitFor();
        await tab(number).getByTestId('chat-log').getByText(/is not shared any more/).waitFor();
        await chat.unroute('**/assets/encoder-*.wasm');
        await shared.evaluate(() => window.eval('show')(13));
        await chat.getByTestId('share-screen').click();
        await chat.getByTestId('sharing-bar').waitFor();
        await showsPicture(number, 13);
        await chat.close();
        assert.equal((await api.post(`/api/v1/sessions/${number}/end`, {})).status, 200);
    });

    test('who does not agree to a recording does not begin; narrow, dark and in German it is a page as well', async () => {
        assert.equal((await appliance.ctl('set', 'recording', 'on')).code, 0);
        try {
            const { json } = await api.post('/api/v1/session-keys', {});
            const chat = await openPage(customers.context, `${appliance.url}/?key=${json.key}`);
            await chat.setViewportSize({ width: 360, height: 740 });
            await chat.getByTestId('chat-in-browser').click();
            await chat.getByTestId('recording-question').waitFor();
            await assertAccessible(chat, 'recording question');
            await picture(chat, 'recording');
            await chat.getByTestId('recording-leave').click();
            await chat.getByTestId('chat-error').filter({ hasText: /did not agree/ }).waitFor();
            await chat.getByTestId('chat-in-browser').click();
            await chat.getByTestId('recording-agree').click();
            const number = await session(chat);
            await chat.bringToFront();
            await chat.getByTestId('language').selectOption('de');
            await chat.getByTestId('view-question').filter({ hasText: /möchte Ihren Bildschirm sehen/ }).waitFor();
            await assertAccessible(chat, 'question, German');
            await chat.emulateMedia({ colorScheme: 'dark' });
            await picture(chat, 'german_dark');
            await share(chat);
            await chat.getByTestId('sharing-text').filter({ hasText: /Sie zeigen einen Browser-Tab/ }).waitFor();
            assert.equal((await api.post(`/api/v1/sessions/${number}/offer-client`, {})).status, 200);
            await chat.getByTestId('client-offer').waitFor();
            await chat.bringToFront(); // the browser went to the tab that is shared
            await assertAccessible(chat, 'sharing and offer, German');
            await chat.emulateMedia({ colorScheme: 'dark' });
            await picture(chat, 'german_offer');
            const wide = await chat.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `nothing is wider than the page: ${wide}`);
            await chat.getByTestId('language').selectOption('en'); // it is remembered
            await chat.close();
            assert.equal((await api.post(`/api/v1/sessions/${number}/end`, {})).status, 200);
        } finally {
            await appliance.ctl('set', 'recording', 'off');
        }
    });

    test('failures are said in a sentence', async () => {
        const { json } = await api.post('/api/v1/session-keys', {});
        const chat = await openPage(customers.context, `${appliance.url}/?key=${json.key}`);
        await chat.getByTestId('chat-in-browser').waitFor();
        /* Somebody else uses the key meanwhile. */
        const other = new WireSocket({ port: appliance.httpsPort, origin: appliance.url });
        await other.waitFor(TYPE.CHALLENGE);
        const body = Buffer.from(JSON.stringify({ key: json.key, holder: makeHolder().publicKey, name: 'Other', platform: 'x' }));
        const head = Buffer.from([1, 4, body.length & 255, body.length >> 8]);
        other.send({ type: TYPE.HELLO, channel: CHANNEL.control, payload: Buffer.concat([head, body]) });
        assert.equal((await other.waitFor(TYPE.HELLO_REPLY)).payload.readUInt16LE(0), 0);
        await chat.getByTestId('chat-in-browser').click();
        await chat.getByText(/used already/).first().waitFor();
        await picture(chat, 'refused');
        await chat.close();
    });
});
