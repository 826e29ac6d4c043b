/* SPDX-License-Identifier: Apache-2.0 */
/* One session in this console: its connection, what the engine said about it, its chat and its screen.
 *
 *   connecting --welcome--> live --loss--> reconnecting --welcome--> live
 *   any --session ended--> ended      any --replaced, refused--> stopped --take back--> connecting
 *
 * Coming back: the resume ticket first, which works while control is away; a new join ticket otherwise.
 */
import { ApiError, sentence } from '../api/request';
import { sessionsApi } from '../api/sessions';
import { Backoff } from '../backoff';
import { Observable } from '../observable';
import { ScreenDecoder } from '../screen/decoder';
import { RemoteScreen } from '../screen/screen';
import { loadScreenSettings, storeScreenSettings } from '../screen/settings';
import { text } from '../text';
import { closeText } from '../text/common';
import { Connection } from '../wire/connection';
import { CloseCode, Message, Permit, Role, type WholeMessage } from '../wire/frame';
import * as wire from '../wire/message';
import { ticketFromText, type HolderKey } from '../wire/ticket';
import { ChatLog, type Audience, type ChatUnsent } from './chat';

export type SessionState = 'connecting' | 'live' | 'reconnecting' | 'stopped' | 'ended';

export interface Participant {
  readonly id: number;
  readonly role: number;
  readonly name: string;
}

/* Closings after which coming back by itself would fight somebody or fail the same way for ever. */
const finalCloses: ReadonlySet<number> = new Set<number>([
  CloseCode.REPLACED, CloseCode.REMOVED, CloseCode.MALFORMED, CloseCode.TOO_LARGE, CloseCode.NOT_NOW,
  CloseCode.NOT_PERMITTED, CloseCode.VERSION,
]);
const endedCloses: ReadonlySet<number> = new Set<number>([
  CloseCode.ENDED_BY_REPRESENTATIVE, CloseCode.ENDED_BY_CUSTOMER, CloseCode.ENDED_BY_OPERATOR,
  CloseCode.ENDED_NOBODY_LEFT,
]);
const ticketCloses: ReadonlySet<number> = new Set<number>([
  CloseCode.TICKET_FORGED, CloseCode.TICKET_EXPIRED, CloseCode.TICKET_USED, CloseCode.TICKET_DENIED,
  CloseCode.PROOF_WRONG,
]);

const END_CONFIRM_MS = 3_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MOST_MS = 10_000;
/* A connection that lasted this long was a good one: the next loss starts with short waits again. */
const STEADY_MS = 10_000;

