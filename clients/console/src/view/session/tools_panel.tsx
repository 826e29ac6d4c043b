/* SPDX-License-Identifier: Apache-2.0 */
/* What one may use in a session, and the rule behind each answer. */
import { useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { sessionToolsApi, type ToolAnswer } from '../../api/session_tools';
import { text } from '../../text';
import { Check, SearchField } from '../fields';
import { Badge, Loaded, type Tone } from '../page';
import { useResource } from '../resource';
import { toast } from '../toast';
import { ruleText, type PanelProps } from './panel';

const tones: Readonly<Record<ToolAnswer['state'], Tone>> = { allow: 'ok', ask: 'accent', waits: 'warn', deny: 'danger' };

export default function ToolsPanel({ session, tools }: PanelProps) {
  const names = useResource(async () => new Map((await sessionToolsApi.toolNames()).tools.map((one) => [one.tool, one.what])));
  const [wanted, setWanted] = useState('');
  const [only, setOnly] = useState(false);
  const words = text.side.tools;
  const ask = (tool: string) => sessionToolsApi.askTool(session.id, tool)
    .then(() => tools.reload(), (error: unknown) => toast(sentence(error), 'error'));
  return (
    <div class="side-content">
      <div class="side-scroll" tabIndex={0} role="group" aria-label={text.side.panelTitle.tools} data-testid="session-tools">
        <p class="hint">{words.lead}</p>
        <SearchField label={words.filter} value={wanted} onInput={setWanted} testId="tools-filter" />
        <Check label={words.only} name={`only-${session.id}`} checked={only} onChange={setOnly} testId="tools-only" />
        <Loaded resource={tools} lines={10}>
          {(answers) => (
            <ul class="rules">
              {answers.map((one) => ({ one, what: names.value?.get(one.tool) ?? one.tool.replaceAll('_', ' ') }))
                .filter(({ one, what }) => (!only || one.state !== 'allow') &&
                  what.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase()))
                .map(({ one, what }) => (
                  <li key={one.tool} class="rule" data-testid={`tool-${one.tool}`} data-state={one.state}>
                    <span class="rule-what">{what}</span>
                    <Badge tone={tones[one.state]}>{words[one.state]}</Badge>
                    <span class="rule-why muted"><bdi>{ruleText(one)}</bdi></span>
                    {one.state === 'ask' && (
                      <button type="button" class="quiet" data-testid={`ask-${one.tool}`} onClick={() => void ask(one.tool)}>
                        {words.askNow}
                      </button>
                    )}
                  </li>
                ))}
            </ul>
          )}
        </Loaded>
      </div>
    </div>
  );
}
