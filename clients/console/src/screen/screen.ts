/* SPDX-License-Identifier: Apache-2.0 */
/* The remote screen on a canvas: sync state, drawing what changed, the remote cursor.
 *
 * Invariant: while inSync, the canvas shows the decoder's picture of update number decoder.updateNumber.
 *
 * The picture may be smaller than the desktop (a rendition for slow connections): the canvas has the picture's size
 * and is shown in the desktop's, which is what width, height and all input count in.
 */
import { Observable } from '../observable';
import { Flag } from '../wire/frame';
import { decodeCursorShape, decodeScreenReset, type CursorShape, type ScreenReset } from '../wire/message';
import { ScreenDecoder } from './decoder';

export interface ScreenOwner {
  acknowledge(updateNumber: number, rendition: number): void;
  /* The picture is lost: only a new connection, which starts out of sync, brings a keyframe. */
  failed(): void;
}

export class RemoteScreen extends Observable {
  #canvas: HTMLCanvasElement | null = null;
  #context: CanvasRenderingContext2D | null = null;
  #decoder: ScreenDecoder | null = null;
  #inSync = false;
  #stated: ScreenReset | null = null; /* by the source */
  #rendition = 0; /* that the source stated */
  width = 0; /* of the desktop */
  height = 0;
  reduced = false; /* the picture shown is smaller than the desktop */
  cursorCss = 'default';

  constructor(private readonly owner: ScreenOwner) {
    super();
  }

  /* True once there is a picture to look at, even an old one while the connection is away. */
  get hasPicture(): boolean {
    return this.#decoder !== null && this.#decoder.width > 0;
  }

  get inSync(): boolean {
    return this.#inSync;
  }

  useDecoder(decoder: ScreenDecoder): void {
    this.#decoder = decoder;
  }

  /* The view gives its canvas once; what is there already is drawn on it. */
  attach(canvas: HTMLCanvasElement): void {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
    this.#fitCanvas();
    if (this.#decoder && this.hasPicture) {
      this.#draw(this.#decoder, { x: 0, y: 0, w: this.#decoder.width, h: this.#decoder.height });
    }
  }

  /* A new connection starts out of sync: the engine sends a keyframe without being asked. */
  connectionLost(): void {
    this.#inSync = false;
    this.#stated = null;
  }

  /* Viewing is no longer allowed: nothing of the picture stays on the page. */
  hide(): void {
    this.#inSync = false;
    if (this.#canvas && this.#context) {
      this.#context.fillStyle = '#000';
      this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    }
  }

  reset(payload: Uint8Array, flags: number): void {
    this.#stated = decodeScreenReset(payload);
    this.#rendition = renditionOf(flags);
    this.#inSync = false;
  }

  update(payload: Uint8Array, flags: number): void {
    const decoder = this.#decoder;
    const keyframe = (flags & Flag.KEYFRAME) !== 0;
    if (!decoder) {
      return;
    }
    /* The engine sends updates only to viewers in sync, so one that does not fit says that this side is wrong. */
    if ((!this.#inSync && !keyframe) || (this.#stated && renditionOf(flags) !== this.#rendition) ||
        decoder.apply(payload) !== 0 || !this.#hasStatedSize(decoder)) {
      this.#inSync = false;
      this.owner.failed();
      return;
    }
    this.#inSync = true;
    if (keyframe) {
      this.width = this.#stated?.desktopWidth ?? decoder.width;
      this.height = this.#stated?.desktopHeight ?? decoder.height;
      this.reduced = renditionOf(flags) !== 0;
      this.#fitCanvas();
      this.#draw(decoder, { x: 0, y: 0, w: decoder.width, h: decoder.height });
      this.changed();
    } else {
      for (const rect of decoder.damage()) {
        this.#draw(decoder, rect);
      }
    }
    this.owner.acknowledge(decoder.updateNumber, renditionOf(flags));
  }

  cursor(payload: Uint8Array): void {
    this.cursorCss = cursorToCss(decodeCursorShape(payload));
    this.changed();
  }

  /* What is shown, every pixel of it; null: nothing is. */
  toPng(): Promise<Blob | null> {
    const canvas = this.#canvas;
    return canvas && this.hasPicture ? new Promise((resolve) => canvas.toBlob(resolve, 'image/png')) : Promise.resolve(null);
  }

  free(): void {
    this.#decoder?.free();
    this.#decoder = null;
    this.#inSync = false;
  }

  #hasStatedSize(decoder: ScreenDecoder): boolean {
    return !this.#stated || (decoder.width === this.#stated.width && decoder.height === this.#stated.height);
  }

  #fitCanvas(): void {
    const canvas = this.#canvas;
    const decoder = this.#decoder;
    if (canvas && decoder && decoder.width > 0 && (canvas.width !== decoder.width || canvas.height !== decoder.height)) {
      canvas.width = decoder.width;
      canvas.height = decoder.height;
    }
  }

  #draw(decoder: ScreenDecoder, rect: { x: number; y: number; w: number; h: number }): void {
    if (!this.#context) {
      return;
    }
    for (const strip of decoder.strips(rect)) {
      this.#context.putImageData(new ImageData(strip.rgba, strip.w, strip.h), strip.x, strip.y);
    }
  }
}

function renditionOf(flags: number): number {
  return (flags & Flag.RENDITION_MASK) >> Flag.RENDITION_SHIFT;
}

/* A CSS value for the remote cursor: "default" when it cannot be shown, "none" when it is hidden. */
export function cursorToCss(shape: CursorShape): string {
  if (shape.width === 0 || shape.height === 0) {
    return 'none';
  }
  const canvas = document.createElement('canvas');
  canvas.width = shape.width;
  canvas.height = shape.height;
  const context = canvas.getContext('2d');
  if (!context) {
    return 'default';
  }
  context.putImageData(new ImageData(straightRgba(shape), shape.width, shape.height), 0, 0);
  const hotX = Math.min(shape.hotX, shape.width - 1);
  const hotY = Math.min(shape.hotY, shape.height - 1);
  return `url("${canvas.toDataURL('image/png')}") ${hotX} ${hotY}, default`;
}

/* B, G, R, A premultiplied to R, G, B, A straight, which is what a canvas takes. */
export function straightRgba(shape: CursorShape): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(shape.width * shape.height * 4);
  const from = shape.pixels;
  for (let at = 0; at < out.length; at += 4) {
    const alpha = from[at + 3]!;
    if (alpha !== 0) {
      out[at] = (from[at + 2]! * 255) / alpha;
      out[at + 1] = (from[at + 1]! * 255) / alpha;
      out[at + 2] = (from[at]! * 255) / alpha;
      out[at + 3] = alpha;
    }
  }
  return out;
}
