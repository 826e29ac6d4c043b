/* SPDX-License-Identifier: Apache-2.0 */
/* What the portal says, in the language of the customer's browser. A live binding, as in index.ts. */
import { languageOfBrowser, speak } from './common';
import { en } from './en/portal_page';
import type { Language, Text } from './types';

export let text: Text<typeof en> = en;

export async function chooseLanguage(wanted: Language | null): Promise<void> {
  const chosen = wanted ?? languageOfBrowser(navigator.languages);
  text = chosen === 'de' ? (await import('./de/portal_page')).de : en;
  speak(chosen, text.common);
}
