/* SPDX-License-Identifier: Apache-2.0 */
/* Short messages at the edge of the page: what was done, or what went wrong where no form can say it. */
import { Observable } from '../observable';
import { common } from '../text/common';
import { useWatch } from './hooks';
import { Icon } from './icon';

export type ToastKind = 'done' | 'error' | 'info';

interface Toast {
  readonly id: number;
  readonly kind: ToastKind;
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

const SHOWN_MS = 6_000;
const SHOWN_MAX = 4;

class Toasts extends Observable {
  list: readonly Toast[] = [];
  #next = 1;

  add(message: string, kind: ToastKind, action?: Toast['action']): void {
    const toast = { id: this.#next++, kind, message, action };
    this.list = [...this.list, toast].slice(-SHOWN_MAX);
    this.changed();
    if (kind !== 'error') { /* an error stays until it was read */
      setTimeout(() => this.remove(toast.id), SHOWN_MS);
    }
  }

  remove(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
    this.changed();
  }
}

const toasts = new Toasts();

export function toast(message: string, kind: ToastKind = 'done', action?: Toast['action']): void {
  toasts.add(message, kind, action);
}

/* Once in the page. The region is always there, so that a screen reader notices what comes into it. */
export function ToastRegion() {
  useWatch(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.list.map((one) => (
        <div key={one.id} class={`toast toast-${one.kind}`}>
          <Icon name={one.kind === 'done' ? 'check' : one.kind === 'error' ? 'warning' : 'info'} />
          <p>{one.message}</p>
          {one.action && (
            <button type="button" class="quiet" onClick={() => {
              toasts.remove(one.id);
              one.action!.run();
            }}>
              {one.action.label}
            </button>
          )}
          <button type="button" class="quiet icon-button" aria-label={common.close} onClick={() => toasts.remove(one.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
