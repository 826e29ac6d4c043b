/* SPDX-License-Identifier: Apache-2.0 */
/* A button that opens a menu: arrows, Home, End and letters move, Escape closes and gives the focus back. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon';

export type MenuEntry =
  | { readonly kind?: 'item'; readonly label: string; readonly icon?: IconName; readonly onChoose: () => void;
      readonly danger?: boolean; readonly disabled?: boolean; readonly testId?: string; readonly hint?: string }
  | { readonly kind: 'check' | 'radio'; readonly label: string; readonly checked: boolean; readonly dot?: string;
      readonly onChoose: () => void; readonly disabled?: boolean; readonly testId?: string }
  | { readonly kind: 'link'; readonly label: string; readonly icon?: IconName; readonly href: string;
      readonly testId?: string }
  | { readonly kind: 'heading'; readonly label: string }
  | { readonly kind: 'line' };

interface MenuProps {
  label: string; /* of the button, for who does not see it, and of the menu */
  button: ComponentChildren;
  entries: readonly MenuEntry[];
  className?: string;
  align?: 'start' | 'end';
  testId?: string;
  onOpen?: () => void;
  /* What the menu begins with and is no entry. */
  head?: ComponentChildren;
  disabled?: boolean;
}

export function Menu({ label, button, entries, className, align, testId, onOpen, head, disabled }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = `menu${useId()}`;
  const items = () => [...box.current!.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([aria-disabled="true"])')];
  const close = (giveBack: boolean) => {
    setOpen(false);
    if (giveBack) {
      opener.current?.focus();
    }
  };
  /* Before the paint: the next key may come at once, and goes to the menu. */
  useLayoutEffect(() => {
    if (!open) {
      return undefined;
    }
    items()[0]?.focus();
    const stop = new AbortController();
    window.addEventListener('pointerdown', (event) => {
      if (!box.current?.contains(event.target as Node)) {
        close(false);
      }
    }, { signal: stop.signal, capture: true });
    return () => stop.abort();
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) {
      if (event.key === 'ArrowDown' && event.target === opener.current) {
        event.preventDefault();
        show();
      }
      return;
    }
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = event.key === 'ArrowDown' ? (at + 1) % all.length
      : event.key === 'ArrowUp' ? (at + all.length - 1) % all.length
      : event.key === 'Home' ? 0
      : event.key === 'End' ? all.length - 1
      : event.key.length === 1 && event.key !== ' ' ? findLetter(all, at, event.key) : -1;
    if (event.key === 'Escape' || event.key === 'Tab') {
      close(event.key === 'Escape');
    } else if (to < 0) {
      return;
    } else {
      all[to]?.focus();
    }
    if (event.key !== 'Tab') {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const show = () => {
    onOpen?.();
    setOpen(true);
  };
  return (
    <div class={`menu ${className ?? ''}`} ref={box} onKeyDown={onKeyDown}>
      <button type="button" ref={opener} class="quiet menu-button" aria-haspopup="menu" aria-expanded={open}
        aria-controls={open ? id : undefined} aria-label={label} title={label} data-testid={testId} disabled={disabled}
        onClick={() => (open ? close(true) : show())}>
        {button}
      </button>
      {open && (
        <div class={`menu-box align-${align ?? 'end'}`}>
          {head}
          <div role="menu" id={id} aria-label={label}>
            {entries.map((entry, at) => <Entry key={at} entry={entry} close={() => close(true)} />)}
          </div>
        </div>
      )}
    </div>
  );
}

function findLetter(all: readonly HTMLElement[], at: number, letter: string): number {
  const wanted = letter.toLocaleLowerCase();
  for (let step = 1; step <= all.length; step++) {
    const place = (at + step) % all.length;
    if (all[place]?.textContent?.trim().toLocaleLowerCase().startsWith(wanted)) {
      return place;
    }
  }
  return -1;
}

function Entry({ entry, close }: { entry: MenuEntry; close: () => void }) {
  if (entry.kind === 'line') {
    return <div role="separator" class="menu-line" />;
  }
  if (entry.kind === 'heading') {
    return <div role="presentation" class="menu-heading">{entry.label}</div>;
  }
  if (entry.kind === 'link') {
    return (
      <a role="menuitem" class="menu-item" tabIndex={-1} href={entry.href} data-testid={entry.testId} onClick={close}>
        <span class="menu-sign">{entry.icon && <Icon name={entry.icon} />}</span>
        <span>{entry.label}</span>
      </a>
    );
  }
  const choose = () => {
    if (!entry.disabled) {
      close();
      entry.onChoose();
    }
  };
  if ('checked' in entry) {
    return (
      <button type="button" role={entry.kind === 'check' ? 'menuitemcheckbox' : 'menuitemradio'} class="menu-item"
        aria-checked={entry.checked} aria-disabled={entry.disabled} tabIndex={-1} data-testid={entry.testId}
        onClick={choose}>
        <span class="menu-sign">{entry.checked && <Icon name="check" />}</span>
        {entry.dot && <span class={`status-dot ${entry.dot}`} aria-hidden="true" />}
        <bdi>{entry.label}</bdi>
      </button>
    );
  }
  return (
    <button type="button" role="menuitem" class={`menu-item ${entry.danger ? 'danger-item' : ''}`}
      aria-disabled={entry.disabled} tabIndex={-1} data-testid={entry.testId} onClick={choose}>
      <span class="menu-sign">{entry.icon && <Icon name={entry.icon} />}</span>
      <span>{entry.label}</span>
      {entry.hint && <kbd>{entry.hint}</kbd>}
    </button>
  );
}
