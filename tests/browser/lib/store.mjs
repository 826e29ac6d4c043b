// SPDX-License-Identifier: Apache-2.0
// Ways in which an appliance's store stops taking writes, each with the way back.
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { until } from './appliance.mjs';

const run = promisify(execFile);
const DISK_MB = 128; // what `make run` puts into a state folder is a fifth of it
const isRoot = process.getuid() === 0;

/** A state folder on a small disk of its own where that is possible: `isDisk` says whether it was. */
export class StateFolder {
    constructor() {
        this.path = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-test-'));
        try {
            execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=755`, 'causeway-test', this.path], { stdio: 'ignore' });
            this.isDisk = true;
        } catch {
            this.isDisk = false; // not root, or a container that may not mount
        }
        fs.chmodSync(this.path, 0o755);
    }

    /** Leaves no byte free; resolves with the way back. */
    fill() {
        const file = path.join(this.path, 'fill');
        const descriptor = fs.openSync(file, 'w');
        for (const bytes of [1 << 20, 4096]) {
            try {
                for (;;)
                    fs.writeSync(descriptor, Buffer.alloc(bytes));
            } catch (error) {
                if (error.code !== 'ENOSPC')
                    throw error;
            }
        }
        fs.closeSync(descriptor);
        return () => fs.rmSync(file);
    }

    remove() {
        if (this.isDisk)
            execFileSync('umount', [this.path]);
        fs.rmSync(this.path, { recursive: true, force: true });
    }
}

/** As the user the process runs as: root may lack the capability for the processes of others. */
function limitFiles(pid, bytes) {
    const words = ['prlimit', '--pid', String(pid), `--fsize=${bytes}:`];
    if (isRoot) {
        const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
        const number = (name) => new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1];
        words.unshift('setpriv', '--reuid', number('Uid'), '--regid', number('Gid'), '--clear-groups');
    }
    return run(words[0], words.slice(1));
}

async function limitSize({ control }) {
    await limitFiles(control, 1);
    return () => limitFiles(control, 'unlimited');
}

/** Takes the store's files from control, which opened them long ago and so must start anew to notice. */
async function protect({ appliance, control }) {
    const folder = path.join(appliance.ready.state_dir, 'data/control');
    const files = fs.readdirSync(folder).filter((name) => name.startsWith('store.sqlite')).map((name) => path.join(folder, name));
    if (files.length === 0)
        throw new Error(`no store in ${folder}`);
    const kept = [folder, ...files].map((file) => ({ file, ...fs.statSync(file) }));
    for (const { file, mode } of kept) {
        fs.chmodSync(file, mode & 0o555 | (isRoot ? 0o055 & mode | 0o444 | (file === folder ? 0o111 : 0) : 0));
        if (isRoot)
            fs.chownSync(file, 0, 0);
    }
    process.kill(control, 'SIGKILL');
    await until('control was started again', async () => {
        const pids = await appliance.pidsOf('causeway-control');
        return pids.length === 1 && pids[0] !== control;
    });
    return () => {
        for (const { file, mode, uid, gid } of kept) {
            if (isRoot)
                fs.chownSync(file, uid, gid);
            fs.chmodSync(file, mode & 0o777);
        }
    };
}

/** { name, reason, spoil }: spoil({ appliance, control: pid, folder }, test) resolves with the way back. */
export const storeTroubles = [
    {
        name: 'on a full disk', reason: /the disk (is full|reports errors)/,
        async spoil(store, test) {
            if (store.folder.isDisk)
                return store.folder.fill();
            test.diagnostic('no disk of its own could be mounted: the limit of a file\'s size takes its place');
            return limitSize(store);
        },
    },
    { name: 'as large as files may become', reason: /the disk (is full|reports errors)/, spoil: limitSize },
    { name: 'read-only', reason: /read-only/, spoil: protect },
];
