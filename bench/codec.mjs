// SPDX-License-Identifier: Apache-2.0
// The screen codec beside its peers, scene by scene, in one process each (causeway-codec-compare). Prints a table and
// what breaks the bounds against Tight, and writes build/bench/codec.json.
//
//   node bench/codec.mjs [--quick | --smoke] [--corpus=DIR] [--scenes=NAME,NAME...]
//     --corpus: recorded scenes (NAME.bgrx.zst, zstd --long=27, 1920x1080, or NAME.WxH.bgrx.zst). What is not there is
//               recorded from programs on this machine (bench/scenes/record.sh) and kept in build/scenes
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { browserRows } from './lib/browser_decode.mjs';
import { framesOf } from './lib/frames.mjs';
import { Quiet, processorTicks, root, stealPercent, writeReport } from './lib/machine.mjs';

const option = (name) => process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
const smoke = process.argv.includes('--smoke');
const quick = process.argv.includes('--quick');
const programs = path.resolve(root, process.env.B ?? 'build/release');
const compare = path.join(programs, 'causeway-codec-compare');
const PASSES = smoke ? 1 : 5;
const QUICK_FRAMES = 12;
const QUICK_SCENES = ['typing', 'term', 'web', 'drag', 'video', 'alttab', 'terminal_4k'];
// Coders of moving pictures are slow, and play only where something moves or scrolls.
const BY = 'causeway,causeway-unhinted,causeway-pictures,tight,zrle,ultra,planar,tight-jpeg-q80-422,tight-jpeg-q95-444,remotefx';
const VIDEO_BY = 'causeway-video-15k,causeway-video-29k,causeway-video-60k,x264-superfast-28,x264-superfast-33,x264-superfast-38,x264-veryfast-28,x264-veryfast-33,x264-veryfast-38,vp9-444-45,vp9-420-30,vp9-420-45';
const VIDEO_SCENES = ['video', 'film', 'term', 'web', 'drag'];
// Frames that are encoded but not counted: until each of the windows has been seen once.
const SKIP = { alttab: 4 };
// Moving pictures are judged over 30 changes at least: a given recording with fewer is not taken.
const FRAMES_MIN = { video: 31 };
const QUICK_BY = 'causeway,causeway-unhinted,tight,zrle';
const SHOW_MS = 3000;
const SMOKE_SIZE = '320x192';
const QUIET_BUDGET_MS = 60000;
// In no scene may lossless bytes be above Tight's, or time above 1.1 times Tight's.
const TIME_BOUND = 1.1;

/** Runs `from` (bytes, or a recording's path) into causeway-codec-compare; resolves with the rows it prints. */
async function measured(from, size, args) {
    const child = spawn(compare, ['--size', size, '--json', '--passes', String(PASSES), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const done = new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
    });
    let text = '';
    child.stdout.on('data', (data) => { text += data; });
    child.stdin.on('error', () => {}); // a child that has read enough, or its exit status tells why it did not
    if (Buffer.isBuffer(from)) {
        child.stdin.end(from);
    } else {
        const frames = framesOf(from, (error) => child.stdin.destroy(error));
        frames.pipe(child.stdin);
        child.once('close', () => frames.destroy()); // it has read as many frames as it wanted
    }
    const status = await done;
    if (status !== 0)
        throw new Error(`causeway-codec-compare ${args.join(' ')}: exit ${status}`);
    return text.trim().split('\n').map((line) => JSON.parse(line));
}

/** Frames of a pattern with some structure, which moves a little from frame to frame. */
function smokeFrames() {
    const [width, height] = SMOKE_SIZE.split('x').map(Number);
    const count = 3;
    const frames = Buffer.alloc(width * height * 4 * count);
    for (let n = 0; n < count; n++) {
        for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
                const at = ((n * height + y) * width + x) * 4;
                const row = y + n * 3;
                const ink = ((x * 7 + (row >> 4) * 13) % 11 < 4) && row % 16 < 11;
                frames[at] = ink ? 0x20 : 0xF0;
                frames[at + 1] = ink ? 0x30 : 0xF0;
                frames[at + 2] = x > 200 ? (x * y + n * 31) & 0xFF : 0xF0;
            }
        }
    }
    return frames;
}

/** { name, size, from } of the scenes to be measured. */
function scenes() {
    if (smoke)
        return [{ name: 'smoke', size: SMOKE_SIZE, from: smokeFrames() }];
    const given = option('corpus') === undefined ? new Map() : recordings(option('corpus'));
    const own = path.join(root, 'build/scenes');
    const record = path.join(root, 'bench/scenes/record.sh');
    const recordable = execFileSync(record, ['--list'], { encoding: 'utf8' }).trim().split(' ');
    const wanted = option('scenes')?.split(',') ?? (quick ? QUICK_SCENES : [...new Set([...given.keys(), ...recordable])]);
    for (const name of Object.keys(FRAMES_MIN).filter((one) => wanted.includes(one) && given.has(one))) {
        const count = framesIn(given.get(name));
        if (count >= FRAMES_MIN[name])
            continue;
        console.log(`the given recording of ${name} has ${count} frames: taking our own`);
        given.delete(name);
    }
    return wanted.map((name) => {
        if (!given.has(name) && !recordings(own).has(name)) {
            console.log(`recording the scene ${name}`);
            execFileSync(record, [name, path.join(programs, 'bench/x_grab'), own], { stdio: 'inherit' });
        }
        return given.get(name) ?? recordings(own).get(name);
    });
}

function framesIn(scene) {
    const [width, height] = scene.size.split('x').map(Number);
    const decompressed = spawnSync('zstd', ['-dcf', '--long=27', scene.from], { maxBuffer: 2 ** 29 });
    return decompressed.stdout.length / (width * height * 4);
}

