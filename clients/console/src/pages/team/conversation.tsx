/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation: its messages, older ones when one scrolls up, and what one writes. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { type RoomKey, TEAM_TEXT_BYTES_MAX, teamChatApi, type TeamMessage } from '../../api/team_chat';
import type { ConsoleState } from '../../console_state';
import { onEvents } from '../../live_events';
import { idOf, keyOfEvent, teamChat } from '../../team_chat';
import { drawn, follows, mergeMessages, type DrawnMessage } from '../../team_log';
import { text } from '../../text';
import { formatClock, formatDate, formatDateTime } from '../../text/format';
import { Empty, Skeleton } from '../../view/page';
import { ErrorLine } from '../../view/parts';
import { cleanText, encodeText } from '../../wire/message';

interface ConversationProps {
  state: ConsoleState;
  room: RoomKey;
  name: string;
}

const NEAR_END_PX = 60;
const NEAR_TOP_PX = 40;
const DAY_MS = 86_400_000;

function dayName(unixMs: number): string {
  const day = formatDate(unixMs);
  return day === formatDate(Date.now()) ? text.team.today : day === formatDate(Date.now() - DAY_MS) ? text.team.yesterday : day;
}

/* What there is of a room, newest last, and the ways to get more. */
function useMessages(room: RoomKey) {
  const [list, setList] = useState<readonly TeamMessage[] | null>(null);
  const [more, setMore] = useState(false);
  const [error, setError] = useState('');
  const [older, setOlder] = useState(false); /* under way */
  const latest = useRef<readonly TeamMessage[]>([]);
  const alive = useRef(true);
  const put = (messages: readonly TeamMessage[]) => {
    latest.current = mergeMessages(latest.current, messages);
    setList(latest.current);
  };
  const newest = async () => {
    try {
      const reply = await teamChatApi.list(room);
      if (alive.current) {
        const gap = latest.current.length > 0 && reply.messages.length > 0
          && !follows(latest.current, reply.messages[0]!.message);
        if (gap || latest.current.length === 0) {
          latest.current = [];
          setMore(reply.more);
        }
        put(reply.messages);
        setError('');
      }
    } catch (caught) {
      setError(sentence(caught));
    }
  };
  const loadOlder = async () => {
    const first = latest.current[0];
    if (!first || older || !more) {
      return;
    }
    setOlder(true);
    try {
      const reply = await teamChatApi.list(room, first.message);
      if (alive.current) {
        setMore(reply.more);
        put(reply.messages);
        setError('');
      }
    } catch (caught) {
      setError(sentence(caught));
    }
    setOlder(false);
  };
  useEffect(() => {
    alive.current = true;
    void newest();
    const stop = onEvents(['team_chat', 'reconnected'], (event) => {
      if (event.type === 'reconnected') {
        void newest();
        return;
      }
      const key = keyOfEvent(event);
      if (key && idOf(key) === idOf(room) && typeof event.message === 'number' && event.text !== undefined) {
        if (follows(latest.current, event.message)) {
          put([{ message: event.message, time_unix_ms: event.time_unix_ms ?? Date.now(), from: event.from ?? 0,
            name: event.name ?? '', text: event.text }]);
        } else {
          void newest();
        }
      }
    });
    return () => {
      alive.current = false;
      stop();
    };
  }, []);
  return { list, more, error, older, put, loadOlder, newest };
}

