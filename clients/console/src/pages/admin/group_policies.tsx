/* SPDX-License-Identifier: Apache-2.0 */
/* Group policies in their order: moved with buttons or by dragging; four blocks each, and members. */
import { useState } from 'preact/hooks';
import { teamsApi, type Team } from '../../api/people';
import { groupPoliciesApi, sessionPoliciesApi, type BlockState, type GroupPolicy } from '../../api/policies';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Check, Field, Segmented, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Badge, Empty, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { attempt, Chips, DetailsHead, hasAllWords, PersonPicker, Picker, removeThing } from './parts';
import { noRules, RuleFields, rulesOf } from './sign_in_rules';
import { rightBlocks, rightTitle } from './user_details';

const PATH = '/admin/group-policies';
const blocks = ['administration', 'representative', 'session', 'sign_in'] as const;

export default function GroupPoliciesPage({ args }: PageProps) {
  const words = text.policies.group;
  const policies = useResource(async () => (await groupPoliciesApi.list()).group_policies, ['policies_changed']);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const isNew = args[0] === 'new';
  const current = policies.value?.find((row) => row.id === Number(args[0]));
  const move = async (row: GroupPolicy, place: number) => {
    if (await attempt(() => groupPoliciesApi.move(row.id, place), words.moved(row.name, place))) {
      await policies.reload();
    }
  };
  const open = isNew || args[0] !== undefined;
  return (
    <Page title={words.title} lead={words.lead} width="full" testId="group-policies-page" actions={(
      <button type="button" class="primary" data-testid="group-policies-new" onClick={() => go(`${PATH}/new`)}>{words.add}</button>
    )}>
      <div class={open ? 'admin-split' : 'admin-split admin-alone'}>
        <div class="order-box">
          <Loaded resource={policies}>
            {(rows) => (rows.length === 0 ? <Empty title={words.emptyTitle}>{words.emptyText}</Empty> : (
              <ol class="order-list" aria-label={words.title}>
                {rows.map((row, at) => (
                  <li key={row.id} class={['order-row', row.id === current?.id && 'current', over === at && 'drop-here'].filter(Boolean).join(' ')}
                    data-testid={`group-policy-${row.id}`} draggable onDragStart={() => setDragged(row.id)}
                    onDragOver={(event) => { event.preventDefault(); setOver(at); }} onDragEnd={() => { setDragged(null); setOver(null); }}
                    onDrop={() => {
                      const moved = rows.find((one) => one.id === dragged);
                      setDragged(null);
                      setOver(null);
                      if (moved && moved.id !== row.id) {
                        void move(moved, at + 1);
                      }
                    }}>
                    <span class="drag-sign" title={words.drag} aria-hidden="true">⠿</span>
                    <span class="ordinal">{at + 1}</span>
                    <button type="button" class="order-name" aria-current={row.id === current?.id} onClick={() => go(`${PATH}/${row.id}`)}>{row.name}</button>
                    {!open && (
                      <span class="order-badges">
                        {blocks.filter((block) => row[block] !== 'not_defined').map((block) => (
                          <Badge key={block} tone={row[block] === 'final' ? 'warn' : 'neutral'}>
                            {words.block[block]}{row[block] === 'final' ? `: ${words.state.final}` : ''}
                          </Badge>
                        ))}
                      </span>
                    )}
                    <span class="order-buttons">
                      <button type="button" class="quiet icon-button" disabled={at === 0} aria-label={words.up(row.name)}
                        data-testid={`up-${row.id}`} onClick={() => void move(row, at)}><Icon name="up" /></button>
                      <button type="button" class="quiet icon-button" disabled={at === rows.length - 1} aria-label={words.down(row.name)}
                        data-testid={`down-${row.id}`} onClick={() => void move(row, at + 2)}><Icon name="down" /></button>
                    </span>
                  </li>
                ))}
              </ol>
            ))}
          </Loaded>
        </div>
        {open && (
          <section class="admin-details" aria-label={current?.name ?? words.add} data-testid="group-policies-details">
            {isNew ? <NewPolicy onMade={(id) => { void policies.reload(); go(`${PATH}/${id}`, { replace: true }); }} />
              : current ? <Details key={current.id} policy={current} reload={policies.reload} />
              : policies.value && <Empty title={text.admin.gone} />}
          </section>
        )}
      </div>
    </Page>
  );
}

function NewPolicy({ onMade }: { onMade: (id: number) => void }) {
  const form = useForm({ name: '' }, {
    isNew: true,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values) => onMade((await groupPoliciesApi.create({ name: values.name.trim() })).group_policy.id),
    saved: (values) => toast(text.admin.created(values.name)),
  });
  return (
    <>
      <DetailsHead title={text.policies.group.add} path={PATH} />
      <div class="details-body">
        <Form form={form} label={text.policies.group.add}>
          <Field label={text.admin.name} maxLength={128} autofocus {...form.text('name')} />
          <FormBar form={form} save={text.common.actions.create} />
        </Form>
      </div>
    </>
  );
}

