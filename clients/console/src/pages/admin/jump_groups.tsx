/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Groups: who is a member with which role, and the policies of the group. */
import { useState } from 'preact/hooks';
import { teamsApi, type Team } from '../../api/people';
import {
  jumpGroupsApi, jumpPoliciesApi, jumpRolesApi, sessionPoliciesApi, type JumpGroup, type JumpGroupMember, type JumpRole,
} from '../../api/policies';
import type { ConsoleState } from '../../console_state';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Field, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Badge, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { attempt, DetailsHead, hasAllWords, ListPage, PersonPicker, Picker, removeThing } from './parts';

const PATH = '/admin/jump-groups';

export default function JumpGroupsPage({ state, args }: PageProps) {
  const words = text.jumpRules.groups;
  const groups = useResource(() => jumpGroupsApi.all(), ['policies_changed']);
  const shared = groups.value && groups.value.filter((group) => group.owner === null);
  return (
    <ListPage name="jump-groups" path={PATH} title={words.title} args={args} rows={{ ...groups, value: shared }} createLabel={words.add}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.code} ${row.description}`}
      columns={[
        { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'code', title: words.columns.code, width: 140, value: (row) => <span class="mono">{row.code}</span> },
        { id: 'description', title: words.columns.description, width: 260, value: (row) => row.description },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path={PATH} />
          <div class="details-body"><General onSaved={close} /></div>
        </>
      )}
      empty={{ title: words.emptyTitle, text: words.emptyText }}
      details={(row) => <Details key={row.id} state={state} group={row} />} />
  );
}

function Details({ state, group }: { state: ConsoleState; group: JumpGroup }) {
  const words = text.jumpRules.groups;
  const [tab, setTab] = useState('members');
  const remove = async () => {
    if (await removeThing(group.name, words.removeText, () => jumpGroupsApi.remove(group.id))) {
      go(PATH, { replace: true });
    }
  };
  const tabs = ['members', ...(state.may('edit_policies') ? ['policies' as const] : []), 'general'] as const;
  return (
    <>
      <DetailsHead title={group.name} path={PATH} sub={<span class="mono">{group.code}</span>} actions={(
        <button type="button" class="danger" data-testid="group-remove" onClick={() => void remove()}>{text.common.actions.remove}</button>
      )} />
      <div class="details-body">
        <Tabs label={group.name} current={tab} onChange={setTab} tabs={tabs.map((id) => ({ id, title: words.tabs[id] }))}>
          {tab === 'members' ? <Members group={group} />
            : tab === 'policies' ? <Policies group={group} /> : <General group={group} onSaved={() => undefined} />}
        </Tabs>
      </div>
    </>
  );
}

function General({ group, onSaved }: { group?: JumpGroup; onSaved: (id: number) => void }) {
  const words = text.jumpRules.groups;
  const form = useForm({ name: group?.name ?? '', code: group?.code ?? '', description: group?.description ?? '' }, {
    isNew: !group,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async ({ code, ...others }, changed) => {
      const made = group ? await jumpGroupsApi.set(group.id, changed)
        : await jumpGroupsApi.create({ ...others, ...(code !== '' && { code }) });
      onSaved(made.jump_group.id);
    },
    saved: (values) => toast(group ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.tabs.general}>
      <Field label={text.admin.name} maxLength={128} autofocus={!group} {...form.text('name')} />
      <Field label={text.admin.code} hint={text.admin.codeHint} mono maxLength={64} {...form.text('code')} />
      <TextArea label={text.admin.description} rows={2} maxLength={1000} {...form.text('description')} />
      <FormBar form={form} {...(!group && { save: text.common.actions.create })} />
    </Form>
  );
}

function Members({ group }: { group: JumpGroup }) {
  const words = text.jumpRules.groups;
  const members = useResource(() => jumpGroupsApi.members(group.id), ['policies_changed'], [group.id]);
  const roles = useResource(async () => (await jumpRolesApi.list()).jump_roles, ['policies_changed']);
  const teams = useResource(() => teamsApi.all(), ['teams_changed']);
  const act = async (work: () => Promise<unknown>) => {
    if (await attempt(work)) {
      await members.reload();
    }
  };
  const nameOf = (member: JumpGroupMember) => (member.kind === 'everybody' ? words.everybody : member.name);
  const has = (kind: string, id: number) => (members.value ?? []).some((one) => one.kind === kind && one.member === id);
  return (
    <>
      <Loaded resource={members}>
        {(all) => (all.length === 0 ? <p class="hint">{words.noMembers}</p> : (
          <ul class="member-list">
            {all.map((member) => (
              <li key={`${member.kind}-${member.member}`} class="member-row" data-testid={`group-member-${member.kind}-${member.member}`}>
                <span><span class="item-name">{nameOf(member)}</span></span>
                <Badge>{words.kinds[member.kind]}</Badge>
                <Select label={words.roleOf(nameOf(member))} hideLabel value={member.role ?? 0} testId={`group-role-${member.kind}-${member.member}`}
                  options={[{ value: 0, label: words.defaultRole }, ...(roles.value ?? []).map((role: JumpRole) => ({ value: role.id, label: role.name }))]}
                  onChange={(role) => void act(() => jumpGroupsApi.setMember(group.id, member.kind, member.member, role))} />
                <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(nameOf(member))}
                  onClick={() => void act(() => jumpGroupsApi.removeMember(group.id, member.kind, member.member))}>
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
        ))}
      </Loaded>
      <div class="field-row">
        <PersonPicker label={words.addUser} testId="group-add-user"
          except={new Set((members.value ?? []).filter((one) => one.kind === 'account').map((one) => one.member))}
          onPick={(person) => void act(() => jumpGroupsApi.setMember(group.id, 'account', person.id, 0))} />
        <Picker<Team> label={words.addTeam} testId="group-add-team" keyOf={(team) => team.id} nameOf={(team) => team.name}
          find={async (typed) => (teams.value ?? []).filter((team) => !has('team', team.id) && hasAllWords(team.name, typed)).slice(0, 20)}
          onPick={(team) => void act(() => jumpGroupsApi.setMember(group.id, 'team', team.id, 0))} />
      </div>
      {members.value && !has('everybody', 0) && (
        <button type="button" data-testid="group-add-everybody" onClick={() => void act(() => jumpGroupsApi.setMember(group.id, 'everybody', 0, 0))}>
          {words.addEverybody}
        </button>
      )}
    </>
  );
}

function Policies({ group }: { group: JumpGroup }) {
  const words = text.jumpRules.groups;
  const session = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  const jump = useResource(() => jumpPoliciesApi.all(), ['policies_changed']);
  const assigned = useResource(async () => (await sessionPoliciesApi.assignments())
    .find((one) => one.kind === 'jump_group' && one.object === group.id) ?? null, ['policies_changed'], [group.id]);
  const put = async (change: object) => {
    if (await attempt(() => sessionPoliciesApi.assign({ kind: 'jump_group', object: group.id, ...change }))) {
      await assigned.reload();
    }
  };
  const options = (rows: readonly { readonly id: number; readonly name: string }[] | null) =>
    [{ value: 0, label: words.nothing }, ...(rows ?? []).map((row) => ({ value: row.id, label: row.name }))];
  const forItems = (session.value ?? []).filter((one) => one.for_jump_items);
  return (
    <>
      <Select label={words.sessionAttended} value={assigned.value?.attended ?? 0} options={options(forItems)} testId="group-attended"
        onChange={(attended) => void put({ attended })} />
      <Select label={words.sessionUnattended} value={assigned.value?.unattended ?? 0} options={options(forItems)} testId="group-unattended"
        onChange={(unattended) => void put({ unattended })} />
      <Select label={words.jumpPolicy} value={assigned.value?.jump_policy ?? 0} options={options(jump.value)} testId="group-jump-policy"
        onChange={(policy) => void put({ jump_policy: policy })} />
    </>
  );
}
