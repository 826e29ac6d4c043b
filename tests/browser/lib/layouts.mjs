// SPDX-License-Identifier: Apache-2.0
// Keyboard layouts, and a typist whose key events are those that a browser gets from each system.
// A level is one string over CODES, key by key: DEAD is a dead key, a blank a key without a character.

const DEAD = '\0';

const CODES = [
    'Backquote', ...[...'1234567890'].map((digit) => `Digit${digit}`), 'Minus', 'Equal',
    ...[...'QWERTYUIOP'].map((letter) => `Key${letter}`), 'BracketLeft', 'BracketRight',
    ...[...'ASDFGHJKL'].map((letter) => `Key${letter}`), 'Semicolon', 'Quote', 'Backslash',
    'IntlBackslash', ...[...'ZXCVBNM'].map((letter) => `Key${letter}`), 'Comma', 'Period', 'Slash',
];

export const US = {
    plain: '`1234567890-=' + 'qwertyuiop[]' + 'asdfghjkl;\'\\' + '<zxcvbnm,./',
    shift: '~!@#$%^&*()_+' + 'QWERTYUIOP{}' + 'ASDFGHJKL:"|' + '>ZXCVBNM<>?',
    altGr: '',
    dead: [],
};

/** dead: [code and shift of the dead key, the letter's key, what the two give] */
export const GERMAN = {
    plain: `${DEAD}1234567890ß${DEAD}` + 'qwertzuiopü+' + 'asdfghjklöä#' + '<yxcvbnm,.-',
    shift: `°!"§$%&/()=?${DEAD}` + 'QWERTZUIOPÜ*' + 'ASDFGHJKLÖÄ\'' + '>YXCVBNM;:_',
    altGr: '  ²³   {[]}\\ ' + '@ €        ~' + '            ' + '|      µ   ',
    dead: [
        ['Backquote', false, 'a', 'â'], ['Backquote', false, 'E', 'Ê'], ['Backquote', false, ' ', '^'],
        ['Equal', false, 'e', 'é'], ['Equal', false, 'E', 'É'], ['Equal', false, ' ', '´'], ['Equal', false, 'x', '´x'],
        ['Equal', true, 'a', 'à'], ['Equal', true, ' ', '`'],
    ],
};

export const FRENCH = {
    plain: '²&é"\'(-è_çà)=' + `azertyuiop${DEAD}$` + 'qsdfghjklmù*' + '<wxcvbn,;:!',
    shift: ' 1234567890°+' + `AZERTYUIOP${DEAD}£` + 'QSDFGHJKLM%µ' + '>WXCVBN?./§',
    altGr: '  ~#{[|`\\^@]}' + '  €        ¤' + '            ' + '           ',
    dead: [
        ['BracketLeft', false, 'e', 'ê'], ['BracketLeft', false, 'O', 'Ô'], ['BracketLeft', true, 'e', 'ë'],
        ['BracketLeft', true, 'I', 'Ï'], ['BracketLeft', true, 'y', 'ÿ'], ['BracketLeft', false, 'w', '^w'],
    ],
};

const LEFT = 1;
const RIGHT = 2;
const CDP_ALT = 1;
const CDP_SHIFT = 8;
const INPUT_METHOD = 229;

export class LayoutTypist {
    #modifiers = 0;

    constructor(cdp, platform) {
        this.cdp = cdp;
        this.isWindows = platform.startsWith('Win');
    }

