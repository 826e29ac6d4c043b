// SPDX-License-Identifier: Apache-2.0
// The picture's settings, live: photographs arrive with loss and become exact when they rest, nothing has loss where that
// is not wanted, and the colour modes show what they say.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, rootPixels, until } from './lib/appliance.mjs';
import {
    canvasEqualsScreen, canvasPixels, changePassword, openBrowser, openPage, sessionOpened, signIn,
} from './lib/console.mjs';

const PASSWORD = 'correct horse battery';
const SIDE = 512;

/** A photograph, as a camera's noise makes one, as a PPM file. */
function writePhoto(file, seed) {
    const pixels = Buffer.alloc(SIDE * SIDE * 3);
    let random = seed;
    for (let at = 0; at < pixels.length; at++) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        const x = Math.floor(at / 3) % SIDE;
        const y = Math.floor(at / 3 / SIDE);
        pixels[at] = 70 + 60 * Math.sin((x * (1 + at % 3) + y + seed * 40) / 90) + (random >>> 24) / 20;
    }
    fs.writeFileSync(file, Buffer.concat([Buffer.from(`P6\n${SIDE} ${SIDE}\n255\n`), pixels]));
}

describe('the picture\'s settings', { concurrency: false, timeout: 240000 }, () => {
    let appliance;
    let browser;
    let page;
    let session;
    let folder;
    const photos = [];

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-photos-'));
        for (let i = 0; i < 2; i++) {
            photos.push(path.join(folder, `${i}.ppm`));
            writePhoto(photos[i], i + 1);
        }
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console`);
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await page.locator('[data-testid^="jump-item-"]').first().waitFor();
        const api = new Api(appliance.url);
        await api.post('/api/v1/sign-in', { user: appliance.ready.admin_user, password: PASSWORD });
        const item = await until('the sample desktop is online', async () => {
            const { json } = await api.get('/api/v1/jump-items');
            return json.jump_items.find((one) => one.state === 'online');
        });
        await page.getByTestId(`jump-${item.id}`).click();
        session = await sessionOpened(page);
        await canvasEqualsScreen(page, session, appliance.desktop);
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const tool = (name) => page.getByTestId(`session-${session}`).getByTestId(name);
    /** display says 1 whether it could or not; that the background is in view is asserted where it matters. */
    const background = (photo) => appliance.x('sh', '-c', `display -window root ${photo} || true`);

    /** Shows the photographs in turn while the work is done. */
    async function whileChanging(work) {
        const loop = spawn('sh', ['-c', `while :; do display -window root ${photos[0]}; display -window root ${photos[1]}; done`],
            { env: appliance.desktop, stdio: 'ignore', detached: true });
        try {
            return await work();
        } finally {
            process.kill(-loop.pid, 'SIGKILL');
        }
    }

    /** The screen with one and with the other background: where the two differ nothing else is in the way. */
    async function bothScreens() {
        const screens = [];
        for (const photo of photos) {
            await background(photo);
            screens.push((await rootPixels(appliance.desktop)).rgb);
        }
        return screens;
    }

    /** Of the pixels that a change of background changes, the share that is of neither. */
    function strangeShare(canvas, screens) {
        let seen = 0;
        let strange = 0;
        for (let i = 0; i < canvas.length; i += 3) {
            const [a, b] = screens.map((screen) => screen.subarray(i, i + 3));
            if (a.equals(b))
                continue;
            const shown = canvas.subarray(i, i + 3);
            seen++;
            strange += !shown.equals(a) && !shown.equals(b);
        }
        assert.ok(seen > 100000, 'the background is in view');
        return strange / seen;
    }

    test('photographs that keep changing have loss, and become exact when they rest', async () => {
        const screens = await bothScreens();
        const share = await whileChanging(() => until('a picture with loss is shown', async () => {
            const { rgb } = await canvasPixels(page, session);
            const found = strangeShare(rgb, screens);
            return found > 0.3 ? found : undefined;
        }, 20000, 50));
        assert.ok(share > 0.3);
        await canvasEqualsScreen(page, session, appliance.desktop);
    });

    test('where no loss is wanted there is none', async () => {
        await tool('lossless-only').check();
        const screens = await bothScreens();
        await canvasEqualsScreen(page, session, appliance.desktop);
        await whileChanging(async () => {
            for (let i = 0; i < 12; i++) {
                const { rgb } = await canvasPixels(page, session);
                assert.equal(strangeShare(rgb, screens), 0);
            }
        });
        await tool('lossless-only').uncheck();
    });

    test('the colour modes are live and show what they say', async () => {
        await background(photos[0]);
        for (const [mode, reduce] of [
            ['grey', (r, g, b) => {
                const grey = ((((29 * b + 150 * g + 77 * r) >> 8) * 3 + 128) >> 8) * 85;
                return [grey, grey, grey];
            }],
            ['few', (r, g, b) => [(r & 0xe0) | (r >> 3 & 0x1c) | r >> 6, (g & 0xe0) | (g >> 3 & 0x1c) | g >> 6, (b >> 6) * 85]],
            ['more', (r, g, b) => [(r & 0xf8) | r >> 5, (g & 0xfc) | g >> 6, (b & 0xf8) | b >> 5]],
        ]) {
            await tool('colours').selectOption(mode);
            await until(`the canvas shows the screen in ${mode}`, async () => {
                const screen = (await rootPixels(appliance.desktop)).rgb;
                const wanted = Buffer.alloc(screen.length);
                for (let i = 0; i < screen.length; i += 3)
                    wanted.set(reduce(screen[i], screen[i + 1], screen[i + 2]), i);
                return Buffer.compare((await canvasPixels(page, session)).rgb, wanted) === 0;
            }, 20000, 200);
        }
        assert.equal(JSON.parse(await page.evaluate(() => localStorage.getItem('causeway.screen'))).colours, 1);
        for (const mode of ['video', 'full']) {
            await tool('colours').selectOption(mode);
            await canvasEqualsScreen(page, session, appliance.desktop);
        }
        assert.deepEqual(page.problems, []);
    });
});
