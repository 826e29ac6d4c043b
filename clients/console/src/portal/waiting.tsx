/* SPDX-License-Identifier: Apache-2.0 */
/* In the queue: the place and the wait, kept up to date; and the card while the session goes on in the program. */
import type { Visit } from '../api/portal';
import { text } from '../text/portal';
import { Icon, Prose, StepTitle } from './parts';

export function waitText(waitMs: number | null | undefined): string {
  if (waitMs === null || waitMs === undefined || waitMs <= 0) {
    return text.portal.waiting.unknown;
  }
  const minutes = Math.ceil(waitMs / 60_000);
  if (minutes <= 1) {
    return text.portal.waiting.minute;
  }
  return minutes <= 60 ? text.portal.waiting.minutes(minutes) : text.portal.waiting.hours;
}

export function Waiting({ visit, lost, live }: { visit: Visit; lost: boolean; live: boolean }) {
  const position = visit.position ?? 0;
  const wait = waitText(visit.wait_ms);
  return (
    <section class={`card part step queue-card ${live ? 'queue-live' : ''}`} data-testid="waiting">
      <StepTitle>{position === 1 ? text.portal.waiting.next : text.portal.waiting.title}</StepTitle>
      {visit.message
        ? <Prose testId="queue-message">{visit.message}</Prose>
        : <p data-testid="queue-message">{text.portal.waiting.welcome(visit.customer)}</p>}
      <dl class="figures" aria-hidden="true">
        <div class="figure">
          <dt>{text.portal.waiting.position}</dt>
          <dd data-testid="queue-position">{position > 0 ? position : '–'}</dd>
        </div>
        <div class="figure figure-wait">
          <dt>{text.portal.waiting.wait}</dt>
          <dd data-testid="queue-wait">{wait}</dd>
        </div>
      </dl>
      {/* One sentence for a screen reader, each time that it changes. */}
      <p class="visually-hidden" role="status">{text.portal.waiting.place(position, wait)}</p>
      <p class="pulse">
        <span class="pulse-dot" aria-hidden="true" />
        <span role={lost ? 'alert' : undefined}>
          {lost ? text.portal.waiting.lost
            : `${visit.representative ? `${text.portal.waiting.forWhom(visit.representative)} ` : ''}${text.portal.waiting.live}`}
        </span>
      </p>
    </section>
  );
}

export function Active({ visit }: { visit: Visit }) {
  return (
    <section class="card part step" data-testid="active">
      <Icon name="done" />
      <StepTitle>{text.portal.active.title(visit.representative)}</StepTitle>
      <p class="lead">{text.portal.active.lead}</p>
    </section>
  );
}
