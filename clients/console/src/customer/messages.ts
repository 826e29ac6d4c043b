/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads that only a customer reads and writes: engine/wire/message.h. Decoders throw WireError for anything else. */
import { CloseCode, WireError } from '../wire/frame';
import * as limits from '../wire/limits';
import { cleanText, decodeText } from '../wire/message';

export interface ToolQuestion {
  readonly participant: number;
  readonly tool: number;
  readonly seconds: number; /* to answer; 0: no end */
  readonly silenceMeansYes: boolean;
  readonly text: string; /* empty: taken back */
}

/* How the session goes on with the full client. */
export interface ClientOffer {
  readonly command: string;
  readonly download: string | null; /* on this appliance */
  readonly representative: string;
  readonly expiresUnixMs: number;
}

function malformed(what: string): never {
  throw new WireError(CloseCode.MALFORMED, what);
}

export function encodeConsent(participant: number, view: boolean): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setUint32(0, participant, true);
  out[4] = view ? 1 : 0;
  return out;
}

export function decodeToolQuestion(data: Uint8Array): ToolQuestion {
  if (data.byteLength < 12 || data.byteLength > 12 + limits.TOOL_QUESTION_BYTES_MAX) {
    malformed('a question does not have the size of one');
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    participant: view.getUint32(0, true),
    tool: view.getUint16(4, true),
    seconds: view.getUint16(6, true),
    silenceMeansYes: view.getUint8(8) === 1,
    text: decodeText(data.subarray(12)),
  };
}

export function encodeToolAnswer(question: ToolQuestion, yes: boolean): Uint8Array {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  view.setUint32(0, question.participant, true);
  view.setUint16(4, question.tool, true);
  out[6] = yes ? 1 : 0;
  return out;
}

export function decodeNumber(data: Uint8Array): number {
  return data.byteLength >= 1 ? data[0]! : malformed('a message is shorter than its fields');
}

/* u32 update, and u8 rendition unless 0. */
export function decodeScreenAck(data: Uint8Array): { update: number; rendition: number } {
  if (data.byteLength !== 4 && data.byteLength !== 5) {
    malformed('an acknowledgement does not have the size of one');
  }
  return {
    update: new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(0, true),
    rendition: data.byteLength === 5 ? data[4]! : 0,
  };
}

export function decodeClientOffer(data: Uint8Array): ClientOffer {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(data));
  } catch (error) {
    if (error instanceof WireError) {
      throw error;
    }
    malformed('an offer is not JSON');
  }
  if (typeof value !== 'object' || value === null) {
    malformed('an offer is not a JSON object');
  }
  const { command, download, representative, expires_unix_ms: expires } = value as Record<string, unknown>;
  if (typeof command !== 'string' || command === '') {
    malformed('an offer has no command');
  }
  /* Only what lies on this appliance is offered, whatever the message says. */
  const own = typeof download === 'string' && /^\/download\/[\w.-]+$/.test(download) ? download : null;
  return {
    command: cleanText(command),
    download: own,
    representative: typeof representative === 'string' ? cleanText(representative) : '',
    expiresUnixMs: typeof expires === 'number' ? expires : 0,
  };
}
