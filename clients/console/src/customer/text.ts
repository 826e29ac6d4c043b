/* SPDX-License-Identifier: Apache-2.0 */
/* What the chat in a customer's browser says, in the language of the page around it. A live binding. */
import { language } from '../text/common';
import { customer as english } from '../text/en/customer';
import type { Text } from '../text/types';

const en = { customer: english };

export let text: Text<typeof en> = en;

/* Follows the page. */
export async function followLanguage(): Promise<void> {
  const chosen = language;
  const found = chosen === 'de' ? { customer: (await import('../text/de/customer')).customer } : en;
  if (chosen === language) {
    text = found;
  }
}
