/* SPDX-License-Identifier: Apache-2.0 */
/* What the console knows: who is signed in, the lists, the open sessions, and which tab is shown. */
import { accountApi, type Me, type NextStep, type SecondStep, type SignedIn } from './api/account';
import { jumpApi, type JumpHow, type JumpItem, type JumpTicket } from './api/jump';
import { ApiError, sentence, whenSignedOut } from './api/request';
import { type Invitation, queueApi, type QueueEntry } from './api/queue';
import { sessionToolsApi } from './api/session_tools';
import { type SessionEntry, sessionsApi, type SessionTicket } from './api/sessions';
import { approvals } from './approvals';
import { desk } from './desk';
import { EventStream, type EventNotice } from './events';
import { takeJumpLink } from './jump_link';
import { Observable } from './observable';
import { Session } from './session/session';
import {
  holdSession, onWindows, openWindow, sessionOfWindow, sessionsInWindows, tellAlive, tellWindows, windowGone,
} from './session/windows';
import { tellEvent } from './live_events';
import { findPage, START_PATH } from './pages';
import { readLocked, readTabs, writeLocked, writeTabs } from './open_tabs';
import { remembered } from './remembered';
import { go, hrefOf, parseRoute, router, type Route } from './route';
import { settings } from './settings';
import { notice, play } from './sounds';
import { teamChat } from './team_chat';
import { text } from './text';
import { toast } from './view/toast';
import { Ed25519Missing, HolderKey } from './wire/ticket';

export type Phase = 'loading' | 'unsupported' | 'unreachable' | 'sign-in' | 'agreement' | 'change-password'
  | 'second-factor-setup' | 'signed-in';

/* A session that is in a window of its own. */
export interface DetachedSession {
  readonly id: number;
  readonly name: string;
  readonly watching: boolean;
  readonly opened: Window | null; /* when this page opened it */
}

const POLL_MS = 5_000;
/* With live updates on, a slow check still heals a lost event. */
const POLL_BACKSTOP_MS = 60_000;

/** What one page shows; who has more searches for them. */
const JUMP_ITEMS_SHOWN_MAX = 500;

/* How long live updates may be gone before the page says so. */
const LOST_AFTER_MS = 2_000;

/* The session that a path is of; 0: none. */
function sessionOf(path: string): number {
  return Number(/^\/session\/(\d{1,10})$/.exec(path)?.[1] ?? 0);
}

/* Events that call a person by sound and notice. */
const callers: ReadonlySet<string> = new Set([
  'session_waiting', 'session_offered', 'offer_over', 'invited', 'session_overdue', 'queue_alert',
]);

export class ConsoleState extends Observable {
  phase: Phase = 'loading';
  notice = ''; /* why one is at the sign-in form or cannot go on */
  me: Me | null = null;
  jumpItems: JumpItem[] | null = null;
  found: { text: string; items: readonly JumpItem[]; count: number } | null = null; /* by a link to Jump */
  queue: readonly QueueEntry[] | null = null; /* everybody who waits where one may see it */
  clockSkew = 0; /* the appliance's clock less this computer's, as of the queue */
  openSessions: SessionEntry[] = [];
  otherSessions: readonly SessionEntry[] = []; /* those an administrator may watch */
  listError = '';
  eventsUp = false;
  sessions: Session[] = [];
  detached: DetachedSession[] = [];
  readonly solo = sessionOfWindow(); /* this page is the window of one session */
  shown: 'home' | number = 'home';
  announcement = '';
  /* The password typed at sign-in, kept only until the forced change is done, which must repeat it. */
  signInPassword = '';
  secondStep: SecondStep | null = null; /* the password was right, the second factor is asked for */
  user = ''; /* who signed in, for password managers */
  homeRoute: Route = parseRoute(`#${START_PATH}`); /* the page beside the sessions */
  lost = false; /* the live connection has been gone for more than a moment */
  locked = false; /* the console is covered until its person proves to be there */

  #holder: HolderKey | null = null;
  #events: EventStream | null = null;
  #poll: number | null = null;
  #announceTurn = false;
  #lostTimer: number | null = null;
  #retryTimer: number | null = null;
  #queueFetch: Promise<void> | null = null;
  #queueAgain = false;
  #wasUp = false; /* events came before: some may have been missed */

