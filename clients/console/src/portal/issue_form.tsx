/* SPDX-License-Identifier: Apache-2.0 */
/* A customer says who they are and what is wrong; a topic or a person says where it goes. */
import { useRef, useState } from 'preact/hooks';
import type { PortalLook } from '../api/portal';
import { text } from '../text/portal';
import { Entry, FieldError, focusFirstError } from './parts';

/* What control takes, in bytes; a letter may have four. */
const NAME_BYTES = 128;
const COMPANY_BYTES = 200;
const DESCRIPTION_BYTES = 1000;
/* More than these are chosen from a list that opens. */
const TOPICS_SHOWN = 6;

export interface Person {
  readonly id: number;
  readonly name: string;
}

/* What the customer wrote; it stays when a step back is made. */
export interface Wish {
  readonly issue: string;
  readonly name: string;
  readonly company: string;
  readonly code: string;
  readonly description: string;
}

export const noWish: Wish = { issue: '', name: '', company: '', code: '', description: '' };

type Errors = Readonly<Partial<Record<keyof Wish, string>>>;

function bytesOf(value: string): number {
  return new TextEncoder().encode(value).length;
}

function errorsOf(wish: Wish, person: Person | null): Errors {
  const errors: Partial<Record<keyof Wish, string>> = {};
  if (!person && wish.issue === '') {
    errors.issue = text.portal.issue.needTopic;
  }
  if (wish.name.trim() === '') {
    errors.name = text.portal.issue.needName;
  }
  for (const [member, most] of [['name', NAME_BYTES], ['company', COMPANY_BYTES], ['code', COMPANY_BYTES],
    ['description', DESCRIPTION_BYTES]] as const) {
    if (bytesOf(wish[member].trim()) > most) {
      errors[member] = text.portal.issue.tooLong(most);
    }
  }
  return errors;
}

interface Props {
  look: PortalLook;
  person: Person | null; /* to whom it goes; null: to whoever has the topic */
  wish: Wish;
  error: string;
  busy: boolean;
  onWish: (wish: Wish) => void;
  onAnyone: () => void;
  onSend: () => void;
}

export function IssueForm({ look, person, wish, error, busy, onWish, onAnyone, onSend }: Props) {
  const [errors, setErrors] = useState<Errors>({});
  const form = useRef<HTMLFormElement>(null);
  const set = (member: keyof Wish) => (value: string) => {
    onWish({ ...wish, [member]: value });
    setErrors((before) => ({ ...before, [member]: '' }));
  };
  const send = (event: Event) => {
    event.preventDefault();
    const found = errorsOf(wish, person);
    setErrors(found);
    if (Object.keys(found).length > 0) {
      focusFirstError(form.current);
    } else if (!busy) {
      onSend();
    }
  };
  return (
    <form ref={form} class="issue-form" noValidate onSubmit={send}>
      {person
        ? (
          <p class="for-person" data-testid="for-person">
            <span>{text.portal.issue.forPerson(person.name)}</span>
            {look.issues.length > 0 && (
              <button type="button" class="quiet" onClick={onAnyone}>{text.portal.issue.anyone}</button>
            )}
          </p>
        )
        : <Topics look={look} chosen={wish.issue} error={errors.issue ?? ''} onChoose={set('issue')} />}
      <Entry name="name" label={text.portal.issue.name} value={wish.name} onInput={set('name')} required
        autocomplete="name" maxLength={NAME_BYTES} error={errors.name ?? ''} testId="issue-name" />
      <div class="two">
        <Entry name="company" label={text.portal.issue.company} value={wish.company} onInput={set('company')}
          autocomplete="organization" maxLength={COMPANY_BYTES} error={errors.company ?? ''} testId="issue-company" />
        <Entry name="code" label={text.portal.issue.code} value={wish.code} onInput={set('code')}
          maxLength={COMPANY_BYTES} error={errors.code ?? ''} testId="issue-code" />
      </div>
      <Entry name="description" label={text.portal.issue.description} value={wish.description}
        onInput={set('description')} lines={4} maxLength={DESCRIPTION_BYTES} error={errors.description ?? ''}
        hint={text.portal.issue.descriptionHint} testId="issue-description" />
      <FieldError id="issue-error" testId="issue-error">{error}</FieldError>
      <button type="submit" class="primary wide-button" aria-disabled={busy} data-testid="issue-submit">
        {busy ? text.portal.issue.busy : text.portal.issue.button}
      </button>
    </form>
  );
}

interface TopicsProps {
  look: PortalLook;
  chosen: string;
  error: string;
  onChoose: (code: string) => void;
}

function Topics({ look, chosen, error, onChoose }: TopicsProps) {
  const invalid = error !== '' ? ('true' as const) : undefined;
  if (look.issues.length > TOPICS_SHOWN) {
    return (
      <div class="field">
        <label for="topic">{text.portal.issue.what}</label>
        <select id="topic" value={chosen} aria-required="true" aria-invalid={invalid} aria-describedby="topic-error"
          data-testid="topic" onChange={(event) => onChoose(event.currentTarget.value)}>
          <option value="" disabled>{text.portal.issue.choose}</option>
          {look.issues.map((issue) => <option key={issue.code} value={issue.code}>{issue.name}</option>)}
        </select>
        <FieldError id="topic-error">{error}</FieldError>
      </div>
    );
  }
  return (
    <fieldset class="field topics" aria-describedby="topic-error">
      <legend>{text.portal.issue.what}</legend>
      {look.issues.map((issue) => (
        <label key={issue.code} class="option" data-testid={`topic-${issue.code}`}>
          <input type="radio" name="topic" value={issue.code} checked={chosen === issue.code} aria-invalid={invalid}
            onChange={() => onChoose(issue.code)} />
          <span>{issue.name}</span>
        </label>
      ))}
      <FieldError id="topic-error">{error}</FieldError>
    </fieldset>
  );
}
