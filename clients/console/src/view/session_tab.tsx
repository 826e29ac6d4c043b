/* SPDX-License-Identifier: Apache-2.0 */
/* A session tab: tools, remote screen, side bar, status line, and what is said when it is not live. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { sessionToolsApi, type Consent, type SessionFacts, type ToolAnswer } from '../api/session_tools';
import type { ConsoleState } from '../console_state';
import { onEvents } from '../live_events';
import { useRemembered } from '../remembered';
import type { Session } from '../session/session';
import { useShortcuts } from '../shortcuts';
import { text } from '../text';
import { formatRemaining } from '../text/format';
import { Permit, Role } from '../wire/frame';
import { BrowserCustomer } from './browser_customer';
import { useNow, useWatch } from './hooks';
import { RemoteScreenView } from './remote_screen';
import { useResource, type Resource } from './resource';
import { EndDialog } from './session/end_dialog';
import { InviteDialog, SponsorDialog } from './session/invite_dialog';
import { panels, type PanelName, type SideDialog } from './session/panel';
import { PanelRow, SidePanel } from './session/side_bar';
import { ToolBar, toggleFullScreen } from './session/tool_bar';
import { TransferDialog } from './session/transfer_dialog';
import { toast } from './toast';

interface Props {
  state: ConsoleState;
  session: Session;
  shown: boolean;
}

const isPanel = (value: unknown): value is PanelName | '' => value === '' || panels.includes(value as PanelName);

export function SessionTab({ state, session, shown }: Props) {
  useWatch(session);
  const [scale, setScale] = useState<'fit' | 'actual'>('fit');
  const [remembered, remember] = useRemembered<PanelName | ''>('session.panel', 'chat', isPanel);
  const [dialog, setDialog] = useState<SideDialog>('none');
  const tools = useRef<HTMLDivElement>(null);
  const { info, answers } = useFacts(session);
  const panel = remembered === '' ? null : remembered;
  const hintId = `escape-hint-${session.id}`;
  const titleId = `session-title-${session.id}`;
  const own = info.value?.participants.find((one) => one.account === state.me?.account.id);
  const isOwner = own ? own.relation === 'owner' : !session.watching;
  const consent = own?.consent ?? null;
  session.asksConsent = consent !== null;

  const leaveScreen = () => {
    tools.current?.querySelector<HTMLElement>('input, button')?.focus();
    state.announce(text.session.left);
  };
  const open = (wanted: SideDialog) => setDialog(wanted);
  const onPanel = (wanted: PanelName | null) => remember(wanted ?? '');
  useEffect(() => {
    session.shown = shown;
    session.chatShown = panel === 'chat';
    if (shown && panel === 'chat' && !document.hidden) {
      session.readChat();
    }
  });
  useSessionShortcuts({ state, session, shown, isOwner, panel, onPanel, setScale, open });
  const props = { state, session, info, tools: answers, open };
  return (
    <section class="session" aria-labelledby={titleId} data-state={session.state} data-testid={`session-${session.id}`}>
      <h1 class="visually-hidden" id={titleId}>{text.session.label(session.name)}</h1>
      <div class="tools" role="toolbar" aria-label={text.session.toolbar} ref={tools}>
        <ToolBar state={state} session={session} tools={answers} isOwner={isOwner} scale={scale} onScale={setScale} open={open}
          browserCustomer={<BrowserCustomer state={state} session={session} />} />
      </div>
      <Banner session={session} />
      <div class={`session-body with-row ${panel ? 'with-chat' : ''}`}>
        {/* First, so that Tab reaches it: the remote screen keeps every key. The style puts it second. */}
        <SidePanel {...props} panel={panel} onPanel={onPanel} />
        <PanelRow session={session} info={info} panel={panel} onPanel={onPanel} />
        <div class="stage" id={`stage-${session.id}`}>
          <RemoteScreenView session={session} scale={scale} hintId={hintId} onEscape={leaveScreen} />
          <Overlay state={state} session={session} consent={consent} />
        </div>
      </div>
      <StatusLine state={state} session={session} hintId={hintId} />
      {dialog === 'end' && session.state !== 'ended' && (
        <EndDialog state={state} session={session} onClose={() => setDialog('none')} />
      )}
      {dialog === 'transfer' && <TransferDialog state={state} session={session} onClose={() => setDialog('none')} />}
      {dialog === 'invite' && (
        <InviteDialog state={state} session={session} tools={answers} onClose={() => setDialog('none')} />
      )}
      {dialog === 'sponsor' && <SponsorDialog state={state} session={session} onClose={() => setDialog('none')} />}
    </section>
  );
}

