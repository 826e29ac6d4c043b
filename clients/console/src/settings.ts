/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the console, as the appliance merged them, and carrying out those that concern the whole page.
 *
 * The last look (theme, language, density) is also remembered on this computer, so that the next page does not begin
 * in another one. Who changed it hears of it by `onNotice`: an administrator forced or suggested something.
 */
import { settingsApi, type ConsoleSetting } from './api/settings';
import { Observable } from './observable';
import { chooseLanguage } from './text';
import { languages, type Language } from './text/types';
import { startTheme, useTheme, type Theme } from './theme';

const LOOK_KEY = 'causeway.look';
const themes: readonly string[] = ['system', 'light', 'dark', 'high_contrast'];

function lookOf(): Record<string, string> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(LOOK_KEY) ?? '{}');
    return typeof found === 'object' && found !== null ? found as Record<string, string> : {};
  } catch {
    return {};
  }
}

class Settings extends Observable {
  rows: readonly ConsoleSetting[] = [];
  #choosing = 0;

  /* '' for one that this appliance does not know. */
  value(name: string): string {
    return this.rows.find((row) => row.name === name)?.value ?? '';
  }

  isOn(name: string): boolean {
    return this.value(name) === 'on';
  }

  /* Before anybody is signed in: as it was last. */
  async begin(): Promise<void> {
    const look = lookOf();
    startTheme(themes.includes(look.theme ?? '') ? look.theme as Theme : 'system');
    await this.#useLanguage(look.language ?? '');
  }

  /* Fetches them again; names that changed by somebody else's doing. */
  async load(): Promise<readonly ConsoleSetting[]> {
    const before = new Map(this.rows.map((row) => [row.name, row.value]));
    const own = this.#choosing > 0;
    this.rows = (await settingsApi.list()).settings;
    await this.#apply();
    return own ? [] : this.rows.filter((row) => before.has(row.name) && before.get(row.name) !== row.value);
  }

  async choose(name: string, value: string): Promise<void> {
    await this.#change(() => settingsApi.choose(name, value));
  }

  async restore(): Promise<void> {
    await this.#change(() => settingsApi.restore());
  }

  async #change(run: () => Promise<unknown>): Promise<void> {
    this.#choosing++;
    try {
      await run();
      await this.load();
    } finally {
      this.#choosing--;
    }
  }

  async #apply(): Promise<void> {
    const look = { theme: this.value('theme'), language: this.value('language'), density: this.value('density') };
    useTheme(themes.includes(look.theme) ? look.theme as Theme : 'system');
    document.documentElement.dataset.density = look.density;
    await this.#useLanguage(look.language);
    try {
      localStorage.setItem(LOOK_KEY, JSON.stringify(look));
    } catch {
      /* Storage is off: the next page begins with the computer's look. */
    }
    this.changed();
  }

  async #useLanguage(wanted: string): Promise<void> {
    await chooseLanguage(languages.includes(wanted as Language) ? wanted as Language : null);
  }
}

export const settings = new Settings();
