/* SPDX-License-Identifier: Apache-2.0 */
/* /console/?jump=TEXT: a link of a ticketing tool or a script. One computer that has the text starts at once. */

/* Gives the text once: it leaves the address, so that loading the page again does not Jump again. */
export function takeJumpLink(): string {
  const query = new URLSearchParams(location.search);
  const wanted = query.get('jump')?.trim() ?? '';
  if (query.has('jump')) {
    query.delete('jump');
    const rest = query.toString();
    history.replaceState(null, '', `${location.pathname}${rest === '' ? '' : `?${rest}`}${location.hash}`);
  }
  return wanted;
}
