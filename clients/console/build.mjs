/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles the two pages: node build.mjs OUT CODEC_WASM
 *
 * OUT gets portal.html, console.html and assets/NAME-HASH.EXT. The hash is of the content, so an asset can be
 * cached for ever; what an earlier build left in assets/ is removed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const [out, codec] = process.argv.slice(2);
if (!out || !codec) {
  console.error('usage: node build.mjs OUT CODEC_WASM');
  process.exit(2);
}
const assets = path.join(out, 'assets');
const kept = new Set();

async function asset(name, extension, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const file = `${name}-${hash}.${extension}`;
  await writeFile(path.join(assets, file), content);
  kept.add(file);
  return `/assets/${file}`;
}

async function bundle(entry, define) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    define: { CODEC_URL: JSON.stringify(''), ...define },
    logLevel: 'warning',
  });
  return Buffer.from(result.outputFiles[0].contents);
}

await mkdir(assets, { recursive: true });
const codecUrl = await asset('codec', 'wasm', await readFile(codec));
const style = await asset('style', 'css', await bundle('src/style/main.css', {}));
const icon = await asset('icon', 'svg', await readFile(path.join(here, 'html/icon.svg')));
for (const page of ['console', 'portal']) {
  const code = await bundle(`src/${page}.tsx`, { CODEC_URL: JSON.stringify(codecUrl) });
  const links = { style, icon, script: await asset(page, 'js', code) };
  const html = await readFile(path.join(here, `html/${page}.html`), 'utf8');
  await writeFile(path.join(out, `${page}.html`), html.replace(/\{\{(\w+)\}\}/g, (_, name) => links[name]));
}
for (const file of await readdir(assets)) {
  if (!kept.has(file)) {
    await rm(path.join(assets, file));
  }
}
