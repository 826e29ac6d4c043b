/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits in a queue. Times go on between two fetches. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { queueApi, type Priority, type QueueEntry } from '../../api/queue';
import type { ConsoleState } from '../../console_state';
import { text } from '../../text';
import { compareText, formatRemaining } from '../../text/format';
import { useNow } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Menu, type MenuEntry } from '../../view/menu';
import { Badge, Empty } from '../../view/page';
import { type Column, Table } from '../../view/table';
import type { QueueActions } from './queues';

const TICK_MS = 1000;
const ranks: Readonly<Record<Priority, number>> = { low: 0, medium: 1, high: 2 };
export const priorities: readonly Priority[] = ['high', 'medium', 'low'];

interface QueueTableProps {
  state: ConsoleState;
  rows: readonly QueueEntry[] | null;
  actions: QueueActions;
  withQueue: boolean;
  which: string;
  current: number | null;
  onCurrent: (entry: QueueEntry) => void;
  filtered: boolean;
  onClearFilter: () => void;
  bar: ComponentChildren;
}

export function customerOf(entry: { readonly customer: string }): string {
  return entry.customer || text.home.unnamedCustomer;
}

/* A word and a sign, so that the colour is not all that says it. */
export function PriorityMark({ priority }: { priority: Priority }) {
  return (
    <span class={`priority priority-${priority}`}>
      <Icon name={priority === 'high' ? 'up' : priority === 'low' ? 'down' : 'right'} />
      {text.queues.priority[priority]}
    </span>
  );
}

export function StatusBadge({ state, entry }: { state: ConsoleState; entry: QueueEntry }) {
  if (entry.overdue) {
    return <Badge tone="danger"><Icon name="clock" />{text.queues.overdue}</Badge>;
  }
  if (entry.offered_to) {
    return <Badge tone="accent">{entry.offered_to === state.me?.account.id ? text.queues.offeredToMe : text.queues.offered}</Badge>;
  }
  if (entry.status === 'customer_absent') {
    return <Badge tone="warn">{text.queues.status.customer_absent}</Badge>;
  }
  return <span>{text.queues.status[entry.status] ?? text.queues.status.waiting}</span>;
}

function columnsOf(state: ConsoleState, now: number, withQueue: boolean, actions: QueueActions): Column<QueueEntry>[] {
  const titles = text.queues.columns;
  const since = (entry: QueueEntry) => entry.queued_unix_ms ?? entry.waiting_since_unix_ms;
  return [
    { id: 'favourite', title: titles.favourite, width: 92, grow: 0, value: (entry) => (
      <button type="button" class="quiet icon-button star" aria-pressed={entry.favourite}
        aria-label={entry.favourite ? text.queues.unmarkFavourite(customerOf(entry)) : text.queues.markFavourite(customerOf(entry))}
        data-testid={`favourite-${entry.session}`}
        onClick={() => void actions.attempt(async () => {
          await queueApi.favourite(entry.session, !entry.favourite);
          await state.refreshQueue();
        })}>
        <Icon name="star" />
      </button>
    ) },
    { id: 'customer', title: titles.customer, width: 150, grow: 2.5, fixed: true, sort: (a, b) => compareText(a.customer, b.customer),
      value: (entry) => <bdi class="strong" title={customerOf(entry)}>{customerOf(entry)}</bdi> },
    { id: 'name', title: titles.name, width: 130, hidden: true, sort: (a, b) => compareText(a.name, b.name),
      value: (entry) => <bdi>{entry.name}</bdi> },
    { id: 'queue', title: titles.queue, width: 120, hidden: !withQueue, sort: (a, b) => (a.team ?? 0) - (b.team ?? 0),
      value: (entry) => <bdi>{state.queueName(entry.team ?? null)}</bdi> },
    { id: 'priority', title: titles.priority, width: 96, grow: 0, sort: (a, b) => ranks[a.priority] - ranks[b.priority],
      value: (entry) => <PriorityMark priority={entry.priority ?? 'medium'} /> },
    { id: 'status', title: titles.status, width: 140, sort: (a, b) => Number(a.overdue) - Number(b.overdue) || compareText(a.status, b.status),
      value: (entry) => <StatusBadge state={state} entry={entry} /> },
    { id: 'in-queue', title: titles.inQueue, width: 88, grow: 0, align: 'end', sort: (a, b) => since(b) - since(a),
      value: (entry) => formatRemaining(now - since(entry)) },
    { id: 'total', title: titles.total, width: 92, grow: 0, align: 'end', hidden: true,
      sort: (a, b) => b.waiting_since_unix_ms - a.waiting_since_unix_ms,
      value: (entry) => formatRemaining(now - entry.waiting_since_unix_ms) },
    { id: 'position', title: titles.position, width: 70, grow: 0, align: 'end', hidden: true,
      sort: (a, b) => (a.position ?? 0) - (b.position ?? 0), value: (entry) => entry.position ?? '' },
    { id: 'wait', title: titles.wait, width: 130, grow: 0, align: 'end', hidden: true,
      sort: (a, b) => (a.estimated_wait_s ?? 0) - (b.estimated_wait_s ?? 0),
      value: (entry) => (entry.estimated_wait_s ? formatRemaining(entry.estimated_wait_s * 1000) : '') },
    { id: 'external-key', title: titles.externalKey, width: 130, hidden: true, sort: (a, b) => compareText(a.external_key, b.external_key),
      value: (entry) => <bdi>{entry.external_key}</bdi> },
    { id: 'session', title: titles.session, width: 80, grow: 0, align: 'end', hidden: true, sort: (a, b) => a.session - b.session,
      value: (entry) => entry.session },
  ];
}

