/* SPDX-License-Identifier: Apache-2.0 */
/* The tools of session policies in their groups, with what they are called. */
import type { Tool } from '../../api/policies';
import { text } from '../../text';

export type ToolGroup = 'screen' | 'data' | 'system' | 'people';

export const toolGroups: readonly ToolGroup[] = ['screen', 'data', 'system', 'people'];

function groupOf(tool: string): ToolGroup {
  return toolGroups.find((group) => tool in text.tools[group]) ?? 'people';
}

/* what: the appliance's own words, for a tool that this console does not know yet. */
export function toolTitle(tool: string, what = tool): string {
  return (text.tools[groupOf(tool)] as Readonly<Record<string, string>>)[tool] ?? what;
}

export function byGroup(tools: readonly Tool[]): { group: ToolGroup; tools: Tool[] }[] {
  return toolGroups.map((group) => ({ group, tools: tools.filter((tool) => groupOf(tool.tool) === group) }));
}
