/* SPDX-License-Identifier: Apache-2.0 */
/* Tabs inside a page. One tab stop; the arrow keys, Home and End move between them. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface TabEntry {
  readonly id: string;
  readonly title: string;
  readonly count?: number | undefined;
}

interface TabsProps {
  label: string;
  tabs: readonly TabEntry[];
  current: string;
  onChange: (id: string) => void;
  children: ComponentChildren; /* of the current one */
}

export function Tabs({ label, tabs, current, onChange, children }: TabsProps) {
  const base = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === current);
    const to = event.key === 'ArrowRight' ? (at + 1) % tabs.length
      : event.key === 'ArrowLeft' ? (at + tabs.length - 1) % tabs.length
      : event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1 : -1;
    const next = tabs[to];
    if (next) {
      event.preventDefault();
      onChange(next.id);
      document.getElementById(`${base}${next.id}`)?.focus();
    }
  };
  return (
    <div class="page-tabs">
      <div role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" id={`${base}${tab.id}`} aria-selected={tab.id === current}
            aria-controls={`${base}panel`} tabIndex={tab.id === current ? 0 : -1} data-testid={`tab-${tab.id}`}
            onClick={() => onChange(tab.id)}>
            {tab.title}
            {tab.count !== undefined && tab.count > 0 && <span class="badge">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}panel`} aria-labelledby={`${base}${current}`} tabIndex={-1}>{children}</div>
    </div>
  );
}
