/* SPDX-License-Identifier: Apache-2.0 */
/* What this computer remembers for an account: columns, order, widths. Not settings: those are the appliance's.
 *
 * Limits: one key an account; what is not readable any more counts as not there.
 */
import { useEffect, useState } from 'preact/hooks';

const KEY = 'causeway.remembered';
const WRITE_AFTER_MS = 200;

class Remembered {
  #key = `${KEY}.0`;
  #values: Record<string, unknown> = {};
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    if (typeof window !== 'undefined') {
      window.addEventListener('pagehide', () => this.flush());
    }
  }

  /* From now on for this account. */
  open(account: number): void {
    this.flush();
    this.#key = `${KEY}.${account}`;
    this.#values = {};
    try {
      const found: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '{}');
      if (typeof found === 'object' && found !== null && !Array.isArray(found)) {
        this.#values = found as Record<string, unknown>;
      }
    } catch {
      /* Storage is off or holds something else: nothing is remembered. */
    }
  }

  /* is: whether what was stored, perhaps by an older version, is still of the form. */
  get<T>(name: string, otherwise: T, is: (value: unknown) => value is T): T {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return is(value) ? value : otherwise;
  }

  set(name: string, value: unknown): void {
    this.#values[name] = value;
    this.#timer ??= setTimeout(() => this.flush(), WRITE_AFTER_MS);
  }

  flush(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
      try {
        localStorage.setItem(this.#key, JSON.stringify(this.#values));
      } catch {
        /* Storage is off or full: it lasts until the page is left. */
      }
    }
  }
}

export const remembered = new Remembered();

export const isString = (value: unknown): value is string => typeof value === 'string';
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
export const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);

/* Like useState, and there again after the page was loaded again. */
export function useRemembered<T>(
  name: string, initial: T, is: (value: unknown) => value is T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => remembered.get(name, initial, is));
  useEffect(() => () => remembered.flush(), []);
  return [value, (next: T) => {
    remembered.set(name, next);
    setValue(next);
  }];
}
