/* SPDX-License-Identifier: Apache-2.0 */
/* The session is over, or nobody could take it: what an administrator says then, survey, transcript, the way on. */
import { useEffect, useState } from 'preact/hooks';
import type { Visit } from '../api/portal';
import { text } from '../text/portal';
import { Icon, Prose, StepTitle } from './parts';
import { Survey } from './survey';
import { TranscriptCard } from './transcript';

const GO_ON_S = 20;

/* Only a page on the web, whatever the answer says. */
export function goodUrl(url: string | null | undefined): URL | null {
  try {
    const parsed = new URL(url ?? '');
    return parsed.protocol === 'https:' ? parsed : null;
  } catch {
    return null;
  }
}

function words(visit: Visit): { title: string; message: string; reason: string } {
  const t = text.portal.after;
  const reason = t.reasons[visit.reason ?? ''] ?? '';
  if (visit.orphaned) {
    return { title: t.orphanedTitle, message: visit.message || t.orphaned, reason: '' };
  }
  return visit.served
    ? { title: t.title, message: visit.message || t.thanks, reason }
    : { title: t.leftTitle, message: t.left, reason: '' };
}

export function After({ visit, token, onAgain }: { visit: Visit; token: string; onAgain: () => void }) {
  const { title, message, reason } = words(visit);
  const url = goodUrl(visit.url);
  const [answered, setAnswered] = useState(!visit.survey);
  return (
    <section class="step-wide after" data-testid="after">
      <div class="hero">
        <StepTitle testId="after-title">{title}</StepTitle>
        <Prose testId="after-message">{message}</Prose>
        {reason !== '' && <p class="aside">{reason}</p>}
      </div>
      {visit.survey && <Survey token={token} onSent={() => setAnswered(true)} />}
      {visit.transcript && <TranscriptCard token={token} />}
      {url && <GoOn url={url} counting={answered} />}
      <p class="under"><button type="button" class="quiet" data-testid="start-again" onClick={onAgain}>
        {text.portal.startAgain}
      </button></p>
    </section>
  );
}

/* Counts down once the survey was answered, and never when the person stays or begins to use the page. */
function GoOn({ url, counting }: { url: URL; counting: boolean }) {
  const [left, setLeft] = useState(GO_ON_S);
  const [staying, setStaying] = useState(false);
  const running = counting && !staying;
  useEffect(() => {
    if (!running) {
      return undefined;
    }
    const stay = () => setStaying(true);
    const timer = setInterval(() => setLeft((seconds) => seconds - 1), 1000);
    for (const what of ['click', 'keydown'] as const) {
      document.addEventListener(what, stay);
    }
    return () => {
      clearInterval(timer);
      for (const what of ['click', 'keydown'] as const) {
        document.removeEventListener(what, stay);
      }
    };
  }, [running]);
  useEffect(() => {
    if (running && left <= 0) {
      location.assign(url.href);
    }
  }, [left, running]);
  return (
    <div class="banner go-on" data-testid="go-on">
      <Icon name="info" />
      <p>
        <a href={url.href} rel="noreferrer">{text.portal.after.goOn(url.host)}</a>
        {running && <span class="counting">{text.portal.after.goingOn(url.host, Math.max(0, left))}</span>}
      </p>
      {running && (
        <button type="button" class="quiet" data-testid="stay" onClick={() => setStaying(true)}>
          {text.portal.after.stay}
        </button>
      )}
    </div>
  );
}
