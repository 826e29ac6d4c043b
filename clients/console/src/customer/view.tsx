/* SPDX-License-Identifier: Apache-2.0 */
/* What a customer sees of the session: what is shared, questions, chat. All that others wrote is text, never markup. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatClock, formatList } from '../text/format';
import { useWatch } from '../view/hooks';
import { CopyButton } from '../view/parts';
import * as limits from '../wire/limits';
import { cleanText, encodeText } from '../wire/message';
import { Ask } from './ask';
import type { CustomerSession } from './customer_session';
import { LanguageOfPage } from './language_of_page';
import { canShare } from './sharing';
import { text } from './text';

export function CustomerView({ session }: { session: CustomerSession }) {
  useWatch(session);
  useWatch(session.sharing);
  useWatch(useLanguage());
  const over = session.state === 'ended' || session.state === 'failed' || session.state === 'replaced';
  return (
    <section class="customer" aria-label={text.customer.title} data-testid="customer" data-state={session.state}>
      {session.sharing.state === 'on' && <SharingBar session={session} />}
      <header class="customer-head">
        <div>
          <p class={`customer-state state-${session.state}`} role="status" data-testid="customer-state">
            <span class="customer-dot" aria-hidden="true" />
            {stateText(session)}
          </p>
          {session.state === 'reconnecting' && session.reason !== '' && <p class="hint">{session.reason}</p>}
          {!session.controlUp && session.state === 'live' && <p class="hint">{text.customer.controlAway}</p>}
        </div>
        {!over && <EndButton session={session} />}
      </header>
      {over ? <Over session={session} /> : <Room session={session} />}
    </section>
  );
}

/* The page's language is chosen above this; the texts here follow it. */
function useLanguage() {
  const [watched] = useState(() => new LanguageOfPage());
  useEffect(() => () => watched.free(), []);
  return watched;
}

function stateText(session: CustomerSession): string {
  const words = text.customer.state;
  if (session.state !== 'live') {
    return words[session.state];
  }
  const names = session.people.representatives.map((someone) => someone.name);
  return names.length === 0 ? words.waiting(session.representative) : words.with(formatList(names));
}

function SharingBar({ session }: { session: CustomerSession }) {
  const { surface, width, height } = session.sharing;
  const known = text.customer.surface as Readonly<Record<string, string>>;
  const what = known[surface ?? 'unknown'] ?? text.customer.surface.unknown;
  return (
    <div class="sharing-bar" role="region" aria-live="polite" data-testid="sharing-bar"
      data-size={`${width}x${height}`}>
      <span class="sharing-live" aria-hidden="true" />
      <p data-testid="sharing-text">{text.customer.sharing(what, formatList(session.viewers.map((v) => v.name)))}</p>
      <button type="button" data-testid="stop-sharing" onClick={() => session.stopSharing()}>
        {text.customer.stopSharing}
      </button>
    </div>
  );
}

function Over({ session }: { session: CustomerSession }) {
  return (
    <div class="customer-over" data-testid="customer-over">
      <p>{session.reason}</p>
      {session.canTakeBack && (
        <button type="button" class="primary" data-testid="take-back" onClick={() => session.takeBack()}>
          {text.customer.takeBack}
        </button>
      )}
    </div>
  );
}

function Room({ session }: { session: CustomerSession }) {
  return (
    <>
      <div aria-live="assertive"><Ask session={session} /></div>
      <Offer session={session} />
      <ShareTools session={session} />
      <Chat session={session} />
    </>
  );
}

function ShareTools({ session }: { session: CustomerSession }) {
  const { state } = session.sharing;
  /* While somebody asks for it, the question has the button. */
  if ((session.people.representatives.length === 0 && state === 'off') || (session.question && session.sharingError === '') ||
      (state === 'on' && session.sharingError === '')) {
    return null;
  }
  return (
    <div class="share-tools">
      {state !== 'on' && canShare() && (
        <>
          <button type="button" data-testid="share-screen" aria-describedby="share-hint" disabled={!session.mayShare || state === 'picking'}
            onClick={() => void session.share()}>
            {state === 'picking' ? text.customer.sharePicking : text.customer.share}
          </button>
          <p class="hint" id="share-hint">{text.customer.shareHint}</p>
        </>
      )}
      {!canShare() && <p class="hint">{text.customer.shareUnsupported}</p>}
      <p class="error-line" role="alert" data-testid="share-error">{session.sharingError}</p>
    </div>
  );
}

