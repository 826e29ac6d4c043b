/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one who waits. */
import { queueApi, type QueueEntry, type SessionDetails } from '../../api/queue';
import type { ConsoleState } from '../../console_state';
import { text } from '../../text';
import { formatAgo, formatList, formatRemaining } from '../../text/format';
import { useNow } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Facts, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import type { QueueActions } from './queues';
import { AcceptButton, customerOf, mayTake, PriorityMark, StatusBadge } from './table';

interface DetailsProps {
  state: ConsoleState;
  entry: QueueEntry;
  actions: QueueActions;
  onClose: () => void;
}

const TICK_MS = 1000;

export function Details({ state, entry, actions, onClose }: DetailsProps) {
  const session = useResource(() => queueApi.details(entry.session), ['queue_changed', 'sessions_changed'], [entry.session]);
  const skills = useResource(async () => (await queueApi.skills()).skills);
  const name = customerOf(entry);
  return (
    <section class="card queue-details" aria-label={text.queues.details} data-testid="queue-details">
      <header class="card-head">
        <h2><bdi>{name}</bdi></h2>
        <button type="button" class="quiet icon-button push" aria-label={text.queues.closeDetails} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="card-body">
        <Times state={state} entry={entry} />
        <Loaded resource={session} lines={3}>
          {(details) => (
            <More details={details} skills={(skills.value ?? []).filter((skill) => details.skills?.includes(skill.id))
              .map((skill) => skill.name)} />
          )}
        </Loaded>
        <div class="actions details-actions">
          {mayTake(state, entry) && <AcceptButton entry={entry} onAccept={actions.accept} primary />}
          <button type="button" onClick={() => actions.ask({ kind: 'transfer', entry })}>{text.queues.transfer}</button>
          <button type="button" onClick={() => actions.ask({ kind: 'decline', entry })}>{text.queues.decline}</button>
          <button type="button" onClick={() => actions.ask({ kind: 'skills', entry, skills: session.value?.skills ?? [] })}
            disabled={session.value === null}>
            {text.queues.skills}
          </button>
        </div>
      </div>
    </section>
  );
}

function Times({ state, entry }: { state: ConsoleState; entry: QueueEntry }) {
  const now = useNow(TICK_MS) + state.clockSkew;
  const facts = text.queues.facts;
  return (
    <Facts rows={[
      [facts.queue, <bdi>{state.queueName(entry.team ?? null)}</bdi>],
      [facts.status, <StatusBadge state={state} entry={entry} />],
      [facts.priority, <PriorityMark priority={entry.priority ?? 'medium'} />],
      [facts.inQueue, formatRemaining(now - (entry.queued_unix_ms ?? entry.waiting_since_unix_ms))],
      [facts.total, formatRemaining(now - entry.waiting_since_unix_ms)],
      entry.position ? [facts.place, String(entry.position)] : null,
      entry.estimated_wait_s ? [facts.wait, formatRemaining(entry.estimated_wait_s * 1000)] : null,
    ]} />
  );
}

function More({ details, skills }: { details: SessionDetails; skills: readonly string[] }) {
  const now = useNow(15_000);
  const facts = text.queues.facts;
  const links = (details.links ?? []).filter((link) => /^https?:\/\//i.test(link.url));
  return (
    <>
      <Facts rows={[
        details.name && details.name !== details.customer ? [facts.name, <bdi>{details.name}</bdi>] : null,
        details.client ? [facts.client, text.queues.client[details.client]] : null,
        details.external_key ? [facts.externalKey, <bdi>{details.external_key}</bdi>] : null,
        skills.length > 0 ? [facts.skills, formatList(skills)] : null,
        ...(details.attributes ?? []).filter((one) => one.value !== '')
          .map((one) => [one.name ?? one.code, <bdi>{one.value}</bdi>] as const),
      ]} />
      {links.length > 0 && (
        <>
          <h3>{text.queues.links}</h3>
          <ul class="plain-list">
            {links.map((link) => (
              <li key={link.id}><a href={link.url} target="_blank" rel="noopener noreferrer"><bdi>{link.name}</bdi></a></li>
            ))}
          </ul>
        </>
      )}
      {(details.notes ?? []).length > 0 && (
        <>
          <h3>{text.queues.notes}</h3>
          <ul class="plain-list">
            {details.notes.map((note) => (
              <li key={note.id}>
                <span class="item-where"><bdi>{note.name}</bdi> · {formatAgo(note.time_unix_ms, now)}</span>
                <bdi class="note-text">{note.text}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
