// SPDX-License-Identifier: Apache-2.0
// The frames of a recorded scene (NAME.bgrx.zst).
import { spawn } from 'node:child_process';
import fs from 'node:fs';

/** A stream of the frames. The recording is opened here: zstd passes over links that it is given by name. */
export function framesOf(file, onError) {
    const input = fs.openSync(file, 'r');
    const child = spawn('zstd', ['-dc', '--long=27'], { stdio: [input, 'pipe', 'inherit'] });
    fs.closeSync(input);
    child.once('error', onError);
    return child.stdout;
}
