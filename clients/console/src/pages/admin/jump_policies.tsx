/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies: hours with the editor of weeks and dates, and what is asked before a Jump. */
import { useState } from 'preact/hooks';
import { jumpPoliciesApi, type JumpPolicy, type JumpPolicyDetails } from '../../api/policies';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { datesText, hoursText, parseDates, parseHours, type DateRule, type Span } from '../../schedule';
import { text } from '../../text';
import { compareText, formatDateTime } from '../../text/format';
import { Check, Field, FieldGroup, NumberField, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { DetailsHead, folded, ListPage, Picker, removeThing } from './parts';
import { DateRules, WeekButtons, WeekGrid } from './schedule_editor';

const PATH = '/admin/jump-policies';

function RuleBadges({ row }: { row: JumpPolicy }) {
  const words = text.jumpRules.policies.badges;
  return (
    <>
      {(['schedule', 'ticket', 'second_factor', 'approval'] as const).filter((rule) => row[rule])
        .map((rule) => <Badge key={rule}>{words[rule]}</Badge>)}
    </>
  );
}

function NowBadge({ row }: { row: JumpPolicy }) {
  const words = text.jumpRules.policies;
  return <Badge tone={row.open_now ? 'ok' : 'warn'}>{row.open_now ? words.openNow : words.closedNow}</Badge>;
}

export default function JumpPoliciesPage({ args }: PageProps) {
  const words = text.jumpRules.policies;
  const policies = useResource(() => jumpPoliciesApi.all(), ['policies_changed']);
  return (
    <ListPage name="jump-policies" path={PATH} title={words.title} args={args} rows={policies} createLabel={words.add}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.code} ${row.description}`}
      columns={[
        { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'rules', title: words.columns.rules, width: 280, value: (row) => <RuleBadges row={row} /> },
        { id: 'now', title: words.columns.now, width: 140, value: (row) => <NowBadge row={row} /> },
      ]}
      create={(close) => <NewPolicy onMade={close} />}
      empty={{ title: words.emptyTitle, text: words.emptyText }}
      details={(row) => <Details key={row.id} row={row} />} />
  );
}

function NewPolicy({ onMade }: { onMade: (id: number) => void }) {
  const form = useForm({ name: '', description: '' }, {
    isNew: true,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values) => onMade((await jumpPoliciesApi.create(values)).jump_policy.id),
    saved: (values) => toast(text.admin.created(values.name)),
  });
  return (
    <>
      <DetailsHead title={text.jumpRules.policies.add} path={PATH} />
      <div class="details-body">
        <Form form={form} label={text.jumpRules.policies.add}>
          <Field label={text.admin.name} maxLength={128} autofocus {...form.text('name')} />
          <TextArea label={text.admin.description} rows={2} maxLength={1000} {...form.text('description')} />
          <FormBar form={form} save={text.common.actions.create} />
        </Form>
      </div>
    </>
  );
}

function Details({ row }: { row: JumpPolicy }) {
  const words = text.jumpRules.policies;
  const policy = useResource(() => jumpPoliciesApi.show(row.id), ['policies_changed'], [row.id]);
  const remove = async () => {
    if (await removeThing(row.name, words.removeText, () => jumpPoliciesApi.remove(row.id))) {
      go(PATH, { replace: true });
    }
  };
  return (
    <>
      <DetailsHead title={row.name} path={PATH} badges={<NowBadge row={row} />} actions={(
        <button type="button" class="danger" data-testid="policy-remove" onClick={() => void remove()}>{text.common.actions.remove}</button>
      )} />
      <div class="details-body">
        <Loaded resource={policy} lines={8}>{(value) => <PolicyForm details={value} onSaved={policy.put} />}</Loaded>
      </div>
    </>
  );
}

function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

function PolicyForm({ details, onSaved }: { details: JumpPolicyDetails; onSaved: (details: JumpPolicyDetails) => void }) {
  const words = text.jumpRules.policies;
  const [tab, setTab] = useState('hours');
  const policy = details.jump_policy;
  const { id: _id, open_now: _open, ...kept } = policy;
  const form = useForm({
    ...kept, hours: parseHours(details.hours) ?? [] as Span[], dates: parseDates(details.dates) ?? [] as DateRule[],
    approval_minutes: policy.approval_minutes as number | null,
  }, {
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    save: async (values, { hours, dates, ...changed }) => onSaved(await jumpPoliciesApi.set(policy.id, {
      ...changed, ...(hours && { hours: hoursText(hours), schedule: values.schedule }), ...(dates && { dates: datesText(dates) }),
    })),
    saved: () => toast(text.common.actions.saved),
  });
  const zones = timeZones();
  return (
    <Form form={form} label={policy.name}>
      <Tabs label={policy.name} current={tab} onChange={setTab}
        tabs={(['hours', 'conditions', 'general'] as const).map((one) => ({ id: one, title: words.tabs[one] }))}>
        {tab === 'hours' && (
          <>
            <Check label={words.scheduleOn} isSwitch {...form.check('schedule')}
              hint={!policy.schedule ? undefined : policy.open_now
                ? details.next_close_unix_ms === null ? undefined : words.nextClose(formatDateTime(details.next_close_unix_ms))
                : details.next_open_unix_ms === null ? undefined : words.nextOpen(formatDateTime(details.next_open_unix_ms))} />
            {form.values.schedule && (
              <>
                <div class="field-row">
                  <Picker<string> label={words.zone} chosen={form.values.time_zone} testId="time-zone" keyOf={(zone) => zone} nameOf={(zone) => zone}
                    find={(typed) => Promise.resolve(zones.filter((zone) => folded(zone.replaceAll('_', ' ')).includes(folded(typed))).slice(0, 50))}
                    onPick={(zone) => form.set('time_zone', zone)} />
                </div>
                <FieldGroup title={text.jumpRules.schedule.week}>
                  <WeekButtons onChange={(hours) => form.set('hours', hours)} />
                  <WeekGrid spans={form.values.hours} label={text.jumpRules.schedule.week} onChange={(hours) => form.set('hours', hours)} />
                </FieldGroup>
                <FieldGroup title={text.jumpRules.schedule.dates}>
                  <DateRules rules={form.values.dates} onChange={(dates) => form.set('dates', dates)} />
                </FieldGroup>
                <Check label={words.strict} hint={words.strictHint} {...form.check('strict')} />
              </>
            )}
          </>
        )}
        {tab === 'conditions' && (
          <>
            <FieldGroup title={words.before}>
              <Check label={words.ticketOn} isSwitch {...form.check('ticket')} />
              {form.values.ticket && (
                <Field label={words.patterns} hint={words.patternsHint} mono maxLength={256} {...form.text('ticket_patterns')} />
              )}
              <Check label={words.factor} isSwitch {...form.check('second_factor')} />
              <Check label={words.approval} isSwitch {...form.check('approval')} />
              {form.values.approval && (
                <NumberField label={words.approvalMinutes} unit={words.minutes} min={1} {...form.number('approval_minutes')} />
              )}
            </FieldGroup>
            <FieldGroup title={words.during}>
              <Select label={words.simultaneous} {...form.select('simultaneous')}
                options={(['global', 'join', 'another', 'disallow'] as const).map((value) => ({ value, label: words.simultaneousWords[value] }))} />
              <Check label={words.withCopies} {...form.check('with_copies')} />
              <Select label={words.recording} {...form.select('recording')}
                options={(['global', 'off', 'on', 'required'] as const).map((value) => ({ value, label: words.recordingWords[value] }))} />
            </FieldGroup>
            <FieldGroup title={words.notices}>
              <Check label={words.tellStart} {...form.check('tell_start')} />
              <Check label={words.tellEnd} {...form.check('tell_end')} />
            </FieldGroup>
          </>
        )}
        {tab === 'general' && (
          <>
            <Field label={text.admin.name} maxLength={128} {...form.text('name')} />
            <Field label={text.admin.code} hint={text.admin.codeHint} mono maxLength={64} {...form.text('code')} />
            <TextArea label={text.admin.description} rows={2} maxLength={1000} {...form.text('description')} />
          </>
        )}
      </Tabs>
      <div class="sticky-bar"><FormBar form={form} /></div>
    </Form>
  );
}
