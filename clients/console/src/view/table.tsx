/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual table: as many rows as one likes, of which only those in sight are in the page.
 *
 * Columns can be chosen and sorted by; both are remembered on this computer under `name`. Arrows, Page Up and Down, Home
 * and End move; Enter opens; space selects, with Shift up to there; Ctrl+A selects all of an array.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isString, isStrings, remembered, useRemembered } from '../remembered';
import { settings } from '../settings';
import { text } from '../text';
import { formatNumber } from '../text/format';
import { useWatch } from './hooks';
import { Icon } from './icon';
import { Menu } from './menu';
import { Empty, Skeleton } from './page';
import { PagedRows, scrollFor, windowOf } from './table_rows';

export type Key = string | number;

export interface Column<R> {
  readonly id: string;
  readonly title: string;
  readonly value: (row: R) => ComponentChildren;
  readonly width: number; /* least pixels */
  readonly grow?: number; /* its share of what is left, width / 100 by itself; 0: stays at its width */
  readonly align?: 'end';
  /* An array is sorted by it here; `true`: the owner of paged rows does it in onSort. */
  readonly sort?: ((a: R, b: R) => number) | true;
  readonly hidden?: boolean; /* shown only when chosen */
  readonly fixed?: boolean; /* cannot be taken away */
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface TableProps<R> {
  name: string;
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[] | PagedRows<R> | null; /* null: not there yet */
  rowKey: (row: R) => Key;
  rowName?: (row: R) => string; /* for the selection's boxes; the first column's text otherwise */
  rowProps?: (row: R) => Record<string, string | undefined>; /* data-testid, data-state, ... */
  onOpen?: (row: R) => void;
  current?: Key | null; /* the row whose details are shown */
  onCurrent?: (row: R) => void;
  selection?: ReadonlySet<Key>;
  onSelect?: (selection: ReadonlySet<Key>) => void;
  sort?: Sort;
  onSort?: (sort: Sort) => void; /* with paged rows */
  /* In the last column, which has no title: buttons, menus. */
  actions?: (row: R) => ComponentChildren;
  actionsWidth?: number;
  empty: ComponentChildren;
  rowHeight?: number;
  /* Left of the column menu: "12 selected", bulk actions. */
  bar?: ComponentChildren;
  testId?: string;
}

const ROW_HEIGHT = 40;
const ROW_HEIGHT_COMPACT = 30;
const SPARE_ROWS = 8;
const SELECT_WIDTH = 40;
const ACTIONS_WIDTH = 120;
const EDGES = 16;

function isSort(value: unknown): value is Sort {
  return typeof value === 'object' && value !== null && isString((value as Sort).column)
    && typeof (value as Sort).descending === 'boolean';
}

export function Table<R>(props: TableProps<R>) {
  useWatch(settings);
  const paged = props.rows instanceof PagedRows ? props.rows : null;
  useWatch(paged);

  const [chosen, setChosen] = useRemembered<string[]>(`${props.name}.columns`,
    props.columns.filter((column) => !column.hidden).map((column) => column.id), isStrings);
  const [kept, setKept] = useRemembered<Sort | null>(`${props.name}.sort`, props.sort ?? null,
    (value): value is Sort | null => value === null || isSort(value));
  const sort = props.onSort ? props.sort ?? null : kept;
  const columns = props.columns.filter((column) => column.fixed || chosen.includes(column.id));
  const rows = useSorted(props, sort);
  const count = paged ? paged.count : rows?.length ?? null;
  const rowAt = (index: number) => (paged ? paged.row(index) : rows?.[index]);
  const rowHeight = props.rowHeight ?? (settings.value('density') === 'compact' ? ROW_HEIGHT_COMPACT : ROW_HEIGHT);

  const sortBy = (column: Column<R>) => {
    const next = { column: column.id, descending: sort?.column === column.id && !sort.descending };
    if (props.onSort) {
      remembered.set(`${props.name}.sort`, next);
      props.onSort(next);
    } else {
      setKept(next);
    }
  };
  return (
    <div class="table-box" data-testid={props.testId}>
      <div class="table-bar">
        <div class="table-bar-own">{props.bar}</div>
        <p class="count" role="status">{count === null ? '' : text.table.count(formatNumber(count), count)}</p>
        <Menu label={text.table.columns} className="table-columns" button={<Icon name="columns" />}
          testId={`${props.name}-columns`}
          entries={props.columns.filter((column) => !column.fixed).map((column) => ({
            kind: 'check' as const, label: column.title, checked: chosen.includes(column.id),
            testId: `column-${column.id}`,
            onChoose: () => setChosen(chosen.includes(column.id)
              ? chosen.filter((id) => id !== column.id) : [...chosen, column.id]),
          }))} />
      </div>
      <Body {...props} columns={columns} sort={sort} sortBy={sortBy} count={count} rowAt={rowAt} rowHeight={rowHeight}
        paged={paged} />
    </div>
  );
}

/* How a list of this name was sorted last, for owners of paged rows. */
export function rememberedSort(name: string, otherwise: Sort): Sort {
  return remembered.get(`${name}.sort`, otherwise, isSort);
}

function useSorted<R>(props: TableProps<R>, sort: Sort | null): readonly R[] | null {
  const rows = props.rows instanceof PagedRows ? null : props.rows;
  const by = props.columns.find((column) => column.id === sort?.column)?.sort;
  return useMemo(() => {
    if (!rows || typeof by !== 'function') {
      return rows;
    }
    const sign = sort?.descending ? -1 : 1;
    return [...rows].sort((a, b) => sign * by(a, b));
  }, [rows, sort?.column, sort?.descending]);
}

interface BodyProps<R> extends Omit<TableProps<R>, 'sort'> {
  count: number | null;
  rowAt: (index: number) => R | undefined;
  sort: Sort | null;
  sortBy: (column: Column<R>) => void;
  rowHeight: number;
  paged: PagedRows<R> | null;
}

function Body<R>(props: BodyProps<R>) {
  const { columns, count, rowAt, rowHeight, paged, selection, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const [at, setAt] = useState(-1); /* the row that the keys are at */
  const anchor = useRef(0);
  const wanted = useRef(-1);
  const id = useId();
  const known = count ?? 0;
  const { from, to } = windowOf(scroll.top, scroll.height, rowHeight, known, SPARE_ROWS);
  const actionsWidth = props.actions ? props.actionsWidth ?? ACTIONS_WIDTH : 0;
  const template = templateOf(columns, Boolean(onSelect), actionsWidth);
  const minWidth = `${leastWidth(columns, Boolean(onSelect), actionsWidth)}px`;

  useLayoutEffect(() => {
    const box = scroller.current!;
    const measure = () => setScroll({ top: box.scrollTop, height: Math.min(box.clientHeight, window.innerHeight) });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    paged?.need(from, Math.max(to, from + 1));
  });
  useEffect(() => {
    if (at >= known && at >= 0) {
      setAt(known - 1);
    }
  }, [known]);

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(known - 1, index));
    const box = scroller.current!;
    const head = box.querySelector<HTMLElement>('.table-head')!.offsetHeight;
    box.scrollTop = scrollFor(next, box.scrollTop, box.clientHeight - head, rowHeight);
    setAt(next);
    const row = rowAt(next);
    wanted.current = row ? -1 : next;
    if (row) {
      props.onCurrent?.(row);
    }
  };
  /* The keys went to a row that was not there yet: now it is. */
  useEffect(() => {
    const row = wanted.current >= 0 ? rowAt(wanted.current) : undefined;
    if (row) {
      wanted.current = -1;
      props.onCurrent?.(row);
    }
  });
  const toggle = (index: number, range: boolean) => {
    const row = rowAt(index);
    if (!row || !onSelect || !selection) {
      return;
    }
    const next = new Set(selection);
    const first = range ? Math.min(anchor.current, index) : index;
    const last = range ? Math.max(anchor.current, index) : index;
    const put = range || !next.has(props.rowKey(row));
    for (let place = first; place <= last; place++) {
      const one = rowAt(place);
      if (one) {
        next[put ? 'add' : 'delete'](props.rowKey(one));
      }
    }
    anchor.current = index;
    onSelect(next);
  };
  const selectAll = () => {
    if (onSelect && selection) {
      const keys: Key[] = [];
      for (let place = 0; place < known; place++) {
        const row = rowAt(place);
        if (row) {
          keys.push(props.rowKey(row));
        }
      }
      onSelect(new Set(selection.size >= keys.length ? [] : keys));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current || event.altKey || event.metaKey) {
      return;
    }
    const page = Math.max(1, Math.floor(scroll.height / rowHeight) - 1);
    const moves: Record<string, number> = {
      ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: known - 1,
    };
    const row = rowAt(at);
    if (event.key in moves && known > 0) {
      const to = moves[event.key]!;
      moveTo(to);
      if (event.shiftKey) {
        toggle(Math.max(0, Math.min(known - 1, to)), true);
      }
    } else if (event.key === 'Enter' && row && props.onOpen) {
      props.onOpen(row);
    } else if (event.key === ' ' && row && onSelect) {
      toggle(at, event.shiftKey);
    } else if (event.key === 'a' && event.ctrlKey && onSelect) {
      selectAll();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const drawn: ComponentChildren[] = [];
  for (let index = from; index < to; index++) {
    const row = rowAt(index);
    drawn.push(row === undefined
      ? <WaitingRow key={`w${index}`} index={index} template={template} rowHeight={rowHeight} />
      : <Row key={props.rowKey(row)} table={props} row={row} index={index} id={`${id}-${index}`} template={template}
          isAt={index === at} onClick={(event) => {
            setAt(index);
            props.onCurrent?.(row);
            if (onSelect && (event.shiftKey || event.ctrlKey)) {
              toggle(index, event.shiftKey);
            }
          }} onToggle={(range) => toggle(index, range)} />);
  }
  return (
    <div class="table-scroll" ref={scroller} role="grid" aria-label={props.label} tabIndex={0}
      aria-rowcount={known + 1} aria-colcount={columns.length + (onSelect ? 1 : 0) + (props.actions ? 1 : 0)}
      aria-multiselectable={onSelect ? true : undefined} aria-busy={count === null}
      aria-activedescendant={at >= from && at < to ? `${id}-${at}` : undefined}
      onScroll={(event) => setScroll({ ...scroll, top: event.currentTarget.scrollTop })}
      onKeyDown={onKeyDown} onFocus={(event) => {
        if (at < 0 && known > 0 && event.target === scroller.current) {
          setAt(0);
        }
      }}>
      <Head {...props} template={template} minWidth={minWidth} allSelected={known > 0 && (selection?.size ?? 0) >= known} onAll={selectAll} />
      {count === null && !paged?.error ? <Skeleton lines={6} />
        : known === 0 ? <div class="table-empty" role="row"><div role="gridcell">{paged?.error ? <Empty title={paged.error} action={
          <button type="button" onClick={() => paged.refresh()}>{text.common.tryAgain}</button>} /> : props.empty}</div></div>
        : (
          <div class="table-rows" role="rowgroup" style={{ height: `${known * rowHeight}px`, minWidth }}>
            {drawn}
          </div>
        )}
    </div>
  );
}

function templateOf<R>(columns: readonly Column<R>[], select: boolean, actions: number): string {
  const parts = columns.map((column) => (column.grow === 0
    ? `${column.width}px` : `minmax(${column.width}px, ${column.grow ?? column.width / 100}fr)`));
  return [select ? `${SELECT_WIDTH}px` : '', ...parts, actions > 0 ? `${actions}px` : ''].filter(Boolean).join(' ');
}

/* Narrower than this the table scrolls sideways. */
function leastWidth<R>(columns: readonly Column<R>[], select: boolean, actions: number): number {
  return columns.reduce((sum, column) => sum + column.width, (select ? SELECT_WIDTH : 0) + actions) + EDGES;
}

function Head<R>(props: BodyProps<R> & { template: string; minWidth: string; allSelected: boolean; onAll: () => void }) {
  return (
    <div class="table-head" role="rowgroup" style={{ minWidth: props.minWidth }}>
      <div class="table-row" role="row" aria-rowindex={1} style={{ gridTemplateColumns: props.template }}>
        {props.onSelect && (
          <div role="columnheader" class="cell cell-select">
            <input type="checkbox" aria-label={text.table.selectAll} checked={props.allSelected} disabled={props.paged !== null}
              onChange={props.onAll} />
          </div>
        )}
        {props.columns.map((column) => {
          const sorted = props.sort?.column === column.id;
          return (
            <div key={column.id} role="columnheader" class={`cell ${column.align === 'end' ? 'cell-end' : ''}`}
              aria-sort={sorted ? (props.sort?.descending ? 'descending' : 'ascending') : column.sort ? 'none' : undefined}>
              {column.sort ? (
                <button type="button" class="head-button" data-testid={`sort-${column.id}`} onClick={() => props.sortBy(column)}>
                  <span>{column.title}</span>
                  <span class={`sort-sign ${sorted ? 'sorted' : ''}`}><Icon name={sorted && props.sort?.descending ? 'down' : 'up'} /></span>
                </button>
              ) : <span>{column.title}</span>}
            </div>
          );
        })}
        {props.actions && <div role="columnheader" class="cell"><span class="visually-hidden">{text.table.actions}</span></div>}
      </div>
    </div>
  );
}

interface RowProps<R> {
  table: BodyProps<R>;
  row: R;
  index: number;
  id: string;
  template: string;
  isAt: boolean;
  onClick: (event: MouseEvent) => void;
  onToggle: (range: boolean) => void;
}

function Row<R>({ table, row, index, id, template, isAt, onClick, onToggle }: RowProps<R>) {
  const key = table.rowKey(row);
  const selected = table.selection?.has(key) ?? false;
  const classes = ['table-row', isAt && 'at', selected && 'selected', table.current === key && 'current',
    table.onOpen && 'opens'].filter(Boolean).join(' ');
  return (
    <div role="row" id={id} class={classes} aria-rowindex={index + 2} aria-selected={table.onSelect ? selected : undefined}
      style={{ gridTemplateColumns: template, height: `${table.rowHeight}px`, transform: `translateY(${index * table.rowHeight}px)` }}
      onClick={onClick} onDblClick={(event) => {
        if (!(event.target as HTMLElement).closest('button, a, input')) {
          table.onOpen?.(row);
        }
      }} {...table.rowProps?.(row)}>
      {table.onSelect && (
        <div role="gridcell" class="cell cell-select">
          <input type="checkbox" tabIndex={-1} checked={selected}
            aria-label={text.table.selectOne(table.rowName?.(row) ?? String(key))}
            onClick={(event) => {
              event.stopPropagation();
              onToggle(event.shiftKey);
            }} />
        </div>
      )}
      {table.columns.map((column) => (
        <div key={column.id} role="gridcell" class={`cell ${column.align === 'end' ? 'cell-end' : ''}`}>
          {column.value(row)}
        </div>
      ))}
      {table.actions && <div role="gridcell" class="cell cell-actions">{table.actions(row)}</div>}
    </div>
  );
}

function WaitingRow({ index, template, rowHeight }: { index: number; template: string; rowHeight: number }) {
  return (
    <div role="row" class="table-row waiting-row" aria-rowindex={index + 2}
      style={{ gridTemplateColumns: template, height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}>
      <div role="gridcell" class="cell"><span class="skeleton-line line-1" /></div>
    </div>
  );
}
