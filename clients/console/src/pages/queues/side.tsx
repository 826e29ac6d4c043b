/* SPDX-License-Identifier: Apache-2.0 */
/* Beside the queues: one's own open sessions, invitations, access requests, sessions to watch, and a short Jump list. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { JumpItem } from '../../api/jump';
import type { SessionEntry } from '../../api/sessions';
import { approvals } from '../../approvals';
import type { ConsoleState } from '../../console_state';
import { desk } from '../../desk';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { formatAgo } from '../../text/format';
import { InvitationAnswers, titleOf } from '../../view/desk_region';
import { useNow, useWatch } from '../../view/hooks';
import { hasWords } from '../../words';

type Attempt = (run: () => Promise<unknown>) => Promise<void>;

export function SideCards({ state, attempt }: { state: ConsoleState; attempt: Attempt }) {
  useWatch(desk);
  return (
    <>
      <OpenSessions state={state} onOpen={(entry) => attempt(() => state.join(entry))} />
      <Invitations state={state} />
      {state.may('approve_jumps') && <AccessRequests />}
      <OtherSessions state={state} onWatch={(entry) => attempt(() => state.watchSession(entry))} />
      <JumpItems state={state} onJump={(item) => attempt(() => state.jump(item))} />
    </>
  );
}

function SideCard({ id, title, count, children }: { id: string; title: string; count?: number; children: ComponentChildren }) {
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {count !== undefined && <span class="queue-count push">{count}</span>}
      </div>
      {children}
    </section>
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
    <SideCard id="open-title" title={text.home.sessions} count={rows.length}>
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
    </SideCard>
  );
}

function Invitations({ state }: { state: ConsoleState }) {
  if (desk.invitations.length === 0) {
    return null;
  }
  return (
    <SideCard id="invitations-title" title={text.queues.invitations} count={desk.invitations.length}>
      <ul class="people stacked" data-testid="invitations">
        {desk.invitations.map((one) => (
          <li key={one.invitation}>
            <span class="person">
              <bdi class="item-name">{one.customer || text.home.unnamedCustomer}</bdi>
              <bdi class="item-where">{titleOf(one)}</bdi>
              {one.message && <bdi class="note-text">{one.message}</bdi>}
            </span>
            <span class="actions"><InvitationAnswers state={state} invitation={one} /></span>
          </li>
        ))}
      </ul>
    </SideCard>
  );
}

/* Who asks to Jump where a policy wants somebody's approval: decided on the page of the requests. */
function AccessRequests() {
  useWatch(approvals);
  return approvals.waiting === 0 ? null : (
    <SideCard id="requests-title" title={text.queues.requests} count={approvals.waiting}>
      <p class="side-note"><a href={hrefOf('/jump/approvals')} data-testid="access-requests">{text.queues.toRequests}</a></p>
    </SideCard>
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
    <SideCard id="others-title" title={text.home.otherSessions} count={rows.length}>
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
    </SideCard>
  );
}

function matches(item: JumpItem, filter: string): boolean {
  return hasWords(filter, item.name, item.group, item.hostname, item.user);
}

interface JumpItemsProps {
  state: ConsoleState;
  onJump: (item: JumpItem) => Promise<void>;
}

/* What a link to Jump has found, as it is now, until somebody filters. */
function JumpItems({ state, onJump }: JumpItemsProps) {
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
        <p class="count push" role="status">{items ? text.home.shown(shown.length, found ? found.count : items.length) : ''}</p>
        <div class="side-filter">
          <label class="visually-hidden" for="jump-filter">{text.home.filter}</label>
          <input id="jump-filter" type="search" data-testid="jump-filter" placeholder={text.common.actions.search} value={filter}
            autocomplete="off" spellcheck={false} onInput={(event) => type(event.currentTarget.value)} />
        </div>
      </div>
      {items === null ? <p class="empty">{text.common.loading}</p>
        : items.length === 0 ? <p class="empty">{text.home.none}</p>
        : shown.length === 0 ? <p class="empty">{text.home.noMatch(filter)}</p>
        : (
          <ul class="people side-items" tabIndex={0} aria-labelledby="jump-items-title">
            {shown.map((item) => <JumpRow key={item.id} item={item} onJump={onJump} />)}
          </ul>
        )}
    </section>
  );
}

function canJump(item: JumpItem): boolean {
  return item.state === 'online' || item.state === 'in_session' || item.state === 'passive';
}

function JumpRow({ item, onJump }: { item: JumpItem; onJump: JumpItemsProps['onJump'] }) {
  const [busy, setBusy] = useState(false);
  const now = useNow(60_000);
  const jump = () => {
    if (!busy && canJump(item)) {
      setBusy(true);
      void onJump(item).finally(() => setBusy(false));
    }
  };
  const where = [item.user, item.hostname].filter(Boolean).join('@');
  const more = [where, item.platform, item.group].filter(Boolean).join(' · ');
  const last = item.last_access_unix_ms ? `${text.home.columns.lastAccess}: ${formatAgo(item.last_access_unix_ms, now)}` : '';
  return (
    <li data-testid={`jump-item-${item.id}`} data-state={item.state} title={last}>
      <span class="person">
        <bdi class="item-name">{item.name}</bdi>
        <bdi class="item-where">{more}</bdi>
        <span class={`state state-${item.state}`}>{text.home.state[item.state] ?? item.state}</span>
      </span>
      <button type="button" data-testid={`jump-${item.id}`} disabled={!canJump(item)} aria-disabled={busy}
        aria-label={text.home.jumpTo(item.name)} onClick={jump}>
        {busy ? text.home.jumping : text.home.jump}
      </button>
    </li>
  );
}
