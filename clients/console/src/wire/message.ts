/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads of the messages the console reads and writes: engine/wire/message.h in TypeScript.
 *
 * Decoders check lengths before they read and throw WireError; text is decoded strictly and cleaned of
 * control characters, and is only ever shown as text.
 */
import { CloseCode, WireError } from './frame';
import * as limits from './limits';

export interface Welcome {
  readonly session: number;
  readonly participant: number;
  readonly permissions: bigint;
  readonly role: number;
  readonly controlUp: boolean;
}

export interface Close {
  readonly code: number;
  readonly text: string;
}

export interface ParticipantNote {
  readonly participant: number;
  readonly role: number;
  readonly present: boolean;
  readonly name: string;
}

export interface ChatLineMessage {
  readonly sequence: number;
  readonly timeUnixMs: number;
  readonly participant: number;
  readonly clientMessage: number;
  readonly name: string;
  readonly text: string;
}

export interface CursorShape {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly pixels: Uint8Array; /* B, G, R, A premultiplied */
}

/* The size of a rendition's picture, and of the desktop that it shows. */
export interface ScreenReset {
  readonly width: number;
  readonly height: number;
  readonly desktopWidth: number;
  readonly desktopHeight: number;
}

export interface Pointer {
  readonly x: number;
  readonly y: number;
  readonly buttons: number;
  readonly wheelX: number;
  readonly wheelY: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

function malformed(what: string): never {
  throw new WireError(CloseCode.MALFORMED, what);
}

function viewOf(data: Uint8Array, least: number): DataView {
  if (data.byteLength < least) {
    malformed('a message is shorter than its fields');
  }
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/* Text for a person: well-formed UTF-8 without C0 controls other than tab and line feed. */
export function decodeText(data: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(data);
  } catch {
    malformed('text is not well-formed UTF-8');
  }
  return cleanText(text);
}

export function cleanText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd');
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    malformed('a number is out of range');
  }
  return Number(value);
}

export function decodeWelcome(data: Uint8Array): Welcome {
  const view = viewOf(data, 24);
  return {
    session: view.getUint32(0, true),
    participant: view.getUint32(4, true),
    permissions: view.getBigUint64(8, true),
    role: view.getUint8(16),
    controlUp: view.getUint8(17) !== 0,
  };
}

export function decodeClose(data: Uint8Array): Close {
  const view = viewOf(data, 2);
  return { code: view.getUint16(0, true), text: decodeText(data.subarray(2)) };
}

export function encodeClose(code: number): Uint8Array {
  const out = new Uint8Array(2);
  new DataView(out.buffer).setUint16(0, code, true);
  return out;
}

export function decodeParticipant(data: Uint8Array): ParticipantNote {
  const view = viewOf(data, 8);
  const nameBytes = view.getUint16(6, true);
  if (nameBytes > limits.NAME_BYTES_MAX || nameBytes !== data.byteLength - 8) {
    malformed('a name does not have the length it states');
  }
  return {
    participant: view.getUint32(0, true),
    role: view.getUint8(4),
    present: view.getUint8(5) !== 0,
    name: decodeText(data.subarray(8)),
  };
}

export function decodePermissions(data: Uint8Array): bigint {
  return viewOf(data, 8).getBigUint64(0, true);
}

export function decodeChatLine(data: Uint8Array): ChatLineMessage {
  const view = viewOf(data, 26);
  const nameBytes = view.getUint16(24, true);
  if (nameBytes > limits.NAME_BYTES_MAX || nameBytes > data.byteLength - 26 ||
      data.byteLength - 26 - nameBytes > limits.CHAT_TEXT_BYTES_MAX) {
    malformed('a chat line does not have the lengths it states');
  }
  return {
    sequence: safeNumber(view.getBigUint64(0, true)),
    timeUnixMs: safeNumber(view.getBigUint64(8, true)),
    participant: view.getUint32(16, true),
    clientMessage: view.getUint32(20, true),
    name: decodeText(data.subarray(26, 26 + nameBytes)),
    text: decodeText(data.subarray(26 + nameBytes)),
  };
}

export function encodeChatSay(clientMessage: number, text: string): Uint8Array {
  const body = encoder.encode(text);
  if (body.byteLength < 1 || body.byteLength > limits.CHAT_TEXT_BYTES_MAX) {
    throw new WireError(CloseCode.TOO_LARGE, 'the chat text is empty or too long');
  }
  const out = new Uint8Array(4 + body.byteLength);
  new DataView(out.buffer).setUint32(0, clientMessage, true);
  out.set(body, 4);
  return out;
}

export function decodeCursorShape(data: Uint8Array): CursorShape {
  const view = viewOf(data, 8);
  const width = view.getUint16(0, true);
  const height = view.getUint16(2, true);
  if (width > limits.CURSOR_SIDE_PX_MAX || height > limits.CURSOR_SIDE_PX_MAX ||
      data.byteLength !== 8 + width * height * 4) {
    malformed('a cursor does not have the size it states');
  }
  return {
    width,
    height,
    hotX: view.getUint16(4, true),
    hotY: view.getUint16(6, true),
    pixels: data.subarray(8),
  };
}

export function decodeCursorPosition(data: Uint8Array): { x: number; y: number } {
  const view = viewOf(data, 4);
  return { x: view.getUint16(0, true), y: view.getUint16(2, true) };
}

export function decodeScreenReset(data: Uint8Array): ScreenReset {
  const view = viewOf(data, 12);
  const width = view.getUint16(0, true);
  const height = view.getUint16(2, true);
  const desktopWidth = view.getUint16(4, true);
  const desktopHeight = view.getUint16(6, true);
  if (width < 1 || height < 1 || width > desktopWidth || height > desktopHeight ||
      desktopWidth > limits.SCREEN_WIDTH_PX_MAX || desktopHeight > limits.SCREEN_HEIGHT_PX_MAX) {
    malformed('the remote screen states an impossible size');
  }
  return { width, height, desktopWidth, desktopHeight };
}

export function encodeKey(keysym: number, down: boolean): Uint8Array {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  view.setUint32(0, keysym, true);
  view.setUint8(4, down ? 1 : 0);
  return out;
}

export function encodePointer(pointer: Pointer): Uint8Array {
  const out = new Uint8Array(12);
  const view = new DataView(out.buffer);
  view.setUint16(0, pointer.x, true);
  view.setUint16(2, pointer.y, true);
  view.setUint16(4, pointer.buttons, true);
  view.setInt16(8, pointer.wheelX, true);
  view.setInt16(10, pointer.wheelY, true);
  return out;
}

/* How the source codes its picture; colours as engine/PROTOCOL.md numbers them. */
export interface ScreenSettings {
  readonly colours: number;
  readonly losslessOnly: boolean;
}

export const SCREEN_COLOURS = { full: 0, more: 1, few: 2, grey: 3, video: 4 } as const;

export function encodeScreenSettings(settings: ScreenSettings): Uint8Array {
  return new Uint8Array([settings.colours, settings.losslessOnly ? 1 : 0]);
}

export function encodeScreenAck(updateNumber: number, rendition: number): Uint8Array {
  const out = new Uint8Array(rendition === 0 ? 4 : 5);
  new DataView(out.buffer).setUint32(0, updateNumber, true);
  if (rendition !== 0) {
    out[4] = rendition;
  }
  return out;
}
