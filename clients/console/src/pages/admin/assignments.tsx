/* SPDX-License-Identifier: Apache-2.0 */
/* Who and what has which session policies and Jump policy, in one list; each is changed where it stands. */
import { useState } from 'preact/hooks';
import { accountsApi, teamsApi } from '../../api/people';
import { jumpGroupsApi, jumpPoliciesApi, sessionPoliciesApi, type AssignedKind, type Assignment } from '../../api/policies';
import { get } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { SearchField, Segmented, Select } from '../../view/fields';
import { Icon } from '../../view/icon';
import { Badge, Empty, Page } from '../../view/page';
import { Dialog } from '../../view/parts';
import { useResource } from '../../view/resource';
import { Table, type Column } from '../../view/table';
import { attempt, hasAllWords, PersonPicker, Picker, removeThing } from './parts';

interface Named {
  readonly id: number;
  readonly name: string;
}

type Names = Readonly<Record<AssignedKind, readonly Named[]>>;

/* Names of what may have a policy, as far as one may see them; the rest is shown by its number. */
async function loadNames(state: ConsoleState): Promise<Names> {
  const orNone = async (load: () => Promise<readonly Named[]>) => load().catch(() => []);
  const [account, team, jumpGroup, portal, copy] = await Promise.all([
    state.may('edit_accounts') ? orNone(async () => (await accountsApi.all()).map((one) => ({ id: one.id, name: one.display_name }))) : [],
    orNone(() => teamsApi.all()),
    state.may('edit_jump_groups') ? orNone(() => jumpGroupsApi.all()) : [],
    orNone(async () => (await get<{ portals: Named[] }>('portals')).portals),
    orNone(async () => (await get<{ copies: { id: number; name: string; group: string }[] }>('jump-copies', { limit: 100 })).copies
      .map((one) => ({ id: one.id, name: `${one.name} (${one.group})` }))),
  ]);
  return { account, team, jump_group: jumpGroup, portal, copy, jump_item: [] };
}

export default function AssignmentsPage({ state }: PageProps) {
  const words = text.policies.assigned;
  const [wanted, setWanted] = useState('');
  const [adding, setAdding] = useState(false);
  const rows = useResource(() => sessionPoliciesApi.assignments(), ['policies_changed']);
  const session = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  const jump = useResource(() => jumpPoliciesApi.all(), ['policies_changed']);
  const names = useResource(() => loadNames(state), ['policies_changed', 'teams_changed', 'accounts_changed', 'portals_changed']);
  const nameOf = (row: Assignment) => names.value?.[row.kind].find((one) => one.id === row.object)?.name ?? words.number(row.object);
  const options = (policies: readonly Named[] | null) =>
    [{ value: 0, label: text.admin.none }, ...(policies ?? []).map((one) => ({ value: one.id, label: one.name }))];
  const put = async (row: Assignment, change: object) => {
    if (await attempt(() => sessionPoliciesApi.assign({ kind: row.kind, object: row.object, ...change }))) {
      await rows.reload();
    }
  };
  const choice = (row: Assignment, part: 'attended' | 'unattended' | 'jump_policy', policies: readonly Named[] | null, title: string) => (
    <Select label={`${title}: ${nameOf(row)}`} hideLabel value={row[part] ?? 0} options={options(policies)}
      testId={`${part}-${row.kind}-${row.object}`} onChange={(id) => void put(row, { [part]: id })} />
  );
  const isJump = (kind: AssignedKind) => ['jump_item', 'copy', 'jump_group'].includes(kind);
  const columns: Column<Assignment>[] = [
    { id: 'kind', title: words.columns.kind, width: 120, fixed: true, sort: (a, b) => compareText(words.kinds[a.kind], words.kinds[b.kind]),
      value: (row) => <Badge>{words.kinds[row.kind]}</Badge> },
    { id: 'what', title: words.columns.what, width: 180, fixed: true, sort: (a, b) => compareText(nameOf(a), nameOf(b)),
      value: (row) => <span class="item-name">{nameOf(row)}</span> },
    { id: 'attended', title: words.columns.attended, width: 170, value: (row) => choice(row, 'attended', session.value, words.attended) },
    { id: 'unattended', title: words.columns.unattended, width: 170, value: (row) => (row.kind === 'portal' ? '' : choice(row, 'unattended', session.value, words.unattended)) },
    { id: 'jump', title: words.columns.jump, width: 170, value: (row) => (isJump(row.kind) ? choice(row, 'jump_policy', jump.value, words.jump) : '') },
  ];
  return (
    <Page title={words.title} lead={words.lead} width="full" error={rows.error} testId="assignments-page"
      filter={<SearchField label={text.admin.search} value={wanted} onInput={setWanted} testId="assignments-search" />}
      actions={<button type="button" class="primary" data-testid="assignments-new" onClick={() => setAdding(true)}>{words.add}</button>}>
      <div class="assignments">
        <Table name="assignments" label={words.title} columns={columns} rowKey={(row) => `${row.kind}-${row.object}`} rowHeight={48}
          rows={rows.value && rows.value.filter((row) => hasAllWords(`${words.kinds[row.kind]} ${nameOf(row)}`, wanted))}
          rowProps={(row) => ({ 'data-testid': `assignment-${row.kind}-${row.object}` })} actionsWidth={56} actions={(row) => (
            <button type="button" class="quiet icon-button" aria-label={`${words.takeAway}: ${nameOf(row)}`} onClick={() => {
              void removeThing(nameOf(row), words.takeAway, () => sessionPoliciesApi.assign({
                kind: row.kind, object: row.object, attended: 0, unattended: 0, ...(isJump(row.kind) && { jump_policy: 0 }),
              })).then((done) => (done ? rows.reload() : undefined));
            }}>
              <Icon name="trash" />
            </button>
          )} empty={<Empty title={words.emptyTitle}>{words.emptyText}</Empty>} />
      </div>
      {adding && (
        <AddDialog names={names.value} session={session.value ?? []} onClose={(done) => {
          setAdding(false);
          if (done) {
            void rows.reload();
          }
        }} />
      )}
    </Page>
  );
}

