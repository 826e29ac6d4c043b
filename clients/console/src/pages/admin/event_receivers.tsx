/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets the appliance's events, and how far each has come. */
import { useEffect, useState } from 'preact/hooks';
import { receiversApi, type EventReceiver } from '../../api/service';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText, formatDateTime, formatNumber } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Check, Field, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Facts, type Tone } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt, DetailsHead, ListPage, removeThing } from './parts';
import { SecretDialog } from './service_parts';

const REFRESH_MS = 5_000;
const tones: Readonly<Record<EventReceiver['state'], Tone>> = {
  'idle': 'ok', 'sending': 'ok', 'waiting to try again': 'danger', 'disabled': 'neutral', 'no courier': 'danger',
};

export default function EventReceiversPage({ args }: PageProps) {
  const words = text.service.events;
  const [secret, setSecret] = useState<{ name: string; value: string } | null>(null);
  const rows = useResource(() => receiversApi.list());
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && void rows.reload(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const remove = async (row: EventReceiver) => {
    if (await removeThing(row.name, words.removeText, () => receiversApi.remove(row.id))) {
      await rows.reload();
      go('/admin/events', { replace: true });
    }
  };
  const renew = async (row: EventReceiver) => {
    const yes = await confirm({ title: words.newSecretTitle(row.name), text: words.newSecretText, action: words.newSecret, danger: true });
    if (yes) {
      await attempt(async () => setSecret({ name: row.name, value: (await receiversApi.newSecret(row.id)).secret }), '');
    }
  };
  const test = (row: EventReceiver) => attempt(async () => {
    await receiversApi.test(row.id);
    await rows.reload();
  }, words.tested);
  return (
    <>
      <ListPage name="events" path="/admin/events" title={words.title} lead={words.lead} args={args} rows={rows}
        idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.url} ${row.events}`}
        createLabel={words.add} empty={{ title: words.emptyTitle, text: words.emptyText }} columns={[
          { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
            value: (row) => <span class={row.enabled ? 'item-name' : 'item-name is-off'}>{row.name}</span> },
          { id: 'state', title: words.columns.state, width: 190, value: (row) => <Badge tone={tones[row.state]}>{words.states[row.state]}</Badge> },
          { id: 'url', title: words.columns.url, width: 280, value: (row) => <span class="mono">{row.url}</span> },
          { id: 'events', title: words.columns.events, width: 180, value: (row) => <span class="mono">{row.events}</span> },
          { id: 'waiting', title: words.columns.waiting, width: 90, align: 'end', sort: (a, b) => a.waiting - b.waiting,
            value: (row) => formatNumber(row.waiting) },
        ]}
        create={(close) => (
          <>
            <DetailsHead title={words.add} path="/admin/events" />
            <div class="details-body">
              <ReceiverForm onSaved={(receiver, value) => {
                setSecret({ name: receiver.name, value: value! });
                close(receiver.id);
              }} />
            </div>
          </>
        )}
        details={(row) => (
          <>
            <DetailsHead title={row.name} path="/admin/events" badges={<Badge tone={tones[row.state]}>{words.states[row.state]}</Badge>} actions={(
              <>
                <button type="button" data-testid="receiver-test" onClick={() => void test(row)}>{words.test}</button>
                <button type="button" data-testid="receiver-new-secret" onClick={() => void renew(row)}>{words.newSecret}</button>
                <button type="button" class="danger" data-testid="receiver-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
              </>
            )} />
            <div class="details-body">
              <Facts rows={[
                [words.facts.waiting, formatNumber(row.waiting)],
                row.left_out > 0 && [words.facts.leftOut, formatNumber(row.left_out)],
                row.failures > 0 && [words.facts.failures, formatNumber(row.failures)],
                row.next_unix_ms !== null && [words.facts.next, formatDateTime(row.next_unix_ms)],
                [words.facts.done, row.last_done_unix_ms ? formatDateTime(row.last_done_unix_ms) : words.never],
                [words.facts.error, <span data-testid="receiver-error">{row.last_error || words.none}</span>],
              ]} />
              <ReceiverForm key={row.id} receiver={row} onSaved={() => void rows.reload()} />
            </div>
          </>
        )} />
      {secret && (
        <SecretDialog title={words.secretTitle} lead={words.secretLead(secret.name)} onClose={() => setSecret(null)}
          lines={[{ label: words.secret, value: secret.value, testId: 'receiver-secret' }]} />
      )}
    </>
  );
}

function ReceiverForm({ receiver, onSaved }: { receiver?: EventReceiver; onSaved: (receiver: EventReceiver, secret?: string) => void }) {
  const words = text.service.events;
  const form = useForm({
    name: receiver?.name ?? '', url: receiver?.url ?? '', events: receiver?.events ?? '', ca: '', enabled: receiver?.enabled ?? true,
  }, {
    isNew: !receiver,
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '', url: values.url.trim() === '' ? words.urlNeeded : '',
      events: values.events.trim() === '' ? words.patternsNeeded : '',
    }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values, changed) => {
      if (receiver) {
        onSaved((await receiversApi.set(receiver.id, changed)).event_receiver);
      } else {
        const { ca, ...rest } = values;
        const made = await receiversApi.create({ ...rest, name: values.name.trim(), url: values.url.trim(), ...(ca !== '' && { ca }) });
        onSaved(made.event_receiver, made.secret);
      }
    },
    saved: (values) => toast(receiver ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.title}>
      <Field label={text.admin.name} maxLength={128} autofocus={!receiver} {...form.text('name')} />
      <Field label={words.url} hint={words.urlHint} mono maxLength={500} {...form.text('url')} />
      <Field label={words.patterns} hint={words.patternsHint} mono maxLength={1000} {...form.text('events')} />
      <TextArea label={words.ca} hint={receiver?.own_ca ? words.caKept : words.caHint} mono rows={3} maxLength={16_000} {...form.text('ca')} />
      <Check label={words.enabled} {...form.check('enabled')} />
      <FormBar form={form} {...(!receiver && { save: text.common.actions.create })} />
    </Form>
  );
}
