/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles the two pages: node build.mjs OUT CODEC_WASM ENCODER_WASM
 *
 * OUT gets portal.html, console.html and assets/NAME-HASH.EXT. The hash is of the content, so an asset can be
 * cached for ever; what an earlier build left in assets/ is removed. Each file is there packed as well (.br, .gz).
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
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
  const { outputs } = result.metafile;
  const address = (file) => `/assets/${path.basename(file)}`;
  const entries = {};
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    kept.add(path.basename(file));
    if (entryPoint) {
      entries[entryPoint] = { script: address(file), preloads: [...neededBy(outputs, file)].map(address) };
    }
  }
  return entries;
}

/* What a script imports, directly or not, and so needs before it runs. */
function neededBy(outputs, file, found = new Set()) {
  for (const { path: needed, kind } of outputs[file].imports) {
    if (kind === 'import-statement' && !found.has(needed)) {
      found.add(needed);
      neededBy(outputs, needed, found);
    }
  }
  return found;
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
  const { script, preloads } = entries[`src/${page}.tsx`];
  /* Said at once, or the browser would find them one after the other. */
  const preload = preloads.map((one) => `<link rel="modulepreload" href="${one}">`).join('\n');
  const linked = { ...links, style: styles[page], script, preload };
  await writeFile(path.join(out, `${page}.html`), html.replace(/\{\{(\w+)\}\}/g, (_, name) => linked[name]));
}
/* Beside each file its packed forms: control serves what the browser accepts. What an earlier build packed is the same. */
async function pack(file, isHashed) {
  if (isHashed && existsSync(`${file}.br`) && existsSync(`${file}.gz`)) {
    kept.add(`${path.basename(file)}.br`).add(`${path.basename(file)}.gz`);
    return;
  }
  const content = await readFile(file);
  const forms = { '.br': brotliCompressSync(content), '.gz': gzipSync(content, { level: 9 }) };
  for (const [ending, packed] of Object.entries(forms)) {
    await writeFile(file + ending, packed);
    kept.add(path.basename(file) + ending);
  }
}
for (const file of [...kept]) {
  await pack(path.join(assets, file), true);
}
for (const page of ['console', 'portal']) {
  await pack(path.join(out, `${page}.html`), false);
}
for (const file of await readdir(assets)) {
  if (!kept.has(file)) {
    await rm(path.join(assets, file));
  }
}
