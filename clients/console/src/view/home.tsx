/* SPDX-License-Identifier: Apache-2.0 */
/* The home tab: Jump Items, the personal queue, open sessions. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JumpItem } from '../api/jump';
import { sentence } from '../api/request';
import type { QueueEntry, SessionEntry } from '../api/sessions';
import type { ConsoleState } from '../console_state';
import { text } from '../text';
import { formatAgo, formatDateTime } from '../text/format';
import { EnrolmentDialog, SessionKeyDialog } from './dialogs';
import { useNow } from './hooks';
import { ErrorLine } from './parts';

const NOW_INTERVAL_MS = 15_000;

export function Home({ state }: { state: ConsoleState }) {
  const [dialog, setDialog] = useState<'none' | 'key' | 'enrolment'>('none');
  const [error, setError] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  const now = useNow(NOW_INTERVAL_MS);
  useEffect(() => title.current?.focus(), []);

  const attempt = async (run: () => Promise<void>) => {
    setError('');
    try {
      await run();
    } catch (caught) {
      setError(sentence(caught));
      void state.refresh();
    }
  };

  return (
    <div class="home">
      <header class="home-head">
        <h1 ref={title} tabIndex={-1}>{text.home.title}</h1>
        <div class="actions">
          {state.me?.account.is_admin && (
            <button type="button" data-testid="create-enrolment-token" onClick={() => setDialog('enrolment')}>
              {text.enrolment.create}
            </button>
          )}
          <button type="button" class="primary" data-testid="create-session-key" onClick={() => setDialog('key')}>
            {text.sessionKey.create}
          </button>
        </div>
      </header>
      <ErrorLine testId="home-error">{error || state.listError}</ErrorLine>
      <div class="home-columns">
        <JumpItems state={state} now={now} onJump={(item) => attempt(async () => void await state.jump(item))} />
        <div class="side">
          <Queue queue={state.queue} now={now} onAccept={(entry) => attempt(() => state.accept(entry))} />
          <OpenSessions state={state} onOpen={(entry) => attempt(() => state.join(entry))} />
          <OtherSessions state={state} onWatch={(entry) => attempt(() => state.watchSession(entry))} />
        </div>
      </div>
      {dialog === 'key' && <SessionKeyDialog onClose={() => setDialog('none')} />}
      {dialog === 'enrolment' && <EnrolmentDialog onClose={() => setDialog('none')} />}
    </div>
  );
}

function matches(item: JumpItem, filter: string): boolean {
  const haystack = `${item.name}\n${item.group}\n${item.hostname}\n${item.user}`.toLocaleLowerCase();
  return filter.toLocaleLowerCase().split(/\s+/).every((word) => haystack.includes(word));
}

interface JumpItemsProps {
  state: ConsoleState;
  now: number;
  onJump: (item: JumpItem) => Promise<void>;
}

/* What a link to Jump has found, as it is now, until somebody filters. */
function JumpItems({ state, now, onJump }: JumpItemsProps) {
  const [typed, setTyped] = useState('');
  const { found, jumpItems: items } = state;
  const filter = found ? found.text : typed;
  const shown = found ? found.items.map((row) => items?.find((item) => item.id === row.id) ?? row)
    : items?.filter((item) => matches(item, filter)) ?? [];
  const type = (value: string) => {
    if (found) {
      state.forgetFound();
    }
    setTyped(value);
  };
  return (
    <section class="card" aria-labelledby="jump-items-title">
      <div class="card-head">
        <h2 id="jump-items-title">{text.home.jumpItems}</h2>
        <div class="filter">
          <label class="visually-hidden" for="jump-filter">{text.home.filter}</label>
          <input id="jump-filter" type="search" data-testid="jump-filter" placeholder={text.home.filter} value={filter}
            autocomplete="off" spellcheck={false} onInput={(event) => type(event.currentTarget.value)} />
        </div>
        <p class="count" role="status">{items ? text.home.shown(shown.length, found ? found.count : items.length) : ''}</p>
      </div>
      {items === null ? <p class="empty">{text.common.loading}</p>
        : items.length === 0 ? <p class="empty">{text.home.none}</p>
        : shown.length === 0 ? <p class="empty">{text.home.noMatch(filter)}</p>
        : <JumpTable items={shown} now={now} onJump={onJump} />}
    </section>
  );
}

function JumpTable({ items, now, onJump }: { items: readonly JumpItem[]; now: number; onJump: JumpItemsProps['onJump'] }) {
  const columns = text.home.columns;
  return (
    <table class="items" aria-labelledby="jump-items-title">
      <thead>
        <tr>
          <th scope="col">{columns.name}</th>
          <th scope="col">{columns.group}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.lastAccess}</th>
          <th scope="col"><span class="visually-hidden">{columns.action}</span></th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => <JumpRow key={item.id} item={item} now={now} onJump={onJump} />)}
      </tbody>
    </table>
  );
}

function canJump(item: JumpItem): boolean {
  return item.state === 'online' || item.state === 'in_session' || item.state === 'passive';
}

