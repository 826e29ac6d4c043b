/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, durations and numbers in the chosen language. */
import { common } from './common';

function makeFormats(locale: string) {
  return {
    dateTime: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    date: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
    clock: new Intl.DateTimeFormat(locale, { timeStyle: 'short' }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
    number: new Intl.NumberFormat(locale),
    oneDigit: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }),
    list: new Intl.ListFormat(locale, { type: 'conjunction' }),
    collator: new Intl.Collator(locale, { numeric: true, sensitivity: 'base' }),
  };
}

let formats = makeFormats('en-GB');

export function useLocale(locale: string): void {
  formats = makeFormats(locale);
}

export function formatDateTime(unixMs: number): string {
  return formats.dateTime.format(unixMs);
}

export function formatDate(unixMs: number): string {
  return formats.date.format(unixMs);
}

export function formatClock(unixMs: number): string {
  return formats.clock.format(unixMs);
}

export function formatNumber(value: number): string {
  return formats.number.format(value);
}

/* share: 0 to 1. */
export function formatPercent(share: number): string {
  return formats.percent.format(share);
}

export function formatList(parts: readonly string[]): string {
  return formats.list.format(parts);
}

/* The order of names for a person: "pc 9" before "pc 10", small and capital letters alike. */
export function compareText(a: string, b: string): number {
  return formats.collator.compare(a, b);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${formats.oneDigit.format(value)} ${units[at]!}`;
}

/* "3 minutes ago"; beyond a day the date says more. */
export function formatAgo(unixMs: number, nowUnixMs: number): string {
  const seconds = Math.round((unixMs - nowUnixMs) / 1000);
  if (seconds > -45) {
    return common.time.justNow;
  }
  if (seconds > -3600) {
    return formats.relative.format(Math.round(seconds / 60), 'minute');
  }
  if (seconds > -86_400) {
    return formats.relative.format(Math.round(seconds / 3600), 'hour');
  }
  return formatDateTime(unixMs);
}

/* "9:05" for a countdown or a duration, "2 h 05 min" for more than an hour. */
export function formatRemaining(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds >= 3600) {
    return common.time.hoursMinutes(Math.floor(seconds / 3600), two(Math.floor((seconds % 3600) / 60)));
  }
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}
