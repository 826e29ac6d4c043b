/* SPDX-License-Identifier: Apache-2.0 */
/* Session policies: what each says about each tool, and whether the customer is asked. */
import { useState } from 'preact/hooks';
import { sessionPoliciesApi, type Prompt, type SessionPolicy, type Tool, type ToolChoice, type ToolRule } from '../../api/policies';
import type { PageProps } from '../../pages';
import { go } from '../../route';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { Check, Field, SearchField, Segmented, Select, TextArea } from '../../view/fields';
import { Form, FormBar, isSame, useForm } from '../../view/form';
import { Badge, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { attempt, DetailsHead, hasAllWords, ListPage, removeThing } from './parts';
import { byGroup, toolTitle } from './tool_text';

const DEFAULT_POLICY = 1;
const PATH = '/admin/session-policies';

function Uses({ row }: { row: SessionPolicy }) {
  const words = text.policies.session;
  return (
    <>
      {row.id === DEFAULT_POLICY && <Badge tone="accent">{words.isDefault}</Badge>}
      {row.for_accounts && <Badge>{words.uses.accounts}</Badge>}
      {row.for_invites && <Badge>{words.uses.invites}</Badge>}
      {row.for_jump_items && <Badge>{words.uses.items}</Badge>}
    </>
  );
}

export default function SessionPoliciesPage({ args }: PageProps) {
  const words = text.policies.session;
  const policies = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  return (
    <ListPage name="session-policies" path={PATH} title={words.title} args={args} rows={policies} createLabel={words.add}
      idOf={(row) => row.id} nameOf={(row) => row.name} searched={(row) => `${row.name} ${row.code} ${row.description}`}
      columns={[
        { id: 'name', title: words.columns.name, width: 180, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (row) => <span class="item-name">{row.name}</span> },
        { id: 'uses', title: words.columns.uses, width: 280, value: (row) => <Uses row={row} /> },
        { id: 'code', title: words.columns.code, width: 120, value: (row) => <span class="mono">{row.code}</span> },
      ]}
      create={(close) => (
        <>
          <DetailsHead title={words.add} path={PATH} />
          <div class="details-body"><General onSaved={close} /></div>
        </>
      )}
      empty={{ title: words.emptyTitle, text: words.emptyText }}
      details={(row) => <Details key={row.id} row={row} />} />
  );
}

function Details({ row }: { row: SessionPolicy }) {
  const [tab, setTab] = useState('tools');
  const words = text.policies.session;
  const tools = useResource(async () => (await sessionPoliciesApi.tools()).tools);
  const policy = useResource(() => sessionPoliciesApi.show(row.id), ['policies_changed'], [row.id]);
  const duplicate = () => attempt(async () => {
    const { session_policy: from, tools: said } = await sessionPoliciesApi.show(row.id);
    const made = await sessionPoliciesApi.create({
      name: words.copyOf(row.name).slice(0, 128), description: from.description, for_accounts: from.for_accounts,
      for_invites: from.for_invites, for_jump_items: from.for_jump_items,
      tools: Object.fromEntries(said.map(({ tool, ...rule }) => [tool, rule])),
    });
    go(`${PATH}/${made.session_policy.id}`);
  }, text.admin.created(words.copyOf(row.name)));
  const remove = async () => {
    if (await removeThing(row.name, words.removeText, () => sessionPoliciesApi.remove(row.id))) {
      go(PATH, { replace: true });
    }
  };
  return (
    <>
      <DetailsHead title={row.name} path={PATH} badges={<Uses row={row} />} actions={(
        <>
          <button type="button" data-testid="policy-duplicate" onClick={() => void duplicate()}>{words.duplicate}</button>
          {row.id !== DEFAULT_POLICY && (
            <button type="button" class="danger" data-testid="policy-remove" onClick={() => void remove()}>{text.common.actions.remove}</button>
          )}
        </>
      )} />
      <div class="details-body">
        <Tabs label={row.name} current={tab} onChange={setTab}
          tabs={[{ id: 'tools', title: words.tabs.tools }, { id: 'general', title: words.tabs.general }]}>
          {tab === 'general' ? <General policy={row} onSaved={() => undefined} /> : (
            <Loaded resource={policy} lines={8}>
              {(value) => (tools.value
                ? <Tools policy={row} tools={tools.value} said={value.tools} onSaved={policy.put} /> : null)}
            </Loaded>
          )}
        </Tabs>
      </div>
    </>
  );
}

function General({ policy, onSaved }: { policy?: SessionPolicy; onSaved: (id: number) => void }) {
  const words = text.policies.session;
  const form = useForm({
    name: policy?.name ?? '', code: policy?.code ?? '', description: policy?.description ?? '',
    for_accounts: policy?.for_accounts ?? true, for_invites: policy?.for_invites ?? false, for_jump_items: policy?.for_jump_items ?? true,
  }, {
    isNew: !policy,
    check: (values) => ({ name: values.name.trim() === '' ? text.admin.nameNeeded : '' }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (values, changed) => {
      const { code, ...others } = values;
      const made = policy ? await sessionPoliciesApi.set(policy.id, changed)
        : await sessionPoliciesApi.create({ ...others, ...(code !== '' && { code }) });
      onSaved(made.session_policy.id);
    },
    saved: (values) => toast(policy ? text.common.actions.saved : text.admin.created(values.name)),
  });
  return (
    <Form form={form} label={words.tabs.general}>
      <Field label={text.admin.name} maxLength={128} autofocus={!policy} {...form.text('name')} />
      <Field label={text.admin.code} hint={text.admin.codeHint} mono maxLength={64} {...form.text('code')} />
      <TextArea label={text.admin.description} rows={2} maxLength={1000} {...form.text('description')} />
      <Check label={words.forAccounts} {...form.check('for_accounts')} />
      <Check label={words.forInvites} {...form.check('for_invites')} />
      <Check label={words.forItems} {...form.check('for_jump_items')} />
      <FormBar form={form} {...(!policy && { save: text.common.actions.create })} />
    </Form>
  );
}

type Said = Omit<ToolRule, 'tool'>;

const nothing: Said = { choice: 'not_defined', prompt: 'not_defined', time_s: 0, silence: 'no' };
const choices: readonly ToolChoice[] = ['not_defined', 'allow', 'deny'];

function Tools({ policy, tools, said, onSaved }: {
  policy: SessionPolicy; tools: readonly Tool[]; said: readonly ToolRule[];
  onSaved: (value: { session_policy: SessionPolicy; tools: ToolRule[] }) => void;
}) {
  const words = text.policies.session;
  const [wanted, setWanted] = useState('');
  const initial = Object.fromEntries(tools.map(({ tool }) => {
    const found = said.find((one) => one.tool === tool);
    return [tool, found ? { choice: found.choice, prompt: found.prompt, time_s: found.time_s ?? 0, silence: found.silence ?? 'no' } : nothing];
  })) as Record<string, Said>;
  const form = useForm(initial, {
    save: async (_, changed) => onSaved(await sessionPoliciesApi.set(policy.id, { tools: changed })),
    saved: () => toast(text.common.actions.saved),
  });
  const put = (tool: string, change: Partial<Said>) => form.set(tool, { ...form.values[tool]!, ...change });
  const count = (choice: ToolChoice) => tools.filter(({ tool }) => form.values[tool]!.choice === choice).length;
  return (
    <Form form={form} label={words.tabs.tools}>
      <div class="tools-head">
        <SearchField label={words.find} value={wanted} onInput={setWanted} testId="tool-search" />
        <span class="count" role="status">{words.counted(count('allow'), count('deny'))}</span>
      </div>
      {byGroup(tools).map(({ group, tools: all }) => {
        const shown = all.filter(({ tool, what }) => hasAllWords(`${toolTitle(tool, what)} ${tool}`, wanted));
        const same = choices.find((choice) => shown.every(({ tool }) => form.values[tool]!.choice === choice));
        return shown.length > 0 && (
          <fieldset key={group} class="field-group tool-group">
            <legend>{words.groups[group]}</legend>
            <div class="tool-all">
              <Segmented<ToolChoice | ''> label={words.setAll(words.groups[group])} value={same ?? ''} testId={`all-${group}`}
                options={choices.map((value) => ({ value, label: words.choice[value] }))}
                onChange={(choice) => shown.forEach(({ tool }) => put(tool, { choice: choice as ToolChoice }))} />
            </div>
            {shown.map((tool) => (
              <ToolRow key={tool.tool} tool={tool} said={form.values[tool.tool]!} onChange={(change) => put(tool.tool, change)}
                changed={!isSame(form.values[tool.tool], initial[tool.tool])} />
            ))}
          </fieldset>
        );
      })}
      <div class="sticky-bar"><FormBar form={form} /></div>
    </Form>
  );
}

function ToolRow({ tool, said, changed, onChange }: { tool: Tool; said: Said; changed: boolean; onChange: (change: Partial<Said>) => void }) {
  const words = text.policies.session;
  const title = toolTitle(tool.tool, tool.what);
  return (
    <div class={changed ? 'tool-row changed' : 'tool-row'} data-testid={`tool-${tool.tool}`} data-choice={said.choice}>
      <span class="tool-what">{title}</span>
      <Select label={`${words.prompt}: ${title}`} hideLabel value={said.prompt} testId={`prompt-${tool.tool}`}
        options={(['not_defined', 'ask', 'never'] as const).map((value) => ({ value, label: words.prompts[value] }))}
        onChange={(prompt: Prompt) => onChange({ prompt, ...(prompt === 'ask' && said.time_s === 0 && { time_s: 30 }) })} />
      <Segmented label={title} value={said.choice} testId={`choice-${tool.tool}`} onChange={(choice) => onChange({ choice })}
        options={choices.map((value) => ({ value, label: words.choice[value] }))} />
      {said.prompt === 'ask' && (
        <div class="tool-ask">
          <label class="tool-time">
            <span>{words.time}</span>
            <input type="number" min={0} max={3600} value={said.time_s} aria-label={words.timeOf(title)} data-testid={`time-${tool.tool}`}
              onInput={(event) => onChange({ time_s: Math.max(0, event.currentTarget.valueAsNumber || 0) })} />
            <span>{words.seconds}</span>
          </label>
          <Select label={words.silence} value={said.silence} testId={`silence-${tool.tool}`} onChange={(silence) => onChange({ silence })}
            options={(['no', 'yes'] as const).map((value) => ({ value, label: words.silences[value] }))} />
        </div>
      )}
    </div>
  );
}
