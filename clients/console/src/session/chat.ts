/* SPDX-License-Identifier: Apache-2.0 */
/* The chat of one session: the order control gave it, and what this console said but has not seen back.
 *
 * A message keeps its client message id until its line comes back, so saying it again after a loss never
 * doubles it: control knows the id.
 */
import type { ChatLineMessage } from '../wire/message';

/* To whom a line is said: everybody in the session, or its representatives only (never the customer). */
export type Audience = 'everybody' | 'representatives';

export interface ChatLine {
  readonly sequence: number;
  readonly timeUnixMs: number;
  readonly participant: number;
  readonly name: string;
  readonly text: string;
  readonly from: 'self' | 'other' | 'appliance';
  readonly audience: Audience;
}

export interface ChatUnsent {
  readonly id: number;
  readonly text: string;
  readonly audience: Audience;
}

export interface ChatHistoryLine {
  readonly sequence: number;
  readonly time_unix_ms: number;
  readonly participant: number;
  readonly name: string;
  readonly text: string;
  readonly from: string;
  readonly audience: Audience;
}

export class ChatLog {
  #lines: ChatLine[] = [];
  #unsent: ChatUnsent[] = [];
  #nextId: number;
  /* A session joined anew may give another participant number; older lines are still one's own. */
  #self = new Set<number>();

  /* firstId is random, so that a page loaded again does not reuse an id control has seen. */
  constructor(firstId: number) {
    this.#nextId = firstId >>> 0;
  }

  get lines(): readonly ChatLine[] {
    return this.#lines;
  }

  get unsent(): readonly ChatUnsent[] {
    return this.#unsent;
  }

  setSelf(participant: number): void {
    this.#self.add(participant);
  }

  /* Remembers a text as unsent and returns it with its id. */
  say(text: string, audience: Audience = 'everybody'): ChatUnsent {
    const said = { id: this.#nextId, text, audience };
    this.#nextId = (this.#nextId + 1) >>> 0;
    this.#unsent = [...this.#unsent, said];
    return said;
  }

  /* Returns false for a line that was there already. */
  addLine(line: ChatLineMessage, audience: Audience = 'everybody'): boolean {
    if (this.#self.has(line.participant)) {
      this.#unsent = this.#unsent.filter((said) => said.id !== line.clientMessage);
    }
    return this.#insert({
      sequence: line.sequence,
      timeUnixMs: line.timeUnixMs,
      participant: line.participant,
      name: line.name,
      text: line.text,
      from: line.participant === 0 ? 'appliance' : this.#self.has(line.participant) ? 'self' : 'other',
      audience,
    });
  }

  addHistory(lines: readonly ChatHistoryLine[]): void {
    for (const line of lines) {
      this.#insert({
        sequence: line.sequence,
        timeUnixMs: line.time_unix_ms,
        participant: line.participant,
        name: line.name,
        text: line.text,
        audience: line.audience,
        from: line.from === 'appliance' ? 'appliance' : this.#self.has(line.participant) ? 'self' : 'other',
      });
    }
  }

  #insert(line: ChatLine): boolean {
    let at = this.#lines.length;
    while (at > 0 && this.#lines[at - 1]!.sequence > line.sequence) {
      at -= 1;
    }
    if (at > 0 && this.#lines[at - 1]!.sequence === line.sequence) {
      return false;
    }
    this.#lines = [...this.#lines.slice(0, at), line, ...this.#lines.slice(at)];
    return true;
  }
}