/* The way to the full client, which the representative asked for. */
function Offer({ session }: { session: CustomerSession }) {
  const { offer } = session;
  if (!offer) {
    return null;
  }
  const command = `chmod +x causeway-client && ${offer.command}`;
  return (
    <section class="customer-card" aria-label={text.customer.offer.title(offer.representative)} data-testid="client-offer">
      <h3>{text.customer.offer.title(offer.representative)}</h3>
      <p>{text.customer.offer.lead}</p>
      {offer.download ? (
        <p>
          <a class="button" href={offer.download} download="causeway-client" data-testid="offer-download">
            {text.customer.offer.download}
          </a>
        </p>
      ) : <p>{text.customer.offer.noDownload}</p>}
      <p>{text.customer.offer.run}</p>
      <pre class="command" tabIndex={0} data-testid="offer-command">{command}</pre>
      <div class="customer-actions">
        <CopyButton value={command} label={text.customer.offer.copy} primary />
        <button type="button" class="quiet" data-testid="offer-later" onClick={() => session.closeOffer()}>
          {text.customer.offer.later}
        </button>
      </div>
      {offer.expiresUnixMs > 0 && <p class="hint">{text.customer.offer.until(formatClock(offer.expiresUnixMs))}</p>}
    </section>
  );
}

function EndButton({ session }: { session: CustomerSession }) {
  const [asking, setAsking] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (asking) {
      dialog.current!.showModal();
    }
  }, [asking]);
  const close = () => {
    dialog.current?.close();
    setAsking(false);
  };
  return (
    <>
      <button type="button" class="quiet" data-testid="customer-end" disabled={session.ending} onClick={() => setAsking(true)}>
        {text.customer.end}
      </button>
      {asking && (
        <dialog ref={dialog} aria-label={text.customer.endTitle} onCancel={close}>
          <h2>{text.customer.endTitle}</h2>
          <p>{text.customer.endText}</p>
          <div class="customer-actions">
            <button type="button" class="primary danger" data-testid="customer-end-confirm" onClick={() => {
              close();
              void session.end();
            }}>{text.customer.endConfirm}</button>
            <button type="button" onClick={close}>{text.customer.cancel}</button>
          </div>
        </dialog>
      )}
    </>
  );
}

function Chat({ session }: { session: CustomerSession }) {
  const log = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState('');
  const [error, setError] = useState('');
  const { lines, unsent } = session.chat;
  useEffect(() => {
    log.current!.scrollTop = log.current!.scrollHeight;
  }, [lines.length, unsent.length]);
  const send = () => {
    const message = cleanText(draft.replace(/\r\n?/g, '\n').trim());
    if (message === '') {
      return;
    }
    if (encodeText(message).byteLength > limits.CHAT_TEXT_BYTES_MAX) {
      setError(text.customer.chat.tooLong);
      return;
    }
    setError('');
    setDraft('');
    session.say(message);
  };
  return (
    <div class="customer-chat" aria-label={text.customer.chat.title} role="group">
      <div ref={log} class="chat-log" role="log" aria-label={text.customer.chat.log} tabIndex={0} data-testid="customer-chat-log">
        {lines.length === 0 && unsent.length === 0 && <p class="empty">{text.customer.chat.empty}</p>}
        {lines.map((line) => (
          <div key={line.sequence} class={`line from-${line.from}`}>
            <p class="line-head">
              {line.from !== 'appliance' && <bdi>{line.from === 'self' ? text.customer.chat.you : line.name}</bdi>}
              <time>{formatClock(line.timeUnixMs)}</time>
            </p>
            <p class="line-text"><bdi>{line.text}</bdi></p>
          </div>
        ))}
        {unsent.map((said) => (
          <div key={`unsent-${said.id}`} class="line from-self unsent" data-testid="customer-unsent">
            <p class="line-head"><span>{text.customer.chat.unsent}</span></p>
            <p class="line-text"><bdi>{said.text}</bdi></p>
          </div>
        ))}
      </div>
      <form class="customer-form" onSubmit={(event) => {
        event.preventDefault();
        send();
      }}>
        <label for="customer-input" class="visually-hidden">{text.customer.chat.input}</label>
        <textarea id="customer-input" rows={2} value={draft} data-testid="customer-input" aria-describedby="customer-hint"
          placeholder={text.customer.chat.input}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
              event.preventDefault();
              send();
            }
          }} />
        <button type="submit" class="primary" data-testid="customer-send">{text.customer.chat.send}</button>
      </form>
      <p class="hint" id="customer-hint">{text.customer.chat.hint}</p>
      <p class="error-line" role="alert">{error}</p>
    </div>
  );
}

/* Asked before anything is sent: an appliance that records says so first. */
export function RecordingQuestion({ notice, onAnswer }: { notice: string; onAnswer: (agreed: boolean) => void }) {
  useWatch(useLanguage());
  return (
    <section class="customer customer-card" aria-label={text.customer.recordingTitle} data-testid="recording-question">
      <h2>{text.customer.recordingTitle}</h2>
      <p class="recording-notice">{notice}</p>
      <div class="customer-actions">
        <button type="button" class="primary" data-testid="recording-agree" onClick={() => onAnswer(true)}>
          {text.customer.recordingAgree}
        </button>
        <button type="button" data-testid="recording-leave" onClick={() => onAnswer(false)}>
          {text.customer.recordingLeave}
        </button>
      </div>
    </section>
  );
}
