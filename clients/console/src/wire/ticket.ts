/* SPDX-License-Identifier: Apache-2.0 */
/* The browser's half of tickets: a key pair that never leaves the browser, and the proof that it holds it.
 *
 * The pair lives as long as the page. Its secret half is not extractable, so a stolen ticket is useless
 * without this page.
 */
import * as limits from './limits';

const POSSESSION_LABEL = new TextEncoder().encode('causeway possession v1');
const TICKET_ID_AT = 40;
const HELLO_VERSION = 1;
const HELLO_KIND_TICKET = 1;

export function base64urlEncode(data: Uint8Array): string {
  let binary = '';
  for (const byte of data) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/* null when the text is not base64url. */
export function base64urlDecode(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) {
    return null;
  }
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}

/* null when the text cannot be a ticket. The engine alone judges whether it is a good one. */
export function ticketFromText(text: string): Uint8Array<ArrayBuffer> | null {
  const ticket = base64urlDecode(text);
  return ticket && ticket.byteLength === limits.TICKET_BYTES ? ticket : null;
}

export class Ed25519Missing extends Error {}

export class HolderKey {
  private constructor(private readonly secret: CryptoKey, readonly publicKey: string) {}

  static async create(): Promise<HolderKey> {
    if (!globalThis.crypto?.subtle) {
      throw new Ed25519Missing('this page has no WebCrypto');
    }
    let pair: CryptoKeyPair;
    try {
      pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair;
    } catch {
      throw new Ed25519Missing('this browser has no Ed25519 keys');
    }
    const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return new HolderKey(pair.privateKey, base64urlEncode(raw));
  }

  /* What is kept for a page that is loaded again; the secret half stays what it is. */
  get kept(): { readonly secret: CryptoKey; readonly publicKey: string } {
    return { secret: this.secret, publicKey: this.publicKey };
  }

  static ofKept(kept: { readonly secret: CryptoKey; readonly publicKey: string }): HolderKey {
    return new HolderKey(kept.secret, kept.publicKey);
  }

  /* The HELLO payload that answers a challenge with a ticket. */
  async hello(ticket: Uint8Array, challenge: Uint8Array): Promise<Uint8Array> {
    const signed = possessionBytes(challenge, ticket);
    const proof = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, this.secret, signed));
    return encodeTicketHello(ticket, proof);
  }
}

/* What the holder signs: label, challenge, ticket id. */
export function possessionBytes(challenge: Uint8Array, ticket: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(POSSESSION_LABEL.byteLength + limits.EXPORTER_BYTES + limits.TICKET_ID_BYTES);
  out.set(POSSESSION_LABEL, 0);
  out.set(challenge.subarray(0, limits.EXPORTER_BYTES), POSSESSION_LABEL.byteLength);
  out.set(
    ticket.subarray(TICKET_ID_AT, TICKET_ID_AT + limits.TICKET_ID_BYTES),
    POSSESSION_LABEL.byteLength + limits.EXPORTER_BYTES,
  );
  return out;
}

/* u8 version, u8 kind, u16 body length, ticket, proof */
export function encodeTicketHello(ticket: Uint8Array, proof: Uint8Array): Uint8Array {
  const bodyBytes = limits.TICKET_BYTES + limits.SIGNATURE_BYTES;
  const out = new Uint8Array(4 + bodyBytes);
  const view = new DataView(out.buffer);
  view.setUint8(0, HELLO_VERSION);
  view.setUint8(1, HELLO_KIND_TICKET);
  view.setUint16(2, bodyBytes, true);
  out.set(ticket.subarray(0, limits.TICKET_BYTES), 4);
  out.set(proof.subarray(0, limits.SIGNATURE_BYTES), 4 + limits.TICKET_BYTES);
  return out;
}
