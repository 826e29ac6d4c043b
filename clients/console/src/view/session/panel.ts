/* SPDX-License-Identifier: Apache-2.0 */
/* What the panels of a session's side bar are given, and which there are. */
import type { SessionFacts, ToolAnswer } from '../../api/session_tools';
import type { ConsoleState } from '../../console_state';
import type { Session } from '../../session/session';
import { text } from '../../text';
import type { IconName } from '../icon';
import type { Resource } from '../resource';

export const panels = ['chat', 'notes', 'info', 'people', 'tools'] as const;
export type PanelName = (typeof panels)[number];

export const panelIcons: Readonly<Record<PanelName, IconName>> = {
  chat: 'chat', notes: 'edit', info: 'info', people: 'team', tools: 'shield',
};

export type SideDialog = 'none' | 'invite' | 'sponsor' | 'transfer' | 'end';

export interface PanelProps {
  readonly state: ConsoleState;
  readonly session: Session;
  readonly info: Resource<SessionFacts>;
  readonly tools: Resource<readonly ToolAnswer[]>;
  readonly open: (dialog: SideDialog) => void;
}

/* '' when one may, or nobody knows yet; otherwise the sentence with the rule that says no. */
export function ruleOf(answers: readonly ToolAnswer[] | null, tool: string): string {
  const answer = answers?.find((one) => one.tool === tool);
  return !answer || answer.state !== 'deny' ? '' : text.side.tool.denied(ruleText(answer));
}

export function ruleText(answer: ToolAnswer): string {
  const sources: Readonly<Record<string, string>> = text.side.tools.source;
  return text.side.tools.rule(sources[answer.source] ?? answer.source, answer.policy_name);
}
