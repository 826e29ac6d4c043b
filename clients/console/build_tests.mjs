/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles the unit tests, which are TypeScript, for node's test runner: node build_tests.mjs OUT */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const tests = path.join(here, '../../tests/browser/console_unit');
const [out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node build_tests.mjs OUT');
  process.exit(2);
}
await rm(out, { recursive: true, force: true });
await build({
  entryPoints: (await readdir(tests)).filter((name) => name.endsWith('.test.ts')).map((name) => path.join(tests, name)),
  bundle: true,
  outdir: path.resolve(out),
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  format: 'esm',
  target: ['node18'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
});
