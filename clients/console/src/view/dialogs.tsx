/* SPDX-License-Identifier: Apache-2.0 */
/* The dialogs of the home tab: a session key for a customer, a token for a Jump Client. */
import { useEffect, useState } from 'preact/hooks';
import { type EnrolmentToken, jumpApi } from '../api/jump';
import { sentence } from '../api/request';
import { type SessionKey, sessionsApi } from '../api/sessions';
import { text } from '../text';
import { formatDateTime, formatRemaining } from '../text/format';
import { useNow } from './hooks';
import { CopyButton, Dialog, ErrorLine, Field } from './parts';

export function SessionKeyDialog({ onClose }: { onClose: () => void }) {
  const [key, setKey] = useState<SessionKey | null>(null);
  const [error, setError] = useState('');
  const create = () => {
    setError('');
    setKey(null);
    sessionsApi.createKey().then(setKey, (caught: unknown) => setError(sentence(caught)));
  };
  useEffect(create, []);
  return (
    <Dialog title={text.sessionKey.title} onClose={onClose}>
      <p class="lead">{text.sessionKey.lead}</p>
      <ErrorLine testId="session-key-error">{error}</ErrorLine>
      {key ? <KeyDetails sessionKey={key} onAgain={create} /> : !error && <p role="status">{text.common.loading}</p>}
      {error && <button type="button" onClick={create}>{text.common.tryAgain}</button>}
    </Dialog>
  );
}

function KeyDetails({ sessionKey, onAgain }: { sessionKey: SessionKey; onAgain: () => void }) {
  const now = useNow(1000);
  const left = sessionKey.expires_unix_ms - now;
  const expired = left <= 0;
  return (
    <>
      <p class={`big-key ${expired ? 'expired' : ''}`} data-testid="session-key-value" aria-label={text.sessionKey.key}>
        {sessionKey.key}
      </p>
      <p class="countdown" role={expired ? 'alert' : 'timer'}>
        {expired ? text.sessionKey.expired : text.sessionKey.expiresIn(formatRemaining(left))}
      </p>
      <div class="field">
        <label for="session-key-url">{text.sessionKey.url}</label>
        <input id="session-key-url" class="mono" readOnly value={sessionKey.url} data-testid="session-key-url"
          onFocus={(event) => event.currentTarget.select()} />
      </div>
      <div class="actions">
        <CopyButton value={sessionKey.key} label={text.sessionKey.copyKey} primary />
        <CopyButton value={sessionKey.url} label={text.sessionKey.copyUrl} />
        {expired && <button type="button" onClick={onAgain}>{text.sessionKey.again}</button>}
      </div>
    </>
  );
}

export function EnrolmentDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [group, setGroup] = useState('');
  const [token, setToken] = useState<EnrolmentToken | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    setBusy(true);
    setError('');
    jumpApi.createEnrolmentToken(name.trim(), group.trim())
      .then(setToken, (caught: unknown) => setError(sentence(caught)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={text.enrolment.title} onClose={onClose} wide>
      <p class="lead">{text.enrolment.lead}</p>
      {token ? (
        <>
          <h3>{text.enrolment.command}</h3>
          <pre class="command" tabIndex={0} data-testid="enrolment-command">{token.command}</pre>
          <p class="hint">{text.enrolment.expires(formatDateTime(token.expires_unix_ms))}</p>
          <CopyButton value={token.command} label={text.enrolment.copyCommand} primary />
        </>
      ) : (
        <form onSubmit={submit}>
          <Field label={text.enrolment.name} name="enrolment-name" value={name} onInput={setName} maxLength={128}
            testId="enrolment-name" autofocus />
          <Field label={text.enrolment.group} name="enrolment-group" value={group} onInput={setGroup} maxLength={128}
            testId="enrolment-group" />
          <ErrorLine testId="enrolment-error">{error}</ErrorLine>
          <button type="submit" class="primary" aria-disabled={busy} data-testid="enrolment-create">
            {busy ? text.enrolment.busy : text.enrolment.button}
          </button>
        </form>
      )}
    </Dialog>
  );
}
