/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: periods of whole days, files put together from pages, and the scale of a chart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceTop } from '../../../clients/console/src/pages/reports/chart';
import { joinPages } from '../../../clients/console/src/pages/reports/download';
import { dayText, rangeOf, startOfDay } from '../../../clients/console/src/pages/reports/period';

test('a period is whole days here, and today is in it', () => {
  const now = new Date(2026, 2, 30, 14, 5).getTime();
  assert.deepEqual(rangeOf('today', '', '', now), { from: new Date(2026, 2, 30).getTime(), to: new Date(2026, 2, 31).getTime() });
  assert.deepEqual(rangeOf('week', '', '', now), { from: new Date(2026, 2, 24).getTime(), to: new Date(2026, 2, 31).getTime() });
  assert.deepEqual(rangeOf('own', '2026-02-28', '2026-03-01', now),
    { from: new Date(2026, 1, 28).getTime(), to: new Date(2026, 2, 2).getTime() });
  for (const [from, to] of [['2026-03-02', '2026-03-01'], ['', '2026-03-01'], ['2026-02-30', '2026-03-01'], ['x', 'y']]) {
    assert.equal(rangeOf('own', from!, to!, now), null);
  }
});

test('days are read as they are written', () => {
  assert.equal(dayText(new Date(2024, 1, 29)), '2024-02-29');
  assert.equal(startOfDay('2024-02-29', 1), new Date(2024, 2, 1).getTime());
  assert.equal(startOfDay('2023-02-29'), null);
  assert.equal(startOfDay('2024-2-9'), null);
});

test('pages of a report become one document', () => {
  assert.equal(joinPages(['id\r\n1\r\n', '2\r\n'], 'csv', 'rows'), 'id\r\n1\r\n2\r\n');
  const json = joinPages(['{"report":"r","rows":[{"id":1}],"next":"x"}', '{"report":"r","rows":[{"id":2}]}'], 'json', 'r');
  assert.deepEqual(JSON.parse(json), { report: 'r', rows: [{ id: 1 }, { id: 2 }] });
  const page = (rows: string, next: string) =>
    `<?xml version="1.0"?>\n<report name="r">${rows === '' ? '<r></r>' : `<r>${rows}</r>`}${next}</report>\n`;
  const one = page('<x>a &lt;r&gt;</x>', '<next>5</next>');
  assert.equal(joinPages([one, page('<x>b</x>', '')], 'xml', 'r'), page('<x>a &lt;r&gt;</x><x>b</x>', ''));
  assert.equal(joinPages([page('', '')], 'xml', 'r'), page('', ''));
  assert.equal(joinPages(['<report><r/></report>'], 'xml', 'r'), '<report><r></r></report>');
});

test('the top of a scale is 1, 2 or 5 times a power of ten', () => {
  for (const [most, top] of [[0, 1], [1, 1], [2, 2], [3, 5], [7, 10], [10, 10], [11, 20], [499, 500], [501, 1000]]) {
    assert.equal(niceTop(most!), top);
  }
});
