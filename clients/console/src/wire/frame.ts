/* SPDX-License-Identifier: Apache-2.0 */
/* The 16-byte frame header and the assembly of messages from frames: engine/wire/frame.h in TypeScript.
 *
 * Everything here is total: any bytes give a value or a WireError, never a read outside the input.
 * The tables are compared with engine/wire/frame.h by tests/browser/console_unit.
 */
import * as limits from './limits';

export const FRAME_VERSION = 1;

export const Channel = {
  CONTROL: 0, INPUT: 1, CURSOR: 2, CHAT: 3, SHELL: 4, CLIPBOARD: 5, ANNOTATION: 6, SYSTEM: 7,
  EVENT: 8, SCREEN: 9, FILE: 10, TUNNEL: 11,
} as const;

export const Flag = {
  FIRST: 1, LAST: 2, KEYFRAME: 4, DROPPABLE: 8, RENDITION_MASK: 0x30, RENDITION_SHIFT: 4, RESERVED: 0xc0,
} as const;

export const Message = {
  HELLO: 0x01, HELLO_REPLY: 0x02, CHALLENGE: 0x03, PING: 0x04, PONG: 0x05, CLOSE: 0x06, WELCOME: 0x07,
  PERMISSIONS: 0x08, PARTICIPANT: 0x09, SESSION_OFFER: 0x0a, SESSION_END: 0x0b, SESSION_ENDED: 0x0c,
  SYNC_REQUEST: 0x0d, SCREEN_ACK: 0x0e, RESUME_TICKET: 0x0f, LINK_STATE: 0x10, CONSENT: 0x11,
  STATISTICS: 0x12, CREDIT: 0x13, STREAM_OPEN: 0x14, STREAM_CLOSE: 0x15, PEER: 0x16, RENDITION: 0x17,
  SCREEN_SETTINGS: 0x18, DEVICE_ORDER: 0x19, DEVICE_THUMBNAIL: 0x1a, DEVICE_FETCH: 0x1b, DEVICE_CHUNK: 0x1c,
  TOOL_ASK: 0x1d, TOOL_ANSWER: 0x1e,
  CLIENT_OFFER: 0x1f,
  KEY: 0x20, POINTER: 0x21, RELEASE_ALL: 0x22, CURSOR_SHAPE: 0x28,
  CURSOR_POSITION: 0x29, CHAT_SAY: 0x30, CHAT_LINE: 0x31, SIDE_SAY: 0x32, SIDE_LINE: 0x33, EVENT: 0x38, SCREEN_RESET: 0x40,
  SCREEN_UPDATE: 0x41, SHELL_DATA: 0x50, CLIPBOARD_DATA: 0x51, SYSTEM_DATA: 0x52, FILE_DATA: 0x53,
  TUNNEL_DATA: 0x54,
} as const;

export interface MessageInfo {
  readonly channel: number;
  readonly least: number; /* payload bytes of the whole message */
  readonly most: number;
}

const cursorPixelBytesMax = limits.CURSOR_SIDE_PX_MAX * limits.CURSOR_SIDE_PX_MAX * 4;

