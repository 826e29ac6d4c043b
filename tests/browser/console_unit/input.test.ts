/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and pointer: keysyms, sequences of key events as browsers send them, coalescing of moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyboard, type KeyEventLike } from '../../../clients/console/src/input/keyboard';
import { keysymOfCodePoint, keysymOfKey } from '../../../clients/console/src/input/keysyms';
import { PointerInput, wheelUnits, wireButtons } from '../../../clients/console/src/input/pointer';
import { connectKeyboard } from '../../../clients/console/src/input/typing';
import type { Pointer } from '../../../clients/console/src/wire/message';

test('keys have their X keysyms', () => {
  const table: [string, string, number, number | null][] = [
    ['a', 'KeyA', 0, 0x61], ['A', 'KeyA', 0, 0x41], ['ß', 'Minus', 0, 0xdf], ['ÿ', 'KeyY', 0, 0xff],
    ['€', 'KeyE', 0, 0x010020ac], ['ж', 'Semicolon', 0, 0x01000436], ['漢', '', 0, 0x01006f22],
    ['😀', '', 0, 0x0101f600], [' ', 'Space', 0, 0x20], ['~', 'Backquote', 0, 0x7e],
    ['Enter', 'Enter', 0, 0xff0d], ['Enter', 'NumpadEnter', 3, 0xff8d], ['Tab', 'Tab', 0, 0xff09],
    ['Backspace', 'Backspace', 0, 0xff08], ['Escape', 'Escape', 0, 0xff1b], ['Delete', 'Delete', 0, 0xffff],
    ['Delete', 'NumpadDecimal', 3, 0xff9f], ['7', 'Numpad7', 3, 0xffb7], ['7', 'Digit7', 0, 0x37],
    ['Home', 'Numpad7', 3, 0xff95], ['.', 'NumpadDecimal', 3, 0xffae], [',', 'NumpadDecimal', 3, 0xffac],
    ['+', 'NumpadAdd', 3, 0xffab], ['+', 'Equal', 0, 0x2b], ['ArrowLeft', 'ArrowLeft', 0, 0xff51],
    ['PageDown', 'PageDown', 0, 0xff56], ['F1', 'F1', 0, 0xffbe], ['F12', 'F12', 0, 0xffc9],
    ['F35', '', 0, 0xffe0], ['Shift', 'ShiftLeft', 1, 0xffe1], ['Shift', 'ShiftRight', 2, 0xffe2],
    ['Control', 'ControlLeft', 1, 0xffe3], ['Control', 'ControlRight', 2, 0xffe4], ['Alt', 'AltLeft', 1, 0xffe9],
    ['AltGraph', 'AltRight', 2, 0xfe03], ['Meta', 'MetaLeft', 1, 0xffeb], ['Meta', 'MetaRight', 2, 0xffec],
    ['Meta', 'AltLeft', 1, 0xffe9], ['CapsLock', 'CapsLock', 0, 0xffe5], ['NumLock', 'NumLock', 0, 0xff7f],
    ['PrintScreen', 'PrintScreen', 0, 0xff61], ['ContextMenu', 'ContextMenu', 0, 0xff67],
    ['AudioVolumeUp', 'AudioVolumeUp', 0, 0x1008ff13], ['Unidentified', 'ArrowUp', 0, 0xff52],
    ['Unidentified', '', 0, null], ['Dead', 'BracketLeft', 0, null], ['Process', 'KeyA', 0, null],
    ['constructor', '', 0, null], ['__proto__', '', 3, null], ['Fn', '', 0, null],
  ];
  for (const [key, code, location, keysym] of table) {
    assert.equal(keysymOfKey({ key, code, location }), keysym, `${key} ${code}`);
  }
});

test('only text has a keysym as a code point', () => {
  assert.equal(keysymOfCodePoint(0x0a), 0xff0d);
  assert.equal(keysymOfCodePoint(0x09), 0xff09);
  for (const none of [0, 0x1b, 0x7f, 0x85, 0xd800, 0xdfff, 0x110000]) {
    assert.equal(keysymOfCodePoint(none), null);
  }
  assert.equal(keysymOfCodePoint(0xa0), 0xa0);
  assert.equal(keysymOfCodePoint(0x100), 0x01000100);
});

