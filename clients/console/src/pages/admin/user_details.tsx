/* SPDX-License-Identifier: Apache-2.0 */
/* One user: profile, rights with the rule behind each, sign-in rules, teams and skills, where it is signed in. */
import { useState } from 'preact/hooks';
import {
  accountsApi, seatsApi, skillsApi, teamsApi, type AccountDetails, type AccountRow, type RightAnswer, type Team,
} from '../../api/people';
import { sessionPoliciesApi } from '../../api/policies';
import type { ConsoleState } from '../../console_state';
import { go } from '../../route';
import { text } from '../../text';
import { compareText, formatAgo, formatDateTime } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Check, Field, FieldGroup, NumberField, SearchField, Segmented, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Menu, type MenuEntry } from '../../view/menu';
import { Badge, Empty, Facts, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { attempt, DetailsHead, hasAllWords, Picker, removeThing } from './parts';
import { RuleFields, rulesOf, ruleWord, ruleWords, type RuleName } from './sign_in_rules';
import { StateBadges } from './users';

interface DetailsProps {
  state: ConsoleState;
  row: AccountRow;
  onPassword: (value: string) => void;
}

/* "group policy 3 "Helpdesk"" and the like, in the chosen language. */
export function ruleText(rule: string): string {
  const words = text.people.users.rule;
  const policy = /^group policy \d+ "(.*)"$/s.exec(rule);
  return rule === "the appliance's default" ? words.theDefault : rule === 'the account itself' ? words.account
    : rule === 'administrator' ? words.admin : policy ? words.policy(policy[1]!) : rule;
}

export function UserDetails({ state, row, onPassword }: DetailsProps) {
  const [tab, setTab] = useState('profile');
  const words = text.people.users;
  const details = useResource(async () => (await accountsApi.show(row.id)).account,
    ['accounts_changed', 'teams_changed', 'policies_changed'], [row.id]);

  return (
    <>
      <DetailsHead title={row.display_name} path="/admin/users" sub={row.user}
        badges={<><StateBadges row={row} />{row.must_change_password && <Badge>{words.state.password}</Badge>}</>}
        actions={<UserMenu state={state} row={row} onPassword={onPassword} />} />
      <div class="details-body">
        <Tabs label={row.display_name} current={tab} onChange={setTab}
          tabs={(['profile', 'rights', 'signIn', 'teams', 'places'] as const)
            .map((id) => ({ id, title: words.tabs[id] }))}>
          {tab === 'places' ? <Places row={row} mine={state.me!.account.id === row.id} /> : (
            <Loaded resource={details}>
              {(account) => (tab === 'profile' ? <Profile state={state} account={account} onSaved={details.put} />
                : tab === 'rights' ? <Rights account={account} onSaved={details.put} />
                : tab === 'signIn' ? <SignIn account={account} onSaved={details.put} />
                : <TeamsAndSkills state={state} account={account} reload={details.reload} />)}
            </Loaded>
          )}
        </Tabs>
      </div>
    </>
  );
}

/* ---- what is done to an account ---- */

function UserMenu({ state, row, onPassword }: DetailsProps) {
  const words = text.people.users;
  const isMine = state.me!.account.id === row.id;
  const name = row.display_name;
  const resetPassword = async () => {
    if (await confirm({ title: words.resetPasswordTitle(name), text: words.resetPasswordText, action: words.resetPassword, danger: true })) {
      await attempt(async () => onPassword((await accountsApi.resetPassword(row.id)).one_time_password), '');
    }
  };
  const resetFactor = async () => {
    if (await confirm({ title: words.resetFactorTitle(name), text: words.resetFactorText, action: words.resetFactor, danger: true })) {
      await attempt(() => accountsApi.resetFactor(row.id), words.factorReset);
    }
  };
  const enable = async () => {
    const yes = !row.is_enabled
      || await confirm({ title: words.disableTitle(name), text: words.disableText, action: words.disable, danger: true });
    if (yes) {
      await attempt(() => accountsApi.enable(row.id, !row.is_enabled), row.is_enabled ? words.disabled : words.enabled);
    }
  };
  const remove = async () => {
    if (await removeThing(name, words.removeText, () => accountsApi.remove(row.id))) {
      go('/admin/users', { replace: true });
    }
  };
  const entries: MenuEntry[] = [
    ...(row.is_locked ? [{ label: words.unlock, icon: 'lock' as const, testId: 'user-unlock',
      onChoose: () => void attempt(() => accountsApi.unlock(row.id), words.unlocked) }] : []),
    { label: words.resetPassword, icon: 'key', testId: 'user-reset-password', onChoose: () => void resetPassword(), disabled: isMine },
    { label: words.resetFactor, icon: 'shield', testId: 'user-reset-factor', onChoose: () => void resetFactor() },
    { label: row.is_enabled ? words.disable : words.enable, icon: 'person', testId: 'user-enable', onChoose: () => void enable(),
      disabled: isMine },
    { kind: 'line' },
    { label: words.remove, icon: 'trash', danger: true, testId: 'user-remove', onChoose: () => void remove(), disabled: isMine },
  ];
  return <Menu label={text.admin.more} button={<Icon name="more" />} entries={entries} testId="user-menu" />;
}

/* ---- profile ---- */

function Profile({ state, account, onSaved }: { state: ConsoleState; account: AccountDetails; onSaved: (account: AccountDetails) => void }) {
  const words = text.people.users;
  const policies = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  const seats = useResource(() => seatsApi.list());
  const isMine = state.me!.account.id === account.id;
  const form = useForm({
    display_name: account.display_name, comments: account.comments, is_admin: account.is_admin,
    session_policy: account.session_policy, sessions_max: account.sessions_max === 0 ? null : account.sessions_max as number | null,
  }, {
    check: (values) => ({
      display_name: values.display_name.trim() === '' ? text.admin.nameNeeded : '',
      sessions_max: values.sessions_max !== null && (values.sessions_max < 1 || values.sessions_max > 10) ? words.sessionsMaxWrong : '',
    }),
    save: async (_, { sessions_max: sessionsMax, ...changed }) => {
      if (sessionsMax !== undefined) {
        await accountsApi.setAssignment(account.id, sessionsMax ?? 0);
      }
      if (Object.keys(changed).length > 0) {
        await accountsApi.set(account.id, changed);
      }
      onSaved((await accountsApi.show(account.id)).account);
    },
    saved: () => toast(text.common.actions.saved),
  });
  return (
    <Form form={form} label={words.tabs.profile}>
      <Field label={words.displayName} hint={words.displayNameHint} maxLength={128} {...form.text('display_name')} />
      <TextArea label={text.admin.comments} rows={3} maxLength={1000} {...form.text('comments')} />
      {state.me!.account.is_admin && (
        <Check label={words.isAdmin} hint={words.isAdminHint} disabled={isMine} {...form.check('is_admin')} />
      )}
      <div class="field-row">
        <Select label={words.sessionPolicy} hint={words.sessionPolicyHint} {...form.select('session_policy')}
          options={[{ value: 0, label: text.admin.inherited },
            ...(policies.value ?? []).filter((one) => one.for_accounts || one.id === account.session_policy)
              .map((one) => ({ value: one.id, label: one.name }))]} />
        <NumberField label={words.sessionsMax} hint={words.sessionsMaxHint} unit={words.unit} min={1} max={10} {...form.number('sessions_max')} />
      </div>
      <Facts rows={[
        [words.columns.created, formatDateTime(account.created_unix_ms)],
        [words.columns.lastSignIn, account.last_sign_in_unix_ms === null ? words.never : formatDateTime(account.last_sign_in_unix_ms)],
        (seats.value?.extended.includes(account.id) ?? false) && [words.extended, words.extendedOn],
      ]} />
      <FormBar form={form} />
    </Form>
  );
}

/* ---- rights ---- */

type RightChoice = 'inherited' | 'allow' | 'deny';

const firstOfRepresentative = 'generate_session_key';

export function rightBlocks(): { administration: string[]; representative: string[] } {
  const names = Object.keys(text.people.rights);
  const at = names.indexOf(firstOfRepresentative);
  return { administration: names.slice(0, at), representative: names.slice(at) };
}

export function rightTitle(name: string): string {
  return (text.people.rights as Readonly<Record<string, string>>)[name] ?? name;
}

function Rights({ account, onSaved }: { account: AccountDetails; onSaved: (account: AccountDetails) => void }) {
  const words = text.people.users;
  const [wanted, setWanted] = useState('');
  const explained = useResource(() => accountsApi.explain(account.id), ['accounts_changed', 'teams_changed', 'policies_changed'], [account.id]);
  const blocks = rightBlocks();
  const names = [...blocks.administration, ...blocks.representative];
  const choices = Object.fromEntries(names.map((name) => [name, account.rights_allowed.includes(name) ? 'allow'
    : account.rights_denied.includes(name) ? 'deny' : 'inherited'])) as Record<string, RightChoice>;
  const form = useForm(choices, {
    save: async (values) => {
      const having = (choice: RightChoice) => names.filter((name) => values[name] === choice);
      onSaved((await accountsApi.set(account.id, { rights_allowed: having('allow'), rights_denied: having('deny') })).account);
      await explained.reload();
    },
    saved: () => toast(text.common.actions.saved),
  });
  const answers = new Map<string, RightAnswer>((explained.value?.answers ?? []).map((answer) => [answer.name, answer]));
  return (
    <Form form={form} label={words.tabs.rights}>
      <p class="hint">{account.is_admin ? words.rightsAdmin : words.rightsLead}</p>
      <SearchField label={words.rightsSearch} value={wanted} onInput={setWanted} testId="rights-search" />
      {(['administration', 'representative'] as const).map((block) => {
        const shown = blocks[block].filter((name) => hasAllWords(`${rightTitle(name)} ${name}`, wanted));
        return shown.length > 0 && (
          <FieldGroup key={block} title={text.people.rightBlocks[block]}>
            {shown.map((name) => (
              <RightRow key={name} name={name} choice={form.values[name]!} changed={form.values[name] !== choices[name]}
                answer={answers.get(name)} onChange={(choice) => form.set(name, choice)} />
            ))}
          </FieldGroup>
        );
      })}
      <div class="sticky-bar"><FormBar form={form} /></div>
    </Form>
  );
}

function RightRow({ name, choice, changed, answer, onChange }: {
  name: string; choice: RightChoice; changed: boolean; answer: RightAnswer | undefined; onChange: (choice: RightChoice) => void;
}) {
  const words = text.people.users;
  return (
    <div class="right-row" data-testid={`right-${name}`} data-answer={answer?.answer} data-rule={answer?.rule}>
      <div class="right-what">
        <span>{rightTitle(name)}</span>
        <span class="right-why">
          {changed ? <Badge tone="warn">{words.notSaved}</Badge> : answer && (
            <>
              <Badge tone={answer.answer === 'allow' ? 'ok' : 'neutral'}>{answer.answer === 'allow' ? words.answer.allow : words.answer.deny}</Badge>
              <span>{words.decidedBy(ruleText(answer.rule))}</span>
            </>
          )}
        </span>
      </div>
      <Segmented label={rightTitle(name)} value={choice} testId={`choose-${name}`} onChange={onChange}
        options={(['inherited', 'allow', 'deny'] as const).map((value) => ({ value, label: words.choice[value] }))} />
    </div>
  );
}

/* ---- signing in ---- */

function SignIn({ account, onSaved }: { account: AccountDetails; onSaved: (account: AccountDetails) => void }) {
  const words = text.people.users;
  const explained = useResource(() => accountsApi.explain(account.id), ['accounts_changed', 'teams_changed', 'policies_changed'], [account.id]);
  const form = useForm(rulesOf(account), {
    save: async (_, changed) => {
      onSaved((await accountsApi.set(account.id, changed)).account);
      await explained.reload();
    },
    saved: () => toast(text.common.actions.saved),
  });
  const hints = Object.fromEntries((explained.value?.answers ?? []).filter((answer) => answer.name in ruleWords)
    .map((answer) => [answer.name, `${words.effective}: ${ruleWord(answer.answer)}, ${words.decidedBy(ruleText(answer.rule))}.`])) as
    Partial<Record<RuleName, string>>;
  return (
    <Form form={form} label={words.tabs.signIn}>
      <RuleFields form={form} hints={hints} inherit={text.admin.inherited} />
      <FormBar form={form} />
    </Form>
  );
}

/* ---- teams and skills ---- */

function TeamsAndSkills({ state, account, reload }: { state: ConsoleState; account: AccountDetails; reload: () => Promise<void> }) {
  const words = text.people.users;
  const teams = useResource(() => teamsApi.all(), ['teams_changed']);
  const mayTeams = state.may('edit_teams');
  const isIn = new Set(account.teams.map((one) => one.team));
  const act = async (work: () => Promise<unknown>) => {
    if (await attempt(work)) {
      await reload();
    }
  };
  const leave = async (team: number, name: string) => {
    if (await confirm({ title: words.leaveTitle(account.display_name, name), text: words.leaveText, action: words.takeOut, danger: true })) {
      await act(() => teamsApi.removeMember(team, account.id));
    }
  };
  return (
    <>
      <FieldGroup title={words.teamsTitle}>
        {account.teams.length === 0 && <p class="hint">{words.noTeams}</p>}
        <ul class="member-list">
          {[...account.teams].sort((a, b) => compareText(a.name, b.name)).map((one) => (
            <li key={one.team} class="member-row">
              <span class="item-name">{one.name}</span>
              {mayTeams ? (
                <Select label={words.roleIn(one.name)} hideLabel value={one.role} onChange={(role) => void act(() => teamsApi.setMember(one.team, account.id, role))}
                  options={(['member', 'lead', 'manager'] as const).map((value) => ({ value, label: text.people.roles[value] }))} />
              ) : <span>{text.people.roles[one.role]}</span>}
              {mayTeams && (
                <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(one.name)} onClick={() => void leave(one.team, one.name)}>
                  <Icon name="close" />
                </button>
              )}
            </li>
          ))}
        </ul>
        {mayTeams && (
          <Picker<Team> label={words.addTeam} testId="user-add-team" keyOf={(team) => team.id} nameOf={(team) => team.name}
            find={async (typed) => (teams.value ?? []).filter((team) => !isIn.has(team.id) && hasAllWords(team.name, typed)).slice(0, 20)}
            onPick={(team) => void act(() => teamsApi.setMember(team.id, account.id, 'member'))} />
        )}
      </FieldGroup>
      {state.may('edit_skills') && <Skills account={account.id} />}
    </>
  );
}

