/* SPDX-License-Identifier: Apache-2.0 */
/* Canned messages and canned scripts: two pages of one kind. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { cannedApi, type Canned, type CannedKind, type Category, type Platform } from '../../api/desk';
import { teamsApi } from '../../api/people';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText, formatList, formatNumber } from '../../text/format';
import { Field, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Badge, Loaded } from '../../view/page';
import { Dialog } from '../../view/parts';
import { useResource, type Resource } from '../../view/resource';
import { toast } from '../../view/toast';
import { BbText } from './bbcode';
import { attempt, DetailsHead, ListPage, removeThing } from './parts';
import { Several } from './service_parts';

const platforms: readonly Platform[] = ['any', 'linux', 'windows', 'macos'];

export function CannedPage({ kind, args }: PageProps & { kind: CannedKind }) {
  const words = text.desk.canned;
  const isScript = kind === 'script';
  const path = isScript ? '/admin/scripts' : '/admin/canned';
  const title = isScript ? words.scripts : words.messages;
  const [sorting, setSorting] = useState(false);
  const rows = useResource(() => cannedApi.list(kind), ['canned_changed']);
  const categories = useResource(() => cannedApi.categories(kind), ['canned_changed']);
  const teams = useResource(() => teamsApi.all(), ['teams_changed']);
  const teamNames = (ids: readonly number[]) => (ids.length === 0 ? words.everyone
    : formatList(ids.map((id) => teams.value?.find((team) => team.id === id)?.name ?? String(id))));
  const remove = async (row: Canned) => {
    if (await removeThing(row.name, isScript ? words.removeScriptText : words.removeMessageText, () => cannedApi.remove(kind, row.id))) {
      go(path, { replace: true });
    }
  };
  const form = (row: Canned | null, onSaved: (id: number) => void) => (
    <CannedForm kind={kind} canned={row} categories={categories.value ?? []} teams={teams.value ?? []} onSaved={onSaved} />
  );
  return (
    <>
      <ListPage name={isScript ? 'scripts' : 'canned'} path={path} title={title} args={args} rows={rows}
        idOf={(row) => row.id} nameOf={(row) => row.name}
        searched={(row) => `${row.name} ${row.category_name ?? ''} ${row.text ?? ''} ${row.description ?? ''}`}
        createLabel={isScript ? words.addScript : words.addMessage}
        empty={isScript ? { title: words.emptyScripts, text: words.emptyScriptsText } : { title: words.emptyMessages, text: words.emptyMessagesText }}
        actions={<button type="button" data-testid="categories" onClick={() => setSorting(true)}>{words.categories}</button>}
        columns={[
          { id: 'name', title: words.columns.name, width: 220, fixed: true, sort: (a, b) => compareText(a.name, b.name),
            value: (row) => <span class="item-name">{row.name}</span> },
          { id: 'category', title: words.columns.category, width: 160, value: (row) => row.category_name ?? '',
            sort: (a, b) => compareText(a.category_name ?? '', b.category_name ?? '') },
          { id: 'teams', title: words.columns.teams, width: 220, value: (row) => teamNames(row.teams) },
          ...(isScript ? [{ id: 'platform', title: words.columns.platform, width: 110,
            value: (row: Canned) => <Badge>{words.platforms[row.platform ?? 'any']}</Badge> }] : []),
        ]}
        create={(close) => (
          <>
            <DetailsHead title={isScript ? words.addScript : words.addMessage} path={path} />
            <div class="details-body">{form(null, close)}</div>
          </>
        )}
        details={(row) => (
          <>
            <DetailsHead title={row.name} path={path} actions={(
              <button type="button" class="danger" data-testid="canned-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
            )} />
            <div class="details-body">
              {isScript ? <WithScript key={row.id} id={row.id}>{(script) => form(script, () => void rows.reload())}</WithScript>
                : <div key={row.id}>{form(row, () => void rows.reload())}</div>}
            </div>
          </>
        )} />
      {sorting && (
        <Dialog title={words.categories} onClose={() => setSorting(false)}>
          <Categories kind={kind} categories={categories} />
        </Dialog>
      )}
    </>
  );
}

/* The list has no texts of scripts. */
function WithScript({ id, children }: { id: number; children: (script: Canned) => ComponentChildren }) {
  const script = useResource(() => cannedApi.script(id), [], [id]);
  return <Loaded resource={script}>{children}</Loaded>;
}

