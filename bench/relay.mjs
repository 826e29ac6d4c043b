// SPDX-License-Identifier: Apache-2.0
// The relay's rows beside HAProxy, nginx and stunnel: each contestant alone on the last processor, the load on the first, A B A B.
// Prints a table and writes build/bench/relay.json (relay-long.json, relay-smoke.json).
//
//   node bench/relay.mjs [--smoke | --quick | --long] [--rows bulk16k,msg64x100,...]
import { Quiet, median, pinCongestion, processorTicks, sleep, spreadOf, stealPercent, writeReport } from './lib/machine.mjs';
import { connects, load, peerNames, removeFolder, requirePeers, start, startEngine } from './lib/relays.mjs';

const mode = ['--smoke', '--quick', '--long'].find((one) => process.argv.includes(one))?.slice(2) ?? 'full';
const smoke = mode === 'smoke';
const RUNS = smoke ? 1 : mode === 'quick' ? 3 : 5;
const SECONDS = smoke ? 0.3 : 2;
const WARM_UP = smoke ? 0.1 : 0.7;
const US = 'causeway';
const wanted = (process.argv.find((one) => one.startsWith('--rows='))?.slice(7) ?? '').split(',').filter(Boolean);
const timing = ['--seconds', SECONDS, '--warm-up', WARM_UP];
/* All of the load comes from a few addresses: what keeps one stranger from taking everything must not count here. */
const settings = (list) => list.flatMap((one) => ['--set', one]);
const ONE_SOURCE = settings(['unauthenticated_per_source=65536', 'penalty_handshake_per_min=1000000', 'penalty_ticket_per_min=1000000']);
/* And for the most that goes, no admission control in front. */
const UNLIMITED = [...ONE_SOURCE, ...settings(['handshakes_per_s=1000000', 'hellos_per_s=1000000', 'unauthenticated=65536', 'busy_step_us=0'])];
const quiet = new Quiet(smoke ? 0 : 120000);
const rows = [];

function round(value) {
    return Number(value.toPrecision(4));
}

/** values: { contestant: [a value a run] }; of the peers the best one is compared. */
function row(name, unit, better, values) {
    for (const [by, list] of Object.entries(values)) {
        if (list.some((one) => !Number.isFinite(one)) || (median(list) <= 0 && by !== US))
            throw new Error(`relay.${name}: no work was measured of ${by}`);
    }
    const us = median(values[US]);
    const others = Object.keys(values).filter((by) => by !== US);
    const best = others.map((by) => [by, median(values[by])]).sort((a, b) => (better === 'lower' ? a[1] - b[1] : b[1] - a[1]))[0];
    const fields = (list) => ({ unit, better, runs: list.length, spread: spreadOf(list) });
    rows.push({ name: `relay.${name}`, value: round(us), ...fields(values[US]), peer: best?.[0] ?? null,
        peer_value: best ? round(best[1]) : null, ratio: best ? Number((us / best[1]).toFixed(3)) : null });
    for (const by of others)
        rows.push({ name: `relay.${name}`, by, value: round(median(values[by])), ...fields(values[by]), peer: null, peer_value: null, ratio: null });
}

/** Runs each of the variants in turn, RUNS times: { variant: [figures a run] }. */
async function interleave(variants, runs = RUNS) {
    const results = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
    for (let run = 0; run < runs; run++) {
        for (const [name, { relay, scenario, options }] of Object.entries(variants)) {
            const one = await start(relay);
            try {
                await quiet.wait();
                results[name].push(await load(one, scenario, options));
            } finally {
                await one.stop();
            }
        }
    }
    return results;
}

const everybody = (scenario, options) => Object.fromEntries([US, ...peerNames].map((relay) => [relay, { relay, scenario, options }]));
const pick = (results, figure) => Object.fromEntries(Object.entries(results).map(([name, list]) => [name, list.map((one) => one[figure])]));

let bulkOfPeers = null;
async function bulk16k() {
    const results = await interleave(everybody('bulk', ['--sessions', 8, '--size', 16384, ...timing]));
    const values = pick(results, 'cpu_s_per_gb');
    row('bulk16k.cpu_s_per_gb', 's/GB', 'lower', values);
    row('bulk16k.gbit_per_s', 'Gb/s', 'higher', pick(results, 'delivered_per_s'));
    bulkOfPeers = Object.fromEntries(Object.entries(values).filter(([by]) => by !== US));
}

async function msg64x100() {
    const results = await interleave(everybody('pingpong', ['--sessions', 100, '--size', 64, ...timing]));
    row('msg64x100.round_trips_per_s', '1/s', 'higher', pick(results, 'round_trips_per_s'));
    row('msg64x100.cpu_us_per_msg', 'us', 'lower', pick(results, 'cpu_us_per_message'));
}