function Skills({ account }: { account: number }) {
  const words = text.people.users;
  const known = useResource(() => skillsApi.list());
  const own = useResource(() => accountsApi.skills(account), [], [account]);
  const toggle = async (id: number, has: boolean) => {
    const now = own.value?.skills ?? [];
    const next = has ? [...now, id] : now.filter((one) => one !== id);
    if (await attempt(() => accountsApi.setSkills(account, next))) {
      await own.reload();
    }
  };
  return (
    <FieldGroup title={words.skillsTitle}>
      <Loaded resource={known}>
        {({ skills }) => (skills.length === 0 ? <p class="hint">{words.noSkills}</p> : (
          <div class="check-grid">
            {skills.map((skill) => (
              <Check key={skill.id} label={skill.name} checked={own.value?.skills.includes(skill.id) ?? false}
                disabled={own.value === null} testId={`skill-${skill.id}`} onChange={(has) => void toggle(skill.id, has)} />
            ))}
          </div>
        ))}
      </Loaded>
    </FieldGroup>
  );
}

/* ---- where it is signed in ---- */

function Places({ row, mine }: { row: AccountRow; mine: boolean }) {
  const words = text.people.users;
  const places = useResource(() => accountsApi.signIns(row.id), ['accounts_changed'], [row.id]);
  const end = async () => {
    const yes = await confirm({
      title: words.signOutAllTitle(row.display_name), text: words.signOutAllText, action: words.signOutAll, danger: true,
    });
    if (yes && await attempt(() => accountsApi.endSignIns(row.id), words.signedOut)) {
      await places.reload();
    }
  };
  return (
    <Loaded resource={places}>
      {({ sign_ins: signIns }) => (signIns.length === 0 ? <Empty title={words.noPlaces} /> : (
        <>
          <p class="hint">{words.placesLead}</p>
          <ul class="member-list">
            {signIns.map((place) => (
              <li key={place.id} class="member-row">
                <span>
                  <span class="item-name mono">{place.address}</span>
                  <span class="item-where">
                    {words.placeFrom(formatDateTime(place.signed_in_unix_ms))}, {words.placeUsed(formatAgo(place.last_used_unix_ms, Date.now()))}
                  </span>
                </span>
                {place.remembered && <Badge>{words.remembered}</Badge>}
              </li>
            ))}
          </ul>
          {!mine && (
            <div class="actions end">
              <button type="button" class="danger" data-testid="sign-out-all" onClick={() => void end()}>{words.signOutAll}</button>
            </div>
          )}
        </>
      ))}
    </Loaded>
  );
}