export function menuOf(entry: QueueEntry, actions: QueueActions): MenuEntry[] {
  return [
    { label: text.queues.transfer, icon: 'move', testId: `transfer-${entry.session}`, onChoose: () => actions.ask({ kind: 'transfer', entry }) },
    { label: text.queues.decline, icon: 'close', testId: `decline-${entry.session}`, onChoose: () => actions.ask({ kind: 'decline', entry }) },
    { kind: 'line' },
    { kind: 'heading', label: text.queues.setPriority },
    ...priorities.map((priority) => ({
      kind: 'radio' as const, label: text.queues.priority[priority], checked: entry.priority === priority,
      testId: `priority-${priority}`,
      onChoose: () => void actions.attempt(() => queueApi.setPriority(entry.session, priority)),
    })),
  ];
}

/* primary: where it is the one thing to do; in hundreds of rows it would be all one sees. */
export function AcceptButton({ entry, onAccept, primary }: {
  entry: QueueEntry; onAccept: (entry: QueueEntry) => Promise<void>; primary?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  return (
    <button type="button" class={primary ? 'primary' : ''} data-testid={primary ? 'details-accept' : `accept-${entry.session}`} aria-disabled={busy}
      aria-label={text.queues.acceptOf(customerOf(entry))} onClick={() => {
        if (!busy) {
          setBusy(true);
          void onAccept(entry).finally(() => setBusy(false));
        }
      }}>
      {busy ? text.home.accepting : text.queues.accept}
    </button>
  );
}

/* Sessions of a team's queue need a right of their own; one that is offered to somebody else is not free. */
export function mayTake(state: ConsoleState, entry: QueueEntry): boolean {
  return ((entry.team ?? null) === null || state.may('accept_team_sessions'))
    && (!entry.offered_to || entry.offered_to === state.me?.account.id);
}

export function QueueTable(props: QueueTableProps) {
  const { state, rows, actions, which } = props;
  const now = useNow(TICK_MS) + state.clockSkew;
  const empty = props.filtered
    ? <Empty title={text.queues.noMatch} action={<button type="button" onClick={props.onClearFilter}>{text.queues.clearFilter}</button>} />
    : (
      <Empty title={which === 'personal' ? text.queues.emptyPersonal : which === 'all' ? text.queues.emptyAll : text.queues.emptyTeam}>
        {text.queues.emptyText}
      </Empty>
    );
  return (
    <Table key={props.withQueue ? 'all' : 'one'} name={props.withQueue ? 'queue-all' : 'queue'} label={text.queues.table}
      columns={columnsOf(state, now, props.withQueue, actions)} rows={rows} rowKey={(entry) => entry.session}
      rowProps={(entry) => ({
        'data-testid': `queue-${entry.session}`, 'data-status': entry.status, 'data-overdue': String(entry.overdue),
        'data-priority': entry.priority,
      })}
      current={props.current} onCurrent={props.onCurrent} bar={props.bar} empty={empty} actionsWidth={150}
      onOpen={(entry) => {
        if (mayTake(state, entry)) {
          void actions.accept(entry);
        }
      }}
      actions={(entry) => (
        <>
          {mayTake(state, entry) && <AcceptButton entry={entry} onAccept={actions.accept} />}
          <Menu label={text.queues.moreOf(customerOf(entry))} button={<Icon name="more" />} testId={`more-${entry.session}`}
            entries={menuOf(entry, actions)} />
        </>
      )} />
  );
}
