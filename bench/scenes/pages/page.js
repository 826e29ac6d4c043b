// SPDX-License-Identifier: Apache-2.0
// What the pages of recorded scenes are made of: the same at each load.
let seed = 7;
export function random(below) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % below;
}

const WORDS = ('the screen of a desk shows text in a window and a picture beside it while someone far away looks at the same ' +
    'thing and helps with what does not work because a setting was lost or a service stopped or a disk is full').split(' ');
export function sentence(words) {
    const text = Array.from({ length: words }, () => WORDS[random(WORDS.length)]).join(' ');
    return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
export const paragraph = () => Array.from({ length: 3 + random(4) }, () => sentence(6 + random(12))).join(' ');
export const code = (lines) => Array.from({ length: lines }, (_, i) => `${' '.repeat(4 * random(4))}if (value_${random(90)} > ${random(4000)}) result += step[${i}];`).join('\n');

const PHOTOS = ['Aqua', 'Dune', 'FreshFlower', 'Garden', 'GreenMeadow', 'LadyBird', 'RainDrops', 'Storm', 'TwoWings', 'Wood', 'YellowFlower'];
export const photo = (i) => `file:///usr/share/backgrounds/mate/nature/${PHOTOS[i % PHOTOS.length]}.jpg`;

export function table(rows, columns) {
    const cell = (tag, text) => `<${tag}>${text}</${tag}>`;
    const head = `<tr>${Array.from({ length: columns }, (_, i) => cell('th', `Column ${i + 1}`)).join('')}</tr>`;
    const line = () => `<tr>${Array.from({ length: columns }, (_, i) => cell('td', i % 3 === 0 ? WORDS[random(WORDS.length)] : `${random(100000)}.${random(10)}${random(10)}`)).join('')}</tr>`;
    return `<table>${head}${Array.from({ length: rows }, line).join('')}</table>`;
}

/** Fills the page; its title says when all pictures are there. */
export async function show(html) {
    document.body.innerHTML = html;
    await Promise.all([...document.images].map((image) => image.decode()));
    await document.fonts.ready;
    document.title = 'ready';
}
