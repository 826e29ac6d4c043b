/* SPDX-License-Identifier: Apache-2.0 */
/* The session key, typed or pasted in any form. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Entrance, portalApi } from '../api/portal';
import { tidyKey } from '../portal_key';
import { text } from '../text/portal';
import { FieldError } from './parts';
import { refusal } from './refusal';

export function keyRefusal(error: unknown): string {
  return refusal(error, { 404: text.portal.key.wrong, 410: text.portal.key.over, 409: text.portal.key.over,
    429: text.portal.key.tooMany, 0: text.common.errors.unreachable, 503: text.common.errors.unavailable });
}

interface Props {
  initial: string; /* from the address: checked at once */
  focus: boolean;
  onChecked: (entrance: Entrance, key: string) => void;
}

export function KeyCard({ initial, focus, onChecked }: Props) {
  const [key, setKey] = useState(initial);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const check = async (typed: string) => {
    const tidy = tidyKey(typed);
    if (tidy === '') {
      setError(text.portal.key.missing);
      input.current?.focus();
      return;
    }
    setBusy(true);
    setError('');
    setKey(tidy);
    try {
      onChecked(await portalApi.checkKey(tidy), tidy);
    } catch (caught) {
      setError(keyRefusal(caught));
      setBusy(false);
      input.current?.focus();
    }
  };
  useEffect(() => {
    if (initial !== '') {
      void check(initial);
    } else if (focus) {
      input.current?.focus();
    }
  }, []);

  return (
    <form class="key-form" noValidate onSubmit={(event) => {
      event.preventDefault();
      if (!busy) {
        void check(key);
      }
    }}>
      <div class="field key-field">
        <label for="session-key">{text.portal.key.label}</label>
        <input ref={input} id="session-key" name="key" type="text" value={key} maxLength={64} autocomplete="off"
          autocapitalize="characters" spellcheck={false} enterkeyhint="go" data-testid="key-input"
          aria-invalid={error !== '' ? 'true' : undefined} aria-describedby="key-hint portal-error"
          onInput={(event) => setKey(event.currentTarget.value)}
          onBlur={() => setKey((typed) => tidyKey(typed))} />
        <p class="hint" id="key-hint">{text.portal.key.hint}</p>
        <FieldError id="portal-error" testId="portal-error">{error}</FieldError>
      </div>
      <button type="submit" class="primary wide-button" data-testid="key-submit" aria-disabled={busy}>
        {busy ? text.portal.key.busy : text.portal.key.button}
      </button>
    </form>
  );
}
