/* SPDX-License-Identifier: Apache-2.0 */
/* Small hooks that views share. */
import { useEffect, useReducer, useState } from 'preact/hooks';
import type { Observable } from '../observable';

/* Draws the component again whenever the observable changed. */
export function useWatch(observable: Observable): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => observable.watch(() => redraw(undefined)), [observable]);
}

/* The time now, redrawn every interval. */
export function useNow(intervalMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return now;
}
