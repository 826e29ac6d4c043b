/* SPDX-License-Identifier: Apache-2.0 */
/* From when to when a report is: whole days of the person's time zone, in the address of the page. */
export const periods = ['today', 'week', 'month', 'quarter', 'own'] as const;
export type Period = (typeof periods)[number];

export const PERIOD_START: Period = 'month';

const DAYS: Readonly<Record<Exclude<Period, 'own'>, number>> = { today: 1, week: 7, month: 30, quarter: 90 };

export function isPeriod(value: string | null): value is Period {
  return periods.some((one) => one === value);
}

/* 'YYYY-MM-DD' of a day here. */
export function dayText(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/* The start of a day here, `days` later; null for what is no day. A day may have 23 or 25 hours. */
export function startOfDay(day: string, days = 0): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (!parts) {
    return null;
  }
  const date = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  if (dayText(date) !== day) {
    return null;
  }
  date.setDate(date.getDate() + days);
  return date.getTime();
}

/* In Unix ms; `to` is not included. null: the chosen days are none, or the last is before the first. */
export function rangeOf(period: Period, from: string, to: string, nowUnixMs: number): { from: number; to: number } | null {
  if (period !== 'own') {
    const today = dayText(new Date(nowUnixMs));
    return { from: startOfDay(today, 1 - DAYS[period])!, to: startOfDay(today, 1)! };
  }
  const first = startOfDay(from);
  const last = startOfDay(to, 1);
  return first === null || last === null || last <= first ? null : { from: first, to: last };
}
