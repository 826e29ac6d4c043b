/* SPDX-License-Identifier: Apache-2.0 */
/* How one signs in, and where one is signed in. */
import { useState } from 'preact/hooks';
import { accountApi, AUTHENTICATORS_MAX, type Authenticator, type Factors, type Place } from '../../api/account';
import { sentence } from '../../api/request';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { formatAgo, formatDate, formatDateTime, formatNumber } from '../../text/format';
import { hasAuthenticators } from '../../webauthn';
import { confirm } from '../../view/confirm';
import { CodesDialog, factorSentence, isStale, PasskeyDialog, RecoveryDialog } from '../../view/factor_dialogs';
import { useNow } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Badge, Card, Empty, Loaded, Page } from '../../view/page';
import { useResource, type Resource } from '../../view/resource';
import { PasswordForm } from '../../view/sign_in';
import { toast } from '../../view/toast';

type Open = 'none' | 'codes' | 'passkey';

export default function SecurityPage({ state }: PageProps) {
  const factors = useResource(() => accountApi.factors());
  const places = useResource(async () => (await accountApi.places()).sign_ins, ['sign_ins_changed']);
  const [turn, setTurn] = useState(0);
  const [open, setOpen] = useState<Open>('none');
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [error, setError] = useState('');
  const [stale, setStale] = useState(false);

  const fail = (caught: unknown) => {
    setOpen('none');
    setStale(isStale(caught));
    setError(factorSentence(caught));
  };
  const done = (fresh: readonly string[] | null, said: string) => {
    setOpen('none');
    setError('');
    setStale(false);
    setCodes(fresh);
    toast(said);
    void factors.reload();
  };
  const remove = async (title: string, lead: string, run: () => Promise<unknown>) => {
    if (await confirm({ title, text: lead, action: text.common.actions.remove, danger: true })) {
      await run().then(() => done(null, text.security.removed), fail);
    }
  };
  const renew = async () => {
    const yes = await confirm({
      title: text.security.renewTitle, text: text.security.renewText, action: text.security.renew,
    });
    if (yes) {
      await accountApi.renewRecoveryCodes().then((reply) => done(reply.recovery_codes, text.security.renewed), fail);
    }
  };
  return (
    <Page title={text.security.title} lead={text.security.lead} width="text" error={error} testId="security-page"
      actions={stale && (
        <button type="button" class="primary" data-testid="sign-in-again" onClick={() => void state.signOut()}>
          {text.security.signInAgain}
        </button>
      )}>
      <Card title={text.security.password} testId="security-password">
        <PasswordForm key={turn} state={state} onDone={() => {
          setTurn(turn + 1);
          toast(text.password.changed);
          void places.reload();
        }} />
      </Card>
      <Card title={text.security.secondFactor} testId="security-factors"
        actions={factors.value?.required && <Badge tone="accent">{text.security.required}</Badge>}>
        <Loaded resource={factors}>
          {(value) => (
            <>
              <CodesRow value={value} onSetUp={() => setOpen('codes')} onRemove={() =>
                void remove(text.security.codesRemove, text.security.codesRemoveText, () => accountApi.removeCodes())} />
              <Passkeys value={value} onAdd={() => setOpen('passkey')} onRemove={(one) =>
                void remove(text.security.passkeyRemove(one.name || text.security.unnamed), text.security.passkeyRemoveText,
                  () => accountApi.removeAuthenticator(one.id))} />
              <RecoveryRow value={value} onRenew={() => void renew()} />
            </>
          )}
        </Loaded>
      </Card>
      <Places places={places} />
      {open === 'codes' && (
        <CodesDialog onClose={() => setOpen('none')} onFail={fail} onDone={(fresh) => done(fresh, text.security.codesOn)} />
      )}
      {open === 'passkey' && (
        <PasskeyDialog onClose={() => setOpen('none')} onFail={fail} onDone={(fresh) => done(fresh, text.security.passkeyAdded)} />
      )}
      {codes && codes.length > 0 && <RecoveryDialog codes={codes} onClose={() => setCodes(null)} />}
    </Page>
  );
}

function CodesRow({ value, onSetUp, onRemove }: { value: Factors; onSetUp: () => void; onRemove: () => void }) {
  return (
    <div class="way" data-testid="way-codes" data-on={value.totp}>
      <Icon name="clock" />
      <div class="way-text">
        <h3>{text.security.codes} {value.totp && <Badge tone="ok">{text.security.on}</Badge>}</h3>
        <p class="hint">{text.security.codesHint}</p>
      </div>
      <div class="actions">
        <button type="button" data-testid="codes-set-up" onClick={onSetUp}>
          {value.totp ? text.security.replace : text.security.setUp}
        </button>
        {value.totp && <button type="button" class="quiet" data-testid="codes-remove" onClick={onRemove}>{text.common.actions.remove}</button>}
      </div>
    </div>
  );
}

