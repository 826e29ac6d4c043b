/* SPDX-License-Identifier: Apache-2.0 */
/* The colours: data-theme on the root element is what style/tokens.css goes by. 'system' follows the computer. */
export type Theme = 'system' | 'light' | 'dark' | 'high_contrast';

let wanted: Theme = 'system';

export function useTheme(theme: Theme): void {
  wanted = theme;
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = theme === 'system' ? (dark ? 'dark' : 'light') : theme;
}

/* Once a page: takes part in changes of the computer's colours. */
export function startTheme(theme: Theme): void {
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => useTheme(wanted));
  useTheme(theme);
}