function JumpRow({ item, now, onJump }: { item: JumpItem; now: number; onJump: JumpItemsProps['onJump'] }) {
  const [busy, setBusy] = useState(false);
  const jump = () => {
    if (!busy && canJump(item)) {
      setBusy(true);
      void onJump(item).finally(() => setBusy(false));
    }
  };
  const where = [item.user, item.hostname].filter(Boolean).join('@');
  return (
    <tr data-testid={`jump-item-${item.id}`} data-state={item.state}>
      <th scope="row">
        <bdi class="item-name">{item.name}</bdi>
        <bdi class="item-where">{[where, item.platform].filter(Boolean).join(' · ')}</bdi>
      </th>
      <td data-label={text.home.columns.group}><bdi>{item.group || text.home.noGroup}</bdi></td>
      <td data-label={text.home.columns.state}>
        <span class={`state state-${item.state}`}>{text.home.state[item.state] ?? item.state}</span>
      </td>
      <td data-label={text.home.columns.lastAccess}>
        {item.last_access_unix_ms
          ? <time title={formatDateTime(item.last_access_unix_ms)}>{formatAgo(item.last_access_unix_ms, now)}</time>
          : text.home.never}
      </td>
      <td class="row-action">
        <button type="button" data-testid={`jump-${item.id}`} disabled={!canJump(item)} aria-disabled={busy}
          aria-label={text.home.jumpTo(item.name)} onClick={jump}>
          {busy ? text.home.jumping : text.home.jump}
        </button>
      </td>
    </tr>
  );
}

interface QueueProps {
  queue: readonly QueueEntry[] | null;
  now: number;
  onAccept: (entry: QueueEntry) => Promise<void>;
}

function Queue({ queue, now, onAccept }: QueueProps) {
  return (
    <section class="card" aria-labelledby="queue-title" data-testid="queue">
      <div class="card-head"><h2 id="queue-title">{text.home.queue}</h2></div>
      {queue === null ? <p class="empty">{text.common.loading}</p>
        : queue.length === 0 ? <p class="empty">{text.home.queueEmpty}</p>
        : (
          <ul class="people">
            {queue.map((entry) => <QueueRow key={entry.session} entry={entry} now={now} onAccept={onAccept} />)}
          </ul>
        )}
    </section>
  );
}

function QueueRow({ entry, now, onAccept }: { entry: QueueEntry; now: number; onAccept: QueueProps['onAccept'] }) {
  const [busy, setBusy] = useState(false);
  const name = entry.customer || text.home.unnamedCustomer;
  const accept = () => {
    if (!busy) {
      setBusy(true);
      void onAccept(entry).finally(() => setBusy(false));
    }
  };
  return (
    <li data-testid={`queue-${entry.session}`}>
      <span class="person">
        <bdi class="item-name">{name}</bdi>
        <span class="item-where">{text.home.arrived(formatAgo(entry.waiting_since_unix_ms, now))}</span>
      </span>
      <button type="button" class="primary" data-testid={`accept-${entry.session}`} aria-disabled={busy}
        aria-label={text.home.acceptOf(name)} onClick={accept}>
        {busy ? text.home.accepting : text.home.accept}
      </button>
    </li>
  );
}

/* Sessions that are this representative's but have no tab here: the page was loaded again. */
function OpenSessions({ state, onOpen }: { state: ConsoleState; onOpen: (entry: SessionEntry) => Promise<void> }) {
  const rows = state.openSessions.filter((entry) => entry.state === 'active' &&
    !state.sessions.some((session) => session.id === entry.id && session.state !== 'ended'));
  if (rows.length === 0) {
    return null;
  }
  return (
    <section class="card" aria-labelledby="open-title">
      <div class="card-head"><h2 id="open-title">{text.home.sessions}</h2></div>
      <ul class="people">
        {rows.map((entry) => {
          const name = entry.customer || text.home.unnamedCustomer;
          return (
            <li key={entry.id} data-testid={`open-session-${entry.id}`}>
              <span class="person">
                <bdi class="item-name">{name}</bdi>
                <span class="item-where">{text.home.kind[entry.kind] ?? ''}</span>
              </span>
              <button type="button" data-testid={`open-${entry.id}`} aria-label={text.home.openOf(name)}
                onClick={() => void onOpen(entry)}>
                {text.home.open}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/* Sessions of others that an administrator may watch. */
function OtherSessions({ state, onWatch }: { state: ConsoleState; onWatch: (entry: SessionEntry) => Promise<void> }) {
  const rows = state.otherSessions.filter((entry) =>
    !state.sessions.some((session) => session.id === entry.id && session.state !== 'ended'));
  if (rows.length === 0) {
    return null;
  }
  return (
    <section class="card" aria-labelledby="others-title">
      <div class="card-head"><h2 id="others-title">{text.home.otherSessions}</h2></div>
      <ul class="people">
        {rows.map((entry) => (
          <li key={entry.id} data-testid={`other-session-${entry.id}`}>
            <span class="person">
              <bdi class="item-name">{entry.customer}</bdi>
              <bdi class="item-where">{entry.representative ?? ''}</bdi>
            </span>
            <button type="button" data-testid={`watch-${entry.id}`}
              aria-label={text.home.watchOf(entry.customer, entry.representative ?? '')}
              onClick={() => void onWatch(entry)}>
              {text.home.watch}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
