// SPDX-License-Identifier: Apache-2.0
// One's own account: one-time codes, passkeys, recovery codes, places; and what the page's policy keeps out.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Appliance } from './lib/appliance.mjs';
import { assertAccessible } from './lib/axe.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';
import { shot } from './lib/shots.mjs';

const PASSWORD = 'correct horse battery';

/** RFC 6238 of a base32 secret: SHA-1, 6 digits, 30 s. */
function oneTimeCode(secret, unixMs = Date.now()) {
    const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(unixMs / 30_000)));
    const hash = createHmac('sha1', key).update(counter).digest();
    const at = hash[19] & 15;
    return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('one\'s own sign-in', { concurrency: false, timeout: 300000 }, () => {
    let appliance;
    let browser;
    let page;
    let secret;
    let recovery;

    async function addAuthenticator(target) {
        const devtools = await target.context().newCDPSession(target);
        await devtools.send('WebAuthn.enable');
        await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
            protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
            isUserVerified: true, automaticPresenceSimulation: true,
        } });
    }

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console#/me/security`);
        await page.setViewportSize({ width: 1280, height: 1000 });
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await page.getByTestId('security-page').waitFor();
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    const way = (name) => page.getByTestId(`way-${name}`);

    test('one-time codes: the QR code is drawn, a wrong code is refused, the right one turns them on', async () => {
        await page.getByTestId('codes-set-up').click();
        await page.getByTestId('qr').waitFor();
        secret = await page.getByTestId('setup-secret').innerText();
        await page.getByTestId('setup-code').fill('000000');
        await page.getByTestId('setup-confirm').click();
        await page.getByTestId('setup-error').filter({ hasText: /\w/ }).waitFor();
        await shot(page, 'security-codes');
        await assertAccessible(page, 'setting up one-time codes');
        await page.getByTestId('setup-code').fill(oneTimeCode(secret));
        await page.getByTestId('setup-confirm').click();
        recovery = await page.getByTestId('recovery-codes').locator('code').allTextContents();
        assert.equal(recovery.length, 10);
        await shot(page, 'security-recovery');
        await page.getByTestId('codes-stored').click();
        await page.locator('[data-testid="way-codes"][data-on="true"]').waitFor();
        await way('recovery').getByText('10 left').waitFor();
    });

    test('passkeys: named, listed, up to ten, removed after a question', async () => {
        await addAuthenticator(page);
        await page.getByTestId('passkey-add').click();
        await page.getByTestId('passkey-go').click();
        await page.getByTestId('passkey-error').filter({ hasText: 'Give it a name' }).waitFor();
        await page.getByTestId('passkey-name').fill('<b>Work laptop</b>');
        await page.getByTestId('passkey-go').click();
        const row = page.locator('[data-testid^="passkey-"]').filter({ has: page.getByText('<b>Work laptop</b>', { exact: true }) }).last();
        await row.waitFor();
        await way('passkeys').getByText('1 of 10').waitFor();
        await shot(page, 'security-page');
        await assertAccessible(page, 'sign-in and security');
        await row.getByRole('button').click();
        await page.getByRole('dialog', { name: 'Remove “<b>Work laptop</b>”?' }).waitFor();
        await page.getByTestId('confirm-yes').click();
        await row.waitFor({ state: 'detached' });
    });

    test('recovery codes are renewed, and codes removed, each after a question', async () => {
        await page.getByTestId('recovery-renew').click();
        await page.getByTestId('confirm-yes').click();
        const fresh = await page.getByTestId('recovery-codes').locator('code').allTextContents();
        assert.equal(fresh.filter((code) => recovery.includes(code)).length, 0);
        await page.getByTestId('codes-stored').click();
        await page.getByTestId('codes-remove').click();
        await page.getByTestId('confirm-yes').click();
        await page.locator('[data-testid="way-codes"][data-on="false"]').waitFor();
    });

    test('the password is changed here, and the wrong present one is refused', async () => {
        await page.getByTestId('current-password').fill('not the password');
        await page.getByTestId('new-password').fill(`${PASSWORD} 2`);
        await page.getByTestId('new-password-repeat').fill(`${PASSWORD} 2`);
        await page.getByTestId('change-password').click();
        await page.getByTestId('password-error').filter({ hasText: 'wrong' }).waitFor();
        await page.getByTestId('current-password').fill(PASSWORD);
        await page.getByTestId('change-password').click();
        await page.getByTestId('toasts').getByText('The password was changed.').waitFor();
    });

    test('another browser is listed, and signed out from here at once', async () => {
        const second = await openBrowser();
        try {
            const other = await openPage(second.context, `${appliance.url}/console`);
            await signIn(other, appliance.ready.admin_user, `${PASSWORD} 2`);
            await other.getByTestId('queue').waitFor();
            await other.locator('[data-testid="events-state"][data-up="true"]').waitFor();
            await page.reload();
            const rows = page.getByTestId('security-places').locator('[data-testid^="place-"]');
            await rows.nth(1).waitFor();
            assert.equal(await rows.count(), 2);
            const there = page.locator('[data-testid^="place-"][data-current="false"]');
            await shot(page, 'security-places', ['light']);
            await there.getByRole('button').click();
            await page.getByTestId('confirm-yes').click();
            await there.waitFor({ state: 'detached' });
            await other.getByTestId('user').waitFor();
            await page.locator('[data-testid="events-state"][data-up="true"]').waitFor();
            await page.getByTestId('security-page').waitFor();
        } finally {
            await second.close();
        }
    });

    test('after ten minutes the way to sign in is changed only by who signs in again', async () => {
        await page.route('**/api/v1/me/totp', (route) => route.fulfill({
            status: 403, contentType: 'application/json',
            body: JSON.stringify({ error: { code: 'SIGN_IN_AGAIN', message: 'Sign in again first.' } }),
        }));
        await page.getByTestId('codes-set-up').click();
        await page.getByTestId('page-error').getByText('Sign in again first.').waitFor();
        await page.unroute('**/api/v1/me/totp');
        await page.getByTestId('sign-in-again').click();
        await signIn(page, appliance.ready.admin_user, `${PASSWORD} 2`);
        await page.getByTestId('security-page').waitFor();
        await page.getByTestId('codes-set-up').click();
        await page.getByTestId('qr').waitFor();
        await page.keyboard.press('Escape');
    });

    test('nothing went wrong so far: no script error, no breach of the policy', () => {
        assert.deepEqual(page.problems, []);
    });

    test('Trusted Types: no text becomes markup or script, on both pages', async () => {
        const outcomes = [];
        for (const where of ['/console', '/']) {
            const response = await page.goto(`${appliance.url}${where}`);
            const policy = response.headers()['content-security-policy'];
            assert.match(policy, /require-trusted-types-for 'script'; trusted-types causeway-worker/);
            assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/);
            outcomes.push(await page.evaluate(() => {
                const tries = {
                    markup: () => { document.body.innerHTML = '<img src=x>'; },
                    script: () => { document.createElement('script').text = '1'; },
                    policy: () => window.trustedTypes.createPolicy('any', { createHTML: (text) => text }),
                    parser: () => new DOMParser().parseFromString('<b>', 'text/html'),
                };
                return Object.entries(tries).map(([name, run]) => {
                    try {
                        run();
                        return `${name} was let through`;
                    } catch {
                        return `${name} was stopped`;
                    }
                });
            }));
        }
        const stopped = ['markup was stopped', 'script was stopped', 'policy was stopped', 'parser was stopped'];
        assert.deepEqual(outcomes, [stopped, stopped]);
    });
});
