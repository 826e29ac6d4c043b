/* SPDX-License-Identifier: Apache-2.0 */
/* What the console shows of a session that is in a window of its own. */
import type { ConsoleState, DetachedSession } from '../../console_state';
import { text } from '../../text';

export function DetachedPanel({ state, detached }: { state: ConsoleState; detached: DetachedSession }) {
  const words = text.side.window;
  return (
    <div class="detached" data-testid={`detached-${detached.id}`}>
      <div class="card overlay-card">
        <h2>{words.inWindow(detached.name)}</h2>
        <p class="hint">{words.lead}</p>
        <div class="actions">
          {detached.opened && (
            <button type="button" class="primary" data-testid="show-window" onClick={() => detached.opened?.focus()}>
              {words.show}
            </button>
          )}
          <button type="button" data-testid="bring-back" onClick={() => state.bringBack(detached)}>{words.bringBack}</button>
        </div>
      </div>
    </div>
  );
}