function Passkeys({ value, onAdd, onRemove }: { value: Factors; onAdd: () => void; onRemove: (one: Authenticator) => void }) {
  const full = value.authenticators.length >= AUTHENTICATORS_MAX;
  return (
    <>
      <div class="way" data-testid="way-passkeys">
        <Icon name="key" />
        <div class="way-text">
          <h3>{text.security.passkeys} {value.authenticators.length > 0 && (
            <Badge tone="ok">{text.security.passkeyCount(formatNumber(value.authenticators.length), AUTHENTICATORS_MAX)}</Badge>)}</h3>
          <p class="hint">{hasAuthenticators() ? text.security.passkeysHint : text.security.passkeysUnable}</p>
        </div>
        <div class="actions">
          <button type="button" data-testid="passkey-add" disabled={full || !hasAuthenticators()} onClick={onAdd}>
            {text.common.actions.add}
          </button>
        </div>
      </div>
      {value.authenticators.length > 0 && (
        <ul class="way-list">
          {value.authenticators.map((one) => (
            <li key={one.id} data-testid={`passkey-${one.id}`}>
              <span class="way-text">
                <bdi>{one.name || text.security.unnamed}</bdi>
                <span class="hint">
                  {text.security.added(formatDate(one.created_unix_ms))}
                  {' · '}
                  {one.last_used_unix_ms === null ? text.security.neverUsed : text.security.used(formatDateTime(one.last_used_unix_ms))}
                </span>
              </span>
              <button type="button" class="quiet" data-testid={`passkey-remove-${one.id}`}
                aria-label={text.security.passkeyRemoveOf(one.name || text.security.unnamed)} onClick={() => onRemove(one)}>
                {text.common.actions.remove}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function RecoveryRow({ value, onRenew }: { value: Factors; onRenew: () => void }) {
  const has = value.totp || value.authenticators.length > 0;
  return (
    <div class="way" data-testid="way-recovery">
      <Icon name="shield" />
      <div class="way-text">
        <h3>{text.security.recovery} {has && (
          <Badge tone={value.recovery_codes_left < 3 ? 'warn' : 'neutral'}>{text.security.left(value.recovery_codes_left)}</Badge>)}</h3>
        <p class="hint">{text.security.recoveryHint}</p>
      </div>
      <div class="actions">
        <button type="button" data-testid="recovery-renew" disabled={!has} onClick={onRenew}>{text.security.renew}</button>
      </div>
    </div>
  );
}

const NOW_INTERVAL_MS = 30_000;

function Places({ places }: { places: Resource<Place[]> }) {
  const now = useNow(NOW_INTERVAL_MS);
  const end = async (question: { title: string; text: string }, run: () => Promise<unknown>) => {
    if (await confirm({ ...question, action: text.security.end, danger: true })) {
      await run().then(() => toast(text.security.ended), (caught: unknown) => toast(sentence(caught), 'error'));
      await places.reload();
    }
  };
  const others = (places.value ?? []).filter((place) => !place.current);
  return (
    <Card title={text.security.places} lead={text.security.placesLead} testId="security-places" actions={others.length > 0 && (
      <button type="button" data-testid="end-others" onClick={() =>
        void end({ title: text.security.endOthersTitle, text: text.security.endOthersText }, () => accountApi.endOtherPlaces())}>
        {text.security.endOthers}
      </button>
    )}>
      <Loaded resource={places}>
        {(rows) => (rows.length === 0 ? <Empty title={text.security.noPlaces} /> : (
          <ul class="way-list places">
            {rows.map((place) => (
              <li key={place.id} data-testid={`place-${place.id}`} data-current={place.current}>
                <span class="way-text">
                  <bdi>{place.address} {place.current && <Badge tone="ok">{text.security.here}</Badge>}
                    {place.remembered && <Badge>{text.security.remembered}</Badge>}</bdi>
                  <span class="hint">
                    {text.security.since(formatDateTime(place.signed_in_unix_ms))}
                    {' · '}
                    {text.security.lastUsed(formatAgo(place.last_used_unix_ms, now))}
                  </span>
                </span>
                {!place.current && (
                  <button type="button" class="quiet" data-testid={`end-place-${place.id}`}
                    aria-label={text.security.endOf(place.address)} onClick={() =>
                      void end({ title: text.security.endTitle(place.address), text: text.security.endText },
                        () => accountApi.endPlace(place.id))}>
                    {text.security.end}
                  </button>
                )}
              </li>
            ))}
          </ul>
        ))}
      </Loaded>
    </Card>
  );
}
