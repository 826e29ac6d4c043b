// SPDX-License-Identifier: Apache-2.0
// What every benchmark does with the machine: one congestion control for all, a quiet start, the report.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const CONGESTION = '/proc/sys/net/ipv4/tcp_congestion_control';
const QUIET_IDLE = 0.96;
const QUIET_LOOK_MS = 300;

export const percentile = (values, p) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Relative distance of the quartiles. */
export function spreadOf(values) {
    return Number(((percentile(values, 0.75) - percentile(values, 0.25)) / percentile(values, 0.5)).toFixed(3));
}

/** Ticks of each processor: { total, idle, steal }; the sum of all as the first. */
export function processorTicks() {
    return fs.readFileSync('/proc/stat', 'utf8').split('\n').filter((line) => /^cpu/.test(line)).map((line) => {
        const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
        return { total: ticks.reduce((sum, one) => sum + one, 0), idle: ticks[3] + ticks[4], steal: ticks[7] };
    });
}

export function stealPercent(before, after) {
    return Number((100 * (after[0].steal - before[0].steal) / Math.max(1, after[0].total - before[0].total)).toFixed(1));
}

/** Makes cubic the congestion control of every new socket where it may; resolves with how to put back what was. */
export function pinCongestion() {
    const before = fs.readFileSync(CONGESTION, 'utf8').trim();
    try {
        fs.writeFileSync(CONGESTION, 'cubic\n');
    } catch {
        console.log(`congestion control stays ${before}: ${CONGESTION} cannot be written`);
        return () => {};
    }
    const restore = () => fs.writeFileSync(CONGESTION, `${before}\n`);
    process.on('exit', restore);
    return () => {
        process.off('exit', restore);
        restore();
    };
}

/** Waits until every processor is idle, or until the budget of waiting is spent. */
export class Quiet {
    constructor(budgetMs) {
        this.leftMs = budgetMs;
        this.noisy = 0;
        this.asked = 0;
    }

    async wait() {
        this.asked++;
        for (;;) {
            const before = processorTicks();
            await sleep(QUIET_LOOK_MS);
            const after = processorTicks();
            if (after.slice(1).every((one, i) => one.idle - before[i + 1].idle >= QUIET_IDLE * (one.total - before[i + 1].total)))
                return;
            this.leftMs -= QUIET_LOOK_MS;
            if (this.leftMs <= 0) {
                this.noisy++;
                return;
            }
        }
    }
}

/** Prints the rows as a table and writes build/bench/NAME.json. */
export function writeReport(name, command, machine, rows) {
    const cpu = /model name\s*:\s*(.*)/.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? os.arch();
    const result = {
        machine: { cpu, cores: os.cpus().length, kernel: os.release(),
            congestion_control: fs.readFileSync(CONGESTION, 'utf8').trim(), ...machine },
        command, rows,
    };
    const width = Math.max(...rows.map((r) => r.name.length));
    for (const r of rows) {
        const peer = r.ratio === null || r.ratio === undefined ? '' : `  ratio ${r.ratio.toFixed(2)} to ${r.peer} (${r.peer_value})`;
        console.log(`${r.name.padEnd(width)}  ${(r.by ?? '').padEnd(8)} ${String(r.value).padStart(10)} ${r.unit.padEnd(6)} spread ${r.spread}${peer}`);
    }
    console.log(JSON.stringify(result.machine));
    fs.mkdirSync(path.join(root, 'build/bench'), { recursive: true });
    fs.writeFileSync(path.join(root, `build/bench/${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
}
