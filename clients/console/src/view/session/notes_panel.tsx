/* SPDX-License-Identifier: Apache-2.0 */
/* Notes about a session, for whoever has it next. */
import { useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { sessionToolsApi } from '../../api/session_tools';
import { text } from '../../text';
import { formatDateTime } from '../../text/format';
import { TextArea } from '../fields';
import { Loaded } from '../page';
import { ErrorLine } from '../parts';
import { ruleOf, type PanelProps } from './panel';

export default function NotesPanel({ session, info, tools }: PanelProps) {
  const [draft, setDraft] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const denied = ruleOf(tools.value, 'notes');
  const add = async (event: Event) => {
    event.preventDefault();
    if (busy || draft.trim() === '') {
      return;
    }
    setBusy(true);
    setError('');
    try {
      await sessionToolsApi.addNote(session.id, draft.trim());
      setDraft('');
      await info.reload();
    } catch (caught) {
      setError(sentence(caught));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="side-content with-foot">
      <div class="side-scroll" tabIndex={0} role="group" aria-label={text.side.panelTitle.notes}>
        <p class="hint">{text.side.notes.lead}</p>
        <Loaded resource={info}>
          {({ notes }) => notes.length === 0 ? <p class="empty">{text.side.notes.none}</p> : (
            <ul class="notes" data-testid="notes">
              {notes.map((note) => (
                <li key={note.id} class="note">
                  <p class="line-head"><bdi>{note.name}</bdi><time>{formatDateTime(note.time_unix_ms)}</time></p>
                  <p class="line-text"><bdi>{note.text}</bdi></p>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </div>
      <form class="side-foot" onSubmit={(event) => void add(event)}>
        <TextArea label={text.side.notes.label} name={`note-${session.id}`} rows={3} value={draft} onInput={setDraft}
          disabled={denied !== ''} hint={denied || undefined} testId="note-text" spellcheck />
        <ErrorLine testId="note-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="submit" class="primary" aria-disabled={busy} disabled={denied !== ''} data-testid="note-add">
            {text.side.notes.add}
          </button>
        </div>
      </form>
    </div>
  );
}
