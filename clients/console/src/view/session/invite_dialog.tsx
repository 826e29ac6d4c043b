/* SPDX-License-Identifier: Apache-2.0 */
/* Invites into a session: a team, a representative, whoever handles an issue, somebody without an account; or asks for
 * an access sponsor. */
import { useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { sessionToolsApi, type ExternalInvitation } from '../../api/session_tools';
import type { ConsoleState } from '../../console_state';
import { tellEvent } from '../../live_events';
import type { Session } from '../../session/session';
import { text } from '../../text';
import { formatDateTime, formatList } from '../../text/format';
import { Segmented, Select, TextArea } from '../fields';
import { CopyButton, Dialog, ErrorLine } from '../parts';
import { useResource } from '../resource';
import { toast } from '../toast';
import { Chosen, PersonField, PlaceFields, TeamField, usePlace, usePlaces } from './place_fields';
import { ruleOf, type PanelProps } from './panel';

type Kind = 'team' | 'account' | 'issue' | 'external';

interface Props {
  state: ConsoleState;
  session: Session;
  tools: PanelProps['tools'];
  onClose: () => void;
}

const LIVES_S = [900, 3600, 7200, 28_800, 86_400];

export function InviteDialog({ state, session, tools, onClose }: Props) {
  const words = text.side.invite;
  const places = usePlaces(state.me?.account.id ?? 0);
  const issues = useResource(async () => (await sessionToolsApi.issues()).issues);
  const profiles = useResource(async () => (await sessionToolsApi.profiles()).profiles);
  const [kind, setKind] = useState<Kind>('team');
  const [id, setId] = useState(0);
  const [life, setLife] = useState(7200);
  const [message, setMessage] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<ExternalInvitation | null>(null);
  const mayExternal = state.may('invite_external') && ruleOf(tools.value, 'invite_external') === '';
  const kinds: Kind[] = mayExternal ? ['team', 'account', 'issue', 'external'] : ['team', 'account', 'issue'];

  const send = async (event: Event) => {
    event.preventDefault();
    if (busy || id === 0) {
      return;
    }
    setBusy(true);
    setError('');
    try {
      if (kind === 'external') {
        setMade(await sessionToolsApi.inviteExternal(session.id, id, life, message.trim()));
        tellEvent({ type: 'invitation_made' });
      } else {
        const whom = kind === 'team' ? { team: id } : kind === 'account' ? { account: id } : { issue: id };
        await sessionToolsApi.invite(session.id, whom, message.trim());
        tellEvent({ type: 'invitation_made' });
        onClose();
        toast(words.sent);
      }
    } catch (caught) {
      setError(sentence(caught));
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    return <Dialog title={words.title} onClose={onClose}><ExternalKey made={made} onClose={onClose} /></Dialog>;
  }
  const profile = profiles.value?.find((one) => one.id === id);
  const names: Readonly<Record<string, string>> = words.permission;
  const permissions = formatList((profile?.permissions ?? []).map((one) => names[one] ?? one));
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void send(event)}>
        <Segmented<Kind> label={words.whom} value={kind} testId="invite-kind"
          options={kinds.map((value) => ({ value, label: words.kinds[value] }))}
          onChange={(next) => {
            setKind(next);
            setId(0);
          }} />
        {kind === 'team' && <TeamField places={places} value={id} onChange={setId} />}
        {kind === 'account' && <PersonField places={places} value={id} onChange={setId} />}
        {kind === 'issue' && (
          <Chosen label={words.issue} name="invite-issue" value={id} onChange={setId} resource={issues} hint={words.issueHint}
            rows={(issues.value ?? []).map((one) => ({ value: one.id, label: one.name }))} />
        )}
        {kind === 'external' && (
          <>
            <Chosen label={words.profile} name="invite-profile" value={id} onChange={setId} resource={profiles}
              hint={profiles.value?.length === 0 ? words.noProfiles : permissions && words.profileHint(permissions)}
              rows={(profiles.value ?? []).map((one) => ({ value: one.id, label: one.name }))} />
            <Select<number> label={words.life} name="invite-life" value={life} onChange={setLife} testId="invite-life"
              options={LIVES_S.map((value) => ({
                value, label: value < 3600 ? words.minutes(value / 60) : words.hours(value / 3600),
              }))} />
          </>
        )}
        <TextArea label={words.message} name="invite-message" rows={2} value={message} onInput={setMessage}
          hint={words.messageHint} testId="invite-message" spellcheck />
        <ErrorLine testId="invite-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" disabled={id === 0} aria-disabled={busy} data-testid="invite-send">
            {kind === 'external' ? words.make : words.send}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function ExternalKey({ made, onClose }: { made: ExternalInvitation; onClose: () => void }) {
  const words = text.side.invite;
  return (
    <>
      <p class="lead">{words.externalLead}</p>
      <p class="big-key" data-testid="external-invitation-key" aria-label={words.key}>{made.key}</p>
      <div class="field">
        <label for="external-url">{words.url}</label>
        <input id="external-url" class="mono" readOnly value={made.url} data-testid="external-invitation-url"
          onFocus={(event) => event.currentTarget.select()} />
      </div>
      <p class="hint">{words.until(formatDateTime(made.expires_unix_ms))}</p>
      <div class="actions">
        <CopyButton value={made.url} label={words.copyUrl} primary />
        <CopyButton value={made.key} label={words.copyKey} />
        <button type="button" class="push" data-testid="external-invitation-close" onClick={onClose}>{text.common.close}</button>
      </div>
    </>
  );
}

export function SponsorDialog({ state, session, onClose }: Omit<Props, 'tools'>) {
  const words = text.side.invite;
  const places = usePlaces(state.me?.account.id ?? 0);
  const [place, kind, id, choose] = usePlace();
  const [message, setMessage] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy || !place) {
      return;
    }
    setBusy(true);
    try {
      await sessionToolsApi.askSponsor(session.id, place, message.trim());
      tellEvent({ type: 'invitation_made' });
      onClose();
      toast(words.sent);
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <Dialog title={words.sponsorTitle} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void send(event)}>
        <p class="lead">{words.sponsorLead}</p>
        <PlaceFields places={places} kind={kind} id={id} onChange={choose} />
        <TextArea label={words.message} name="sponsor-message" rows={2} value={message} onInput={setMessage}
          hint={words.messageHint} testId="sponsor-message" spellcheck />
        <ErrorLine testId="sponsor-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" disabled={!place} aria-disabled={busy} data-testid="sponsor-send">
            {words.send}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
