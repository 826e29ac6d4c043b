/* SPDX-License-Identifier: Apache-2.0 */
import type { enrolment as english } from '../en/enrolment';
import type { Text } from '../types';

export const enrolment: Text<typeof english> = {
  create: 'Jump-Client hinzufügen',
  title: 'Jump-Client hinzufügen',
  lead: 'Ein Jump-Client macht einen Computer erreichbar, an dem niemand sitzt. Erstellen Sie ein Token, und führen Sie dann den Befehl auf diesem Computer aus.',
  name: 'Name (freiwillig)',
  group: 'Gruppe (freiwillig)',
  button: 'Token erstellen',
  busy: 'Wird erstellt…',
  command: 'Führen Sie dies auf dem Computer aus',
  copyCommand: 'Befehl kopieren',
  expires: (when) => `Das Token gilt einmal, bis ${when}.`,
};
