/* SPDX-License-Identifier: Apache-2.0 */
/* The pointer of the remote screen: at most one move a display frame, buttons at once.
 *
 * A button change is sent the moment it happens, and the way to where it happens before it: a drag has reached its
 * end when the button comes up, and a move that waits for the next display frame never comes after it.
 */
import type { Pointer } from '../wire/message';

export interface PointerSink {
  pointer(pointer: Pointer): void;
  readonly congested: boolean;
}

export interface PointLike {
  readonly x: number; /* remote pixels, already inside the picture */
  readonly y: number;
}

export interface WheelLike {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly wheelDeltaX?: number;
  readonly wheelDeltaY?: number;
}

/* Browser bits: left 1, right 2, middle 4, back 8, forward 16. Wire: left, middle, right, back, forward. */
export function wireButtons(buttons: number): number {
  return (buttons & 1) | ((buttons & 4) >> 1) | ((buttons & 2) << 1) | (buttons & 0x18);
}

/* Wheel movement in 120ths of a notch. Browsers that report whole notches do so in wheelDelta. */
export function wheelUnits(delta: number, mode: number, legacy: number | undefined): number {
  if (legacy !== undefined && legacy !== 0 && legacy % 120 === 0) {
    return -legacy;
  }
  const perUnit = mode === 0 ? 1.2 : mode === 1 ? 40 : 360;
  return delta * perUnit;
}

const clamp16 = (value: number) => Math.max(-32768, Math.min(32767, value));

export class PointerInput {
  #at: PointLike = { x: 0, y: 0 };
  #buttons = 0;
  #wheelX = 0;
  #wheelY = 0;
  #moved = false;
  #frame: number | null = null;

  constructor(
    private readonly sink: PointerSink,
    private readonly schedule: (run: () => void) => number,
    private readonly cancel: (handle: number) => void,
  ) {}

  /* Any pointer event: position and the browser's button bits. */
  event(at: PointLike, browserButtons: number): void {
    const buttons = wireButtons(browserButtons);
    if (buttons !== this.#buttons) {
      if (this.#moved || at.x !== this.#at.x || at.y !== this.#at.y) {
        this.#at = at;
        this.#send();
      }
      this.#buttons = buttons;
      this.#send();
      return;
    }
    if (at.x !== this.#at.x || at.y !== this.#at.y) {
      this.#at = at;
      this.#moved = true;
      this.#later();
    }
  }

  wheel(at: PointLike, wheel: WheelLike): void {
    this.#at = at;
    this.#wheelX += wheelUnits(wheel.deltaX, wheel.deltaMode, wheel.wheelDeltaX);
    this.#wheelY += wheelUnits(wheel.deltaY, wheel.deltaMode, wheel.wheelDeltaY);
    this.#later();
  }

  /* Everything was released on the remote side by RELEASE_ALL. */
  reset(): void {
    if (this.#frame !== null) {
      this.cancel(this.#frame);
      this.#frame = null;
    }
    this.#buttons = 0;
    this.#wheelX = 0;
    this.#wheelY = 0;
    this.#moved = false;
  }

  #later(): void {
    this.#frame ??= this.schedule(() => {
      this.#frame = null;
      if (this.#moved || Math.trunc(this.#wheelX) !== 0 || Math.trunc(this.#wheelY) !== 0) {
        if (this.sink.congested) {
          this.#later();
        } else {
          this.#send();
        }
      }
    });
  }

  #send(): void {
    if (this.#frame !== null) {
      this.cancel(this.#frame);
      this.#frame = null;
    }
    const wheelX = clamp16(Math.trunc(this.#wheelX));
    const wheelY = clamp16(Math.trunc(this.#wheelY));
    this.#wheelX -= wheelX;
    this.#wheelY -= wheelY;
    this.#moved = false;
    this.sink.pointer({ x: this.#at.x, y: this.#at.y, buttons: this.#buttons, wheelX, wheelY });
  }
}
