/* SPDX-License-Identifier: Apache-2.0 */
/* A session tab: tools, remote screen, chat, status line, and what is said when it is not live. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleState } from '../console_state';
import { Keysym } from '../input/keysyms';
import { choiceOf, colourChoices, type ColourChoice } from '../screen/settings';
import type { Session } from '../session/session';
import { text } from '../text';
import { Permit, Role } from '../wire/frame';
import { SCREEN_COLOURS } from '../wire/message';
import { BrowserCustomer } from './browser_customer';
import { ChatPanel } from './chat';
import { useWatch } from './hooks';
import { Dialog } from './parts';
import { RemoteScreenView } from './remote_screen';

interface Props {
  state: ConsoleState;
  session: Session;
  shown: boolean;
}

export function SessionTab({ state, session, shown }: Props) {
  useWatch(session);
  const [scale, setScale] = useState<'fit' | 'actual'>('fit');
  const [chatOpen, setChatOpen] = useState(true);
  const [confirming, setConfirming] = useState(false);
  const tools = useRef<HTMLDivElement>(null);
  const hintId = `escape-hint-${session.id}`;
  const titleId = `session-title-${session.id}`;

  const leaveScreen = () => {
    tools.current?.querySelector('button')?.focus();
    state.announce(text.session.left);
  };
  useEffect(() => {
    session.shown = shown;
    if (shown && chatOpen) {
      session.readChat();
    }
  });
  return (
    <section class="session" aria-labelledby={titleId} data-state={session.state} data-testid={`session-${session.id}`}>
      <h1 class="visually-hidden" id={titleId}>{text.session.label(session.name)}</h1>
      <div class="tools" role="toolbar" aria-label={text.session.toolbar} ref={tools}>
        <ScaleChoice id={session.id} scale={scale} onChange={setScale} />
        <PictureChoice session={session} />
        <button type="button" class="quiet" aria-label={text.session.sendCtrlAltDel} disabled={!session.canSendInput}
          data-testid="ctrl-alt-del" onClick={() => sendCtrlAltDel(session)}>
          {text.session.ctrlAltDel}
        </button>
        <p class="escape-hint" id={hintId}>
          <span class="visually-hidden">{text.session.escapeHint}</span>
          <span aria-hidden="true"><kbd>{text.session.escapeKeys}</kbd> {text.session.escapeShort}</span>
        </p>
        <BrowserCustomer state={state} session={session} />
        <span class="spacer" />
        <button type="button" class="quiet" aria-expanded={chatOpen} data-testid="chat-toggle"
          onClick={() => setChatOpen(!chatOpen)}>
          {text.session.chat}
          {session.unread > 0 && <span class="badge">{session.unread}</span>}
        </button>
        {session.state !== 'ended' && session.watching && (
          <button type="button" class="quiet" data-testid="leave-session" onClick={() => state.closeTab(session)}>
            {text.session.leave}
          </button>
        )}
        {session.state !== 'ended' && !session.watching && (
          <button type="button" class="danger" data-testid="end-session" aria-disabled={session.ending}
            onClick={() => setConfirming(!session.ending)}>
            {session.ending ? text.session.ending : text.session.end}
          </button>
        )}
      </div>
      <div class={`session-body ${chatOpen ? 'with-chat' : ''}`}>
        {/* First, so that Tab reaches it: the remote screen keeps every key. The style puts it second. */}
        <div class="chat-slot" hidden={!chatOpen}><ChatPanel session={session} /></div>
        <div class="stage">
          <RemoteScreenView session={session} scale={scale} hintId={hintId} onEscape={leaveScreen} />
          <Overlay state={state} session={session} />
        </div>
      </div>
      <StatusLine state={state} session={session} />
      {confirming && (
        <EndDialog session={session} onClose={() => setConfirming(false)} />
      )}
    </section>
  );
}

function sendCtrlAltDel(session: Session): void {
  const keys = [Keysym.Control_L, Keysym.Alt_L, Keysym.Delete];
  for (const keysym of keys) {
    session.key(keysym, true);
  }
  for (const keysym of keys.reverse()) {
    session.key(keysym, false);
  }
}

function ScaleChoice({ id, scale, onChange }: { id: number; scale: string; onChange: (scale: 'fit' | 'actual') => void }) {
  const name = `scale-${id}`;
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">{text.session.scaleLabel}</legend>
      {(['fit', 'actual'] as const).map((choice) => (
        <label key={choice} class={scale === choice ? 'chosen' : ''}>
          <input type="radio" name={name} class="visually-hidden" checked={scale === choice}
            data-testid={`scale-${choice}`} onChange={() => onChange(choice)} />
          {text.session[choice]}
        </label>
      ))}
    </fieldset>
  );
}

function PictureChoice({ session }: { session: Session }) {
  const settings = session.screenSettings;
  const disabled = !session.canSendInput || session.watching;
  const choose = (choice: ColourChoice) => session.setScreen({ ...settings, colours: SCREEN_COLOURS[choice] });
  return (
    <span class="picture-choice">
      <select aria-label={text.session.colours} data-testid="colours" value={choiceOf(settings)} disabled={disabled}
        onChange={(event) => choose(event.currentTarget.value as ColourChoice)}>
        {colourChoices.map((choice) => <option key={choice} value={choice}>{text.session.colour[choice]}</option>)}
      </select>
      <label title={text.session.losslessHint}>
        <input type="checkbox" data-testid="lossless-only" checked={settings.losslessOnly} disabled={disabled}
          onChange={(event) => session.setScreen({ ...settings, losslessOnly: event.currentTarget.checked })} />
        {text.session.lossless}
      </label>
    </span>
  );
}

function EndDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const end = () => {
    onClose();
    void session.end();
  };
  return (
    <Dialog title={text.session.endTitle} onClose={onClose}>
      <p>{text.session.endLead(session.name)}</p>
      <div class="actions">
        <button type="button" class="danger-solid" data-testid="end-session-confirm" onClick={end}>
          {text.session.endConfirm}
        </button>
        <button type="button" onClick={onClose}>{text.session.stay}</button>
      </div>
    </Dialog>
  );
}

/* What stands over the screen when there is nothing live to see; null when there is. */
function waitingText(session: Session): string | null {
  if (session.state === 'connecting') {
    return text.session.connecting;
  }
  if (session.state === 'reconnecting') {
    return text.session.reconnecting;
  }
  if (!session.may(Permit.VIEW_SCREEN)) {
    return text.session.waitingConsent;
  }
  if (!session.screen.hasPicture) {
    return session.source || session.participants.size === 0
      ? text.session.waitingPicture
      : session.wakeS > 0 ? text.jump.waking(session.name, session.wakeS) : text.session.waitingSource(session.name);
  }
  return null;
}

function Overlay({ state, session }: { state: ConsoleState; session: Session }) {
  useWatch(session.screen);
  const heading = useRef<HTMLHeadingElement>(null);
  const over = session.state === 'ended' || session.state === 'stopped';
  useEffect(() => {
    if (over && state.shown === session.id) {
      heading.current?.focus();
    }
  }, [over]);
  if (over) {
    const ended = session.state === 'ended';
    return (
      <div class="overlay">
        <div class="card overlay-card" data-testid={ended ? 'session-ended' : 'session-stopped'}>
          <h2 ref={heading} tabIndex={-1}>{ended ? text.session.endedTitle : text.session.stoppedTitle}</h2>
          <p data-testid="session-ended-reason">{session.reason}</p>
          <div class="actions">
            {!ended && (
              <button type="button" class="primary" data-testid="take-back" onClick={() => session.takeBack()}>
                {text.session.takeBack}
              </button>
            )}
            <button type="button" class={ended ? 'primary' : ''} data-testid="close-tab"
              onClick={() => state.closeTab(session)}>
              {text.session.closeTab}
            </button>
          </div>
        </div>
      </div>
    );
  }
  const waiting = waitingText(session);
  if (waiting === null) {
    return null;
  }
  return (
    <div class="overlay passive">
      <p class="waiting" role="status" data-testid="session-waiting">
        <span class="spinner" aria-hidden="true" />
        {waiting}
      </p>
    </div>
  );
}

function StatusLine({ state, session }: { state: ConsoleState; session: Session }) {
  useWatch(session.screen);
  const entry = state.openSessions.find((one) => one.id === session.id);
  const recorded = entry?.recording === 'on' || entry?.recording === 'required';
  const others = [...session.participants.values()].filter((someone) => someone.id !== session.participant);
  const roles: Readonly<Record<number, string>> = text.session.role;
  const people = others.map((someone) => `${someone.name} (${roles[someone.role] ?? '?'})`).join(', ');
  const connection = session.state === 'live' ? text.session.live
    : session.state === 'ended' ? text.session.endedTitle
    : session.state === 'stopped' ? text.session.stoppedTitle
    : session.state === 'reconnecting' ? text.session.reconnecting : text.session.connecting;
  const rights = !session.may(Permit.VIEW_SCREEN) ? text.session.waitingConsent
    : session.may(Permit.CONTROL_INPUT) ? text.session.control : text.session.viewOnly;
  const source = others.some((someone) => someone.role === Role.CUSTOMER || someone.role === Role.UNATTENDED);
  return (
    <footer class="status-line" aria-label={text.session.status}>
      <span class={`state state-${session.state}`} data-testid="connection-state">{connection}</span>
      {session.state === 'live' && <span data-testid="permission-state">{rights}</span>}
      {session.state === 'live' && (
        <bdi class={source ? '' : 'muted'} data-testid="participants">
          {people === '' ? text.session.nobody : text.session.people(people)}
        </bdi>
      )}
      {session.state === 'live' && !session.controlUp && (
        <span class="warn" data-testid="control-away">{text.session.controlAway}</span>
      )}
      {session.state === 'live' && session.screen.reduced && (
        <span class="muted" data-testid="reduced-picture">{text.session.reducedPicture}</span>
      )}
      {session.state === 'live' && recorded && (
        <span class="warn" data-testid="recorded">{text.session.recorded}</span>
      )}
      {session.reason !== '' && session.state === 'reconnecting' && <span class="muted">{session.reason}</span>}
      <span class="spacer" />
      {session.screen.width > 0 && <span class="muted">{text.session.size(session.screen.width, session.screen.height)}</span>}
    </footer>
  );
}