  constructor(readonly codecUrl: string) {
    super();
    router.watch((route) => this.#onRoute(route));
    onWindows((told) => {
      if (told.lock) {
        this.lock(); /* who leaves the console alone leaves its windows alone */
      }
      if (told.alive && this.solo === null) {
        window.dispatchEvent(new Event('pointermove')); /* counts as a sign of life here */
      }
      if (told.close !== undefined && told.close === this.solo) {
        window.close();
      }
    });
    settings.watch(() => this.changed());
    whenSignedOut((said) => this.#leave(said || text.signIn.signedOut));
    window.addEventListener('online', () => this.retryNow());
    window.addEventListener('offline', () => this.#setLost(this.phase === 'signed-in'));
  }

  /* Whether the person has a right (control/API.md); control decides for itself. */
  may(right: string): boolean {
    return this.me?.rights.includes(right) ?? false;
  }

  /* null: the person's own queue. */
  queueName(team: number | null): string {
    return team === null ? text.queues.personal : this.me?.teams.find((one) => one.id === team)?.name ?? `#${team}`;
  }

  async start(): Promise<void> {
    try {
      this.#holder = await HolderKey.create();
    } catch (error) {
      this.#goTo('unsupported', error instanceof Ed25519Missing ? text.common.errors.noEd25519 : text.common.errors.unexpected);
      return;
    }
    await this.loadMe();
  }

  /* The network is back, or the person does not want to wait. */
  retryNow(): void {
    if (this.phase === 'unreachable') {
      void this.loadMe();
    }
    this.#events?.retryNow();
    if (this.eventsUp) { /* it only seemed to be gone */
      this.#setLost(false);
      void this.refresh();
    }
  }

  async loadMe(): Promise<void> {
    if (this.#retryTimer !== null) {
      window.clearTimeout(this.#retryTimer);
      this.#retryTimer = null;
    }
    try {
      const me = await accountApi.me();
      this.me = me;
      this.user = me.account.user;
      this.#goOn(me.next ?? null);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.#goTo('sign-in', '');
      } else {
        this.#goTo('unreachable', sentence(error));
        this.#retryTimer = window.setTimeout(() => void this.loadMe(), POLL_MS);
      }
    }
  }

  async signIn(user: string, password: string, remember: boolean): Promise<void> {
    const reply = await accountApi.signIn(user, password, remember);
    this.user = user;
    this.signInPassword = password;
    if (reply.next === 'second_factor') {
      this.secondStep = reply;
      this.#goTo('sign-in', '');
    } else {
      await this.finishSignIn(Promise.resolve(reply));
    }
  }

  /* The last step of signing in: there is a cookie now. */
  async finishSignIn(step: Promise<SignedIn>): Promise<void> {
    const { next } = await step;
    writeLocked(0, false); /* whoever signed in just now is there */
    this.secondStep = null;
    if (next !== 'password' && next !== 'agreement') {
      this.signInPassword = '';
    }
    await this.finishStep(Promise.resolve({ next }));
  }

  /* A step that was due is done; the next one, or the console. */
  async finishStep(step: Promise<SignedIn>): Promise<void> {
    const { next } = await step;
    if (next === null) {
      await this.loadMe();
    } else {
      this.#goOn(next);
    }
  }

  startAgain(): void {
    this.secondStep = null;
    this.signInPassword = '';
    this.#goTo('sign-in', '');
  }

  #goOn(next: NextStep): void {
    if (next === 'agreement') {
      this.#goTo('agreement', '');
    } else if (next === 'password') {
      this.#goTo('change-password', '');
    } else if (next === 'second_factor_setup') {
      this.#goTo('second-factor-setup', '');
    } else {
      this.signInPassword = '';
      this.#enter();
    }
  }

  async changePassword(current: string, next: string): Promise<void> {
    await accountApi.changePassword(current, next);
    this.signInPassword = '';
    if (this.phase === 'change-password') {
      await this.loadMe();
    }
    this.announce(text.password.changed);
  }

  /* Covers the console until its person gives the password. Sessions and live updates go on. */
  lock(): void {
    if (this.me && !this.locked) {
      this.locked = true;
      writeLocked(this.me.account.id, true);
      tellWindows({ lock: true });
      this.changed();
    }
  }

  async unlock(password: string): Promise<void> {
    await accountApi.checkPassword(password);
    this.locked = false;
    if (this.me) {
      writeLocked(this.me.account.id, false);
    }
    this.changed();
  }

  async signOut(): Promise<void> {
    if (this.me) {
      writeLocked(this.me.account.id, false);
      writeTabs(this.me.account.id, []);
    }
    await accountApi.signOut().catch(() => undefined);
    this.#leave(text.signIn.signedOut);
  }

  /* Polite announcements for screen readers; the same sentence twice must still be said twice. */
  announce(message: string): void {
    this.#announceTurn = !this.#announceTurn;
    this.announcement = this.#announceTurn ? message : `${message}\u00a0`;
    this.changed();
  }

  show(tab: 'home' | number): void {
    this.shown = tab;
    this.changed();
    go(tab === 'home' ? this.#homeHash : `/session/${tab}`);
  }

  async jump(item: Pick<JumpItem, 'id' | 'name'>, how: JumpHow = {}): Promise<JumpTicket> {
    const ticket = await jumpApi.jump(item.id, this.#key().publicKey, how);
    this.#open(ticket, item.name);
    const opened = this.sessions.find((session) => session.id === ticket.session);
    if (opened && ticket.waking) {
      opened.wakeS = ticket.wake_s ?? 30;
    }
    return ticket;
  }

  /* Shows all Jump Items again. */
  forgetFound(): void {
    this.found = null;
    this.changed();
  }

  async #followJumpLink(): Promise<void> {
    const wanted = takeJumpLink();
    if (wanted === '') {
      return;
    }
    try {
      const reply = await jumpApi.searchAndJump(wanted, this.#key().publicKey);
      if ('ticket' in reply) {
        this.#open(reply, this.jumpItems?.find((item) => item.id === reply.jump_item)?.name ?? wanted);
      } else {
        this.found = { text: wanted, items: reply.jump_items, count: reply.count };
        this.show('home');
        this.announce(reply.count === 0 ? text.home.noMatch(wanted) : text.home.shown(reply.jump_items.length, reply.count));
      }
    } catch (error) {
      toast(sentence(error), 'error');
      if ([...wanted].length >= 3) {
        go(hrefOf('/jump', { text: wanted })); /* what a policy asks for is asked for there */
      }
    }
  }

  async accept(entry: { readonly session: number; readonly customer: string }): Promise<void> {
    this.#open(await sessionsApi.accept(entry.session, this.#key().publicKey), entry.customer || text.home.unnamedCustomer);
  }

  /* Takes whoever is next in all queues. */
  async takeNext(): Promise<void> {
    const ticket = await queueApi.next(this.#key().publicKey);
    const entry = this.queue?.find((one) => one.session === ticket.session);
    this.#open(ticket, entry?.customer || text.home.unnamedCustomer);
  }

  async takeOver(entry: { readonly session: number; readonly customer: string }): Promise<void> {
    this.#open(await queueApi.takeOver(entry.session, this.#key().publicKey), entry.customer || text.home.unnamedCustomer);
  }

  async acceptInvitation(invitation: Invitation): Promise<void> {
    this.#open(await queueApi.acceptInvitation(invitation.invitation, this.#key().publicKey),
      invitation.customer || text.home.unnamedCustomer);
  }

  async join(entry: { readonly id: number; readonly customer: string }): Promise<void> {
    this.#open(await sessionsApi.join(entry.id, this.#key().publicKey), entry.customer || text.home.unnamedCustomer);
  }

  async watchSession(entry: SessionEntry): Promise<void> {
    this.#open(await sessionsApi.watch(entry.id, this.#key().publicKey), entry.customer, true);
  }

  /* Gives the session to a window of its own; it comes back when that is gone. */
  detach(session: Session): void {
    const opened = openWindow(session.id);
    if (!opened) {
      toast(text.side.window.blocked, 'error');
      return;
    }
    session.leave();
    this.sessions = this.sessions.filter((other) => other !== session);
    this.#addDetached({ id: session.id, name: session.name, watching: session.watching, opened });
  }

  bringBack(detached: DetachedSession): void {
    tellWindows({ close: detached.id });
  }

  #addDetached(detached: DetachedSession): void {
    this.detached = [...this.detached, detached];
    this.#storeTabs();
    this.changed();
    const account = this.me!.account.id;
    void windowGone(account, detached.id, detached.opened).then(() => {
      if (this.detached.includes(detached)) {
        this.detached = this.detached.filter((other) => other !== detached);
        this.#take(detached.id, detached.name, detached.watching);
        this.#storeTabs();
        this.changed();
      }
    });
  }

  /* Into a tab of this page, with a new ticket. */
  #take(id: number, name: string, watching: boolean): void {
    const session = this.#newSession(id, name, watching);
    this.sessions = [...this.sessions, session];
    void session.start(null);
  }

  /* This page is one session's window: it has the session, and shows nothing else. */
  async #enterSolo(id: number): Promise<void> {
    const account = this.me!.account.id;
    holdSession(account, id);
    tellAlive();
    await this.#loadSettings();
    const facts = await sessionToolsApi.show(id).catch(() => null);
    const watching = facts?.participants.some((one) => one.account === account && one.relation === 'watcher') ?? false;
    this.#take(id, facts?.name || facts?.customer || text.home.unnamedCustomer, watching);
    this.shown = id;
    this.changed();
  }

  closeTab(session: Session): void {
    session.leave();
    if (this.solo !== null) {
      window.close();
    }
    const at = this.sessions.indexOf(session);
    this.sessions = this.sessions.filter((other) => other !== session);
    this.#storeTabs();
    if (this.shown === session.id) {
      const neighbour = this.sessions[Math.min(at, this.sessions.length - 1)];
      this.show(neighbour && neighbour.state !== 'ended' ? neighbour.id : 'home');
    }
    this.changed();
    void this.refresh();
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#fetchJumpItems(), this.#fetchQueue(), this.#fetchSessions(), this.#fetchOthers()]);
  }

  #key(): HolderKey {
    if (!this.#holder) {
      throw new Error('no key yet');
    }
    return this.#holder;
  }

