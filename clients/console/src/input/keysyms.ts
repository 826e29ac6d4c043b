/* SPDX-License-Identifier: Apache-2.0 */
/* From a browser's key event to an X keysym. Pure tables and functions.
 *
 * Values are those of X11's keysymdef.h and XF86keysym.h. Printable text: Latin-1 is its own code point,
 * everything else is 0x01000000 + code point.
 */

/* KeyboardEvent.location */
const RIGHT = 2;
const NUMPAD = 3;

export const Keysym = {
  BackSpace: 0xff08, Tab: 0xff09, Return: 0xff0d, Escape: 0xff1b, Delete: 0xffff,
  Shift_L: 0xffe1, Shift_R: 0xffe2, Control_L: 0xffe3, Control_R: 0xffe4, Caps_Lock: 0xffe5,
  Alt_L: 0xffe9, Alt_R: 0xffea, Super_L: 0xffeb, Super_R: 0xffec,
  ISO_Level3_Shift: 0xfe03, Mode_switch: 0xff7e, Num_Lock: 0xff7f,
} as const;

const named: Readonly<Record<string, number>> = {
  Backspace: 0xff08, Tab: 0xff09, Clear: 0xff0b, Enter: 0xff0d, Pause: 0xff13, ScrollLock: 0xff14,
  Escape: 0xff1b, Delete: 0xffff,
  /* Japanese and Korean input */
  KanjiMode: 0xff21, NonConvert: 0xff22, Convert: 0xff23, Romaji: 0xff24, Hiragana: 0xff25,
  Katakana: 0xff26, HiraganaKatakana: 0xff27, Zenkaku: 0xff28, Hankaku: 0xff29, ZenkakuHankaku: 0xff2a,
  KanaMode: 0xff2d, Alphanumeric: 0xff30, HangulMode: 0xff31, HanjaMode: 0xff34, JunjaMode: 0xff38,
  CodeInput: 0xff37, SingleCandidate: 0xff3c, AllCandidates: 0xff3d, PreviousCandidate: 0xff3e,
  Compose: 0xff20, ModeChange: 0xff7e,
  /* navigation and editing */
  Home: 0xff50, ArrowLeft: 0xff51, ArrowUp: 0xff52, ArrowRight: 0xff53, ArrowDown: 0xff54,
  PageUp: 0xff55, PageDown: 0xff56, End: 0xff57, Select: 0xff60, PrintScreen: 0xff61, Execute: 0xff62,
  Insert: 0xff63, Undo: 0xff65, Redo: 0xff66, ContextMenu: 0xff67, Find: 0xff68, Cancel: 0xff69,
  Help: 0xff6a, Copy: 0x1008ff57, Cut: 0x1008ff58, Paste: 0x1008ff6d,
  /* locks and modifiers without sides */
  NumLock: 0xff7f, CapsLock: 0xffe5, AltGraph: 0xfe03, Hyper: 0xffed, Super: 0xffeb,
  /* XF86 keys */
  BrightnessUp: 0x1008ff02, BrightnessDown: 0x1008ff03, Standby: 0x1008ff10,
  AudioVolumeDown: 0x1008ff11, AudioVolumeMute: 0x1008ff12, AudioVolumeUp: 0x1008ff13,
  MediaPlay: 0x1008ff14, MediaPlayPause: 0x1008ff14, MediaStop: 0x1008ff15, MediaTrackPrevious: 0x1008ff16,
  MediaTrackNext: 0x1008ff17, BrowserHome: 0x1008ff18, LaunchMail: 0x1008ff19, MediaRecord: 0x1008ff1c,
  LaunchApplication2: 0x1008ff1d, BrowserSearch: 0x1008ff1b, BrowserBack: 0x1008ff26,
  BrowserForward: 0x1008ff27, BrowserStop: 0x1008ff28, BrowserRefresh: 0x1008ff29, PowerOff: 0x1008ff2a,
  WakeUp: 0x1008ff2b, Eject: 0x1008ff2c, LaunchScreenSaver: 0x1008ff2d, BrowserFavorites: 0x1008ff30,
  MediaPause: 0x1008ff31, LaunchMediaPlayer: 0x1008ff32, LaunchApplication1: 0x1008ff33,
  MediaRewind: 0x1008ff3e, LogOff: 0x1008ff61, MediaFastForward: 0x1008ff97, Sleep: 0x1008ff2f,
  Close: 0x1008ff56, Open: 0x1008ff6b, Save: 0x1008ff77, Print: 0xff61, Spell: 0x1008ff7c,
  ZoomIn: 0x1008ff8b, ZoomOut: 0x1008ff8c, Hibernate: 0x1008ffa8, AudioMicrophoneMute: 0x1008ffb2,
};

