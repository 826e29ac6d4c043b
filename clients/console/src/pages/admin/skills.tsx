/* SPDX-License-Identifier: Apache-2.0 */
/* Skills in their order; who has them is said at the user, what needs them at the team's issues. */
import { skillsApi, type Skill } from '../../api/people';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Field, NumberField, Select } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { DetailsHead, ListPage, removeThing } from './parts';

export default function SkillsPage({ args }: PageProps) {
  const words = text.people.skills;
  const skills = useResource(async () => (await skillsApi.list()).skills);
  const nameOf = (id: number | null) => skills.value?.find((skill) => skill.id === id)?.name ?? '';
  const remove = async (skill: Skill) => {
    if (await removeThing(skill.name, words.removeText, () => skillsApi.remove(skill.id))) {
      await skills.reload();
      go('/admin/skills', { replace: true });
    }
  };
  return (
    <ListPage name="skills" path="/admin/skills" title={words.title} lead={words.lead} args={args} rows={skills}
      idOf={(row) => row.id} nameOf={(row) => row.name} createLabel={words.add}
      columns={[
        { id: 'name', title: text.admin.name, width: 200, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'rank', title: words.rank, width: 80, align: 'end', sort: (a, b) => a.rank - b.rank, value: (row) => row.rank },
        { id: 'parent', title: words.parent, width: 160, value: (row) => nameOf(row.parent) },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path="/admin/skills" />
          <div class="details-body"><SkillForm skills={skills.value ?? []} onSaved={close} /></div>
        </>
      )}
      empty={{ title: words.emptyTitle, text: words.emptyText }}
      details={(row) => (
        <>
          <DetailsHead title={row.name} path="/admin/skills" actions={(
            <button type="button" class="danger" data-testid="skill-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
          )} />
          <div class="details-body"><SkillForm key={row.id} skill={row} skills={skills.value ?? []} onSaved={() => void skills.reload()} /></div>
        </>
      )} />
  );
}

function SkillForm({ skill, skills, onSaved }: { skill?: Skill; skills: readonly Skill[]; onSaved: (id: number) => void }) {
  const words = text.people.skills;
  const form = useForm({ name: skill?.name ?? '', rank: (skill?.rank ?? 1) as number | null, parent: skill?.parent ?? 0 }, {
    isNew: !skill,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async ({ name, rank, parent }) => {
      if (skill) {
        await skillsApi.set(skill.id, { name, rank });
        onSaved(skill.id);
      } else {
        onSaved((await skillsApi.create({ name, rank, ...(parent !== 0 && { parent }) })).id);
      }
    },
    saved: (values) => toast(skill ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.title}>
      <Field label={text.admin.name} maxLength={128} autofocus={!skill} {...form.text('name')} />
      <NumberField label={words.rank} hint={words.rankHint} min={1} {...form.number('rank')} />
      {!skill && (
        <Select label={words.parent} {...form.select('parent')}
          options={[{ value: 0, label: words.noParent }, ...skills.map((one) => ({ value: one.id, label: one.name }))]} />
      )}
      <FormBar form={form} {...(!skill && { save: text.common.actions.create })} />
    </Form>
  );
}
