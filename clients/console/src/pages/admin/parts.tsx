/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of administration have in common: a list with the details of one row beside it, and choosing people. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { accountsApi, type Person } from '../../api/people';
import { sentence } from '../../api/request';
import { go } from '../../route';
import { text } from '../../text';
import { confirm } from '../../view/confirm';
import { SearchField } from '../../view/fields';
import { Icon } from '../../view/icon';
import { Empty, Page } from '../../view/page';
import type { Resource } from '../../view/resource';
import { Table, type Column } from '../../view/table';
import { toast } from '../../view/toast';

/* Does it; says in a toast that it was done, or why not. Resolves to whether it was. */
export async function attempt(work: () => Promise<unknown>, done = text.common.actions.saved): Promise<boolean> {
  try {
    await work();
    if (done !== '') {
      toast(done);
    }
    return true;
  } catch (error) {
    toast(sentence(error), 'error');
    return false;
  }
}

/* Asks, naming the thing, and removes it. */
export async function removeThing(name: string, explanation: string, work: () => Promise<unknown>): Promise<boolean> {
  const yes = await confirm({
    title: text.admin.removeTitle(name), text: explanation, action: text.common.actions.remove, danger: true,
  });
  return yes && attempt(work, text.admin.removed(name));
}

/* For a search: small letters, no marks. */
export function folded(value: string): string {
  return value.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

export function hasAllWords(searched: string, wanted: string): boolean {
  const all = folded(searched);
  return folded(wanted).split(/\s+/).every((word) => all.includes(word));
}

interface ListPageProps<R> {
  name: string; /* 'users': also of test hooks */
  path: string; /* '/admin/users' */
  title: string;
  lead?: string;
  args: readonly string[];
  rows: Resource<readonly R[]>;
  columns: readonly Column<R>[];
  /* How many of the columns stay beside the details. */
  narrow?: number;
  idOf: (row: R) => number;
  nameOf: (row: R) => string;
  searched?: (row: R) => string;
  filter?: ComponentChildren; /* beside the search */
  createLabel?: string | undefined; /* undefined: one may not */
  create?: (close: (openId?: number) => void) => ComponentChildren;
  actions?: ComponentChildren;
  bar?: ComponentChildren;
  empty: { readonly title: string; readonly text: string };
  details: (row: R) => ComponentChildren;
}

/* A list; beside it the row of the address `PATH/ID`, or a new one at `PATH/new`. */
export function ListPage<R>(props: ListPageProps<R>) {
  const { rows, path, args, idOf } = props;
  const [wanted, setWanted] = useState('');
  const isNew = args[0] === 'new' && props.create !== undefined && props.createLabel !== undefined;
  const id = isNew ? 0 : Number(args[0] ?? 0);
  const all = rows.value;
  const shown = all && (wanted === '' ? all : all.filter((row) => hasAllWords((props.searched ?? props.nameOf)(row), wanted)));
  const current = all?.find((row) => idOf(row) === id);
  const open = isNew || id !== 0;
  const close = (openId?: number) => {
    if (openId !== undefined) {
      void rows.reload();
    }
    go(openId ? `${path}/${openId}` : path, { replace: true });
  };
  return (
    <Page title={props.title} lead={props.lead} width="full" testId={`${props.name}-page`}
      error={rows.error} filter={(
        <>
          <SearchField label={text.admin.search} value={wanted} onInput={setWanted} testId={`${props.name}-search`} />
          {props.filter}
        </>
      )}
      actions={(props.actions || props.createLabel) && (
        <>
          {props.actions}
          {props.createLabel && (
            <button type="button" class="primary" data-testid={`${props.name}-new`} onClick={() => go(`${path}/new`)}>
              {props.createLabel}
            </button>
          )}
        </>
      )}>
      <div class={open ? 'admin-split' : 'admin-split admin-alone'}>
        <Table name={open ? `${props.name}.beside` : props.name} key={open ? 'beside' : 'alone'} label={props.title}
          columns={open ? props.columns.slice(0, props.narrow ?? 1).map((column) => ({ ...column, fixed: true })) : props.columns}
          rows={rows.value === null && rows.error !== '' ? [] : shown} rowKey={idOf} rowName={props.nameOf}
          current={id || null} onCurrent={(row) => go(`${path}/${idOf(row)}`, { replace: open })} bar={props.bar}
          rowProps={(row) => ({ 'data-testid': `${props.name}-row-${idOf(row)}` })} testId={`${props.name}-table`}
          empty={rows.refused || rows.error !== '' ? <Empty title={rows.error} action={(
            <button type="button" data-testid="try-again" onClick={() => void rows.reload()}>{text.common.tryAgain}</button>
          )} /> : all && all.length > 0 ? <Empty title={text.admin.nothingFound}>{text.admin.nothingFoundText}</Empty>
            : <Empty title={props.empty.title}>{props.empty.text}</Empty>} />
        {open && (
          <section class="admin-details" aria-label={isNew ? props.createLabel : current && props.nameOf(current)}
            data-testid={`${props.name}-details`}>
            {isNew ? props.create!(close)
              : current ? props.details(current)
              : all && <Empty title={text.admin.gone} action={(
                <button type="button" onClick={() => close()}>{text.common.close}</button>
              )} />}
          </section>
        )}
      </div>
    </Page>
  );
}

/* The head of the details of one thing. */
export function DetailsHead({ title, badges, actions, path, sub }: {
  title: string; badges?: ComponentChildren; actions?: ComponentChildren; path: string; sub?: ComponentChildren;
}) {
  return (
    <header class="details-head">
      <div class="details-title">
        <h2>{title}</h2>
        {sub && <p class="hint">{sub}</p>}
        {badges && <div class="details-badges">{badges}</div>}
      </div>
      <div class="actions">
        {actions}
        <button type="button" class="quiet icon-button" aria-label={text.admin.closeDetails} data-testid="close-details"
          onClick={() => go(path)}>
          <Icon name="close" />
        </button>
      </div>
    </header>
  );
}

const WAIT_MS = 150;

interface PickerProps<T> {
  label: string;
  hint?: string;
  find: (text: string) => Promise<readonly T[]>;
  keyOf: (found: T) => string | number;
  nameOf: (found: T) => string;
  noteOf?: (found: T) => string;
  onPick: (found: T) => void;
  /* What is chosen, shown while nothing is typed. */
  chosen?: string;
  onClear?: () => void;
  testId?: string;
}

/* Typing finds, arrows choose, Enter takes. */
export function Picker<T>(props: PickerProps<T>) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [found, setFound] = useState<readonly T[] | null>(null);
  const [error, setError] = useState('');
  const [at, setAt] = useState(0);
  const turn = useRef(0);
  const shownFor = useRef<string | null>(null); /* what was typed for the rows that are shown */
  const takeFirst = useRef(false); /* Enter came before its rows */
  const open = typed !== null;
  useEffect(() => {
    if (typed === null) {
      return undefined;
    }
    const mine = ++turn.current;
    const timer = setTimeout(() => {
      props.find(typed.trim()).then((rows) => {
        if (mine === turn.current) {
          if (takeFirst.current && rows[0] !== undefined) {
            pick(rows[0]);
            return;
          }
          shownFor.current = typed;
          takeFirst.current = false;
          setFound(rows);
          setError('');
          setAt(0);
        }
      }, (caught: unknown) => {
        if (mine === turn.current) {
          setFound([]);
          setError(sentence(caught));
        }
      });
    }, typed === '' ? 0 : WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const close = () => {
    turn.current++;
    takeFirst.current = false;
    shownFor.current = null;
    setTyped(null);
    setFound(null);
  };
  const pick = (one: T) => {
    close();
    props.onPick(one);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = found?.length ?? 0;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!open) {
        setTyped('');
      } else if (count > 0) {
        setAt((at + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
      }
    } else if (event.key === 'Enter' && open) {
      if (shownFor.current !== typed) {
        takeFirst.current = true;
      } else if (found?.[at] !== undefined) {
        pick(found[at]);
      }
    } else if (event.key === 'Escape' && open) {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="field picker">
      <label for={id}>{props.label}</label>
      <div class="picker-line">
        <input id={id} type="text" role="combobox" aria-expanded={open} aria-autocomplete="list" autocomplete="off"
          aria-controls={open ? `${id}-list` : undefined} spellcheck={false} data-testid={props.testId} maxLength={200}
          aria-activedescendant={open && found?.[at] ? `${id}-${at}` : undefined}
          placeholder={text.admin.typeToFind} value={typed ?? props.chosen ?? ''} onKeyDown={onKeyDown}
          onFocus={(event) => event.currentTarget.select()} onClick={() => setTyped(typed ?? '')} onBlur={close}
          onInput={(event) => setTyped(event.currentTarget.value)} />
        {props.onClear && props.chosen && (
          <button type="button" class="quiet icon-button" aria-label={text.admin.clear(props.label)} onClick={props.onClear}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {props.hint && <p class="hint">{props.hint}</p>}
      {open && (
        <div class="picker-list">
          <ul id={`${id}-list`} role="listbox" aria-label={props.label}>
            {(found ?? []).map((one, index) => (
              <li key={props.keyOf(one)} id={`${id}-${index}`} role="option" aria-selected={index === at}
                class={index === at ? 'at' : ''} onPointerDown={(event) => {
                  event.preventDefault();
                  pick(one);
                }}>
                <span>{props.nameOf(one)}</span>
                {props.noteOf && <span class="picker-note">{props.noteOf(one)}</span>}
              </li>
            ))}
          </ul>
          {found?.length === 0 && <p class="picker-none" role="status">{error || text.admin.nothingFound}</p>}
        </div>
      )}
    </div>
  );
}

/* Finds accounts by name among all of the appliance. */
export function PersonPicker({ label, hint, onPick, chosen, onClear, testId, except }: {
  label: string; hint?: string; onPick: (person: Person) => void; chosen?: string; onClear?: () => void; testId?: string;
  except?: ReadonlySet<number>;
}) {
  return (
    <Picker label={label} {...(hint !== undefined && { hint })} {...(chosen !== undefined && { chosen })}
      {...(onClear && { onClear })} {...(testId && { testId })}
      find={async (typed) => (await accountsApi.find(typed)).accounts.filter((one) => !except?.has(one.id))}
      keyOf={(one) => one.id} nameOf={(one) => one.display_name} noteOf={(one) => one.user} onPick={onPick} />
  );
}

/* Names with a button to take each away. */
export function Chips({ label, chips, onRemove }: {
  label: string; chips: readonly { readonly key: string; readonly name: string; readonly kind?: string }[];
  onRemove?: (key: string) => void;
}) {
  return (
    <ul class="chips" aria-label={label}>
      {chips.map((chip) => (
        <li key={chip.key} class="chip">
          {chip.kind && <span class="chip-kind">{chip.kind}</span>}
          <span class="chip-name">{chip.name}</span>
          {onRemove && (
            <button type="button" class="quiet chip-remove" aria-label={text.admin.removeOne(chip.name)}
              onClick={() => onRemove(chip.key)}>
              <Icon name="close" />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