/* [left or unknown, right] */
const sided: Readonly<Record<string, readonly [number, number]>> = {
  Shift: [0xffe1, 0xffe2],
  Control: [0xffe3, 0xffe4],
  Alt: [0xffe9, 0xffea],
  Meta: [0xffeb, 0xffec],
  OS: [0xffeb, 0xffec],
};

const numpad: Readonly<Record<string, number>> = {
  Enter: 0xff8d, Home: 0xff95, ArrowLeft: 0xff96, ArrowUp: 0xff97, ArrowRight: 0xff98,
  ArrowDown: 0xff99, PageUp: 0xff9a, PageDown: 0xff9b, End: 0xff9c, Clear: 0xff9d, Insert: 0xff9e,
  Delete: 0xff9f, Tab: 0xff89, '=': 0xffbd, '*': 0xffaa, '+': 0xffab, ',': 0xffac, '-': 0xffad,
  '.': 0xffae, '/': 0xffaf,
};

/* Keys whose meaning is in the code when the browser gives no usable key value. */
const byCode: Readonly<Record<string, number>> = {
  ShiftLeft: 0xffe1, ShiftRight: 0xffe2, ControlLeft: 0xffe3, ControlRight: 0xffe4, AltLeft: 0xffe9,
  AltRight: 0xffea, MetaLeft: 0xffeb, MetaRight: 0xffec, OSLeft: 0xffeb, OSRight: 0xffec,
  Enter: 0xff0d, NumpadEnter: 0xff8d, Backspace: 0xff08, Tab: 0xff09, Escape: 0xff1b, Delete: 0xffff,
  Insert: 0xff63, Home: 0xff50, End: 0xff57, PageUp: 0xff55, PageDown: 0xff56, ArrowLeft: 0xff51,
  ArrowUp: 0xff52, ArrowRight: 0xff53, ArrowDown: 0xff54, Space: 0x20, CapsLock: 0xffe5, NumLock: 0xff7f,
  ScrollLock: 0xff14, Pause: 0xff13, PrintScreen: 0xff61, ContextMenu: 0xff67, IntlYen: 0xa5,
  KanaMode: 0xff2d, Convert: 0xff23, NonConvert: 0xff22, Lang1: 0xff31, Lang2: 0xff34,
};

export interface KeyLike {
  readonly key: string;
  readonly code: string;
  readonly location: number;
}

/* One Unicode code point to its keysym; null for controls that are no text. */
export function keysymOfCodePoint(codePoint: number): number | null {
  if (codePoint === 0x0a || codePoint === 0x0d) {
    return Keysym.Return;
  }
  if (codePoint === 0x09) {
    return Keysym.Tab;
  }
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0) || codePoint > 0x10ffff ||
      (codePoint >= 0xd800 && codePoint < 0xe000)) {
    return null;
  }
  return codePoint <= 0xff ? codePoint : 0x01000000 + codePoint;
}

/* null: the key has no meaning by itself (dead key, input method, unidentified). */
export function keysymOfKey(event: KeyLike): number | null {
  const { key, code, location } = event;
  if (key === 'Dead' || key === 'Process') {
    return null;
  }
  if (location === NUMPAD) {
    if (/^[0-9]$/.test(key)) {
      return 0xffb0 + Number(key);
    }
    /* The decimal key of the keypad is a comma on many layouts; the remote layout decides what it types. */
    if (code === 'NumpadDecimal' && key === ',') {
      return 0xffac;
    }
    const onPad = Object.hasOwn(numpad, key) ? numpad[key] : undefined;
    if (onPad !== undefined) {
      return onPad;
    }
  }
  if (key === 'Meta' && (code === 'AltLeft' || code === 'AltRight')) {
    /* On X11 Shift+Alt is Meta; the remote layout makes that itself. */
    return code === 'AltRight' ? Keysym.Alt_R : Keysym.Alt_L;
  }
  const pair = Object.hasOwn(sided, key) ? sided[key] : undefined;
  if (pair) {
    return location === RIGHT ? pair[1] : pair[0];
  }
  const functionKey = /^F([1-9]|[12][0-9]|3[0-5])$/.exec(key);
  if (functionKey) {
    return 0xffbe + Number(functionKey[1]) - 1;
  }
  if (Object.hasOwn(named, key)) {
    return named[key]!;
  }
  const points = [...key];
  if (points.length === 1) {
    return keysymOfCodePoint(points[0]!.codePointAt(0)!);
  }
  if (key === 'Unidentified' || key === '') {
    return Object.hasOwn(byCode, code) ? byCode[code]! : null;
  }
  return null;
}

export function isModifierKey(key: string): boolean {
  return Object.hasOwn(sided, key) || key === 'AltGraph' || key === 'CapsLock' || key === 'NumLock' || key === 'ScrollLock';
}
