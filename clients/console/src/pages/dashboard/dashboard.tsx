/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard of who leads or manages a team: its representatives, and its sessions with what to do about them. */
import { useState } from 'preact/hooks';
import { type DashboardSession, type DashboardTeam, queueApi, type Representative, type Skill } from '../../api/queue';
import { sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import type { PageProps } from '../../pages';
import { isString, useRemembered } from '../../remembered';
import { text } from '../../text';
import { compareText, formatList, formatRemaining } from '../../text/format';
import { confirm } from '../../view/confirm';
import { SearchField } from '../../view/fields';
import { useNow } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Menu } from '../../view/menu';
import { Badge, Empty, Loaded, Page, type Tone } from '../../view/page';
import { useResource } from '../../view/resource';
import { type Column, Table } from '../../view/table';
import { TransferDialog } from '../../view/transfer_dialog';
import { hasWords } from '../../words';
import { customerOf, PriorityMark } from '../queues/table';

const TICK_MS = 1000;

export default function DashboardPage({ state }: PageProps) {
  const board = useResource(async () => {
    const value = await queueApi.dashboard();
    return { ...value, skew: value.now_unix_ms - Date.now() };
  }, ['dashboard_changed', 'availability_changed', 'teams_changed']);
  const skills = useResource(async () => (await queueApi.skills()).skills);
  const [wanted, setWanted] = useRemembered('dashboard.team', '', isString);
  const [filter, setFilter] = useState('');
  const [error, setError] = useState('');
  const [transferring, setTransferring] = useState<DashboardSession | null>(null);
  const attempt = async (run: () => Promise<unknown>) => {
    setError('');
    try {
      await run();
    } catch (caught) {
      setError(sentence(caught));
      void board.reload();
    }
  };
  const teams = board.value?.teams ?? [];
  const team = teams.find((one) => String(one.team) === wanted) ?? teams[0];
  return (
    <Page title={text.dashboard.title} width="full" testId="dashboard-page" error={error}
      lead={team && `${text.dashboard.role[team.role]}. ${team.rules?.automatic ? text.dashboard.automatic : text.dashboard.byHand}.`}
      filter={<SearchField label={text.dashboard.filter} value={filter} onInput={setFilter} testId="dashboard-filter" />}>
      <Loaded resource={board} lines={8}>
        {(value) => (!team ? <Empty title={text.dashboard.noTeams} /> : (
          <>
            {value.teams.length > 1 && (
              <div class="queue-choices" role="group" aria-label={text.dashboard.team}>
                {value.teams.map((one) => (
                  <button key={one.team} type="button" class="quiet" aria-pressed={one.team === team.team}
                    data-testid={`dashboard-team-${one.team}`} onClick={() => setWanted(String(one.team))}>
                    <bdi>{one.name}</bdi>
                    <span class={`queue-count ${one.sessions.some((row) => row.overdue) ? 'overdue' : ''}`}>{one.sessions.length}</span>
                  </button>
                ))}
              </div>
            )}
            <Tiles team={team} />
            <div class="dashboard-tables">
              <Representatives team={team} filter={filter} skills={skills.value ?? []} />
              <Sessions state={state} team={team} filter={filter} skew={value.skew} attempt={attempt} onTransfer={setTransferring} />
            </div>
          </>
        ))}
      </Loaded>
      {transferring && (
        <TransferDialog state={state} entry={transferring} onClose={() => setTransferring(null)} />
      )}
    </Page>
  );
}

