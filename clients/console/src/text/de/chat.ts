/* SPDX-License-Identifier: Apache-2.0 */
import type { chat as english } from '../en/chat';
import type { Text } from '../types';

export const chat: Text<typeof english> = {
  title: 'Chat',
  log: 'Chatnachrichten',
  input: 'Nachricht',
  send: 'Senden',
  empty: 'Noch keine Nachrichten.',
  unsent: 'Noch nicht zugestellt',
  notPermitted: 'In dieser Sitzung ist der Chat nicht erlaubt.',
  tooLong: 'Diese Nachricht ist zu lang. Kürzen Sie sie, oder senden Sie sie in Teilen.',
  you: 'Sie',
  newMessage: (name) => `Neue Nachricht von ${name}`,
  hint: 'Eingabetaste sendet, Umschalt+Eingabetaste beginnt eine neue Zeile.',
};
