/* SPDX-License-Identifier: Apache-2.0 */
/* The lists that there are: all, one's favourites and own list, shared groups, other people's lists, tags. */
import { useEffect, useState } from 'preact/hooks';
import { jumpApi, type JumpGroup } from '../../api/jump';
import { sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import { onEventBursts, tellEvent } from '../../live_events';
import { text } from '../../text';
import { compareText, formatNumber } from '../../text/format';
import { SearchField } from '../../view/fields';
import { Icon, type IconName } from '../../view/icon';
import { Loaded } from '../../view/page';
import { loadAll, useResource } from '../../view/resource';
import { toast } from '../../view/toast';

export type Place =
  | { readonly kind: 'all' | 'favourites' }
  | { readonly kind: 'group'; readonly group: number }
  | { readonly kind: 'tag'; readonly tag: string };

/* 'all', 'favourites', 'group 7', 'tag Berlin': as it is remembered. */
export function placeOf(said: string): Place {
  const [kind, rest = ''] = [said.split(' ', 1)[0], said.slice(said.indexOf(' ') + 1)];
  if (kind === 'group' && Number(rest) > 0) {
    return { kind, group: Number(rest) };
  }
  if (kind === 'tag' && rest !== '' && rest !== said) {
    return { kind, tag: rest };
  }
  return { kind: kind === 'favourites' ? 'favourites' : 'all' };
}

/* How long counts may be old. */
const COUNTS_MS = 15_000;

/* What one changed oneself is counted at once. */
export function countsChanged(): void {
  tellEvent({ type: 'jump_counts_due' });
}

/* So many groups and tags are looked through by filtering. */
const FILTER_FROM = 12;

export async function allGroups(): Promise<JumpGroup[]> {
  return loadAll(async (after) => {
    const { jump_groups: rows, next } = await jumpApi.groups(after);
    return { rows, next };
  });
}

export function Places({ state, place, choose, favourites }: {
  state: ConsoleState; place: Place; choose: (place: string) => void; favourites: number;
}) {
  const [filter, setFilter] = useState('');
  const groups = useResource(allGroups, ['policies_changed']);
  /* Counts cost the appliance more than a page of the list: not with each of its events. */
  const counts = useResource(() => jumpApi.counts(), ['policies_changed', 'jump_counts_due']);
  useEffect(() => onEventBursts(['jump_items_changed'], COUNTS_MS, () => void counts.reload()), []);
  const me = state.me!.account.id;
  const countOf = new Map((counts.value?.groups ?? []).map((one) => [one.id, one.count]));
  const has = (name: string) => name.toLocaleLowerCase().includes(filter.trim().toLocaleLowerCase());
  const is = (group: JumpGroup) => place.kind === 'group' && place.group === group.id;
  const all = [...(groups.value ?? [])].sort((a, b) => compareText(a.name, b.name));
  const mine = all.find((group) => group.owner === me);
  const shared = all.filter((group) => group.owner === null && has(group.name));
  const others = all.filter((group) => group.owner !== null && group.owner !== me && has(group.name));
  const tags = (counts.value?.tags ?? []).filter((one) => has(one.tag));
  const many = all.length + (counts.value?.tags.length ?? 0) >= FILTER_FROM;
  const makeMine = () => {
    jumpApi.personalList().then(({ jump_group: made }) => {
      void groups.reload();
      choose(`group ${made.id}`);
    }, (error: unknown) => toast(sentence(error), 'error'));
  };
  const entry = (group: JumpGroup) => (
    <PlaceEntry key={group.id} icon={group.owner === null ? 'jump' : 'person'} label={group.name} count={countOf.get(group.id)}
      current={is(group)} choose={() => choose(`group ${group.id}`)} testId={`place-group-${group.id}`} />
  );
  return (
    <nav class="jump-places" aria-label={text.jump.lists} data-testid="jump-places">
      {many && <SearchField label={text.jump.filterGroups} value={filter} onInput={setFilter} testId="places-filter" />}
      <div class="jump-places-list">
        <PlaceEntry icon="server" label={text.jump.all} count={counts.value?.all} current={place.kind === 'all'}
          choose={() => choose('all')} testId="place-all" />
        <PlaceEntry icon="star" label={text.jump.favourites} count={favourites} current={place.kind === 'favourites'}
          choose={() => choose('favourites')} testId="place-favourites" />
        {mine ? (
          <PlaceEntry icon="person" label={text.jump.mine} count={countOf.get(mine.id)} current={is(mine)}
            choose={() => choose(`group ${mine.id}`)} testId="place-mine" />
        ) : groups.value && (
          <button type="button" class="jump-place jump-place-make" data-testid="place-make-mine" onClick={makeMine}>
            <Icon name="plus" /><span>{text.jump.makeMine}</span>
          </button>
        )}
        <Loaded resource={groups} lines={4}>
          {() => (
            <>
              {shared.length > 0 && <h2>{text.jump.groups}</h2>}
              {shared.map(entry)}
              {others.length > 0 && <h2>{text.jump.othersLists}</h2>}
              {others.map(entry)}
            </>
          )}
        </Loaded>
        {tags.length > 0 && <h2>{text.jump.tags}</h2>}
        {tags.map((one) => (
          <PlaceEntry key={one.tag} icon="tag" label={one.tag} count={one.count}
            current={place.kind === 'tag' && place.tag === one.tag} choose={() => choose(`tag ${one.tag}`)} testId="place-tag" />
        ))}
      </div>
    </nav>
  );
}

function PlaceEntry({ icon, label, count, current, choose, testId }: {
  icon: IconName; label: string; count: number | undefined; current: boolean; choose: () => void; testId: string;
}) {
  return (
    <button type="button" class="jump-place" aria-current={current ? 'true' : undefined} data-testid={testId} title={label}
      onClick={choose}>
      <Icon name={icon} />
      <bdi>{label}</bdi>
      <span class="jump-place-count">{count === undefined ? '' : formatNumber(count)}</span>
    </button>
  );
}
