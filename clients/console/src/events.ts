/* SPDX-License-Identifier: Apache-2.0 */
/* The console's event stream: says that something changed, and says when it cannot.
 *
 * While it is down its owner polls, so the lists are never wrong for long.
 */
import { accountApi } from './api/account';
import { ApiError } from './api/request';
import { Backoff } from './backoff';
import { Connection } from './wire/connection';
import { CloseCode, Message } from './wire/frame';
import { decodeText } from './wire/message';
import { ticketFromText, type HolderKey } from './wire/ticket';

/* The members that events have, each of its kind; control/API.md, "Events", says which has which. */
export interface EventNotice {
  readonly type: string;
  readonly session?: number;
  readonly customer?: string;
  readonly text?: string;
  readonly team?: number;
  readonly until_unix_ms?: number;
  readonly invitation?: number;
  readonly inviter?: string;
  readonly message?: string | number; /* of an invitation: what was written; of team chat: its number */
  readonly as_sponsor?: boolean;
  readonly reason?: string;
  readonly approval?: number;
  readonly name?: string;
  readonly user?: string;
  readonly jump_item?: number;
  readonly representative?: string;
  readonly id?: number;
  readonly account?: number;
  readonly offer_s?: number;
  readonly priority?: string;
  readonly waiting?: number;
  readonly from?: number;
  readonly time_unix_ms?: number;
  readonly participant?: number;
  readonly tool?: string;
  readonly yes?: boolean;
  readonly silence?: boolean;
}

const kinds: Readonly<Record<Exclude<keyof EventNotice, 'type'>, 'number' | 'string' | 'boolean' | 'number or string'>> = {
  session: 'number', customer: 'string', text: 'string', team: 'number', until_unix_ms: 'number', invitation: 'number',
  inviter: 'string', message: 'number or string', as_sponsor: 'boolean', reason: 'string', approval: 'number', name: 'string',
  user: 'string', jump_item: 'number', representative: 'string', id: 'number', account: 'number',
  offer_s: 'number', priority: 'string', waiting: 'number', from: 'number', time_unix_ms: 'number',
  participant: 'number', tool: 'string', yes: 'boolean', silence: 'boolean',
};

export interface EventsOwner {
  onEvent(event: EventNotice): void;
  onUp(): void;
  onDown(): void;
  onSignedOut(): void;
}

const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 30_000;

/* null for what is no event of control/API.md's form. */
export function parseEvent(payload: Uint8Array): EventNotice | null {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(payload));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const members = value as Record<string, unknown>;
  if (typeof members.type !== 'string') {
    return null;
  }
  const kept = Object.entries(kinds).filter(([name, kind]) => kind.split(' or ').includes(typeof members[name]));
  return { type: members.type, ...Object.fromEntries(kept.map(([name]) => [name, members[name]])) };
}

export class EventStream {
  #connection: Connection | null = null;
  #backoff = new Backoff(FIRST_RETRY_MS, MOST_RETRY_MS);
  #timer: number | null = null;
  #stopped = false;

  constructor(private readonly owner: EventsOwner, private readonly holder: HolderKey) {}

  async start(): Promise<void> {
    try {
      const reply = await accountApi.eventsTicket(this.holder.publicKey);
      const ticket = ticketFromText(reply.ticket);
      if (!ticket) {
        this.#retry();
      } else if (!this.#stopped) {
        this.#connect(ticket);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.owner.onSignedOut();
      } else {
        this.#retry();
      }
    }
  }

  /* Does not wait for its turn: the network is back, or the person says so. */
  retryNow(): void {
    if (this.#timer !== null) {
      window.clearTimeout(this.#timer);
      this.#timer = null;
      this.#backoff.reset();
      void this.start();
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) {
      window.clearTimeout(this.#timer);
    }
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }

  #connect(ticket: Uint8Array): void {
    const connection: Connection = new Connection({
      onWelcome: () => {
        this.#backoff.reset();
        this.owner.onUp();
      },
      onMessage: (message) => {
        const event = message.type === Message.EVENT ? parseEvent(message.payload) : null;
        if (event) {
          this.owner.onEvent(event);
        } else if (message.type === Message.LINK_STATE) {
          /* Control went or came back behind a connection that stays: no event passes while it is away. */
          if (message.payload[0] === 1) {
            this.owner.onUp();
          } else {
            this.owner.onDown();
          }
        }
      },
      onClosed: (code) => {
        if (this.#connection === connection) {
          this.#connection = null;
          if (code === CloseCode.RESTARTING) {
            this.#backoff.reset();
          }
          this.#retry();
        }
      },
    }, this.holder, ticket);
    this.#connection = connection;
  }

  #retry(): void {
    if (this.#stopped) {
      return;
    }
    this.owner.onDown();
    this.#timer = window.setTimeout(() => {
      this.#timer = null;
      void this.start();
    }, this.#backoff.delay());
  }
}
