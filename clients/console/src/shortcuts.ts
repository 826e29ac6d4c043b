/* SPDX-License-Identifier: Apache-2.0 */
/* Keyboard shortcuts: a registry, so that `?` can show every one that there is just now.
 *
 * keys: 'j', '?', 'g q' (one after the other), 'Ctrl+Enter', 'Escape'. A key alone counts only outside of fields, never
 * on the remote screen, and not at all when the setting "shortcuts" is off (WCAG 2.1.4); one with Ctrl or Alt
 * counts always.
 */
import { useEffect } from 'preact/hooks';
import { Observable } from './observable';
import { settings } from './settings';

export interface Shortcut {
  readonly keys: string;
  readonly scope: string; /* the heading in the list: 'Everywhere', 'Queues' */
  readonly meaning: string;
  readonly run: () => void;
}

const SECOND_KEY_MS = 1_200;

export function keyName(event: KeyboardEvent): string {
  const parts = [event.ctrlKey && 'Ctrl', event.altKey && 'Alt', event.metaKey && 'Meta',
    event.shiftKey && event.key.length > 1 && 'Shift'].filter(Boolean);
  return [...parts, event.key.length === 1 ? event.key.toLowerCase() : event.key].join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="application"]') !== null);
}

class Shortcuts extends Observable {
  #all = new Set<Shortcut>();
  #first = '';
  #firstAt = 0;

  get list(): readonly Shortcut[] {
    return [...this.#all];
  }

  add(shortcuts: readonly Shortcut[]): () => void {
    shortcuts.forEach((one) => this.#all.add(one));
    this.changed();
    return () => {
      shortcuts.forEach((one) => this.#all.delete(one));
      this.changed();
    };
  }

  start(): void {
    window.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.repeat) {
      return;
    }
    const name = keyName(event);
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (plain && (isTyping(event.target) || settings.value('shortcuts') === 'off' || document.querySelector('dialog[open]'))) {
      return;
    }
    const chain = Date.now() - this.#firstAt < SECOND_KEY_MS ? `${this.#first} ${name}` : '';
    const all = [...this.#all].reverse();
    const found = all.find((one) => one.keys === chain) ?? all.find((one) => one.keys === name);
    this.#first = found ? '' : name;
    this.#firstAt = Date.now();
    if (found) {
      event.preventDefault();
      found.run();
    }
  }
}

export const shortcuts = new Shortcuts();

/* Those of a page, while it is shown. What they close over is read anew at each drawing. */
export function useShortcuts(list: readonly Shortcut[]): void {
  useEffect(() => shortcuts.add(list));
}
