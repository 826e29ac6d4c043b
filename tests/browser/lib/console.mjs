// SPDX-License-Identifier: Apache-2.0
// What a representative does in the console, through Chromium.
import { chromium } from 'playwright-core';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { rootPixels, until } from './appliance.mjs';

export async function openBrowser(more = []) {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: '/usr/bin/chromium', headless: true, ignoreHTTPSErrors: true,
        viewport: { width: 1600, height: 1000 },
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync', ...more],
    });
    context.setDefaultTimeout(12000);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    return {
        context,
        async close() {
            await context.close();
            fs.rmSync(profile, { recursive: true, force: true });
        },
    };
}

/** A page whose console errors and CSP violations are collected in `page.problems`. */
export async function openPage(context, url) {
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(String(error)));
    page.on('console', (message) => {
        if (message.type() === 'error' && !/status of (401|403|404|409|410|429)/.test(message.text()))
            page.problems.push(message.text());
    });
    await page.goto(url);
    return page;
}

export async function signIn(page, user, password) {
    await page.getByTestId('user').fill(user);
    await page.getByTestId('password').fill(password);
    await page.getByTestId('sign-in').click();
}

export async function changePassword(page, password) {
    await page.getByTestId('new-password').fill(password);
    await page.getByTestId('new-password-repeat').fill(password);
    await page.getByTestId('change-password').click();
}

/** The session id of the tab that opened last. */
export async function sessionOpened(page) {
    const canvas = page.locator('[data-testid^="screen-"]').last();
    await canvas.waitFor({ timeout: 15000 });
    return Number((await canvas.getAttribute('data-testid')).slice('screen-'.length));
}

/** The canvas as { width, height, rgb }. */
export async function canvasPixels(page, session) {
    const { width, height, data } = await page.getByTestId(`screen-${session}`).evaluate((canvas) => {
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const rgb = new Uint8Array(canvas.width * canvas.height * 3);
        for (let from = 0, to = 0; from < pixels.length; from += 4) {
            rgb[to++] = pixels[from];
            rgb[to++] = pixels[from + 1];
            rgb[to++] = pixels[from + 2];
        }
        let text = '';
        for (let at = 0; at < rgb.length; at += 32768)
            text += String.fromCharCode(...rgb.subarray(at, at + 32768));
        return { width: canvas.width, height: canvas.height, data: btoa(text) };
    });
    return { width, height, rgb: Buffer.from(data, 'base64') };
}

/** Waits until the canvas shows exactly what the X server shows. */
export async function canvasEqualsScreen(page, session, environment, timeoutMs = 15000) {
    let difference = 'nothing was compared';
    await until('the canvas equals the X server\'s pixels', async () => {
        const screen = await rootPixels(environment);
        const canvas = await canvasPixels(page, session);
        if (screen.width !== canvas.width || screen.height !== canvas.height) {
            difference = `screen ${screen.width}x${screen.height}, canvas ${canvas.width}x${canvas.height}`;
            return false;
        }
        if (Buffer.compare(screen.rgb, canvas.rgb) === 0)
            return true;
        let count = 0;
        for (let i = 0; i < screen.rgb.length; i += 3)
            count += screen.rgb.subarray(i, i + 3).equals(canvas.rgb.subarray(i, i + 3)) ? 0 : 1;
        difference = `${count} pixels differ`;
        return false;
    }, timeoutMs, 200).catch((error) => {
        throw new Error(`${error.message}: ${difference}`);
    });
    const { rgb } = await canvasPixels(page, session);
    const colours = new Set();
    for (let i = 0; i < rgb.length && colours.size < 3; i += 3)
        colours.add(rgb.readUIntBE(i, 3));
    if (colours.size < 3)
        throw new Error('the screen is blank: nothing was proven');
}

/** Page coordinates of a pixel of the remote screen. */
export async function pagePoint(page, session, x, y) {
    const canvas = page.getByTestId(`screen-${session}`);
    const box = await canvas.boundingBox();
    const size = await canvas.evaluate((element) => ({ width: element.width, height: element.height }));
    return { x: box.x + (x + 0.5) * box.width / size.width, y: box.y + (y + 0.5) * box.height / size.height };
}
