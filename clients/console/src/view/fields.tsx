/* SPDX-License-Identifier: Apache-2.0 */
/* Fields with their labels. Each says its own error, and has its label and hint tied to it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface Common {
  label: string;
  name?: string; /* for password managers and tests; the id comes from it */
  hint?: string | undefined;
  error?: string | undefined; /* what is wrong with this one */
  disabled?: boolean | undefined;
  testId?: string | undefined;
  className?: string | undefined;
  hideLabel?: boolean;
}

interface FieldProps extends Common {
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'password' | 'search' | 'email' | 'date' | 'time' | 'datetime-local' | 'url';
  autocomplete?: string;
  invalid?: boolean;
  describedBy?: string;
  autofocus?: boolean;
  maxLength?: number;
  placeholder?: string;
  required?: boolean;
  readOnly?: boolean;
  mono?: boolean;
  onBlur?: () => void;
}

/* The ids of a field's parts, and what aria-describedby says. */
function useParts(props: Common & { describedBy?: string }) {
  const own = useId();
  const id = props.name ? `field-${props.name}` : `field${own}`;
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = [props.hint && hintId, props.error && errorId, props.describedBy].filter(Boolean).join(' ');
  return { id, hintId, errorId, described: described || undefined };
}

function Below({ hint, error, hintId, errorId }: { hint?: string | undefined; error?: string | undefined; hintId: string; errorId: string }) {
  return (
    <>
      {hint && <p class="hint" id={hintId}>{hint}</p>}
      {error && <p class="field-error" id={errorId}>{error}</p>}
    </>
  );
}

export function Field(props: FieldProps) {
  const { id, hintId, errorId, described } = useParts(props);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.autofocus) {
      input.current?.focus();
    }
  }, []);
  return (
    <div class={`field ${props.className ?? ''}`}>
      <label for={id} class={props.hideLabel ? 'visually-hidden' : ''}>{props.label}</label>
      <input ref={input} id={id} name={props.name} type={props.type ?? 'text'} value={props.value}
        class={props.mono ? 'mono' : ''} maxLength={props.maxLength ?? 256} autocomplete={props.autocomplete ?? 'off'}
        autocapitalize="none" spellcheck={false} placeholder={props.placeholder} disabled={props.disabled}
        readOnly={props.readOnly} required={props.required}
        aria-invalid={props.invalid || props.error ? 'true' : undefined} aria-describedby={described}
        data-testid={props.testId} onBlur={props.onBlur} onInput={(event) => props.onInput(event.currentTarget.value)} />
      <Below hint={props.hint} error={props.error} hintId={hintId} errorId={errorId} />
    </div>
  );
}

interface TextAreaProps extends Common {
  value: string;
  onInput: (value: string) => void;
  rows?: number;
  maxLength?: number;
  placeholder?: string;
  mono?: boolean;
  spellcheck?: boolean;
}

export function TextArea(props: TextAreaProps) {
  const { id, hintId, errorId, described } = useParts(props);
  return (
    <div class={`field ${props.className ?? ''}`}>
      <label for={id} class={props.hideLabel ? 'visually-hidden' : ''}>{props.label}</label>
      <textarea id={id} name={props.name} rows={props.rows ?? 4} value={props.value} maxLength={props.maxLength ?? 4000}
        class={props.mono ? 'mono' : ''} placeholder={props.placeholder} disabled={props.disabled}
        spellcheck={props.spellcheck ?? false} aria-invalid={props.error ? 'true' : undefined}
        aria-describedby={described} data-testid={props.testId}
        onInput={(event) => props.onInput(event.currentTarget.value)} />
      <Below hint={props.hint} error={props.error} hintId={hintId} errorId={errorId} />
    </div>
  );
}

interface NumberProps extends Common {
  value: number | null;
  onInput: (value: number | null) => void; /* null: nothing or no whole number is there */
  min?: number;
  max?: number;
  unit?: string;
}