class Recorder {
  sent: string[] = [];
  key(keysym: number, down: boolean): void {
    this.sent.push(`${down ? '+' : '-'}${keysym.toString(16)}`);
  }
  releaseAll(): void {
    this.sent.push('release-all');
  }
  escape(): void {
    this.sent.push('escape');
  }
  take(): string {
    const all = this.sent.join(' ');
    this.sent = [];
    return all;
  }
}

interface Typed extends KeyEventLike {
  prevented: boolean;
}

let now = 0;
function event(key: string, code: string, extra: Partial<KeyEventLike> = {}): Typed {
  now += 200;
  return {
    key, code, location: code.endsWith('Right') ? 2 : /^(Shift|Control|Alt|Meta)/.test(code) ? 1 : 0, repeat: false,
    isComposing: false, keyCode: 0, timeStamp: now, prevented: false, ...extra,
    preventDefault() {
      (this as Typed).prevented = true;
    },
  };
}

function make(platform: 'linux' | 'windows' | 'mac'): { recorder: Recorder; keyboard: Keyboard } {
  const recorder = new Recorder();
  const keyboard = new Keyboard(recorder, { windows: platform === 'windows', mac: platform === 'mac' });
  return { recorder, keyboard };
}

test('the keysym that went down comes up, whatever Shift did between', () => {
  const { recorder, keyboard } = make('linux');
  keyboard.keyDown(event('Shift', 'ShiftLeft'));
  const a = event('A', 'KeyA');
  keyboard.keyDown(a);
  keyboard.keyUp(event('Shift', 'ShiftLeft'));
  keyboard.keyUp(event('a', 'KeyA'));
  assert.equal(recorder.take(), '+ffe1 +41 -ffe1 -41');
  assert.ok(a.prevented, 'the browser does nothing of its own with the key');
});

test('repeats pass; an unknown keyup does not', () => {
  const { recorder, keyboard } = make('linux');
  keyboard.keyDown(event('x', 'KeyX'));
  keyboard.keyDown(event('x', 'KeyX', { repeat: true }));
  keyboard.keyUp(event('x', 'KeyX'));
  keyboard.keyUp(event('y', 'KeyY'));
  assert.equal(recorder.take(), '+78 +78 -78');
});

test('losing the focus releases everything', () => {
  const { recorder, keyboard } = make('linux');
  keyboard.keyDown(event('Control', 'ControlLeft'));
  keyboard.reset();
  keyboard.keyUp(event('Control', 'ControlLeft'));
  assert.equal(recorder.take(), '+ffe3 release-all');
});

test('AltGr on Windows is one key, and Control alone is Control', async () => {
  const { recorder, keyboard } = make('windows');
  const control = event('Control', 'ControlLeft');
  keyboard.keyDown(control);
  keyboard.keyDown(event('AltGraph', 'AltRight', { timeStamp: control.timeStamp }));
  keyboard.keyDown(event('@', 'KeyQ'));
  keyboard.keyUp(event('@', 'KeyQ'));
  keyboard.keyUp(event('Control', 'ControlLeft'));
  keyboard.keyUp(event('AltGraph', 'AltRight'));
  assert.equal(recorder.take(), '+fe03 +40 -40 -fe03');
  keyboard.keyDown(event('Control', 'ControlLeft'));
  assert.equal(recorder.take(), '');
  keyboard.keyDown(event('c', 'KeyC'));
  assert.equal(recorder.take(), '+ffe3 +63');
  keyboard.keyUp(event('c', 'KeyC'));
  keyboard.keyUp(event('Control', 'ControlLeft'));
  recorder.take();
  keyboard.keyDown(event('Control', 'ControlLeft'));
  await sleep(150);
  assert.equal(recorder.take(), '+ffe3');
});

