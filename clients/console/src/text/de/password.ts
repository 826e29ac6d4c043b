/* SPDX-License-Identifier: Apache-2.0 */
import type { password as english } from '../en/password';
import type { Text } from '../types';

export const password: Text<typeof english> = {
  title: 'Neues Kennwort wählen',
  lead: 'Das Kennwort, mit dem Sie sich angemeldet haben, galt nur einmal. Wählen Sie ein eigenes, um fortzufahren.',
  current: 'Bisheriges Kennwort',
  next: 'Neues Kennwort',
  repeat: 'Neues Kennwort wiederholen',
  rule: 'Mindestens 12 Zeichen. Einige Wörter ohne Zusammenhang ergeben ein gutes Kennwort.',
  button: 'Kennwort ändern',
  busy: 'Wird geändert…',
  differs: 'Die beiden neuen Kennwörter stimmen nicht überein.',
  tooShort: 'Das neue Kennwort braucht mindestens 12 Zeichen.',
  needCurrent: 'Geben Sie Ihr bisheriges Kennwort ein.',
  changed: 'Das Kennwort wurde geändert.',
};
