// SPDX-License-Identifier: Apache-2.0
// The console's and the portal's pages in Chromium against the mock appliance, under the real CSP.
// SCREENSHOTS=folder leaves pictures of each state for people to look at.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

import { MockAppliance } from './mock.mjs';

const size = { width: 960, height: 600 };
const screenshots = process.env.SCREENSHOTS;
const profile = mkdtempSync(path.join(os.tmpdir(), 'causeway-console-test-'));
const problems = [];
let mock;
let context;
let page;

/** A desktop of sorts: wallpaper, a window with a title bar and text-like marks. */
function desktop(step) {
    const pixels = Buffer.alloc(size.width * size.height * 4);
    for (let y = 0; y < size.height; y++) {
        for (let x = 0; x < size.width; x++) {
            let colour = [150 - (y >> 3), 110 - (y >> 4), 60];
            if (x >= 140 && x < 640 && y >= 90 && y < 420) {
                const ink = y > 130 && y % 16 > 4 && y % 16 < 13 && x > 156 && x < 156 + ((y * 7) % 300) + step * 20
                    && (x * 31 + y * 17) % 5 > 1;
                colour = y < 116 ? [180, 120, 40] : ink ? [40, 40, 40] : [250, 250, 250];
            }
            pixels.set(colour, (y * size.width + x) * 4);
        }
    }
    return pixels;
}

function encode(frames, { width, height } = size) {
    const run = spawnSync(process.env.CODEC_TOOL, ['encode', '--size', `${width}x${height}`],
        { input: Buffer.concat(frames), maxBuffer: 1 << 28 });
    assert.equal(run.status, 0, String(run.stderr));
    const packets = [];
    for (let at = 0; at < run.stdout.length;) {
        const bytes = run.stdout.readUInt32LE(at);
        packets.push(run.stdout.subarray(at + 4, at + 4 + bytes));
        at += 4 + bytes;
    }
    return packets;
}