test('a dead key and its letter arrive as text', () => {
  const { recorder, keyboard } = make('linux');
  const dead = event('Dead', 'BracketRight');
  const letter = event('e', 'KeyE');
  keyboard.keyDown(dead);
  keyboard.keyUp(event('Dead', 'BracketRight'));
  keyboard.keyDown(letter);
  assert.ok(!dead.prevented && !letter.prevented, 'the browser may combine them');
  keyboard.text('é');
  keyboard.keyUp(event('e', 'KeyE'));
  keyboard.keyDown(event('e', 'KeyE'));
  keyboard.keyUp(event('e', 'KeyE'));
  assert.equal(recorder.take(), '+e9 -e9 +65 -65');
});

test('a dead key with Shift for the letter still combines', () => {
  const { recorder, keyboard } = make('linux');
  keyboard.keyDown(event('Dead', 'BracketRight'));
  keyboard.keyUp(event('Dead', 'BracketRight'));
  keyboard.keyDown(event('Shift', 'ShiftLeft'));
  const letter = event('E', 'KeyE');
  keyboard.keyDown(letter);
  assert.ok(!letter.prevented);
  keyboard.text('É');
  assert.equal(recorder.take(), '+ffe1 +c9 -c9');
});

test('what an input method composes is sent once, as text', () => {
  const { recorder, keyboard } = make('linux');
  keyboard.keyDown(event('Process', 'KeyK', { keyCode: 229 }));
  keyboard.keyUp(event('k', 'KeyK', { isComposing: true }));
  keyboard.keyDown(event('a', 'KeyA', { isComposing: true, keyCode: 229 }));
  keyboard.keyUp(event('a', 'KeyA'));
  keyboard.text('漢字');
  assert.equal(recorder.take(), '+1006f22 -1006f22 +1005b57 -1005b57');
});

test('letters composed without a pause arrive in order; none is taken before it is done', async () => {
  const { recorder, keyboard } = make('mac');
  const field = Object.assign(new EventTarget(), { value: '' });
  const stop = new AbortController();
  connectKeyboard(field as unknown as HTMLTextAreaElement, keyboard, stop.signal);
  const happens = (type: string, value: string) => {
    field.value = value;
    field.dispatchEvent(Object.assign(new Event(type), { isComposing: type === 'input' }));
  };
  happens('compositionstart', '');
  happens('input', '´');
  happens('compositionend', 'é');
  happens('compositionstart', 'é');
  happens('input', 'é¨');
  await sleep(20);
  assert.equal(field.value, 'é¨', 'the field is left alone while the next one is composed');
  assert.equal(recorder.take(), '');
  happens('compositionend', 'éü');
  await sleep(20);
  assert.equal(field.value, '');
  assert.equal(recorder.take(), '+e9 -e9 +fc -fc');
  stop.abort();
});

test('the escape chord leaves when all three come up, not when another key was pressed with them', () => {
  const { recorder, keyboard } = make('linux');
  const down = () => {
    keyboard.keyDown(event('Control', 'ControlLeft'));
    keyboard.keyDown(event('Alt', 'AltLeft'));
    keyboard.keyDown(event('Shift', 'ShiftLeft'));
  };
  down();
  assert.doesNotMatch(recorder.take(), /escape/);
  keyboard.keyUp(event('Alt', 'AltLeft'));
  assert.equal(recorder.take(), 'release-all escape');
  down();
  keyboard.keyDown(event('K', 'KeyK'));
  keyboard.keyUp(event('K', 'KeyK'));
  keyboard.keyUp(event('Shift', 'ShiftLeft'));
  keyboard.keyUp(event('Alt', 'AltLeft'));
  keyboard.keyUp(event('Control', 'ControlLeft'));
  assert.doesNotMatch(recorder.take(), /escape/);
  down();
  keyboard.keyUp(event('Shift', 'ShiftLeft'));
  assert.match(recorder.take(), /release-all escape$/);
});

