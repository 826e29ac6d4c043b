/* SPDX-License-Identifier: Apache-2.0 */
/* What representatives can choose beside available, busy and away. */
import { surveysApi, type StatusCode } from '../../api/desk';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Field, Select } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Facts } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { DetailsHead, ListPage, removeThing } from './parts';

export default function StatusCodesPage({ args }: PageProps) {
  const words = text.desk.statuses;
  const rows = useResource(() => surveysApi.statusCodes());
  const remove = async (row: StatusCode) => {
    if (await removeThing(row.name, words.removeText, () => surveysApi.removeStatusCode(row.id))) {
      await rows.reload();
      go('/admin/status-codes', { replace: true });
    }
  };
  return (
    <ListPage name="status-codes" path="/admin/status-codes" title={words.title} lead={words.lead} args={args} rows={rows}
      idOf={(row) => row.id} nameOf={(row) => row.name} createLabel={words.add}
      empty={{ title: words.emptyTitle, text: words.emptyText }} columns={[
        { id: 'name', title: text.admin.name, width: 260, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'shown', title: words.shownAs, width: 160, value: (row) => <Badge tone="warn">{words.shown[row.shown_as]}</Badge> },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path="/admin/status-codes" />
          <div class="details-body"><NewStatus onMade={close} /></div>
        </>
      )}
      details={(row) => (
        <>
          <DetailsHead title={row.name} path="/admin/status-codes" actions={(
            <button type="button" class="danger" data-testid="status-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
          )} />
          <div class="details-body"><Facts rows={[[words.shownAs, words.shown[row.shown_as]]]} /></div>
        </>
      )} />
  );
}

function NewStatus({ onMade }: { onMade: (id: number) => void }) {
  const words = text.desk.statuses;
  const form = useForm({ name: '', shown_as: 'busy' as StatusCode['shown_as'] }, {
    isNew: true,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values) => onMade((await surveysApi.createStatusCode({ ...values, name: values.name.trim() })).id),
    saved: (values) => toast(text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.add}>
      <Field label={text.admin.name} maxLength={128} autofocus {...form.text('name')} />
      <Select label={words.shownAs} {...form.select('shown_as')}
        options={(['busy', 'away'] as const).map((value) => ({ value, label: words.shown[value] }))} />
      <FormBar form={form} save={text.common.actions.create} />
    </Form>
  );
}
