/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of programs. */
import { useState } from 'preact/hooks';
import { apiAccountsApi, scopes, type Access, type ApiAccount } from '../../api/service';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText, formatDateTime, formatList } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Check, Field, FieldGroup, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Facts } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt, DetailsHead, ListPage, removeThing } from './parts';
import { SecretDialog } from './service_parts';

const levels: readonly Access[] = ['none', 'read', 'full'];

interface Secret {
  readonly name: string;
  readonly id: string;
  readonly value: string;
}

export default function ApiAccountsPage({ args }: PageProps) {
  const words = text.service.api;
  const [secret, setSecret] = useState<Secret | null>(null);
  const rows = useResource(() => apiAccountsApi.list());
  const remove = async (row: ApiAccount) => {
    if (await removeThing(row.name, words.removeText, () => apiAccountsApi.remove(row.id))) {
      await rows.reload();
      go('/admin/api', { replace: true });
    }
  };
  const renew = async (row: ApiAccount) => {
    const yes = await confirm({ title: words.newSecretTitle(row.name), text: words.newSecretText, action: words.newSecret, danger: true });
    if (yes) {
      await attempt(async () => {
        const made = await apiAccountsApi.newSecret(row.id);
        setSecret({ name: row.name, id: made.client_id, value: made.client_secret });
      }, '');
    }
  };
  const access = (row: ApiAccount) => {
    const some = scopes.filter((scope) => row[scope] !== 'none');
    return some.length === 0 ? words.noAccess : formatList(some.map((scope) => `${words.scope[scope]} (${words.access[row[scope]]})`));
  };
  return (
    <>
      <ListPage name="api" path="/admin/api" title={words.title} lead={words.lead} args={args} rows={rows}
        idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.client_id} ${row.comments}`}
        createLabel={words.add} empty={{ title: words.emptyTitle, text: words.emptyText }} columns={[
          { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
            value: (row) => <span class={row.enabled ? 'item-name' : 'item-name is-off'}>{row.name}</span> },
          { id: 'state', title: words.columns.state, width: 120, value: (row) => <State row={row} /> },
          { id: 'access', title: words.columns.access, width: 300, value: access },
          { id: 'networks', title: words.columns.networks, width: 160, value: (row) => row.networks || words.anywhere },
          { id: 'token', title: words.columns.token, width: 170, sort: (a, b) => (a.last_token_unix_ms ?? 0) - (b.last_token_unix_ms ?? 0),
            value: (row) => (row.last_token_unix_ms ? formatDateTime(row.last_token_unix_ms) : words.never) },
        ]}
        create={(close) => (
          <>
            <DetailsHead title={words.add} path="/admin/api" />
            <div class="details-body">
              <AccountForm onSaved={(account, value) => {
                setSecret({ name: account.name, id: account.client_id, value: value! });
                close(account.id);
              }} />
            </div>
          </>
        )}
        details={(row) => (
          <>
            <DetailsHead title={row.name} path="/admin/api" badges={<State row={row} />} actions={(
              <>
                <button type="button" data-testid="api-new-secret" onClick={() => void renew(row)}>{words.newSecret}</button>
                <button type="button" class="danger" data-testid="api-remove" onClick={() => void remove(row)}>{text.common.actions.remove}</button>
              </>
            )} />
            <div class="details-body">
              <Facts rows={[
                [words.clientId, <span class="mono">{row.client_id}</span>],
                [words.created, formatDateTime(row.created_unix_ms)],
                [words.columns.token, row.last_token_unix_ms ? formatDateTime(row.last_token_unix_ms) : words.never],
              ]} />
              <AccountForm key={row.id} account={row} onSaved={() => void rows.reload()} />
            </div>
          </>
        )} />
      {secret && (
        <SecretDialog title={words.secretTitle} lead={words.secretLead(secret.name)} onClose={() => setSecret(null)} lines={[
          { label: words.clientId, value: secret.id, testId: 'client-id' },
          { label: words.secret, value: secret.value, testId: 'client-secret' },
        ]} />
      )}
    </>
  );
}

function State({ row }: { row: ApiAccount }) {
  return <Badge tone={row.enabled ? 'ok' : 'warn'}>{row.enabled ? text.service.api.enabled : text.service.api.disabled}</Badge>;
}

function AccountForm({ account, onSaved }: { account?: ApiAccount; onSaved: (account: ApiAccount, secret?: string) => void }) {
  const words = text.service.api;
  const form = useForm({
    name: account?.name ?? '', enabled: account?.enabled ?? true, networks: account?.networks ?? '', comments: account?.comments ?? '',
    command: account?.command ?? 'none' as Access, report: account?.report ?? 'none' as Access,
    configuration: account?.configuration ?? 'none' as Access, backup: account?.backup ?? 'none' as Access,
  }, {
    isNew: !account,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values, changed) => {
      if (account) {
        onSaved((await apiAccountsApi.set(account.id, changed)).api_account);
      } else {
        const made = await apiAccountsApi.create({ ...values, name: values.name.trim() });
        onSaved(made.api_account, made.client_secret);
      }
    },
    saved: (values) => toast(account ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.title}>
      <Field label={text.admin.name} maxLength={128} autofocus={!account} {...form.text('name')} />
      <FieldGroup title={words.scopes} lead={words.scopesLead}>
        <div class="field-row">
          {scopes.map((scope) => (
            <Select key={scope} label={words.scope[scope]} {...form.select(scope)}
              options={levels.map((value) => ({ value, label: words.access[value] }))} />
          ))}
        </div>
      </FieldGroup>
      <Field label={words.networks} hint={words.networksHint} mono maxLength={1000} {...form.text('networks')} />
      <TextArea label={text.admin.comments} rows={2} maxLength={1000} {...form.text('comments')} />
      <Check label={words.enabled} hint={words.enabledHint} {...form.check('enabled')} />
      <FormBar form={form} {...(!account && { save: text.common.actions.create })} />
    </Form>
  );
}
