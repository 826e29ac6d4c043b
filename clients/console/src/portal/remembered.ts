/* SPDX-License-Identifier: Apache-2.0 */
/* The language that somebody chose here, for the next visit. */
import { languages, type Language } from '../text/types';

const NAME = 'causeway.portal.language';

export function rememberedLanguage(): Language | null {
  try {
    const kept = localStorage.getItem(NAME);
    return languages.find((one) => one === kept) ?? null;
  } catch {
    return null;
  }
}

export function rememberLanguage(chosen: Language): void {
  try {
    localStorage.setItem(NAME, chosen);
  } catch {
    /* A browser that keeps nothing asks its own settings each time. */
  }
}
