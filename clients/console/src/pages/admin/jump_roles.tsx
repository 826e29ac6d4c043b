/* SPDX-License-Identifier: Apache-2.0 */
/* Jump roles as a matrix: a row for each of the 13 permissions, a column for each role; and the roles by default. */
import { useState } from 'preact/hooks';
import { jumpRolesApi, type JumpRole, type RoleDefaults } from '../../api/policies';
import { text } from '../../text';
import { Field, Select } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Menu } from '../../view/menu';
import { Card, Empty, Loaded, Page } from '../../view/page';
import { Dialog } from '../../view/parts';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt, removeThing } from './parts';

function flagTitle(flag: string, what: string): string {
  return (text.jumpRules.roles.flags as Readonly<Record<string, string>>)[flag] ?? what;
}

export default function JumpRolesPage() {
  const words = text.jumpRules.roles;
  const roles = useResource(() => jumpRolesApi.list(), ['policies_changed']);
  const defaults = useResource(async () => (await jumpRolesApi.defaults()).defaults, ['policies_changed']);
  const [edited, setEdited] = useState<JumpRole | 'new' | null>(null);
  const toggle = async (role: JumpRole, flag: string, has: boolean) => {
    const may = has ? [...role.may, flag] : role.may.filter((one) => one !== flag);
    if (await attempt(() => jumpRolesApi.set(role.id, { may }))) {
      await roles.reload();
    }
  };
  const remove = (role: JumpRole) => removeThing(role.name, words.removeText, () => jumpRolesApi.remove(role.id));
  return (
    <Page title={words.title} lead={words.lead} testId="jump-roles-page" actions={(
      <button type="button" class="primary" data-testid="jump-roles-new" onClick={() => setEdited('new')}>{words.add}</button>
    )}>
      <Loaded resource={roles} lines={10}>
        {({ jump_roles: all, flags }) => (
          <Card>
            {all.length === 0 ? <Empty title={words.emptyTitle} /> : (
              <div class="matrix-box" tabIndex={0} role="region" aria-label={words.title}>
                <table class="matrix roles">
                  <thead>
                    <tr>
                      <th scope="col">{words.flag}</th>
                      {all.map((role) => (
                        <th key={role.id} scope="col" class="centre" data-testid={`role-column-${role.id}`}>
                          <span class="role-head">
                            <span title={role.description}>{role.name}</span>
                            <Menu label={`${role.name}: ${text.admin.more}`} button={<Icon name="more" />} align="end" entries={[
                              { label: text.common.actions.edit, icon: 'edit', onChoose: () => setEdited(role) },
                              { label: text.common.actions.remove, icon: 'trash', danger: true, onChoose: () => void remove(role) },
                            ]} />
                          </span>
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {flags.map(({ flag, what }) => (
                      <tr key={flag}>
                        <th scope="row">{flagTitle(flag, what)}</th>
                        {all.map((role) => (
                          <td key={role.id} class="centre">
                            <input type="checkbox" checked={role.may.includes(flag)} aria-label={words.cell(role.name, flagTitle(flag, what))}
                              data-testid={`may-${role.id}-${flag}`} onChange={(event) => void toggle(role, flag, event.currentTarget.checked)} />
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Card>
        )}
      </Loaded>
      <Loaded resource={defaults}>
        {(value) => <Defaults key={JSON.stringify(value)} defaults={value} roles={roles.value?.jump_roles ?? []} onSaved={defaults.reload} />}
      </Loaded>
      {edited && <RoleDialog role={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Page>
  );
}

const kinds = ['default_role', 'personal_role', 'team_role', 'system_role'] as const;

function Defaults({ defaults, roles, onSaved }: { defaults: RoleDefaults; roles: readonly JumpRole[]; onSaved: () => Promise<void> }) {
  const words = text.jumpRules.roles;
  const form = useForm(Object.fromEntries(kinds.map((kind) => [kind, defaults[kind] ?? 0])) as Record<typeof kinds[number], number>, {
    save: async (values) => {
      await jumpRolesApi.setDefaults(values);
      await onSaved();
    },
    saved: () => toast(text.common.actions.saved),
  });
  return (
    <Card title={words.defaultsTitle} lead={words.defaultsLead} testId="role-defaults">
      <Form form={form} label={words.defaultsTitle}>
        <div class="field-row">
          {kinds.map((kind) => (
            <Select key={kind} label={words.defaults[kind]} {...form.select(kind)}
              options={[{ value: 0, label: words.noRole }, ...roles.map((role) => ({ value: role.id, label: role.name }))]} />
          ))}
        </div>
        <FormBar form={form} />
      </Form>
    </Card>
  );
}

function RoleDialog({ role, onClose }: { role: JumpRole | null; onClose: () => void }) {
  const words = text.jumpRules.roles;
  const form = useForm({ name: role?.name ?? '', description: role?.description ?? '' }, {
    isNew: !role,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: (values) => (role ? jumpRolesApi.set(role.id, values) : jumpRolesApi.create({ ...values, may: ['start'] })),
    saved: (values) => {
      toast(role ? text.common.actions.saved : text.admin.created(values.name));
      onClose();
    },
  });
  return (
    <Dialog title={role ? role.name : words.add} onClose={onClose}>
      <Form form={form} label={words.add}>
        <Field label={text.admin.name} maxLength={128} autofocus {...form.text('name')} />
        <Field label={words.description} maxLength={256} {...form.text('description')} />
        <FormBar form={form} onCancel={onClose} {...(!role && { save: text.common.actions.create })} />
      </Form>
    </Dialog>
  );
}
