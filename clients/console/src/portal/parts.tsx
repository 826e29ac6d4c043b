/* SPDX-License-Identifier: Apache-2.0 */
/* Building blocks of the portal: cards, text from an administrator, fields that say what is wrong. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { text } from '../text/portal';

/* Plain text of several lines; nothing in it is markup. */
export function Prose({ children, testId }: { children: string; testId?: string }) {
  return <p class="prose" data-testid={testId}>{children}</p>;
}

interface CardProps {
  id: string; /* of its heading */
  title: string;
  lead?: string;
  children?: ComponentChildren;
  className?: string;
  testId?: string;
}

export function Card({ id, title, lead, children, className, testId }: CardProps) {
  return (
    <section class={`card part ${className ?? ''}`} aria-labelledby={id} data-testid={testId}>
      <header class="part-head">
        <h2 id={id}>{title}</h2>
        {lead && <p class="lead">{lead}</p>}
      </header>
      {children}
    </section>
  );
}

/* The heading of a step. It takes the focus, so that a screen reader reads on from there. */
export function StepTitle({ children, testId }: { children: string; testId?: string }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return <h1 ref={title} tabIndex={-1} data-testid={testId}>{children}</h1>;
}

export function FieldError({ id, children, testId }: { id: string; children: string; testId?: string | undefined }) {
  return <p class="field-error" id={id} role="alert" data-testid={testId}>{children}</p>;
}

interface EntryProps {
  name: string;
  label: string;
  value: string;
  onInput: (value: string) => void;
  error?: string;
  hint?: string;
  required?: boolean;
  autocomplete?: string;
  maxLength: number;
  lines?: number;
  testId?: string;
}

/* A line, or several, of text with its label, hint and error. */
export function Entry(props: EntryProps) {
  const id = `entry-${props.name}`;
  const error = props.error ?? '';
  const same = {
    id,
    name: props.name,
    value: props.value,
    maxLength: props.maxLength,
    'aria-required': props.required,
    'aria-invalid': error !== '' ? ('true' as const) : undefined,
    'aria-describedby': [props.hint ? `${id}-hint` : '', `${id}-error`].filter(Boolean).join(' '),
    'data-testid': props.testId,
  };
  return (
    <div class="field">
      <label for={id}>
        {props.label}
        {!props.required && <span class="aside"> ({text.portal.optional})</span>}
      </label>
      {props.lines
        ? <textarea {...same} rows={props.lines} onInput={(event) => props.onInput(event.currentTarget.value)} />
        : <input {...same} type="text" autocomplete={(props.autocomplete ?? 'off') as 'off'}
            onInput={(event) => props.onInput(event.currentTarget.value)} />}
      {props.hint && <p class="hint" id={`${id}-hint`}>{props.hint}</p>}
      <FieldError id={`${id}-error`}>{error}</FieldError>
    </div>
  );
}

/* Moves the focus to the first field of a form that has an error, once it is on the page. */
export function focusFirstError(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

export type IconName = 'info' | 'clock' | 'person' | 'key' | 'chat' | 'computer' | 'done' | 'record';

const paths: Readonly<Record<IconName, string>> = {
  info: 'M12 11v6M12 7.2v.3M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  clock: 'M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0',
  key: 'M8 20a5 5 0 1 1 3.5-8.5L20 3M16.5 6.5 20 10M13.5 9.5l2 2',
  chat: 'M4 5h16v11H9.5L5 20v-4H4Z',
  computer: 'M3 5h18v11H3ZM9 20h6M12 16v4',
  done: 'm7.5 12.5 3 3 6-7M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  record: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
};

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
