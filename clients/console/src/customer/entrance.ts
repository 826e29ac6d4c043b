/* SPDX-License-Identifier: Apache-2.0 */
/* A customer's first connection: a session key or a Support Button's secret becomes a ticket (PROTOCOL.md, section 5). */
import { common } from '../text/common';
import { closeText } from '../text/common';
import { CloseCode, encodeFrame, Message, MessageAssembler, WEBSOCKET_CLOSE_BASE, WireError } from '../wire/frame';
import * as limits from '../wire/limits';
import { cleanText, decodeClose, decodeText, encodeText } from '../wire/message';
import { ticketFromText } from '../wire/ticket';
import { socketUrl } from '../wire/connection';

export interface Asked {
  readonly key?: string;
  readonly button?: string;
  readonly holder: string;
  readonly name: string;
  readonly platform: string;
  readonly agreed: boolean;
}

export interface Entered {
  readonly ticket: Uint8Array<ArrayBuffer>;
  readonly session: number;
  readonly representative: string;
  readonly visit: string;
}

export class Refused extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

const HELLO_VERSION = 1;
const HELLO_KIND_SESSION_KEY = 4;
const ANSWER_TIMEOUT_MS = 20_000;

/* u8 version, u8 kind, u16 bytes, JSON. Throws WireError for what cannot be said in the room there is. */
export function encodeEntrance(asked: Asked): Uint8Array {
  const { key, button, ...rest } = asked;
  const body = encodeText(JSON.stringify({ ...(key !== undefined ? { key } : { button }), ...rest, client: 'browser' }));
  const out = new Uint8Array(4 + body.byteLength);
  const view = new DataView(out.buffer);
  if (body.byteLength > 1024) {
    throw new WireError(CloseCode.TOO_LARGE, 'the session key or the name is too long');
  }
  view.setUint8(0, HELLO_VERSION);
  view.setUint8(1, HELLO_KIND_SESSION_KEY);
  view.setUint16(2, body.byteLength, true);
  out.set(body, 4);
  return out;
}

function parsed(data: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decodeText(data));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    /* falls through */
  }
  throw new WireError(CloseCode.MALFORMED, 'an answer is not a JSON object');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? cleanText(value) : '';
}

/* Throws Refused when the appliance says no, WireError for any other bytes than an answer. */
export function decodeHelloReply(data: Uint8Array): Entered {
  if (data.byteLength < 4) {
    throw new WireError(CloseCode.MALFORMED, 'an answer is shorter than its fields');
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const code = view.getUint16(0, true);
  const bytes = view.getUint16(2, true);
  if (bytes > limits.HELLO_REPLY_BODY_BYTES_MAX || bytes !== data.byteLength - 4) {
    throw new WireError(CloseCode.MALFORMED, 'an answer does not have the length it states');
  }
  const body = parsed(data.subarray(4));
  if (code !== CloseCode.OK) {
    throw new Refused(code, closeText(code, textOf(body['message'])));
  }
  const ticket = ticketFromText(textOf(body['ticket']));
  const session = body['session'];
  if (!ticket || typeof session !== 'number' || !Number.isInteger(session) || session < 1) {
    throw new WireError(CloseCode.MALFORMED, 'an answer has no ticket');
  }
  return { ticket, session, representative: textOf(body['representative']), visit: textOf(body['visit']) };
}

/* "Chromium 156 on Linux", as far as the browser tells. */
export function platformText(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(agent);
  const all = [...agent.matchAll(/(Firefox|Edg|OPR|Chrome)\/(\d+)/g)];
  const last = all[all.length - 1] ?? browser;
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' };
  const system = /(Windows|Android|iPhone|iPad|CrOS|Mac OS X|Linux)/.exec(agent)?.[1];
  const name = last ? `${names[last[1]!] ?? last[1]} ${last[2]}` : 'A browser';
  return system ? `${name} on ${system === 'Mac OS X' ? 'macOS' : system}` : name;
}

/* Rejects with Refused (with a sentence for the person), or with an Error whose message is one. */
export function enter(asked: Asked, url: string = socketUrl()): Promise<Entered> {
  return new Promise((resolve, reject) => {
    const hello = encodeEntrance(asked);
    const assembler = new MessageAssembler();
    const socket = new WebSocket(url);
    let closeReason: { code: number; text: string } | null = null;
    const settle = (run: () => void) => {
      clearTimeout(timer);
      socket.onmessage = socket.onclose = null;
      socket.close(1000);
      run();
    };
    const timer = setTimeout(() => settle(() => reject(new Error(common.errors.unreachable))), ANSWER_TIMEOUT_MS);
    const receive = (data: unknown) => {
      if (!(data instanceof ArrayBuffer)) {
        throw new WireError(CloseCode.MALFORMED, 'a message is not binary');
      }
      const message = assembler.push(new Uint8Array(data));
      if (message?.type === Message.CHALLENGE) {
        socket.send(encodeFrame(Message.HELLO, 0, hello));
      } else if (message?.type === Message.CLOSE) {
        closeReason = decodeClose(message.payload);
      } else if (message?.type === Message.HELLO_REPLY) {
        const entered = decodeHelloReply(message.payload);
        settle(() => resolve(entered));
      }
    };
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => {
      try {
        receive(event.data);
      } catch (error) {
        settle(() => reject(error instanceof Refused ? error : new Error(common.errors.badData)));
      }
    };
    socket.onclose = (event) => settle(() => {
      const code = closeReason?.code ?? event.code - WEBSOCKET_CLOSE_BASE;
      reject(code > 0 && code < 1000 ? new Refused(code, closeText(code, closeReason?.text ?? ''))
        : new Error(common.errors.unreachable));
    });
  });
}
