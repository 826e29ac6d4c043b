/* SPDX-License-Identifier: Apache-2.0 */
/* State that views watch. Changes are told once per task, however many there were. */

export class Observable {
  #watchers = new Set<() => void>();
  #told = true;

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  protected changed(): void {
    if (!this.#told) {
      return;
    }
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const watcher of [...this.#watchers]) {
        watcher();
      }
    });
  }
}
