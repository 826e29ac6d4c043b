// SPDX-License-Identifier: Apache-2.0
// Recording, end to end: `make run` with recordings required, a session with typing and chat, the engine killed
// under it; what is in the files afterwards is what was seen and said.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { Appliance, root, until } from './lib/appliance.mjs';
import {
    canvasEqualsScreen, canvasPixels, changePassword, openBrowser, openPage, pagePoint, sessionOpened, signIn,
} from './lib/console.mjs';

const PASSWORD = 'correct horse battery';
const run = promisify(execFile);
const tool = path.join(root, 'build/release/causeway-recording');

/** { code, stdout, stderr } of causeway-recording. */
async function recording(...args) {
    try {
        return { code: 0, ...await run(tool, args, { maxBuffer: 64 << 20 }) };
    } catch (error) {
        if (typeof error.code !== 'number')
            throw error;
        return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
}

describe('recording', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let page;
    let session;
    let folder;
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-recording-'));

    before(async () => {
        appliance = await Appliance.start();
        folder = path.join(appliance.ready.state_dir, 'data/recordings');
        browser = await openBrowser();
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
        fs.rmSync(scratch, { recursive: true, force: true });
    });

    const parts = () => fs.readdirSync(folder).filter((name) => name.endsWith('.cwr')).sort()
        .map((name) => path.join(folder, name));
    const tab = () => page.getByTestId(`session-${session}`);

    async function firstItem() {
        const row = page.getByTestId(/^jump-\d+$/).first();
        await row.waitFor();
        return row;
    }

    async function pngPixels(files, ...args) {
        const out = path.join(scratch, 'shot.png');
        const { code, stderr } = await recording('export', '--png', out, ...args, ...files);
        assert.equal(code, 0, stderr);
        const { stdout } = await run('convert', [out, '-depth', '8', 'rgb:-'], { encoding: 'buffer', maxBuffer: 64 << 20 });
        return stdout;
    }

    /** The newest recorded picture is what the canvas shows, bit for bit. */
    async function pictureEqualsCanvas() {
        await until('the recorded picture equals the canvas', async () => {
            const before = await canvasPixels(page, session);
            await new Promise((resolve) => setTimeout(resolve, 1500)); // a block is written within half a second
            const recorded = await pngPixels(parts());
            const canvas = await canvasPixels(page, session);
            return Buffer.compare(before.rgb, canvas.rgb) === 0 && Buffer.compare(recorded, canvas.rgb) === 0;
        }, 30000, 10);
    }

    async function type(text) {
        const box = await appliance.windowBox(await appliance.terminal());
        const point = await pagePoint(page, session, box.x + 60, box.y + 60);
        await page.mouse.click(point.x, point.y);
        await page.keyboard.type(text);
    }

    test('an operator requires recordings', async () => {
        const { code } = await appliance.ctl('set', 'recording', 'required');
        assert.equal(code, 0);
        assert.notEqual((await appliance.ctl('set', 'recording', 'perhaps')).code, 0);
        assert.equal((await appliance.ctlJson('show', 'recordings')).recording, 'required');
        page = await openPage(browser.context, `${appliance.url}/console`);
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await firstItem();
        await appliance.auditRow('the policy', (row) => row.action === 'recording.set' && row.result === 'ok');
    });

    test('a session is recorded as it is seen, and everybody is told', async () => {
        await (await firstItem()).click();
        session = await sessionOpened(page);
        await canvasEqualsScreen(page, session, appliance.desktop);
        await tab().getByTestId('chat-log').getByText('This session is recorded.').waitFor();
        await tab().getByTestId('recorded').getByText('This session is recorded').waitFor();
        await type('clear; seq 1 30; echo recorded\n');
        await tab().getByTestId('chat-input').fill('Grüezi, is this better?');
        await tab().getByTestId('chat-send').click();
        await tab().getByTestId('chat-log').getByText('Grüezi, is this better?').waitFor();
        await pictureEqualsCanvas();
        const { code, stdout } = await recording('verify', ...parts());
        assert.equal(code, 1, stdout); // good, and not finished
        assert.match(stdout, /cut between two blocks, not sealed|NOT WHOLE, not sealed/);
    });

    test('kill -9 of the engine: the file is good up to the crash, and goes on in a second part', async () => {
        await pictureEqualsCanvas();
        const seen = await canvasPixels(page, session);
        const [engine] = await appliance.pidsOf('causeway-engine');
        process.kill(engine, 'SIGKILL');
        const [first] = parts();
        const { code, stdout } = await recording('verify', first);
        assert.equal(code, 1, stdout);
        assert.doesNotMatch(stdout, /changed|out of order/);
        assert.equal(Buffer.compare(await pngPixels([first]), seen.rgb), 0, 'the picture of the last second');
        await until('the second part is begun', () => parts().length === 2, 40000, 200);
        await canvasEqualsScreen(page, session, appliance.desktop, 40000);
        await type('clear; echo after the crash\n');
        await pictureEqualsCanvas();
        await until('the first part was sealed beside its file', () => fs.existsSync(`${first}.seal`), 20000, 200);
    });

    test('what has ended is sealed, whole, and exports', async () => {
        await tab().getByTestId('end-session').click();
        await page.getByTestId('end-session-confirm').filter({ visible: true }).click();
        await tab().getByTestId('session-ended').waitFor();
        const files = parts();
        const listed = await until('both parts are sealed', async () => {
            const shown = await appliance.ctlJson('show', 'recordings');
            return shown.recordings.length === 2 && (await recording('verify', '--quiet', ...files)).code === 0
                ? shown : undefined;
        }, 20000, 300).catch(async (error) => {
            throw new Error(`${error.message}\n${(await recording('verify', ...files)).stdout}`);
        });
        assert.equal((await recording('verify', '--quiet', '--seal-key', listed.seal_key, ...files)).code, 0);
        assert.equal((await recording('verify', '--quiet', '--seal-key', 'ab'.repeat(32), ...files)).code, 2);
        assert.deepEqual(listed.recordings.map((row) => row.state).sort(), ['cut', 'whole']);
        await appliance.auditRow('the seal', (row) => row.action === 'recording.seal' && row.object === `session ${session}`);

        const text = (await recording('export', '--text', '-', ...files)).stdout;
        assert.equal(text.match(/: Grüezi, is this better\?/g).length, 1);
        assert.match(text, /joined/);
        assert.match(text, /-- the end: The representative ended the session\. --/);

        const video = path.join(scratch, 'session.webm');
        const made = await recording('export', '--video', video, '--fps', '4', ...files);
        assert.equal(made.code, 0, made.stderr);
        const probe = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration:stream=width,height',
            '-of', 'json', video]);
        const facts = JSON.parse(probe.stdout);
        const length = (await recording('info', ...files)).stdout.match(/ (\d+):(\d+):(\d+)\.(\d),/);
        const seconds = Number(length[1]) * 3600 + Number(length[2]) * 60 + Number(length[3]) + Number(length[4]) / 10;
        assert.ok(Math.abs(Number(facts.format.duration) - seconds) < 0.6, `${facts.format.duration} s, not ${seconds} s`);
        assert.deepEqual([facts.streams[0].width, facts.streams[0].height], [1280, 800]);

        const without = await run(tool, ['export', '--video', path.join(scratch, 'no.webm'), ...files],
            { env: { PATH: '/nowhere' } }).catch((error) => error);
        assert.equal(without.code, 69);
        assert.match(without.stderr, /needs ffmpeg/);
    });

    test('a changed byte and a cut are told with their place', async () => {
        const [, second] = parts();
        const bytes = fs.readFileSync(second);
        const copy = path.join(scratch, path.basename(second));
        const middle = Math.floor(bytes.length / 2);
        bytes[middle] ^= 1;
        fs.writeFileSync(copy, bytes);
        let told = await recording('verify', copy);
        assert.equal(told.code, 2);
        const [, from, to] = told.stdout.match(/changed: bytes (\d+) to (\d+)/).map(Number);
        assert.ok(from <= middle && middle <= to);
        fs.writeFileSync(copy, fs.readFileSync(second).subarray(0, middle));
        told = await recording('verify', copy);
        assert.equal(told.code, 1);
        assert.match(told.stdout, new RegExp(`cut at byte ${middle}, inside block \\d+`));
        assert.equal((await recording('verify', copy.replace('.cwr', '.none'))).code, 66);
    });

    test('without room nobody gets into a session that must be recorded', async () => {
        fs.chmodSync(folder, 0o500);
        const [engine] = await appliance.pidsOf('causeway-engine');
        process.kill(engine, 'SIGKILL');
        await until('the engine is back', async () => {
            const [again] = await appliance.pidsOf('causeway-engine');
            return again && again !== engine;
        });
        try {
            await until('the console is linked again', async () => {
                const { jump_items: [item] } = await appliance.ctlJson('show', 'jump-clients');
                return item.state === 'online';
            }, 40000, 300);
            await page.getByTestId('home-tab').click();
            const told = page.getByText(/must be recorded, and that is not possible/).filter({ visible: true }).first();
            await until('the console says why', async () => { // a click may come before the desktop is back
                await page.getByTestId('home-tab').click();
                await (await firstItem()).click();
                return told.waitFor({ timeout: 5000 }).then(() => true, () => false);
            }, 40000).catch(async (error) => {
                throw new Error(`${error.message}\nThe page says:\n${await page.innerText('body')}`);
            });
            await appliance.auditRow('the refusal', (row) => row.action === 'recording.refuse');
        } finally {
            fs.chmodSync(folder, 0o750);
        }
    });
});
