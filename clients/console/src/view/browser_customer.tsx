/* SPDX-License-Identifier: Apache-2.0 */
/* Said while the customer uses only a browser: it can be seen and not controlled, until the full client takes over. */
import { useState } from 'preact/hooks';
import { sentence } from '../api/request';
import { sessionsApi } from '../api/sessions';
import type { ConsoleState } from '../console_state';
import type { Session } from '../session/session';
import { text } from '../text';

export function BrowserCustomer({ state, session }: { state: ConsoleState; session: Session }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState({ text: '', isError: false });
  const entry = state.openSessions.find((one) => one.id === session.id);
  if (session.state !== 'live' || entry?.client !== 'browser') {
    return null;
  }
  const ask = async () => {
    if (busy) {
      return;
    }
    setBusy(true);
    try {
      await sessionsApi.offerClient(session.id);
      setSaid({ text: text.session.browser.asked, isError: false }); /* the chat shows it to everybody */
    } catch (error) {
      setSaid({ text: sentence(error), isError: true });
    } finally {
      setBusy(false);
    }
  };
  const own = entry.representative !== null && !session.watching;
  return (
    <span class="browser-customer" data-testid="browser-customer">
      <span title={text.session.browser.hint}>{text.session.browser.state}</span>
      {own && (
        <button type="button" class="quiet" data-testid="offer-client" aria-disabled={busy} onClick={() => void ask()}>
          {text.session.browser.ask}
        </button>
      )}
      <span role="status" class={said.isError ? 'warn' : 'visually-hidden'} data-testid="offer-client-said">{said.text}</span>
    </span>
  );
}
