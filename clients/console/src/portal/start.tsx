/* SPDX-License-Identifier: Apache-2.0 */
/* The first step: what the portal says about itself, and the ways in that it offers. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Entrance, portalApi, type PortalInfo } from '../api/portal';
import { ApiError } from '../api/request';
import { text } from '../text/portal';
import { IssueForm, noWish, type Person, type Wish } from './issue_form';
import { KeyCard } from './key_card';
import { Closed, Notices } from './notices';
import { Card, Icon, Prose } from './parts';
import { refusal } from './refusal';
import { Terms } from './terms';

interface Props {
  info: PortalInfo;
  initialKey: string;
  onEntrance: (entrance: Entrance, customer: string, agreed: boolean) => void;
  onReading: (reading: boolean) => void; /* the agreement stands in the place of the page */
  onStale: () => void; /* what the portal shows has changed */
}

/* A key whose agreement is still to be read, or a request that waits for it. */
type Pending = { kind: 'key'; key: string; entrance: Entrance } | { kind: 'issue' };

export function Start({ info, initialKey, onEntrance, onReading, onStale }: Props) {
  const look = info.portal;
  const [wish, setWish] = useState<Wish>(noWish);
  const [person, setPerson] = useState<Person | null>(null);
  const [pending, setPending] = useState<Pending | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [declined, setDeclined] = useState(false);
  const issuePart = useRef<HTMLDivElement>(null);
  const hasForm = look.is_open && (look.issues.length > 0 || person !== null);

  useLayoutEffect(() => onReading(pending !== null), [pending !== null]);
  const ask = (chosen: Person) => {
    setPerson(chosen);
    setError('');
    requestAnimationFrame(() => {
      issuePart.current?.querySelector<HTMLElement>('#entry-name')?.focus();
      issuePart.current?.scrollIntoView({ block: 'nearest' });
    });
  };
  const send = async (agreed: boolean) => {
    setBusy(true);
    setError('');
    try {
      const { issue, name, company, code, description } = wish;
      const entrance = await portalApi.submitIssue({
        portal: look.code, ...(person ? { representative: person.id } : { issue }), name: name.trim(),
        company: company.trim(), code: code.trim(), description: description.trim(), agreed,
      });
      onEntrance(entrance, name.trim(), agreed);
    } catch (caught) {
      setPending(null);
      setBusy(false);
      setError(refusal(caught, { 404: text.portal.issue.gone, 429: text.portal.issue.tooMany,
        CLOSED: text.portal.issue.nowClosed, 0: text.common.errors.unreachable, 503: text.common.errors.unavailable }));
      if (caught instanceof ApiError && (caught.status === 404 || caught.status === 409)) {
        onStale();
      }
    }
  };
  const agree = async () => {
    if (pending?.kind === 'issue') {
      await send(true);
    } else if (pending) {
      onEntrance(await portalApi.checkKey(pending.key, true), '', true);
    }
  };

  if (pending) {
    const terms = pending.kind === 'key' ? pending.entrance : look;
    return (
      <Terms terms={terms} onAccept={agree} onDecline={() => {
        setPending(null);
        setDeclined(true);
      }} />
    );
  }
  const isSingle = !hasForm && look.representatives.length === 0;
  return (
    <div class={`step-wide ${isSingle ? 'start-single' : ''}`}>
      <div class="hero">
        <h1 data-testid="portal-title">{look.title || text.portal.title}</h1>
        {look.text !== '' && <Prose testId="portal-text">{look.text}</Prose>}
      </div>
      <Notices notices={look.notices ?? []} />
      {!look.is_open && <Closed look={look} />}
      {declined && <p class="banner" role="status"><Icon name="info" />{text.portal.terms.declined}</p>}
      <div class={`ways ${isSingle ? 'ways-single' : ''}`}>
        <div class="ways-side">
          {look.show_keys && (
            <Card id="key-title" title={text.portal.key.title} lead={text.portal.key.lead}>
              <KeyCard initial={initialKey} focus={isSingle} onChecked={(entrance, key) => {
                setDeclined(false);
                if (entrance.agreement && !entrance.agreed) {
                  setPending({ kind: 'key', key, entrance });
                } else {
                  onEntrance(entrance, '', entrance.agreed === true);
                }
              }} />
            </Card>
          )}
          {look.representatives.length > 0 && (
            <People people={look.representatives} chosen={person} onChoose={ask} />
          )}
        </div>
        {hasForm && (
          <div class="ways-main" ref={issuePart}>
            <Card id="issue-title" title={text.portal.issue.title} lead={text.portal.issue.lead}>
              <IssueForm look={look} person={person} wish={wish} error={error} busy={busy} onWish={setWish}
                onAnyone={() => setPerson(null)} onSend={() => {
                  setDeclined(false);
                  if (look.agreement) {
                    setPending({ kind: 'issue' });
                  } else {
                    void send(false);
                  }
                }} />
            </Card>
          </div>
        )}
      </div>
    </div>
  );
}

interface PeopleProps {
  people: readonly Person[];
  chosen: Person | null;
  onChoose: (person: Person) => void;
}

function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  const first = [...(parts[0] ?? '')][0] ?? '';
  const last = parts.length > 1 ? [...parts[parts.length - 1]!][0] ?? '' : '';
  return (first + last).toUpperCase();
}

function People({ people, chosen, onChoose }: PeopleProps) {
  return (
    <Card id="people-title" title={text.portal.people.title} lead={text.portal.people.lead}>
      <ul class="people" data-testid="people">
        {people.map((person) => (
          <li key={person.id}>
            <button type="button" class="person" aria-pressed={chosen?.id === person.id}
              data-testid={`person-${person.id}`}
              onClick={() => onChoose(person)}>
              <span class="avatar" aria-hidden="true">{initials(person.name)}</span>
              <span class="person-name">{person.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/* Keeps the list of who is there fresh while the page is open. */
export function useFreshInfo(code: string | undefined, active: boolean, onInfo: (info: PortalInfo) => void): void {
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    const timer = setInterval(() => {
      if (!document.hidden) {
        portalApi.info(code).then(onInfo, () => undefined);
      }
    }, 30_000);
    return () => clearInterval(timer);
  }, [code, active]);
}
