/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with several Jump Items at once. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { EDIT_MOST, jumpApi, type JumpEdit, type JumpGroup, type JumpListing } from '../../api/jump';
import { sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import { useShortcuts } from '../../shortcuts';
import { text } from '../../text';
import { compareText, formatNumber } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Check, Field, Select, TextArea } from '../../view/fields';
import { Icon } from '../../view/icon';
import { Menu } from '../../view/menu';
import { Dialog, ErrorLine } from '../../view/parts';
import { useResource } from '../../view/resource';
import type { Key } from '../../view/table';
import { toast } from '../../view/toast';
import { exportAll } from './export';
import { allGroups, countsChanged } from './places';

const PAGE = 100;
const NAMES_SHOWN = 5;

interface BulkProps {
  state: ConsoleState;
  listing: JumpListing | null; /* null: what is shown is not a list of the appliance */
  found: number;
  selection: ReadonlySet<Key>;
  onSelect: (selection: ReadonlySet<Key>) => void;
  nameOf: (id: number) => string | undefined;
}

export function BulkBar({ listing, found, selection, onSelect, nameOf }: BulkProps) {
  const [dialog, setDialog] = useState<'none' | 'edit' | 'move' | 'copy'>('none');
  const [progress, setProgress] = useState<{ done: number; all: number } | null>(null);
  const stopped = useRef(false);
  const ids = [...selection].map(Number);
  const count = formatNumber(ids.length);
  useEffect(() => () => {
    stopped.current = true;
  }, []);

  const selectFound = async () => {
    if (!listing) {
      return;
    }
    try {
      const all = new Set<Key>();
      for (let from = 0; from < Math.min(found, EDIT_MOST); from += PAGE) {
        const page = await jumpApi.list({ ...listing, from, limit: PAGE });
        page.jump_items.forEach((item) => all.add(item.id));
      }
      onSelect(all);
    } catch (error) {
      toast(sentence(error), 'error');
    }
  };
  useShortcuts([{ keys: 'Escape', scope: text.jump.title, meaning: text.jump.clearSelection, run: () => onSelect(new Set()) }]);

  /* One after the other; those that could not be done stay selected. */
  const each = async (run: (id: number) => Promise<unknown>, said: (count: string) => string) => {
    const left = new Set<Key>(ids);
    let why = '';
    stopped.current = false;
    for (let at = 0; at < ids.length && !stopped.current; at++) {
      setProgress({ done: at, all: ids.length });
      try {
        await run(ids[at]!);
        left.delete(ids[at]!);
      } catch (error) {
        why = sentence(error);
      }
    }
    setProgress(null);
    onSelect(left);
    countsChanged();
    const done = formatNumber(ids.length - left.size);
    if (why === '') {
      toast(said(done));
    } else {
      toast(`${text.jump.someFailed(done, formatNumber(left.size))} ${why}`, 'error');
    }
  };
  const remove = async () => {
    const names = ids.slice(0, NAMES_SHOWN).map((id) => nameOf(id) ?? `#${id}`);
    const more = ids.length > NAMES_SHOWN ? ` ${text.jump.andMore(formatNumber(ids.length - NAMES_SHOWN))}` : '';
    if (await confirm({ title: text.jump.removeManyTitle(count, ids.length), text: text.jump.removeManyText(names.join(', ') + more),
      action: text.common.actions.remove, danger: true })) {
      await each((id) => jumpApi.remove(id), text.jump.removedMany);
    }
  };
  if (progress) {
    return (
      <>
        <span class="spinner" aria-hidden="true" />
        <span role="status">{text.jump.progress(formatNumber(progress.done), formatNumber(progress.all))}</span>
        <button type="button" onClick={() => { stopped.current = true; }}>{text.jump.stop}</button>
      </>
    );
  }
  return (
    <>
      <strong data-testid="jump-selected">{text.jump.selected(count)}</strong>
      <button type="button" data-testid="bulk-edit" onClick={() => setDialog('edit')}>{text.jump.editMany}</button>
      <button type="button" data-testid="bulk-move" onClick={() => setDialog('move')}>{text.jump.moveMany}</button>
      <Menu label={text.jump.actions} align="start" testId="bulk-more" button={<Icon name="more" />} entries={[
        { label: text.jump.copyMany, icon: 'copy', testId: 'bulk-copy', onChoose: () => setDialog('copy') },
        { label: text.jump.exportMany, icon: 'download', testId: 'bulk-export', onChoose: () => void exportAll(new Set(ids)) },
        { label: text.jump.removeMany, icon: 'trash', danger: true, testId: 'bulk-remove', onChoose: () => void remove() },
      ]} />
      {listing && found > ids.length && found <= EDIT_MOST && (
        <button type="button" class="quiet" data-testid="select-found" onClick={() => void selectFound()}>
          {text.jump.selectFound(formatNumber(found))}
        </button>
      )}
      <button type="button" class="quiet" data-testid="clear-selection" onClick={() => onSelect(new Set())}>
        {text.jump.clearSelection}
      </button>
      {dialog === 'edit' && <EditMany ids={ids} onClose={() => setDialog('none')} onDone={() => onSelect(new Set())} />}
      {(dialog === 'move' || dialog === 'copy') && (
        <ToGroup ids={ids} isCopy={dialog === 'copy'} onClose={() => setDialog('none')}
          onMoved={() => onSelect(new Set())}
          onCopy={(group) => {
            setDialog('none');
            void each((id) => jumpApi.copyTo(id, group), text.jump.copiedMany);
          }} />
      )}
    </>
  );
}

