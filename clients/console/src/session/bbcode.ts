/* SPDX-License-Identifier: Apache-2.0 */
/* The formatting of prepared messages (control/API.md, canned_message.create): [b], [i], [u], [color=#rrggbb] and
 * [url=https://…], closed in order. The result is a tree that is drawn by elements; what is not of this form stays text.
 *
 * Limits: tags nest DEPTH_MAX deep; deeper ones stay text.
 */
export type Formatted =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'b' | 'i' | 'u'; readonly inside: readonly Formatted[] }
  | { readonly kind: 'color' | 'url'; readonly value: string; readonly inside: readonly Formatted[] };

const DEPTH_MAX = 8;
const tag = /\[(?:(\/)(b|i|u|color|url)|(b|i|u)|(color)=(#[0-9a-f]{6})|(url)=(https:\/\/[^\s[\]"<>]{1,500}))\]/giy;

interface Open {
  readonly name: string;
  readonly value: string;
  readonly said: string; /* the tag as it was written */
  readonly inside: Formatted[];
}

function addText(to: Formatted[], text: string): void {
  const last = to.at(-1);
  if (last?.kind === 'text') {
    to[to.length - 1] = { kind: 'text', text: last.text + text };
  } else if (text !== '') {
    to.push({ kind: 'text', text });
  }
}

export function parseFormatted(text: string): Formatted[] {
  const stack: Open[] = [{ name: '', value: '', said: '', inside: [] }];
  let at = 0;
  while (at < text.length) {
    tag.lastIndex = at;
    const found = text[at] === '[' ? tag.exec(text) : null;
    const top = stack.at(-1)!;
    if (!found) {
      const next = text.indexOf('[', at + 1);
      const end = next < 0 ? text.length : next;
      addText(top.inside, text.slice(at, end));
      at = end;
      continue;
    }
    at += found[0].length;
    const closes = found[1] === '/' ? found[2]!.toLowerCase() : '';
    const opens = (found[3] ?? found[4] ?? found[6] ?? '').toLowerCase();
    if (closes !== '' && closes === top.name) {
      stack.pop();
      stack.at(-1)!.inside.push(close(top));
    } else if (opens !== '' && stack.length <= DEPTH_MAX) {
      stack.push({ name: opens, value: found[5] ?? found[7] ?? '', said: found[0], inside: [] });
    } else {
      addText(top.inside, found[0]);
    }
  }
  while (stack.length > 1) {
    /* Never closed: it was no tag. */
    const open = stack.pop()!;
    const to = stack.at(-1)!.inside;
    addText(to, open.said);
    for (const part of open.inside) {
      if (part.kind === 'text') {
        addText(to, part.text);
      } else {
        to.push(part);
      }
    }
  }
  return stack[0]!.inside;
}

function close(open: Open): Formatted {
  return open.name === 'color' || open.name === 'url'
    ? { kind: open.name, value: open.value, inside: open.inside }
    : { kind: open.name as 'b' | 'i' | 'u', inside: open.inside };
}
