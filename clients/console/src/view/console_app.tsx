/* SPDX-License-Identifier: Apache-2.0 */
/* The console page: sign-in, then a bar of tabs over the home tab and the session tabs. */
import { useEffect, useState } from 'preact/hooks';
import type { ConsoleState } from '../console_state';
import { pages } from '../pages';
import { go } from '../route';
import type { Session } from '../session/session';
import { useShortcuts } from '../shortcuts';
import { text } from '../text';
import { AccountMenu } from './account_menu';
import { AvailabilityMenu } from './availability_menu';
import { ConfirmRegion } from './confirm';
import { DeskRegion } from './desk_region';
import { Frame } from './frame';
import { useWatch } from './hooks';
import { Icon } from './icon';
import { LockedConsole } from './locked';
import { Brand } from './parts';
import { DetachedPanel } from './session/detached';
import { AgreementStep, FactorSetup, SecondFactor } from './second_factor';
import { SessionTab } from './session_tab';
import { ShortcutDialog } from './shortcut_list';
import { ForcedPasswordChange, SignIn } from './sign_in';
import { ToastRegion } from './toast';

export function ConsoleApp({ state }: { state: ConsoleState }) {
  useWatch(state);
  const waiting = state.queue?.length ?? 0;
  const isReady = state.phase !== 'loading';
  useEffect(() => {
    if (isReady) { /* for measuring: from here on a person can do something */
      performance.mark('interactive');
    }
  }, [isReady]);
  useEffect(() => {
    const name = state.me?.appliance.name || text.common.product;
    document.title = waiting > 0 ? `(${waiting}) ${name}` : name;
  }, [waiting, state.me]);
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>{text.common.skipToContent}</a>
      {state.phase !== 'signed-in' ? <Entry state={state} />
        : state.solo === null ? <Workspace state={state} /> : <SoloWorkspace state={state} />}
      <div class="visually-hidden" role="status" aria-live="polite" data-testid="announcement">{state.announcement}</div>
      <ToastRegion />
      {!state.locked && <ConfirmRegion />}
    </>
  );
}

/* The part behind '#' says which page is shown, so the link must not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Entry({ state }: { state: ConsoleState }) {
  return (
    <div class="entry-page">
      <header class="entry-head"><Brand /></header>
      <main id="content" tabIndex={-1}>
        {state.phase === 'loading' && <p class="empty" role="status">{text.common.loading}</p>}
        {state.phase === 'unsupported' && (
          <section class="card entry"><p class="error-line" role="alert">{state.notice}</p></section>
        )}
        {state.phase === 'unreachable' && (
          <section class="card entry">
            <p class="error-line" role="alert">{state.notice}</p>
            <button type="button" class="primary" onClick={() => void state.loadMe()}>{text.common.tryAgain}</button>
          </section>
        )}
        {state.phase === 'sign-in' && !state.secondStep && <SignIn state={state} />}
        {state.phase === 'sign-in' && state.secondStep && <SecondFactor state={state} step={state.secondStep} />}
        {state.phase === 'agreement' && <AgreementStep state={state} />}
        {state.phase === 'second-factor-setup' && <FactorSetup state={state} />}
        {state.phase === 'change-password' && <ForcedPasswordChange state={state} />}
      </main>
    </div>
  );
}

function Workspace({ state }: { state: ConsoleState }) {
  const [helping, setHelping] = useState(false);
  useEffect(() => {
    /* What had the focus is gone or hidden (a closed tab): the selected tab has it then. */
    const focused = document.activeElement;
    if (!focused || focused === document.body || focused.closest('[hidden]')) {
      document.getElementById(`tab-${state.shown}`)?.focus();
    }
  }, [state.shown, state.sessions.length]);
  useShortcuts([
    { keys: '?', scope: text.shortcuts.everywhere, meaning: text.shortcuts.showList, run: () => setHelping(true) },
    { keys: 'Ctrl+Alt+l', scope: text.shortcuts.everywhere, meaning: text.locked.lockNow, run: () => state.lock() },
    { keys: '/', scope: text.shortcuts.everywhere, meaning: text.shortcuts.search, run: focusSearch },
    ...pages.filter((entry) => entry.keys && state.me && entry.may(state.me)).map((entry) => ({
      keys: entry.keys!, scope: text.shortcuts.everywhere, meaning: text.shortcuts.goTo(entry.title()),
      run: () => go(entry.path),
    })),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].slice(0, state.sessions.length + 1).map((place) => ({
      keys: `Alt+${place}`, scope: text.shortcuts.everywhere, meaning: text.shortcuts.tab(place),
      run: () => state.show(place === 1 ? 'home' : state.sessions[place - 2]?.id ?? 'home'),
    })),
  ]);
  return (
    <>
    <div class={`workspace ${state.locked ? 'covered' : ''}`} inert={state.locked}>
      <header class="top">
        <Brand name={state.me?.appliance.name} />
        <Tabs state={state} />
        <div class="account">
          <span class={`live-sign ${state.eventsUp ? 'up' : 'down'}`} role="img"
            aria-label={state.eventsUp ? text.shell.eventsUp : text.shell.eventsDown}
            title={state.eventsUp ? text.shell.eventsUp : text.shell.eventsDown} data-testid="events-state"
            data-up={state.eventsUp}>
            <Icon name="live" />
          </span>
          <AvailabilityMenu state={state} />
          <AccountMenu state={state} />
        </div>
      </header>
      <div class="lost-slot" role="alert" data-testid="connection-lost">
        {state.lost && (
          <div class="lost-line">
            <Icon name="warning" />
            <span>{text.shell.lost}</span>
            <button type="button" onClick={() => state.retryNow()}>{text.shell.tryNow}</button>
          </div>
        )}
      </div>
      <main id="content" tabIndex={-1}>
        <div class="panel panel-home" role="tabpanel" id="panel-home" aria-labelledby="tab-home" hidden={state.shown !== 'home'}>
          <Frame state={state} />
        </div>
        {state.sessions.map((session) => (
          <div key={session.id} class="panel" role="tabpanel" id={`panel-${session.id}`}
            aria-labelledby={`tab-${session.id}`} hidden={state.shown !== session.id}>
            <SessionTab state={state} session={session} shown={state.shown === session.id} />
          </div>
        ))}
        {state.detached.map((one) => (
          <div key={`window-${one.id}`} class="panel" role="tabpanel" id={`panel-${one.id}`} aria-labelledby={`tab-${one.id}`}
            hidden={state.shown !== one.id}>
            <DetachedPanel state={state} detached={one} />
          </div>
        ))}
      </main>
      <DeskRegion state={state} />
      {helping && !state.locked && <ShortcutDialog onClose={() => setHelping(false)} />}
    </div>
    {state.locked && <LockedConsole state={state} />}
    </>
  );
}