async function msg64x1() {
    const options = ['--sessions', 1, '--size', 64, '--spin', ...timing];
    const variants = { ...everybody('pingpong', options), busy: { relay: US, scenario: 'pingpong', options: [...options, '--set', 'busy_poll_us=1000'] } };
    const { busy, ...results } = await interleave(variants);
    row('msg64x1.p50_us', 'us', 'lower', pick(results, 'round_trip_p50'));
    row('msg64x1.p99_us', 'us', 'lower', pick(results, 'round_trip_p99'));
    row('msg64x1.busy_poll_p50_us', 'us', 'lower', { [US]: busy.map((one) => one.round_trip_p50) });
}

async function idle() {
    // 4,000 relayed streams: a peer holds two TLS connections for each, we hold as many.
    const streams = smoke ? 200 : 4000;
    const variants = everybody('idle', ['--connections', streams, '--seconds', smoke ? 0.2 : 1, '--warm-up', smoke ? 0.1 : 1]);
    variants[US].options = ['--connections', 2 * streams, ...variants[US].options.slice(2)];
    const results = await interleave(variants, smoke ? 1 : 3);
    row('idle.process_bytes_per_conn', 'B', 'lower', pick(results, 'process_bytes_per_conn'));
    if (!smoke)
        row('idle.total_bytes_per_conn', 'B', 'lower', pick(results, 'total_bytes_per_conn'));
}

async function fanout16() {
    const results = await interleave({ [US]: { relay: US, scenario: 'fanout', options: ['--viewers', 16, ...timing] } });
    if (bulkOfPeers === null) {
        const { [US]: ours, ...others } = pick(await interleave(everybody('bulk', ['--sessions', 8, ...timing])), 'cpu_s_per_gb');
        bulkOfPeers = ours === undefined ? null : others;
    }
    row('fanout16.cpu_s_per_delivered_gb', 's/GB', 'lower', { ...pick(results, 'cpu_s_per_gb'), ...bulkOfPeers });
}

/** p99 in the one case by p99 in the other, run by run. */
function factors(loaded, unloaded, figure) {
    return loaded.map((one, i) => one[figure] / unloaded[i][figure]);
}

async function stalledViewers() {
    const options = ['--viewers', 16, '--size', 8192, '--rate', 60, '--seconds', smoke ? 0.5 : 4, '--warm-up', WARM_UP];
    const results = await interleave({
        none: { relay: US, scenario: 'fanout', options },
        four: { relay: US, scenario: 'fanout', options: [...options, '--stalled', 4] },
    });
    row('stalled_viewers.p99_factor', '', 'lower', { [US]: factors(results.four, results.none, 'delay_p99') });
    row('stalled_viewers.p99_us', 'us', 'lower', { [US]: results.four.map((one) => one.delay_p99) });
}

async function inputUnderBulk() {
    const options = ['--rate', 200, '--seconds', smoke ? 0.5 : 4, '--warm-up', WARM_UP];
    const results = await interleave({
        alone: { relay: US, scenario: 'input', options },
        loaded: { relay: US, scenario: 'input', options: [...options, '--file'] },
    });
    row('input_under_bulk.p99_factor', '', 'lower', { [US]: factors(results.loaded, results.alone, 'input_p99') });
    row('input_under_bulk.p99_us', 'us', 'lower', { [US]: results.loaded.map((one) => one.input_p99) });
}

async function handshakes() {
    const results = await interleave({
        finished: { relay: US, scenario: 'handshakes', options: [...timing, ...UNLIMITED] },
        hellos: { relay: US, scenario: 'handshakes', options: ['--hello', ...timing, ...UNLIMITED] },
    });
    /* One load process on one processor makes fewer than the relay can take, so the relay's processor time decides. */
    row('handshakes_per_s', '1/s', 'higher', { [US]: results.finished.map((one) => one.handshakes_per_cpu_s) });
    row('hellos_per_s', '1/s', 'higher', { [US]: results.hellos.map((one) => one.handshakes_per_cpu_s) });
    row('handshakes.by_the_clock_per_s', '1/s', 'higher', { [US]: results.finished.map((one) => one.handshakes_per_s) });
}

/** 100,000 Jump Clients at once, through three heartbeats each. A worker takes 65,536: each may be a page, with two sockets. */
async function connectionsHeld() {
    const relay = await startEngine({ workers: 2 });
    try {
        const held = await load(relay, 'idle', ['--connections', 100000, '--processes', 6, '--concurrency', 384, '--seconds', 65, '--warm-up', 2, ...UNLIMITED]);
        if (held.heartbeats < 2 * held.connections)
            throw new Error(`${held.heartbeats} heartbeats came to ${held.connections} Jump Clients in 65 s`);
        row('idle.connections_held', '', 'higher', { [US]: [held.connections] });
        row('idle.connections_held.connect_s', 's', 'lower', { [US]: [held.connect_time] });
        row('idle.connections_held.cpu_percent', '%', 'lower', { [US]: [held.relay_cpu] });
        row('idle.connections_held.process_mb', 'MB', 'lower', { [US]: [held.relay_bytes / 1e6] });
        row('idle.connections_held.process_bytes_per_conn', 'B', 'lower', { [US]: [held.process_bytes_per_conn] });
    } finally {
        await relay.stop();
    }
}