function Tiles({ team }: { team: DashboardTeam }) {
  const names = text.dashboard.tiles;
  const waiting = team.sessions.filter((row) => row.state === 'waiting');
  const overdue = waiting.filter((row) => row.overdue).length;
  const active = team.sessions.filter((row) => row.state === 'active');
  const available = team.representatives.filter((rep) => rep.console_connected && rep.status === 'available').length;
  const tiles: readonly (readonly [string, string, string])[] = [
    ['waiting', names.waiting, String(waiting.length)],
    ['overdue', names.overdue, String(overdue)],
    ['active', names.active, String(active.length)],
    ['absent', names.absent, String(active.filter((row) => row.status === 'customer_absent').length)],
    ['available', names.available, text.dashboard.ofAll(available, team.representatives.length)],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([id, name, value]) => (
        <div key={id} class={id === 'overdue' && overdue > 0 ? 'tile-danger' : ''} data-testid={`tile-${id}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function statusOf(rep: Representative): string {
  return !rep.console_connected ? text.dashboard.offline
    : rep.screen_locked ? text.dashboard.locked
    : rep.status_code ?? text.availability.status[rep.status];
}

export function RepStatus({ rep }: { rep: Representative }) {
  return (
    <span class="rep-status">
      <span class={`status-dot ${rep.console_connected ? `dot-${rep.status}` : 'dot-offline'}`} aria-hidden="true" />
      <bdi>{statusOf(rep)}</bdi>
      {rep.opted_out && <span class="opted-out">{text.dashboard.optedOut}</span>}
    </span>
  );
}

function Representatives({ team, filter, skills }: { team: DashboardTeam; filter: string; skills: readonly Skill[] }) {
  const titles = text.dashboard.columns;
  const skillNames = (rep: Representative) => skills.filter((skill) => rep.skills?.includes(skill.id)).map((skill) => skill.name);
  const columns: Column<Representative>[] = [
    { id: 'name', title: titles.name, width: 120, grow: 2, fixed: true, sort: (a, b) => compareText(a.display_name, b.display_name),
      value: (rep) => <bdi class="strong">{rep.display_name}</bdi> },
    { id: 'status', title: titles.status, width: 120, grow: 1.5, sort: (a, b) => compareText(statusOf(a), statusOf(b)), value: (rep) => <RepStatus rep={rep} /> },
    { id: 'load', title: titles.load, width: 86, grow: 0, align: 'end', sort: (a, b) => a.sessions - b.sessions,
      value: (rep) => text.dashboard.load(rep.sessions, rep.sessions_max) },
    { id: 'idle', title: titles.idle, width: 74, grow: 0, align: 'end', sort: (a, b) => (a.idle_s ?? 1e9) - (b.idle_s ?? 1e9),
      value: (rep) => (rep.idle_s === null || rep.idle_s === undefined ? '' : formatRemaining(rep.idle_s * 1000)) },
    { id: 'skills', title: titles.skills, width: 90, value: (rep) => <bdi>{formatList(skillNames(rep))}</bdi> },
    { id: 'assignable', title: titles.assignable, width: 150, hidden: true,
      sort: (a, b) => Number(a.can_be_assigned) - Number(b.can_be_assigned),
      value: (rep) => (rep.can_be_assigned ? text.dashboard.assignable : text.dashboard.notAssignable) },
  ];
  const rows = team.representatives.filter((rep) => hasWords(filter, rep.display_name, statusOf(rep), ...skillNames(rep)));
  return (
    <Table name="dashboard-people" label={text.dashboard.representatives} columns={columns} rows={rows} rowKey={(rep) => rep.account}
      rowProps={(rep) => ({ 'data-testid': `representative-${rep.account}`, 'data-status': rep.status })}
      sort={{ column: 'name', descending: false }} bar={<h2>{text.dashboard.representatives}</h2>}
      empty={<Empty title={filter ? text.dashboard.noMatch : text.dashboard.nobody} />} />
  );
}

const tones: Readonly<Record<DashboardSession['colour'], Tone>> = { red: 'danger', yellow: 'warn', green: 'ok' };
const ranks: Readonly<Record<DashboardSession['colour'], number>> = { red: 2, yellow: 1, green: 0 };

/* A word and a sign of its own for each colour. */
function ColourBadge({ row }: { row: DashboardSession }) {
  const words = row.state === 'waiting' ? text.dashboard.colourWaiting : text.dashboard.colourActive;
  return (
    <Badge tone={tones[row.colour]}>
      <Icon name={row.colour === 'red' ? 'warning' : row.colour === 'yellow' ? 'clock' : row.state === 'waiting' ? 'queues' : 'check'} />
      {words[row.colour]}
    </Badge>
  );
}

function Sessions({ state, team, filter, skew, attempt, onTransfer }: {
  state: ConsoleState; team: DashboardTeam; filter: string; skew: number;
  attempt: (run: () => Promise<unknown>) => Promise<void>; onTransfer: (row: DashboardSession) => void;
}) {
  const now = useNow(TICK_MS) + skew;
  const titles = text.dashboard.columns;
  const self = state.me?.account.id;
  const begun = (row: DashboardSession) => row.started_unix_ms ?? row.queued_unix_ms ?? row.waiting_since_unix_ms;
  const people = (row: DashboardSession) => row.participants.filter((one) => one.relation !== 'source').map((one) => one.name);
  const takeOver = async (row: DashboardSession) => {
    const name = customerOf(row);
    if (await confirm({ title: text.dashboard.takeOverTitle(name), text: text.dashboard.takeOverText(row.representative ?? ''),
      action: text.dashboard.takeOver, testId: 'take-over-do' })) {
      await attempt(() => state.takeOver(row));
    }
  };
  const columns: Column<DashboardSession>[] = [
    { id: 'colour', title: titles.colour, width: 136, grow: 0, fixed: true, sort: (a, b) => ranks[a.colour] - ranks[b.colour],
      value: (row) => <ColourBadge row={row} /> },
    { id: 'customer', title: titles.customer, width: 120, grow: 2, fixed: true, sort: (a, b) => compareText(a.customer, b.customer),
      value: (row) => <bdi class="strong" title={customerOf(row)}>{customerOf(row)}</bdi> },
    { id: 'representative', title: titles.representative, width: 110, grow: 1.5,
      sort: (a, b) => compareText(a.representative ?? '', b.representative ?? ''), value: (row) => <bdi>{row.representative ?? ''}</bdi> },
    { id: 'priority', title: titles.priority, width: 92, grow: 0, value: (row) => <PriorityMark priority={row.priority} /> },
    { id: 'time', title: titles.time, width: 72, grow: 0, align: 'end', sort: (a, b) => begun(b) - begun(a),
      value: (row) => formatRemaining(now - begun(row)) },
    { id: 'people', title: titles.people, width: 130, hidden: true, value: (row) => <bdi>{formatList(people(row))}</bdi> },
    { id: 'queue', title: titles.queue, width: 120, hidden: true, value: (row) => <bdi>{row.team === null ? '' : state.queueName(row.team)}</bdi> },
  ];
  const rows = team.sessions.filter((row) => hasWords(filter, row.customer, row.name, row.representative));
  return (
    <Table name="dashboard-sessions" label={text.dashboard.sessions} columns={columns} rows={rows} rowKey={(row) => row.session}
      rowProps={(row) => ({ 'data-testid': `dashboard-session-${row.session}`, 'data-colour': row.colour, 'data-state': row.state })}
      sort={{ column: 'colour', descending: true }} bar={<h2>{text.dashboard.sessions}</h2>} actionsWidth={130}
      actions={(row) => (
        <>
          {row.state === 'active'
            ? (
              <button type="button" aria-label={text.dashboard.joinOf(customerOf(row))} data-testid={`dashboard-join-${row.session}`}
                onClick={() => void attempt(() => state.join({ id: row.session, customer: row.customer }))}>
                {text.dashboard.join}
              </button>
            )
            : (row.team !== null || row.account === self) && state.may('accept_team_sessions') && !row.offered_to && (
              <button type="button" aria-label={text.queues.acceptOf(customerOf(row))} data-testid={`dashboard-accept-${row.session}`}
                onClick={() => void attempt(() => state.accept(row))}>
                {text.dashboard.accept}
              </button>
            )}
          <Menu label={text.queues.moreOf(customerOf(row))} button={<Icon name="more" />} testId={`dashboard-more-${row.session}`}
            entries={[
              ...(row.state === 'active' && row.account !== self ? [{
                label: text.dashboard.takeOver, icon: 'person' as const, testId: 'take-over', onChoose: () => void takeOver(row),
              }] : []),
              { label: text.dashboard.transfer, icon: 'move', testId: 'dashboard-transfer', onChoose: () => onTransfer(row) },
            ]} />
        </>
      )}
      empty={filter ? <Empty title={text.dashboard.noMatch} /> : <Empty title={text.dashboard.noSessions}>{text.dashboard.noSessionsText}</Empty>} />
  );
}