function CannedForm({ kind, canned, categories, teams, onSaved }: {
  kind: CannedKind; canned: Canned | null; categories: readonly Category[];
  teams: readonly { readonly id: number; readonly name: string }[]; onSaved: (id: number) => void;
}) {
  const words = text.desk.canned;
  const isScript = kind === 'script';
  const form = useForm({
    name: canned?.name ?? '', category: canned?.category ?? 0, teams: [...(canned?.teams ?? [])].sort((a, b) => a - b),
    text: canned?.text ?? '', description: canned?.description ?? '', platform: canned?.platform ?? 'any' as Platform,
  }, {
    isNew: canned === null,
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '',
      text: values.text.trim() === '' ? words.textNeeded : '',
      category: values.category === 0 ? words.categoryNeeded : '',
    }),
    save: async (values, changed) => {
      const { description, platform, ...both } = values;
      const all = isScript ? { ...both, description, platform } : both;
      onSaved((canned ? await cannedApi.set(kind, canned.id, changed) : await cannedApi.create(kind, all)).id);
    },
    saved: (values) => toast(canned ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={isScript ? words.scripts : words.messages}>
      <Field label={text.admin.name} maxLength={128} autofocus={canned === null} {...form.text('name')} />
      <div class="field-row">
        <Select label={words.category} {...form.select('category')} options={[{ value: 0, label: words.noCategory },
          ...categories.map((one) => ({ value: one.id, label: one.name }))]} />
        {isScript && (
          <Select label={words.platform} {...form.select('platform')}
            options={platforms.map((value) => ({ value, label: words.platforms[value] }))} />
        )}
      </div>
      {isScript && <Field label={words.description} maxLength={1000} {...form.text('description')} />}
      <TextArea label={isScript ? words.script : words.text} hint={isScript ? undefined : words.textHint} rows={isScript ? 12 : 5}
        mono={isScript} maxLength={isScript ? 16_384 : 4000} spellcheck={!isScript} {...form.text('text')} />
      {!isScript && (
        <div class="bb-preview" role="group" aria-label={words.preview}>
          <p class="hint">{words.preview}</p>
          <p class="bb-text" data-testid="bb-preview"><BbText text={form.values.text} /></p>
        </div>
      )}
      {teams.length > 0 && (
        <Several title={words.teams} lead={words.teamsLead} all={teams} chosen={form.values.teams} name="team"
          onChange={(chosen) => form.set('teams', chosen)} />
      )}
      <FormBar form={form} {...(!canned && { save: text.common.actions.create })} />
    </Form>
  );
}

function Categories({ kind, categories }: { kind: CannedKind; categories: Resource<Category[]> }) {
  const words = text.desk.canned;
  const [turn, setTurn] = useState(0);
  const [renamed, setRenamed] = useState(0);
  const reload = () => {
    setTurn(turn + 1);
    setRenamed(0);
    return categories.reload();
  };
  const remove = async (category: Category) => {
    if (await removeThing(category.name, words.removeCategoryText, () => cannedApi.removeCategory(kind, category.id))) {
      await reload();
    }
  };
  return (
    <>
      <p class="hint">{words.categoriesLead}</p>
      <ul class="member-list">
        {(categories.value ?? []).map((category) => (
          <li key={category.id} class="member-row" data-testid={`category-${category.id}`}>
            {renamed === category.id
              ? <CategoryForm kind={kind} category={category} onSaved={() => void reload()} />
              : <span>{category.name}<span class="item-where">{words.inIt(formatNumber(category.count))}</span></span>}
            {renamed !== category.id && (
              <button type="button" class="quiet icon-button" aria-label={words.rename(category.name)} onClick={() => setRenamed(category.id)}>
                <Icon name="edit" />
              </button>
            )}
            <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(category.name)} disabled={category.count > 0}
              data-testid={`category-remove-${category.id}`} onClick={() => void remove(category)}>
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      <CategoryForm key={turn} kind={kind} onSaved={() => void reload()} />
    </>
  );
}

function CategoryForm({ kind, category, onSaved }: { kind: CannedKind; category?: Category; onSaved: () => void }) {
  const words = text.desk.canned;
  const [name, setName] = useState(category?.name ?? '');
  const save = async (event: Event) => {
    event.preventDefault();
    const work = () => (category ? cannedApi.renameCategory(kind, category.id, name.trim()) : cannedApi.createCategory(kind, name.trim()));
    if (name.trim() !== '' && await attempt(work, category ? text.common.actions.saved : text.admin.created(name.trim()))) {
      onSaved();
    }
  };
  return (
    <form class="add-line" onSubmit={(event) => void save(event)}>
      <Field label={words.categoryName} hideLabel={category !== undefined} maxLength={128} value={name} onInput={setName}
        testId={category ? 'category-rename' : 'category-name'} autofocus />
      <button type="submit" data-testid={category ? 'category-save' : 'category-add'}>
        {category ? text.common.actions.save : words.addCategory}
      </button>
    </form>
  );
}
