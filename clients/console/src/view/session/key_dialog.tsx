/* SPDX-License-Identifier: Apache-2.0 */
/* A session key for a customer: read out, sent as an address, or as an e-mail. One is made at once with the defaults;
 * another choice makes another. */
import { useEffect, useState } from 'preact/hooks';
import { get, sentence } from '../../api/request';
import { sessionsApi, type KeyWishes, type SessionKey } from '../../api/sessions';
import type { ConsoleState } from '../../console_state';
import { text } from '../../text';
import { formatRemaining } from '../../text/format';
import { Select } from '../fields';
import { useNow } from '../hooks';
import { CopyButton, Dialog, ErrorLine } from '../parts';
import { useResource } from '../resource';

const LIVES_S = [0, 600, 1800, 3600, 28_800, 86_400, 604_800];

function lifeText(seconds: number): string {
  const words = text.side.key;
  return seconds === 0 ? words.standard : seconds < 3600 ? words.minutes(seconds / 60)
    : seconds < 86_400 ? words.hours(seconds / 3600) : words.days(seconds / 86_400);
}

export function SessionKeyDialog({ state, onClose }: { state: ConsoleState; onClose: () => void }) {
  const [key, setKey] = useState<SessionKey | null>(null);
  const [error, setError] = useState('');
  const [life, setLife] = useState(0);
  const [team, setTeam] = useState(0);
  const [portal, setPortal] = useState(0);
  const portals = useResource(async () => (await get<{ portals: { id: number; name: string }[] }>('portals')).portals);
  const teams = state.me?.teams ?? [];
  const create = () => {
    const wishes: KeyWishes = {
      ...(life > 0 && { life_s: life }), ...(team > 0 && { team }), ...(portal > 0 && { portal }),
    };
    setError('');
    setKey(null);
    sessionsApi.createKey(wishes).then(setKey, (caught: unknown) => setError(sentence(caught)));
  };
  useEffect(create, [life, team, portal]);
  const words = text.side.key;
  return (
    <Dialog title={text.sessionKey.title} onClose={onClose} wide>
      <p class="lead">{text.sessionKey.lead}</p>
      <ErrorLine testId="session-key-error">{error}</ErrorLine>
      {key ? <KeyDetails sessionKey={key} onAgain={create} /> : (
        <div class="key-room" role="status">{error === '' && text.common.loading}</div>
      )}
      <div class="key-choices">
        <Select<number> label={words.life} name="key-life" value={life} onChange={setLife} testId="key-life"
          options={LIVES_S.map((value) => ({ value, label: lifeText(value) }))} />
        <Select<number> label={words.place} name="key-team" value={team} onChange={setTeam} testId="key-team"
          options={[{ value: 0, label: words.mine }, ...teams.map((one) => ({ value: one.id, label: one.name }))]} />
        <Select<number> label={words.portal} name="key-portal" value={portal} onChange={setPortal} testId="key-portal"
          options={[{ value: 0, label: words.standard },
            ...(portals.value ?? []).map((one) => ({ value: one.id, label: one.name }))]} />
      </div>
      {error !== '' && <button type="button" onClick={create}>{text.common.tryAgain}</button>}
    </Dialog>
  );
}

function KeyDetails({ sessionKey, onAgain }: { sessionKey: SessionKey; onAgain: () => void }) {
  const now = useNow(1000);
  const left = sessionKey.expires_unix_ms - now;
  const expired = left <= 0;
  const { email } = sessionKey;
  return (
    <div class="key-details">
      <p class={`big-key ${expired ? 'expired' : ''}`} data-testid="session-key-value" aria-label={text.sessionKey.key}>
        {sessionKey.key}
      </p>
      <div class="countdown-line">
        <p class="countdown" role={expired ? 'alert' : 'timer'}>
          {expired ? text.sessionKey.expired : text.sessionKey.expiresIn(formatRemaining(left))}
        </p>
        <button type="button" class="quiet" data-testid="session-key-again" onClick={onAgain}>
          {expired ? text.sessionKey.again : text.side.key.change}
        </button>
      </div>
      <div class="field">
        <label for="session-key-url">{text.sessionKey.url}</label>
        <input id="session-key-url" class="mono" readOnly value={sessionKey.url} data-testid="session-key-url"
          onFocus={(event) => event.currentTarget.select()} />
      </div>
      <div class="actions">
        <CopyButton value={sessionKey.key} label={text.sessionKey.copyKey} primary />
        <CopyButton value={sessionKey.url} label={text.sessionKey.copyUrl} />
        {email && /^mailto:/.test(email.mailto) && (
          <>
            <a class="button" href={email.mailto} data-testid="session-key-mail">{text.side.key.openMail}</a>
            <CopyButton value={`${email.subject}\n\n${email.body}`} label={text.side.key.copyMail} />
          </>
        )}
      </div>
    </div>
  );
}
