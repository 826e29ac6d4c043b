/* SPDX-License-Identifier: Apache-2.0 */
/* The keyboard of the remote screen: key events, dead keys and input methods to KEY messages.
 *
 * Keys are tracked by their code, so the keysym that went down is the one that comes up, whatever layout
 * or modifier changed in between. Text that only an input method, a dead key or a virtual keyboard can make
 * arrives as text and is typed one character at a time.
 *
 * Invariant: down holds exactly the keys the remote side believes to be held.
 */
import { Keysym, keysymOfCodePoint, keysymOfKey, isModifierKey } from './keysyms';

export interface KeyEventLike {
  readonly key: string;
  readonly code: string;
  readonly location: number;
  readonly repeat: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
  readonly timeStamp: number;
  preventDefault(): void;
}

export interface KeySink {
  key(keysym: number, down: boolean): void;
  releaseAll(): void;
  /* The escape chord was pressed and released: focus leaves the remote screen. */
  escape(): void;
}

export interface Platform {
  readonly windows: boolean;
  readonly mac: boolean;
}

/* Windows reports AltGr as ControlLeft, then AltRight in the same instant. */
const ALTGR_PAIR_MS = 50;
const ALTGR_WAIT_MS = 100;
const KEYCODE_INPUT_METHOD = 229;

/* Japanese keys for which Windows sends no keyup. */
const keysWithoutUp = new Set([
  'Alphanumeric', 'Hiragana', 'Katakana', 'HiraganaKatakana', 'Zenkaku', 'Hankaku', 'ZenkakuHankaku', 'Romaji', 'KanaMode',
  'KanjiMode', 'HangulMode', 'HanjaMode',
]);

export class Keyboard {
  #down = new Map<string, number>();
  /* Codes whose text comes by the text path: their keyup means nothing. */
  #asText = new Set<string>();
  #afterDead = false;
  #heldControl: { timeStamp: number; timer: ReturnType<typeof setTimeout> } | null = null;
  /* The escape chord: all three held at once and nothing else pressed until the first comes up. */
  #chord: 'no' | 'armed' | 'spoiled' = 'no';
  #chordKeys = new Set<string>();

  constructor(private readonly sink: KeySink, private readonly platform: Platform) {}

  keyDown(event: KeyEventLike): void {
    const altGr = this.#resolveHeldControl(event);
    if (event.isComposing || event.key === 'Process' || event.keyCode === KEYCODE_INPUT_METHOD) {
      this.#asText.add(event.code);
      return;
    }
    if (event.key === 'Dead') {
      this.#afterDead = true;
      this.#asText.add(event.code);
      return;
    }
    this.#trackChordDown(event);
    const printable = [...event.key].length === 1;
    if (this.#afterDead && printable) {
      /* The browser combines it with the dead key and gives the result as text. */
      this.#afterDead = false;
      this.#asText.add(event.code);
      return;
    }
    if (!isModifierKey(event.key)) {
      this.#afterDead = false;
    }
    const keysym = altGr ? Keysym.ISO_Level3_Shift : this.#translate(event);
    if (keysym === null) {
      /* A virtual keyboard: the text follows in an input event, which preventDefault would suppress. */
      if (event.key === 'Unidentified' || event.key === '') {
        this.#asText.add(event.code);
      } else {
        event.preventDefault();
      }
      return;
    }
    event.preventDefault();
    if (this.platform.windows && event.code === 'ControlLeft' && !event.repeat && !this.#down.has('ControlLeft')) {
      this.#holdControl(event.timeStamp);
      return;
    }
    this.#press(event, keysym);
  }

  keyUp(event: KeyEventLike): void {
    this.#flushHeldControl();
    this.#trackChordUp(event);
    if (this.#asText.delete(event.code)) {
      return;
    }
    event.preventDefault();
    if (this.platform.mac && event.code === 'CapsLock') {
      /* A Mac reports only the change of state: one event is one whole key stroke. */
      this.sink.key(Keysym.Caps_Lock, true);
      this.sink.key(Keysym.Caps_Lock, false);
      return;
    }
    this.#release(event.code);
    if (this.platform.windows && (event.code === 'ShiftLeft' || event.code === 'ShiftRight')) {
      /* With both Shift keys held Windows reports only one release. */
      this.#release(event.code === 'ShiftLeft' ? 'ShiftRight' : 'ShiftLeft');
    }
    if (this.platform.mac && (event.code === 'MetaLeft' || event.code === 'MetaRight')) {
      this.#releaseAllButModifiers();
    }
  }

  /* Text from an input method, a dead key, a virtual keyboard or a paste by the browser. */
  text(text: string): void {
    this.#flushHeldControl();
    this.#afterDead = false;
    for (const character of text) {
      const keysym = keysymOfCodePoint(character.codePointAt(0)!);
      if (keysym !== null) {
        this.sink.key(keysym, true);
        this.sink.key(keysym, false);
      }
    }
  }

