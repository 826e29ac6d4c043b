/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of one conversation: by number, each once, in whatever order they came; and what is not sent yet. */
import type { TeamMessage } from './api/team_chat';

/* Two sets of messages as one, in order; what is newer of a number wins. */
export function mergeMessages(old: readonly TeamMessage[], more: readonly TeamMessage[]): TeamMessage[] {
  const all = new Map(old.map((one) => [one.message, one]));
  more.forEach((one) => all.set(one.message, one));
  return [...all.values()].sort((a, b) => a.message - b.message);
}

/* Whether nothing can be missing between a list and the next message: numbers go up by one. */
export function follows(list: readonly TeamMessage[], message: number): boolean {
  const last = list.at(-1);
  return last === undefined ? message === 1 : message <= last.message + 1;
}

export interface DrawnMessage extends TeamMessage {
  readonly newDay: boolean; /* a separator stands before it */
  readonly sameAuthor: boolean; /* the name was just said */
  readonly firstNew: boolean;
}

const TOGETHER_MS = 5 * 60_000;

/* dayOf: a day's name, the same for two times of one day. read: the last message that was read when one came. */
export function drawn(list: readonly TeamMessage[], dayOf: (unixMs: number) => string, read: number, self: number): DrawnMessage[] {
  const firstNew = list.find((one) => one.message > read && one.from !== self)?.message;
  return list.map((one, at) => {
    const before = list[at - 1];
    const newDay = !before || dayOf(before.time_unix_ms) !== dayOf(one.time_unix_ms);
    return {
      ...one, newDay, firstNew: one.message === firstNew,
      sameAuthor: !newDay && before?.from === one.from && one.time_unix_ms - before.time_unix_ms < TOGETHER_MS
        && one.message !== firstNew,
    };
  });
}
