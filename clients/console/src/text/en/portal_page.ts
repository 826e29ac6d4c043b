/* SPDX-License-Identifier: Apache-2.0 */
/* Everything the portal says, in English: only its areas, so that a customer loads little. */
import { common } from './common';
import { portal } from './portal';

export const en = { common, portal };
