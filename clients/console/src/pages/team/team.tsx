/* SPDX-License-Identifier: Apache-2.0 */
/* The team: its conversations, messages between two, and who is there. */
import { useEffect, useRef } from 'preact/hooks';
import { queueApi, type Representative } from '../../api/queue';
import type { Room, RoomKey } from '../../api/team_chat';
import type { ConsoleState } from '../../console_state';
import type { PageProps } from '../../pages';
import { isString, remembered } from '../../remembered';
import { go, hrefOf } from '../../route';
import { idOf, keyOf, keyOfId, teamChat } from '../../team_chat';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { useWatch } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Empty, Loaded, Page } from '../../view/page';
import { loadAll, useResource } from '../../view/resource';
import { Conversation } from './conversation';

export default function TeamPage({ state, args }: PageProps) {
  useWatch(teamChat);
  const teams = state.me?.teams ?? [];
  const chosen = keyOfId(args[0]);
  const lastTeam = useRef(teams[0]?.id ?? 0);
  if (chosen?.team !== undefined) {
    lastTeam.current = chosen.team;
  }
  useEffect(() => {
    /* The address names no conversation: the last one, or the first team's. */
    const first = keyOfId(remembered.get('team.room', '', isString)) ?? (teams[0] ? { team: teams[0].id } : null);
    if (!chosen && first) {
      go(`/team/${idOf(first)}`, { replace: true });
    } else if (chosen) {
      remembered.set('team.room', idOf(chosen));
    }
  }, [args[0]]);
  const team = lastTeam.current;
  const members = useResource(() => (team === 0 ? Promise.resolve([]) : loadAll(async (after) => {
    const page = await queueApi.representatives(team, after);
    return { rows: page.representatives, next: page.next ?? null };
  })), ['availability_changed', 'teams_changed'], [team]);

  if (teams.length === 0) {
    return <Page title={text.team.title} testId="team-page"><Empty title={text.team.noTeam}>{text.team.noTeamText}</Empty></Page>;
  }
  return (
    <Page title={text.team.title} width="full" testId="team-page">
      <div class="team-page">
        <Rooms state={state} current={chosen} members={members.value ?? []} />
        {chosen
          ? <Conversation key={idOf(chosen)} state={state} room={chosen} name={nameOf(state, chosen, members.value ?? [])} />
          : <Empty title={text.team.choose} />}
        <aside class="card team-members" aria-labelledby="members-title">
          <header class="card-head"><h2 id="members-title">{text.team.members}</h2></header>
          <Loaded resource={members} lines={5}>
            {(rows) => <Members state={state} rows={rows} />}
          </Loaded>
        </aside>
      </div>
    </Page>
  );
}

function nameOf(state: ConsoleState, room: RoomKey, members: readonly Representative[]): string {
  return room.team !== undefined ? state.queueName(room.team)
    : teamChat.rooms?.find((one) => one.account === room.account)?.name
      ?? members.find((one) => one.account === room.account)?.display_name ?? '';
}

/* Teams first, then people: those with the newest message first, and the one who is being written to. */
function Rooms({ state, current, members }: { state: ConsoleState; current: RoomKey | null; members: readonly Representative[] }) {
  const rooms = teamChat.rooms ?? [];
  const people = rooms.filter((room) => room.account !== null).sort((a, b) => (b.time_unix_ms ?? 0) - (a.time_unix_ms ?? 0));
  const isNew = current?.account !== undefined && !people.some((room) => room.account === current.account);
  return (
    <nav class="card team-rooms" aria-label={text.team.rooms}>
      <h2>{text.team.teams}</h2>
      <ul>
        {(state.me?.teams ?? []).map((team) => {
          const room = rooms.find((one) => one.team === team.id);
          return <RoomLink key={team.id} room={{ team: team.id }} name={team.name} unread={room?.unread ?? 0} current={current} />;
        })}
      </ul>
      {(people.length > 0 || isNew) && (
        <>
          <h2>{text.team.people}</h2>
          <ul>
            {isNew && <RoomLink room={current} name={nameOf(state, current, members)} unread={0} current={current} connected={false} />}
            {people.map((room: Room) => (
              <RoomLink key={room.account} room={keyOf(room)} name={room.name} unread={room.unread} current={current}
                connected={room.connected ?? false} />
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}

function RoomLink({ room, name, unread, current, connected }: {
  room: RoomKey; name: string; unread: number; current: RoomKey | null; connected?: boolean;
}) {
  const id = idOf(room);
  return (
    <li>
      <a href={hrefOf(`/team/${id}`)} aria-current={current && idOf(current) === id ? 'page' : undefined} data-testid={`room-${id}`}>
        {connected === undefined ? <Icon name="team" />
          : <span class={`status-dot ${connected ? 'dot-available' : 'dot-offline'}`} aria-hidden="true" />}
        <bdi class={unread > 0 ? 'strong' : ''}>{name}</bdi>
        {unread > 0 && (
          <span class="badge" data-testid={`unread-${id}`}>
            <span aria-hidden="true">{text.team.unread(unread)}</span>
            <span class="visually-hidden">{text.team.unreadOf(unread)}</span>
          </span>
        )}
      </a>
    </li>
  );
}

function statusOf(rep: Representative): string {
  return rep.console_connected ? rep.status_code ?? text.availability.status[rep.status] : text.team.offline;
}

function Members({ state, rows }: { state: ConsoleState; rows: readonly Representative[] }) {
  const self = state.me?.account.id;
  const sorted = [...rows].sort((a, b) => Number(b.console_connected) - Number(a.console_connected)
    || compareText(a.display_name, b.display_name));
  return (
    <ul class="people" tabIndex={0} aria-labelledby="members-title">
      {sorted.map((rep) => (
        <li key={rep.account} data-testid={`member-${rep.account}`} data-connected={rep.console_connected}>
          <span class={`status-dot ${rep.console_connected ? `dot-${rep.status}` : 'dot-offline'}`} aria-hidden="true" />
          <span class="person">
            <bdi class="item-name">{rep.display_name}</bdi>
            <span class="item-where">
              {[statusOf(rep), rep.sessions > 0 ? text.team.sessions(rep.sessions) : ''].filter(Boolean).join(' · ')}
            </span>
          </span>
          {rep.account !== self && (
            <a class="button quiet icon-button" href={hrefOf(`/team/${idOf({ account: rep.account })}`)}
              aria-label={text.team.messageTo(rep.display_name)} title={text.team.messageTo(rep.display_name)}>
              <Icon name="chat" />
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}
