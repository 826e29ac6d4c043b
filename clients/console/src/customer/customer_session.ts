/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's side of one session in a browser: clients/agent/session.c with a page in place of a window.
 *
 *   entering --ticket--> connecting --welcome--> live --loss--> reconnecting --welcome--> live
 *   any --session ended--> ended        any --replaced--> replaced        entering --no--> failed
 *
 * Coming back, also after the page was loaded again, is the resume ticket's work.
 */
import { Backoff } from '../backoff';
import { Observable } from '../observable';
import { ChatLog } from '../session/chat';
import { closeText, common } from '../text/common';
import { Connection } from '../wire/connection';
import { CloseCode, Message, Permit, Role, type WholeMessage } from '../wire/frame';
import * as wire from '../wire/message';
import { Ed25519Missing, HolderKey } from '../wire/ticket';
import { enter, platformText } from './entrance';
import { forgetChat, keepChat, keepSecret, type KeptChat, keptChat, keptSecret } from './kept_chat';
import * as customer from './messages';
import { People, type Person } from './people';
import { Sharing, type SharingFailure } from './sharing';
import { text } from './text';

export type CustomerState = 'entering' | 'connecting' | 'live' | 'reconnecting' | 'replaced' | 'ended' | 'failed';

export interface CustomerOptions {
  readonly key?: string;
  readonly button?: string;
  readonly agreed: boolean;
  readonly name: string;
  readonly representative: string;
  readonly onVisit: (token: string) => void;
}

/* Closings after which coming back by itself cannot help. */
const finalCloses: ReadonlySet<number> = new Set<number>([
  CloseCode.REMOVED, CloseCode.VERSION, CloseCode.NOT_PERMITTED, CloseCode.TICKET_FORGED, CloseCode.TICKET_EXPIRED,
  CloseCode.TICKET_USED, CloseCode.TICKET_DENIED, CloseCode.PROOF_WRONG,
]);
const endedCloses: ReadonlySet<number> = new Set<number>([
  CloseCode.ENDED_BY_REPRESENTATIVE, CloseCode.ENDED_BY_CUSTOMER, CloseCode.ENDED_BY_OPERATOR,
  CloseCode.ENDED_NOBODY_LEFT,
]);

const END_CONFIRM_MS = 3_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MOST_MS = 10_000;

export class CustomerSession extends Observable {
  state: CustomerState = 'entering';
  /* What happened, as a sentence. */
  reason = '';
  sharingError = '';
  controlUp = true;
  ending = false;
  representative: string;
  questions: customer.ToolQuestion[] = [];
  offer: customer.ClientOffer | null = null;
  wasAttended = false; /* a representative is here, or was when the connection was lost */
  readonly chat = new ChatLog(crypto.getRandomValues(new Uint32Array(1))[0]!);
  readonly people = new People();
  readonly sharing: Sharing;

  #holder: HolderKey | null = null;
  #connection: Connection | null = null;
  #ticket: Uint8Array | null = null;
  #hasResume = false;
  #kept: KeptChat | null = null;
  #participant = 0;
  #permissions = 0n;
  #backoff = new Backoff(RECONNECT_FIRST_MS, RECONNECT_MOST_MS);
  #retryTimer: number | null = null;
  #takeBack = false; /* what the page before this one allowed */

