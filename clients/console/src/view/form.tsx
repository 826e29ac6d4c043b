/* SPDX-License-Identifier: Apache-2.0 */
/* A form: what is changed, whether it is right, saving it, and what the appliance says about it.
 *
 *   const form = useForm({ name: user.name }, { check: ..., save: (values, changed) => api.set(id, changed) });
 *   <Form form={form}> <Field label=… {...form.text('name')} /> <FormBar form={form} /> </Form>
 *
 * Leaving the page with unsaved changes asks first.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, sentence } from '../api/request';
import { router } from '../route';
import { common } from '../text/common';
import { confirm } from './confirm';
import { ErrorLine } from './parts';

type Errors<T> = Partial<Record<keyof T, string>>;

interface Options<T> {
  /* Sentences for fields that are not right; the form is saved when there is none. */
  check?: (values: T) => Errors<T>;
  /* changed: only what differs from the initial values. */
  save: (values: T, changed: Partial<T>) => Promise<unknown>;
  saved?: (values: T) => void;
  /* Which field the appliance's refusal is about; else it is said above the form. */
  fieldOf?: (error: ApiError) => keyof T | undefined;
  /* A new thing may be saved without a change. */
  isNew?: boolean;
}

export interface FormState<T> {
  readonly values: T;
  readonly errors: Errors<T>;
  readonly error: string;
  readonly dirty: boolean;
  readonly busy: boolean;
  readonly canSave: boolean;
  set<K extends keyof T>(name: K, value: T[K]): void;
  reset(): void;
  submit(event?: Event): Promise<boolean>;
  /* Props of a Field or TextArea for a member that is text. */
  text(name: keyof T & string): { value: string; onInput: (value: string) => void; error: string | undefined; testId: string };
  /* The same for a NumberField, a Check and a Select. */
  number(name: keyof T & string): { value: number | null; onInput: (value: number | null) => void; error: string | undefined; testId: string };
  check(name: keyof T & string): { checked: boolean; onChange: (value: boolean) => void; error: string | undefined; testId: string };
  select<K extends keyof T & string>(name: K): { value: T[K]; onChange: (value: T[K]) => void; error: string | undefined; testId: string };
}

export function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}

/* Asks before one leaves while something is unsaved. */
export function useLeaveGuard(dirty: boolean): void {
  useEffect(() => (dirty ? router.guard(() => confirm({
    title: common.form.leaveTitle, text: common.form.leaveText, action: common.form.leave, stay: common.form.stay,
    danger: true,
  })) : undefined), [dirty]);
}

export function useForm<T extends object>(initial: T, options: Options<T>): FormState<T> {
  const start = useRef(initial);
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Errors<T>>({});
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const names = Object.keys(start.current) as (keyof T)[];
  const changed = names.filter((name) => !isSame(values[name], start.current[name]));
  const dirty = changed.length > 0;
  useLeaveGuard(dirty && !busy);

  /* The thing changed elsewhere while nothing was typed here: show it as it is now. */
  const key = JSON.stringify(initial);
  useEffect(() => {
    if (!dirty && !isSame(initial, start.current)) {
      start.current = initial;
      setValues(initial);
    }
  }, [key]);

  const set = <K extends keyof T>(name: K, value: T[K]) => {
    setValues((before) => ({ ...before, [name]: value }));
    setErrors((before) => ({ ...before, [name]: undefined }));
  };
  const fail = (caught: unknown) => {
    const field = caught instanceof ApiError ? options.fieldOf?.(caught) : undefined;
    if (field !== undefined) {
      setErrors({ [field]: sentence(caught) } as Errors<T>);
    } else {
      setError(sentence(caught));
    }
  };
  const submit = async (event?: Event): Promise<boolean> => {
    event?.preventDefault();
    if (busy) {
      return false;
    }
    const wrong = options.check?.(values) ?? {};
    const isWrong = Object.values(wrong).some(Boolean);
    setErrors(wrong);
    setError(isWrong ? common.form.lookAgain : '');
    if (isWrong) {
      return false;
    }
    setBusy(true);
    try {
      const parts = Object.fromEntries(changed.map((name) => [name, values[name]])) as Partial<T>;
      await options.save(values, parts);
      start.current = values;
      setBusy(false);
      options.saved?.(values);
      return true;
    } catch (caught) {
      setBusy(false);
      fail(caught);
      return false;
    }
  };
  const bind = (name: keyof T & string) => ({ error: errors[name], testId: `field-${name}` });
  return {
    values, errors, error, dirty, busy, set, submit,
    canSave: !busy && (dirty || options.isNew === true),
    reset: () => {
      setValues(start.current);
      setErrors({});
      setError('');
    },
    text: (name) => ({ value: String(values[name] ?? ''), onInput: (value) => set(name, value as T[typeof name]), ...bind(name) }),
    number: (name) => ({
      value: values[name] as number | null, onInput: (value) => set(name, value as T[typeof name]), ...bind(name),
    }),
    check: (name) => ({ checked: Boolean(values[name]), onChange: (value) => set(name, value as T[typeof name]), ...bind(name) }),
    select: (name) => ({ value: values[name], onChange: (value) => set(name, value), ...bind(name) }),
  };
}

export function Form<T>({ form, children, label }: { form: FormState<T>; children: ComponentChildren; label?: string }) {
  return (
    <form class="form" noValidate aria-label={label} onSubmit={(event) => void form.submit(event)}>
      <ErrorLine testId="form-error">{form.error}</ErrorLine>
      {children}
    </form>
  );
}

/* Save and discard. In a dialog: cancel closes it. */
export function FormBar<T>({ form, save, onCancel }: { form: FormState<T>; save?: string; onCancel?: () => void }) {
  return (
    <div class="form-bar">
      {(onCancel || form.dirty) && (
        <button type="button" data-testid="form-cancel" disabled={form.busy}
          onClick={() => { form.reset(); onCancel?.(); }}>
          {onCancel ? common.actions.cancel : common.actions.discard}
        </button>
      )}
      <button type="submit" class="primary" data-testid="form-save" disabled={!form.canSave} aria-busy={form.busy}>
        {form.busy ? common.actions.saving : save ?? common.actions.save}
      </button>
    </div>
  );
}
