// SPDX-License-Identifier: Apache-2.0
// The table, the form and the menu that pages are made of, in Chromium: 75,000 rows, keyboard, what is drawn.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const consoleDir = path.join(here, '../../../clients/console');
const require = createRequire(path.join(consoleDir, 'build.mjs'));
const screenshots = process.env.SCREENSHOTS;
let server;
let browser;
let page;
const problems = [];

async function bundle() {
    const { build } = require('esbuild');
    const common = { bundle: true, write: false, absWorkingDir: consoleDir, nodePaths: [path.join(consoleDir, 'node_modules')] };
    const script = await build({ ...common, entryPoints: [path.join(here, 'table_page.tsx')], format: 'esm', jsx: 'automatic',
        jsxImportSource: 'preact', target: ['es2022'] });
    const style = await build({ ...common, entryPoints: ['src/style/main.css'] });
    return { '/script.js': ['text/javascript', script.outputFiles[0].text], '/style.css': ['text/css', style.outputFiles[0].text],
        '/': ['text/html; charset=utf-8', '<!doctype html><html lang="en" class="console"><title>table</title><link rel="stylesheet" '
            + 'href="/style.css"><script type="module" src="/script.js"></script><div id="app"></div>'] };
}

async function shot(name) {
    if (!screenshots)
        return;
    mkdirSync(screenshots, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: path.join(screenshots, `${name}-${colorScheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: 'light' });
}

before(async () => {
    const files = await bundle();
    server = http.createServer((request, response) => {
        const [type, body] = files[request.url] ?? [];
        response.writeHead(body ? 200 : 404, { 'Content-Type': type ?? 'text/plain',
            'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'" });
        response.end(body ?? '');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && !/404/.test(message.text()) && problems.push(message.text()));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.getByTestId('row-1').waitFor({ timeout: 5000 }).catch((error) => {
        throw new Error(`${error.message}\n${problems.join('\n')}`);
    });
});

after(async () => {
    await browser?.close();
    server?.close();
});

const drawn = () => page.locator('.table-rows > [role="row"]').count();
const grid = () => page.getByRole('grid', { name: 'Computers' });
const activeRow = () => grid().evaluate((element) => {
    const row = document.getElementById(element.getAttribute('aria-activedescendant'));
    return row && { index: Number(row.getAttribute('aria-rowindex')), text: row.innerText, top: row.getBoundingClientRect().top,
        bottom: row.getBoundingClientRect().bottom, grid: element.getBoundingClientRect().toJSON() };
});

test('only rows in sight are drawn, and the whole list is there for a screen reader', async () => {
    assert.ok(await drawn() < 60, `${await drawn()} rows are drawn`);
    assert.equal(await grid().getAttribute('aria-rowcount'), '75001');
    await grid().evaluate((element) => { element.scrollTop = 40_000 * 40; });
    await page.getByTestId('row-40001').waitFor();
    assert.ok(await drawn() < 60, `${await drawn()} rows are drawn`);
    assert.equal(await page.getByTestId('row-40001').getAttribute('aria-rowindex'), '40002');
});

test('keys move, keep the row in sight, open and select', async () => {
    await grid().focus();
    await page.keyboard.press('End');
    assert.equal((await activeRow()).index, 75001);
    await page.keyboard.press('Home');
    for (let step = 0; step < 30; step++)
        await page.keyboard.press('ArrowDown');
    const row = await activeRow();
    assert.equal(row.index, 32);
    assert.ok(row.bottom <= row.grid.bottom + 1 && row.top >= row.grid.top, 'the row is in sight');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => window.opened.length), 1);
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    assert.equal(await page.getByTestId('selected').innerText(), '3');
    await page.keyboard.press('Control+a');
    assert.equal(await page.getByTestId('selected').innerText(), '75000');
    await page.keyboard.press('Control+a');
    assert.equal(await page.getByTestId('selected').count(), 0);
});

test('sorting by a head, both ways; columns are chosen and remembered', async () => {
    await page.getByTestId('sort-name').click();
    await grid().focus();
    await page.keyboard.press('Home');
    assert.match((await activeRow()).text, /^pc 0\b/);
    await page.getByTestId('sort-name').click();
    await grid().focus();
    await page.keyboard.press('Home');
    assert.match((await activeRow()).text, /^pc 74999\b/);
    assert.equal(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort'), 'descending');
    await page.getByTestId('demo-columns').click();
    await shot('table-columns');
    await page.getByTestId('column-id').click();
    const [head, cell] = await Promise.all([page.getByRole('columnheader', { name: 'Number' }).boundingBox(),
        page.locator('.table-rows [role="row"]').first().locator('[role="gridcell"]').nth(4).boundingBox()]);
    assert.equal(head.x, cell.x, 'a head stands above its cells');
    assert.ok(head.x + head.width <= (await grid().boundingBox()).x + (await grid().boundingBox()).width, 'the head is in sight');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'demo-columns');
});

test('a filter that nothing passes says so', async () => {
    await page.getByTestId('filter').fill('no such thing');
    await page.getByText('Nothing matches').waitFor();
    await page.getByTestId('filter').fill('pc 11');
    await shot('table');
    await page.getByTestId('filter').fill('');
});

test('a paged list fetches what is in sight, once, and keeps rows while it is refreshed', async () => {
    await page.goto(`http://127.0.0.1:${server.address().port}/#paged`);
    await page.reload();
    await page.getByTestId('row-1').waitFor();
    assert.deepEqual(await page.evaluate(() => window.asked), ['0+100']);
    await grid().evaluate((element) => { element.scrollTop = 50_000 * 40; });
    await page.getByTestId('row-50001').waitFor();
    assert.deepEqual(await page.evaluate(() => window.asked), ['0+100', '49900+100', '50000+100']);
});

test('a form says what is wrong, saves what changed, and asks before it is left', async () => {
    const save = page.getByTestId('form-save');
    assert.ok(await save.isDisabled());
    await page.getByTestId('field-name').fill('');
    await save.click();
    await page.getByText('A name is needed.').waitFor();
    assert.equal(await page.getByTestId('field-name').getAttribute('aria-invalid'), 'true');
    await page.getByTestId('field-name').fill('pc 2');
    await page.evaluate(() => { location.hash = '#/elsewhere'; });
    await page.getByTestId('confirm-no').click();
    assert.equal(new URL(page.url()).hash, '#paged');
    await shot('form');
    await save.click();
    await page.waitForFunction(() => window.saved.length === 1);
    assert.deepEqual(await page.evaluate(() => window.saved), [{ name: 'pc 2' }]);
    assert.ok(await save.isDisabled());
});

test('a menu is opened, walked and left with the keyboard', async () => {
    const opener = page.getByTestId('row-50001').getByRole('button');
    await opener.focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor();
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Remove');
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('menu').count(), 0);
    assert.ok(await opener.evaluate((element) => element === document.activeElement));
});

test('nothing went wrong on the way', () => assert.deepEqual(problems, []));
