/* SPDX-License-Identifier: Apache-2.0 */
/* Small hooks that views share. */
import { useEffect, useLayoutEffect, useReducer, useState } from 'preact/hooks';
import type { Observable } from '../observable';

/* Draws the component again whenever the observable changed; watched from the moment it is drawn: an effect after the
 * paint would miss what came in between. */
export function useWatch(observable: Observable | null): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => observable?.watch(() => redraw(undefined)), [observable]);
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