/* Without the characters that turn the direction of the text around them: names stand in sentences. */
export function withoutDirection(name: string): string {
  return name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

export class Session extends Observable {
  state: SessionState = 'connecting';
  /* What happened, as a sentence: why it ended, stopped, or is being retried. */
  reason = '';
  permissions = 0n;
  controlUp = true;
  participant = 0;
  participants = new Map<number, Participant>();
  remotePointer: { x: number; y: number } | null = null;
  ending = false;
  unread = 0;
  shown = false; /* its tab is the one in view */
  asksConsent = false; /* the customer decides about seeing and controlling */
  chatShown = true; /* and the chat beside it is */
  newFrom: number | null = null; /* the first line that came while the chat was not in view */
  /* Somebody wrote while nobody looked. */
  onUnread: (name: string, message: string) => void = () => undefined;
  screenSettings = loadScreenSettings();
  readonly chat: ChatLog;
  readonly screen: RemoteScreen;

  #connection: Connection | null = null;
  #resumeTicket: Uint8Array | null = null;
  #backoff = new Backoff(RECONNECT_FIRST_MS, RECONNECT_MOST_MS);
  #retryTimer: number | null = null;
  #welcomedBefore = false;
  #welcomedAt: number | null = null;
  #endedByMe = false;
  #pointerHidden = false;

  wakeS = 0; /* its computer sleeps and is being woken, which takes at most so long */

  constructor(
    readonly id: number,
    public name: string,
    private readonly holder: HolderKey,
    private readonly announce: (sentence: string) => void,
    private readonly codecUrl: string,
    readonly watching = false, /* somebody else's session */
  ) {
    super();
    this.name = withoutDirection(name);
    this.chat = new ChatLog(crypto.getRandomValues(new Uint32Array(1))[0]!);
    this.screen = new RemoteScreen({
      acknowledge: (update, rendition) => this.#send(Message.SCREEN_ACK, wire.encodeScreenAck(update, rendition)),
      failed: () => this.#pictureLost(),
    });
  }

  may(permit: bigint): boolean {
    return (this.permissions & permit) === permit;
  }

  get source(): Participant | undefined {
    for (const someone of this.participants.values()) {
      if (someone.role === Role.CUSTOMER || someone.role === Role.UNATTENDED) {
        return someone;
      }
    }
    return undefined;
  }

  get canSendInput(): boolean {
    return this.state === 'live' && this.may(Permit.CONTROL_INPUT);
  }

  get congested(): boolean {
    return this.#connection?.congested ?? false;
  }

  /* Starts with a ticket just given, or asks for one (null: the page was loaded again); loads the decoder first. */
  async start(ticketText: string | null): Promise<void> {
    try {
      this.screen.useDecoder(await ScreenDecoder.load(this.codecUrl));
    } catch {
      this.#stop(text.common.errors.noWasm);
      return;
    }
    if (ticketText === null) {
      await this.#join();
    } else {
      this.#connectWithText(ticketText);
    }
  }

  say(message: string, audience: Audience = 'everybody'): void {
    this.newFrom = null;
    this.#sendChat(this.chat.say(message, audience));
    this.changed();
  }

  key(keysym: number, down: boolean): void {
    if (this.canSendInput) {
      this.#send(Message.KEY, wire.encodeKey(keysym, down));
    }
  }

  pointer(pointer: wire.Pointer): void {
    if (this.canSendInput) {
      this.remotePointer = null;
      this.#send(Message.POINTER, wire.encodePointer(pointer));
    }
  }

  releaseAll(): void {
    if (this.canSendInput) {
      this.#send(Message.RELEASE_ALL);
    }
  }

  setScreen(settings: wire.ScreenSettings): void {
    storeScreenSettings(settings);
    this.#set(() => (this.screenSettings = settings));
    this.#tellScreenSettings();
  }

  readChat(): void {
    if (this.unread !== 0) {
      this.#set(() => (this.unread = 0));
    }
  }

  /* Control knows it by another name now. */
  rename(name: string): void {
    const plain = withoutDirection(name);
    if (plain !== '' && plain !== this.name) {
      this.#set(() => (this.name = plain));
    }
  }

  /* Asks control, which knows whether something is missing (the survey); over the connection while control is away.
   * '' when it has ended; otherwise why not, as a sentence. */
  async end(): Promise<string> {
    this.#endedByMe = true;
    this.#set(() => (this.ending = true));
    try {
      await sessionsApi.end(this.id);
    } catch (error) {
      if (error instanceof ApiError && error.unreachable && await this.#endByConnection()) {
        return '';
      }
      if (!(error instanceof ApiError && (error.status === 404 || error.status === 410)) && !this.#isOver()) {
        this.#endedByMe = false;
        this.#set(() => (this.ending = false));
        return sentence(error);
      }
    }
    if (!this.#isOver()) {
      this.#ended(text.session.endedByYou);
    }
    return '';
  }

  async #endByConnection(): Promise<boolean> {
    if (!this.may(Permit.END_SESSION) || !this.#send(Message.SESSION_END, wire.encodeClose(CloseCode.OK))) {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, END_CONFIRM_MS));
    return this.#isOver();
  }

  /* The person wants this session here again after it was replaced or stopped. */
  takeBack(): void {
    this.#set(() => {
      this.state = 'connecting';
      this.reason = '';
    });
    void this.#join();
  }

  /* The events stream or the list says it is over; the own connection may be down at the time. */
  endedElsewhere(reason: string): void {
    if (this.state !== 'ended' && this.state !== 'live') {
      this.#ended(reason);
    }
  }

  /* The tab is closed: leaves the session without ending it. */
  leave(): void {
    this.#cancelRetry();
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    this.screen.free();
  }

  #set(change: () => void): void {
    change();
    this.changed();
  }

  #isOver(): boolean {
    return this.state === 'ended';
  }

  #send(type: number, payload?: Uint8Array): boolean {
    return this.#connection?.send(type, payload) ?? false;
  }

  #connectWithText(ticketText: string): void {
    const ticket = ticketFromText(ticketText);
    if (ticket) {
      this.#connect(ticket);
    } else {
      this.#stop(text.common.errors.badTicket);
    }
  }

  #connect(ticket: Uint8Array): void {
    const connection: Connection = new Connection({
      onWelcome: (welcome) => this.#onWelcome(welcome),
      onMessage: (message) => this.#onMessage(message),
      onClosed: (code, reason) => {
        if (this.#connection === connection) {
          this.#connection = null;
          this.#onClosed(code, reason, ticket);
        }
      },
    }, this.holder, ticket);
    this.#connection = connection;
  }

  #onWelcome(welcome: wire.Welcome): void {
    this.#welcomedAt = performance.now();
    if (welcome.controlUp) {
      /* Control tells everybody who is there; while it is away the last known is the best. */
      this.participants.clear();
    }
    this.chat.setSelf(welcome.participant);
    this.#set(() => {
      this.state = 'live';
      this.reason = '';
      this.participant = welcome.participant;
      this.permissions = welcome.permissions;
      this.controlUp = welcome.controlUp;
    });
    this.announce(text.session.live);
    this.#tellScreenSettings();
    this.#resendChat();
    if (!this.#welcomedBefore || welcome.controlUp) {
      void this.#fetchHistory();
    }
    this.#welcomedBefore = true;
  }

  #onMessage(message: WholeMessage): void {
    const { payload } = message;
    switch (message.type) {
      case Message.SCREEN_UPDATE:
        /* What was under way when viewing was withdrawn is not looked at. */
        if (this.may(Permit.VIEW_SCREEN)) {
          this.screen.update(payload, message.flags);
        }
        return;
      case Message.SCREEN_RESET:
        this.screen.reset(payload, message.flags);
        return;
      case Message.CURSOR_SHAPE:
        this.screen.cursor(payload);
        this.#pointerHidden = wire.decodeCursorShape(payload).width === 0;
        return;
      case Message.CURSOR_POSITION:
        /* A pointer without a shape is hidden, or in the picture. */
        this.#set(() => (this.remotePointer = this.#pointerHidden ? null : wire.decodeCursorPosition(payload)));
        return;
      case Message.PERMISSIONS:
        this.#onPermissions(wire.decodePermissions(payload));
        return;
      case Message.PARTICIPANT:
        this.#onParticipant(wire.decodeParticipant(payload));
        return;
      case Message.CHAT_LINE:
        this.#onChatLine(wire.decodeChatLine(payload), 'everybody');
        return;
      case Message.SIDE_LINE:
        this.#onChatLine(wire.decodeChatLine(payload), 'representatives');
        return;
      case Message.LINK_STATE:
        this.#onLinkState(payload[0] === 1);
        return;
      case Message.RESUME_TICKET:
        this.#resumeTicket = payload.slice();
        return;
      case Message.SESSION_ENDED: {
        const close = wire.decodeClose(payload);
        this.#ended(closeText(close.code, close.text));
        return;
      }
      default:
        /* A later appliance may send more than this console shows. */
        return;
    }
  }

  /* Who controls chooses; who came to watch leaves the picture as it is. */
  #tellScreenSettings(): void {
    if (this.canSendInput && !this.watching) {
      this.#send(Message.SCREEN_SETTINGS, wire.encodeScreenSettings(this.screenSettings));
    }
  }

  #pictureLost(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    this.#onClosed(null, text.session.unreadableUpdate, null);
  }

  #onPermissions(permissions: bigint): void {
    const before = this.permissions;
    this.#set(() => (this.permissions = permissions));
    const gained = permissions & ~before;
    const lost = before & ~permissions;
    if (gained & Permit.CONTROL_INPUT) {
      this.#tellScreenSettings();
      this.announce(text.session.nowControl);
    } else if (gained & Permit.VIEW_SCREEN) {
      this.announce(text.session.nowViewing);
    }
    if (lost & Permit.VIEW_SCREEN) {
      this.screen.hide();
      this.announce(text.session.noViewing);
    } else if (lost & Permit.CONTROL_INPUT) {
      this.announce(text.session.noControl);
    }
  }

  #onParticipant(note: wire.ParticipantNote): void {
    const known = this.participants.has(note.participant);
    const name = withoutDirection(note.name) || text.common.errors.unknownParticipant;
    const others = note.participant !== this.participant;
    if (note.present) {
      this.participants.set(note.participant, { id: note.participant, role: note.role, name });
    } else {
      this.participants.delete(note.participant);
    }
    this.changed();
    if (others && known !== note.present) {
      this.announce(note.present ? text.session.joined(name) : text.session.gone(name));
    }
  }

  #onChatLine(line: wire.ChatLineMessage, audience: Audience): void {
    if (this.chat.addLine(line, audience) && line.participant !== this.participant) {
      this.unread += 1;
      const read = this.shown && this.chatShown && !document.hidden;
      if (!read && line.name !== '') {
        this.newFrom ??= line.sequence;
        this.announce(text.chat.newMessage(line.name));
        this.onUnread(line.name, line.text);
      }
    }
    this.changed();
  }

  #onLinkState(up: boolean): void {
    this.#set(() => (this.controlUp = up));
    if (up) {
      this.#resendChat();
      void this.#fetchHistory();
    }
  }

  #resendChat(): void {
    for (const said of this.chat.unsent) {
      this.#sendChat(said);
    }
  }

  #sendChat(said: ChatUnsent): void {
    if (this.may(Permit.CHAT)) {
      const type = said.audience === 'representatives' ? Message.SIDE_SAY : Message.CHAT_SAY;
      this.#send(type, wire.encodeChatSay(said.id, said.text));
    }
  }

  async #fetchHistory(): Promise<void> {
    try {
      const history = await sessionsApi.chat(this.id);
      this.chat.addHistory(history.lines);
      this.changed();
    } catch {
      /* The lines come again with the next connection; new ones arrive over this one. */
    }
  }

  #onClosed(code: number | null, reason: string, ticket: Uint8Array | null): void {
    this.screen.connectionLost();
    if (this.#welcomedAt !== null && performance.now() - this.#welcomedAt > STEADY_MS) {
      this.#backoff.reset();
    }
    this.#welcomedAt = null;
    if (this.#isOver()) {
      return;
    }
    if (code !== null && endedCloses.has(code)) {
      this.#ended(closeText(code, reason));
      return;
    }
    if (code !== null && finalCloses.has(code)) {
      this.#stop(code === CloseCode.REPLACED ? text.session.replaced : closeText(code, reason));
      return;
    }
    if (code !== null && ticketCloses.has(code) && this.#resumeTicket === ticket) {
      this.#resumeTicket = null;
    }
    if (code === CloseCode.RESTARTING) {
      this.#backoff.reset(); /* it waits for us: no reason to hesitate */
    }
    this.#retry(closeText(code, reason));
  }

  #retry(reason: string): void {
    this.#set(() => {
      this.state = this.#welcomedBefore ? 'reconnecting' : 'connecting';
      this.reason = reason;
    });
    if (this.#welcomedBefore) {
      this.announce(text.session.reconnecting);
    }
    this.#cancelRetry();
    this.#retryTimer = window.setTimeout(() => {
      this.#retryTimer = null;
      if (this.#resumeTicket) {
        this.#connect(this.#resumeTicket);
      } else {
        void this.#join();
      }
    }, this.#backoff.delay());
  }

  #cancelRetry(): void {
    if (this.#retryTimer !== null) {
      window.clearTimeout(this.#retryTimer);
      this.#retryTimer = null;
    }
  }

  async #join(): Promise<void> {
    try {
      const joined = await (this.watching ? sessionsApi.watch : sessionsApi.join)(this.id, this.holder.publicKey);
      if (this.state === 'connecting' || this.state === 'reconnecting') {
        this.#connectWithText(joined.ticket);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        this.#stop(text.common.errors.unexpected);
      } else if (error.status === 404 || error.status === 409 || error.status === 410) {
        this.#ended(error.message);
      } else if (error.status === 401 || error.status === 403) {
        this.#stop(error.message);
      } else {
        this.#retry(error.message);
      }
    }
  }

  #stop(reason: string): void {
    this.#cancelRetry();
    this.#set(() => {
      this.state = 'stopped';
      this.reason = reason;
    });
    this.announce(reason);
  }

  #ended(reason: string): void {
    this.#cancelRetry();
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    this.#set(() => {
      this.state = 'ended';
      this.ending = false;
      this.reason = this.#endedByMe ? text.session.endedByYou : reason;
    });
    this.announce(this.reason);
  }
}
