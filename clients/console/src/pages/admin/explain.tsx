/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done, and which layer says so: the appliance's own answer, asked again with every choice. */
import { useState } from 'preact/hooks';
import { sessionPoliciesApi, type Tool, type ToolAnswer } from '../../api/policies';
import { get } from '../../api/request';
import { teamsApi } from '../../api/people';
import type { PageProps } from '../../pages';
import { go, hrefOf } from '../../route';
import { text } from '../../text';
import { SearchField, Segmented, Select } from '../../view/fields';
import { Badge, Card, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { hasAllWords, PersonPicker, Picker } from './parts';
import { byGroup, toolTitle } from './tool_text';

interface Subject {
  readonly account: number;
  readonly jump_item: number;
  readonly copy: number;
  readonly portal: number;
  readonly team: number;
  readonly invite: number;
  readonly attended: 'auto' | 'yes' | 'no';
}

const nobody: Subject = { account: 0, jump_item: 0, copy: 0, portal: 0, team: 0, invite: 0, attended: 'auto' };

interface Target {
  readonly id: number;
  readonly copy: number;
  readonly name: string;
  readonly note: string;
}

interface FoundItem {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly copies?: readonly { readonly copy: number; readonly group_id: number }[];
}

/* Jump Items and their copies, each something one may come through. */
async function findTargets(typed: string, groupName: (id: number) => string): Promise<Target[]> {
  const long = typed.length >= 3;
  const { jump_items: items } = await get<{ jump_items: FoundItem[] }>(long ? 'jump-items/search' : 'jump-items',
    { ...(long && { text: typed, fields: 'name,hostname' }), limit: 20 });
  return items.filter((item) => long || hasAllWords(item.name, typed)).flatMap((item) => [
    { id: item.id, copy: 0, name: item.name, note: item.group },
    ...(item.copies ?? []).map((copy) => ({
      id: item.id, copy: copy.copy, name: item.name, note: text.policies.explain.copyIn(groupName(copy.group_id)),
    })),
  ]);
}

function sourceText(source: string): string {
  return (text.policies.explain.sources as Readonly<Record<string, string>>)[source] ?? source;
}

type Filter = 'all' | 'allowed' | 'denied' | 'asked';

export default function ExplainPage({ state }: PageProps) {
  const words = text.policies.explain;
  const [subject, setSubject] = useState<Subject>(nobody);
  const [names, setNames] = useState({ account: '', item: '' });
  const [wanted, setWanted] = useState('');
  const [only, setOnly] = useState<Filter>('all');
  const put = (change: Partial<Subject>) => setSubject((before) => ({ ...before, ...change }));
  const { attended, ...numbers } = subject;
  const query = {
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0)),
    ...(subject.copy !== 0 && { jump_item: null }),
    ...(attended !== 'auto' && { attended: attended === 'yes' }),
  };
  const tools = useResource(async () => (await sessionPoliciesApi.tools()).tools);
  const explained = useResource(() => sessionPoliciesApi.explain(query),
    ['policies_changed', 'teams_changed', 'accounts_changed', 'portals_changed', 'jump_items_changed'], [query]);
  const teams = useResource(() => teamsApi.all(), ['teams_changed']);
  const portals = useResource(async () => (await get<{ portals: { id: number; name: string }[] }>('portals')).portals, ['portals_changed']);
  const policies = useResource(() => sessionPoliciesApi.all(), ['policies_changed']);
  const groups = useResource(async () =>
    (await get<{ jump_groups: { id: number; name: string }[] }>('jump-groups', { limit: 100 })).jump_groups);
  const groupName = (id: number) => groups.value?.find((group) => group.id === id)?.name ?? String(id);
  const chooseFrom = (rows: readonly { readonly id: number; readonly name: string }[] | null) =>
    [{ value: 0, label: words.any }, ...(rows ?? []).map((row) => ({ value: row.id, label: row.name }))];
  return (
    <Page title={words.title} lead={words.lead} testId="explain-page">
      <div class="explain">
        <Card testId="explain-subject">
          <PersonPicker label={words.who} {...(subject.account === 0 && { hint: words.whoHint })} chosen={names.account} testId="explain-account"
            onClear={() => { put({ account: 0 }); setNames({ ...names, account: '' }); }}
            onPick={(person) => { put({ account: person.id }); setNames({ ...names, account: person.display_name }); }} />
          <Picker<Target> label={words.item} hint={subject.jump_item === 0 ? words.noItem : words.itemHint} chosen={names.item} testId="explain-item"
            find={(typed) => findTargets(typed, groupName)} keyOf={(one) => `${one.id}-${one.copy}`} nameOf={(one) => one.name}
            noteOf={(one) => one.note} onClear={() => { put({ jump_item: 0, copy: 0 }); setNames({ ...names, item: '' }); }}
            onPick={(one) => { put({ jump_item: one.id, copy: one.copy }); setNames({ ...names, item: `${one.name} (${one.note})` }); }} />
          <Select label={words.portal} value={subject.portal} options={chooseFrom(portals.value)} testId="explain-portal"
            onChange={(portal) => put({ portal })} />
          <Select label={words.team} value={subject.team} options={chooseFrom(teams.value)} testId="explain-team"
            onChange={(team) => put({ team })} />
          <Select label={words.invite} value={subject.invite} testId="explain-invite" onChange={(invite) => put({ invite })}
            options={chooseFrom((policies.value ?? []).filter((policy) => policy.for_invites))} />
          <p class="like-label">{words.attended}</p>
          <Segmented label={words.attended} value={attended} testId="explain-attended" onChange={(value) => put({ attended: value })}
            options={(['auto', 'yes', 'no'] as const).map((value) => ({ value, label: words.attendance[value] }))} />
        </Card>
        <div class="explain-answers">
          <Loaded resource={explained} lines={10}>
            {({ layers, answers, attended: isAttended }) => (
              <>
                <Card title={words.layers} testId="explain-layers" actions={<Badge tone="accent">{isAttended ? words.attendance.yes : words.attendance.no}</Badge>}>
                  {layers.length === 0 ? <p class="hint">{words.noLayers}</p> : (
                    <ol class="layers">
                      {layers.map((layer, at) => (
                        <li key={`${layer.source}-${layer.policy}-${at}`}>
                          <span class="chip-kind">{sourceText(layer.source)}</span>
                          {state.may('edit_policies')
                            ? <a href={hrefOf(`/admin/session-policies/${layer.policy}`)}>{layer.name}</a> : <span>{layer.name}</span>}
                        </li>
                      ))}
                    </ol>
                  )}
                </Card>
                <div class="explain-filter">
                  <SearchField label={text.policies.session.find} value={wanted} onInput={setWanted} testId="explain-search" />
                  <Segmented label={words.only} value={only} onChange={setOnly} testId="explain-only"
                    options={(['all', 'allowed', 'denied', 'asked'] as const).map((value) => ({ value, label: words.filters[value] }))} />
                  <span class="count" role="status" data-testid="explain-count">
                    {words.answered(answers.filter((one) => one.allowed).length, answers.filter((one) => !one.allowed).length)}
                  </span>
                </div>
                <Answers tools={tools.value ?? []} answers={answers} shows={(tool, answer) =>
                  hasAllWords(`${toolTitle(tool.tool, tool.what)} ${tool.tool}`, wanted)
                  && (only === 'all' || (only === 'allowed' ? answer.allowed : only === 'denied' ? !answer.allowed : answer.asked))} />
              </>
            )}
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

function Answers({ tools, answers, shows }: {
  tools: readonly Tool[]; answers: readonly ToolAnswer[]; shows: (tool: Tool, answer: ToolAnswer) => boolean;
}) {
  const words = text.policies.explain;
  const of = new Map(answers.map((answer) => [answer.tool, answer]));
  return (
    <>
      {byGroup(tools).map(({ group, tools: all }) => {
        const shown = all.filter((tool) => of.has(tool.tool) && shows(tool, of.get(tool.tool)!));
        return shown.length > 0 && (
          <Card key={group} title={text.policies.session.groups[group]}>
            <ul class="member-list answers">
              {shown.map((tool) => {
                const answer = of.get(tool.tool)!;
                return (
                  <li key={tool.tool} class="answer-row" data-testid={`answer-${tool.tool}`} data-allowed={String(answer.allowed)}
                    data-source={answer.source} data-policy={answer.policy ?? ''} data-asked={String(answer.asked)}>
                    <Badge tone={answer.allowed ? 'ok' : 'danger'}>{answer.allowed ? words.allowed : words.denied}</Badge>
                    <span class="answer-what">
                      {toolTitle(tool.tool, tool.what)}
                      {answer.asked && (
                        <span class="item-where">
                          {words.asked(String(answer.time_s ?? 0), answer.silence === 'yes' ? words.yes : words.no)} ({sourceText(answer.prompt_source)})
                        </span>
                      )}
                    </span>
                    <span class="answer-why">
                      {sourceText(answer.source)}
                      {answer.policy !== null && (
                        <button type="button" class="link" onClick={() => go(`/admin/session-policies/${answer.policy}`)}>{answer.policy_name}</button>
                      )}
                    </span>
                  </li>
                );
              })}
            </ul>
          </Card>
        );
      })}
    </>
  );
}
