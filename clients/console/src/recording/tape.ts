/* SPDX-License-Identifier: Apache-2.0 */
/* A recording's parts as they come in: engine/RECORDING.md in TypeScript.
 *
 * Bytes are pushed as they arrive; whole blocks become records at once, so that playing can begin before all is there.
 * Everything is total: bytes that are no recording become a TapeError with a reason, never a read outside of them.
 * Hashes are checked afterwards, over what is here (verify).
 */

export type TapeFault = 'not_a_recording' | 'version' | 'encrypted' | 'damaged';

export class TapeError extends Error {
  constructor(readonly fault: TapeFault, readonly at: number) {
    super(`${fault} at byte ${at}`);
  }
}

export const RecordKind = { FRAME: 1, PARTICIPANT: 2, GAP: 3, END: 4 } as const;

export interface TapeRecord {
  readonly unixMs: number; /* with fractions */
  readonly kind: number;
  readonly byAppliance: boolean;
  readonly participant: number;
  readonly bytes: Uint8Array; /* into the part's buffer */
}

export interface PartHeader {
  readonly session: number;
  readonly part: number;
  readonly startUnixMs: number;
}

const MAGIC = [0x89, 0x43, 0x57, 0x52, 0x0d, 0x0a, 0x1a, 0x0a];
const VERSION = 1;
const HEADER_BYTES = 128;
const BLOCK_HEAD_BYTES = 64;
const BLOCK_MAGIC = 0x4b425743; /* "CWBK" */
const HASH_BYTES = 32;
const PAYLOAD_BYTES_MAX = 128 * 1024 - BLOCK_HEAD_BYTES - HASH_BYTES;
const RECORD_HEAD_BYTES = 20;
const RECORD_BYTES_MAX = 16_384;
const FLAG_ENCRYPTED = 2;
const BLOCK_DATA = 1;
const BLOCK_SEAL = 2;
const NS_PER_MS = 1_000_000;

/* One file. bytes: its size, as the appliance stated it. */
export class TapePart {
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #blocks: { readonly at: number; readonly bytes: number; readonly kind: number }[] = [];
  #have = 0; /* bytes that are there */
  #read = 0; /* bytes of whole blocks that were read */
  #header: PartHeader | null = null;

  constructor(bytes: number) {
    this.#data = new Uint8Array(bytes);
    this.#view = new DataView(this.#data.buffer);
  }

  get header(): PartHeader | null {
    return this.#header;
  }

  get isComplete(): boolean {
    return this.#have === this.#data.byteLength;
  }

  get file(): Uint8Array<ArrayBuffer> {
    return this.#data;
  }

  /* The records that became whole with these bytes, in the order of time. */
  push(bytes: Uint8Array): TapeRecord[] {
    if (bytes.byteLength > this.#data.byteLength - this.#have) {
      throw new TapeError('damaged', this.#have);
    }
    this.#data.set(bytes, this.#have);
    this.#have += bytes.byteLength;
    const records: TapeRecord[] = [];
    if (!this.#header && this.#have >= HEADER_BYTES) {
      this.#header = this.#readHeader();
      this.#read = HEADER_BYTES;
    }
    while (this.#header && this.#readBlock(records)) {
      /* one block a turn */
    }
    return records;
  }

  /* Whether every hash is what it should be and the last block of data is the one that was sealed; root: hexadecimal. */
  async verify(root: string): Promise<boolean> {
    let before = this.#data.subarray(96, 96 + HASH_BYTES);
    let last = '';
    if (!this.isComplete || !this.#header || !(await this.#hashFits(0, 96, 96))) {
      return false;
    }
    for (const block of this.#blocks) {
      const hashAt = block.at + block.bytes - HASH_BYTES;
      const stated = this.#data.subarray(block.at + 32, block.at + 32 + HASH_BYTES);
      if (!isEqual(stated, before) || !(await this.#hashFits(block.at, hashAt, hashAt))) {
        return false;
      }
      before = this.#data.subarray(hashAt, hashAt + HASH_BYTES);
      if (block.kind === BLOCK_DATA) {
        last = hex(before);
      }
    }
    return last === root;
  }

  async #hashFits(from: number, to: number, at: number): Promise<boolean> {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', this.#data.subarray(from, to)));
    return isEqual(hash, this.#data.subarray(at, at + HASH_BYTES));
  }

  #readHeader(): PartHeader {
    if (!MAGIC.every((byte, at) => this.#data[at] === byte)) {
      throw new TapeError('not_a_recording', 0);
    }
    if (this.#view.getUint16(8, true) !== VERSION) {
      throw new TapeError('version', 8);
    }
    if ((this.#view.getUint8(10) & FLAG_ENCRYPTED) !== 0) {
      throw new TapeError('encrypted', 10);
    }
    return {
      session: this.#view.getUint32(12, true),
      part: this.#view.getUint32(24, true),
      startUnixMs: Number(this.#view.getBigUint64(32, true)),
    };
  }

  #readBlock(records: TapeRecord[]): boolean {
    const at = this.#read;
    if (this.#have - at < BLOCK_HEAD_BYTES) {
      return false;
    }
    const payload = this.#view.getUint32(at + 4, true);
    const kind = this.#view.getUint8(at + 24);
    if (this.#view.getUint32(at, true) !== BLOCK_MAGIC || payload > PAYLOAD_BYTES_MAX
      || (kind !== BLOCK_DATA && kind !== BLOCK_SEAL)) {
      throw new TapeError('damaged', at);
    }
    const bytes = BLOCK_HEAD_BYTES + payload + HASH_BYTES;
    if (this.#have - at < bytes) {
      return false;
    }
    if (kind === BLOCK_DATA) {
      this.#readRecords(at + BLOCK_HEAD_BYTES, payload, records);
    }
    this.#blocks.push({ at, bytes, kind });
    this.#read = at + bytes;
    return true;
  }

  #readRecords(from: number, bytes: number, records: TapeRecord[]): void {
    const end = from + bytes;
    for (let at = from; at < end;) {
      if (end - at < RECORD_HEAD_BYTES) {
        throw new TapeError('damaged', at);
      }
      const length = this.#view.getUint32(at + 16, true);
      if (length > RECORD_BYTES_MAX || length > end - at - RECORD_HEAD_BYTES) {
        throw new TapeError('damaged', at);
      }
      records.push({
        unixMs: this.#header!.startUnixMs + Number(this.#view.getBigUint64(at, true)) / NS_PER_MS,
        kind: this.#view.getUint8(at + 8),
        byAppliance: this.#view.getUint8(at + 9) === 1,
        participant: this.#view.getUint32(at + 12, true),
        bytes: this.#data.subarray(at + RECORD_HEAD_BYTES, at + RECORD_HEAD_BYTES + length),
      });
      at += RECORD_HEAD_BYTES + length;
    }
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at]);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
