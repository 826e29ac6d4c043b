/* SPDX-License-Identifier: Apache-2.0 */
/* One WebSocket to the engine, from opening to closing.
 *
 *   OPENING --challenge--> PROVING --welcome--> OPEN --close, loss, silence--> CLOSED
 *
 * It answers PING, notices silence, and gives whole messages to its owner. It is used once: whoever wants
 * to be connected again makes a new one.
 */
import {
  CloseCode, encodeFrame, Message, MessageAssembler, WEBSOCKET_CLOSE_BASE, WireError, type WholeMessage,
} from './frame';
import { common } from '../text/common';
import * as limits from './limits';
import { decodeClose, decodeWelcome, type Welcome } from './message';
import type { HolderKey } from './ticket';

export interface ConnectionOwner {
  onWelcome(welcome: Welcome): void;
  onMessage(message: WholeMessage): void;
  /* code null: the connection broke without a reason given. Called exactly once. */
  onClosed(code: number | null, text: string): void;
}

type State = 'opening' | 'proving' | 'open' | 'closed';

/* A person should not wait longer for a connection that will not come. */
const OPEN_TIMEOUT_MS = 15_000;
const CHECK_INTERVAL_MS = 5_000;
/* Before a welcome there can be at most a cursor and a few notes. */
const EARLY_MESSAGES_MAX = 32;
/* Beyond this, moves of the pointer are left out until the network caught up. */
const CONGESTED_BYTES = 64 * 1024;

export function socketUrl(): string {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}/ws`;
}

export class Connection {
  #socket: WebSocket;
  #state: State = 'opening';
  #assembler = new MessageAssembler();
  #session = 0;
  #heardAt = performance.now();
  #pingedAt = 0;
  #timer: number;
  /* Order is kept within a channel only, so something may overtake the welcome. */
  #early: WholeMessage[] = [];
  #closeReason: { code: number; text: string } | null = null;

  constructor(
    private readonly owner: ConnectionOwner,
    private readonly holder: HolderKey,
    private readonly ticket: Uint8Array,
    url: string = socketUrl(),
  ) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onmessage = (event) => this.#receive(event.data);
    this.#socket.onclose = (event) => this.#onSocketClosed(event);
    this.#timer = window.setInterval(() => this.#watch(), CHECK_INTERVAL_MS);
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  get congested(): boolean {
    return this.#socket.bufferedAmount > CONGESTED_BYTES;
  }

  /* False when the message was not sent because the connection is not open. */
  send(type: number, payload: Uint8Array = new Uint8Array(0)): boolean {
    if (this.#state !== 'open' || this.#socket.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.#socket.send(encodeFrame(type, this.#session, payload));
    return true;
  }

  /* A frame that is encoded already, of this session. */
  sendFrame(frame: ArrayBuffer): void {
    if (this.#state === 'open' && this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(frame);
    }
  }

  /* What the network has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(): void {
    this.#end(CloseCode.OK, '');
  }

  #receive(data: unknown): void {
    if (this.#state === 'closed') {
      return;
    }
    this.#heardAt = performance.now();
    try {
      if (!(data instanceof ArrayBuffer)) {
        throw new WireError(CloseCode.MALFORMED, 'a message is not binary');
      }
      const message = this.#assembler.push(new Uint8Array(data));
      if (message) {
        this.#dispatch(message);
      }
    } catch (error) {
      console.warn(error);
      this.#end(error instanceof WireError ? error.code : CloseCode.INTERNAL, common.errors.badData);
    }
  }

  #dispatch(message: WholeMessage): void {
    switch (message.type) {
      case Message.CHALLENGE:
        this.#prove(message.payload);
        return;
      case Message.PING:
        this.#socket.send(encodeFrame(Message.PONG, this.#session, message.payload));
        return;
      case Message.PONG:
        return;
      case Message.CLOSE:
        this.#closeReason = decodeClose(message.payload);
        return;
      case Message.WELCOME: {
        if (this.#state !== 'proving') {
          throw new WireError(CloseCode.NOT_NOW, 'a welcome came out of turn');
        }
        const welcome = decodeWelcome(message.payload);
        this.#state = 'open';
        this.#session = welcome.session;
        this.owner.onWelcome(welcome);
        this.#early.splice(0).forEach((early) => this.owner.onMessage(early));
        return;
      }
      default:
        if (this.#state === 'open') {
          this.owner.onMessage(message);
        } else if (this.#state === 'proving' && this.#early.length < EARLY_MESSAGES_MAX) {
          this.#early.push(message);
        } else {
          throw new WireError(CloseCode.NOT_NOW, 'a message came before the welcome');
        }
    }
  }

  #prove(challenge: Uint8Array): void {
    if (this.#state !== 'opening') {
      throw new WireError(CloseCode.NOT_NOW, 'a second challenge came');
    }
    this.#state = 'proving';
    this.holder.hello(this.ticket, challenge).then(
      (hello) => {
        if (this.#state === 'proving' && this.#socket.readyState === WebSocket.OPEN) {
          this.#socket.send(encodeFrame(Message.HELLO, 0, hello));
        }
      },
      () => this.#end(CloseCode.INTERNAL, ''),
    );
  }

  #watch(): void {
    const now = performance.now();
    const silent = now - this.#heardAt;
    if (this.#state !== 'open') {
      if (silent > OPEN_TIMEOUT_MS) {
        this.#end(CloseCode.TIMED_OUT, '');
      }
      return;
    }
    if (silent > limits.TIME_SILENCE_S_MAX * 1000) {
      this.#end(CloseCode.TIMED_OUT, '');
    } else if (silent > limits.TIME_PING_S * 1000 && now - this.#pingedAt > limits.TIME_PING_S * 1000) {
      this.#pingedAt = now;
      this.send(Message.PING, new Uint8Array(8));
    }
  }

  #onSocketClosed(event: CloseEvent): void {
    if (this.#closeReason) {
      this.#end(this.#closeReason.code, this.#closeReason.text);
    } else if (event.code >= WEBSOCKET_CLOSE_BASE && event.code < WEBSOCKET_CLOSE_BASE + 1000) {
      this.#end(event.code - WEBSOCKET_CLOSE_BASE, '');
    } else {
      this.#end(null, '');
    }
  }

  #end(code: number | null, text: string): void {
    if (this.#state === 'closed') {
      return;
    }
    this.#state = 'closed';
    window.clearInterval(this.#timer);
    this.#socket.onclose = null;
    this.#socket.onmessage = null;
    if (this.#socket.readyState <= WebSocket.OPEN) {
      this.#socket.close(code === null || code === CloseCode.OK ? 1000 : WEBSOCKET_CLOSE_BASE + code);
    }
    this.owner.onClosed(code, text);
  }
}