  /* Focus left, or the connection went: nothing may stay held. */
  reset(): void {
    if (this.#heldControl) {
      clearTimeout(this.#heldControl.timer);
      this.#heldControl = null;
    }
    this.#down.clear();
    this.#asText.clear();
    this.#chordKeys.clear();
    this.#chord = 'no';
    this.#afterDead = false;
    this.sink.releaseAll();
  }

  #translate(event: KeyEventLike): number | null {
    const keysym = keysymOfKey(event);
    if (!this.platform.mac) {
      return keysym;
    }
    /* On a Mac, Command stands where Alt is elsewhere, and Option makes third-level characters. */
    switch (keysym) {
      case Keysym.Super_L:
        return Keysym.Alt_L;
      case Keysym.Super_R:
        return Keysym.Super_L;
      case Keysym.Alt_L:
        return Keysym.Mode_switch;
      case Keysym.Alt_R:
        return Keysym.ISO_Level3_Shift;
      default:
        return keysym;
    }
  }

  #press(event: KeyEventLike, keysym: number): void {
    if (this.platform.mac && event.code === 'CapsLock') {
      this.sink.key(Keysym.Caps_Lock, true);
      this.sink.key(Keysym.Caps_Lock, false);
      return;
    }
    if (this.platform.windows && keysWithoutUp.has(event.key)) {
      this.sink.key(keysym, true);
      this.sink.key(keysym, false);
      return;
    }
    if (event.code === '') {
      /* Without a code its release could not be matched. */
      this.sink.key(keysym, true);
      this.sink.key(keysym, false);
      return;
    }
    const held = this.#down.get(event.code);
    if (held !== undefined) {
      this.sink.key(held, true);
      return;
    }
    this.#down.set(event.code, keysym);
    this.sink.key(keysym, true);
  }

  #release(code: string): void {
    const keysym = this.#down.get(code);
    if (keysym !== undefined) {
      this.#down.delete(code);
      this.sink.key(keysym, false);
    }
  }

  /* A Mac sends no keyup for keys that were pressed while Command was held. */
  #releaseAllButModifiers(): void {
    for (const code of [...this.#down.keys()]) {
      if (!/^(Shift|Control|Alt|Meta)(Left|Right)$/.test(code)) {
        this.#release(code);
      }
    }
  }

  #holdControl(timeStamp: number): void {
    const timer = setTimeout(() => this.#flushHeldControl(), ALTGR_WAIT_MS);
    this.#heldControl = { timeStamp, timer };
  }

  #flushHeldControl(): void {
    if (this.#heldControl) {
      clearTimeout(this.#heldControl.timer);
      this.#heldControl = null;
      this.#down.set('ControlLeft', Keysym.Control_L);
      this.sink.key(Keysym.Control_L, true);
    }
  }

  /* True when the event is the AltRight that makes the held ControlLeft an AltGr. */
  #resolveHeldControl(event: KeyEventLike): boolean {
    const held = this.#heldControl;
    if (!held) {
      return false;
    }
    if (event.code === 'AltRight' && event.timeStamp - held.timeStamp < ALTGR_PAIR_MS) {
      clearTimeout(held.timer);
      this.#heldControl = null;
      this.#chordKeys.delete('Control');
      return true;
    }
    if (!event.repeat || event.code !== 'ControlLeft') {
      this.#flushHeldControl();
    }
    return false;
  }

  #trackChordDown(event: KeyEventLike): void {
    const part = chordPart(event);
    if (part) {
      this.#chordKeys.add(part);
      if (this.#chordKeys.size === 3 && this.#chord === 'no') {
        this.#chord = 'armed';
      }
    } else if (this.#chordKeys.size > 0) {
      this.#chord = 'spoiled';
    }
  }

  #trackChordUp(event: KeyEventLike): void {
    const part = chordPart(event);
    if (!part) {
      return;
    }
    const armed = this.#chord === 'armed';
    this.#chordKeys.delete(part);
    if (armed) {
      this.reset();
      this.sink.escape();
    } else if (this.#chordKeys.size === 0) {
      this.#chord = 'no';
    }
  }
}

/* The key counts first, since layouts swap modifiers; the code helps where Shift turns Alt into Meta. */
function chordPart(event: KeyEventLike): string | null {
  if (event.key === 'Control' || event.key === 'Alt' || event.key === 'Shift') {
    return event.key;
  }
  if (event.key === 'AltGraph') {
    return null;
  }
  return /^(Control|Alt|Shift)(Left|Right)$/.exec(event.code)?.[1] ?? null;
}