function AddDialog({ names, session, onClose }: {
  names: Names | null; session: readonly Named[]; onClose: (done: boolean) => void;
}) {
  const words = text.policies.assigned;
  const [kind, setKind] = useState<AssignedKind>('team');
  const [chosen, setChosen] = useState<Named | null>(null);
  const [policy, setPolicy] = useState(session[0]?.id ?? 0);
  const save = async () => {
    if (chosen && await attempt(() => sessionPoliciesApi.assign({ kind, object: chosen.id, attended: policy }))) {
      onClose(true);
    }
  };
  const find = async (typed: string): Promise<readonly Named[]> => {
    if (kind === 'jump_item') {
      const long = typed.length >= 3;
      return (await get<{ jump_items: Named[] }>(long ? 'jump-items/search' : 'jump-items', { ...(long && { text: typed }), limit: 20 })).jump_items;
    }
    return (names?.[kind] ?? []).filter((one) => hasAllWords(one.name, typed)).slice(0, 20);
  };
  return (
    <Dialog title={words.add} onClose={() => onClose(false)} wide>
      <Segmented<AssignedKind> label={words.columns.kind} value={kind} testId="assign-kind" onChange={(next) => { setKind(next); setChosen(null); }}
        options={(['account', 'team', 'jump_group', 'jump_item', 'copy', 'portal'] as const).map((value) => ({ value, label: words.kinds[value] }))} />
      {kind === 'account'
        ? <PersonPicker label={words.what} chosen={chosen?.name ?? ''} testId="assign-what" onPick={(one) => setChosen({ id: one.id, name: one.display_name })} />
        : <Picker<Named> key={kind} label={words.what} chosen={chosen?.name ?? ''} testId="assign-what" find={find} keyOf={(one) => one.id}
            nameOf={(one) => one.name} onPick={setChosen} />}
      <Select label={words.attended} value={policy} testId="assign-policy" onChange={setPolicy}
        options={session.map((one) => ({ value: one.id, label: one.name }))} />
      <div class="actions end">
        <button type="button" onClick={() => onClose(false)}>{text.common.actions.cancel}</button>
        <button type="button" class="primary" disabled={!chosen || policy === 0} data-testid="assign-save" onClick={() => void save()}>{words.add}</button>
      </div>
    </Dialog>
  );
}
