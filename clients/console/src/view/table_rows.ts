/* SPDX-License-Identifier: Apache-2.0 */
/* What a table shows: an array, or a list of the appliance of which only the pages in sight are fetched. */
import { sentence } from '../api/request';
import { Observable } from '../observable';

export interface Part<R> {
  readonly rows: readonly R[];
  readonly count: number; /* of all */
}

const PAGE_ROWS = 100;
/* Beyond it the pages that were looked at longest ago are let go. */
const PAGES_KEPT_MAX = 60;

export class PagedRows<R> extends Observable {
  count: number | null = null; /* null: not known yet */
  error = '';
  #pages = new Map<number, readonly R[]>();
  #stale = new Set<number>();
  #asked = new Set<number>();
  #turn = 0;

  /* fetch: rows from..from+count of the list as it is sorted and filtered now. */
  constructor(private readonly fetch: (from: number, count: number) => Promise<Part<R>>) {
    super();
  }

  row(index: number): R | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  /* These are in sight. */
  need(from: number, to: number): void {
    for (let page = Math.floor(from / PAGE_ROWS); page <= Math.floor(Math.max(from, to - 1) / PAGE_ROWS); page++) {
      if (!this.#asked.has(page) && (!this.#pages.has(page) || this.#stale.has(page))) {
        void this.#load(page);
      }
    }
  }

  /* Something changed: rows stay until what is in sight was fetched again. */
  refresh(): void {
    this.#turn++;
    this.#asked.clear();
    this.#stale = new Set(this.#pages.keys());
    this.error = '';
    this.changed();
  }

  /* Another filter or order: nothing of the old list is shown. */
  reset(): void {
    this.#pages.clear();
    this.count = null;
    this.refresh();
  }

  async #load(page: number): Promise<void> {
    const turn = this.#turn;
    this.#asked.add(page);
    try {
      const part = await this.fetch(page * PAGE_ROWS, PAGE_ROWS);
      if (turn !== this.#turn) {
        return;
      }
      this.#pages.delete(page); /* so that it is the youngest */
      this.#pages.set(page, part.rows);
      this.#stale.delete(page);
      this.count = part.count;
      this.error = '';
      for (const old of this.#pages.keys()) {
        if (this.#pages.size <= PAGES_KEPT_MAX) {
          break;
        }
        this.#pages.delete(old);
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.error = sentence(error);
        this.count ??= 0;
      }
    }
    if (turn === this.#turn) {
      this.#asked.delete(page);
      this.changed();
    }
  }
}

/* The rows of a page that are drawn: those in sight and some before and behind them. */
export function windowOf(
  scrollTop: number, height: number, rowHeight: number, count: number, spare: number,
): { from: number; to: number } {
  const first = Math.floor(scrollTop / rowHeight) - spare;
  const last = Math.ceil((scrollTop + height) / rowHeight) + spare;
  const to = Math.max(0, Math.min(count, last));
  return { from: Math.max(0, Math.min(first, to)), to };
}

/* Where scrollTop must be for a row to be in sight; the present one when it is. */
export function scrollFor(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) {
    return top;
  }
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
