/* SPDX-License-Identifier: Apache-2.0 */
/* Support Buttons: where each leads, how often it was used, and the end of it. */
import { useState } from 'preact/hooks';
import { buttonsApi, portalsApi, type MadeButton, type SupportButton } from '../../api/desk';
import { teamsApi, type Person } from '../../api/people';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { compareText, formatDateTime, formatNumber } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Field, NumberField, Segmented, Select } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Facts, type Tone } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { saveFile } from '../../save_file';
import { attempt, DetailsHead, ListPage, PersonPicker } from './parts';
import { SecretDialog } from './service_parts';

type Filter = 'all' | SupportButton['state'];

const tones: Readonly<Record<SupportButton['state'], Tone>> = { active: 'ok', expired: 'warn', revoked: 'neutral' };
const LIFE_DAYS_MAX = 3650;
const SOON_MS = 30 * 86_400_000;

function when(unixMs: number | null): string {
  return unixMs ? formatDateTime(unixMs) : text.desk.buttons.never;
}

export default function SupportButtonsPage({ state, args }: PageProps) {
  const words = text.desk.buttons;
  const [filter, setFilter] = useState<Filter>('all');
  const [made, setMade] = useState<MadeButton | null>(null);
  const buttons = useResource(() => buttonsApi.list(), ['support_buttons_changed']);
  const rows = buttons.value && buttons.value.filter((row) => filter === 'all' || row.state === filter || String(row.id) === args[0]);
  const exportAll = () => attempt(async () => saveFile('support-buttons.csv', new Blob([await buttonsApi.csv()], { type: 'text/csv;charset=utf-8' })), '');
  return (
    <>
      <ListPage name="buttons" path="/admin/buttons" title={words.title} args={args} rows={{ ...buttons, value: rows }}
        idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.leads_to} ${row.owner}`}
        createLabel={words.add} empty={{ title: words.emptyTitle, text: words.emptyText }}
        bar={args.length === 0 && buttons.value && buttons.value.length > 0 && <Statistics buttons={buttons.value} />}
        filter={(
          <Segmented label={words.show} value={filter} testId="buttons-filter" onChange={setFilter}
            options={(['all', 'active', 'expired', 'revoked'] as const).map((value) => ({ value, label: words.filters[value] }))} />
        )}
        actions={(
          <button type="button" data-testid="buttons-export" disabled={!buttons.value?.length} onClick={() => void exportAll()}>{words.export}</button>
        )}
        columns={[
          { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
            value: (row) => <span class={row.state === 'active' ? 'item-name' : 'item-name is-off'}>{row.name}</span> },
          { id: 'state', title: words.columns.state, width: 110, sort: (a, b) => compareText(a.state, b.state),
            value: (row) => <Badge tone={tones[row.state]}>{words.states[row.state]}</Badge> },
          { id: 'leads', title: words.columns.leads, width: 170, sort: (a, b) => compareText(a.leads_to, b.leads_to), value: (row) => row.leads_to },
          { id: 'owner', title: words.columns.owner, width: 130, sort: (a, b) => compareText(a.owner, b.owner), value: (row) => row.owner },
          { id: 'uses', title: words.columns.uses, width: 80, align: 'end', sort: (a, b) => a.uses - b.uses, value: (row) => formatNumber(row.uses) },
          { id: 'used', title: words.columns.used, width: 160, sort: (a, b) => (a.last_used_unix_ms ?? 0) - (b.last_used_unix_ms ?? 0),
            value: (row) => when(row.last_used_unix_ms) },
          { id: 'expires', title: words.columns.expires, width: 160,
            sort: (a, b) => (a.expires_unix_ms || Infinity) - (b.expires_unix_ms || Infinity), value: (row) => when(row.expires_unix_ms) },
        ]}
        create={(close) => (
          <>
            <DetailsHead title={words.add} path="/admin/buttons" />
            <div class="details-body">
              <ButtonForm mayAll={state.may('edit_support_buttons')} onSaved={(id, secret) => {
                setMade(secret ?? null);
                close(id);
              }} />
            </div>
          </>
        )}
        details={(row) => <ButtonDetails key={row.id} button={row} mayAll={state.may('edit_support_buttons')} />} />
      {made && <Made made={made} onClose={() => setMade(null)} />}
    </>
  );
}

function Statistics({ buttons }: { buttons: readonly SupportButton[] }) {
  const words = text.desk.buttons.stats;
  const active = buttons.filter((button) => button.state === 'active');
  const soon = active.filter((button) => button.expires_unix_ms && button.expires_unix_ms < Date.now() + SOON_MS);
  const figures = [
    [words.active, active.length], [words.used, buttons.filter((button) => button.uses > 0).length],
    [words.uses, buttons.reduce((sum, button) => sum + button.uses, 0)], [words.soon, soon.length],
  ] as const;
  return (
    <dl class="figures-line" aria-label={text.desk.buttons.statistics} data-testid="buttons-statistics">
      {figures.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{formatNumber(value)}</dd></div>)}
    </dl>
  );
}

function Made({ made, onClose }: { made: MadeButton; onClose: () => void }) {
  const words = text.desk.buttons;
  return (
    <SecretDialog title={words.secretTitle} lead={words.secretLead} onClose={onClose} lines={[
      { label: words.link, value: made.url, testId: 'button-url' },
      { label: words.command, value: made.command, testId: 'button-command' },
      { label: words.secret, value: made.secret, testId: 'button-secret' },
    ]}>
      <p>
        <button type="button" data-testid="button-launcher"
          onClick={() => saveFile('support.desktop', new Blob([made.launcher], { type: 'application/x-desktop' }))}>{words.launcher}</button>
      </p>
    </SecretDialog>
  );
}

function ButtonDetails({ button, mayAll }: { button: SupportButton; mayAll: boolean }) {
  const words = text.desk.buttons;
  const revoke = async () => {
    const yes = await confirm({ title: words.revokeTitle(button.name), text: words.revokeText, action: words.revoke, danger: true });
    if (yes) {
      await attempt(() => buttonsApi.revoke(button.id), words.revoked(button.name));
    }
  };
  return (
    <>
      <DetailsHead title={button.name} path="/admin/buttons" badges={<Badge tone={tones[button.state]}>{words.states[button.state]}</Badge>}
        actions={button.state !== 'revoked' && (
          <button type="button" class="danger" data-testid="button-revoke" onClick={() => void revoke()}>{words.revoke}</button>
        )} />
      <div class="details-body">
        <Facts rows={[
          [words.leadsTo, button.leads_to],
          [words.facts.owner, button.owner],
          [words.facts.created, formatDateTime(button.created_unix_ms)],
          [words.facts.expires, when(button.expires_unix_ms)],
          [words.facts.uses, formatNumber(button.uses)],
          [words.facts.used, when(button.last_used_unix_ms)],
        ]} />
        {button.state !== 'revoked' && (
          <ButtonForm key={JSON.stringify(button)} button={button} mayAll={mayAll} onSaved={() => undefined} />
        )}
      </div>
    </>
  );
}

type Kind = 'own' | 'account' | 'team' | 'issue';

function ButtonForm({ button, mayAll, onSaved }: {
  button?: SupportButton; mayAll: boolean; onSaved: (id: number, made?: MadeButton) => void;
}) {
  const words = text.desk.buttons;
  const [person, setPerson] = useState<Person | null>(null);
  const teams = useResource(() => teamsApi.all());
  const issues = useResource(() => teamsApi.issues());
  const portals = useResource(() => portalsApi.list());
  const kind: Kind = !button ? 'own' : button.team !== null ? 'team' : button.issue !== null ? 'issue' : 'account';
  const form = useForm({
    name: button?.name ?? '', kind, account: button?.account ?? 0, team: button?.team ?? 0, issue: button?.issue ?? 0,
    portal: button?.portal ?? 0, life: (button ? null : 0) as number | null,
  }, {
    isNew: !button,
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '',
      kind: values.kind !== 'own' && values[values.kind] === 0 ? words.targetNeeded : '',
      life: (values.life ?? 0) < 0 || (values.life ?? 0) > LIFE_DAYS_MAX ? words.lifeWrong : '',
    }),
    save: async (values, changed) => {
      const moved = !button || ['kind', 'account', 'team', 'issue'].some((name) => name in changed);
      const body = {
        ...(!button || 'name' in changed ? { name: values.name.trim() } : {}),
        ...(moved && values.kind !== 'own' && { [values.kind]: values[values.kind] }),
        ...(values.portal !== 0 && (!button || 'portal' in changed) && { portal: values.portal }),
        ...(values.life !== null && { life_days: values.life }),
      };
      if (button) {
        await buttonsApi.set(button.id, body);
        onSaved(button.id);
      } else {
        const made = await buttonsApi.create(body);
        onSaved(made.support_button.id, made);
      }
    },
    saved: (values) => toast(button ? text.common.actions.saved : text.admin.created(values.name)),
  });
  const kinds: readonly Kind[] = button ? ['account', 'team', 'issue'] : mayAll ? ['own', 'account', 'team', 'issue'] : ['own', 'team', 'issue'];
  return (
    <Form form={form} label={words.add}>
      <Field label={words.name} hint={words.nameHint} maxLength={128} autofocus={!button} {...form.text('name')} />
      <Select label={words.leadsTo} {...form.select('kind')} options={kinds.map((value) => ({ value, label: words.kinds[value] }))} />
      {form.values.kind === 'account' && (
        <PersonPicker label={words.account} testId="button-account" chosen={person?.display_name ?? (form.values.account ? button?.leads_to ?? '' : '')}
          onPick={(one) => {
            setPerson(one);
            form.set('account', one.id);
          }} />
      )}
      {form.values.kind === 'team' && (
        <Select label={words.team} {...form.select('team')} options={[{ value: 0, label: words.choose },
          ...(teams.value ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
      )}
      {form.values.kind === 'issue' && (
        <Select label={words.issue} {...form.select('issue')} options={[{ value: 0, label: words.choose },
          ...(issues.value ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
      )}
      <Select label={words.portal} {...form.select('portal')} options={[...(button?.portal ? [] : [{ value: 0, label: words.anyPortal }]),
        ...(portals.value ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
      <NumberField label={words.life} hint={button ? words.lifeSetHint : words.lifeHint} unit={words.days} min={0} max={LIFE_DAYS_MAX}
        {...form.number('life')} />
      <FormBar form={form} {...(!button && { save: text.common.actions.create })} />
    </Form>
  );
}
