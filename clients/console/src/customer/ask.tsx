/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the customer: may somebody see the screen, may a tool be used. One at a time; the oldest first. */
import type { CustomerSession } from './customer_session';
import { formatNumber } from '../text/format';
import { canShare } from './sharing';
import { text } from './text';

export function Ask({ session }: { session: CustomerSession }) {
  const { question } = session;
  const tool = session.questions[0];
  if (question && (canShare() || session.sharing.state === 'on')) {
    return session.sharing.state === 'on'
      ? <OneMore session={session} name={question.name} participant={question.participant} />
      : <First session={session} name={question.name} participant={question.participant} />;
  }
  if (tool) {
    return (
      <section class="customer-card" role="group" aria-labelledby="customer-ask" data-testid="tool-question">
        <h3 id="customer-ask">{text.customer.tool.title}</h3>
        <p><bdi>{tool.text}</bdi></p>
        {tool.seconds > 0 && (
          <p class="hint">{text.customer.tool.seconds(formatNumber(tool.seconds), tool.silenceMeansYes)}</p>
        )}
        <div class="customer-actions">
          <button type="button" class="primary" data-testid="tool-yes" onClick={() => session.answerTool(tool, true)}>
            {text.customer.tool.yes}
          </button>
          <button type="button" data-testid="tool-no" onClick={() => session.answerTool(tool, false)}>
            {text.customer.tool.no}
          </button>
        </div>
      </section>
    );
  }
  return null;
}

interface AboutProps {
  session: CustomerSession;
  name: string;
  participant: number;
}

function First({ session, name, participant }: AboutProps) {
  const picking = session.sharing.state === 'picking';
  return (
    <section class="customer-card" role="group" aria-labelledby="customer-ask" aria-describedby="customer-ask-lead"
      data-testid="view-question">
      <h3 id="customer-ask"><bdi>{text.customer.ask.title(name)}</bdi></h3>
      <p id="customer-ask-lead">{text.customer.ask.lead}</p>
      <div class="customer-actions">
        <button type="button" class="primary" data-testid="view-yes" disabled={picking} onClick={() => void session.share()}>
          {picking ? text.customer.sharePicking : text.customer.ask.choose}
        </button>
        <button type="button" data-testid="view-no" onClick={() => session.answer(participant, false)}>
          {text.customer.ask.no}
        </button>
      </div>
    </section>
  );
}

function OneMore({ session, name, participant }: AboutProps) {
  return (
    <section class="customer-card" role="group" aria-labelledby="customer-ask" aria-describedby="customer-ask-lead"
      data-testid="view-question">
      <h3 id="customer-ask"><bdi>{text.customer.ask.moreTitle(name)}</bdi></h3>
      <p id="customer-ask-lead"><bdi>{text.customer.ask.moreLead(name)}</bdi></p>
      <div class="customer-actions">
        <button type="button" class="primary" data-testid="view-yes" onClick={() => session.answer(participant, true)}>
          {text.customer.ask.moreYes}
        </button>
        <button type="button" data-testid="view-no" onClick={() => session.answer(participant, false)}>
          {text.customer.ask.moreNo}
        </button>
      </div>
    </section>
  );
}
