/* SPDX-License-Identifier: Apache-2.0 */
import type { factor as english } from '../en/factor';
import type { Text } from '../types';

export const factor: Text<typeof english> = {
  title: 'Zweiter Schritt',
  label: { totp: 'Einmalcode', recovery_code: 'Wiederherstellungscode' },
  go: { totp: 'Anmelden', recovery_code: 'Anmelden', webauthn: 'Passkey verwenden' },
  instead: {
    totp: 'Einmalcode verwenden',
    recovery_code: 'Wiederherstellungscode verwenden',
    webauthn: 'Passkey oder Sicherheitsschlüssel verwenden',
  },
  authenticatorLead: 'Berühren Sie Ihren Sicherheitsschlüssel, oder bestätigen Sie auf diesem Gerät.',
  authenticatorFailed: 'Es kam keine Bestätigung. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
  needCode: 'Geben Sie den Code ein.',
  back: 'Von vorn beginnen',
};
