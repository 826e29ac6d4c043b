/* SPDX-License-Identifier: Apache-2.0 */
/* Everything the portal says, in German. */
import type { en } from '../en/portal_page';
import type { Text } from '../types';
import { common } from './common';
import { portal } from './portal';

export const de: Text<typeof en> = { common, portal };
