/* SPDX-License-Identifier: Apache-2.0 */
/* Everything the console says, in English. One line an area. */
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

export const en = {
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
