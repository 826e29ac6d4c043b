// SPDX-License-Identifier: Apache-2.0
// The portal's pure parts: colours that stay readable, addresses, keys, texts to keep.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAddress } from '../../../clients/console/src/portal/address';
import { goodUrl } from '../../../clients/console/src/portal/after';
import { coloursOf, contrast, schemeOf } from '../../../clients/console/src/portal/colours';
import { openingTime } from '../../../clients/console/src/portal/notices';
import { transcriptText } from '../../../clients/console/src/portal/transcript';
import { waitText } from '../../../clients/console/src/portal/waiting';

test('every colour that an administrator can choose leaves every text readable', () => {
  const values = ['00', '40', '80', 'bf', 'ff'];
  const all = values.flatMap((r) => values.flatMap((g) => values.map((b) => `#${r}${g}${b}`)));
  for (const dark of [false, true]) {
    for (const colour of all) {
      const made = [
        coloursOf({ accent: colour, background: null, foreground: null }, dark),
        coloursOf({ accent: null, background: colour, foreground: null }, dark),
        coloursOf({ accent: colour, background: colour, foreground: colour }, dark),
      ];
      for (const set of made) {
        for (const [text, ground] of [
          ['--text', '--surface'], ['--muted', '--surface'], ['--accent', '--surface'], ['--accent', '--sunken'],
          ['--accent', '--accent-soft'], ['--text', '--accent-soft'], ['--accent-text', '--accent'],
          ['--solid-text', '--solid'], ['--danger', '--surface'], ['--page-text', '--bg'], ['--page-muted', '--bg'],
          ['--page-link', '--bg'], ['--text', '--warn-soft'], ['--text', '--ok-soft'],
        ] as const) {
          const found = contrast(set[text]!, set[ground]!);
          assert.ok(found >= 4.5, `${colour}, dark ${dark}: ${text} ${set[text]} on ${ground} ${set[ground]}: ${found}`);
        }
      }
    }
  }
});

test('a background says whether the cards are dark; without colours nothing is changed', () => {
  assert.equal(schemeOf({ accent: null, background: '#101820', foreground: null }, false), 'dark');
  assert.equal(schemeOf({ accent: null, background: '#fafafa', foreground: null }, true), 'light');
  assert.equal(schemeOf({ accent: '#ff0000', background: null, foreground: null }, true), 'dark');
  assert.deepEqual(coloursOf({ accent: null, background: null, foreground: null }, true), {});
  assert.deepEqual(coloursOf({ accent: 'url(x)', background: 'red', foreground: '#12' }, true), {});
  assert.equal(contrast('#ffffff', '#000000'), 21);
});

test('an address says the portal and with what somebody comes, in the query or behind the #', () => {
  const at = (pathname: string, search: string, hash = '') => readAddress({ pathname, search, hash });
  assert.equal(at('/', '?key=abcd%20efgh-jk').key, 'ABCD-EFGH-JK');
  assert.equal(at('/p/printers', '').portal, 'printers');
  assert.equal(at('/p/../etc', '').portal, undefined);
  assert.equal(at('/', '').portal, undefined);
  assert.equal(at('/', '?visit=K1.AA').visit, 'K1.AA');
  assert.equal(at('/', '', '#visit=S2.BB').visit, 'S2.BB');
  assert.equal(at('/', '?button=x'.padEnd(500, 'x')).button.length, 64);
});

test('only a page on the web is gone on to', () => {
  assert.equal(goodUrl('https://example.com/thanks')?.host, 'example.com');
  for (const bad of ['http://example.com', 'javascript:alert(1)', 'data:text/html,x', '//example.com', '', null]) {
    assert.equal(goodUrl(bad), null);
  }
});

test('a wait is said in whole minutes', () => {
  assert.equal(waitText(null), 'not known yet');
  assert.equal(waitText(20_000), 'about a minute');
  assert.equal(waitText(61_000), 'about 2 minutes');
  assert.equal(waitText(4_000_000), 'more than an hour');
});

test('the opening time is that of the reader', () => {
  assert.match(openingTime(1_800_001_800_000, 'Europe/Vienna'), /Friday.*15 January.*09:30/);
  assert.match(openingTime(1_800_001_800_000, 'America/New_York'), /Friday.*15 January.*03:30/);
});

test('a transcript as text has the facts and every line', () => {
  const kept = transcriptText({
    session: { id: 7, appliance: 'A', portal: 'Help', customer: 'Ina', issue: '', representatives: ['Ada', 'Bob'],
      created_unix_ms: 0, started_unix_ms: 1_800_000_000_000, ended_unix_ms: 1_800_000_065_000 },
    lines: [{ line: 1, time_unix_ms: 1_800_000_001_000, role: 'customer', name: 'Ina', text: '<b>Hello</b>' }],
  });
  assert.match(kept, /^Help\nSession: 7\nCustomer: Ina\nRepresentatives: Ada, Bob\n/);
  assert.match(kept, /Duration: 1:05/);
  assert.match(kept, /\] Ina: <b>Hello<\/b>\n$/);
});
