/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items: groups at the left, the list in the middle, what is chosen at the right. 75,000 of them are one list. */
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { jumpApi, searchFields, type JumpItem, type JumpListing, type JumpState, type SearchField } from '../../api/jump';
import { onEventBursts } from '../../live_events';
import type { PageProps } from '../../pages';
import { isBoolean, isNumber, isString, isStrings, useRemembered } from '../../remembered';
import { go, hrefOf, router } from '../../route';
import { useShortcuts } from '../../shortcuts';
import { text } from '../../text';
import { formatAgo, formatDateTime, formatNumber } from '../../text/format';
import { Select, SearchField as SearchInput } from '../../view/fields';
import { useNow, useWatch } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Menu } from '../../view/menu';
import { Empty, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { rememberedSort, Table, type Column, type Key, type Sort } from '../../view/table';
import { PagedRows } from '../../view/table_rows';
import { toast } from '../../view/toast';
import { hasWords } from '../../words';
import { sentence } from '../../api/request';
import { BulkBar } from './bulk';
import { Details } from './details';
import { exportAll, printList } from './export';
import { placeOf, Places, type Place } from './places';
import { JumpNav } from './nav';
import { JumpDialog, startJump, type Target } from './start';

const TYPING_MS = 250;
const REFRESH_MS = 1_000;
const NOW_MS = 15_000;
const CURRENT_MS = 150;
const SEARCH_LEAST = 3;
const DETAILS_LEAST = 300;
const DETAILS_MOST = 760;
const states: readonly JumpState[] = ['online', 'in_session', 'passive', 'offline', 'lost', 'disabled'];
const sorts: Readonly<Record<string, string>> = { name: 'name', group: 'group', state: 'state', lastAccess: 'last_access' };

interface Wanted {
  readonly place: Place;
  readonly words: string;
  readonly fields: readonly string[];
  readonly state: string;
  readonly sort: Sort;
}

export function listingOf(wanted: Wanted): JumpListing {
  return {
    ...(wanted.words && { text: wanted.words, ...(wanted.fields.length > 0 && { fields: wanted.fields.join(',') }) }),
    ...(wanted.place.kind === 'group' && { group: wanted.place.group }),
    ...(wanted.place.kind === 'tag' && { tag: wanted.place.tag }),
    ...(wanted.state && { state: wanted.state }),
    sort: sorts[wanted.sort.column] ?? 'name',
    descending: wanted.sort.descending,
  };
}

/* What is typed, once the person pauses; '' while it is too short to search for. */
function useWords(typed: string): string {
  const [words, setWords] = useState('');
  useEffect(() => {
    const next = [...typed.trim()].length >= SEARCH_LEAST ? typed.trim() : '';
    const timer = setTimeout(() => setWords(next), next === '' ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return words;
}

/* One source for each list; events fetch what is in sight again, at most once a second. */
function useItems(listing: JumpListing): PagedRows<JumpItem> {
  const key = JSON.stringify(listing);
  const rows = useMemo(() => new PagedRows<JumpItem>(async (from, count) => {
    const page = await jumpApi.list({ ...listing, from, limit: count });
    return { rows: page.jump_items, count: page.count };
  }), [key]);
  useEffect(() => onEventBursts(['jump_items_changed', 'policies_changed', 'reconnected'], REFRESH_MS, () => rows.refresh()), [rows]);
  return rows;
}

export default function JumpPage({ state, args, route }: PageProps) {
  const [placeText, setPlaceText] = useRemembered('jump.place', 'all', isString);
  const [fields, setFields] = useRemembered<string[]>('jump.fields', [], isStrings);
  const [stateWanted, setStateWanted] = useState('');
  const [width, setWidth] = useRemembered('jump.details', 380, isNumber);
  const [showsDetails, setShowsDetails] = useRemembered('jump.shows_details', true, isBoolean);
  const [typed, setTyped] = useState(route.query.get('text') ?? '');
  const [sort, setSort] = useState(() => rememberedSort('jump', { column: 'name', descending: false }));
  const [selection, setSelection] = useState<ReadonlySet<Key>>(new Set());
  const [asking, setAsking] = useState<{ target: Target; error: string } | null>(null);
  const [starting, setStarting] = useState(0);
  const [editing, setEditing] = useState(false);
  const now = useNow(NOW_MS);
  const place = placeOf(placeText);
  const words = useWords(typed);
  const current = Number(args[0]) > 0 ? Number(args[0]) : null;
  const favourites = useResource(async () => (await jumpApi.favourites()).jump_items,
    ['jump_favourites_changed', 'jump_items_changed', 'policies_changed']);
  const stars = useMemo(() => new Set((favourites.value ?? []).map((item) => item.id)), [favourites.value]);
  const listing = listingOf({ place, words, fields, state: stateWanted, sort });
  const paged = useItems(listing);
  useWatch(paged);
  const rows = place.kind === 'favourites' ? filterFavourites(favourites.value, words || typed.trim(), stateWanted) : paged;

  const choose = useRef<ReturnType<typeof setTimeout> | null>(null);
  const setCurrent = (id: number | null) => {
    if (choose.current !== null) {
      clearTimeout(choose.current);
    }
    if (id === current) {
      return;
    }
    choose.current = setTimeout(() => {
      if (!router.route.path.startsWith('/jump')) {
        return; /* a session was opened from that row meanwhile: one stays in it */
      }
      setEditing(false);
      go(id === null ? '/jump' : `/jump/${id}`, { replace: true });
    }, CURRENT_MS);
  };
  useEffect(() => () => {
    if (choose.current !== null) {
      clearTimeout(choose.current);
    }
  }, []);
  useEffect(() => setSelection(new Set()), [placeText]);

  const jump = async (target: Target) => {
    if (starting !== 0) {
      return;
    }
    setStarting(target.id);
    setAsking(await startJump(state, target));
    setStarting(0);
  };
  const setStar = (item: Target, is: boolean) => {
    jumpApi.setFavourite(item.id, is).then(() => favourites.reload(), (error: unknown) => toast(sentence(error), 'error'));
  };
  useShortcuts([
    { keys: 's', scope: text.jump.title, meaning: text.jump.shortcuts.favourite, run: () => {
      if (current !== null) {
        setStar({ id: current, name: '' }, !stars.has(current));
      }
    } },
    { keys: 'e', scope: text.jump.title, meaning: text.jump.shortcuts.edit, run: () => setEditing(current !== null) },
    { keys: 'd', scope: text.jump.title, meaning: text.jump.shortcuts.details, run: () => setShowsDetails(!showsDetails) },
    { keys: 'l', scope: text.jump.title, meaning: text.jump.shortcuts.find,
      run: () => document.querySelector<HTMLInputElement>('.jump-places input')?.focus() },
  ]);

  const columns = columnsOf({ now, stars, setStar, paged: place.kind !== 'favourites' });
  return (
    <Page title={text.jump.items} width="full" testId="jump-page"
      filter={(
        <div class="jump-search">
          <SearchInput label={text.jump.search} value={typed} onInput={setTyped} testId="jump-filter" />
          <FieldChooser fields={fields} setFields={setFields} />
          <span class="hint jump-search-hint" role="status">
            {typed.trim() !== '' && words === '' && place.kind !== 'favourites' ? text.jump.searchShort
              : words !== '' && paged.count !== null && place.kind !== 'favourites'
                ? text.jump.found(paged.count, formatNumber(paged.count)) : ''}
          </span>
        </div>
      )}
      actions={(
        <>
          <JumpNav state={state} current="/jump" />
          <Menu label={text.jump.export} className="jump-export" button={<Icon name="download" />} testId="jump-export" entries={[
            { label: text.jump.exportAll, icon: 'download', testId: 'export-all', onChoose: () => void exportAll() },
            { label: text.jump.print, icon: 'file', testId: 'print-list', onChoose: () => void printList(listing, rows) },
          ]} />
          <button type="button" class="quiet icon-button" aria-pressed={showsDetails} aria-label={text.jump.details}
            title={text.jump.details} data-testid="jump-toggle-details" onClick={() => setShowsDetails(!showsDetails)}>
            <Icon name="columns" />
          </button>
        </>
      )}>
      <div class={`jump-split ${showsDetails ? 'with-details' : ''}`}
        style={{ gridTemplateColumns: showsDetails ? `14rem minmax(0, 1fr) ${width}px` : '14rem minmax(0, 1fr)' }}>
        <Places state={state} place={place} choose={setPlaceText} favourites={stars.size} />
        <Table<JumpItem> name="jump" label={text.jump.items} columns={columns} rows={rows} rowKey={(item) => item.id}
          rowName={(item) => item.name} sort={sort} onSort={setSort} selection={selection} onSelect={setSelection}
          current={current} onCurrent={(item) => setCurrent(item.id)} onOpen={(item) => void jump(item)} testId="jump-table"
          rowProps={(item) => ({ 'data-testid': `jump-item-${item.id}`, 'data-state': item.state })} actionsWidth={92}
          actions={(item) => (
            <button type="button" class={item.state === 'offline' || item.state === 'lost' || item.state === 'disabled' ? 'quiet' : ''}
              data-testid={`jump-${item.id}`} aria-label={text.jump.jumpTo(item.name)} tabIndex={-1}
              disabled={starting === item.id} onClick={() => void jump(item)}>
              {starting === item.id ? text.jump.starting : text.jump.jump}
            </button>
          )}
          bar={selection.size > 0 ? (
            <BulkBar state={state} listing={place.kind === 'favourites' ? null : listing} found={paged.count ?? 0} selection={selection}
              onSelect={setSelection} nameOf={(id) => nameIn(rows, id)} />
          ) : (
            <Select label={text.jump.stateFilter} hideLabel value={stateWanted} onChange={setStateWanted} testId="jump-state"
              className="bar-select" options={[{ value: '', label: text.jump.anyState },
                ...states.map((one) => ({ value: one, label: text.jump.state[one] }))]} />
          )}
          empty={<Nothing words={words} place={place} mayDeploy={state.may('deploy_jump_clients')} />} />
        {showsDetails && (
          <>
            <Resizer width={width} setWidth={setWidth} />
            <Details key={current ?? 0} state={state} id={current} editing={editing} setEditing={setEditing}
              isFavourite={current !== null && stars.has(current)} setStar={setStar} onJump={(target) => void jump(target)}
              starting={starting} now={now} onGone={() => setCurrent(null)} />
          </>
        )}
      </div>
      {asking && <JumpDialog state={state} target={asking.target} error={asking.error} onClose={() => setAsking(null)} />}
    </Page>
  );
}

function nameIn(rows: PagedRows<JumpItem> | readonly JumpItem[] | null, id: number): string | undefined {
  if (rows instanceof PagedRows) {
    for (let at = 0; at < (rows.count ?? 0) && at < 1000; at++) {
      const row = rows.row(at);
      if (row?.id === id) {
        return row.name;
      }
    }
    return undefined;
  }
  return rows?.find((row) => row.id === id)?.name;
}

export function filterFavourites(
  items: readonly JumpItem[] | null, typed: string, state: string,
): readonly JumpItem[] | null {
  return items && items.filter((item) => (state === '' || item.state === state)
    && hasWords(typed, item.name, item.group, item.hostname, item.user, item.tag));
}

function Nothing({ words, place, mayDeploy }: { words: string; place: Place; mayDeploy: boolean }) {
  if (words !== '') {
    return <Empty title={text.jump.noneFound(words)}>{text.jump.noneFoundText}</Empty>;
  }
  if (place.kind === 'favourites') {
    return <Empty title={text.jump.noFavourites}>{text.jump.noFavouritesText}</Empty>;
  }
  return (
    <Empty title={text.jump.none} action={mayDeploy && <a class="button" href={hrefOf('/jump/deploy')}>{text.jump.deploy}</a>}>
      {text.jump.noneText}
    </Empty>
  );
}

function FieldChooser({ fields, setFields }: { fields: readonly string[]; setFields: (fields: string[]) => void }) {
  const known = fields.filter((field) => (searchFields as readonly string[]).includes(field));
  const toggle = (field: SearchField) =>
    setFields(known.includes(field) ? known.filter((one) => one !== field) : [...known, field]);
  const shown = known.length === 0 ? text.jump.fieldsAll : text.jump.fieldsSome(known.length);
  return (
    <Menu label={`${text.jump.fields}: ${shown}`} align="start" testId="jump-fields" className="jump-fields"
      button={<><Icon name="filter" /><span>{shown}</span></>}
      entries={[
        { kind: 'radio', label: text.jump.fieldsAll, checked: known.length === 0, testId: 'field-all', onChoose: () => setFields([]) },
        { kind: 'line' },
        ...searchFields.map((field) => ({
          kind: 'check' as const, label: text.jump.field[field], checked: known.includes(field), testId: `search-field-${field}`,
          onChoose: () => toggle(field),
        })),
      ]} />
  );
}

interface ColumnParts {
  now: number;
  stars: ReadonlySet<number>;
  setStar: (item: Target, is: boolean) => void;
  paged: boolean; /* sorted by the appliance */
}

function columnsOf({ now, stars, setStar, paged }: ColumnParts): readonly Column<JumpItem>[] {
  const titles = text.jump.columns;
  const by = (value: (item: JumpItem) => string | number): NonNullable<Column<JumpItem>['sort']> => (paged ? true
    : (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
  const time = (value: number | null): ComponentChildren => (value
    ? <time title={formatDateTime(value)}>{formatAgo(value, now)}</time> : <span class="muted">{text.jump.never}</span>);
  return [
    { id: 'name', title: titles.name, width: 200, grow: 320, fixed: true, sort: by((item) => item.name.toLocaleLowerCase()), value: (item) => (
      <>
        <button type="button" class={`jump-star ${stars.has(item.id) ? 'on' : ''}`} aria-pressed={stars.has(item.id)} tabIndex={-1}
          aria-label={text.jump.favouriteOf(item.name)} data-testid={`star-${item.id}`}
          onClick={(event) => {
            event.stopPropagation();
            setStar(item, !stars.has(item.id));
          }}><Icon name="star" /></button>
        <bdi class="item-name" title={item.name}>{item.name}</bdi>
      </>
    ) },
    { id: 'state', title: titles.state, width: 130, grow: 0, sort: by((item) => states.indexOf(item.state)), value: (item) => (
      <>
        <span class={`state state-${item.state}`}>{text.jump.state[item.state] ?? item.state}</span>
        {item.needs_update && <span class="needs-update" title={text.jump.needsUpdate}><Icon name="refresh" /><span class="visually-hidden">{text.jump.needsUpdate}</span></span>}
      </>
    ) },
    { id: 'group', title: titles.group, width: 110, sort: by((item) => item.group.toLocaleLowerCase()), value: (item) => <bdi title={item.group}>{item.group}</bdi> },
    { id: 'lastAccess', title: titles.lastAccess, width: 150, grow: 0, sort: by((item) => -(item.last_access_unix_ms ?? 0)),
      value: (item) => time(item.last_access_unix_ms) },
    { id: 'tag', title: titles.tag, width: 110, value: (item) => item.tag && <bdi class="tag tag-neutral" title={item.tag}>{item.tag}</bdi> },
    { id: 'presence', title: titles.presence, width: 130, hidden: true, value: (item) => text.jump.presence[item.presence] ?? '' },
    { id: 'user', title: titles.user, width: 90, hidden: true, value: (item) => <bdi>{item.user}</bdi> },
    { id: 'hostname', title: titles.hostname, width: 140, hidden: true, value: (item) => <bdi title={item.hostname}>{item.hostname}</bdi> },
    { id: 'platform', title: titles.platform, width: 160, hidden: true, value: (item) => <bdi title={item.platform}>{item.platform}</bdi> },
    { id: 'lastSeen', title: titles.lastSeen, width: 130, hidden: true, value: (item) => time(item.last_seen_unix_ms) },
    { id: 'id', title: titles.id, width: 80, grow: 0, hidden: true, align: 'end', value: (item) => item.id },
  ];
}

/* The line between list and details: dragged, or moved with the arrow keys. */
function Resizer({ width, setWidth }: { width: number; setWidth: (width: number) => void }) {
  const clamp = (value: number) => Math.round(Math.max(DETAILS_LEAST, Math.min(DETAILS_MOST, value)));
  const drag = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    const from = event.clientX;
    const stop = new AbortController();
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', (moved) => setWidth(clamp(width + from - moved.clientX)), { signal: stop.signal });
    handle.addEventListener('pointerup', () => stop.abort(), { signal: stop.signal });
    handle.addEventListener('pointercancel', () => stop.abort(), { signal: stop.signal });
  };
  return (
    <div class="jump-resizer" role="separator" aria-orientation="vertical" aria-label={text.jump.resize} tabIndex={0}
      aria-valuenow={clamp(width)} aria-valuemin={DETAILS_LEAST} aria-valuemax={DETAILS_MOST} data-testid="jump-resizer"
      style={{ right: `${width}px` }} onPointerDown={drag} onKeyDown={(event) => {
        const step = event.key === 'ArrowLeft' ? 20 : event.key === 'ArrowRight' ? -20 : 0;
        if (step !== 0) {
          event.preventDefault();
          setWidth(clamp(width + step));
        }
      }} />
  );
}
