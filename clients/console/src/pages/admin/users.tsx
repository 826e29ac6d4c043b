/* SPDX-License-Identifier: Apache-2.0 */
/* Users: found, added with a one-time password, and the one that is chosen beside the list. */
import { useState } from 'preact/hooks';
import { accountsApi, type AccountRow } from '../../api/people';
import { ApiError } from '../../api/request';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { compareText, formatDateTime } from '../../text/format';
import { Check, Field, Segmented } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge } from '../../view/page';
import { CopyButton, Dialog } from '../../view/parts';
import { useResource } from '../../view/resource';
import type { Column } from '../../view/table';
import { DetailsHead, ListPage } from './parts';
import { UserDetails } from './user_details';

type Filter = 'all' | 'disabled' | 'locked' | 'admins';

export function StateBadges({ row }: { row: AccountRow }) {
  const words = text.people.users.state;
  return (
    <>
      {row.is_locked && <Badge tone="danger">{words.locked}</Badge>}
      {!row.is_enabled ? <Badge tone="warn">{words.disabled}</Badge> : !row.is_locked && <Badge tone="ok">{words.enabled}</Badge>}
      {row.is_admin && <Badge tone="accent">{words.admin}</Badge>}
    </>
  );
}

function columnsOf(): Column<AccountRow>[] {
  const words = text.people.users.columns;
  return [
    {
      id: 'name', title: words.name, width: 180, fixed: true, sort: (a, b) => compareText(a.display_name, b.display_name),
      value: (row) => (
        <span class={row.is_enabled ? 'item-name' : 'item-name is-off'}>{row.display_name}</span>
      ),
    },
    { id: 'user', title: words.user, width: 130, sort: (a, b) => compareText(a.user, b.user), value: (row) => row.user },
    { id: 'state', title: words.state, width: 190, value: (row) => <StateBadges row={row} />,
      sort: (a, b) => rank(a) - rank(b) },
    { id: 'last', title: words.lastSignIn, width: 170, sort: (a, b) => (a.last_sign_in_unix_ms ?? 0) - (b.last_sign_in_unix_ms ?? 0),
      value: (row) => (row.last_sign_in_unix_ms === null ? text.people.users.never : formatDateTime(row.last_sign_in_unix_ms)) },
    { id: 'created', title: words.created, width: 170, hidden: true, sort: (a, b) => a.created_unix_ms - b.created_unix_ms,
      value: (row) => formatDateTime(row.created_unix_ms) },
  ];
}

function rank(row: AccountRow): number {
  return (row.is_locked ? 0 : 4) + (row.is_enabled ? 2 : 0) + (row.is_admin ? 0 : 1);
}

export default function UsersPage({ state, args }: PageProps) {
  const [filter, setFilter] = useState<Filter>('all');
  const [password, setPassword] = useState<{ name: string; value: string } | null>(null);
  const accounts = useResource(() => accountsApi.all(), ['accounts_changed']);
  const words = text.people.users;
  const rows = accounts.value && accounts.value.filter((row) => filter === 'all' || String(row.id) === args[0]
    || (filter === 'disabled' ? !row.is_enabled : filter === 'locked' ? row.is_locked : row.is_admin));
  return (
    <>
      <ListPage name="users" path="/admin/users" title={words.title} args={args} rows={{ ...accounts, value: rows }}
        columns={columnsOf()} idOf={(row) => row.id} nameOf={(row) => row.display_name}
        searched={(row) => `${row.display_name} ${row.user}`} createLabel={words.add}
        filter={(
          <Segmented label={words.show} value={filter} testId="users-filter" onChange={setFilter}
            options={(['all', 'disabled', 'locked', 'admins'] as const).map((value) => ({ value, label: words.filters[value] }))} />
        )}
        create={(close) => (
          <NewUser mayMakeAdmins={state.me!.account.is_admin} onDone={(row, oneTime) => {
            setPassword({ name: row.display_name, value: oneTime });
            close(row.id);
          }} />
        )}
        empty={{ title: words.emptyTitle, text: words.emptyText }}
        details={(row) => (
          <UserDetails key={row.id} state={state} row={row}
            onPassword={(value) => setPassword({ name: row.display_name, value })} />
        )} />
      {password && (
        <Dialog title={words.oneTimeTitle} onClose={() => setPassword(null)}>
          <p class="confirm-text">{words.oneTimeText(password.name)}</p>
          <p class="one-time mono" data-testid="one-time-password">{password.value}</p>
          <div class="actions end">
            <CopyButton value={password.value} label={words.copyPassword} />
            <button type="button" class="primary" data-testid="one-time-done" onClick={() => setPassword(null)}>{words.done}</button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function NewUser({ mayMakeAdmins, onDone }: { mayMakeAdmins: boolean; onDone: (row: AccountRow, oneTime: string) => void }) {
  const words = text.people.users;
  const form = useForm({ user: '', displayName: '', isAdmin: false }, {
    isNew: true,
    check: (values) => ({ user: values.user.trim() === '' ? words.userNameNeeded : '' }),
    fieldOf: (error: ApiError) => (error.code === 'CONFLICT' ? 'user' : undefined),
    save: async (values) => {
      const made = await accountsApi.create(values.user.trim(), values.displayName.trim(), values.isAdmin);
      onDone(made.account, made.one_time_password);
    },
  });
  return (
    <>
      <DetailsHead title={words.add} path="/admin/users" />
      <div class="details-body">
        <Form form={form} label={words.add}>
          <Field label={words.userName} hint={words.userNameHint} maxLength={64} autofocus {...form.text('user')} />
          <Field label={words.displayName} hint={words.displayNameHint} maxLength={128} {...form.text('displayName')} />
          {mayMakeAdmins && <Check label={words.isAdmin} hint={words.isAdminHint} {...form.check('isAdmin')} />}
          <FormBar form={form} save={text.common.actions.create} />
        </Form>
      </div>
    </>
  );
}
