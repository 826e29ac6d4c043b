/* SPDX-License-Identifier: Apache-2.0 */
/* Every keyboard shortcut that there is just now, by where it works. */
import { shortcuts } from '../shortcuts';
import { text } from '../text';
import { useWatch } from './hooks';
import { Dialog } from './parts';

export function ShortcutList() {
  useWatch(shortcuts);
  const scopes = new Map<string, { keys: string; meaning: string }[]>();
  const add = (scope: string, keys: string, meaning: string) => {
    const list = scopes.get(scope) ?? [];
    scopes.set(scope, list);
    if (!list.some((one) => one.keys === keys)) {
      list.push({ keys, meaning });
    }
  };
  for (const one of shortcuts.list) {
    add(one.scope, one.keys, one.meaning);
  }
  for (const [keys, meaning] of text.shortcuts.tables) {
    add(text.shortcuts.inTables, keys!, meaning!);
  }
  add(text.shortcuts.inSession, text.session.escapeKeys, text.shortcuts.leaveScreen);
  return (
    <div class="shortcut-list" data-testid="shortcut-list">
      {[...scopes].map(([scope, list]) => (
        <section key={scope}>
          <h2>{scope}</h2>
          <dl>
            {list.map((one) => (
              <div key={one.keys}>
                <dt><Keys keys={one.keys} /></dt>
                <dd>{one.meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/* 'g q': one after the other; '↑|↓': one or the other. */
function Keys({ keys }: { keys: string }) {
  const cap = (key: string) => (key.length === 1 ? key.toUpperCase() : key);
  return (
    <>
      {keys.split(' ').map((step, at) => (
        <span key={at}>
          {at > 0 && <span class="then">{text.shortcuts.then}</span>}
          {step.split('|').map((key) => <kbd key={key}>{cap(key)}</kbd>)}
        </span>
      ))}
    </>
  );
}

export function ShortcutDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={text.shortcuts.title} onClose={onClose} wide>
      <ShortcutList />
      <p class="hint">{text.shortcuts.offHint}</p>
    </Dialog>
  );
}