    /** Types every level of the layouts, a line each; returns the lines that must arrive. */
    async layouts(layouts) {
        const expected = [];
        for (const layout of layouts) {
            expected.push(await this.#level(layout.plain));
            await this.#shift(true);
            expected.push(await this.#level(layout.shift));
            await this.#shift(false);
            await this.#altGr(true);
            expected.push(await this.#level(layout.altGr));
            await this.#altGr(false);
            let line = '';
            for (const [code, hasShift, letter, text] of layout.dead) {
                await this.#deadThenLetter(code, hasShift, letter, text);
                line += text;
            }
            await this.#stroke('z', 'KeyZ'); // what follows is typed as ever
            expected.push(`${line}z`);
            await this.#enter();
        }
        return expected;
    }

    /** macOS composes: the dead key starts a composition, which the letter's key ends. */
    async macComposition() {
        const expected = [];
        for (const [dead, code, letter, text] of [
            ['´', 'KeyE', 'e', 'é'], ['¨', 'KeyU', 'u', 'ü'], ['^', 'KeyI', 'o', 'ô'], ['˜', 'KeyN', 'n', 'ñ'],
            ['`', 'Backquote', 'q', '`q'],
        ]) {
            await this.#modifier('Alt', 'AltLeft', LEFT, CDP_ALT, true);
            await this.#send('rawKeyDown', 'Dead', code, { windowsVirtualKeyCode: INPUT_METHOD });
            await this.cdp.send('Input.imeSetComposition', { text: dead, selectionStart: 1, selectionEnd: 1 });
            await this.#send('keyUp', 'Dead', code);
            await this.#modifier('Alt', 'AltLeft', LEFT, CDP_ALT, false);
            const key = `Key${letter.toUpperCase()}`;
            await this.#send('rawKeyDown', letter, key, { windowsVirtualKeyCode: INPUT_METHOD });
            await this.cdp.send('Input.insertText', { text });
            await this.#send('keyUp', letter, key);
            await this.#stroke('-', 'Minus');
            await this.#enter();
            expected.push(`${text}-`);
        }
        // Option makes the third level there: a German Mac's @, €, [ and |.
        await this.#modifier('Alt', 'AltLeft', LEFT, CDP_ALT, true);
        for (const [key, code] of [['@', 'KeyL'], ['€', 'KeyE'], ['[', 'Digit5'], ['|', 'Digit7']])
            await this.#stroke(key, code);
        await this.#modifier('Alt', 'AltLeft', LEFT, CDP_ALT, false);
        await this.#enter();
        expected.push('@€[|');
        return expected;
    }

    async #level(level) {
        let expected = '';
        for (const [at, key] of [...level].entries()) {
            if (key === ' ' || key === DEAD)
                continue;
            await this.#stroke(key, CODES[at]);
            expected += key;
        }
        await this.#enter();
        return expected;
    }

    /** Linux and Windows give the letter's keydown, and what the two make as its text. */
    async #deadThenLetter(code, hasShift, letter, text) {
        if (hasShift)
            await this.#shift(true);
        await this.#send('rawKeyDown', 'Dead', code);
        await this.#send('keyUp', 'Dead', code);
        if (hasShift)
            await this.#shift(false);
        const isUpper = letter !== letter.toLowerCase();
        if (isUpper)
            await this.#shift(true);
        const key = letter === ' ' ? 'Space' : `Key${letter.toUpperCase()}`;
        await this.#send('keyDown', [...text].length === 1 ? text : letter, key, { text });
        await this.#send('keyUp', letter, key);
        if (isUpper)
            await this.#shift(false);
    }

    async #stroke(key, code) {
        await this.#send('keyDown', key, code, { text: key });
        await this.#send('keyUp', key, code);
    }

    async #enter() {
        await this.#send('keyDown', 'Enter', 'Enter', { text: '\r', windowsVirtualKeyCode: 13 });
        await this.#send('keyUp', 'Enter', 'Enter', { windowsVirtualKeyCode: 13 });
    }

    async #shift(isDown) {
        await this.#modifier('Shift', 'ShiftLeft', LEFT, CDP_SHIFT, isDown);
    }

    /** Windows says AltGr as Control and AltGr of the same instant, both ways. */
    async #altGr(isDown) {
        const timestamp = Date.now() / 1000;
        if (this.isWindows)
            await this.#send(isDown ? 'rawKeyDown' : 'keyUp', 'Control', 'ControlLeft', { location: LEFT, timestamp });
        await this.#send(isDown ? 'rawKeyDown' : 'keyUp', 'AltGraph', 'AltRight', { location: RIGHT, timestamp });
    }

    async #modifier(key, code, location, mask, isDown) {
        this.#modifiers = isDown ? this.#modifiers | mask : this.#modifiers & ~mask;
        await this.#send(isDown ? 'rawKeyDown' : 'keyUp', key, code, { location });
    }

    async #send(type, key, code, more = {}) {
        await this.cdp.send('Input.dispatchKeyEvent', { type, key, code, modifiers: this.#modifiers, ...more });
    }
}
