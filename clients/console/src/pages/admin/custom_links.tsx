/* SPDX-License-Identifier: Apache-2.0 */
/* Links at every session, with macros. */
import { surveysApi, type CustomLink } from '../../api/desk';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Field, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Facts } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { DetailsHead, ListPage, removeThing } from './parts';

export default function CustomLinksPage({ args }: PageProps) {
  const words = text.desk.links;
  const rows = useResource(() => surveysApi.links());
  const remove = async (row: CustomLink) => {
    if (await removeThing(row.name, words.removeText, () => surveysApi.removeLink(row.id))) {
      await rows.reload();
      go('/admin/links', { replace: true });
    }
  };
  return (
    <ListPage name="links" path="/admin/links" title={words.title} lead={words.lead} args={args} rows={rows}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.url}`} createLabel={words.add}
      empty={{ title: words.emptyTitle, text: words.emptyText }} columns={[
        { id: 'name', title: text.admin.name, width: 220, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'url', title: words.url, width: 420, value: (row) => <span class="mono">{row.url}</span> },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path="/admin/links" />
          <div class="details-body"><LinkForm onSaved={close} /></div>
        </>
      )}
      details={(row) => (
        <>
          <DetailsHead title={row.name} path="/admin/links" actions={(
            <button type="button" class="danger" data-testid="link-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
          )} />
          <div class="details-body"><LinkForm key={row.id} link={row} onSaved={() => void rows.reload()} /></div>
        </>
      )} />
  );
}

function LinkForm({ link, onSaved }: { link?: CustomLink; onSaved: (id: number) => void }) {
  const words = text.desk.links;
  const form = useForm({ name: link?.name ?? '', url: link?.url ?? '' }, {
    isNew: !link,
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '', url: values.url.trim() === '' ? words.urlNeeded : '',
    }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values, changed) =>
      onSaved((link ? await surveysApi.setLink(link.id, changed) : await surveysApi.createLink({ name: values.name.trim(), url: values.url.trim() })).id),
    saved: (values) => toast(link ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.title}>
      <Field label={text.admin.name} maxLength={128} autofocus={!link} {...form.text('name')} />
      <TextArea label={words.url} hint={words.urlHint} mono rows={2} maxLength={1000} {...form.text('url')} />
      <Facts rows={Object.entries(words.macros).map(([macro, meaning]) => [`%${macro}%`, meaning] as const)} />
      <FormBar form={form} {...(!link && { save: text.common.actions.create })} />
    </Form>
  );
}