function Details({ policy, reload }: { policy: GroupPolicy; reload: () => Promise<void> }) {
  const words = text.policies.group;
  const [tab, setTab] = useState('rights');
  const sessionPolicies = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  const form = useForm({
    name: policy.name, comments: policy.comments, administration: policy.administration, administration_rights: [...policy.administration_rights],
    representative: policy.representative, representative_rights: [...policy.representative_rights], session: policy.session,
    session_policy: policy.session_policy, sign_in: policy.sign_in, ...noRules, ...rulesOf(policy),
  }, {
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    save: async (_, changed) => {
      await groupPoliciesApi.set(policy.id, changed);
      await reload();
    },
    saved: () => toast(text.common.actions.saved),
  });
  const remove = async () => {
    if (await removeThing(policy.name, words.removeText, () => groupPoliciesApi.remove(policy.id))) {
      go(PATH, { replace: true });
    }
  };
  const stateOf = (block: typeof blocks[number]) => (
    <>
      <Segmented<BlockState> label={words.block[block]} value={form.values[block]} testId={`block-${block}`}
        onChange={(state) => form.set(block, state)}
        options={(['not_defined', 'defined', 'final'] as const).map((value) => ({ value, label: words.state[value] }))} />
      <p class="hint block-hint">{words.stateHint[form.values[block]]}</p>
    </>
  );
  const rightsOf = (block: 'administration' | 'representative') => {
    const name = `${block}_rights` as const;
    const all = rightBlocks()[block];
    return (
      <section class="block" key={block}>
        <h3>{words.block[block]}</h3>
        {stateOf(block)}
        {form.values[block] !== 'not_defined' && (
          <>
            <p class="hint">{words.blockRights}</p>
            <div class="actions block-all">
              <button type="button" class="quiet" onClick={() => form.set(name, all)}>{words.all}</button>
              <button type="button" class="quiet" onClick={() => form.set(name, [])}>{words.none}</button>
            </div>
            <div class="right-grid">
              {all.map((right) => (
                <Check key={right} label={rightTitle(right)} checked={form.values[name].includes(right)} testId={`has-${right}`}
                  onChange={(has) => form.set(name, all.filter((one) => (one === right ? has : form.values[name].includes(one))))} />
              ))}
            </div>
          </>
        )}
      </section>
    );
  };
  return (
    <>
      <DetailsHead title={policy.name} path={PATH} actions={(
        <button type="button" class="danger" data-testid="policy-remove" onClick={() => void remove()}>{text.common.actions.remove}</button>
      )} />
      <div class="details-body">
        <Tabs label={policy.name} current={tab} onChange={setTab}
          tabs={(['rights', 'session', 'members', 'general'] as const).map((id) => ({ id, title: words.tabs[id] }))}>
          {tab === 'members' ? <Members policy={policy} /> : (
            <Form form={form} label={policy.name}>
              {tab === 'rights' && <>{rightsOf('administration')}{rightsOf('representative')}</>}
              {tab === 'session' && (
                <>
                  <section class="block">
                    <h3>{words.block.session}</h3>
                    {stateOf('session')}
                    {form.values.session !== 'not_defined' && (
                      <Select label={words.block.session} {...form.select('session_policy')} options={[
                        { value: 0, label: words.noSession },
                        ...(sessionPolicies.value ?? []).filter((one) => one.for_accounts).map((one) => ({ value: one.id, label: one.name })),
                      ]} />
                    )}
                  </section>
                  <section class="block">
                    <h3>{words.block.sign_in}</h3>
                    {stateOf('sign_in')}
                    {form.values.sign_in !== 'not_defined' && <RuleFields form={form} inherit={text.admin.notDefined} />}
                  </section>
                </>
              )}
              {tab === 'general' && (
                <>
                  <Field label={text.admin.name} maxLength={128} {...form.text('name')} />
                  <TextArea label={text.admin.comments} rows={3} maxLength={1000} {...form.text('comments')} />
                </>
              )}
              <div class="sticky-bar"><FormBar form={form} /></div>
            </Form>
          )}
        </Tabs>
      </div>
    </>
  );
}

function Members({ policy }: { policy: GroupPolicy }) {
  const words = text.policies.group;
  const members = useResource(async () => (await groupPoliciesApi.show(policy.id)).members, ['policies_changed'], [policy.id]);
  const teams = useResource(() => teamsApi.all(), ['teams_changed']);
  const act = async (work: () => Promise<unknown>) => {
    if (await attempt(work)) {
      await members.reload();
    }
  };
  const all = members.value ?? [];
  const chips = all.map((member) => (member.account !== undefined
    ? { key: `account-${member.account}`, name: member.user, kind: words.user }
    : { key: `team-${member.team}`, name: member.name, kind: words.team })).sort((a, b) => compareText(a.name, b.name));
  return (
    <Loaded resource={members}>
      {() => (
        <>
          {chips.length === 0 ? <p class="hint">{words.noMembers}</p> : (
            <Chips label={words.members} chips={chips} onRemove={(key) => {
              const [kind = '', id] = key.split('-');
              void act(() => groupPoliciesApi.removeMember(policy.id, { [kind]: Number(id) }));
            }} />
          )}
          <PersonPicker label={words.addUser} testId="policy-add-user" onPick={(person) => void act(() => groupPoliciesApi.addMember(policy.id, { account: person.id }))}
            except={new Set(all.flatMap((member) => member.account ?? []))} />
          <Picker<Team> label={words.addTeam} testId="policy-add-team" keyOf={(team) => team.id} nameOf={(team) => team.name}
            find={async (typed) => (teams.value ?? []).filter((team) => !all.some((member) => member.team === team.id)
              && hasAllWords(team.name, typed)).slice(0, 20)}
            onPick={(team) => void act(() => groupPoliciesApi.addMember(policy.id, { team: team.id }))} />
        </>
      )}
    </Loaded>
  );
}
