// SPDX-License-Identifier: Apache-2.0
// Pictures of each state for people to look at: SCREENSHOTS=folder keeps them.
import fs from 'node:fs';
import path from 'node:path';

const folder = process.env.SCREENSHOTS;

/** NAME-light.png and NAME-dark.png of the page as it is; nothing without SCREENSHOTS. */
export async function shot(page, name, schemes = ['light', 'dark']) {
    if (!folder)
        return;
    fs.mkdirSync(folder, { recursive: true });
    for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(250); // colours move for a moment
        await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: 'light' });
}
