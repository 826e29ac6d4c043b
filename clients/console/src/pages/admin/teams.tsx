/* SPDX-License-Identifier: Apache-2.0 */
/* Teams: members with their roles, the rules of the queue, the issues that lead to it. */
import { useState } from 'preact/hooks';
import { skillsApi, teamsApi, type Issue, type QueueRules, type Team, type TeamMember, type TeamRole } from '../../api/people';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText, formatNumber } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Check, Field, FieldGroup, NumberField, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Badge, Empty, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { Table, type Column } from '../../view/table';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { attempt, DetailsHead, folded, ListPage, PersonPicker, removeThing } from './parts';

const roles: readonly TeamRole[] = ['member', 'lead', 'manager'];

function columnsOf(queues: readonly QueueRules[]): Column<Team>[] {
  const words = text.people.teams;
  const ruleOf = (team: Team) => queues.find((queue) => queue.team === team.id);
  return [
    { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
      value: (row) => <span class="item-name">{row.name}</span> },
    { id: 'members', title: words.columns.members, width: 100, align: 'end', sort: (a, b) => a.member_count - b.member_count,
      value: (row) => formatNumber(row.member_count) },
    { id: 'queue', title: words.columns.queue, width: 190, value: (row) => (
      <>
        <Badge tone={ruleOf(row)?.automatic ? 'accent' : 'neutral'}>{ruleOf(row)?.automatic ? words.automatic : words.manual}</Badge>
        {row.persistent_queue && <Badge>{words.persistent}</Badge>}
      </>
    ) },
    { id: 'code', title: words.columns.code, width: 120, value: (row) => <span class="mono">{row.code}</span> },
  ];
}

