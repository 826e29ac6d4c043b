/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of the Jump interface, beside each other. */
import { approvals } from '../../approvals';
import type { ConsoleState } from '../../console_state';
import { pagesOf } from '../../pages';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { useWatch } from '../../view/hooks';

export function JumpNav({ state, current }: { state: ConsoleState; current: string }) {
  useWatch(approvals);
  const more = pagesOf('jump', state.me!);
  if (more.length === 0) {
    return null;
  }
  const all = [{ path: '/jump', title: () => text.jump.items }, ...more];
  return (
    <nav class="sub-nav" aria-label={text.jump.sections}>
      {all.map((entry) => (
        <a key={entry.path} href={hrefOf(entry.path)} aria-current={entry.path === current ? 'page' : undefined}
          data-testid={`sub${entry.path.replaceAll('/', '-')}`}>
          {entry.title()}
          {entry.path === '/jump/approvals' && approvals.waiting > 0 && <span class="badge">{approvals.waiting}</span>}
        </a>
      ))}
    </nav>
  );
}
