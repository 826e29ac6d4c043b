/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes part in the session, and what the person at this browser allowed each of them: clients/agent/people.c.
 *
 * Without consent nobody may view; nobody may control, as a browser cannot; whoever comes again under another name is
 * asked about again.
 */
import { Role } from '../wire/frame';

export type Answer = 'none' | 'refused' | 'view';

export interface Person {
  readonly participant: number;
  readonly role: number;
  readonly name: string;
  readonly present: boolean;
  readonly answer: Answer;
}

export interface Consent {
  readonly participant: number; /* 0: everybody */
  readonly view: boolean;
}

export class People {
  #list = new Map<number, Person>();
  /* Nothing was shared, or it was stopped, after a first answer: nobody is asked about until something is shared. */
  #stopped = false;

  note(participant: number, role: number, name: string, present: boolean): void {
    const before = this.#list.get(participant);
    const same = before?.name === name && before.role === role;
    this.#list.set(participant, { participant, role, name, present, answer: same ? before.answer : 'none' });
  }

  /* Everybody is away until told otherwise: after a new connection. */
  nobodyPresent(): void {
    for (const [number, someone] of this.#list) {
      this.#list.set(number, { ...someone, present: false });
    }
  }

  get representatives(): Person[] {
    return [...this.#list.values()].filter((someone) => someone.present && someone.role === Role.REPRESENTATIVE);
  }

  get viewers(): Person[] {
    return this.representatives.filter((someone) => someone.answer === 'view');
  }

  /* Whom to ask about next. */
  get question(): Person | null {
    return this.#stopped ? null : this.representatives.find((someone) => someone.answer === 'none') ?? null;
  }

  answer(participant: number, answer: Answer): Consent {
    const someone = this.#list.get(participant);
    if (someone) {
      this.#list.set(participant, { ...someone, answer });
    }
    return { participant, view: answer === 'view' };
  }

  /* The person began to share: all who are there see it, and whoever comes is asked about. */
  shareWithAll(): Consent[] {
    this.#stopped = false;
    return this.representatives.map((someone) => this.answer(someone.participant, 'view'));
  }

  /* Takes all consent back. */
  stop(): Consent {
    for (const [number, someone] of this.#list) {
      this.#list.set(number, { ...someone, answer: 'none' });
    }
    this.#stopped = true;
    return { participant: 0, view: false };
  }

  /* What is said again on a new connection. */
  get standing(): Consent[] {
    return [...this.#list.values()].filter((someone) => someone.answer !== 'none')
      .map((someone) => ({ participant: someone.participant, view: someone.answer === 'view' }));
  }
}