/* edit_many takes so many at once: each part is all or none. */
async function editAll(ids: readonly number[], edit: JumpEdit): Promise<number> {
  let changed = 0;
  for (let from = 0; from < ids.length; from += EDIT_MOST) {
    changed += (await jumpApi.editMany(ids.slice(from, from + EDIT_MOST), edit)).changed;
  }
  return changed;
}

function EditMany({ ids, onClose, onDone }: { ids: readonly number[]; onClose: () => void; onDone: () => void }) {
  const [ticked, setTicked] = useState({ tag: false, comments: false, expires: false });
  const [tag, setTag] = useState('');
  const [comments, setComments] = useState('');
  const [expires, setExpires] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!ticked.tag && !ticked.comments && !ticked.expires) {
      setError(text.jump.nothingTicked);
      return;
    }
    setBusy(true);
    setError('');
    try {
      const changed = await editAll(ids, {
        ...(ticked.tag && { tag: tag.trim() }),
        ...(ticked.comments && { comments }),
        ...(ticked.expires && { expires_unix_ms: endOfDay(expires) }),
      });
      toast(text.jump.changed(formatNumber(changed)));
      countsChanged();
      onDone();
      onClose();
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <Dialog title={text.jump.editManyTitle(formatNumber(ids.length), ids.length)} onClose={onClose}>
      <form class="form jump-bulk-form" noValidate onSubmit={(event) => void submit(event)}>
        <p class="hint">{text.jump.editManyLead}</p>
        <ErrorLine testId="bulk-error">{error}</ErrorLine>
        <div class="jump-bulk-row">
          <Check label={text.jump.tag} checked={ticked.tag} onChange={(is) => setTicked({ ...ticked, tag: is })} testId="bulk-has-tag" />
          <Field label={text.jump.tag} hideLabel value={tag} onInput={setTag} maxLength={128} disabled={!ticked.tag} testId="bulk-tag" />
        </div>
        <div class="jump-bulk-row">
          <Check label={text.jump.expires} checked={ticked.expires} onChange={(is) => setTicked({ ...ticked, expires: is })} testId="bulk-has-expires" />
          <Field label={text.jump.expiresOn} hideLabel type="date" value={expires} onInput={setExpires} disabled={!ticked.expires}
            hint={text.jump.expiresHint} testId="bulk-expires" />
        </div>
        <div class="jump-bulk-row">
          <Check label={text.jump.comments} checked={ticked.comments} onChange={(is) => setTicked({ ...ticked, comments: is })} testId="bulk-has-comments" />
          <TextArea label={text.jump.comments} hideLabel value={comments} onInput={setComments} rows={3} maxLength={4000}
            disabled={!ticked.comments} testId="bulk-comments" />
        </div>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" disabled={busy} aria-busy={busy} data-testid="bulk-save">{text.jump.change}</button>
        </div>
      </form>
    </Dialog>
  );
}

/* '2026-12-31' as the last moment of that day here; '' is never. */
export function endOfDay(date: string): number {
  const time = date === '' ? 0 : new Date(`${date}T23:59:59`).getTime();
  return Number.isNaN(time) ? 0 : time;
}

/* The day of a time here, as a field of dates has it. */
export function dayOf(unixMs: number | null): string {
  if (!unixMs) {
    return '';
  }
  const date = new Date(unixMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/* Groups into which one may put items, by name. */
export function useTargets(except: readonly number[] = []): { groups: readonly JumpGroup[]; error: string } {
  const all = useResource(allGroups, ['policies_changed']);
  return {
    groups: (all.value ?? []).filter((group) => group.may.includes('add') && !except.includes(group.id))
      .sort((a, b) => compareText(a.name, b.name)),
    error: all.error,
  };
}

export function ToGroup({ ids, isCopy, onClose, onMoved, onCopy, except = [] }: {
  ids: readonly number[]; isCopy: boolean; onClose: () => void; onMoved: () => void; onCopy: (group: number) => void;
  except?: readonly number[];
}) {
  const targets = useTargets(except);
  const [group, setGroup] = useState(0);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const count = formatNumber(ids.length);
  const submit = async (event: Event) => {
    event.preventDefault();
    const chosen = targets.groups.find((one) => one.id === group);
    if (!chosen) {
      setError(text.jump.chooseGroup);
      return;
    }
    if (isCopy) {
      onCopy(chosen.id);
      return;
    }
    setBusy(true);
    setError('');
    try {
      toast(text.jump.changed(formatNumber(await editAll(ids, { group: chosen.name }))));
      countsChanged();
      onMoved();
      onClose();
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <Dialog title={isCopy ? text.jump.copyManyTitle(count, ids.length) : text.jump.moveManyTitle(count, ids.length)} onClose={onClose}>
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        {isCopy && <p class="hint">{text.jump.copyLead}</p>}
        <ErrorLine testId="bulk-error">{error || targets.error}</ErrorLine>
        <Select label={text.jump.toGroup} value={group} onChange={setGroup} testId="bulk-group" options={[
          { value: 0, label: text.jump.chooseGroup }, ...targets.groups.map((one) => ({ value: one.id, label: one.name })),
        ]} />
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" disabled={busy || group === 0} aria-busy={busy} data-testid="bulk-save">
            {isCopy ? text.jump.copy : text.jump.move}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
