/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of the week as control writes them, and painting in the week. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  datesText, hoursText, isOpenAt, ofDay, painted, parseDates, parseHours, timeOf, united, WEEK_MINUTES,
} from '../../../clients/console/src/schedule';

test('what control writes is read and written the same', () => {
  for (const text of ['', 'mon 08:00-mon 17:00', 'mon 08:15-mon 17:45, sat 22:00-sun 06:00', 'mon 00:00-sun 24:00', 'fri 12:00-fri 24:00']) {
    assert.equal(hoursText(parseHours(text)!), text);
  }
  for (const text of ['', '2026-12-24 closed', '2026-12-24 closed, 2026-12-31 08:00-12:00, 2026-12-31 14:00-24:00']) {
    assert.equal(datesText(parseDates(text)!), text);
  }
});

test('hours over the end of the week are those of its two ends', () => {
  assert.deepEqual(parseHours('sun 22:00-mon 06:00'), [{ start: 0, end: 360 }, { start: WEEK_MINUTES - 120, end: WEEK_MINUTES }]);
});

test('something else than control writes is refused', () => {
  for (const text of ['mon', 'xyz 08:00-mon 09:00', 'mon 08:61-mon 09:00', 'mon 08:00-mon 25:00']) {
    assert.equal(parseHours(text), null, text);
  }
  for (const text of ['2026-12-24', '2026-12-24 08:00', '24.12.2026 closed']) {
    assert.equal(parseDates(text), null, text);
  }
  assert.equal(timeOf('24:00'), 1440);
  assert.equal(timeOf('24:01'), null);
});

test('painting opens, closes, joins and splits; a minute is open when a span has it', () => {
  const office = painted([], { start: 480, end: 1020 }, true);
  assert.deepEqual(painted(office, { start: 1020, end: 1080 }, true), [{ start: 480, end: 1080 }]);
  assert.deepEqual(painted(office, { start: 720, end: 750 }, false), [{ start: 480, end: 720 }, { start: 750, end: 1020 }]);
  assert.deepEqual(painted(office, { start: 0, end: WEEK_MINUTES }, false), []);
  assert.deepEqual(united([{ start: 5, end: 5 }, { start: 20, end: 30 }, { start: 10, end: 25 }]), [{ start: 10, end: 30 }]);
  assert.deepEqual([isOpenAt(office, 479), isOpenAt(office, 480), isOpenAt(office, 1019), isOpenAt(office, 1020)], [false, true, true, false]);
});

test('a span over midnight is in both days', () => {
  const night = parseHours('sat 22:00-sun 06:00')!;
  assert.deepEqual(ofDay(night, 5), [{ start: 1320, end: 1440 }]);
  assert.deepEqual(ofDay(night, 6), [{ start: 0, end: 360 }]);
  assert.deepEqual(ofDay(night, 0), []);
});

test('painting minute by minute is the same as a set of minutes', () => {
  let seed = 7;
  const draw = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  let spans = [{ start: 0, end: 0 }].slice(1);
  const minutes = new Set<number>();
  for (let count = 0; count < 200; count++) {
    const start = draw(WEEK_MINUTES);
    const end = Math.min(WEEK_MINUTES, start + 1 + draw(2000));
    const open = draw(2) === 0;
    spans = painted(spans, { start, end }, open);
    for (let minute = start; minute < end; minute++) {
      minutes[open ? 'add' : 'delete'](minute);
    }
    assert.deepEqual(parseHours(hoursText(spans)), spans);
  }
  for (let minute = 0; minute < WEEK_MINUTES; minute++) {
    assert.equal(isOpenAt(spans, minute), minutes.has(minute));
  }
});
