/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's page: ways to get help, and what happens until a session is over. */
import { render } from 'preact';
import { Portal } from './portal/app';
import { rememberedLanguage } from './portal/remembered';
import { chooseLanguage } from './text/portal';
import { startTheme } from './theme';

startTheme('system');
await chooseLanguage(rememberedLanguage());
render(<Portal />, document.getElementById('app')!);
performance.mark('interactive'); /* for measuring: from here on a person can do something */
