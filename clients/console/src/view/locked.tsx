/* SPDX-License-Identifier: Apache-2.0 */
/* What covers a console that nobody was at: the password opens it again. The sessions behind it go on. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { sentence } from '../api/request';
import type { ConsoleState } from '../console_state';
import { text } from '../text';
import { Field } from './fields';
import { Icon } from './icon';
import { ErrorLine } from './parts';

export function LockedConsole({ state }: { state: ConsoleState }) {
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  /* Modal, so that it is over every other dialog that was open. */
  useEffect(() => dialog.current!.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || password === '') {
      setError(busy ? '' : text.signIn.needPassword);
      return;
    }
    setBusy(true);
    setError('');
    try {
      await state.unlock(password);
    } catch (caught) {
      setError(sentence(caught));
      setPassword('');
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="locked" aria-labelledby="locked-title" data-testid="locked" onCancel={(event) => event.preventDefault()}
      onKeyDown={(event) => event.key === 'Escape' && event.preventDefault()}>
      <section class="card entry">
        <h1 id="locked-title"><Icon name="lock" /> {text.locked.title}</h1>
        <p class="lead">{text.locked.lead(state.me?.account.display_name || state.user)}</p>
        <form onSubmit={(event) => void submit(event)} noValidate>
          <input class="visually-hidden" type="text" name="username" autocomplete="username" value={state.user} readOnly
            tabIndex={-1} aria-hidden="true" />
          <Field label={text.signIn.password} name="unlock-password" type="password" value={password} onInput={setPassword}
            autocomplete="current-password" autofocus testId="unlock-password" describedBy="unlock-error"
            invalid={error !== ''} />
          <ErrorLine id="unlock-error" testId="unlock-error">{error}</ErrorLine>
          <button type="submit" class="primary wide-button" data-testid="unlock" aria-busy={busy}>{text.locked.unlock}</button>
        </form>
        <button type="button" class="wide-button" onClick={() => void state.signOut()}>{text.shell.signOut}</button>
      </section>
    </dialog>
  );
}
