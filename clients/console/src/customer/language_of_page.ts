/* SPDX-License-Identifier: Apache-2.0 */
/* The language that the page around this one speaks, as <html lang> says: the texts here follow it. */
import { Observable } from '../observable';
import { followLanguage } from './text';

export class LanguageOfPage extends Observable {
  #observer = new MutationObserver(() => this.#follow());

  constructor() {
    super();
    this.#observer.observe(document.documentElement, { attributes: true, attributeFilter: ['lang'] });
  }

  free(): void {
    this.#observer.disconnect();
  }

  #follow(): void {
    void followLanguage().then(() => this.changed());
  }
}
