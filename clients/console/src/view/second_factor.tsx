/* SPDX-License-Identifier: Apache-2.0 */
/* What comes behind the password: the second factor, the agreement, and setting a second factor up. */
import { useEffect, useState } from 'preact/hooks';
import { accountApi, type Agreement, type Factor, type SecondStep } from '../api/account';
import { sentence } from '../api/request';
import type { ConsoleState } from '../console_state';
import { text } from '../text';
import { askAuthenticator, hasAuthenticators, makeCredential } from '../webauthn';
import { CodesForm, factorSentence, RecoveryCodes } from './factor_dialogs';
import { ErrorLine, Field } from './parts';

export function SecondFactor({ state, step }: { state: ConsoleState; step: SecondStep }) {
  const usable = step.factors.filter((factor) => factor !== 'webauthn' || hasAuthenticators());
  const [factor, setFactor] = useState<Factor>(usable[0] ?? 'recovery_code');
  const [code, setCode] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || (factor !== 'webauthn' && code.trim() === '')) {
      setError(busy ? '' : text.factor.needCode);
      return;
    }
    setBusy(true);
    setError('');
    try {
      if (factor === 'webauthn') {
        await state.finishSignIn(accountApi.signInAuthenticator(step.attempt, await askAuthenticator(step.webauthn)));
      } else {
        await state.finishSignIn(accountApi.signInCode(factor, step.attempt, code.trim()));
      }
    } catch (caught) {
      setError(factorSentence(caught));
      setCode('');
      setBusy(false);
    }
  };

  return (
    <section class="card entry" aria-labelledby="entry-title">
      <h1 id="entry-title">{text.factor.title}</h1>
      <form onSubmit={(event) => void submit(event)} noValidate>
        {factor === 'webauthn'
          ? <p class="lead">{text.factor.authenticatorLead}</p>
          : (
            <Field key={factor} label={text.factor.label[factor]} name="code" value={code} onInput={setCode}
              autocomplete="one-time-code" testId="factor-code" autofocus invalid={error !== ''}
              describedBy="factor-error" />
          )}
        <ErrorLine id="factor-error" testId="factor-error">{error}</ErrorLine>
        <button type="submit" class="primary wide-button" data-testid="factor-go" aria-disabled={busy}>
          {busy ? text.signIn.busy : text.factor.go[factor]}
        </button>
      </form>
      {usable.filter((other) => other !== factor).map((other) => (
        <button key={other} type="button" class="wide-button" data-testid={`factor-${other}`}
          onClick={() => { setFactor(other); setError(''); }}>
          {text.factor.instead[other]}
        </button>
      ))}
      <button type="button" class="wide-button" data-testid="factor-back" onClick={() => state.startAgain()}>
        {text.factor.back}
      </button>
    </section>
  );
}

export function AgreementStep({ state }: { state: ConsoleState }) {
  const [agreement, setAgreement] = useState<Agreement | null>(null);
  const [error, setError] = useState('');

  useEffect(() => {
    accountApi.agreement().then((reply) => setAgreement(reply.agreement), (caught: unknown) => setError(sentence(caught)));
  }, []);

  const accept = async () => {
    if (agreement) {
      await state.finishStep(accountApi.acceptAgreement(agreement.version)).catch((caught: unknown) => setError(sentence(caught)));
    }
  };

  return (
    <section class="card entry" aria-labelledby="entry-title">
      <h1 id="entry-title">{agreement?.title ?? text.agreement.title}</h1>
      <p class="agreement" data-testid="agreement-text">{agreement?.text}</p>
      <ErrorLine id="agreement-error" testId="agreement-error">{error}</ErrorLine>
      <button type="button" class="primary wide-button" data-testid="agreement-accept" aria-disabled={!agreement}
        onClick={() => void accept()}>
        {text.agreement.accept}
      </button>
      <button type="button" class="wide-button" data-testid="agreement-refuse" onClick={() => void state.signOut()}>
        {text.agreement.refuse}
      </button>
    </section>
  );
}

export function FactorSetup({ state }: { state: ConsoleState }) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [error, setError] = useState('');

  const register = async () => {
    try {
      const offer = await accountApi.beginAuthenticator();
      const reply = await accountApi.addAuthenticator(offer.attempt, await makeCredential(offer.webauthn));
      setCodes(reply.recovery_codes ?? []);
    } catch (caught) {
      setError(factorSentence(caught));
    }
  };

  if (codes) {
    return (
      <section class="card entry" aria-labelledby="entry-title">
        <h1 id="entry-title">{text.setup.codesTitle}</h1>
        <p class="lead">{text.setup.codesLead}</p>
        <RecoveryCodes codes={codes} />
        <button type="button" class="primary wide-button" data-testid="setup-done"
          onClick={() => void state.loadMe()}>
          {text.setup.done}
        </button>
      </section>
    );
  }
  return (
    <section class="card entry" aria-labelledby="entry-title">
      <h1 id="entry-title">{text.setup.title}</h1>
      <p class="lead">{text.setup.lead}</p>
      <ErrorLine testId="setup-failed">{error}</ErrorLine>
      <CodesForm onCodes={setCodes} onFail={(caught) => setError(factorSentence(caught))} />
      {hasAuthenticators() && (
        <button type="button" class="wide-button" data-testid="setup-authenticator" onClick={() => void register()}>
          {text.setup.authenticator}
        </button>
      )}
    </section>
  );
}
