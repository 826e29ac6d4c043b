/* SPDX-License-Identifier: Apache-2.0 */
import type { signIn as english } from '../en/sign_in';
import type { Text } from '../types';

export const signIn: Text<typeof english> = {
  title: 'Anmelden',
  lead: 'Für Supportmitarbeiter und Administratoren.',
  user: 'Benutzername',
  password: 'Kennwort',
  button: 'Anmelden',
  busy: 'Anmeldung läuft…',
  remember: 'Auf diesem Computer angemeldet bleiben',
  authenticator: 'Mit Passkey oder Sicherheitsschlüssel anmelden',
  needUser: 'Geben Sie Ihren Benutzernamen ein.',
  needPassword: 'Geben Sie Ihr Kennwort ein.',
  signedOut: 'Sie sind abgemeldet.',
  customerHint: 'Haben Sie einen Sitzungsschlüssel erhalten? ',
  customerLink: 'Geben Sie ihn auf der Kundenseite ein',
};
