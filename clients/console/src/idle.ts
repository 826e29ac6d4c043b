/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the appliance how long nobody touched this console, for automatic assignment; and when it is to be locked. */
const EVENTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
const REPORT_MS = 60_000;
const CHECK_MS = 5_000;
/* Coming back after this is said at once. */
const BACK_AFTER_MS = 30_000;

export class IdleWatch {
  #last = Date.now();
  #timer: number;
  #checkTimer: number;
  #stop = new AbortController();

  /* report: seconds since the last sign of life; every minute, and at once when somebody comes back.
   * check: the same, every few seconds. */
  constructor(private readonly report: (idleS: number) => void, check: (idleS: number) => void) {
    for (const type of EVENTS) {
      window.addEventListener(type, () => this.#alive(), { capture: true, passive: true, signal: this.#stop.signal });
    }
    this.#timer = window.setInterval(() => report(this.seconds), REPORT_MS);
    this.#checkTimer = window.setInterval(() => check(this.seconds), CHECK_MS);
  }

  get seconds(): number {
    return Math.min(86_400, Math.max(0, Math.floor((Date.now() - this.#last) / 1000)));
  }

  stop(): void {
    this.#stop.abort();
    window.clearInterval(this.#timer);
    window.clearInterval(this.#checkTimer);
  }

  #alive(): void {
    const away = Date.now() - this.#last;
    this.#last = Date.now();
    if (away > BACK_AFTER_MS) {
      this.report(0);
    }
  }
}
