/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in a session and what they may do, who was invited, and the ways in and out. */
import { sentence } from '../../api/request';
import { sessionToolsApi, type Person, type SessionFacts } from '../../api/session_tools';
import { text } from '../../text';
import { formatClock } from '../../text/format';
import { confirm } from '../confirm';
import { Icon } from '../icon';
import { Badge, Loaded, type Tone } from '../page';
import { useResource } from '../resource';
import { toast } from '../toast';
import { ruleOf, type PanelProps } from './panel';

const tones: Readonly<Record<NonNullable<Person['consent']>, Tone>> = {
  waits: 'neutral', denied: 'danger', view: 'accent', control: 'ok',
};

function attempt(run: () => Promise<unknown>, done: string): void {
  run().then(() => toast(done), (error: unknown) => toast(sentence(error), 'error'));
}

export default function PeoplePanel(props: PanelProps) {
  const { info } = props;
  return (
    <div class="side-content">
      <div class="side-scroll" tabIndex={0} role="group" aria-label={text.side.panelTitle.people} data-testid="people">
        <Loaded resource={info}>{(facts) => <People {...props} facts={facts} />}</Loaded>
      </div>
    </div>
  );
}

function People({ state, session, tools, open, facts }: PanelProps & { facts: SessionFacts }) {
  const words = text.side.people;
  const own = state.me?.account.id ?? 0;
  const me = facts.participants.find((one) => one.account === own);
  const isOwner = me?.relation === 'owner';
  const owner = facts.participants.find((one) => one.relation === 'owner');
  const order = ['source', 'owner', 'sponsor', 'invited', 'external', 'watcher'];
  const people = [...facts.participants].sort((a, b) => order.indexOf(a.relation) - order.indexOf(b.relation));
  return (
    <>
      <ul class="people">
        {people.map((one) => (
          <li key={one.participant} class="person" data-testid={`person-${one.participant}`} data-relation={one.relation}>
            <span class={`dot dot-${one.connected ? 'live' : 'ended'}`} aria-hidden="true" />
            <div class="person-what">
              <p class="person-name">
                <bdi>{one.name}</bdi>{one.account === own && own !== 0 && <span class="muted"> ({words.you})</span>}
              </p>
              <p class="muted">
                {one.relation === 'source' && facts.kind === 'jump' ? words.computer : words.relation[one.relation]}
                {' · '}
                {one.connected ? words.since(formatClock(one.since_unix_ms)) : words.away}
              </p>
              {one.consent && <Badge tone={tones[one.consent]}>{words.may[one.consent]}</Badge>}
            </div>
            {isOwner && !['source', 'owner'].includes(one.relation) && (
              <RemoveButton session={session.id} person={one} denied={ruleOf(tools.value, 'remove_participant')} />
            )}
          </li>
        ))}
      </ul>
      {me?.relation === 'sponsor' && owner && <Elevate session={session.id} owner={owner.name} />}
      {isOwner && (
        <div class="side-actions">
          <ToolButton icon="plus" label={words.invite} denied={ruleOf(tools.value, 'invite')} testId="open-invite"
            run={() => open('invite')} />
          <ToolButton icon="key" label={words.sponsor} denied={ruleOf(tools.value, 'access_sponsor')} testId="open-sponsor"
            run={() => open('sponsor')} />
          <ToolButton icon="move" label={text.side.tool.transfer} denied={ruleOf(tools.value, 'transfer')}
            testId="people-transfer" run={() => open('transfer')} />
        </div>
      )}
      {isOwner && <Pending session={session.id} />}
      {me && !isOwner && (
        <div class="side-actions">
          <ToolButton icon="signOut" label={words.leave} denied="" testId="leave-for-good" run={() => {
            void confirm({ title: words.leaveTitle, text: words.leaveText, action: words.leave, danger: true }).then((yes) => {
              if (yes) {
                sessionToolsApi.leave(session.id).then(() => state.closeTab(session),
                  (error: unknown) => toast(sentence(error), 'error'));
              }
            });
          }} />
        </div>
      )}
    </>
  );
}

function ToolButton({ icon, label, denied, testId, run }: {
  icon: 'plus' | 'key' | 'move' | 'signOut'; label: string; denied: string; testId: string; run: () => void;
}) {
  return (
    <button type="button" disabled={denied !== ''} title={denied || undefined} data-testid={testId} onClick={run}>
      <Icon name={icon} />{label}
    </button>
  );
}

function RemoveButton({ session, person, denied }: { session: number; person: Person; denied: string }) {
  const words = text.side.people;
  const remove = async () => {
    if (await confirm({
      title: words.removeTitle(person.name), text: words.removeText(person.name), action: words.remove, danger: true,
    })) {
      attempt(() => sessionToolsApi.remove(session, person.participant), words.removed(person.name));
    }
  };
  return (
    <button type="button" class="quiet icon-button" aria-label={words.removeTitle(person.name)} title={denied || words.remove}
      disabled={denied !== ''} data-testid={`remove-${person.participant}`} onClick={() => void remove()}>
      <Icon name="close" />
    </button>
  );
}

function Elevate({ session, owner }: { session: number; owner: string }) {
  const words = text.side.people;
  const elevate = async () => {
    if (await confirm({ title: words.elevateTitle, text: words.elevateText(owner), action: words.elevate })) {
      attempt(() => sessionToolsApi.elevate(session), words.elevated);
    }
  };
  return (
    <div class="side-actions">
      <button type="button" class="primary" data-testid="elevate" onClick={() => void elevate()}>{words.elevate}</button>
      <p class="hint">{words.elevateHint}</p>
    </div>
  );
}

/* Those that this representative made and nobody answered yet. */
function Pending({ session }: { session: number }) {
  const words = text.side.people;
  const invitations = useResource(
    async () => (await sessionToolsApi.invitations()).invitations.filter((one) => one.mine && one.session === session),
    ['invitation_made', 'invitation_ended', 'sessions_changed'], [session],
  );
  return (
    <section class="pending" aria-label={words.pending}>
      <h3>{words.pending}</h3>
      <Loaded resource={invitations} lines={1}>
        {(all) => all.length === 0 ? <p class="empty">{words.noPending}</p> : (
          <ul class="people">
            {all.map((one) => (
              <li key={one.invitation} class="person" data-testid={`invitation-${one.invitation}`}>
                <Icon name="clock" />
                <div class="person-what">
                  <p>{one.as === 'sponsor' || one.as === 'external' ? words.as[one.as] : words.as.invited}
                    <span class="muted"> · {formatClock(one.created_unix_ms)}</span></p>
                  {one.message !== '' && <p class="muted line-text"><bdi>{one.message}</bdi></p>}
                </div>
                <button type="button" class="quiet" data-testid={`cancel-invitation-${one.invitation}`}
                  onClick={() => attempt(() => sessionToolsApi.cancel(one.invitation), words.cancelled)}>
                  {words.cancel}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
