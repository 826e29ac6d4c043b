/* SPDX-License-Identifier: Apache-2.0 */
/* The chat panel of a session tab. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../session/session';
import { text } from '../text';
import { formatClock } from '../text/format';
import { Permit } from '../wire/frame';
import * as limits from '../wire/limits';
import { cleanText, encodeText } from '../wire/message';

export function ChatPanel({ session }: { session: Session }) {
  const log = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState('');
  const [error, setError] = useState('');
  const { lines, unsent } = session.chat;
  const permitted = session.may(Permit.CHAT);
  const over = session.state === 'ended';

  useEffect(() => {
    log.current!.scrollTop = log.current!.scrollHeight;
  }, [lines.length, unsent.length]);

  const send = () => {
    const message = cleanText(draft.replace(/\r\n?/g, '\n').trim());
    if (message === '' || over || !permitted) {
      return;
    }
    if (encodeText(message).byteLength > limits.CHAT_TEXT_BYTES_MAX) {
      setError(text.chat.tooLong);
      return;
    }
    setError('');
    setDraft('');
    session.say(message);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  };
  const inputId = `chat-input-${session.id}`;
  return (
    <aside class="chat" aria-label={text.chat.title}>
      <h2>{text.chat.title}</h2>
      <div ref={log} class="chat-log" role="log" aria-label={text.chat.log} tabIndex={0} data-testid="chat-log">
        {lines.length === 0 && unsent.length === 0 && <p class="empty">{text.chat.empty}</p>}
        {lines.map((line) => (
          <div key={line.sequence} class={`line from-${line.from}`} data-sequence={line.sequence}>
            <p class="line-head">
              {line.from !== 'appliance' && <bdi>{line.from === 'self' ? text.chat.you : line.name}</bdi>}
              <time>{formatClock(line.timeUnixMs)}</time>
            </p>
            <p class="line-text"><bdi>{line.text}</bdi></p>
          </div>
        ))}
        {unsent.map((said) => (
          <div key={`unsent-${said.id}`} class="line from-self unsent" data-testid="chat-unsent">
            <p class="line-head"><span>{text.chat.unsent}</span></p>
            <p class="line-text"><bdi>{said.text}</bdi></p>
          </div>
        ))}
      </div>
      <form class="chat-form" onSubmit={(event) => {
        event.preventDefault();
        send();
      }}>
        <label for={inputId}>{text.chat.input}</label>
        <textarea id={inputId} rows={2} value={draft} disabled={over || !permitted} data-testid="chat-input"
          aria-describedby={`${inputId}-hint`} onKeyDown={onKeyDown}
          onInput={(event) => setDraft(event.currentTarget.value)} />
        <div class="chat-foot">
          <p class="hint" id={`${inputId}-hint`}>{permitted ? text.chat.hint : text.chat.notPermitted}</p>
          <button type="submit" class="primary" disabled={over || !permitted} data-testid="chat-send">
            {text.chat.send}
          </button>
        </div>
        <div class="error-line" role="alert">{error}</div>
      </form>
    </aside>
  );
}
