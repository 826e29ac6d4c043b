/* SPDX-License-Identifier: Apache-2.0 */
/* What the representative chose for the picture, remembered for the next session in this browser. */
import { SCREEN_COLOURS, type ScreenSettings } from '../wire/message';

export type ColourChoice = keyof typeof SCREEN_COLOURS;
export const colourChoices: readonly ColourChoice[] = ['grey', 'few', 'more', 'full', 'video'];

const KEY = 'causeway.screen';

export function loadScreenSettings(): ScreenSettings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (stored !== null && typeof stored === 'object' && 'colours' in stored && 'losslessOnly' in stored &&
        Object.values(SCREEN_COLOURS).some((number) => number === stored.colours)) {
      return { colours: Number(stored.colours), losslessOnly: stored.losslessOnly === true };
    }
  } catch {
    /* Storage may be forbidden, or hold what another version wrote. */
  }
  return { colours: SCREEN_COLOURS.full, losslessOnly: false };
}

export function storeScreenSettings(settings: ScreenSettings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    /* Then it holds for this page only. */
  }
}

export function choiceOf(settings: ScreenSettings): ColourChoice {
  return colourChoices.find((choice) => SCREEN_COLOURS[choice] === settings.colours) ?? 'full';
}
