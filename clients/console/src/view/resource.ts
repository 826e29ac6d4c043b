/* SPDX-License-Identifier: Apache-2.0 */
/* What a page shows of the appliance: fetched, kept while it is fetched again, refreshed by events.
 *
 *   const users = useResource(() => usersApi.list(), ['accounts_changed']);
 *   users.value (null until it is there), users.error, users.reload()
 */
import { useEffect, useReducer, useRef } from 'preact/hooks';
import { ApiError, sentence } from '../api/request';
import { onEventBursts } from '../live_events';

export interface Resource<T> {
  readonly value: T | null;
  readonly error: string; /* '' when the last try went well */
  readonly refused: boolean; /* one may not see it */
  readonly loading: boolean; /* a try is under way */
  reload(): Promise<void>;
  /* Shows this instead, until it is fetched again: the answer of a change. */
  put(value: T): void;
}

/* Events come in bursts; one fetch answers them all. */
const GATHER_MS = 80;

/* keys: fetch anew, and show nothing old, when one of them differs. */
export function useResource<T>(
  load: () => Promise<T>, events: readonly string[] = [], keys: readonly unknown[] = [],
): Resource<T> {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const latest = useRef(load);
  latest.current = load;
  const kept = useRef<{ value: T | null; error: string; refused: boolean; loading: boolean; turn: number; keys: string }>({
    value: null, error: '', refused: false, loading: true, turn: 0, keys: '',
  });
  const key = JSON.stringify(keys);
  if (kept.current.keys !== key) {
    kept.current = { value: null, error: '', refused: false, loading: true, turn: kept.current.turn + 1, keys: key };
  }

  const reload = async () => {
    const turn = ++kept.current.turn;
    kept.current.loading = true;
    try {
      const value = await latest.current();
      if (turn === kept.current.turn) {
        Object.assign(kept.current, { value, error: '', refused: false });
      }
    } catch (error) {
      if (turn === kept.current.turn) {
        Object.assign(kept.current, {
          error: sentence(error), refused: error instanceof ApiError && error.status === 403,
        });
      }
    }
    if (turn === kept.current.turn) {
      kept.current.loading = false;
      redraw(undefined);
    }
  };
  useEffect(() => {
    void reload();
    return () => {
      kept.current.turn++; /* an answer that comes later is nobody's */
    };
  }, [key]);
  useEffect(() => onEventBursts([...events, 'reconnected'], GATHER_MS, () => void reload()), [events.join(' ')]);
  return {
    value: kept.current.value,
    error: kept.current.error,
    refused: kept.current.refused,
    loading: kept.current.loading,
    reload,
    put: (value: T) => {
      kept.current.turn++;
      Object.assign(kept.current, { value, error: '', loading: false });
      redraw(undefined);
    },
  };
}

/* Every page of a listing with `after`, up to most rows. */
export async function loadAll<R>(
  page: (after: number) => Promise<{ rows: readonly R[]; next: number | null }>, most = 10_000,
): Promise<R[]> {
  const all: R[] = [];
  let after: number | null = 0;
  while (after !== null && all.length < most) {
    const { rows, next }: { rows: readonly R[]; next: number | null } = await page(after);
    all.push(...rows);
    after = rows.length === 0 ? null : next;
  }
  return all;
}
