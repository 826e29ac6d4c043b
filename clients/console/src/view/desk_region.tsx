/* SPDX-License-Identifier: Apache-2.0 */
/* Over whatever is shown: sessions that automatic assignment offers, with their countdown, and invitations. */
import { useState } from 'preact/hooks';
import { queueApi, type Invitation } from '../api/queue';
import { sentence } from '../api/request';
import type { ConsoleState } from '../console_state';
import { desk, type Offer } from '../desk';
import { text } from '../text';
import { formatRemaining } from '../text/format';
import { useNow, useWatch } from './hooks';
import { Icon } from './icon';
import { Badge } from './page';
import { toast } from './toast';

const TICK_MS = 250;

/* One answer at a time; what goes wrong is said beside the page. */
export function useAnswer() {
  const [busy, setBusy] = useState(false);
  const answer = (run: () => Promise<unknown>) => {
    if (!busy) {
      setBusy(true);
      run().catch((error: unknown) => toast(sentence(error), 'error')).finally(() => setBusy(false));
    }
  };
  return { busy, answer };
}

export function DeskRegion({ state }: { state: ConsoleState }) {
  useWatch(desk);
  const invitations = desk.invitations.filter((one) => !desk.putOff.has(one.invitation));
  if (desk.offers.length + invitations.length === 0) {
    return null;
  }
  return (
    <section class="desk-region" aria-label={text.queues.asks}>
      {desk.offers.map((offer) => <OfferCard key={offer.session} state={state} offer={offer} />)}
      {invitations.map((one) => <InvitationCard key={one.invitation} state={state} invitation={one} />)}
    </section>
  );
}

function OfferCard({ state, offer }: { state: ConsoleState; offer: Offer }) {
  const now = useNow(TICK_MS);
  const { busy, answer } = useAnswer();
  const left = Math.max(0, Math.ceil((offer.endsAt - now) / 1000));
  const share = Math.max(0, Math.min(1, (offer.endsAt - now) / offer.lasts));
  const done = (run: () => Promise<unknown>) => answer(async () => {
    await run();
    desk.forgetOffer(offer);
  });
  return (
    <article class="desk-card offer" data-testid={`offer-${offer.session}`} aria-label={text.queues.offerTitle}>
      <header>
        <Icon name="bell" />
        <h2>{text.queues.offerTitle}</h2>
        <span class="offer-left" role="timer" aria-label={text.queues.offerSeconds(left)} data-testid="offer-left">
          {formatRemaining(left * 1000)}
        </span>
      </header>
      <p class="desk-who"><bdi>{offer.customer}</bdi></p>
      <p class="item-where">
        {text.queues.offerFrom(state.queueName(offer.team))}
        {offer.priority === 'high' && <Badge tone="danger">{text.queues.priority.high}</Badge>}
      </p>
      <progress class="offer-bar" max={1} value={share} aria-hidden="true" />
      <div class="actions">
        <button type="button" class="primary" aria-disabled={busy} data-testid={`offer-accept-${offer.session}`}
          aria-label={text.queues.acceptOf(offer.customer)} onClick={() => done(() => state.accept(offer))}>
          {text.queues.accept}
        </button>
        <button type="button" aria-disabled={busy} data-testid={`offer-decline-${offer.session}`}
          onClick={() => done(() => queueApi.decline(offer.session, ''))}>
          {text.queues.offerDecline}
        </button>
      </div>
    </article>
  );
}

function InvitationCard({ state, invitation }: { state: ConsoleState; invitation: Invitation }) {
  const title = titleOf(invitation);
  return (
    <article class="desk-card" data-testid={`invited-${invitation.invitation}`} aria-label={title}>
      <header>
        <Icon name="share" />
        <h2><bdi>{title}</bdi></h2>
      </header>
      <p class="desk-who"><bdi>{invitation.customer || text.home.unnamedCustomer}</bdi></p>
      {invitation.message && <p class="desk-message"><bdi>{invitation.message}</bdi></p>}
      <div class="actions">
        <InvitationAnswers state={state} invitation={invitation} />
        <button type="button" class="quiet" onClick={() => desk.answerLater(invitation)}>{text.queues.later}</button>
      </div>
    </article>
  );
}

export function titleOf(invitation: Invitation): string {
  return invitation.as === 'sponsor' ? text.queues.sponsorFor(invitation.inviter) : text.queues.invitedTo(invitation.inviter);
}

export function InvitationAnswers({ state, invitation }: { state: ConsoleState; invitation: Invitation }) {
  const { busy, answer } = useAnswer();
  const name = invitation.customer || text.home.unnamedCustomer;
  return (
    <>
      <button type="button" class="primary" aria-disabled={busy} aria-label={text.queues.joinOf(name)}
        data-testid={`invitation-accept-${invitation.invitation}`}
        onClick={() => answer(async () => {
          await state.acceptInvitation(invitation);
          await desk.fetchInvitations();
        })}>
        {text.queues.join}
      </button>
      <button type="button" aria-disabled={busy} aria-label={text.queues.declineInvitationOf(name)}
        data-testid={`invitation-decline-${invitation.invitation}`}
        onClick={() => answer(async () => {
          await queueApi.declineInvitation(invitation.invitation);
          await desk.fetchInvitations();
        })}>
        {text.queues.declineInvitation}
      </button>
    </>
  );
}
