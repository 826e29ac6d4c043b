// SPDX-License-Identifier: Apache-2.0
// A customer: a desktop of their own (Xvfb) on which they run the command the portal showed them.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { root, until } from './appliance.mjs';

const execute = promisify(execFile);
/** xdotool --sync waits for ever for a window that never comes. */
const run = (program, args, options) => execute(program, args, { timeout: 8000, ...options });

export class Customer {
    static async start() {
        const customer = new Customer();
        customer.home = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-customer-'));
        customer.children = [];
        const numbers = customer.#spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp', '-noreset'],
            process.env, ['ignore', 'ignore', 'ignore', 'pipe']);
        const number = await new Promise((resolve, reject) => {
            let text = '';
            numbers.stdio[3].on('data', (data) => {
                text += data;
                if (text.includes('\n'))
                    resolve(text.trim());
            });
            numbers.on('exit', () => reject(new Error('Xvfb did not start')));
        });
        customer.environment = { ...process.env, DISPLAY: `:${number}`, HOME: customer.home, XAUTHORITY: '' };
        customer.#spawn('openbox', [], customer.environment);
        // A window that appears while the window manager starts may never be shown.
        await until('the window manager is there', () => customer.#hasWindowManager(), 10000);
        customer.#spawn('xterm', ['-fa', 'DejaVu Sans Mono', '-geometry', '80x24+40+300', '-e', 'sh'], customer.environment);
        await until('the customer\'s terminal is there', () => customer.#windowNamed('xterm', false), 15000);
        return customer;
    }

    #spawn(program, args, env, stdio = 'ignore') {
        const child = spawn(program, args, { env, stdio });
        this.children.push(child);
        return child;
    }

    async #hasWindowManager() {
        const { stdout } = await run('xprop', ['-root', '_NET_SUPPORTING_WM_CHECK'], { env: this.environment });
        return stdout.includes('window id');
    }

    async #windowNamed(pattern, byName = true) {
        try {
            const { stdout } = await run('xdotool',
                ['search', '--onlyvisible', byName ? '--name' : '--class', pattern], { env: this.environment });
            return stdout.trim().split('\n')[0] || undefined;
        } catch {
            return undefined;
        }
    }

    /** Runs the command as the portal shows it ("./causeway-client --key … HOST:PORT"). */
    runClient(command) {
        const words = command.trim().split(/\s+/);
        if (!words[0].endsWith('causeway-client'))
            throw new Error(`the portal's command is not for causeway-client: ${command}`);
        this.output = '';
        this.client = spawn(path.join(root, 'build/release/causeway-client'), words.slice(1),
            { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
        this.children.push(this.client);
        for (const stream of [this.client.stdout, this.client.stderr])
            stream.on('data', (data) => { this.output += data; });
        this.clientEnded = new Promise((resolve) => this.client.on('exit', (code) => resolve(code)));
    }

    window() {
        return until('the customer client\'s window is there', () => this.#windowNamed('Causeway'), 10000);
    }

    async keys(...keys) {
        const window = await this.window();
        await run('xdotool', ['windowactivate', '--sync', window, 'key', '--delay', '60', ...keys], { env: this.environment });
    }

    /** Answers the window's question by keyboard; the focus is on "Refuse" when it asks. */
    async answer(what) {
        await new Promise((resolve) => setTimeout(resolve, 1500)); // a person reads; haste is ignored for 0.5 s
        await this.keys(...{ 'allow view and control': ['shift+Tab', 'shift+Tab', 'Return'], refuse: ['Return'] }[what]);
    }

    /** Closes the window that says how it ended; resolves with the client's exit code. */
    async close() {
        await this.keys('Return');
        return this.clientEnded;
    }

    async type(text) {
        const window = await this.window();
        await run('xdotool', ['windowactivate', '--sync', window, 'type', '--delay', '40', text], { env: this.environment });
    }

    async stop() {
        for (const child of this.children.reverse()) {
            if (child.exitCode === null && child.signalCode === null)
                child.kill('SIGTERM');
        }
        await new Promise((resolve) => setTimeout(resolve, 300));
        fs.rmSync(this.home, { recursive: true, force: true });
    }
}