  #goTo(phase: Phase, why: string): void {
    this.phase = phase;
    this.notice = why;
    this.changed();
  }

  get #homeHash(): string {
    const query = this.homeRoute.query.toString();
    return this.homeRoute.path + (query === '' ? '' : `?${query}`);
  }

  #onRoute(route: Route): void {
    const session = sessionOf(route.path);
    if (session === 0) {
      this.homeRoute = route;
      this.shown = 'home';
    } else if (this.#has(session)) {
      this.shown = session;
    } else {
      this.show('home'); /* it is not open here any more */
    }
    this.changed();
  }

  #has(session: number): boolean {
    return [...this.sessions, ...this.detached].some((one) => one.id === session);
  }

  /* The page that the address names, or the first. A session waits until the tabs are back. */
  #startRoute(): void {
    if (sessionOf(router.route.path)) {
      return;
    }
    if (findPage(router.route.path) || /^\/(admin|reports)$/.test(router.route.path)) {
      this.#onRoute(router.route);
    } else {
      go(START_PATH, { replace: true });
    }
  }

  /* The page was loaded again: the sessions it had come back by themselves, each with a new ticket, or are in the
   * windows they were in. */
  async #restoreTabs(): Promise<void> {
    await this.#loadSettings();
    const wanted = sessionOf(router.route.path);
    const tabs = this.me && settings.value('restore_tabs') !== 'off' ? readTabs(this.me.account.id) : [];
    const elsewhere = this.me ? await sessionsInWindows(this.me.account.id).catch(() => [] as number[]) : [];
    for (const tab of tabs.filter((one) => !this.#has(one.id))) {
      if (elsewhere.includes(tab.id)) {
        this.#addDetached({ ...tab, opened: null });
      } else {
        this.#take(tab.id, tab.name, tab.watching);
      }
    }
    this.changed();
    if (wanted && !this.#has(wanted)) {
      await this.#openLinked(wanted);
    } else if (wanted) {
      this.#onRoute(router.route);
    }
  }

  /* An address of a session that this window does not have: opened if one takes part in it. */
  async #openLinked(id: number): Promise<void> {
    try {
      const entry = (await sessionsApi.mine()).sessions.find((one) => one.id === id && one.state === 'active');
      if (entry) {
        await this.join(entry);
        return;
      }
      toast(text.shell.sessionGone, 'info');
    } catch (error) {
      toast(sentence(error), 'error');
    }
    this.#onRoute(router.route);
  }

  #newSession(id: number, name: string, watching: boolean): Session {
    const session = new Session(id, name, this.#key(), (said) => this.announce(said), this.codecUrl, watching);
    session.onUnread = (from, message) => {
      play('chat');
      notice(from, message, `chat-${id}`);
    };
    return session;
  }

  #storeTabs(): void {
    if (this.me && this.solo === null) {
      writeTabs(this.me.account.id, [...this.sessions.filter((session) => session.state !== 'ended'), ...this.detached]
        .map(({ id, name, watching }) => ({ id, name, watching })));
    }
  }

  async #loadSettings(): Promise<void> {
    try {
      const names = (await settings.load()).map((row) =>
        (text.settings.names as Readonly<Record<string, string>>)[row.name] ?? row.meaning);
      if (names.length > 0) {
        toast(text.settings.changedElsewhere(names.join(', ')), 'info');
      }
    } catch {
      /* They stay as they were; the next event or sign-in fetches them again. */
    }
  }

  /* What one may do has changed, perhaps. */
  async #loadRights(): Promise<void> {
    await this.#fetch(async () => (this.me = await accountApi.me()));
  }

  #enter(): void {
    remembered.open(this.me!.account.id);
    this.locked = readLocked(this.me!.account.id);
    if (this.solo === null) {
      this.#startRoute();
      void this.#restoreTabs();
    } else {
      void this.#enterSolo(this.solo);
    }
    teamChat.open(this.me!.account.id);
    approvals.open(this.me!.account.user, () => this.may('approve_jumps'));
    this.#goTo('signed-in', '');
    this.#events?.stop();
    this.#events = new EventStream({
      onEvent: (event) => this.#onEvent(event),
      onUp: () => this.#setEvents(true),
      onDown: () => this.#setEvents(false),
      onSignedOut: () => this.#leave(text.signIn.signedOut),
    }, this.#key());
    void this.#events.start();
    this.#pollLater();
    desk.announce = (said) => this.announce(said);
    void desk.fetchInvitations();
    void this.refresh().then(() => this.#followJumpLink());
  }

  #leave(notice: string): void {
    if (this.phase === 'loading' || this.phase === 'unsupported' || this.phase === 'sign-in') {
      return;
    }
    this.#events?.stop();
    this.#events = null;
    this.#wasUp = false;
    this.eventsUp = false;
    this.#setLost(false);
    if (this.#poll !== null) {
      window.clearTimeout(this.#poll);
      this.#poll = null;
    }
    for (const session of this.sessions) {
      session.leave();
    }
    this.sessions = [];
    this.detached = [];
    this.shown = 'home';
    remembered.flush();
    teamChat.close();
    approvals.close();
    this.me = null;
    this.found = null;
    this.jumpItems = null;
    this.queue = null;
    desk.clear();
    this.openSessions = [];
    this.otherSessions = [];
    this.signInPassword = '';
    this.#goTo('sign-in', notice);
  }

  #open(ticket: SessionTicket, name: string, watching = false): void {
    if (this.detached.some((one) => one.id === ticket.session)) {
      this.show(ticket.session);
      return;
    }
    const there = this.sessions.find((session) => session.id === ticket.session);
    if (there && (there.state === 'live' || there.state === 'connecting')) {
      this.show(there.id);
      return;
    }
    if (there) {
      there.leave();
      this.sessions = this.sessions.filter((other) => other !== there);
    }
    const session = this.#newSession(ticket.session, name, watching);
    this.sessions = [...this.sessions, session];
    this.#storeTabs();
    this.show(session.id);
    void session.start(ticket.ticket);
    void this.refresh();
  }

  #setLost(lost: boolean): void {
    if (this.#lostTimer !== null) {
      window.clearTimeout(this.#lostTimer);
      this.#lostTimer = null;
    }
    if (lost !== this.lost) {
      this.lost = lost;
      this.announce(lost ? text.shell.lost : text.shell.backAgain);
    }
  }

  #setEvents(up: boolean): void {
    if (up) {
      this.#setLost(false);
    } else if (this.#wasUp && !this.lost) {
      this.#lostTimer ??= window.setTimeout(() => this.#setLost(true), LOST_AFTER_MS);
    }
    if (up !== this.eventsUp) {
      this.eventsUp = up;
      this.changed();
      this.#pollLater();
    }
    if (up) {
      void this.refresh();
      if (this.#wasUp) {
        void this.#loadRights();
        void this.#loadSettings();
        tellEvent({ type: 'reconnected' });
      }
      this.#wasUp = true;
    }
  }

  #pollLater(): void {
    if (this.#poll !== null) {
      window.clearTimeout(this.#poll);
    }
    this.#poll = window.setTimeout(() => {
      void this.refresh().finally(() => {
        if (this.phase === 'signed-in') {
          this.#pollLater();
        }
      });
    }, this.eventsUp ? POLL_BACKSTOP_MS : POLL_MS);
  }

  #onEvent(event: EventNotice): void {
    if (this.solo !== null && callers.has(event.type)) {
      return; /* the console calls its person, once */
    }
    tellEvent(event);
    switch (event.type) {
      case 'jump_items_changed': /* a session with one of them has begun or ended, too */
        void this.#fetchJumpItems();
        void this.#fetchOthers();
        return;
      case 'queue_changed':
        void this.#fetchQueue();
        return;
      case 'sessions_changed':
        void this.#fetchSessions();
        return;
      case 'session_waiting': {
        const said = text.home.customerWaiting(event.customer || text.home.unnamedCustomer);
        this.announce(said);
        play('waiting');
        notice(this.me?.appliance.name ?? text.common.product, said, `waiting-${event.session ?? 0}`);
        void this.#fetchQueue();
        return;
      }
      case 'session_overdue':
        this.#warn(text.queues.overdueNotice(event.customer || text.home.unnamedCustomer, this.queueName(event.team ?? null)),
          `overdue-${event.session ?? 0}`);
        void this.#fetchQueue();
        return;
      case 'queue_alert':
        this.#warn(text.queues.alertNotice(event.name || this.queueName(event.team ?? null), event.waiting ?? 0),
          `alert-${event.team ?? 0}`);
        return;
      case 'settings_changed':
        void this.#loadSettings();
        return;
      case 'policies_changed':
      case 'teams_changed':
        void this.#loadRights();
        return;
      case 'session_ended':
        this.sessions.find((session) => session.id === event.session)?.endedElsewhere(event.text ?? '');
        void this.#fetchSessions();
        return;
      case 'signed_out':
        this.#leave(event.text || text.signIn.signedOut);
        return;
      default:
        return;
    }
  }

  async #fetchJumpItems(): Promise<void> {
    await this.#fetch(async () => {
      const all: JumpItem[] = [];
      let next: number | null = 0;
      while (next !== null && all.length < JUMP_ITEMS_SHOWN_MAX) {
        const page: Awaited<ReturnType<typeof jumpApi.items>> = await jumpApi.items(next);
        all.push(...page.jump_items);
        next = page.next ?? null;
      }
      this.jumpItems = all;
    });
  }

  /* Events come in bursts: while one fetch is under way, one more is enough for all of them. */
  async #fetchQueue(): Promise<void> {
    if (this.#queueFetch !== null) {
      this.#queueAgain = true;
      return this.#queueFetch;
    }
    this.#queueFetch = this.#fetch(async () => {
      do {
        this.#queueAgain = false;
        const reply = await queueApi.waiting();
        this.clockSkew = reply.now_unix_ms - Date.now();
        this.queue = reply.queue;
        desk.takeQueue(reply.queue, this.me?.account.id ?? 0, this.clockSkew);
      } while (this.#queueAgain && this.phase === 'signed-in');
    }).finally(() => (this.#queueFetch = null));
    return this.#queueFetch;
  }

  refreshQueue(): Promise<void> {
    return this.#fetchQueue();
  }

  #warn(said: string, tag: string): void {
    toast(said, 'info');
    play('waiting');
    notice(this.me?.appliance.name ?? text.common.product, said, tag);
  }

  async #fetchSessions(): Promise<void> {
    await this.#fetch(async () => (this.openSessions = (await sessionsApi.mine()).sessions));
  }

  async #fetchOthers(): Promise<void> {
    if (this.me?.account.is_admin) {
      await this.#fetch(async () => (this.otherSessions = (await sessionsApi.toWatch()).sessions));
    }
  }

  async #fetch(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
      this.listError = '';
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.#leave(error.message || text.signIn.signedOut);
        return;
      }
      if (error instanceof ApiError && error.code === 'CHANGE_PASSWORD') {
        this.#leave('');
        this.#goTo('change-password', '');
        return;
      }
      this.listError = sentence(error);
    }
    this.changed();
  }
}
