/* SPDX-License-Identifier: Apache-2.0 */
/* Who is signed in, and what concerns only them. */
import type { ConsoleState } from '../console_state';
import { pagesOf } from '../pages';
import { hrefOf } from '../route';
import { text } from '../text';
import { Icon } from './icon';
import { Menu, type MenuEntry } from './menu';

export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? [...words[words.length - 1]!][0] ?? '' : '';
  return (first + last).toLocaleUpperCase();
}

export function AccountMenu({ state }: { state: ConsoleState }) {
  const me = state.me!;
  const name = me.account.display_name || me.account.user;
  const entries: MenuEntry[] = [
    ...pagesOf('me', me).map((entry) => ({
      kind: 'link' as const, label: entry.title(), href: hrefOf(entry.path), testId: `go${entry.path.replaceAll('/', '-')}`,
      ...(entry.icon && { icon: entry.icon }),
    })),
    { kind: 'line' },
    { label: text.locked.lockNow, icon: 'lock', testId: 'lock-console', onChoose: () => state.lock() },
    { label: text.shell.signOut, icon: 'signOut', testId: 'sign-out', onChoose: () => void state.signOut() },
  ];
  return (
    <Menu label={text.shell.accountOf(name)} entries={entries} testId="account-menu"
      head={(
        <div class="menu-head">
          <bdi class="menu-name">{name}</bdi>
          <bdi class="hint">{me.account.user}</bdi>
        </div>
      )}
      button={<><span class="avatar" aria-hidden="true" data-initials={initialsOf(name)} /><Icon name="down" /></>} />
  );
}
