/* SPDX-License-Identifier: Apache-2.0 */
/* Everything the console says, in German. One line an area. */
import type { en } from '../en';
import type { Text } from '../types';
import { agreement } from './agreement';
import { chat } from './chat';
import { common } from './common';
import { enrolment } from './enrolment';
import { factor } from './factor';
import { home } from './home';
import { password } from './password';
import { session } from './session';
import { sessionKey } from './session_key';
import { setup } from './setup';
import { shell } from './shell';
import { signIn } from './sign_in';

export const de: Text<typeof en> = {
  agreement,
  chat,
  common,
  enrolment,
  factor,
  home,
  password,
  session,
  sessionKey,
  setup,
  shell,
  signIn,
};