/* The window of one session. */
function SoloWorkspace({ state }: { state: ConsoleState }) {
  const [helping, setHelping] = useState(false);
  useShortcuts([
    { keys: '?', scope: text.shortcuts.everywhere, meaning: text.shortcuts.showList, run: () => setHelping(true) },
  ]);
  const session = state.sessions[0];
  useEffect(() => {
    document.title = session?.name ?? text.common.product;
  }, [session?.name]);
  return (
    <>
    <div class={`workspace solo ${state.locked ? 'covered' : ''}`} inert={state.locked}>
      <main id="content" tabIndex={-1}>
        {session ? <div class="panel"><SessionTab state={state} session={session} shown /></div>
          : <p class="empty" role="status">{text.common.loading}</p>}
      </main>
      {helping && !state.locked && <ShortcutDialog onClose={() => setHelping(false)} />}
    </div>
    {state.locked && <LockedConsole state={state} />}
    </>
  );
}

/* The filter of the page in view. */
function focusSearch(): void {
  const all = [...document.querySelectorAll<HTMLInputElement>('.panel:not([hidden]) input[type="search"]')];
  (all.find((input) => input.checkVisibility()) ?? all[0])?.focus();
}

/* One tab stop; the arrow keys, Home and End move between tabs. */
function Tabs({ state }: { state: ConsoleState }) {
  const order: ('home' | number)[] = ['home', ...state.sessions.map((session) => session.id),
    ...state.detached.map((one) => one.id)];
  const onKeyDown = (event: KeyboardEvent) => {
    const at = order.indexOf(state.shown);
    const to = event.key === 'ArrowRight' ? (at + 1) % order.length
      : event.key === 'ArrowLeft' ? (at + order.length - 1) % order.length
      : event.key === 'Home' ? 0 : event.key === 'End' ? order.length - 1 : -1;
    if (to >= 0) {
      event.preventDefault();
      state.show(order[to]!);
      document.getElementById(`tab-${order[to]!}`)?.focus();
    }
  };
  const waiting = state.queue?.length ?? 0;
  return (
    <div class="tabs" role="tablist" aria-label={text.shell.tabs} onKeyDown={onKeyDown}>
      <button type="button" role="tab" id="tab-home" aria-controls="panel-home" aria-selected={state.shown === 'home'}
        tabIndex={state.shown === 'home' ? 0 : -1} data-testid="home-tab" onClick={() => state.show('home')}>
        <Icon name="home" />
        <span>{text.shell.home}</span>
        {waiting > 0 && <span class="badge">{waiting}</span>}
      </button>
      {state.sessions.map((session) => (
        <SessionTabButton key={session.id} state={state} session={session} />
      ))}
      {state.detached.map((one) => (
        <button key={one.id} type="button" role="tab" id={`tab-${one.id}`} aria-controls={`panel-${one.id}`}
          aria-selected={state.shown === one.id} tabIndex={state.shown === one.id ? 0 : -1}
          data-testid={`session-tab-${one.id}`} onClick={() => state.show(one.id)}>
          <Icon name="window" />
          <bdi class="tab-name">{one.name}</bdi>
          <span class="visually-hidden">, {text.side.window.tab}</span>
        </button>
      ))}
    </div>
  );
}

function SessionTabButton({ state, session }: { state: ConsoleState; session: Session }) {
  useWatch(session);
  const selected = state.shown === session.id;
  return (
    <button type="button" role="tab" id={`tab-${session.id}`} aria-controls={`panel-${session.id}`}
      aria-selected={selected} tabIndex={selected ? 0 : -1} data-testid={`session-tab-${session.id}`}
      onClick={() => state.show(session.id)}>
      <span class={`dot dot-${session.state}`} aria-hidden="true" />
      <bdi class="tab-name">{session.name}</bdi>
      <span class="visually-hidden">, {text.shell.tabState[session.state]}</span>
      {session.unread > 0 && !selected && <span class="badge">{session.unread}</span>}
    </button>
  );
}
