/* SPDX-License-Identifier: Apache-2.0 */
/* Portals: found, added, and what the chosen one looks like, offers and says. */
import { useState } from 'preact/hooks';
import { portalsApi, type PortalRow, type PortalSettings } from '../../api/desk';
import { teamsApi } from '../../api/people';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { datesText, hoursText, parseDates, parseHours, type DateRule, type Span } from '../../schedule';
import { text } from '../../text';
import { compareText, formatDateTime } from '../../text/format';
import { Check, Field, FieldGroup } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { Messages } from './messages';
import { DetailsHead, folded, ListPage, Picker, removeThing } from './parts';
import { PortalLook } from './portal_look';
import { PortalNotices } from './portal_notices';
import { DateRules, WeekButtons, WeekGrid } from './schedule_editor';

const DEFAULT_PORTAL = 1;

export default function PortalsPage({ args }: PageProps) {
  const words = text.portals;
  const portals = useResource(() => portalsApi.list(), ['portals_changed']);
  return (
    <ListPage name="portals" path="/admin/portals" title={words.title} lead={words.lead} args={args} rows={portals}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.code} ${row.hosts}`}
      createLabel={words.add} empty={{ title: words.emptyTitle, text: words.emptyText }} columns={[
        { id: 'name', title: words.columns.name, width: 200, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'state', title: words.columns.state, width: 170, value: (row) => <States row={row} /> },
        { id: 'address', title: words.columns.address, width: 280, value: (row) => row.url },
        { id: 'hours', title: words.columns.hours, width: 200,
          value: (row) => (row.schedule ? words.scheduled(row.time_zone) : words.always) },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path="/admin/portals" />
          <div class="details-body"><NewPortal onMade={close} /></div>
        </>
      )}
      details={(row) => <PortalDetails key={row.id} row={row} portals={portals.value ?? []} />} />
  );
}

function States({ row }: { row: PortalRow }) {
  const words = text.portals;
  return (
    <>
      <Badge tone={row.open_now ? 'ok' : 'warn'}>{row.open_now ? words.open : words.closed}</Badge>
      {row.id === DEFAULT_PORTAL && <Badge tone="accent">{words.standard}</Badge>}
    </>
  );
}

function NewPortal({ onMade }: { onMade: (id: number) => void }) {
  const form = useForm({ name: '', code: '' }, {
    isNew: true,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async ({ name, code }) => onMade((await portalsApi.create({
      name: name.trim(), code: code.trim() || codeOf(name),
    })).id),
    saved: (values) => toast(text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={text.portals.add}>
      <Field label={text.portals.name} hint={text.portals.nameHint} maxLength={128} autofocus {...form.text('name')} />
      <Field label={text.admin.code} hint={text.admin.codeHint} mono maxLength={64} {...form.text('code')} />
      <FormBar form={form} save={text.common.actions.create} />
    </Form>
  );
}

/* "Acme Ltd" is acme-ltd. A name without any letter or digit of ASCII gets none, and the appliance asks for one. */
function codeOf(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60);
}

function PortalDetails({ row, portals }: { row: PortalRow; portals: readonly PortalRow[] }) {
  const [tab, setTab] = useState('look');
  const words = text.portals;
  const portal = useResource(() => portalsApi.show(row.id), ['portals_changed'], [row.id]);
  const remove = async () => {
    if (await removeThing(row.name, words.removeText, () => portalsApi.remove(row.id))) {
      go('/admin/portals', { replace: true });
    }
  };
  return (
    <>
      <DetailsHead title={row.name} path="/admin/portals" badges={<States row={row} />}
        sub={<a href={row.url} target="_blank" rel="noopener noreferrer">{row.url}</a>}
        actions={row.id !== DEFAULT_PORTAL && (
          <button type="button" class="danger" data-testid="portal-remove" onClick={() => void remove()}>{text.common.actions.remove}</button>
        )} />
      <div class="details-body">
        <Tabs label={row.name} current={tab} onChange={setTab}
          tabs={(['look', 'offer', 'hours', 'notices', 'messages'] as const).map((id) => ({ id, title: words.tabs[id] }))}>
          {tab === 'notices' ? <PortalNotices portal={row} portals={portals} />
            : tab === 'messages' ? <Messages portal={row.id} lead={words.messages.portalLead} />
            : (
              <Loaded resource={portal}>
                {(settings) => (tab === 'look' ? <PortalLook portal={settings} onSaved={portal.put} />
                  : tab === 'offer' ? <Offer portal={settings} onSaved={portal.put} />
                  : <Hours portal={settings} onSaved={portal.put} />)}
              </Loaded>
            )}
        </Tabs>
      </div>
    </>
  );
}

interface PartProps {
  portal: PortalSettings;
  onSaved: (portal: PortalSettings) => void;
}

function Offer({ portal, onSaved }: PartProps) {
  const words = text.portals;
  const issues = useResource(() => teamsApi.issues(), ['teams_changed']);
  const form = useForm({
    show_keys: portal.show_keys, show_issues: portal.show_issues, show_representatives: portal.show_representatives,
    issues: [...portal.issues].sort((a, b) => a - b), hosts: portal.hosts, code: portal.code,
  }, {
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'code' : undefined),
    save: async (_, changed) => onSaved(await portalsApi.set(portal.id, changed)),
    saved: () => toast(text.common.actions.saved),
  });
  const choose = (id: number, has: boolean) =>
    form.set('issues', (has ? [...form.values.issues, id] : form.values.issues.filter((one) => one !== id)).sort((a, b) => a - b));
  return (
    <Form form={form} label={words.tabs.offer}>
      <Check label={words.showKeys} hint={words.showKeysHint} {...form.check('show_keys')} />
      <Check label={words.showPeople} hint={words.showPeopleHint} {...form.check('show_representatives')} />
      <Check label={words.showIssues} hint={words.showIssuesHint} {...form.check('show_issues')} />
      {form.values.show_issues && (
        <FieldGroup title={words.issues} lead={words.issuesLead}>
          <Loaded resource={issues} lines={2}>
            {(all) => (all.length === 0 ? <p class="hint">{words.noIssues}</p> : (
              <div class="check-grid">
                {all.map((issue) => (
                  <Check key={issue.id} label={issue.name} checked={form.values.issues.includes(issue.id)}
                    testId={`issue-${issue.id}`} onChange={(has) => choose(issue.id, has)} />
                ))}
              </div>
            ))}
          </Loaded>
        </FieldGroup>
      )}
      <FieldGroup title={words.columns.address}>
        <Field label={text.admin.code} mono maxLength={64} {...form.text('code')} />
        <Field label={words.hosts} hint={words.hostsHint} mono maxLength={511} {...form.text('hosts')} />
      </FieldGroup>
      <FormBar form={form} />
    </Form>
  );
}

function Hours({ portal, onSaved }: PartProps) {
  const words = text.portals;
  const form = useForm({
    schedule: portal.schedule,
    time_zone: portal.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone,
    hours: parseHours(portal.hours) ?? [] as Span[], dates: parseDates(portal.dates) ?? [] as DateRule[],
  }, {
    save: async ({ schedule, time_zone, hours, dates }) => onSaved(await portalsApi.set(portal.id, schedule
      ? { schedule, time_zone, hours: hoursText(hours), dates: datesText(dates) } : { schedule })),
    saved: () => toast(text.common.actions.saved),
  });
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <Form form={form} label={words.tabs.hours}>
      <Check label={words.schedule} hint={words.scheduleHint} isSwitch {...form.check('schedule')} />
      {form.values.schedule && (
        <>
          <Picker<string> label={words.zone} chosen={form.values.time_zone} testId="time-zone" keyOf={(zone) => zone} nameOf={(zone) => zone}
            find={(typed) => Promise.resolve(zones.filter((zone) => folded(zone.replaceAll('_', ' ')).includes(folded(typed))).slice(0, 50))}
            onPick={(zone) => form.set('time_zone', zone)} />
          <FieldGroup title={text.jumpRules.schedule.week}>
            <WeekButtons onChange={(hours) => form.set('hours', hours)} />
            <WeekGrid spans={form.values.hours} label={text.jumpRules.schedule.week} onChange={(hours) => form.set('hours', hours)} />
          </FieldGroup>
          <FieldGroup title={text.jumpRules.schedule.dates}>
            <DateRules rules={form.values.dates} onChange={(dates) => form.set('dates', dates)} />
          </FieldGroup>
        </>
      )}
      {portal.schedule && !portal.open_now && portal.opens_unix_ms !== null && (
        <p class="hint">{words.opens(formatDateTime(portal.opens_unix_ms))}</p>
      )}
      <FormBar form={form} />
    </Form>
  );
}