async function shot(name) {
    if (!screenshots)
        return;
    for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: scheme });
        await sleep(200);
        await page.screenshot({ path: path.join(screenshots, `${name}-${scheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: 'light' });
}

async function until(what, check) {
    for (let left = 100; left > 0; left--) {
        if (await check())
            return;
        await sleep(50);
    }
    assert.fail(`never: ${what}`);
}

const keys = () => mock.received.filter((one) => one.type === 0x20)
    .map(({ payload }) => `${payload[4] ? '+' : '-'}${payload.readUInt32LE(0).toString(16)}`).join(' ');
const pointers = () => mock.received.filter((one) => one.type === 0x21).map(({ payload }) => ({
    x: payload.readUInt16LE(0), y: payload.readUInt16LE(2), buttons: payload.readUInt16LE(4), wheelY: payload.readInt16LE(10),
}));
/** The page has done its part of a click before the mock has read all of it. */
const wasClicked = (button) => pointers().at(-2)?.buttons === button && pointers().at(-1).buttons === 0;

before(async () => {
    if (screenshots)
        mkdirSync(screenshots, { recursive: true });
    mock = await new MockAppliance(process.env.CONSOLE_OUT, encode([0, 3].map(desktop)), size).start(0);
    mock.jumpItems = [
        { id: 1, name: 'pc-17', group: 'Front desk', state: 'online', last_access_unix_ms: Date.now() - 400_000,
            last_seen_unix_ms: Date.now(), hostname: 'pc-17.example', platform: 'Debian GNU/Linux 12', user: 'kim', session: null },
        { id: 2, name: 'Build server', group: 'Servers', state: 'in_session', last_access_unix_ms: Date.now() - 40_000_000,
            last_seen_unix_ms: Date.now(), hostname: 'build', platform: 'Debian GNU/Linux 12', user: 'root', session: 4 },
        { id: 3, name: '<img src=x onerror=alert(1)>', group: '', state: 'offline', last_access_unix_ms: null,
            last_seen_unix_ms: null, hostname: 'odd', platform: 'Debian GNU/Linux 12', user: '', session: null },
    ];
    context = await chromium.launchPersistentContext(profile, {
        executablePath: '/usr/bin/chromium', headless: true, viewport: { width: 1280, height: 800 },
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync'],
    });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: mock.url });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
        if (message.type() === 'error' && !/status of (401|403|404|503)/.test(message.text()))
            problems.push(message.text());
    });
});

after(async () => {
    await context?.close();
    await mock?.stop();
    rmSync(profile, { recursive: true, force: true });
});

test('the portal says what is wrong with a key, and gives the command for a good one', async () => {
    await page.goto(mock.url);
    await shot('portal');
    await page.getByTestId('key-submit').click();
    await page.getByTestId('portal-error').filter({ hasText: 'Enter the session key' }).waitFor();
    await page.getByTestId('key-input').fill('zzzz');
    await page.getByTestId('key-input').press('Enter');
    await page.getByTestId('portal-error').filter({ hasText: 'not valid' }).waitFor();
    await shot('portal-error');
    await page.getByTestId('key-input').fill('abcd efgh jk');
    await page.getByTestId('key-input').press('Enter');
    assert.match(await page.getByTestId('client-command').innerText(), /^\.\/causeway-client --key ABCD-EFGH-JK/);
    assert.match(await page.getByTestId('portal-ready').innerText(), /Alice Berger/);
    await page.getByRole('button', { name: 'Copy command' }).last().click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^\.\/causeway-client --key/);
    await shot('portal-ready');
    await page.goto(`${mock.url}/?key=ABCDEFGHJK`);
    await page.getByTestId('client-command').waitFor();
});

test('sign-in refuses, makes one choose a password, and shows the home tab', async () => {
    await page.goto(`${mock.url}/console`);
    await page.getByTestId('user').fill('alice');
    await page.getByTestId('password').fill('wrong');
    await page.getByTestId('sign-in').click();
    await page.getByRole('alert').filter({ hasText: 'The user name or the password is wrong.' }).waitFor();
    await shot('sign-in');
    await page.getByTestId('password').fill('one-time');
    await page.getByTestId('password').press('Enter');
    await page.getByTestId('new-password').fill('correct horse battery');
    await page.getByTestId('new-password-repeat').fill('different horse battery');
    await page.getByTestId('change-password').click();
    await page.getByTestId('password-error').filter({ hasText: 'not the same' }).waitFor();
    await shot('change-password');
    await page.getByTestId('new-password-repeat').fill('correct horse battery');
    await page.getByTestId('change-password').click();
    await page.getByTestId('jump-item-1').waitFor();
    assert.equal(mock.password, 'correct horse battery');
});

test('lists: filter, states, text is text, and events refresh them', async () => {
    await page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
    assert.ok((await page.getByTestId('jump-item-3').innerText()).includes('<img src=x onerror=alert(1)>'));
    assert.ok(await page.getByTestId('jump-3').isDisabled());
    await page.getByTestId('jump-filter').fill('serv build');
    await page.getByTestId('jump-item-1').waitFor({ state: 'detached' });
    await page.getByTestId('jump-filter').fill('');
    mock.queue = [{ session: 9, customer: 'Kim Novak', waiting_since_unix_ms: Date.now() - 130_000, state: 'waiting' }];
    mock.event({ type: 'session_waiting', session: 9, customer: 'Kim Novak' });
    await page.getByTestId('queue-9').waitFor();
    await page.getByTestId('announcement').filter({ hasText: 'Kim Novak is waiting' }).waitFor({ state: 'attached' });
    await shot('home');
});

test('a session key is shown large, counts down, and Escape closes the dialog and gives the focus back', async () => {
    await page.getByTestId('create-session-key').click();
    assert.equal(await page.getByTestId('session-key-value').innerText(), 'ABCD-EFGH-JK');
    await page.getByText(/Expires in 9:5\d/).waitFor();
    await shot('session-key');
    await page.keyboard.press('Escape');
    await page.getByTestId('session-key-value').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'create-session-key');
    await page.getByTestId('create-enrolment-token').click();
    await page.getByTestId('enrolment-create').click();
    await page.getByTestId('enrolment-command').filter({ hasText: 'causeway-client install' }).waitFor();
    await shot('enrolment');
    await page.keyboard.press('Escape');
});

test('a Jump shows the picture pixel for pixel and acknowledges it', async () => {
    await page.getByTestId('jump-1').click();
    await until('both updates are acknowledged', () => mock.received.filter((one) => one.type === 0x0e).length === 2);
    assert.deepEqual(mock.received.filter((one) => one.type === 0x0e).map((one) => one.payload.readUInt32LE(0)), [1, 2]);
    const shown = await page.getByTestId('screen-71').evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let text = '';
        for (let at = 0; at < data.length; at += 32768)
            text += String.fromCharCode(...data.subarray(at, at + 32768));
        return { width: canvas.width, height: canvas.height, data: btoa(text) };
    });
    assert.deepEqual([shown.width, shown.height], [size.width, size.height]);
    const pixels = Buffer.from(shown.data, 'base64');
    const expected = desktop(3);
    for (let at = 0; at < expected.length; at += 4)
        assert.ok(pixels[at] === expected[at + 2] && pixels[at + 1] === expected[at + 1] && pixels[at + 2] === expected[at],
            `pixel ${at / 4}`);
    assert.match(await page.getByTestId('screen-71').evaluate((canvas) => canvas.style.cursor), /^url\("data:image\/png.*1 2, default$/);
    await page.getByTestId('participants').filter({ hasText: 'pc-17 (unattended computer)' }).waitFor();
    await shot('session');
});

test('keys and pointer reach the remote side; the escape chord leads out', async () => {
    const canvas = page.getByTestId('screen-71');
    const box = await canvas.boundingBox();
    const scale = box.width / size.width;
    mock.received.length = 0;
    await page.mouse.click(box.x + 100.5 * scale, box.y + 50.5 * scale, { button: 'right' });
    await until('the click arrives', () => wasClicked(4));
    assert.deepEqual(pointers().slice(-2).map(({ x, y, buttons }) => [x, y, buttons]), [[100, 50, 4], [100, 50, 0]]);
    for (let notch = 0; notch < 3; notch++)
        await page.mouse.wheel(0, 100);
    await until('the wheel arrives', () => pointers().reduce((sum, one) => sum + one.wheelY, 0) === 360);
    mock.received.length = 0;
    await page.keyboard.type('aB!');
    await page.keyboard.insertText('漢');
    await until('the text arrives', () => keys().endsWith('-1006f22'));
    await page.keyboard.press('Control+KeyC');
    await page.keyboard.press('Tab');
    await until('the keys arrive', () => keys().endsWith('-ff09'));
    assert.equal(keys(), '+61 -61 +42 -42 +21 -21 +1006f22 -1006f22 +ffe3 +63 -63 -ffe3 +ff09 -ff09');
    await page.keyboard.down('Control');
    await page.keyboard.down('Alt');
    await page.keyboard.down('Shift');
    await page.keyboard.up('Shift');
    await page.keyboard.up('Alt');
    await page.keyboard.up('Control');
    await until('RELEASE_ALL arrives', () => mock.received.some((one) => one.type === 0x22));
    assert.equal(await page.evaluate(() => document.activeElement.closest('[role=toolbar]') !== null), true);
    await page.getByTestId('announcement').filter({ hasText: 'You left the remote screen' }).waitFor({ state: 'attached' });
});

test('a reduced picture stands in the place of the desktop, and clicks count in the desktop\'s pixels', async () => {
    const canvas = page.getByTestId('screen-71');
    const notice = page.getByTestId('reduced-picture');
    const half = { width: size.width / 2, height: size.height / 2 };
    const before = await canvas.boundingBox();
    assert.equal(await notice.count(), 0);
    mock.received.length = 0;
    mock.rendition(1, half, encode([Buffer.alloc(half.width * half.height * 4, 0x50)], half)[0]);
    await notice.filter({ hasText: 'Reduced picture: slow connection' }).waitFor({ timeout: 5000 });
    await shot('reduced');
    await until('it is acknowledged', () => mock.received.some((one) => one.type === 0x0e));
    assert.deepEqual([...mock.received.find((one) => one.type === 0x0e).payload], [1, 0, 0, 0, 1]);
    assert.deepEqual(await canvas.evaluate((shown) => [shown.width, shown.height]), [half.width, half.height]);
    assert.deepEqual(await canvas.boundingBox(), before);
    await page.getByText(`${size.width} × ${size.height}`).waitFor();
    const scale = before.width / size.width;
    await page.mouse.click(before.x + 701.5 * scale, before.y + 433.5 * scale);
    await until('the click arrives', () => wasClicked(1));
    assert.deepEqual(pointers().slice(-2).map(({ x, y, buttons }) => [x, y, buttons]), [[701, 433, 1], [701, 433, 0]]);
    mock.rendition(0, size, encode([desktop(3)])[0]);
    await notice.waitFor({ state: 'detached', timeout: 5000 });
    assert.deepEqual(await canvas.evaluate((shown) => [shown.width, shown.height]), [size.width, size.height]);
    assert.deepEqual(await canvas.boundingBox(), before);
});

test('chat: both ways, unsent until confirmed, resent without doubling', async () => {
    mock.say(3, 'Kim', '<b>Hello</b>, it is broken');
    await page.getByTestId('chat-log').getByText('<b>Hello</b>, it is broken').waitFor();
    await page.getByTestId('chat-input').fill('On my way');
    await page.getByTestId('chat-send').click();
    await page.locator('.from-self:not(.unsent)').filter({ hasText: 'On my way' }).waitFor();
    mock.dropChat = true;
    mock.linkState(false);
    await page.getByTestId('control-away').waitFor();
    await page.getByTestId('chat-input').fill('Said while control is away');
    await page.getByTestId('chat-input').press('Enter');
    await page.getByTestId('chat-unsent').waitFor();
    await shot('chat');
    mock.dropChat = false;
    mock.linkState(true);
    await page.getByTestId('chat-unsent').waitFor({ state: 'detached' });
    assert.equal(await page.getByTestId('chat-log').getByText('Said while control is away').count(), 1);
    assert.equal(mock.chat.filter((line) => line.text === 'Said while control is away').length, 1);
});

test('a lost connection comes back with the resume ticket, and the unsent message goes once', async () => {
    mock.dropChat = true;
    await page.getByTestId('chat-input').fill('Just before the loss');
    await page.getByTestId('chat-input').press('Enter');
    await page.getByTestId('chat-unsent').waitFor();
    mock.dropChat = false;
    mock.helloKinds.length = 0;
    mock.received.length = 0;
    mock.drop();
    await page.getByTestId('chat-unsent').waitFor({ state: 'detached' });
    assert.deepEqual(mock.helloKinds, [2], 'one hello, with the resume ticket');
    assert.equal(mock.chat.filter((line) => line.text === 'Just before the loss').length, 1);
    await page.getByTestId('connection-state').filter({ hasText: 'Connected' }).waitFor();
    await until('the picture came again', () => mock.received.filter((one) => one.type === 0x0e).length === 2);
});

test('without permission nothing is shown and nothing is sent', async () => {
    mock.setPermissions(0x0d);
    await page.getByTestId('permission-state').filter({ hasText: 'View only' }).waitFor();
    mock.received.length = 0;
    const box = await page.getByTestId('screen-71').boundingBox();
    await page.mouse.click(box.x + 50, box.y + 50);
    await page.keyboard.type('x');
    mock.setPermissions(0x0c);
    await page.getByTestId('session-waiting').filter({ hasText: 'Waiting for the customer' }).waitFor();
    const dark = await page.getByTestId('screen-71').evaluate((canvas) =>
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.every((v, at) => at % 4 === 3 || v === 0));
    assert.ok(dark, 'the picture is gone');
    await shot('waiting');
    assert.equal(mock.received.filter((one) => [0x20, 0x21, 0x22].includes(one.type)).length, 0);
    mock.setPermissions(0x0f);
    await page.getByTestId('session-waiting').waitFor({ state: 'detached' });
});

test('several sessions; each end says from which side; the tab closes', async () => {
    await page.getByTestId('home-tab').click();
    await page.getByTestId('accept-9').click();
    await page.getByTestId('session-tab-9').waitFor();
    await until('both are connected', () => mock.connections.size === 2);
    for (const connection of mock.connections)
        if (connection.session === 9)
            connection.close(2, 'The customer ended the session.');
    await page.getByTestId('session-ended').filter({ hasText: 'The customer ended the session.' }).waitFor();
    await shot('ended');
    await page.getByTestId('close-tab').click();
    await page.getByTestId('session-tab-9').waitFor({ state: 'detached' });
    await page.getByTestId('session-tab-71').click();
    await page.getByTestId('end-session').click();
    await shot('end-dialog');
    await page.getByTestId('end-session-confirm').click();
    await page.getByTestId('session-ended').filter({ hasText: 'You ended the session.' }).waitFor();
    await page.getByTestId('close-tab').click();
});

test('an administrator joins somebody\'s session to watch, and leaves it without ending it', async () => {
    mock.otherSessions = [{ id: 55, state: 'active', kind: 'jump', customer: 'Build server', jump_item: 2,
        representative: 'Bob', started_unix_ms: Date.now(), source_connected: true }];
    const { permissions } = mock;
    mock.permissions = 0x05;
    mock.event({ type: 'jump_items_changed' });
    await page.getByTestId('home-tab').click();
    await page.getByTestId('other-session-55').filter({ hasText: 'Bob' }).waitFor({ timeout: 5000 });
    await shot('others');
    await page.getByRole('button', { name: 'Join to watch the session of Bob with Build server' }).click();
    await page.getByTestId('session-55').getByTestId('permission-state').filter({ hasText: 'View only' }).waitFor({ timeout: 5000 });
    assert.equal(await page.getByTestId('session-55').getByTestId('end-session').count(), 0);
    mock.received.length = 0;
    await page.getByTestId('session-55').getByTestId('leave-session').click();
    await page.getByTestId('session-tab-55').waitFor({ state: 'detached', timeout: 5000 });
    assert.equal(mock.received.filter((one) => one.type === 0x0b).length, 0, 'nothing was ended');
    mock.permissions = permissions;
    mock.otherSessions = [];
});

test('without live updates the lists are polled, and a page at 200 % needs no sideways scrolling', async () => {
    mock.refuseEvents = true;
    mock.events.socket.destroy();
    await page.locator('[data-testid="events-state"][data-up="false"]').waitFor();
    mock.jumpItems[0].state = 'offline';
    await page.locator('[data-testid="jump-item-1"][data-state="offline"]').waitFor({ timeout: 9000 });
    await page.setViewportSize({ width: 640, height: 400 });
    const sideways = await page.evaluate(() => document.querySelector('.panel:not([hidden])').scrollWidth
        > document.querySelector('.panel:not([hidden])').clientWidth || document.body.scrollWidth > innerWidth);
    assert.equal(sideways, false);
    await shot('narrow');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByTestId('account-menu').click();
    await page.getByTestId('sign-out').click();
    await page.getByText('You are signed out.').waitFor();
});

test('nothing went wrong on the way: no script error, no breach of the CSP', () => {
    assert.deepEqual(problems, []);
});
