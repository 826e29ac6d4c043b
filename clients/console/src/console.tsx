/* SPDX-License-Identifier: Apache-2.0 */
import { render } from 'preact';
import { ConsoleState } from './console_state';
import { settings } from './settings';
import { shortcuts } from './shortcuts';
import { ConsoleApp } from './view/console_app';

declare const CODEC_URL: string; /* the built decoder's address; build.mjs puts it in */

await settings.begin();
shortcuts.start();
const state = new ConsoleState(CODEC_URL);
render(<ConsoleApp state={state} />, document.getElementById('app')!);
void state.start();
