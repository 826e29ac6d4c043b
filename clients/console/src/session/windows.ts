/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions in windows of their own. A session is in one window at a time: the window that has it holds a lock of the
 * browser, which ends with the window however it ends (closed, crashed), so the console knows and takes it back.
 *
 *   console: leaves the session, opens /console/?window=ID, waits for the window to hold the lock, then for its end
 *   window:  holds the lock, joins with a ticket of its own
 */
const CHANNEL = 'causeway.windows';
const FEATURES = 'popup,width=1200,height=820';
const OPEN_MOST_MS = 20_000;
const LOOK_MS = 200;
/* A window that is loaded again lets go of the lock and holds it again in this time. */
const RELOAD_MS = 2_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/* The session that this page is the window of; null: it is a whole console. */
export function sessionOfWindow(): number | null {
  const wanted = Number(new URLSearchParams(location.search).get('window') ?? '');
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : null;
}

const lockName = (account: number, session: number) => `causeway.session.${account}.${session}`;

async function isHeld(name: string): Promise<boolean> {
  return (await navigator.locks.query()).held?.some((lock) => lock.name === name) ?? false;
}

/* The sessions of the account that are in windows now. */
export async function sessionsInWindows(account: number): Promise<number[]> {
  const start = lockName(account, 0).slice(0, -1);
  const held = (await navigator.locks.query()).held ?? [];
  return held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(start))
    .map((name) => Number(name.slice(start.length))).filter((id) => Number.isSafeInteger(id) && id > 0);
}

/* null: the browser does not allow it. */
export function openWindow(session: number): Window | null {
  return window.open(`/console/?window=${session}`, `causeway-session-${session}`, FEATURES);
}

/* Resolves when no window has the session any more. opened: the window, when this page opened it just now. */
export async function windowGone(account: number, session: number, opened: Window | null): Promise<void> {
  const name = lockName(account, session);
  const until = performance.now() + OPEN_MOST_MS;
  while (opened && !opened.closed && performance.now() < until && !(await isHeld(name))) {
    await pause(LOOK_MS);
  }
  while (await isHeld(name)) {
    await navigator.locks.request(name, () => undefined);
    await pause(RELOAD_MS);
  }
}

/* In a session's window: has the session until the window is gone. */
export function holdSession(account: number, session: number): void {
  void navigator.locks.request(lockName(account, session), () => new Promise<void>(() => undefined));
}

/* What the console and the windows of its sessions tell each other. */
export interface WindowNotice {
  readonly close?: number; /* the window of this session */
  readonly lock?: boolean;
  readonly alive?: boolean; /* somebody is at one of the windows */
}

export function tellWindows(notice: WindowNotice): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(notice);
  channel.close();
}

export function onWindows(run: (notice: WindowNotice) => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', (event: MessageEvent<WindowNotice>) => run(event.data));
}

const ALIVE_MS = 10_000;

/* In a session's window: whoever works here is not away from the console. */
export function tellAlive(): void {
  let last = 0;
  for (const type of ['pointerdown', 'pointermove', 'keydown', 'wheel']) {
    window.addEventListener(type, () => {
      if (Date.now() - last > ALIVE_MS) {
        last = Date.now();
        tellWindows({ alive: true });
      }
    }, { capture: true, passive: true });
  }
}
