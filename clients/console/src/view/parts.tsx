/* SPDX-License-Identifier: Apache-2.0 */
/* Building blocks that both pages use: fields, copy buttons, dialogs, messages. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { common } from '../text/common';

export function ErrorLine({ children, id, testId }: { children: string; id?: string; testId?: string }) {
  /* Always in the page, so that a screen reader notices when text arrives. */
  return (
    <div class="error-line" role="alert" id={id} data-testid={testId}>
      {children}
    </div>
  );
}

export { Field } from './fields';

export function CopyButton({ value, label, primary }: { value: string; label: string; primary?: boolean }) {
  const [result, setResult] = useState<'none' | 'copied' | 'failed'>('none');
  useEffect(() => {
    if (result === 'none') {
      return undefined;
    }
    const timer = setTimeout(() => setResult('none'), 4000);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = () => {
    navigator.clipboard.writeText(value).then(() => setResult('copied'), () => setResult('failed'));
  };
  return (
    <span class="copy">
      <button type="button" class={primary ? 'primary' : ''} onClick={copy}>
        {label}
      </button>
      <span class="copy-result" role="status">
        {result === 'copied' ? common.copied : result === 'failed' ? common.copyFailed : ''}
      </span>
    </span>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
}

/* A native modal dialog: the browser keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, children, wide }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    element.showModal();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog ref={dialog} class={wide ? 'wide' : ''} aria-label={title} onCancel={(event) => {
      event.preventDefault();
      onClose();
    }}>
      <header class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="quiet" onClick={onClose} aria-label={common.close}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}

export function Brand({ name }: { name?: string | undefined }) {
  return (
    <span class="brand">
      <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M2 17h20M4 17v-3a8 8 0 0 1 16 0v3M9 17v-3a3 3 0 0 1 6 0v3" />
      </svg>
      <span class="brand-name">{common.product}</span>
      {name && name !== common.product && <span class="brand-appliance">{name}</span>}
    </span>
  );
}
