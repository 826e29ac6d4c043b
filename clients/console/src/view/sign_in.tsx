/* SPDX-License-Identifier: Apache-2.0 */
/* The sign-in form and the forms that change a password. */
import { useState } from 'preact/hooks';
import { accountApi } from '../api/account';
import { sentence } from '../api/request';
import type { ConsoleState } from '../console_state';
import { text } from '../text';
import { askAuthenticator, hasAuthenticators } from '../webauthn';
import { ErrorLine, Field } from './parts';

const PASSWORD_LENGTH_MIN = 12;

export function SignIn({ state }: { state: ConsoleState }) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [remember, setRemember] = useState(false);

  const withAuthenticator = async () => {
    try {
      const asked = await accountApi.beginAuthenticatorSignIn();
      await state.finishSignIn(accountApi.signInAuthenticator(asked.attempt, await askAuthenticator(asked.webauthn)));
    } catch (caught) {
      setError(caught instanceof DOMException ? text.factor.authenticatorFailed : sentence(caught));
    }
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    if (user.trim() === '' || password === '') {
      setError(user.trim() === '' ? text.signIn.needUser : text.signIn.needPassword);
      return;
    }
    setBusy(true);
    setError('');
    try {
      await state.signIn(user.trim(), password, remember);
    } catch (caught) {
      setError(sentence(caught));
      setPassword('');
      setBusy(false);
    }
  };

  return (
    <section class="card entry" aria-labelledby="entry-title">
      <h1 id="entry-title">{text.signIn.title}</h1>
      <p class="lead">{text.signIn.lead}</p>
      {state.notice && <p class="notice" role="status">{state.notice}</p>}
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Field label={text.signIn.user} name="user" value={user} onInput={setUser} autocomplete="username"
          testId="user" autofocus invalid={error !== ''} describedBy="sign-in-error" />
        <Field label={text.signIn.password} name="password" type="password" value={password} onInput={setPassword}
          autocomplete="current-password" testId="password" invalid={error !== ''} describedBy="sign-in-error" />
        <label class="check">
          <input type="checkbox" name="remember" checked={remember} data-testid="remember"
            onChange={(event) => setRemember(event.currentTarget.checked)} />
          {text.signIn.remember}
        </label>
        <ErrorLine id="sign-in-error" testId="sign-in-error">{error}</ErrorLine>
        <button type="submit" class="primary wide-button" data-testid="sign-in" aria-disabled={busy}>
          {busy ? text.signIn.busy : text.signIn.button}
        </button>
      </form>
      {hasAuthenticators() && (
        <button type="button" class="wide-button" data-testid="sign-in-authenticator"
          onClick={() => void withAuthenticator()}>
          {text.signIn.authenticator}
        </button>
      )}
      <p class="aside">
        {text.signIn.customerHint}
        <a href="/">{text.signIn.customerLink}</a>
      </p>
    </section>
  );
}

export function PasswordForm({ state, onDone }: { state: ConsoleState; onDone: () => void }) {
  const [current, setCurrent] = useState(state.signInPassword);
  const [next, setNext] = useState('');
  const [repeat, setRepeat] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [askCurrent, setAskCurrent] = useState(state.signInPassword === '');

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    if (current === '') {
      setError(text.password.needCurrent);
    } else if ([...next].length < PASSWORD_LENGTH_MIN) {
      setError(text.password.tooShort);
    } else if (next !== repeat) {
      setError(text.password.differs);
    } else {
      setBusy(true);
      setError('');
      try {
        await state.changePassword(current, next);
        onDone();
      } catch (caught) {
        setError(sentence(caught));
        setAskCurrent(true);
        setBusy(false);
      }
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      {/* Not for people: password managers store the new password under this name. */}
      <input class="visually-hidden" type="text" name="username" autocomplete="username" value={state.user} readOnly
        tabIndex={-1} aria-hidden="true" />
      {askCurrent && (
        <Field label={text.password.current} name="current-password" type="password" value={current}
          onInput={setCurrent} autocomplete="current-password" testId="current-password" autofocus
          describedBy="password-error" />
      )}
      <Field label={text.password.next} name="new-password" type="password" value={next} onInput={setNext}
        autocomplete="new-password" hint={text.password.rule} testId="new-password" autofocus={!askCurrent}
        describedBy="password-error" />
      <Field label={text.password.repeat} name="new-password-repeat" type="password" value={repeat}
        onInput={setRepeat} autocomplete="new-password" testId="new-password-repeat" describedBy="password-error" />
      <ErrorLine id="password-error" testId="password-error">{error}</ErrorLine>
      <button type="submit" class="primary wide-button" data-testid="change-password" aria-disabled={busy}>
        {busy ? text.password.busy : text.password.button}
      </button>
    </form>
  );
}

export function ForcedPasswordChange({ state }: { state: ConsoleState }) {
  return (
    <section class="card entry" aria-labelledby="entry-title">
      <h1 id="entry-title">{text.password.title}</h1>
      <p class="lead">{text.password.lead}</p>
      <PasswordForm state={state} onDone={() => undefined} />
    </section>
  );
}
