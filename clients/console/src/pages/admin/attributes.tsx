/* SPDX-License-Identifier: Apache-2.0 */
/* Custom attributes of sessions. */
import { surveysApi, type Attribute } from '../../api/desk';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Check, Field } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Facts } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { DetailsHead, ListPage, removeThing } from './parts';

export default function AttributesPage({ args }: PageProps) {
  const words = text.desk.attributes;
  const rows = useResource(() => surveysApi.attributes());
  const by = (row: Attribute) => (row.editable ? words.by.editable : words.by.fixed);
  const remove = async (row: Attribute) => {
    if (await removeThing(row.name, words.removeText, () => surveysApi.removeAttribute(row.id))) {
      await rows.reload();
      go('/admin/attributes', { replace: true });
    }
  };
  return (
    <ListPage name="attributes" path="/admin/attributes" title={words.title} lead={words.lead} args={args} rows={rows}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.code}`} createLabel={words.add}
      empty={{ title: words.emptyTitle, text: words.emptyText }} columns={[
        { id: 'name', title: text.admin.name, width: 220, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'code', title: text.admin.code, width: 160, value: (row) => <span class="mono">{row.code}</span> },
        { id: 'set', title: words.set, width: 220, value: by },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path="/admin/attributes" />
          <div class="details-body"><NewAttribute onMade={close} /></div>
        </>
      )}
      details={(row) => (
        <>
          <DetailsHead title={row.name} path="/admin/attributes" actions={(
            <button type="button" class="danger" data-testid="attribute-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
          )} />
          <div class="details-body">
            <Facts rows={[[text.admin.code, <span class="mono">{row.code}</span>], [words.set, by(row)]]} />
          </div>
        </>
      )} />
  );
}

function NewAttribute({ onMade }: { onMade: (id: number) => void }) {
  const words = text.desk.attributes;
  const form = useForm({ name: '', code: '', editable: true }, {
    isNew: true,
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '', code: values.code.trim() === '' ? words.codeNeeded : '',
    }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'code' : undefined),
    save: async (values) => onMade((await surveysApi.createAttribute({ ...values, name: values.name.trim(), code: values.code.trim() })).id),
    saved: (values) => toast(text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.add}>
      <Field label={text.admin.name} maxLength={128} autofocus {...form.text('name')} />
      <Field label={text.admin.code} hint={words.codeHint} mono maxLength={64} {...form.text('code')} />
      <Check label={words.editable} hint={words.editableHint} {...form.check('editable')} />
      <FormBar form={form} save={text.common.actions.create} />
    </Form>
  );
}