export default function TeamsPage({ args }: PageProps) {
  const words = text.people.teams;
  const teams = useResource(() => teamsApi.all(), ['teams_changed', 'accounts_changed']);
  const queues = useResource(async () => (await teamsApi.queues()).queues, ['teams_changed']);
  return (
    <ListPage name="teams" path="/admin/teams" title={words.title} args={args} rows={teams} columns={columnsOf(queues.value ?? [])}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.code}`} createLabel={words.add}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path="/admin/teams" />
          <div class="details-body"><General onSaved={(team) => close(team.id)} /></div>
        </>
      )}
      empty={{ title: words.emptyTitle, text: words.emptyText }}
      details={(row) => (
        <TeamDetails key={row.id} team={row} teams={teams.value ?? []} queue={queues.value?.find((queue) => queue.team === row.id)}
          onQueue={queues.reload} />
      )} />
  );
}

function TeamDetails({ team, teams, queue, onQueue }: {
  team: Team; teams: readonly Team[]; queue: QueueRules | undefined; onQueue: () => Promise<void>;
}) {
  const [tab, setTab] = useState('members');
  const words = text.people.teams;
  const remove = async () => {
    if (await removeThing(team.name, words.removeText, () => teamsApi.remove(team.id))) {
      go('/admin/teams', { replace: true });
    }
  };
  return (
    <>
      <DetailsHead title={team.name} path="/admin/teams" sub={<span class="mono">{team.code}</span>} actions={(
        <button type="button" class="danger" data-testid="team-remove" onClick={() => void remove()}>{words.remove}</button>
      )} />
      <div class="details-body">
        <Tabs label={team.name} current={tab} onChange={setTab}
          tabs={(['members', 'queue', 'issues', 'general'] as const).map((id) => ({ id, title: words.tabs[id] }))}>
          {tab === 'members' ? <Members team={team} />
            : tab === 'queue' ? (queue && <Queue key={team.id} team={team} teams={teams} queue={queue} onSaved={onQueue} />)
            : tab === 'issues' ? <Issues team={team} />
            : <General team={team} onSaved={() => undefined} />}
        </Tabs>
      </div>
    </>
  );
}

function General({ team, onSaved }: { team?: Team; onSaved: (team: Team) => void }) {
  const words = text.people.teams;
  const form = useForm({
    name: team?.name ?? '', code: team?.code ?? '', comments: team?.comments ?? '', persistent_queue: team?.persistent_queue ?? false,
  }, {
    isNew: !team,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values, changed) => {
      const { code, ...others } = values;
      const made = team ? await teamsApi.set(team.id, changed) : await teamsApi.create({ ...others, ...(code !== '' && { code }) });
      onSaved(made.team);
    },
    saved: (values) => toast(team ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.tabs.general}>
      <Field label={text.admin.name} maxLength={128} autofocus={!team} {...form.text('name')} />
      <Field label={text.admin.code} hint={text.admin.codeHint} mono maxLength={64} {...form.text('code')} />
      <TextArea label={text.admin.comments} rows={3} maxLength={1000} {...form.text('comments')} />
      <Check label={words.persistentQueue} hint={words.persistentHint} {...form.check('persistent_queue')} />
      <FormBar form={form} {...(!team && { save: text.common.actions.create })} />
    </Form>
  );
}

function Members({ team }: { team: Team }) {
  const words = text.people.teams;
  const members = useResource(() => teamsApi.members(team.id), ['teams_changed', 'accounts_changed'], [team.id]);
  const act = async (work: () => Promise<unknown>, done?: string) => {
    if (await attempt(work, done)) {
      await members.reload();
    }
  };
  const remove = async (member: TeamMember) => {
    const users = text.people.users;
    const yes = await confirm({
      title: users.leaveTitle(member.display_name, team.name), text: users.leaveText, action: users.takeOut, danger: true,
    });
    if (yes) {
      await act(() => teamsApi.removeMember(team.id, member.account));
    }
  };
  const columns: Column<TeamMember>[] = [
    { id: 'name', title: words.memberColumns.name, width: 160, fixed: true, sort: (a, b) => compareText(a.display_name, b.display_name),
      value: (row) => <span class="item-name">{row.display_name}</span> },
    { id: 'user', title: words.memberColumns.user, width: 120, sort: (a, b) => compareText(a.user, b.user), value: (row) => row.user },
    { id: 'role', title: words.memberColumns.role, width: 170, fixed: true, sort: (a, b) => roles.indexOf(b.role) - roles.indexOf(a.role),
      value: (row) => (
        <Select label={words.roleOf(row.display_name)} hideLabel value={row.role} testId={`role-${row.account}`}
          options={roles.map((value) => ({ value, label: text.people.roles[value] }))}
          onChange={(role) => void act(() => teamsApi.setMember(team.id, row.account, role))} />
      ) },
  ];
  return (
    <div class="members">
      <PersonPicker label={words.addMember} hint={words.addMemberHint} testId="team-add-member"
        except={new Set((members.value ?? []).map((member) => member.account))}
        onPick={(person) => void act(() => teamsApi.setMember(team.id, person.id, 'member'), words.memberAdded(person.display_name))} />
      <Table name="team.members" label={words.tabs.members} columns={columns} rows={members.value} rowKey={(row) => row.account}
        rowHeight={48} rowProps={(row) => ({ 'data-testid': `member-${row.account}` })} actionsWidth={56} actions={(row) => (
          <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(row.display_name)} onClick={() => void remove(row)}>
            <Icon name="close" />
          </button>
        )} empty={<Empty title={words.noMembers} />} />
    </div>
  );
}

function Queue({ team, teams, queue, onSaved }: { team: Team; teams: readonly Team[]; queue: QueueRules; onSaved: () => Promise<void> }) {
  const words = text.people.teams;
  const form = useForm({
    automatic: queue.automatic, offer_s: queue.offer_s as number | null, overdue_s: queue.overdue_s, alert_count: queue.alert_count,
    overflow_team: queue.overflow_team ?? 0, overflow_s: queue.overflow_s, overflow_count: queue.overflow_count,
  }, {
    check: (values) => ({
      overflow_s: values.overflow_team !== 0 && !values.overflow_s && !values.overflow_count ? words.overflowNeeds : '',
    }),
    save: async (_, changed) => {
      await teamsApi.setQueue(team.id, Object.fromEntries(Object.entries(changed).map(([name, value]) => [name, value ?? 0])));
      await onSaved();
    },
    saved: () => toast(text.common.actions.saved),
  });
  return (
    <Form form={form} label={words.tabs.queue}>
      <Check label={words.automaticLabel} hint={words.automaticHint} isSwitch {...form.check('automatic')} />
      <div class="field-row">
        <NumberField label={words.offer} unit={words.seconds} min={1} {...form.number('offer_s')} />
        <NumberField label={words.overdue} hint={words.overdueHint} unit={words.seconds} min={0} {...form.number('overdue_s')} />
      </div>
      <NumberField label={words.alert} hint={words.overdueHint} unit={words.sessions} min={0} {...form.number('alert_count')} />
      <FieldGroup title={words.overflow} lead={words.overflowLead}>
        <Select label={words.overflowTeam} {...form.select('overflow_team')}
          options={[{ value: 0, label: words.noOverflow },
            ...teams.filter((other) => other.id !== team.id).map((other) => ({ value: other.id, label: other.name }))]} />
        {form.values.overflow_team !== 0 && (
          <div class="field-row">
            <NumberField label={words.overflowAfter} unit={words.seconds} min={0} {...form.number('overflow_s')} />
            <NumberField label={words.overflowCount} unit={words.sessions} min={0} {...form.number('overflow_count')} />
          </div>
        )}
      </FieldGroup>
      <FormBar form={form} />
    </Form>
  );
}

function Issues({ team }: { team: Team }) {
  const words = text.people.teams;
  const issues = useResource(() => teamsApi.issues(), ['teams_changed']);
  const remove = async (issue: Issue) => {
    if (await removeThing(issue.name, words.issueRemoveText, () => teamsApi.removeIssue(issue.id))) {
      await issues.reload();
    }
  };
  const [turn, setTurn] = useState(0);
  return (
    <>
      <Loaded resource={issues}>
        {(all) => {
          const own = all.filter((issue) => issue.team === team.id);
          return own.length === 0 ? <p class="hint">{words.noIssues}</p> : (
            <ul class="member-list">
              {own.map((issue) => (
                <li key={issue.id} class="member-row" data-testid={`issue-${issue.id}`}>
                  <span><span class="item-name">{issue.name}</span><span class="item-where mono">{issue.code}</span></span>
                  <Badge tone={issue.priority === 'high' ? 'warn' : 'neutral'}>{text.people.teams.priorities[issue.priority]}</Badge>
                  <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(issue.name)} onClick={() => void remove(issue)}>
                    <Icon name="trash" />
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      <NewIssue key={turn} team={team} onAdded={() => {
        setTurn(turn + 1);
        void issues.reload();
      }} />
    </>
  );
}

/* What a code may be made of, from a name; a name of other letters only gets a number. */
function codeOf(name: string): string {
  const made = folded(name).replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 32);
  return made !== '' || name.trim() === '' ? made : `issue-${Date.now().toString(36)}`;
}

function NewIssue({ team, onAdded }: { team: Team; onAdded: () => void }) {
  const words = text.people.teams;
  const skills = useResource(async () => (await skillsApi.list()).skills);
  const form = useForm({ name: '', code: '', priority: 'medium' as Issue['priority'], skills: [] as number[] }, {
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    save: async (values) => {
      await teamsApi.createIssue({ name: values.name.trim(), code: values.code.trim() || codeOf(values.name), team: team.id, priority: values.priority,
        ...(values.skills.length > 0 && { skills: values.skills }) });
    },
    saved: (values) => {
      toast(text.admin.created(values.name));
      onAdded();
    },
  });
  return (
    <Form form={form} label={words.addIssue}>
      <div class="add-line">
        <Field label={words.issueName} maxLength={128} {...form.text('name')} />
        <Field label={text.admin.code} mono maxLength={32} placeholder={codeOf(form.values.name)} {...form.text('code')} />
        <Select label={words.priority} {...form.select('priority')}
          options={(['low', 'medium', 'high'] as const).map((value) => ({ value, label: words.priorities[value] }))} />
      </div>
      {skills.value && skills.value.length > 0 && (
        <FieldGroup title={words.needsSkills}>
          <div class="check-grid">
            {skills.value.map((skill) => (
              <Check key={skill.id} label={skill.name} checked={form.values.skills.includes(skill.id)}
                onChange={(has) => form.set('skills', has ? [...form.values.skills, skill.id] : form.values.skills.filter((id) => id !== skill.id))} />
            ))}
          </div>
        </FieldGroup>
      )}
      <FormBar form={form} save={words.addIssue} />
    </Form>
  );
}
