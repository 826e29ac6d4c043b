/* SPDX-License-Identifier: Apache-2.0 */
/* Hands the events of the one live connection to whoever wants them. The events are control/API.md's, and one of the
 * page itself: 'reconnected', after a time in which events may have been missed, and 'invitation_made' by this page. */
import type { EventNotice } from './events';

type Listener = (event: EventNotice) => void;

const listeners = new Map<string, Set<Listener>>();

/* types: of events; '*' for every one. Returns what ends it. */
export function onEvents(types: readonly string[], listener: Listener): () => void {
  for (const type of types) {
    const set = listeners.get(type) ?? new Set();
    listeners.set(type, set);
    set.add(listener);
  }
  return () => types.forEach((type) => listeners.get(type)?.delete(listener));
}

/* The same, once for all that come within gatherMs of the first: events come in bursts. */
export function onEventBursts(types: readonly string[], gatherMs: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const stop = onEvents(types, () => {
    timer ??= setTimeout(() => {
      timer = null;
      run();
    }, gatherMs);
  });
  return () => {
    stop();
    if (timer !== null) {
      clearTimeout(timer);
    }
  };
}

export function tellEvent(event: EventNotice): void {
  for (const listener of [...(listeners.get(event.type) ?? []), ...(listeners.get('*') ?? [])]) {
    listener(event);
  }
}
