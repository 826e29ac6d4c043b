/* SPDX-License-Identifier: Apache-2.0 */
/* The field that has the focus while one types on the remote screen: its events to the Keyboard. What input methods
 * and dead keys write into it is taken out of it as text, once, before the key that follows.
 *
 * Invariant: the field is never emptied while something is being composed in it; that would break the composition.
 */
import type { Keyboard } from './keyboard';

export function connectKeyboard(typing: HTMLTextAreaElement, keyboard: Keyboard, signal: AbortSignal): void {
  let composing = false;
  const flush = () => {
    const typed = typing.value;
    typing.value = '';
    if (typed !== '') {
      keyboard.text(typed);
    }
  };
  typing.addEventListener('keydown', (event) => {
    if (!composing && !event.isComposing) {
      flush(); /* text that was committed just now goes before the key that follows it */
    }
    keyboard.keyDown(event);
  }, { signal });
  typing.addEventListener('keyup', (event) => keyboard.keyUp(event), { signal });
  typing.addEventListener('compositionstart', () => (composing = true), { signal });
  typing.addEventListener('compositionend', () => {
    composing = false;
    /* Some browsers write the text just before this event, some just after it. The next composition may have begun
     * by then: to empty the field would break it, and its end takes this text along. */
    setTimeout(() => {
      if (!composing) {
        flush();
      }
    }, 0);
  }, { signal });
  typing.addEventListener('input', (event) => {
    if (!composing && !(event as InputEvent).isComposing) {
      flush();
    }
  }, { signal });
}
