/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing a team or a representative: for invitations, sponsors and transfers. */
import { useState } from 'preact/hooks';
import { sessionToolsApi, type Place, type Representative } from '../../api/session_tools';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Segmented, Select } from '../fields';
import { useResource, type Resource } from '../resource';

export interface Team {
  readonly id: number;
  readonly name: string;
}

const loadTeams = async (): Promise<Team[]> =>
  [...(await sessionToolsApi.teams()).teams].sort((a, b) => compareText(a.name, b.name));

/* Everybody in the teams one can see, each once, without oneself. */
async function loadRepresentatives(self: number): Promise<Representative[]> {
  const { teams } = await sessionToolsApi.teams();
  const lists = await Promise.all(teams.map((team) =>
    sessionToolsApi.representatives(team.id).catch(() => ({ representatives: [] as Representative[] }))));
  const all = new Map(lists.flatMap((list) => list.representatives).map((one) => [one.account, one]));
  all.delete(self);
  return [...all.values()].sort((a, b) =>
    Number(b.console_connected) - Number(a.console_connected) || compareText(a.display_name, b.display_name));
}

export interface Places {
  readonly teams: Resource<Team[]>;
  readonly people: Resource<Representative[]>;
}

export function usePlaces(self: number): Places {
  return {
    teams: useResource(loadTeams, ['teams_changed']),
    people: useResource(() => loadRepresentatives(self), ['teams_changed', 'availability_changed']),
  };
}

export function TeamField({ places, value, onChange }: { places: Places; value: number; onChange: (id: number) => void }) {
  return (
    <Chosen label={text.side.invite.team} name="place-team" value={value} onChange={onChange} resource={places.teams}
      rows={(places.teams.value ?? []).map((team) => ({ value: team.id, label: team.name }))} />
  );
}

export function PersonField({ places, value, onChange }: { places: Places; value: number; onChange: (id: number) => void }) {
  const words = text.side.invite;
  return (
    <Chosen label={words.account} name="place-account" value={value} onChange={onChange} resource={places.people}
      rows={(places.people.value ?? []).map((one) => ({
        value: one.account, label: `${one.display_name} (${one.console_connected ? words.online : words.offline})`,
      }))} />
  );
}

export function Chosen({ label, name, value, onChange, rows, resource, hint }: {
  label: string; name: string; value: number; onChange: (id: number) => void;
  rows: readonly { readonly value: number; readonly label: string }[]; resource: Resource<unknown>; hint?: string;
}) {
  const none = resource.value !== null && rows.length === 0;
  return (
    <Select<number> label={label} name={name} value={value} testId={name} disabled={rows.length === 0}
      options={[{ value: 0, label: resource.value === null && resource.error === '' ? text.common.loading : text.side.invite.choose },
        ...rows]}
      hint={none ? text.side.invite.nobody : hint} error={resource.error} onChange={onChange} />
  );
}

/* A team or a representative, as one choice. place is null until one is chosen. */
export function usePlace(): [Place | null, 'team' | 'account', number, (kind: 'team' | 'account', id: number) => void] {
  const [kind, setKind] = useState<'team' | 'account'>('team');
  const [id, setId] = useState(0);
  const place = id === 0 ? null : kind === 'team' ? { team: id } : { account: id };
  return [place, kind, id, (nextKind, nextId) => {
    setKind(nextKind);
    setId(nextId);
  }];
}

export function PlaceFields({ places, kind, id, onChange }: {
  places: Places; kind: 'team' | 'account'; id: number; onChange: (kind: 'team' | 'account', id: number) => void;
}) {
  const words = text.side.invite;
  return (
    <>
      <Segmented label={words.whom} value={kind} testId="place-kind"
        options={(['team', 'account'] as const).map((value) => ({ value, label: words.kinds[value] }))}
        onChange={(next) => onChange(next, 0)} />
      {kind === 'team' ? <TeamField places={places} value={id} onChange={(next) => onChange('team', next)} />
        : <PersonField places={places} value={id} onChange={(next) => onChange('account', next)} />}
    </>
  );
}
