/* SPDX-License-Identifier: Apache-2.0 */
import type { agreement as english } from '../en/agreement';
import type { Text } from '../types';

export const agreement: Text<typeof english> = {
  title: 'Vereinbarung',
  accept: 'Ich stimme zu',
  refuse: 'Ich stimme nicht zu: abmelden',
};