/** All that 25,000 Jump Clients take: the engine's process and the kernel's sockets. */
async function all25k() {
    const relay = await startEngine();
    try {
        const held = await load(relay, 'idle', ['--connections', 25000, '--processes', 2, '--concurrency', 256, '--seconds', 5, ...UNLIMITED]);
        row('idle.25k_all_in_mb', 'MB', 'lower', { [US]: [(held.relay_bytes + held.kernel_bytes_per_conn * held.connections) / 1e6] });
    } finally {
        await relay.stop();
    }
}

/** Starts again until the port is free: the kernel is still closing the sockets of the engine that was killed. */
async function restart(relay) {
    await relay.stop('SIGKILL');
    // Its listening socket takes connections until the kernel has closed its rings.
    for (let i = 0; i < 200 && await connects(relay.port); i++)
        await sleep(50);
    for (let i = 0; ; i++) {
        try {
            return await startEngine({ port: relay.port, state: relay.state });
        } catch (error) {
            if (i === 50)
                throw error;
            await sleep(100);
        }
    }
}

async function resumeStorm() {
    let relay = await startEngine();
    let restarted = null;
    const options = ['--connections', 10000, '--sessions', 10, '--rate', 50, '--processes', 2, '--concurrency', 256, '--seconds', 120, ...ONE_SOURCE];
    try {
        const storm = await load(relay, 'storm', options, { onMeasuring: () => {
            restarted = sleep(3000).then(() => restart(relay)).then((next) => { relay = next; });
            restarted.catch((error) => console.error(`the engine did not come back: ${error.message}`));
        } });
        await restarted;
        row('resume_storm10k.all_back_s', 's', 'lower', { [US]: [storm.all_back] });
        row('resume_storm10k.live_input_p50_factor', '', 'lower', { [US]: [storm.input_during_p50 / storm.input_before_p50] });
        row('resume_storm10k.live_input_p99_factor', '', 'lower', { [US]: [storm.input_during_p99 / storm.input_before_p99] });
    } finally {
        await relay.stop();
    }
}

/**
 * Connections of every kind beyond what the engine takes: the load fails when the engine holds more memory or descriptors in a calm
 * at the end than in one after the warm-up (bench/load/growth.h). CHURN_HOLD_S: how long a connection stays; more makes fewer a second.
 */
async function churn() {
    const minutes = Number(process.env.CHURN_MINUTES ?? 30);
    const hold = Number(process.env.CHURN_HOLD_S ?? 4);
    const relay = await startEngine();
    try {
        const figures = await load(relay, 'churn', ['--connections', 3000, '--sessions', 10, '--hold', hold, '--processes', 2, '--concurrency', 256, '--warm-up', 60, '--seconds', minutes * 60,
            '--set', 'connections=2000', '--set', 'busy_step_us=0', ...ONE_SOURCE]); // a busy machine must not shed the sessions in use
        if (figures.refused === 0)
            throw new Error('the churn was not beyond the limit: nothing was refused');
        row('churn.connections', '', 'higher', { [US]: [figures.tls_connections] });
        row('churn.memory_growth_factor', '', 'lower', { [US]: [figures.relay_bytes_last / figures.relay_bytes_first] });
        row('churn.peak_mb', 'MB', 'lower', { [US]: [figures.relay_bytes_peak / 1e6] });
        row('churn.descriptors_growth', '', 'lower', { [US]: [figures.relay_descriptors_last - figures.relay_descriptors_first] });
        row('churn.live_input_p99_us', 'us', 'lower', { [US]: [figures.input_p99] });
    } finally {
        await relay.stop();
    }
}

const short = { bulk16k, msg64x100, msg64x1, idle, fanout16, input_under_bulk: inputUnderBulk, stalled_viewers: stalledViewers, handshakes };
const long = { connections_held: connectionsHeld, all25k, resume_storm10k: resumeStorm, churn };
const chosen = Object.entries(mode === 'long' ? long : short).filter(([name]) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0)
    throw new Error(`no such row; there are ${Object.keys(mode === 'long' ? long : short).join(', ')}`);
requirePeers();
const restore = pinCongestion();
const before = processorTicks();
const began = Date.now();
let status = 0;
try {
    for (const [name, measure] of chosen) {
        const at = Date.now();
        await measure();
        console.log(`${name}: ${((Date.now() - at) / 1000).toFixed(0)} s`);
    }
    writeReport(mode === 'full' || mode === 'quick' ? 'relay' : `relay-${mode}`, `make bench-${smoke ? 'smoke' : mode === 'long' ? 'long' : 'relay'}`, {
        steal_percent: stealPercent(before, processorTicks()), started_noisy: `${quiet.noisy} of ${quiet.asked}`,
        took_s: Math.round((Date.now() - began) / 1000) }, rows);
} catch (error) {
    console.error(error.message);
    status = 1;
} finally {
    restore();
    removeFolder();
}
process.exitCode = status;
