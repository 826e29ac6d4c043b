/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles the two pages: node build.mjs OUT CODEC_WASM ENCODER_WASM
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
const [out, codec, encoder] = process.argv.slice(2);
if (!out || !codec || !encoder) {
  console.error('usage: node build.mjs OUT CODEC_WASM ENCODER_WASM');
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

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};

async function style(name, entry) {
  const result = await build({ ...common, entryPoints: [entry], write: false });
  return asset(name, 'css', Buffer.from(result.outputFiles[0].contents));
}

/* Loaded by whoever shares a screen; a worker cannot be a chunk of the page. */
async function worker() {
  const result = await build({
    ...common,
    entryPoints: ['src/customer/encoder_worker.ts'],
    format: 'esm',
    target: ['es2022'],
    write: false,
  });
  return asset('encoder_worker', 'js', Buffer.from(result.outputFiles[0].contents));
}

/* Both pages at once: what they share, each page of the console that is loaded when it is opened, and each further
 * language become chunks. The 0 makes sure that a hash has a digit, by which control knows it for one. */
async function scripts(addresses) {
  const result = await build({
    ...common,
    entryPoints: ['src/console.tsx', 'src/portal.tsx'],
    outdir: path.resolve(assets),
    entryNames: '[name]-0[hash]',
    chunkNames: '[name]-0[hash]',
    splitting: true,
    metafile: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: Object.fromEntries(Object.entries(addresses).map(([name, url]) => [name, JSON.stringify(url)])),
  });
  const entries = {};
  for (const [file, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    kept.add(path.basename(file));
    if (entryPoint) {
      entries[entryPoint] = `/assets/${path.basename(file)}`;
    }
  }
  return entries;
}

await mkdir(assets, { recursive: true });
const links = {
  icon: await asset('icon', 'svg', await readFile(path.join(here, 'html/icon.svg'))),
};
const styles = {
  console: await style('style', 'src/style/main.css'),
  portal: await style('portal', 'src/style/portal.css'),
};
const entries = await scripts({
  CODEC_URL: await asset('codec', 'wasm', await readFile(codec)),
  ENCODER_URL: await asset('encoder', 'wasm', await readFile(encoder)),
  ENCODER_WORKER_URL: await worker(),
});
for (const page of ['console', 'portal']) {
  const html = await readFile(path.join(here, `html/${page}.html`), 'utf8');
  const linked = { ...links, style: styles[page], script: entries[`src/${page}.tsx`] };
  await writeFile(path.join(out, `${page}.html`), html.replace(/\{\{(\w+)\}\}/g, (_, name) => linked[name]));
}
for (const file of await readdir(assets)) {
  if (!kept.has(file)) {
    await rm(path.join(assets, file));
  }
}
