/* SPDX-License-Identifier: Apache-2.0 */
/* A session key as a person typed it, in the form control prints: capitals in groups of four. */

export function tidyKey(typed: string): string {
  const letters = typed.normalize('NFKC').toUpperCase().replace(/[^A-Z0-9]/g, '');
  return letters.slice(0, 64).replace(/(.{4})(?=.)/g, '$1-');
}