  constructor(private readonly options: CustomerOptions) {
    super();
    this.representative = options.representative;
    this.sharing = new Sharing({ ended: (failure, detail) => this.#onSharingEnded(failure, detail) });
  }

  /* Comes in with the key, or comes back to what this tab has kept. */
  async start(): Promise<void> {
    const kept = keptChat();
    try {
      if (kept && await this.#comeBack(kept)) {
        return;
      }
      await this.#enter();
    } catch (error) {
      this.#fail(error instanceof Ed25519Missing ? text.customer.oldBrowser
        : error instanceof Error && !(error instanceof TypeError) ? error.message : common.errors.unexpected);
    }
  }

  get viewers(): Person[] {
    return this.people.viewers;
  }

  get question(): Person | null {
    return this.state === 'live' ? this.people.question : null;
  }

  get mayShare(): boolean {
    return this.state === 'live' && this.#may(Permit.SOURCE_SCREEN) && this.people.representatives.length > 0;
  }

  say(message: string): void {
    this.#sendChat(this.chat.say(message));
    this.changed();
  }

  /* Pressed by the person: the browser asks what to share, and all who are here see it. */
  async share(): Promise<void> {
    this.sharingError = '';
    const failure = await this.sharing.share();
    if (failure) {
      this.#set(() => (this.sharingError = text.customer.shareFailed[failure]));
      return;
    }
    this.people.shareWithAll().forEach((consent) => this.#sendConsent(consent));
    this.#keep(true);
    this.#allow();
  }

  /* Whether somebody who came while something is shared may see it, or that nothing is shared for now. */
  answer(participant: number, yes: boolean): void {
    this.#sendConsent(this.people.answer(participant, yes ? 'view' : 'refused'));
    this.#allow();
  }

  stopSharing(): void {
    this.sharing.stop();
    this.#takeConsentBack();
  }

  answerTool(question: customer.ToolQuestion, yes: boolean): void {
    this.#send(Message.TOOL_ANSWER, customer.encodeToolAnswer(question, yes));
    this.#dropQuestion(question);
    this.changed();
  }

  closeOffer(): void {
    this.#set(() => (this.offer = null));
  }

  async end(): Promise<void> {
    this.#set(() => (this.ending = true));
    this.sharing.stop();
    if (this.#send(Message.SESSION_END, wire.encodeClose(CloseCode.OK))) {
      await new Promise((resolve) => setTimeout(resolve, END_CONFIRM_MS));
    }
    if (this.state !== 'ended') {
      this.#ended(text.customer.youEnded);
    }
  }

  /* The session is here again, not where it was taken to. */
  takeBack(): void {
    this.#set(() => {
      this.state = 'reconnecting';
      this.reason = '';
    });
    this.#connect();
  }

  /* The page is left: the session stays, for a page that is loaded again. */
  leave(): void {
    this.#cancelRetry();
    this.sharing.free();
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }

