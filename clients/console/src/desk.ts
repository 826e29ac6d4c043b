/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk asks this representative: offers of automatic assignment, and invitations into sessions.
 *
 * Times are of this computer's clock; the appliance says how long it is from now.
 * Invariant: an offer that is over is not shown again, even when a list that was fetched before says so.
 */
import { queueApi, type Invitation, type Priority, type QueueEntry } from './api/queue';
import type { EventNotice } from './events';
import { onEvents } from './live_events';
import { Observable } from './observable';
import { notice, play } from './sounds';
import { text } from './text';
import { toast } from './view/toast';

export interface Offer {
  readonly session: number;
  readonly customer: string;
  readonly team: number | null;
  readonly priority: Priority;
  readonly until: number; /* the appliance's time: with the session, what names the offer */
  readonly endsAt: number; /* this computer's */
  readonly lasts: number; /* ms, from when it was first seen here */
}

const OVER_KEPT_MAX = 200;
const LIST_MAY_BE_OLD_MS = 2_000;

class Desk extends Observable {
  offers: readonly Offer[] = [];
  invitations: readonly Invitation[] = [];
  putOff = new Set<number>(); /* invitations that are answered later */
  #over: string[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /* The list as it was fetched. skew: the appliance's clock less this computer's. */
  takeQueue(rows: readonly QueueEntry[], account: number, skew: number): void {
    const mine = rows.filter((row) => row.offered_to === account && row.offered_until_unix_ms !== null
      && row.offered_until_unix_ms > Date.now() + skew);
    /* A list may have been fetched before the offer was made. */
    const kept = this.offers.filter((offer) => mine.some((row) => row.session === offer.session)
      || Date.now() - (offer.endsAt - offer.lasts) < LIST_MAY_BE_OLD_MS);
    const fresh = mine.filter((row) => !kept.some((offer) => offer.session === row.session))
      .map((row) => this.#offer(row.session, row.customer, row.team ?? null, row.priority, row.offered_until_unix_ms!,
        row.offered_until_unix_ms! - skew));
    this.#setOffers([...kept, ...fresh]);
  }

  onEvent(event: EventNotice): void {
    if (event.type === 'session_offered' && event.session !== undefined && event.offer_s !== undefined) {
      const others = this.offers.filter((offer) => offer.session !== event.session);
      this.#setOffers([...others, this.#offer(event.session, event.customer ?? '', event.team ?? null,
        (event.priority ?? 'medium') as Priority, event.until_unix_ms ?? 0, Date.now() + event.offer_s * 1000)]);
    } else if (event.type === 'offer_over') {
      this.#offerOver(event);
    } else if (event.type === 'invited') {
      const name = event.inviter ?? text.home.unnamedCustomer;
      this.#call(event.as_sponsor ? text.queues.sponsorFor(name) : text.queues.invitedTo(name), `invited-${event.invitation ?? 0}`);
      void this.fetchInvitations();
    } else if (event.type === 'invitation_ended') {
      const gone = this.invitations.some((one) => one.invitation === event.invitation && !one.mine);
      const why = (text.queues.invitationEnded as Readonly<Record<string, string>>)[event.reason ?? ''];
      if (gone && why && event.reason !== 'declined') {
        toast(why, 'info');
      }
      void this.fetchInvitations();
    }
  }

  async fetchInvitations(): Promise<void> {
    try {
      this.invitations = (await queueApi.invitations()).invitations.filter((one) => !one.mine);
      this.changed();
    } catch {
      /* The next event, or the live connection's return, asks again. */
    }
  }

  /* It was answered here, or another answer came first. */
  forgetOffer(offer: Offer): void {
    this.#setOver(offer);
    this.#setOffers(this.offers.filter((one) => one !== offer));
  }

  answerLater(invitation: Invitation): void {
    this.putOff.add(invitation.invitation);
    this.changed();
  }

  clear(): void {
    this.invitations = [];
    this.putOff.clear();
    this.#over = [];
    this.#setOffers([]);
  }

  #offer(session: number, customer: string, team: number | null, priority: Priority, until: number, endsAt: number): Offer {
    return { session, customer: customer || text.home.unnamedCustomer, team, priority, until, endsAt, lasts: endsAt - Date.now() };
  }

  #offerOver(event: EventNotice): void {
    const offer = this.offers.find((one) => one.session === event.session);
    if (!offer) {
      return;
    }
    this.forgetOffer(offer);
    const said = (text.queues.offerOver as Readonly<Record<string, (name: string) => string>>)[event.reason ?? ''];
    if (said) {
      toast(said(offer.customer), 'info');
    }
  }

  #setOver(offer: Offer): void {
    this.#over = [...this.#over, `${offer.session}/${offer.until}`].slice(-OVER_KEPT_MAX);
  }

  #setOffers(offers: readonly Offer[]): void {
    const next = offers.filter((offer) => !this.#over.includes(`${offer.session}/${offer.until}`));
    for (const offer of next) {
      if (!this.offers.some((one) => one.session === offer.session && one.until === offer.until)) {
        this.#call(text.queues.offerAnnounce(offer.customer, Math.ceil(offer.lasts / 1000)), `offer-${offer.session}`);
      }
    }
    this.offers = next;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (next.length > 0) {
      const first = Math.min(...next.map((offer) => offer.endsAt));
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.offers.filter((offer) => offer.endsAt <= Date.now()).forEach((offer) => this.#setOver(offer));
        this.#setOffers(this.offers);
      }, Math.max(50, first - Date.now() + 50));
    }
    this.changed();
  }

  #call(said: string, tag: string): void {
    play('offer');
    notice(text.common.product, said, tag);
    this.announce(said);
  }

  /* The console's way to say something to screen readers. */
  announce: (said: string) => void = () => undefined;
}

export const desk = new Desk();

onEvents(['session_offered', 'offer_over', 'invited', 'invitation_ended'], (event) => desk.onEvent(event));
onEvents(['reconnected'], () => void desk.fetchInvitations());
