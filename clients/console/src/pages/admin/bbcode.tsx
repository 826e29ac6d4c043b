/* SPDX-License-Identifier: Apache-2.0 */
/* The few tags of canned messages as elements: control/canned/bbcode.h. Nothing of a text becomes markup. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { readableOn } from '../../portal/colours';

export type Bb = string | { readonly tag: 'b' | 'i' | 'u' | 'color' | 'url'; readonly value: string; readonly inner: readonly Bb[] };

const TAG = /\[(\/?)(b|i|u|color|url)(?:=([^\]]*))?\]/g;
const COLOUR = /^#[0-9a-f]{6}$/i;
/* What the appliance takes as a link. */
const LINK = /^https:\/\/[^\u0000-\u0020"'<>\\[\]]+$/;
const DEPTH_MAX = 8;

interface Open {
  tag: 'b' | 'i' | 'u' | 'color' | 'url';
  value: string;
  written: string;
  inner: Bb[];
}

function fits(tag: string, value: string | undefined): boolean {
  return tag === 'color' ? value !== undefined && COLOUR.test(value)
    : tag === 'url' ? value !== undefined && LINK.test(value)
    : value === undefined;
}

/* A tag that is wrong, or is not closed, stays the text that it is. */
export function parseBb(text: string): readonly Bb[] {
  const root: Bb[] = [];
  const open: Open[] = [];
  const into = () => open.at(-1)?.inner ?? root;
  const say = (part: string) => {
    if (part !== '') {
      into().push(part);
    }
  };
  let at = 0;
  for (const found of text.matchAll(TAG)) {
    say(text.slice(at, found.index));
    at = found.index + found[0].length;
    const tag = found[2] as Open['tag'];
    if (found[1] === '/' && found[3] === undefined && open.at(-1)?.tag === tag) {
      const { value, inner } = open.pop()!;
      into().push({ tag, value, inner });
    } else if (found[1] === '' && open.length < DEPTH_MAX && fits(tag, found[3])) {
      open.push({ tag, value: found[3] ?? '', written: found[0], inner: [] });
    } else {
      say(found[0]);
    }
  }
  say(text.slice(at));
  while (open.length > 0) {
    const { written, inner } = open.pop()!;
    into().push(written, ...inner);
  }
  return root;
}

export function BbText({ text }: { text: string }) {
  return <>{parseBb(text).map(element)}</>;
}

function element(part: Bb, key: number): ComponentChildren {
  if (typeof part === 'string') {
    return part;
  }
  const inner = part.inner.map(element);
  return part.tag === 'b' ? <strong key={key}>{inner}</strong>
    : part.tag === 'i' ? <em key={key}>{inner}</em>
    : part.tag === 'u' ? <u key={key}>{inner}</u>
    : part.tag === 'color' ? <Coloured key={key} colour={part.value}>{inner}</Coloured>
    : <a key={key} href={part.value} target="_blank" rel="noopener noreferrer nofollow">{inner}</a>;
}

/* Readable on the ground of the preview whatever colour it is, in light and in dark. Through the object model: the page's policy allows no style in the markup. */
function Coloured({ colour, children }: { colour: string; children: ComponentChildren }) {
  const span = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      const ground = getComputedStyle(span.current!).getPropertyValue('--sunken').trim();
      span.current!.style.setProperty('color', readableOn(colour, ground));
    };
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [colour]);
  return <span ref={span}>{children}</span>;
}