export function NumberField(props: NumberProps) {
  const { id, hintId, errorId, described } = useParts(props);
  return (
    <div class={`field field-number ${props.className ?? ''}`}>
      <label for={id} class={props.hideLabel ? 'visually-hidden' : ''}>{props.label}</label>
      <span class="with-unit">
        <input id={id} name={props.name} type="number" inputMode="numeric" step={1} min={props.min} max={props.max}
          value={props.value ?? ''} disabled={props.disabled} aria-invalid={props.error ? 'true' : undefined}
          aria-describedby={described} data-testid={props.testId}
          onInput={(event) => {
            const typed = event.currentTarget.valueAsNumber;
            props.onInput(Number.isSafeInteger(typed) ? typed : null);
          }} />
        {props.unit && <span class="unit">{props.unit}</span>}
      </span>
      <Below hint={props.hint} error={props.error} hintId={hintId} errorId={errorId} />
    </div>
  );
}

export interface Choice<T extends string | number = string> {
  readonly value: T;
  readonly label: string;
  readonly disabled?: boolean;
}

interface SelectProps<T extends string | number> extends Common {
  value: T;
  options: readonly Choice<T>[];
  onChange: (value: T) => void;
}

export function Select<T extends string | number>(props: SelectProps<T>) {
  const { id, hintId, errorId, described } = useParts(props);
  return (
    <div class={`field ${props.className ?? ''}`}>
      <label for={id} class={props.hideLabel ? 'visually-hidden' : ''}>{props.label}</label>
      <select id={id} name={props.name} value={String(props.value)} disabled={props.disabled}
        aria-invalid={props.error ? 'true' : undefined} aria-describedby={described} data-testid={props.testId}
        onChange={(event) => {
          const chosen = props.options[event.currentTarget.selectedIndex];
          if (chosen) {
            props.onChange(chosen.value);
          }
        }}>
        {props.options.map((option) => (
          <option key={option.value} value={String(option.value)} disabled={option.disabled}
            selected={option.value === props.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Below hint={props.hint} error={props.error} hintId={hintId} errorId={errorId} />
    </div>
  );
}

interface CheckProps extends Common {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /* As a switch: takes effect at once instead of with the form. */
  isSwitch?: boolean;
}

export function Check(props: CheckProps) {
  const { id, hintId, errorId, described } = useParts(props);
  return (
    <div class={`check-field ${props.className ?? ''}`}>
      <label class={`check ${props.isSwitch ? 'switch' : ''}`} for={id}>
        <input id={id} name={props.name} type="checkbox" role={props.isSwitch ? 'switch' : undefined}
          checked={props.checked} disabled={props.disabled} aria-describedby={described} data-testid={props.testId}
          onChange={(event) => props.onChange(event.currentTarget.checked)} />
        <span class={props.hideLabel ? 'visually-hidden' : ''}>{props.label}</span>
      </label>
      <Below hint={props.hint} error={props.error} hintId={hintId} errorId={errorId} />
    </div>
  );
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly Choice<T>[];
  onChange: (value: T) => void;
  testId?: string; /* each gets `testId-value` */
  disabled?: boolean;
}

/* A few choices beside each other: radio buttons. */
export function Segmented<T extends string>({ label, value, options, onChange, testId, disabled }: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset class="segmented" disabled={disabled}>
      <legend class="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} class={option.value === value ? 'chosen' : ''}>
          <input type="radio" class="visually-hidden" name={name} checked={option.value === value}
            disabled={option.disabled} data-testid={testId && `${testId}-${option.value}`}
            onChange={() => onChange(option.value)} />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

/* Fields that belong together, under a heading. */
export function FieldGroup({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  return (
    <fieldset class="field-group">
      <legend>{title}</legend>
      {lead && <p class="hint group-lead">{lead}</p>}
      {children}
    </fieldset>
  );
}

/* A field for filtering what is shown. */
export function SearchField({ label, value, onInput, testId, autofocus }: {
  label: string; value: string; onInput: (value: string) => void; testId?: string; autofocus?: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (autofocus) {
      input.current?.focus();
    }
  }, []);
  return (
    <div class="search-field">
      <label class="visually-hidden" for={`search${id}`}>{label}</label>
      <input ref={input} id={`search${id}`} type="search" placeholder={label} value={value} autocomplete="off"
        spellcheck={false} data-testid={testId} data-search="" onInput={(event) => onInput(event.currentTarget.value)} />
    </div>
  );
}
