/* SPDX-License-Identifier: Apache-2.0 */
/* A token for a Jump Client. */
import { useState } from 'preact/hooks';
import { type EnrolmentToken, jumpApi } from '../api/jump';
import { sentence } from '../api/request';
import { text } from '../text';
import { formatDateTime } from '../text/format';
import { CopyButton, Dialog, ErrorLine, Field } from './parts';

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
