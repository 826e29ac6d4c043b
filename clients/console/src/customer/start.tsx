/* SPDX-License-Identifier: Apache-2.0 */
/* A customer's session in the browser, inside a page of the portal; a chunk of its own, loaded when it begins.
 *
 * When this tab has kept a chat (hasKeptChat), it goes on with that one, whatever key it is called with.
 */
import { render } from 'preact';
import { CustomerSession } from './customer_session';
import { hasKeptChat } from './kept_chat';
import { followLanguage, text } from './text';
import { CustomerView, RecordingQuestion } from './view';

export interface ClickToChat {
  readonly key?: string; /* exactly one of key and button */
  readonly button?: string;
  readonly agreed: boolean; /* the agreement of the portal was accepted */
  readonly customerName: string; /* '' when not known */
  readonly representative: string; /* person or team that the customer waits for */
  readonly title: string; /* of the portal */
  readonly recordingNotice: string; /* '' when nothing is recorded */
  readonly command: string; /* the full client's command */
  readonly download: string | null; /* its path on this appliance */
  readonly onVisit: (token: string) => void;
  readonly onState: (state: 'connecting' | 'waiting' | 'active' | 'ended') => void;
  readonly onFailed: (message: string) => void; /* could not start, or was refused */
}

function stateOf(session: CustomerSession): 'connecting' | 'waiting' | 'active' | 'ended' {
  if (session.state === 'ended') {
    return 'ended';
  }
  if (session.state === 'entering' || session.state === 'connecting') {
    return 'connecting';
  }
  return session.wasAttended ? 'active' : 'waiting';
}

export function startClickToChat(state: ClickToChat, container: HTMLElement): { stop(): void } {
  let session: CustomerSession | null = null;
  let stopped = false;
  let told = '';

  const stop = () => {
    stopped = true;
    session?.leave();
    render(null, container);
  };
  const fail = (message: string) => {
    stop();
    state.onFailed(message);
  };
  const follow = (running: CustomerSession) => {
    if (stopped) {
      return;
    }
    if (running.state === 'failed') {
      fail(running.reason);
      return;
    }
    const now = stateOf(running);
    if (now !== told) {
      told = now;
      state.onState(now);
    }
  };
  const begin = () => {
    const running = new CustomerSession({
      ...(state.key !== undefined ? { key: state.key } : { button: state.button ?? '' }),
      agreed: state.agreed,
      name: state.customerName,
      representative: state.representative,
      onVisit: state.onVisit,
    });
    session = running;
    running.watch(() => follow(running));
    render(<CustomerView session={running} />, container);
    state.onState('connecting');
    told = 'connecting';
    void running.start();
  };
  const ask = () => render(
    <RecordingQuestion notice={state.recordingNotice} onAnswer={(agreed) => {
      if (agreed) {
        begin();
      } else {
        fail(text.customer.recordingDeclined);
      }
    }} />, container);

  void followLanguage().then(() => {
    if (stopped) {
      return;
    }
    if (state.recordingNotice !== '' && !hasKeptChat()) {
      ask();
    } else {
      begin();
    }
  });
  return { stop };
}
