/* SPDX-License-Identifier: Apache-2.0 */
/* A filter that is typed: each of its words is somewhere in what it filters, small and capital letters alike. */

export function hasWords(typed: string, ...texts: readonly (string | null | undefined)[]): boolean {
  const all = texts.join('\n').toLocaleLowerCase();
  return typed.toLocaleLowerCase().split(/\s+/).every((word) => all.includes(word));
}