/* What control says about the session, fetched again when something about it changed. */
function useFacts(session: Session): {
  info: Resource<SessionFacts>; answers: Resource<readonly ToolAnswer[]>;
} {
  const info = useResource(async () => {
    const facts = await sessionToolsApi.show(session.id);
    session.rename(facts.name || facts.customer);
    return facts;
  }, ['sessions_changed', 'invitation_ended'], [session.id]);
  const answers = useResource<readonly ToolAnswer[]>(
    async () => (await sessionToolsApi.tools(session.id)).answers,
    ['sessions_changed', 'policies_changed', 'tool_answered'], [session.id],
  );
  const turn = `${session.state} ${session.permissions} ${session.participants.size} ${session.controlUp}`;
  useEffect(() => {
    if (session.state === 'live' && session.controlUp) {
      void info.reload();
      void answers.reload();
    }
  }, [turn]);
  useEffect(() => onEvents(['tool_answered'], (event) => {
    if (event.session === session.id) {
      const what = (event.tool ?? '').replaceAll('_', ' ');
      const words = text.side.tools;
      toast(event.silence ? words.silent(what) : event.yes ? words.answeredYes(what) : words.answeredNo(what), 'info');
    }
  }), [session.id]);
  return { info, answers };
}

function useSessionShortcuts({ state, session, shown, isOwner, panel, onPanel, setScale, open }: Props & {
  isOwner: boolean; panel: PanelName | null; onPanel: (panel: PanelName | null) => void;
  setScale: (change: (scale: 'fit' | 'actual') => 'fit' | 'actual') => void; open: (dialog: SideDialog) => void;
}): void {
  const words = text.side.keys;
  const scope = words.scope;
  const over = session.state === 'ended';
  useShortcuts(!shown ? [] : [
    ...panels.map((one) => ({
      keys: `s ${one[0]!}`, scope, meaning: words.panel(text.side.panelTitle[one]),
      run: () => onPanel(panel === one ? null : one),
    })),
    { keys: 's s', scope, meaning: words.fit, run: () => setScale((scale) => (scale === 'fit' ? 'actual' : 'fit')) },
    { keys: 's f', scope, meaning: words.fullScreen,
      run: () => void toggleFullScreen(session, (said) => state.announce(said)).catch(() => undefined) },
    { keys: 's k', scope, meaning: words.type,
      run: () => document.querySelector<HTMLElement>(`#stage-${session.id} textarea`)?.focus({ preventScroll: true }) },
    { keys: 's w', scope, meaning: words.write, run: () => {
      onPanel('chat');
      requestAnimationFrame(() => document.getElementById(`chat-input-${session.id}`)?.focus());
    } },
    ...(over || state.solo !== null ? [] : [
      { keys: 's d', scope, meaning: words.detach, run: () => state.detach(session) },
    ]),
    ...(over || !isOwner ? [] : [{ keys: 's e', scope, meaning: words.end, run: () => open('end') }]),
  ]);
}

/* What is not as it should be, across the page: one line, so that it is seen and nothing is covered. */
function Banner({ session }: { session: Session }) {
  const said = session.state === 'reconnecting' ? text.side.banner.reconnecting
    : session.state === 'live' && !session.controlUp ? text.side.banner.control : '';
  return (
    <div class="banner-slot" role="status">
      {said !== '' && (
        <p class="banner" data-testid={session.state === 'live' ? 'banner-control' : 'banner-reconnecting'}>
          <span class="spinner" aria-hidden="true" />{said}
        </p>
      )}
    </div>
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

function Overlay({ state, session, consent }: { state: ConsoleState; session: Session; consent: Consent | null }) {
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
  const asking = session.state === 'live' && !session.may(Permit.VIEW_SCREEN);
  return (
    <div class="overlay passive">
      {asking && consent === 'denied' ? (
        <div class="waiting waiting-denied" role="status" data-testid="session-waiting" data-consent="denied">
          <p>{text.side.consent.denied}</p>
          <p class="waiting-hint">{text.side.consent.deniedHint}</p>
        </div>
      ) : (
        <p class="waiting" role="status" data-testid="session-waiting" data-consent={asking ? consent ?? '' : undefined}>
          <span class="spinner" aria-hidden="true" />
          {waiting}
          {asking && consent === 'waits' && <WaitingTime />}
        </p>
      )}
    </div>
  );
}

/* How long the customer has been asked; not read out each second. */
function WaitingTime() {
  const now = useNow(1000);
  const [start] = useState(Date.now);
  return <span class="waiting-time" aria-hidden="true">{formatRemaining(now - start)}</span>;
}

function StatusLine({ state, session, hintId }: { state: ConsoleState; session: Session; hintId: string }) {
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
      <span class="escape-hint" id={hintId}>
        <span class="visually-hidden">{text.session.escapeHint}</span>
        <span aria-hidden="true"><kbd>{text.session.escapeKeys}</kbd> {text.session.escapeShort}</span>
      </span>
      {session.screen.width > 0 && <span class="muted">{text.session.size(session.screen.width, session.screen.height)}</span>}
    </footer>
  );
}