test('Shift before Alt, where X11 calls it Meta, is the chord too', () => {
  const { recorder, keyboard } = make('linux');
  keyboard.keyDown(event('Shift', 'ShiftLeft'));
  keyboard.keyDown(event('Meta', 'AltLeft'));
  keyboard.keyDown(event('Control', 'ControlLeft'));
  keyboard.keyUp(event('Control', 'ControlLeft'));
  assert.equal(recorder.take(), '+ffe1 +ffe9 +ffe3 release-all escape');
});

test('a Mac: Command is Alt, its release lets go of letters, Caps Lock is a whole stroke', () => {
  const { recorder, keyboard } = make('mac');
  keyboard.keyDown(event('Meta', 'MetaLeft'));
  keyboard.keyDown(event('c', 'KeyC'));
  keyboard.keyUp(event('Meta', 'MetaLeft'));
  keyboard.keyDown(event('CapsLock', 'CapsLock'));
  assert.equal(recorder.take(), '+ffe9 +63 -ffe9 -63 +ffe5 -ffe5');
});

test('Windows: one release stands for both Shift keys, keys without keyup are whole strokes', () => {
  const { recorder, keyboard } = make('windows');
  keyboard.keyDown(event('Shift', 'ShiftLeft'));
  keyboard.keyDown(event('Shift', 'ShiftRight'));
  keyboard.keyUp(event('Shift', 'ShiftRight'));
  keyboard.keyDown(event('Hiragana', 'KanaMode'));
  assert.equal(recorder.take(), '+ffe1 +ffe2 -ffe2 -ffe1 +ff25 -ff25');
});

function makePointer(): { sent: Pointer[]; pointer: PointerInput; frame: () => void; sink: { congested: boolean } } {
  const sent: Pointer[] = [];
  let scheduled: (() => void) | null = null;
  const sink = { congested: false, pointer: (one: Pointer) => sent.push(one) };
  const pointer = new PointerInput(sink, (run) => {
    scheduled = run;
    return 1;
  }, () => (scheduled = null));
  return {
    sent, pointer, sink,
    frame() {
      const run = scheduled;
      scheduled = null;
      run?.();
    },
  };
}

test('moves are sent once a display frame, buttons at once and after no later move', () => {
  const { sent, pointer, frame } = makePointer();
  pointer.event({ x: 1, y: 1 }, 0);
  pointer.event({ x: 2, y: 2 }, 0);
  assert.equal(sent.length, 0);
  frame();
  assert.deepEqual(sent.map((one) => one.x), [2]);
  pointer.event({ x: 3, y: 3 }, 0);
  pointer.event({ x: 4, y: 4 }, 1);
  assert.deepEqual(sent.slice(1).map(({ x, y, buttons }) => [x, y, buttons]), [[4, 4, 0], [4, 4, 1]]);
  frame();
  assert.equal(sent.length, 3, 'the move that waited went before the button');
  pointer.event({ x: 4, y: 4 }, 0);
  assert.equal(sent.at(-1)!.buttons, 0);
});

test('a congested connection gets buttons but no moves', () => {
  const { sent, pointer, frame, sink } = makePointer();
  sink.congested = true;
  pointer.event({ x: 5, y: 5 }, 0);
  frame();
  assert.equal(sent.length, 0);
  sink.congested = false;
  frame();
  assert.equal(sent.length, 1);
});

test('buttons and wheel have the wire form', () => {
  assert.deepEqual([1, 2, 4, 8, 16, 31].map(wireButtons), [1, 4, 2, 8, 16, 31]);
  assert.equal(wheelUnits(100, 0, undefined), 120);
  assert.equal(wheelUnits(-3, 1, undefined), -120);
  assert.equal(wheelUnits(53, 0, -120), 120);
  assert.equal(wheelUnits(10, 0, -30), 12);
});

test('small wheel steps add up and none is lost', () => {
  const { sent, pointer, frame } = makePointer();
  for (let step = 0; step < 16; step += 1) {
    pointer.wheel({ x: 0, y: 0 }, { deltaX: 0, deltaY: 1 / 64, deltaMode: 1 });
    frame();
  }
  assert.equal(sent.reduce((sum, one) => sum + one.wheelY, 0), 10);
});
