/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of a translation: the same members as the English, so that a missing text does not compile. */
export type Text<T> = T extends string ? string
  : T extends (...args: infer A) => string ? (...args: A) => string
  : { readonly [K in keyof T]: Text<T[K]> };

export type Language = 'en' | 'de';

export const languages: readonly Language[] = ['en', 'de'];
