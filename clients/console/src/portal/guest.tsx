/* SPDX-License-Identifier: Apache-2.0 */
/* A session for somebody who was invited and has no account: screen, chat and the way out. Loaded when it is joined. */
import { useEffect, useState } from 'preact/hooks';
import { Session } from '../session/session';
import { chooseLanguage, text as consoleText } from '../text';
import { language } from '../text/common';
import { text } from '../text/portal';
import { ChatPanel } from '../view/chat';
import { useWatch } from '../view/hooks';
import { RemoteScreenView } from '../view/remote_screen';
import { Permit } from '../wire/frame';
import type { GuestProps } from './invitation';
import { StepTitle } from './parts';

declare const CODEC_URL: string;

export function Guest({ session: id, ticket, holder, name }: GuestProps) {
  const [said, setSaid] = useState('');
  const [session] = useState(() => new Session(id, name, holder, setSaid, CODEC_URL));
  const [ready, setReady] = useState(false);
  useEffect(() => {
    void chooseLanguage(language).then(() => {
      setReady(true);
      void session.start(ticket);
    });
    return () => session.leave();
  }, []);
  return (
    <>
      {ready ? <Room session={session} /> : <p class="loading" role="status">{text.common.loading}</p>}
      <div class="visually-hidden" role="status">{said}</div>
    </>
  );
}

function stateText(session: Session): string {
  const words = consoleText.session;
  if (session.state === 'connecting') {
    return words.connecting;
  }
  if (session.state === 'reconnecting') {
    return words.reconnecting;
  }
  return session.may(Permit.VIEW_SCREEN) ? words.live : words.waitingConsent;
}

function Room({ session }: { session: Session }) {
  useWatch(session);
  const [left, setLeft] = useState(false);
  const over = left || session.state === 'ended' || session.state === 'stopped';
  useEffect(() => {
    session.shown = true;
    session.readChat();
  });
  if (over) {
    return (
      <section class="card part step" data-testid="guest-over">
        <StepTitle>{text.portal.after.title}</StepTitle>
        {!left && <p>{session.reason}</p>}
      </section>
    );
  }
  const leave = () => {
    session.leave();
    setLeft(true);
  };
  return (
    <section class="card guest" data-testid="guest" data-state={session.state} aria-label={text.portal.invitation.title}>
      <div class="session">
        <div class="tools" role="toolbar" aria-label={consoleText.session.toolbar}>
          <span class={`state state-${session.state}`} data-testid="guest-state">{stateText(session)}</span>
          <p class="escape-hint" id="guest-escape">
            <span class="visually-hidden">{consoleText.session.escapeHint}</span>
            <span aria-hidden="true"><kbd>{consoleText.session.escapeKeys}</kbd> {consoleText.session.escapeShort}</span>
          </p>
          <span class="spacer" />
          <button type="button" data-testid="guest-leave" onClick={leave}>{consoleText.session.leave}</button>
        </div>
        <div class="session-body with-chat">
          <div class="chat-slot"><ChatPanel session={session} /></div>
          <div class="stage">
            <RemoteScreenView session={session} scale="fit" hintId="guest-escape"
              onEscape={() => document.querySelector<HTMLElement>('[data-testid="guest-leave"]')?.focus()} />
          </div>
        </div>
      </div>
    </section>
  );
}