  #set(change: () => void): void {
    change();
    this.changed();
  }

  #may(permit: bigint): boolean {
    return (this.#permissions & permit) === permit;
  }

  #send(type: number, payload?: Uint8Array): boolean {
    return this.#connection?.send(type, payload) ?? false;
  }

  async #enter(): Promise<void> {
    const holder = await HolderKey.create();
    const entered = await enter({
      ...(this.options.key !== undefined ? { key: this.options.key } : { button: this.options.button ?? '' }),
      holder: holder.publicKey,
      name: this.options.name,
      platform: platformText(navigator.userAgent),
      agreed: this.options.agreed,
    });
    this.#holder = holder;
    this.#ticket = entered.ticket;
    this.representative = entered.representative || this.representative;
    this.#kept = {
      row: crypto.randomUUID(),
      session: entered.session,
      participant: 0,
      visit: entered.visit,
      representative: this.representative,
      shared: false,
    };
    if (entered.visit !== '') {
      this.options.onVisit(entered.visit);
    }
    this.#set(() => (this.state = 'connecting'));
    this.#connect();
  }

  async #comeBack(kept: KeptChat): Promise<boolean> {
    const secret = await keptSecret(kept.row);
    if (!secret?.resumeTicket) {
      await forgetChat(kept.row);
      return false;
    }
    this.#holder = HolderKey.ofKept(secret);
    this.#ticket = secret.resumeTicket;
    this.#hasResume = true;
    this.#kept = kept;
    this.#takeBack = kept.shared;
    this.representative = kept.representative || this.representative;
    this.chat.setSelf(kept.participant);
    if (kept.visit !== '') {
      this.options.onVisit(kept.visit);
    }
    this.#set(() => (this.state = 'reconnecting'));
    this.#connect();
    return true;
  }

  #keep(shared: boolean): void {
    if (this.#kept && this.#hasResume) {
      this.#kept = { ...this.#kept, participant: this.#participant, shared };
      keepChat(this.#kept);
    }
  }

  #connect(): void {
    const connection: Connection = new Connection({
      onWelcome: (welcome) => this.#onWelcome(connection, welcome),
      onMessage: (message) => this.#onMessage(message),
      onClosed: (code, reason) => {
        if (this.#connection === connection) {
          this.#connection = null;
          this.#onClosed(code, reason);
        }
      },
    }, this.#holder!, this.#ticket!);
    this.#connection = connection;
  }

  #onWelcome(connection: Connection, welcome: wire.Welcome): void {
    this.#participant = welcome.participant;
    this.#permissions = welcome.permissions;
    this.#backoff.reset();
    this.chat.setSelf(welcome.participant);
    if (welcome.controlUp) {
      this.people.nobodyPresent(); /* control says who is there; while it is away the last known is the best */
    }
    this.#set(() => {
      this.state = 'live';
      this.reason = '';
      this.controlUp = welcome.controlUp;
      this.questions = [];
    });
    this.sharing.connected(connection, welcome.session);
    if (this.#takeBack) {
      this.#takeBack = false;
      this.#sendConsent({ participant: 0, view: false });
      this.#keep(false);
    }
    this.#sayAgain();
    this.#allow();
  }

  /* Control may have missed what was said while it was away, and forgets nothing that it heard. */
  #sayAgain(): void {
    this.people.standing.forEach((consent) => this.#sendConsent(consent));
    this.chat.unsent.forEach((said) => this.#sendChat(said));
  }

  #onMessage(message: WholeMessage): void {
    const { payload } = message;
    switch (message.type) {
      case Message.PARTICIPANT:
        this.#onParticipant(wire.decodeParticipant(payload));
        return;
      case Message.PERMISSIONS:
        this.#set(() => (this.#permissions = wire.decodePermissions(payload)));
        return;
      case Message.CHAT_LINE:
        this.chat.addLine(wire.decodeChatLine(payload));
        this.changed();
        return;
      case Message.LINK_STATE:
        this.#onLinkState(customer.decodeNumber(payload) === 1);
        return;
      case Message.RESUME_TICKET:
        this.#onResumeTicket(payload.slice());
        return;
      case Message.SYNC_REQUEST:
        this.sharing.sync(customer.decodeNumber(payload));
        return;
      case Message.SCREEN_ACK: {
        const { rendition, update } = customer.decodeScreenAck(payload);
        this.sharing.acknowledged(rendition, update);
        return;
      }
      case Message.RENDITION:
        this.sharing.wantReduced(payload[1] === 1);
        return;
      case Message.SCREEN_SETTINGS:
        this.sharing.set(payload[0]!, payload[1]!);
        return;
      case Message.TOOL_ASK:
        this.#onToolQuestion(customer.decodeToolQuestion(payload));
        return;
      case Message.CLIENT_OFFER:
        this.#set(() => (this.offer = customer.decodeClientOffer(payload)));
        return;
      case Message.SESSION_ENDED: {
        const close = wire.decodeClose(payload);
        this.#ended(closeText(close.code, close.text));
        return;
      }
      default:
        return; /* nobody may send input here, and later appliances may say more */
    }
  }

  #onParticipant(note: wire.ParticipantNote): void {
    if (note.participant === this.#participant) {
      return;
    }
    const name = note.name === '' ? common.errors.unknownParticipant : note.name;
    this.people.note(note.participant, note.role, name, note.present);
    if (note.present && note.role === Role.REPRESENTATIVE) {
      this.representative = name;
    }
    this.wasAttended = this.people.representatives.length > 0;
    this.#allow();
    this.changed();
  }

  #onLinkState(up: boolean): void {
    this.#set(() => (this.controlUp = up));
    if (up) {
      this.#sayAgain();
    }
  }

  #onResumeTicket(ticket: Uint8Array): void {
    this.#ticket = ticket;
    this.#hasResume = true;
    this.#keep(this.sharing.state === 'on');
    if (this.#kept && this.#holder) {
      void keepSecret(this.#kept.row, { ...this.#holder.kept, resumeTicket: ticket, keptUnixMs: Date.now() });
    }
  }

  #onToolQuestion(question: customer.ToolQuestion): void {
    this.#dropQuestion(question);
    if (question.text !== '') {
      this.questions = [...this.questions, question];
      if (question.seconds > 0) {
        window.setTimeout(() => {
          this.questions = this.questions.filter((other) => other !== question);
          this.changed();
        }, question.seconds * 1000);
      }
    }
    this.changed();
  }

  #dropQuestion({ participant, tool }: customer.ToolQuestion): void {
    this.questions = this.questions.filter((other) => other.participant !== participant || other.tool !== tool);
  }

  #sendChat(said: { readonly id: number; readonly text: string }): void {
    if (this.#may(Permit.CHAT)) {
      this.#send(Message.CHAT_SAY, wire.encodeChatSay(said.id, said.text));
    }
  }

  #sendConsent(consent: { readonly participant: number; readonly view: boolean }): void {
    this.#send(Message.CONSENT, customer.encodeConsent(consent.participant, consent.view));
  }

  #takeConsentBack(): void {
    this.#sendConsent(this.people.stop());
    this.#keep(false);
    this.#allow();
    this.changed();
  }

  /* Nothing is encoded that nobody here may see. */
  #allow(): void {
    this.sharing.allow(this.state === 'live' && this.sharing.state === 'on' && this.people.viewers.length > 0);
  }

  #onSharingEnded(failure: SharingFailure | null, detail: string): void {
    this.#takeConsentBack();
    if (!failure) {
      return;
    }
    console.warn(detail);
    this.sharingError = text.customer.shareFailed[failure];
    this.say(text.customer.shareFailedChat);
    /* A message may be half said, and its end is lost: a new connection begins anew. */
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    this.#onClosed(null, this.sharingError);
  }

  #onClosed(code: number | null, reason: string): void {
    this.sharing.lost();
    this.#permissions = 0n;
    if (this.state === 'ended') {
      return;
    }
    if (code !== null && endedCloses.has(code)) {
      this.#ended(closeText(code, reason));
    } else if (code === CloseCode.REPLACED || (code === CloseCode.TICKET_DENIED && this.offer)) {
      this.#replaced(); /* by the full client, maybe while this page had no connection */
    } else if (code !== null && finalCloses.has(code)) {
      this.#ended(closeText(code, reason));
    } else if (this.ending) {
      this.#ended(text.customer.youEnded);
    } else if (!this.#hasResume && this.state !== 'live' && this.state !== 'reconnecting') {
      this.#fail(closeText(code, reason));
    } else {
      this.#retry(code, closeText(code, reason));
    }
  }

  #replaced(): void {
    this.sharing.stop();
    const byClient = this.offer !== null;
    if (byClient && this.#kept) {
      void forgetChat(this.#kept.row); /* its tickets are good for nothing */
    }
    this.#set(() => {
      this.state = 'replaced';
      this.reason = byClient ? text.customer.goesOnInClient : text.customer.goesOnElsewhere;
    });
  }

  get canTakeBack(): boolean {
    return this.state === 'replaced' && this.offer === null;
  }

  #retry(code: number | null, reason: string): void {
    if (code === CloseCode.RESTARTING) {
      this.#backoff.reset();
    }
    this.#set(() => {
      this.state = 'reconnecting';
      this.reason = reason;
    });
    this.#cancelRetry();
    this.#retryTimer = window.setTimeout(() => {
      this.#retryTimer = null;
      this.#connect();
    }, this.#backoff.delay());
  }

  #cancelRetry(): void {
    if (this.#retryTimer !== null) {
      window.clearTimeout(this.#retryTimer);
      this.#retryTimer = null;
    }
  }

  #fail(reason: string): void {
    this.leave();
    this.#set(() => {
      this.state = 'failed';
      this.reason = reason;
    });
  }

  #ended(reason: string): void {
    this.#cancelRetry();
    this.sharing.free();
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    if (this.#kept) {
      void forgetChat(this.#kept.row);
    }
    this.#set(() => {
      this.state = 'ended';
      this.ending = false;
      this.reason = reason;
    });
  }
}

