/* SPDX-License-Identifier: Apache-2.0 */
/* Waits between attempts: doubling, bounded, with jitter so that many consoles do not return at once. */

export class Backoff {
  #next: number;

  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.#next = firstMs;
  }

  /* Between half and all of the present step. */
  delay(): number {
    const step = this.#next;
    this.#next = Math.min(this.mostMs, step * 2);
    return step / 2 + (this.random() * step) / 2;
  }

  reset(): void {
    this.#next = this.firstMs;
  }
}
