/* SPDX-License-Identifier: Apache-2.0 */
/* Everything the console says, in German. One line an area. */
import type { en } from '../en';
import type { Text } from '../types';
import { admin } from './admin';
import { agreement } from './agreement';
import { availability } from './availability';
import { chat } from './chat';
import { common } from './common';
import { deploy } from './deploy';
import { dashboard } from './dashboard';
import { desk } from './desk';
import { enrolment } from './enrolment';
import { factor } from './factor';
import { home } from './home';
import { jump } from './jump';
import { locked } from './locked';
import { jumpRules } from './jump_rules';
import { options } from './options';
import { password } from './password';
import { people } from './people';
import { recording } from './recording';
import { portals } from './portals';
import { reports } from './reports';
import { queues } from './queues';
import { policies } from './policies';
import { security } from './security';
import { service } from './service';
import { session } from './session';
import { sessionKey } from './session_key';
import { settings } from './settings';
import { setup } from './setup';
import { shell } from './shell';
import { shortcuts } from './shortcuts';
import { side } from './side';
import { signIn } from './sign_in';
import { table } from './table';
import { team } from './team';
import { tools } from './tools';

export const de: Text<typeof en> = {
  admin,
  agreement,
  availability,
  chat,
  common,
  deploy,
  dashboard,
  desk,
  enrolment,
  factor,
  home,
  jump,
  locked,
  jumpRules,
  options,
  password,
  people,
  recording,
  portals,
  reports,
  queues,
  policies,
  security,
  service,
  session,
  sessionKey,
  settings,
  setup,
  shell,
  shortcuts,
  side,
  signIn,
  table,
  team,
  tools,
};
