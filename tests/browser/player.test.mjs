// SPDX-License-Identifier: Apache-2.0
// A recorded session played in the console: the picture of a moment, what was said beside it, and a file that was changed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from './lib/api.mjs';
import { Appliance, until } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { GoodSession } from './lib/good_session.mjs';
import { shot } from './lib/shots.mjs';
import { CHANNEL, TYPE } from './lib/wire.mjs';

const PASSWORD = 'correct horse battery';
const SAID = 'Look here: <b onmouseover="alert(1)">bold</b>';

describe('the player of recordings', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let page;
    let api;
    let session;
    let last; // the session's last picture, as its viewer decoded it

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
        assert.equal((await api.post('/api/v1/recording', { value: 'on' })).status, 200);
        const item = await until('the sample desktop is there', async () => {
            const { json } = await api.get('/api/v1/jump-items');
            return json.jump_items.find((one) => one.state === 'online')?.id;
        });
        const good = await GoodSession.open({ appliance, api, item });
        session = good.id;
        await good.type('recorded');
        const say = Buffer.from(`\x01\0\0\0${SAID}`);
        good.wire.send({ type: TYPE.CHAT_SAY, channel: CHANNEL.chat, payload: say, session });
        await until('the line is in the chat', async () =>
            (await api.get(`/api/v1/sessions/${session}/chat`)).json.lines.some((line) => line.text === SAID));
        last = { width: good.decoder.width, height: good.decoder.height };
        assert.equal((await api.post(`/api/v1/sessions/${session}/end`)).status, 200);
        await until('the recording is sealed', async () =>
            (await api.get('/api/v1/recordings')).json.recordings.some((one) => one.session === session));
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    const canvas = () => page.getByTestId('player-canvas');
    const picture = () => canvas().evaluate((element) => ({
        width: element.width, height: element.height,
        data: [...new Set(new Uint32Array(element.getContext('2d').getImageData(0, 0, element.width, element.height).data.buffer))].length,
    }));
    const sum = () => canvas().evaluate((element) => {
        const words = new Uint32Array(element.getContext('2d').getImageData(0, 0, element.width, element.height).data.buffer);
        return words.reduce((all, word, at) => (all * 31 + word + at) >>> 0, 7);
    });

    test('the list leads to the player, which shows the picture and says that nothing was changed', async () => {
        await page.evaluate(() => { location.hash = '#/reports/recordings'; });
        await page.getByTestId(`recording-${session}`).getByRole('link').click();
        await page.getByText('Unchanged since it was sealed').waitFor();
        await until('there is a picture', async () => (await picture()).width === last.width);
        const seen = await picture();
        assert.equal(seen.height, last.height);
        assert.ok(seen.data > 20, 'a desktop has more than 20 colours');
    });

    test('what was said stands beside it as text, and leads to its moment', async () => {
        const line = page.locator('.story-line').filter({ hasText: SAID });
        await line.click();
        await until('the line is the current one', async () => await line.getAttribute('aria-current') === 'true');
        await shot(page, 'player');
        await assertAccessible(page, 'the player');
    });

    test('it plays, stops, and every moment has one picture', async () => {
        const place = page.getByTestId('player-position');
        const end = Number(await place.getAttribute('max'));
        await place.fill(String(end));
        await until('the end is shown', async () => Number(await place.inputValue()) >= end - 200);
        const atEnd = await until('the picture rests', async () => {
            const one = await sum();
            await page.waitForTimeout(200);
            return await sum() === one ? one : undefined;
        });
        await page.locator('.player-stage').focus();
        await page.keyboard.press('Home');
        await until('the beginning is another picture, for what was typed changed it', async () => await sum() !== atEnd);
        await page.getByTestId('player-speed').selectOption('16');
        await page.getByTestId('player-toggle').click();
        await until('it plays to the end by itself', async () => Number(await place.inputValue()) >= end - 200, 20000);
        await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
        await until('the last picture is the same again', async () => await sum() === atEnd);
    });

    test('the file that is saved is the file of the appliance', async () => {
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('player-save').click()]);
        const own = path.join(appliance.ready.state_dir, 'data/recordings', file.suggestedFilename());
        const stored = fs.readFileSync(own);
        const saved = fs.readFileSync(await file.path());
        assert.ok(saved.length > 1000 && stored.subarray(0, saved.length).equals(saved));
    });

    test('a file that was changed says so, one that is gone says so', async () => {
        const { json } = await api.get('/api/v1/recordings');
        const own = path.join(appliance.ready.state_dir, 'data/recordings', json.recordings.find((one) => one.session === session).file);
        const bytes = fs.readFileSync(own);
        bytes[bytes.length - 400] ^= 1; // in the last block of data
        fs.writeFileSync(own, bytes);
        await page.reload();
        await page.getByText(/Not as it was sealed|is damaged/).first().waitFor();
        fs.rmSync(own);
        await page.reload();
        await page.getByTestId('player-error').filter({ hasText: 'not among the appliance\'s recordings any more' }).waitFor();
    });

    test('nothing went wrong in the page', () => {
        assert.deepEqual(page.problems, []);
    });
});
