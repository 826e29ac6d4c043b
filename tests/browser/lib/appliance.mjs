// SPDX-License-Identifier: Apache-2.0
// Brings the appliance up the way a person does, with `make run`, and ends it with Ctrl-C.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../..');
const run = promisify(execFile);

/** A port that is free now. */
export function freePort() {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        server.on('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

export async function until(what, condition, timeoutMs = 10000, stepMs = 50) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        const value = await condition();
        if (value)
            return value;
        if (Date.now() > deadline)
            throw new Error(`gave up after ${timeoutMs} ms waiting until ${what}`);
        await new Promise((resolve) => setTimeout(resolve, stepMs));
    }
}

export class Appliance {
    /** stateDir: an existing store to find again; else a new one. */
    static async start({ stateDir, httpsPort, httpPort } = {}) {
        const appliance = new Appliance();
        appliance.ownsState = stateDir === undefined;
        appliance.stateDir = stateDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-test-'));
        fs.chmodSync(appliance.stateDir, 0o755);
        appliance.httpsPort = httpsPort ?? await freePort();
        appliance.httpPort = httpPort ?? await freePort();
        appliance.readyFile = path.join(appliance.stateDir, 'ready.json');
        fs.rmSync(appliance.readyFile, { force: true });
        appliance.output = '';
        // CAUSEWAY_MAKE_ARGUMENTS="CONFIG=asan" runs the same tests against the sanitized programs.
        const extra = (process.env.CAUSEWAY_MAKE_ARGUMENTS ?? '').split(' ').filter(Boolean);
        appliance.process = spawn('make', ['-s', 'run', ...extra], {
            cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
            env: {
                ...process.env, STATE_DIR: appliance.stateDir, HTTPS_PORT: String(appliance.httpsPort),
                HTTP_PORT: String(appliance.httpPort), READY_FILE: appliance.readyFile, MAKEFLAGS: '',
            },
        });
        appliance.ended = new Promise((resolve) => appliance.process.on('exit', (code) => resolve(code)));
        let over = false;
        appliance.ended.then(() => { over = true; });
        for (const stream of [appliance.process.stdout, appliance.process.stderr])
            stream.on('data', (data) => { appliance.output += data; });
        await until('make run is ready', () => {
            if (over)
                throw new Error(`make run ended early:\n${appliance.output}`);
            return fs.existsSync(appliance.readyFile);
        }, 120000, 100).catch((error) => {
            appliance.interrupt();
            throw new Error(`${error.message}\n${appliance.output}`);
        });
        Object.assign(appliance, { ready: JSON.parse(fs.readFileSync(appliance.readyFile, 'utf8')) });
        appliance.url = appliance.ready.url;
        return appliance;
    }

    interrupt() {
        try {
            process.kill(-this.process.pid, 'SIGINT');
        } catch {
            // It has ended already.
        }
    }

    /** Ctrl-C; resolves once everything it started is gone. */
    async stop({ keepState = false } = {}) {
        this.interrupt();
        await this.ended;
        const left = await this.processesLeft();
        const complaints = this.sanitizerComplaints();
        if (this.ownsState && !keepState)
            fs.rmSync(this.stateDir, { recursive: true, force: true });
        if (left.length > 0)
            throw new Error(`still running after Ctrl-C:\n${left.join('\n')}`);
        if (complaints)
            throw new Error(`a program was stopped by a check:\n${complaints}`);
    }

    /** What a sanitizer or a failed check wrote into the logs, if anything. */
    sanitizerComplaints() {
        const folder = path.join(this.stateDir, 'log');
        return fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
            .map((text) => /^.*(Sanitizer|runtime error:|check failed:)[^]*/m.exec(text)?.[0].slice(0, 4000))
            .filter(Boolean).join('\n');
    }

    /** Processes whose command line or environment names this appliance's state folder. */
    async processesLeft() {
        const found = [];
        for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
            try {
                const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
                const environment = fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
                if (Number(pid) !== process.pid
                    && (line.includes(this.stateDir) || environment.includes(this.stateDir)))
                    found.push(`${pid} ${line}`);
            } catch {
                // The process has ended meanwhile.
            }
        }
        return found;
    }

    /** Pids of a program of this appliance, by the end of its path. */
    async pidsOf(program) {
        return (await this.processesLeft()).filter((line) => line.split(' ')[1].endsWith(`/${program}`))
            .map((line) => Number(line.split(' ')[0]));
    }

    /** causewayctl as the operator; { code, stdout, stderr }. */
    async ctl(...words) {
        const program = path.join(root, 'build/release/causewayctl');
        const socket = path.join(this.ready.run_dir, 'control.sock');
        try {
            const { stdout, stderr } = await run(program, ['--socket', socket, ...words]);
            return { code: 0, stdout, stderr };
        } catch (error) {
            return { code: error.code, stdout: error.stdout, stderr: error.stderr };
        }
    }

    async ctlJson(...words) {
        const { code, stdout, stderr } = await this.ctl('--json', ...words);
        if (code !== 0)
            throw new Error(`causewayctl ${words.join(' ')}: ${stderr}`);
        return JSON.parse(stdout);
    }

    /** An audit row for which `matches` holds, once it is there. */
    auditRow(what, matches) {
        return until(`the audit log has a row: ${what}`, async () => {
            const { rows } = await this.ctlJson('show', 'audit');
            return rows.find(matches);
        }, 5000);
    }

    /** Environment for an X program on the sample desktop. */
    get desktop() {
        return { ...process.env, DISPLAY: this.ready.display, XAUTHORITY: this.ready.xauthority };
    }

    /** Window number of the sample terminal. */
    async terminal() {
        const found = await this.x('xdotool', 'search', '--onlyvisible', '--class', 'xterm');
        return found.toString().trim().split('\n')[0];
    }

    /** Where a window's inside is on the screen (xdotool counts its frame twice). */
    async windowBox(window) {
        const text = (await this.x('xwininfo', '-id', window)).toString();
        const value = (name) => Number(new RegExp(`${name}:\\s+(-?\\d+)`).exec(text)[1]);
        return {
            x: value('Absolute upper-left X'), y: value('Absolute upper-left Y'),
            width: value('Width'), height: value('Height'),
        };
    }

    async x(program, ...args) {
        const { stdout } = await run(program, args, { env: this.desktop, encoding: 'buffer', maxBuffer: 1 << 28 });
        return stdout;
    }
}

/** The X server's pixels as { width, height, rgb }. */
export async function rootPixels(environment) {
    const { stdout } = await run('import', ['-window', 'root', '-depth', '8', 'ppm:-'],
        { env: environment, encoding: 'buffer', maxBuffer: 1 << 28 });
    const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(stdout.subarray(0, 64).toString('latin1'));
    if (!head)
        throw new Error('import did not give a PPM picture');
    return { width: Number(head[1]), height: Number(head[2]), rgb: stdout.subarray(head[0].length) };
}
