/* SPDX-License-Identifier: Apache-2.0 */
/* Invite profiles: what an invited person may do. */
import { inviteProfilesApi, sessionPoliciesApi, type InviteProfile } from '../../api/policies';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText, formatList } from '../../text/format';
import { Check, Field, FieldGroup, Select } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Facts } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { DetailsHead, ListPage, removeThing } from './parts';

const PATH = '/admin/invite-profiles';

function permissionTitle(name: string): string {
  return (text.policies.invites.names as Readonly<Record<string, string>>)[name] ?? name;
}

export default function InviteProfilesPage({ args }: PageProps) {
  const words = text.policies.invites;
  const profiles = useResource(async () => (await inviteProfilesApi.list()).profiles, ['policies_changed']);
  const policies = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  const policyName = (id: number | null) => (id === null ? words.noPolicy : policies.value?.find((one) => one.id === id)?.name ?? String(id));
  const remove = async (profile: InviteProfile) => {
    if (await removeThing(profile.name, words.removeText, () => inviteProfilesApi.remove(profile.id))) {
      await profiles.reload();
      go(PATH, { replace: true });
    }
  };
  return (
    <ListPage name="invite-profiles" path={PATH} title={words.title} lead={words.lead} args={args} rows={profiles} createLabel={words.add}
      idOf={(row) => row.id} nameOf={(row) => row.name}
      columns={[
        { id: 'name', title: text.admin.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'may', title: words.permissions, width: 320, value: (row) => formatList(row.permissions.map(permissionTitle)) },
        { id: 'policy', title: text.policies.session.title, width: 160, value: (row) => policyName(row.session_policy) },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path={PATH} />
          <div class="details-body">
            <NewProfile policies={(policies.value ?? []).filter((one) => one.for_invites)} onSaved={close} />
          </div>
        </>
      )}
      empty={{ title: words.emptyTitle, text: words.emptyText }}
      details={(row) => (
        <>
          <DetailsHead title={row.name} path={PATH} actions={(
            <button type="button" class="danger" data-testid="profile-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
          )} />
          <div class="details-body">
            <Facts rows={[
              [words.permissions, formatList(row.permissions.map(permissionTitle))],
              [words.policy, policyName(row.session_policy)],
            ]} />
            <p class="hint facts-note">{words.fixed}</p>
          </div>
        </>
      )} />
  );
}

function NewProfile({ policies, onSaved }: { policies: readonly { id: number; name: string }[]; onSaved: (id: number) => void }) {
  const words = text.policies.invites;
  const form = useForm({ name: '', permissions: ['chat', 'view_screen'] as string[], session_policy: 0 }, {
    isNew: true,
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '', permissions: values.permissions.length === 0 ? words.needed : '',
    }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values) => onSaved((await inviteProfilesApi.create({
      name: values.name.trim(), permissions: values.permissions.join(' '), session_policy: values.session_policy,
    })).id),
    saved: (values) => toast(text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.add}>
      <Field label={text.admin.name} maxLength={128} autofocus {...form.text('name')} />
      <FieldGroup title={words.permissions}>
        <div class="check-grid">
          {Object.entries(words.names).map(([name, title]) => (
            <Check key={name} label={title} checked={form.values.permissions.includes(name)} testId={`permission-${name}`}
              onChange={(has) => form.set('permissions', has ? [...form.values.permissions, name]
                : form.values.permissions.filter((one) => one !== name))} />
          ))}
        </div>
        {form.errors.permissions && <p class="field-error">{form.errors.permissions}</p>}
      </FieldGroup>
      <Select label={words.policy} {...form.select('session_policy')}
        options={[{ value: 0, label: words.noPolicy }, ...policies.map((one) => ({ value: one.id, label: one.name }))]} />
      <FormBar form={form} save={text.common.actions.create} />
    </Form>
  );
}
