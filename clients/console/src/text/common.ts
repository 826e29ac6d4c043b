/* SPDX-License-Identifier: Apache-2.0 */
/* The chosen language, and the texts that modules of both pages share. The page's own index (index.ts of the
 * console, portal.ts of the portal) chooses; `common` is a live binding, never to be captured at module load. */
import { common as english } from './en/common';
import { useLocale } from './format';
import { languages, type Language, type Text } from './types';

export let common: Text<typeof english> = english;
export let language: Language = 'en';

/* The first language of the browser that there is, else English. */
export function languageOfBrowser(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = languages.find((one) => tag.toLowerCase().split('-')[0] === one);
    if (found) {
      return found;
    }
  }
  return 'en';
}

export function speak(chosen: Language, texts: Text<typeof english>): void {
  language = chosen;
  common = texts;
  document.documentElement.lang = chosen;
  /* The region of the browser decides how dates look, when it is of this language. */
  useLocale(navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${chosen}-`))
    ?? (chosen === 'de' ? 'de-DE' : 'en-GB'));
}

/* Why a connection was closed. The appliance's own sentence is English and more exact. */
export function closeText(code: number | null, sent: string): string {
  const known = code !== null ? (common.closed as Readonly<Record<number, string>>)[code] : undefined;
  if (sent !== '' && (language === 'en' || known === undefined)) {
    return sent;
  }
  return known ?? common.connectionLost;
}
