/* SPDX-License-Identifier: Apache-2.0 */
/* What happened in a recording besides the picture: who came and left, what was said, what was allowed, and where something is missing. */
import { decodeFrame, Flag, Message, WireError } from '../wire/frame';
import { decodeChatLine, decodeParticipant, decodeText } from '../wire/message';
import { RecordKind, type TapeRecord } from './tape';

export type StoryKind = 'chat' | 'side' | 'came' | 'left' | 'permissions' | 'consent' | 'gap' | 'end';

export interface StoryLine {
  readonly unixMs: number;
  readonly kind: StoryKind;
  readonly participant: number; /* whom it is about; 0: the appliance */
  readonly name: string; /* as it was said with a line of chat; else '': see nameOf */
  readonly text: string;
}

type Said = Pick<StoryLine, 'kind' | 'text'> & Partial<StoryLine>;

const CHANGES: readonly StoryKind[] = ['came', 'left', 'permissions'];
const GAP_HEAD_BYTES = 16;

export class Story {
  readonly lines: StoryLine[] = [];
  #names = new Map<number, string>();

  /* A name comes after its participant did, so it is looked up when it is shown. '': it was never told. */
  nameOf(line: StoryLine): string {
    return line.name || (this.#names.get(line.participant) ?? '');
  }

  /* Records in the order of time; what cannot be read is left out, for it is the picture that counts. */
  push(record: TapeRecord): void {
    try {
      const line = this.#lineOf(record);
      if (line) {
        this.lines.push({ unixMs: record.unixMs, participant: record.participant, name: '', ...line });
      }
    } catch (error) {
      if (!(error instanceof WireError)) {
        throw error;
      }
    }
  }

  #lineOf({ kind, bytes }: TapeRecord): Said | null {
    switch (kind) {
      case RecordKind.FRAME: return this.#lineOfFrame(bytes);
      case RecordKind.PARTICIPANT: {
        const change = CHANGES[(bytes[0] ?? 0) - 1];
        return change ? { kind: change, text: '' } : null;
      }
      case RecordKind.GAP: return { kind: 'gap', text: bytes.byteLength > GAP_HEAD_BYTES ? decodeText(bytes.subarray(GAP_HEAD_BYTES)) : '' };
      case RecordKind.END: return { kind: 'end', text: bytes.byteLength > 2 ? decodeText(bytes.subarray(2)) : '' };
      default: return null;
    }
  }

  #lineOfFrame(bytes: Uint8Array): Said | null {
    const { header, payload } = decodeFrame(bytes);
    if ((header.flags & (Flag.FIRST | Flag.LAST)) !== (Flag.FIRST | Flag.LAST)) {
      return null;
    }
    switch (header.type) {
      case Message.PARTICIPANT: {
        const note = decodeParticipant(payload);
        this.#names.set(note.participant, note.name);
        return null;
      }
      case Message.CHAT_LINE:
      case Message.SIDE_LINE: {
        const said = decodeChatLine(payload);
        return {
          kind: header.type === Message.CHAT_LINE ? 'chat' : 'side', participant: said.participant, name: said.name, text: said.text,
        };
      }
      case Message.CONSENT:
        return { kind: 'consent', text: '' };
      default:
        return null;
    }
  }
}
