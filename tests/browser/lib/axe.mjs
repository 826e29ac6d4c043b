// SPDX-License-Identifier: Apache-2.0
// The accessibility checker over a page of the console or the portal: WCAG 2.1 A and AA, light and dark.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then((result) => ({
    passes: result.passes.length,
    found: result.violations.map((one) => one.id + ' (' + one.impact + '): ' + one.help + '\\n'
        + one.nodes.map((node) => '    ' + node.target.join(' ') + '  ' + node.html.slice(0, 200)
            + '\\n        ' + [...node.any, ...node.all, ...node.none].map((why) => why.message).join('; ')).join('\\n')),
}))`;

/** What axe finds on the page as it is now: sentences. In a world of its own, so that the page's policy does not matter. */
export async function axeFindings(page) {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
    await session.send('Runtime.evaluate', { contextId: executionContextId, expression: axe });
    const { result } = await session.send('Runtime.evaluate', {
        contextId: executionContextId, awaitPromise: true, returnByValue: true, expression: run,
    });
    await session.detach();
    assert.ok(result.value?.passes > 5, 'axe looked at the page');
    return result.value.found;
}

/** The page is clean in light and dark. what: the view's name, for the message. */
export async function assertAccessible(page, what) {
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.waitForTimeout(300); // colours move for a moment
        const found = await axeFindings(page);
        assert.equal(found.length, 0, `${what}, ${colorScheme}:\n${found.join('\n')}`);
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}
