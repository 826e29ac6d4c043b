/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the service have in common: secrets that are shown once, times in fields, choices of teams. */
import type { ComponentChildren } from 'preact';
import { text } from '../../text';
import { Check, FieldGroup } from '../../view/fields';
import { CopyButton, Dialog } from '../../view/parts';

const two = (n: number) => String(n).padStart(2, '0');

/* As a field of the type datetime-local has it, in the browser's time zone. */
export function toLocalTime(unixMs: number): string {
  const date = new Date(unixMs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/* null: nothing, or no time. */
export function fromLocalTime(value: string): number | null {
  const unixMs = value === '' ? NaN : new Date(value).getTime();
  return Number.isNaN(unixMs) ? null : unixMs;
}

export interface SecretLine {
  readonly label: string;
  readonly value: string;
  readonly testId: string;
}

/* What is never shown again. It closes only by the button that says so. */
export function SecretDialog({ title, lead, lines, onClose, children }: {
  title: string; lead: string; lines: readonly SecretLine[]; onClose: () => void; children?: ComponentChildren;
}) {
  return (
    <Dialog title={title} onClose={onClose} wide>
      <p class="confirm-text">{lead}</p>
      {lines.map((line) => (
        <div key={line.testId} class="secret-line">
          <p class="secret-label">{line.label}</p>
          <p class="secret-value mono" data-testid={line.testId}>{line.value}</p>
          <CopyButton value={line.value} label={text.common.copy} />
        </div>
      ))}
      {children}
      <div class="actions end">
        <button type="button" class="primary" data-testid="secret-done" onClick={onClose}>{text.people.users.done}</button>
      </div>
    </Dialog>
  );
}

/* Which of several: boxes beside each other. */
export function Several({ title, lead, all, chosen, onChange, name }: {
  title: string; lead?: string; all: readonly { readonly id: number; readonly name: string }[]; chosen: readonly number[];
  onChange: (chosen: number[]) => void; name: string;
}) {
  return (
    <FieldGroup title={title} {...(lead !== undefined && { lead })}>
      <div class="check-grid">
        {all.map((one) => (
          <Check key={one.id} label={one.name} checked={chosen.includes(one.id)} testId={`${name}-${one.id}`}
            onChange={(has) => onChange((has ? [...chosen, one.id] : chosen.filter((id) => id !== one.id)).sort((a, b) => a - b))} />
        ))}
      </div>
    </FieldGroup>
  );
}