export function Conversation({ state, room, name }: ConversationProps) {
  const messages = useMessages(room);
  const self = state.me?.account.id ?? 0;
  /* Up to where it was read when one came: there the line "New" stands for as long as one is here. */
  const readBefore = useRef<number | null>(null);
  const known = teamChat.rooms?.find((one) => (room.team !== undefined ? one.team === room.team : one.account === room.account));
  if (readBefore.current === null && teamChat.rooms !== null) {
    readBefore.current = known?.read ?? 0;
  }
  const last = messages.list?.at(-1);
  useEffect(() => {
    const read = () => {
      if (last && !document.hidden && state.shown === 'home' && last.message > (known?.read ?? 0) && last.from !== self) {
        void teamChatApi.read(room, last.message).catch(() => undefined);
      }
    };
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [last?.message, known?.read, state.shown]);
  return (
    <section class="card conversation" aria-label={text.team.log(name)} data-testid="conversation">
      <header class="card-head"><h2><bdi>{name}</bdi></h2></header>
      {messages.list === null
        ? <div class="conversation-log">{messages.error ? <Empty title={messages.error} action={(
          <button type="button" onClick={() => void messages.newest()}>{text.common.tryAgain}</button>)} /> : <Skeleton lines={6} />}</div>
        : <Log messages={drawn(messages.list, formatDate, readBefore.current ?? 0, self)} more={messages.more} older={messages.older}
            onOlder={() => void messages.loadOlder()} name={name} self={self} isTeam={room.team !== undefined} />}
      <ErrorLine>{messages.list !== null ? messages.error : ''}</ErrorLine>
      <Writer room={room} name={name} onSaid={(message, time, said) => messages.put([{
        message, time_unix_ms: time, from: self, name: state.me?.account.display_name ?? '', text: said,
      }])} />
    </section>
  );
}

function Log({ messages, more, older, onOlder, name, self, isTeam }: {
  messages: readonly DrawnMessage[]; more: boolean; older: boolean; onOlder: () => void; name: string; self: number; isTeam: boolean;
}) {
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ first: 0, height: 0 });
  const first = messages[0]?.message ?? 0;
  useLayoutEffect(() => {
    /* Older ones came above: what was in sight stays where it is. At the end, one stays at the end. */
    const box = log.current!;
    if (before.current.first > first && first > 0) {
      box.scrollTop += box.scrollHeight - before.current.height;
    } else if (atEnd.current) {
      box.scrollTop = box.scrollHeight;
    }
    before.current = { first, height: box.scrollHeight };
  }, [first, messages.length]);
  const onScroll = () => {
    const box = log.current!;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (box.scrollTop < NEAR_TOP_PX && more && !older) {
      onOlder();
    }
  };
  return (
    <div class="conversation-log" ref={log} role="log" tabIndex={0} aria-label={text.team.log(name)} data-testid="team-log"
      onScroll={onScroll}>
      {messages.length === 0
        ? <Empty title={text.team.empty}>{isTeam ? text.team.emptyText : text.team.emptyPerson}</Empty>
        : more
          ? <button type="button" class="quiet older" data-testid="team-older" aria-disabled={older} onClick={onOlder}>
              {older ? text.team.loadingOlder : text.team.older}
            </button>
          : <p class="log-begin">{text.team.begin}</p>}
      {messages.map((one) => <Message key={one.message} one={one} isOwn={one.from === self} />)}
    </div>
  );
}

function Message({ one, isOwn }: { one: DrawnMessage; isOwn: boolean }) {
  return (
    <>
      {one.newDay && <h3 class="log-day"><span>{dayName(one.time_unix_ms)}</span></h3>}
      {one.firstNew && <p class="log-new"><span>{text.team.newLine}</span></p>}
      <div class={`team-message ${isOwn ? 'own' : ''} ${one.sameAuthor ? 'same' : ''}`} data-message={one.message}>
        {!one.sameAuthor && (
          <p class="team-message-head">
            <bdi>{isOwn ? text.team.you : one.name}</bdi>
            <time title={formatDateTime(one.time_unix_ms)}>{formatClock(one.time_unix_ms)}</time>
          </p>
        )}
        <p class="team-message-text"><bdi>{one.text}</bdi></p>
      </div>
    </>
  );
}

function Writer({ room, name, onSaid }: { room: RoomKey; name: string; onSaid: (message: number, time: number, said: string) => void }) {
  const [draft, setDraft] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const send = async () => {
    const said = cleanText(draft.replace(/\r\n?/g, '\n').trim());
    if (said === '' || busy) {
      return;
    }
    if (encodeText(said).byteLength > TEAM_TEXT_BYTES_MAX) {
      setError(text.team.tooLong);
      return;
    }
    setBusy(true);
    setError('');
    try {
      const reply = await teamChatApi.send(room, said);
      setDraft('');
      onSaid(reply.message, reply.time_unix_ms, said);
    } catch (caught) {
      setError(sentence(caught)); /* what was written stays in the field */
    }
    setBusy(false);
    field.current?.focus();
  };
  return (
    <form class="team-writer" onSubmit={(event) => {
      event.preventDefault();
      void send();
    }}>
      <label class="visually-hidden" for="team-draft">{text.team.write(name)}</label>
      <textarea id="team-draft" ref={field} rows={2} value={draft} placeholder={text.team.write(name)} data-testid="team-draft"
        aria-describedby="team-draft-hint" onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            void send();
          }
        }} />
      <div class="team-writer-foot">
        <p class="hint" id="team-draft-hint">{text.team.hint}</p>
        <button type="submit" class="primary" aria-disabled={busy} data-testid="team-send">{text.team.send}</button>
      </div>
      <ErrorLine testId="team-error">{error}</ErrorLine>
    </form>
  );
}
