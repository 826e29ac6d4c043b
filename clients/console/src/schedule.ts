/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of the week and dates that differ, as control writes them, and painting in the week.
 *
 * A week is a sorted list of [start, end) in minutes from Monday 0:00, up to 10080; none touches the next.
 */
export const DAY_MINUTES = 1440;
export const WEEK_MINUTES = 7 * DAY_MINUTES;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/* start and end 0: closed all day. */
export interface DateRule {
  readonly date: string; /* '2026-12-24' */
  readonly start: number;
  readonly end: number;
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export function united(spans: readonly Span[]): Span[] {
  const sorted = spans.filter((span) => span.end > span.start).sort((a, b) => a.start - b.start);
  const made: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = made.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
    } else {
      made.push({ start, end });
    }
  }
  return made;
}

export function painted(spans: readonly Span[], brush: Span, open: boolean): Span[] {
  if (open) {
    return united([...spans, brush]);
  }
  return united(spans.flatMap((span) => [
    { start: span.start, end: Math.min(span.end, brush.start) }, { start: Math.max(span.start, brush.end), end: span.end },
  ]));
}

export function isOpenAt(spans: readonly Span[], minute: number): boolean {
  return spans.some((span) => span.start <= minute && minute < span.end);
}

/* The parts of one day, in minutes of it. */
export function ofDay(spans: readonly Span[], day: number): Span[] {
  const from = day * DAY_MINUTES;
  return spans.map((span) => ({ start: Math.max(span.start - from, 0), end: Math.min(span.end - from, DAY_MINUTES) }))
    .filter((span) => span.end > span.start);
}

export function timeText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

export function timeOf(value: string): number | null {
  const parts = /^(\d\d):(\d\d)$/.exec(value.trim());
  const minutes = parts ? Number(parts[1]) * 60 + Number(parts[2]) : -1;
  return parts && Number(parts[2]) < 60 && minutes <= DAY_MINUTES ? minutes : null;
}

function pointText(minute: number, isEnd: boolean): string {
  const day = Math.floor((isEnd ? minute - 1 : minute) / DAY_MINUTES);
  return `${days[day]!} ${timeText(minute - day * DAY_MINUTES)}`;
}

export function hoursText(spans: readonly Span[]): string {
  return united(spans).map((span) => `${pointText(span.start, false)}-${pointText(span.end, true)}`).join(', ');
}

/* What control writes: "mon 08:00-mon 17:00, sat 22:00-sun 06:00"; null when it is something else. */
export function parseHours(text: string): Span[] | null {
  const spans: Span[] = [];
  for (const part of text.split(',').map((one) => one.trim()).filter((one) => one !== '')) {
    const found = /^(\w{3}) (\d\d:\d\d)-(\w{3}) (\d\d:\d\d)$/.exec(part);
    const [first, last] = [days.indexOf(found?.[1] ?? ''), days.indexOf(found?.[3] ?? '')];
    const [from, to] = [timeOf(found?.[2] ?? ''), timeOf(found?.[4] ?? '')];
    if (first < 0 || last < 0 || from === null || to === null) {
      return null;
    }
    const start = first * DAY_MINUTES + from;
    const end = last * DAY_MINUTES + to;
    spans.push(...(end > start ? [{ start, end }] : [{ start, end: WEEK_MINUTES }, { start: 0, end }]));
  }
  return united(spans);
}

export function datesText(rules: readonly DateRule[]): string {
  return rules.map((rule) => (rule.end === 0 ? `${rule.date} closed` : `${rule.date} ${timeText(rule.start)}-${timeText(rule.end)}`)).join(', ');
}

export function parseDates(text: string): DateRule[] | null {
  const rules: DateRule[] = [];
  for (const part of text.split(/[,\n]/).map((one) => one.trim()).filter((one) => one !== '')) {
    const found = /^(\d{4}-\d\d-\d\d) (?:closed|(\d\d:\d\d)-(\d\d:\d\d))$/.exec(part);
    const [start, end] = [timeOf(found?.[2] ?? '00:00'), timeOf(found?.[3] ?? '00:00')];
    if (!found || start === null || end === null) {
      return null;
    }
    rules.push({ date: found[1]!, start, end });
  }
  return rules;
}
