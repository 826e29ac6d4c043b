/* SPDX-License-Identifier: Apache-2.0 */
/* A text with the formatting of prepared messages, drawn by elements. A colour is a line under the words, so that they
 * stay readable; a link shows its address, so that it leads nobody elsewhere than it says. */
import { parseFormatted, type Formatted } from '../../session/bbcode';

export function FormattedText({ text }: { text: string }) {
  return <Parts parts={parseFormatted(text)} />;
}

function Parts({ parts }: { parts: readonly Formatted[] }) {
  return <>{parts.map((part, at) => <Part key={at} part={part} />)}</>;
}

function plain(parts: readonly Formatted[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : plain(part.inside))).join('');
}

function Part({ part }: { part: Formatted }) {
  if (part.kind === 'text') {
    return <>{part.text}</>;
  }
  const inside = <Parts parts={part.inside} />;
  switch (part.kind) {
    case 'b':
      return <strong>{inside}</strong>;
    case 'i':
      return <em>{inside}</em>;
    case 'u':
      return <u>{inside}</u>;
    case 'color':
      return <span class="formatted-colour" style={{ textDecorationColor: part.value }}>{inside}</span>;
    case 'url': {
      const said = plain(part.inside);
      return (
        <>
          <a href={part.value} target="_blank" rel="noopener noreferrer">{inside}</a>
          {said !== part.value && <span class="formatted-address"> ({part.value})</span>}
        </>
      );
    }
  }
}
