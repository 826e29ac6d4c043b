/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one can be given sessions. */
export const availability = {
  label: (status: string) => `Availability: ${status}`,
  status: { available: 'Available', busy: 'Busy', away: 'Away' },
  optOut: 'No automatic assignment',
  optedOut: 'not assigned',
};
