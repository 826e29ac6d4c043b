/* SPDX-License-Identifier: Apache-2.0 */
/* The screen of a recording at any time, and the clock that plays it.
 *
 * Units:     Unix milliseconds of the recording.
 * Invariant: every record up to `shownUnixMs` was given to the screen since the last keyframe before it.
 */
import { Observable } from '../observable';
import { ScreenDecoder } from '../screen/decoder';
import { RemoteScreen, straightRgba } from '../screen/screen';
import { decodeFrame, Flag, Message, MessageAssembler, WireError } from '../wire/frame';
import { decodeCursorPosition, decodeCursorShape } from '../wire/message';
import { Story } from './story';
import { RecordKind, type TapeRecord } from './tape';

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;

/* Records of the picture given at a time, so that a long way forward does not stop the page. */
const RECORDS_A_TURN = 400;

export class RecordingPlayer extends Observable {
  readonly screen: RemoteScreen;
  readonly story = new Story();
  readonly pointer = { x: 0, y: 0, hotX: 0, hotY: 0, width: 0, height: 0 };
  startUnixMs = 0;
  endUnixMs = 0;
  speed = 1;
  playing = false;
  isWhole = false; /* everything has been fetched */

  #records: TapeRecord[] = []; /* of screen and cursor */
  #keyframes: number[] = []; /* places in #records */
  #next = 0;
  #at = 0; /* the clock */
  #shown = 0;
  #assembler = new MessageAssembler();
  #frame: number | null = null;
  #before = 0;
  #pointerCanvas: HTMLCanvasElement | null = null;

  constructor() {
    super();
    this.screen = new RemoteScreen({ acknowledge: () => undefined, failed: () => undefined });
  }

  async load(codecUrl: string): Promise<void> {
    this.screen.useDecoder(await ScreenDecoder.load(codecUrl));
  }

  /* Records in the order of time, as they come. */
  push(records: readonly TapeRecord[]): void {
    for (const record of records) {
      if (this.startUnixMs === 0) {
        this.startUnixMs = record.unixMs;
        this.#at = record.unixMs;
      }
      this.endUnixMs = Math.max(this.endUnixMs, record.unixMs);
      this.story.push(record);
      if (record.kind === RecordKind.FRAME) {
        this.#keep(record);
      }
    }
    if (!this.screen.inSync) {
      this.#show();
    }
    this.changed();
  }

  get atUnixMs(): number {
    return this.#at;
  }

  usePointerCanvas(canvas: HTMLCanvasElement | null): void {
    this.#pointerCanvas = canvas;
  }

  play(): void {
    if (this.#at >= this.endUnixMs && this.isWhole) {
      this.seek(this.startUnixMs);
    }
    this.playing = true;
    this.#before = performance.now();
    this.#schedule();
    this.changed();
  }

  pause(): void {
    this.playing = false;
    this.changed();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.changed();
  }

  seek(unixMs: number): void {
    this.#at = Math.max(this.startUnixMs, Math.min(this.endUnixMs, unixMs));
    this.#show();
    this.changed();
  }

  free(): void {
    this.playing = false;
    if (this.#frame !== null) {
      cancelAnimationFrame(this.#frame);
    }
    this.screen.free();
  }

  #keep(record: TapeRecord): void {
    let header;
    try {
      ({ header } = decodeFrame(record.bytes));
    } catch (error) {
      if (error instanceof WireError) {
        return; /* a frame of a later version */
      }
      throw error;
    }
    const ours: readonly number[] = [Message.SCREEN_UPDATE, Message.SCREEN_RESET, Message.CURSOR_SHAPE, Message.CURSOR_POSITION];
    if (!ours.includes(header.type)) {
      return;
    }
    const edges = Flag.FIRST | Flag.KEYFRAME;
    if (header.type === Message.SCREEN_UPDATE && (header.flags & edges) === edges) {
      this.#keyframes.push(this.#records.length);
    }
    this.#records.push(record);
  }

  #schedule(): void {
    this.#frame ??= requestAnimationFrame((now) => {
      this.#frame = null;
      if (this.playing) {
        this.#at = Math.min(this.endUnixMs, this.#at + (now - this.#before) * this.speed);
        this.#before = now;
        if (this.#at >= this.endUnixMs && this.isWhole) {
          this.playing = false;
        }
      }
      this.#show();
      this.changed();
      if (this.playing) {
        this.#schedule();
      }
    });
  }

  /* Brings the picture to the clock, or a good way towards it: the rest at the next turn. */
  #show(): void {
    const until = this.#until();
    const best = this.#lastKeyframe(until);
    if (until < this.#shown || (best > this.#next && best >= 0)) {
      this.#next = Math.max(0, best);
      this.#assembler = new MessageAssembler();
      this.screen.connectionLost();
    }
    const end = this.#next + RECORDS_A_TURN;
    while (this.#next < this.#records.length && this.#next < end && this.#records[this.#next]!.unixMs <= until) {
      this.#give(this.#records[this.#next]!.bytes);
      this.#next++;
    }
    const isMore = this.#next < this.#records.length && this.#records[this.#next]!.unixMs <= until;
    this.#shown = isMore ? this.#records[this.#next - 1]?.unixMs ?? until : until;
    if (isMore) {
      this.#schedule();
    }
  }

  /* The moment to show: before the first picture there is none, so that one is shown. */
  #until(): number {
    const first = this.#keyframes[0];
    return first === undefined ? this.#at : Math.max(this.#at, this.#records[first]!.unixMs);
  }

  #lastKeyframe(until: number): number {
    let low = 0;
    let high = this.#keyframes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#records[this.#keyframes[middle]!]!.unixMs <= until) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low === 0 ? -1 : this.#keyframes[low - 1]!;
  }

  #give(bytes: Uint8Array): void {
    let message;
    try {
      message = this.#assembler.push(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) {
        throw error;
      }
      this.#assembler = new MessageAssembler(); /* a gap: the next keyframe heals it */
      return;
    }
    if (!message) {
      return;
    }
    switch (message.type) {
      case Message.SCREEN_UPDATE:
        if (this.screen.inSync || (message.flags & Flag.KEYFRAME) !== 0) {
          this.screen.update(message.payload, message.flags);
        }
        return;
      case Message.SCREEN_RESET:
        this.screen.reset(message.payload, message.flags);
        return;
      case Message.CURSOR_SHAPE:
        this.#shape(message.payload);
        return;
      case Message.CURSOR_POSITION:
        Object.assign(this.pointer, decodeCursorPosition(message.payload));
        return;
      default:
        return;
    }
  }

  #shape(payload: Uint8Array): void {
    const shape = decodeCursorShape(payload);
    Object.assign(this.pointer, { hotX: shape.hotX, hotY: shape.hotY, width: shape.width, height: shape.height });
    const canvas = this.#pointerCanvas;
    const context = canvas?.getContext('2d');
    if (canvas && context && shape.width > 0 && shape.height > 0) {
      canvas.width = shape.width;
      canvas.height = shape.height;
      context.putImageData(new ImageData(straightRgba(shape), shape.width, shape.height), 0, 0);
    }
  }
}