export const messages: ReadonlyMap<number, MessageInfo> = new Map<number, MessageInfo>([
  [Message.HELLO, { channel: Channel.CONTROL, least: 4, most: limits.HELLO_BYTES_MAX }],
  [Message.HELLO_REPLY, { channel: Channel.CONTROL, least: 4, most: limits.HELLO_REPLY_BODY_BYTES_MAX + 4 }],
  [Message.CHALLENGE, { channel: Channel.CONTROL, least: 32, most: 32 }],
  [Message.PING, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.PONG, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.CLOSE, { channel: Channel.CONTROL, least: 2, most: 2 + limits.REASON_TEXT_BYTES_MAX }],
  [Message.WELCOME, { channel: Channel.CONTROL, least: 24, most: 24 }],
  [Message.PERMISSIONS, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.PARTICIPANT, { channel: Channel.CONTROL, least: 8, most: 8 + limits.NAME_BYTES_MAX }],
  [Message.SESSION_OFFER, { channel: Channel.CONTROL, least: 158, most: 158 + limits.NAME_BYTES_MAX }],
  [Message.SESSION_END, { channel: Channel.CONTROL, least: 2, most: 2 + limits.REASON_TEXT_BYTES_MAX }],
  [Message.SESSION_ENDED, { channel: Channel.CONTROL, least: 2, most: 2 + limits.REASON_TEXT_BYTES_MAX }],
  [Message.SYNC_REQUEST, { channel: Channel.CONTROL, least: 1, most: 1 }],
  [Message.SCREEN_ACK, { channel: Channel.CONTROL, least: 4, most: 5 }],
  [Message.RESUME_TICKET, { channel: Channel.CONTROL, least: 152, most: 152 }],
  [Message.LINK_STATE, { channel: Channel.CONTROL, least: 1, most: 1 }],
  [Message.CONSENT, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.STATISTICS, { channel: Channel.CONTROL, least: 2, most: limits.STATISTICS_BYTES_MAX }],
  [Message.CREDIT, { channel: Channel.CONTROL, least: 24, most: 24 }],
  [Message.STREAM_OPEN, { channel: Channel.CONTROL, least: 28, most: 28 + limits.STREAM_PARAMETERS_BYTES_MAX }],
  [Message.STREAM_CLOSE, { channel: Channel.CONTROL, least: 18, most: 18 + limits.REASON_TEXT_BYTES_MAX }],
  [Message.PEER, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.RENDITION, { channel: Channel.CONTROL, least: 4, most: 4 }],
  [Message.SCREEN_SETTINGS, { channel: Channel.CONTROL, least: 2, most: 2 }],
  [Message.DEVICE_ORDER, { channel: Channel.CONTROL, least: 2, most: 4096 }],
  [Message.DEVICE_THUMBNAIL, { channel: Channel.CONTROL, least: 32, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
  [Message.DEVICE_FETCH, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.DEVICE_CHUNK, { channel: Channel.CONTROL, least: 8, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
  [Message.TOOL_ASK, { channel: Channel.CONTROL, least: 12, most: 12 + limits.TOOL_QUESTION_BYTES_MAX }],
  [Message.TOOL_ANSWER, { channel: Channel.CONTROL, least: 8, most: 8 }],
  [Message.CLIENT_OFFER, { channel: Channel.CONTROL, least: 2, most: 4096 }],
  [Message.KEY, { channel: Channel.INPUT, least: 8, most: 8 }],
  [Message.POINTER, { channel: Channel.INPUT, least: 12, most: 12 }],
  [Message.RELEASE_ALL, { channel: Channel.INPUT, least: 0, most: 0 }],
  [Message.CURSOR_SHAPE, { channel: Channel.CURSOR, least: 8, most: 8 + cursorPixelBytesMax }],
  [Message.CURSOR_POSITION, { channel: Channel.CURSOR, least: 4, most: 4 }],
  [Message.CHAT_SAY, { channel: Channel.CHAT, least: 5, most: 4 + limits.CHAT_TEXT_BYTES_MAX }],
  [Message.SIDE_SAY, { channel: Channel.CHAT, least: 5, most: 4 + limits.CHAT_TEXT_BYTES_MAX }],
  [Message.SIDE_LINE, {
    channel: Channel.CHAT, least: 26, most: 26 + limits.NAME_BYTES_MAX + limits.CHAT_TEXT_BYTES_MAX,
  }],
  [Message.CHAT_LINE, {
    channel: Channel.CHAT, least: 26, most: 26 + limits.NAME_BYTES_MAX + limits.CHAT_TEXT_BYTES_MAX,
  }],
  [Message.EVENT, { channel: Channel.EVENT, least: 2, most: limits.EVENT_BYTES_MAX }],
  [Message.SCREEN_RESET, { channel: Channel.SCREEN, least: 12, most: 12 }],
  [Message.SCREEN_UPDATE, { channel: Channel.SCREEN, least: 1, most: limits.SCREEN_MESSAGE_BYTES_MAX }],
  [Message.SHELL_DATA, { channel: Channel.SHELL, least: 13, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
  [Message.CLIPBOARD_DATA, { channel: Channel.CLIPBOARD, least: 13, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
  [Message.SYSTEM_DATA, { channel: Channel.SYSTEM, least: 13, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
  [Message.FILE_DATA, { channel: Channel.FILE, least: 13, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
  [Message.TUNNEL_DATA, { channel: Channel.TUNNEL, least: 13, most: limits.FRAME_PAYLOAD_BYTES_MAX }],
]);

export const Role = {
  NONE: 0, REPRESENTATIVE: 1, CUSTOMER: 2, UNATTENDED: 3, DEVICE: 4, CONSOLE: 5,
} as const;

export const Permit = {
  VIEW_SCREEN: 1n << 0n,
  CONTROL_INPUT: 1n << 1n,
  CHAT: 1n << 2n,
  END_SESSION: 1n << 3n,
  SOURCE_SCREEN: 1n << 4n,
  CONSENT: 1n << 5n,
  EVENTS: 1n << 6n,
  STATISTICS: 1n << 7n,
  SHELL: 1n << 8n,
  CLIPBOARD: 1n << 9n,
  SYSTEM: 1n << 10n,
  FILE: 1n << 11n,
  TUNNEL: 1n << 12n,
} as const;

export const CloseCode = {
  OK: 0, ENDED_BY_REPRESENTATIVE: 1, ENDED_BY_CUSTOMER: 2, ENDED_BY_OPERATOR: 3, ENDED_NOBODY_LEFT: 4,
  REPLACED: 5, REMOVED: 6, SHUTTING_DOWN: 7, RESTARTING: 8, MALFORMED: 20, TOO_LARGE: 21, NOT_NOW: 22,
  NOT_PERMITTED: 23, VERSION: 24, CREDIT_EXCEEDED: 25, STREAM_UNKNOWN: 26, STREAM_REFUSED: 27, TICKET_FORGED: 40,
  TICKET_EXPIRED: 41, TICKET_USED: 42,
  TICKET_DENIED: 43, PROOF_WRONG: 44, SESSION_KEY_WRONG: 50, SESSION_KEY_EXPIRED: 51,
  SESSION_KEY_USED: 52, ENROLMENT_WRONG: 53, TOO_MANY_TRIES: 54, SUPPORT_BUTTON_WRONG: 55, PORTAL_CLOSED: 56, AGREEMENT: 57, TOO_SLOW: 60, TIMED_OUT: 61,
  OVERLOADED: 62, UNAVAILABLE: 63, INTERNAL: 64, RECORDING_FAILED: 65,
} as const;

/* WebSocket close codes are 4000 + the wire's close code. */
export const WEBSOCKET_CLOSE_BASE = 4000;

export class WireError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

export interface FrameHeader {
  readonly type: number;
  readonly channel: number;
  readonly flags: number;
  readonly stream: number;
  readonly session: number;
  readonly length: number;
}

export interface WholeMessage {
  readonly type: number;
  readonly channel: number;
  readonly flags: number; /* of the last frame: FIRST is meaningless here */
  readonly stream: number;
  readonly session: number;
  readonly payload: Uint8Array;
}

/* One WebSocket message is exactly one frame. */
export function decodeFrame(data: Uint8Array): { header: FrameHeader; payload: Uint8Array } {
  if (data.byteLength < limits.FRAME_HEADER_BYTES) {
    throw new WireError(CloseCode.MALFORMED, 'a frame is shorter than its header');
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint8(0) !== FRAME_VERSION) {
    throw new WireError(CloseCode.VERSION, 'a frame has another protocol version');
  }
  const header: FrameHeader = {
    type: view.getUint8(1),
    channel: view.getUint8(2),
    flags: view.getUint8(3),
    stream: view.getUint16(4, true),
    session: view.getUint32(8, true),
    length: view.getUint32(12, true),
  };
  if (header.length > limits.FRAME_PAYLOAD_BYTES_MAX) {
    throw new WireError(CloseCode.TOO_LARGE, 'a frame is over the size limit');
  }
  if (header.length !== data.byteLength - limits.FRAME_HEADER_BYTES) {
    throw new WireError(CloseCode.MALFORMED, 'a frame does not have the length it states');
  }
  const info = messages.get(header.type);
  if (!info || info.channel !== header.channel) {
    throw new WireError(CloseCode.MALFORMED, 'a frame has an unknown type or the wrong channel');
  }
  if ((header.flags & Flag.RESERVED) !== 0 || view.getUint16(6, true) !== 0) {
    throw new WireError(CloseCode.MALFORMED, 'a frame sets reserved bits');
  }
  return { header, payload: data.subarray(limits.FRAME_HEADER_BYTES) };
}

/* A whole message in one frame; the console never sends one that needs more. */
export function encodeFrame(type: number, session: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const info = messages.get(type);
  if (!info || payload.byteLength < info.least || payload.byteLength > info.most ||
      payload.byteLength > limits.FRAME_PAYLOAD_BYTES_MAX) {
    throw new WireError(CloseCode.TOO_LARGE, 'the message does not fit its limits');
  }
  const out = new Uint8Array(limits.FRAME_HEADER_BYTES + payload.byteLength);
  const view = new DataView(out.buffer);
  view.setUint8(0, FRAME_VERSION);
  view.setUint8(1, type);
  view.setUint8(2, info.channel);
  view.setUint8(3, Flag.FIRST | Flag.LAST);
  view.setUint32(8, session, true);
  view.setUint32(12, payload.byteLength, true);
  out.set(payload, limits.FRAME_HEADER_BYTES);
  return out;
}

interface Pending {
  readonly header: FrameHeader;
  readonly parts: Uint8Array[];
  bytes: number;
}

/* Joins the frames of a message. Frames of different (channel, stream) may be interleaved. */
export class MessageAssembler {
  #pending = new Map<number, Pending>();

  /* Returns the message that this frame completes, or null. The payload may point into data. */
  push(data: Uint8Array): WholeMessage | null {
    const { header, payload } = decodeFrame(data);
    const key = header.channel * 0x10000 + header.stream;
    const first = (header.flags & Flag.FIRST) !== 0;
    const last = (header.flags & Flag.LAST) !== 0;
    let pending = this.#pending.get(key);
    if (first && (header.channel === Channel.SCREEN || header.channel === Channel.CURSOR)) {
      pending = undefined; /* its source was lost in the middle of a message (PROTOCOL.md, section 9) */
    }
    if (first === (pending !== undefined)) {
      throw new WireError(CloseCode.MALFORMED, 'frames of a message are missing or out of order');
    }
    if (!pending) {
      pending = { header, parts: [], bytes: 0 };
      this.#pending.set(key, pending);
    }
    const edges = Flag.FIRST | Flag.LAST;
    if (pending.header.type !== header.type || pending.header.session !== header.session ||
        (pending.header.flags & ~edges) !== (header.flags & ~edges)) {
      throw new WireError(CloseCode.MALFORMED, 'frames of one message disagree');
    }
    const info = messages.get(header.type)!;
    pending.bytes += payload.byteLength;
    if (pending.bytes > info.most || (!last && payload.byteLength === 0)) {
      throw new WireError(CloseCode.TOO_LARGE, 'a message is over its size limit');
    }
    pending.parts.push(payload);
    if (!last) {
      return null;
    }
    this.#pending.delete(key);
    if (pending.bytes < info.least) {
      throw new WireError(CloseCode.MALFORMED, 'a message is shorter than its type allows');
    }
    return { ...header, payload: join(pending) };
  }
}

function join(pending: Pending): Uint8Array {
  if (pending.parts.length === 1) {
    return pending.parts[0]!;
  }
  const whole = new Uint8Array(pending.bytes);
  let at = 0;
  for (const part of pending.parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
