/* SPDX-License-Identifier: Apache-2.0 */
/* What the console says, in the chosen language. A live binding: read it where it is shown, never at module load. */
import { languageOfBrowser, speak } from './common';
import { en } from './en';
import type { Language, Text } from './types';

export let text: Text<typeof en> = en;

/* wanted: the setting of the person; null takes the browser's language. */
export async function chooseLanguage(wanted: Language | null): Promise<void> {
  const chosen = wanted ?? languageOfBrowser(navigator.languages);
  text = chosen === 'de' ? (await import('./de')).de : en;
  speak(chosen, text.common);
}