/** The recorded scenes in a folder, by name. */
function recordings(folder) {
    const found = new Map();
    for (const file of fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []) {
        const [, name, , size] = /^([a-z0-9_]+)(\.([0-9]+x[0-9]+))?\.bgrx\.zst$/.exec(file) ?? [];
        if (name !== undefined)
            found.set(name, { name, size: size ?? '1920x1080', from: path.join(folder, file) });
    }
    return found;
}

/** One of our rows and its peers' into the report's form. */
function reportRows(prefix, measuredRows) {
    return measuredRows.map((one) => {
        const row = { name: `${prefix}.${one.measure}`, by: one.by, value: one.value, unit: one.unit, better: one.better,
            lossless: !one.lossy, peer: null, peer_value: null, ratio: null, runs: one.runs, spread: one.spread };
        if (!one.by.startsWith('causeway'))
            return row;
        const peers = measuredRows.filter((other) => other.measure === one.measure && other.lossy === one.lossy && !other.by.startsWith('causeway'));
        const sign = one.better === 'lower' ? 1 : -1;
        const best = peers.sort((a, b) => sign * (a.value - b.value))[0];
        return best === undefined ? row : { ...row, peer: best.by, peer_value: best.value, ratio: Number((one.value / best.value).toPrecision(4)) };
    });
}

function argumentsOf(scene) {
    if (smoke)
        return [];
    const skip = SKIP[scene.name] === undefined ? [] : ['--skip', String(SKIP[scene.name])];
    if (quick)
        return [...skip, '--by', QUICK_BY, '--frames', String(QUICK_FRAMES)];
    return [...skip, '--by', VIDEO_SCENES.includes(scene.name) ? `${BY},${VIDEO_BY}` : BY];
}

function violations(scene, rows) {
    const value = (by, measure) => rows.find((row) => row.by === by && row.measure === measure)?.value;
    const bounds = [['key_bytes', 1], ['diff_bytes', 1], ['key_encode_ms', TIME_BOUND], ['diff_encode_ms', TIME_BOUND]];
    return bounds.filter(([measure, bound]) => value('causeway', measure) > bound * value('tight', measure))
        .map(([measure, bound]) => ({ scene: scene.name, measure, ours: value('causeway', measure), tight: value('tight', measure), bound }));
}

function printScene(scene, rows) {
    const columns = ['key_bytes', 'key_encode_ms', 'diff_bytes', 'diff_encode_ms', 'decode_ms', 'psnr_db', 'ssim'];
    console.log(`\n${scene.name} ${scene.size}`.padEnd(24), columns.map((one) => one.padStart(15)).join(''));
    for (const by of new Set(rows.map((row) => row.by))) {
        const cells = columns.map((measure) => {
            const row = rows.find((one) => one.by === by && one.measure === measure);
            return (row === undefined ? '' : String(row.value)).padStart(15);
        });
        console.log(`  ${by.padEnd(21)}`, cells.join(''));
    }
}

async function main() {
    const list = scenes();
    const quiet = new Quiet(smoke || quick ? 0 : QUIET_BUDGET_MS);
    const report = [];
    const broken = [];
    const ticks = processorTicks();
    for (const scene of list) {
        if (!smoke)
            await quiet.wait();
        const rows = await measured(scene.from, scene.size, argumentsOf(scene));
        printScene(scene, rows);
        report.push(...reportRows(`codec.${scene.name}`, rows));
        broken.push(...violations(scene, rows));
        if (smoke || scene.name === 'typing') {
            report.push(...reportRows('codec.unchanged_1080p', await measured(scene.from, scene.size, ['--row', 'unchanged'])));
            report.push(...reportRows('codec.keystroke_hinted', await measured(scene.from, scene.size, ['--row', 'keystroke'])));
        }
        if (smoke || scene.name === 'photos') {
            for (const still of ['jpeg-444', 'jpeg-420'])
                report.push(...reportRows(`codec.${still.replace('-', '_')}`, await measured(scene.from, scene.size, ['--row', still])));
        }
        if (smoke || scene.name === 'web') {
            const seen = await browserRows(path.join(programs, 'causeway-codec'), scene, { passes: PASSES, showMs: smoke ? 200 : SHOW_MS });
            report.push(...reportRows('codec.wasm_scroll', seen));
            console.log(`  in Chromium: ${seen.map((one) => `${one.measure} ${one.value}`).join(', ')}`);
        }
        if (scene.name === 'terminal_4k') {
            const encode = rows.find((row) => row.by === 'causeway' && row.measure === 'diff_encode_ms');
            report.push(...reportRows('codec.terminal_4k', [{ ...encode, measure: 'frames_per_s', value: 1000 / encode.value, unit: '/s', better: 'higher' }]));
        }
    }
    if (smoke) {
        console.log(`bench-codec: ${report.length} rows, each with its check`);
        return;
    }
    console.log('');
    writeReport('codec', process.argv.slice(1).map((one) => path.basename(one)).join(' '), {
        steal_percent: stealPercent(ticks, processorTicks()), waits_that_stayed_noisy: quiet.noisy, corpus: option('corpus') !== undefined,
        lossless_output_of_peers: 'not decoded', damage: 'tiles of 64x64, the same for all', frames: quick ? QUICK_FRAMES : 'all', violations: broken,
    }, report);
    console.log(broken.length === 0 ? '\nNo scene is above Tight in bytes, or above 1.1 times Tight in time.' : '\nAbove Tight in bytes, or 1.1 times Tight in time:');
    for (const one of broken)
        console.log(`  ${one.scene.padEnd(16)} ${one.measure.padEnd(16)} ours ${one.ours}  tight ${one.tight}  ratio ${(one.ours / one.tight).toFixed(2)}`);
}

await main();
