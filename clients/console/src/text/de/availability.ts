/* SPDX-License-Identifier: Apache-2.0 */
import type { availability as english } from '../en/availability';
import type { Text } from '../types';

export const availability: Text<typeof english> = {
  label: (status) => `Verfügbarkeit: ${status}`,
  status: { available: 'Verfügbar', busy: 'Beschäftigt', away: 'Abwesend' },
  optOut: 'Keine automatische Zuweisung',
  optedOut: 'ohne Zuweisung',
};
