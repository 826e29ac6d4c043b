/* SPDX-License-Identifier: Apache-2.0 */
/* The colours of a portal, from the three an administrator chose: whatever they are, text stays readable.
 *
 * accent      buttons and links; foreground and background: the page behind the cards, and what is written on it
 * Text keeps a contrast of 4.5:1 (WCAG 2.1 AA); a colour that is too near to its ground moves away from it.
 */
export interface Brand {
  readonly accent: string | null;
  readonly background: string | null;
  readonly foreground: string | null;
}

type Rgb = readonly [number, number, number];

const TEXT_CONTRAST = 4.5;
const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];

/* What tokens.css has, for the scheme that a background asks for. */
const schemes = {
  light: {
    surface: '#ffffff', sunken: '#eef1f5', raised: '#ffffff', line: '#dde2e9', 'line-strong': '#8593a5', text: '#18222e',
    muted: '#536172', accent: '#0b5c8f', 'accent-soft': '#e2eff8', danger: '#b02a20', 'danger-soft': '#fdecea',
    ok: '#14734a', 'ok-soft': '#e3f4ec', warn: '#8a5300', 'warn-soft': '#fbf0dc',
  },
  dark: {
    surface: '#1a212b', sunken: '#141a22', raised: '#202936', line: '#2d3846', 'line-strong': '#6d7d91', text: '#e7ecf2',
    muted: '#9fadbd', accent: '#6fb8e8', 'accent-soft': '#1b3345', danger: '#ff9c92', 'danger-soft': '#3a2120',
    ok: '#62cf9b', 'ok-soft': '#17352a', warn: '#f0bc6a', 'warn-soft': '#39301c',
  },
} as const;

function parse(colour: string | null): Rgb | null {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour ?? '');
  return hex ? [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16), parseInt(hex[3]!, 16)] : null;
}

function format(colour: Rgb): string {
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(parse(a) ?? black), luminance(parse(b) ?? black)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return from.map((part, i) => part + (to[i]! - part) * share) as unknown as Rgb;
}

/* The colour itself, or the nearest to it on the way to black or white that can be read on the ground. */
function readable(colour: Rgb, ground: Rgb, least = TEXT_CONTRAST): Rgb {
  const away = luminance(ground) > 0.18 ? black : white;
  for (let share = 0; share < 1; share += 0.04) {
    const tried = mix(colour, away, share);
    if (contrast(format(tried), format(ground)) >= least) {
      return tried;
    }
  }
  return away;
}

/* The same for colours as they are written, #rrggbb. */
export function readableOn(colour: string, ground: string): string {
  return format(readable(parse(colour) ?? black, parse(ground) ?? white));
}

/* Black or white, whichever is easier to read: one of them always has more than 4.5:1. */
function on(ground: Rgb): Rgb {
  return contrast(format(ground), '#ffffff') >= contrast(format(ground), '#000000') ? white : black;
}

/* Which scheme the cards take: that of the background, else the person's own. */
export function schemeOf(brand: Brand, prefersDark: boolean): 'light' | 'dark' {
  const background = parse(brand.background);
  return background ? (luminance(background) < 0.18 ? 'dark' : 'light') : prefersDark ? 'dark' : 'light';
}

/* Values for the variables of tokens.css and portal.css; empty when nothing was chosen. */
export function coloursOf(brand: Brand, prefersDark: boolean): Readonly<Record<string, string>> {
  const accent = parse(brand.accent);
  const background = parse(brand.background);
  const foreground = parse(brand.foreground);
  if (!accent && !background && !foreground) {
    return {};
  }
  const name = schemeOf(brand, prefersDark);
  const scheme = schemes[name];
  const surface = parse(scheme.surface)!;
  const page = background ?? parse(name === 'dark' ? '#11161d' : '#f3f5f8')!;
  const solid = accent ?? parse(scheme.accent)!;
  const soft = accent ? mix(surface, accent, name === 'dark' ? 0.2 : 0.1) : parse(scheme['accent-soft'])!;
  /* A link is read on cards, on sunken parts and on soft ones. */
  const link = [surface, parse(scheme.sunken)!, soft].reduce((colour, ground) => readable(colour, ground), solid);
  const pageText = readable(foreground ?? parse(scheme.text)!, page);
  const set: Record<string, string> = {};
  for (const [variable, value] of Object.entries(scheme)) {
    set[`--${variable}`] = value;
  }
  return {
    ...set,
    '--bg': format(page),
    '--page-text': format(pageText),
    '--page-muted': format(readable(mix(pageText, page, 0.25), page)),
    '--page-link': format(readable(foreground ?? link, page)),
    '--page-line': format(mix(page, pageText, 0.2)),
    '--accent': format(link),
    '--accent-hover': format(readable(mix(link, name === 'dark' ? white : black, 0.2), surface)),
    '--accent-text': format(on(link)),
    '--accent-soft': format(soft),
    '--solid': format(solid),
    '--solid-text': format(on(solid)),
    '--solid-hover': format(mix(solid, on(solid) === white ? black : white, 0.14)),
    '--focus': format(link),
    '--page-focus': format(readable(solid, page, 3)),
    'color-scheme': name,
  };
}

/* Through the object model of the style, which the page's policy allows: there is no style sheet to write to. */
export function paint(brand: Brand): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    if (brand.background !== null) {
      document.documentElement.dataset.theme = schemeOf(brand, dark.matches);
    }
    for (const [variable, value] of Object.entries(coloursOf(brand, dark.matches))) {
      document.documentElement.style.setProperty(variable, value);
    }
  };
  apply();
  dark.addEventListener('change', apply);
}
