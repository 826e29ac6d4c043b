/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a session over to a team or a representative. */
import { useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { sessionToolsApi } from '../../api/session_tools';
import type { ConsoleState } from '../../console_state';
import type { Session } from '../../session/session';
import { text } from '../../text';
import { TextArea } from '../fields';
import { Dialog, ErrorLine } from '../parts';
import { toast } from '../toast';
import { PlaceFields, usePlace, usePlaces } from './place_fields';

export function TransferDialog({ state, session, onClose }: { state: ConsoleState; session: Session; onClose: () => void }) {
  const words = text.side.transfer;
  const places = usePlaces(state.me?.account.id ?? 0);
  const [place, kind, id, choose] = usePlace();
  const [reason, setReason] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy || !place) {
      return;
    }
    setBusy(true);
    setError('');
    try {
      await sessionToolsApi.transfer(session.id, place, reason.trim());
      onClose();
      toast(words.done);
      state.closeTab(session);
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void send(event)}>
        <p class="lead">{words.lead}</p>
        <PlaceFields places={places} kind={kind} id={id} onChange={choose} />
        <TextArea label={words.reason} name="transfer-reason" rows={3} value={reason} onInput={setReason}
          hint={words.reasonHint} testId="transfer-reason" spellcheck />
        <ErrorLine testId="transfer-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" disabled={!place} aria-disabled={busy} data-testid="transfer-send">
            {words.send}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
