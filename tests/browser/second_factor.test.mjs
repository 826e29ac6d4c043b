// SPDX-License-Identifier: Apache-2.0
// Signing in step by step: agreement, second factor that is required, authenticator, recovery code.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Appliance } from './lib/appliance.mjs';
import { changePassword, openBrowser, openPage, signIn } from './lib/console.mjs';

const PASSWORD = 'correct horse battery';

describe('signing in with a second factor', { concurrency: false, timeout: 180000 }, () => {
    let appliance;
    let browser;
    let page;
    let recovery;

    before(async () => {
        appliance = await Appliance.start();
        browser = await openBrowser();
        page = await openPage(browser.context, `${appliance.url}/console`);
        const devtools = await browser.context.newCDPSession(page);
        await devtools.send('WebAuthn.enable');
        await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
            protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
            isUserVerified: true, automaticPresenceSimulation: true,
        } });
    });

    after(async () => {
        await browser?.close();
        await appliance?.stop();
    });

    const home = () => page.getByTestId('create-session-key').waitFor();
    const firstStep = () => signIn(page, appliance.ready.admin_user, PASSWORD);

    async function signOut() {
        await page.request.post(`${appliance.url}/api/v1/sign-out`, { data: {}, headers: { Origin: appliance.url } });
        await page.goto(`${appliance.url}/console`);
        await page.getByTestId('user').waitFor();
    }

    async function operator(...words) {
        const { code, stderr } = await appliance.ctl(...words);
        assert.equal(code, 0, stderr);
    }

    test('an agreement is accepted and an authenticator set up before anything else', async () => {
        await signIn(page, appliance.ready.admin_user, appliance.ready.one_time_password);
        await changePassword(page, PASSWORD);
        await home();
        await operator('set', 'agreement', 'House rules', 'Be kind to customers.');
        await operator('set', 'option', 'sign_in.second_factor', 'required');
        await signOut();
        await firstStep();
        await page.getByTestId('agreement-text').getByText('Be kind to customers.').waitFor();
        await page.getByTestId('agreement-accept').click();
        await page.getByTestId('setup-secret').waitFor();
        await page.getByTestId('setup-authenticator').click();
        recovery = await page.getByTestId('recovery-codes').locator('code').allTextContents();
        assert.equal(recovery.length, 10);
        await page.getByTestId('setup-done').click();
        await home();
    });

    test('the authenticator is the second step', async () => {
        await signOut();
        await firstStep();
        await page.getByTestId('factor-go').click();
        await home();
    });

    test('the authenticator signs in alone', async () => {
        await signOut();
        await page.getByTestId('sign-in-authenticator').click();
        await home();
    });

    test('a recovery code lets in once', async () => {
        for (const lets_in of [true, false]) {
            await signOut();
            await firstStep();
            await page.getByTestId('factor-recovery_code').click();
            await page.getByTestId('factor-code').fill(recovery[0]);
            await page.getByTestId('factor-go').click();
            if (lets_in)
                await home();
            else
                await page.getByTestId('factor-error').getByText('recovery codes').waitFor();
        }
        assert.deepEqual(page.problems, []);
    });

    test('the operator takes the second factor away', async () => {
        await operator('reset', 'second-factor', '1');
        await operator('set', 'option', 'sign_in.second_factor', 'optional');
        await signOut();
        await firstStep();
        await home();
    });
});
