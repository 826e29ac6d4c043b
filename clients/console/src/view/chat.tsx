/* SPDX-License-Identifier: Apache-2.0 */
/* The chat panel of a session tab: what everybody reads, what only representatives read, and the log of what happened. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Audience, ChatLine } from '../session/chat';
import { withoutDirection, type Session } from '../session/session';
import { text } from '../text';
import { formatClock } from '../text/format';
import { Permit } from '../wire/frame';
import * as limits from '../wire/limits';
import { cleanText, encodeText } from '../wire/message';
import { Segmented } from './fields';
import { Icon } from './icon';
import { FormattedText } from './session/formatted';

interface Props {
  session: Session;
  /* A representative of the appliance: may write to representatives only. */
  withAudience?: boolean;
  /* Beside the field; insert puts a text into the message. */
  tools?: (insert: (text: string) => void) => ComponentChildren;
}

export function ChatPanel({ session, withAudience, tools }: Props) {
  const log = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState('');
  const [error, setError] = useState('');
  const [audience, setAudience] = useState<Audience>('everybody');
  const { lines, unsent } = session.chat;
  const permitted = session.may(Permit.CHAT);
  const over = session.state === 'ended';
  const aside = audience === 'representatives';

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
    session.say(message, audience);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  };
  const insert = (what: string) => {
    setDraft((before) => (before.trim() === '' ? what : `${before.trimEnd()}\n${what}`));
    input.current?.focus();
  };
  const inputId = `chat-input-${session.id}`;
  return (
    <aside class="chat" aria-label={text.chat.title}>
      <h2>{text.chat.title}</h2>
      <div ref={log} class="chat-log" role="log" aria-label={text.chat.log} tabIndex={0} data-testid="chat-log">
        {lines.length === 0 && unsent.length === 0 && <p class="empty">{text.chat.empty}</p>}
        {lines.map((line) => (
          <div key={line.sequence}>
            {line.sequence === session.newFrom && <p class="new-line"><span>{text.side.chat.newFrom}</span></p>}
            <Line line={line} formatted={line.participant !== session.source?.id} />
          </div>
        ))}
        {unsent.map((said) => (
          <div key={`unsent-${said.id}`} class={`line from-self unsent to-${said.audience}`} data-testid="chat-unsent">
            <p class="line-head"><span>{text.chat.unsent}</span></p>
            <p class="line-text"><bdi><FormattedText text={said.text} /></bdi></p>
          </div>
        ))}
      </div>
      <form class={`chat-form to-${audience}`} onSubmit={(event) => {
        event.preventDefault();
        send();
      }}>
        <div class="chat-tools">
          {withAudience && (
            <Segmented<Audience> label={text.side.chat.audience} value={audience} onChange={setAudience} testId="chat-audience"
              options={[{ value: 'everybody', label: text.side.chat.everybody },
                { value: 'representatives', label: text.side.chat.representatives }]} />
          )}
          {tools?.(insert)}
        </div>
        <label for={inputId} class="visually-hidden">{text.chat.input}</label>
        <textarea ref={input} id={inputId} rows={2} value={draft} disabled={over || !permitted} data-testid="chat-input"
          placeholder={aside ? text.side.chat.representatives : text.chat.input}
          aria-describedby={`${inputId}-hint`} onKeyDown={onKeyDown}
          onInput={(event) => setDraft(event.currentTarget.value)} />
        <div class="chat-foot">
          <p class="hint" id={`${inputId}-hint`}>
            {!permitted ? text.chat.notPermitted : aside ? text.side.chat.sideHint : text.chat.hint}
          </p>
          <button type="submit" class="primary" disabled={over || !permitted} data-testid="chat-send">
            {text.chat.send}
          </button>
        </div>
        <div class="error-line" role="alert">{error}</div>
      </form>
    </aside>
  );
}

/* What the customer wrote is never formatted: their tags are shown as they are. */
function Line({ line, formatted }: { line: ChatLine; formatted: boolean }) {
  const aside = line.audience === 'representatives' && line.from !== 'appliance';
  return (
    <div class={`line from-${line.from} to-${line.audience}`} data-sequence={line.sequence} data-audience={line.audience}>
      <p class="line-head">
        {line.from !== 'appliance' && <bdi>{line.from === 'self' ? text.chat.you : line.name}</bdi>}
        <time>{formatClock(line.timeUnixMs)}</time>
        {aside && <span class="side-mark"><Icon name="lock" />{text.side.chat.sideLabel}</span>}
      </p>
      <p class="line-text"><bdi>{formatted && line.from !== 'appliance' ? <FormattedText text={line.text} />
        : line.from === 'appliance' ? withoutDirection(line.text) : line.text}</bdi></p>
    </div>
  );
}
