/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up one-time codes, adding a passkey, and showing recovery codes once. */
import { useEffect, useState } from 'preact/hooks';
import { accountApi } from '../api/account';
import { ApiError, sentence } from '../api/request';
import { text } from '../text';
import { makeCredential } from '../webauthn';
import { Field } from './fields';
import { CopyButton, Dialog, ErrorLine } from './parts';
import { QrPicture } from './qr_picture';

/* What the browser throws when the person said no is no sentence for the page. */
export function factorSentence(caught: unknown): string {
  return caught instanceof DOMException ? text.factor.authenticatorFailed : sentence(caught);
}

export function isStale(caught: unknown): boolean {
  return caught instanceof ApiError && caught.code === 'SIGN_IN_AGAIN';
}

interface Offer {
  readonly attempt: string;
  readonly secret: string;
  readonly uri: string;
}

interface CodesProps {
  onCodes: (recoveryCodes: readonly string[]) => void;
  onFail: (caught: unknown) => void; /* it could not even begin */
}

/* The code to scan, the secret to type, and the first code of the app. */
export function CodesForm({ onCodes, onFail }: CodesProps) {
  const [offer, setOffer] = useState<Offer | null>(null);
  const [code, setCode] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    accountApi.beginCodes().then(setOffer, onFail);
  }, []);
  const confirmCode = async (event: Event) => {
    event.preventDefault();
    if (!offer || busy || code.trim() === '') {
      setError(busy ? '' : text.factor.needCode);
      return;
    }
    setBusy(true);
    try {
      onCodes((await accountApi.confirmCodes(offer.attempt, code.trim())).recovery_codes);
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void confirmCode(event)} noValidate>
      <div class="qr-row">
        <div class="qr-box">{offer && <QrPicture content={offer.uri} label={text.setup.qr} />}</div>
        <div>
          <p>{text.setup.scan}</p>
          <p class="hint">{text.setup.orType}</p>
          <p><code class="secret" data-testid="setup-secret">{offer?.secret}</code></p>
        </div>
      </div>
      <Field label={text.factor.label.totp} name="code" value={code} onInput={setCode} autocomplete="one-time-code"
        testId="setup-code" describedBy="setup-error" />
      <ErrorLine id="setup-error" testId="setup-error">{error}</ErrorLine>
      <button type="submit" class="primary wide-button" data-testid="setup-confirm" aria-busy={busy}>{text.setup.confirm}</button>
    </form>
  );
}

export function CodesDialog({ onDone, onClose, onFail }: {
  onDone: (recoveryCodes: readonly string[]) => void; onClose: () => void; onFail: (caught: unknown) => void;
}) {
  return (
    <Dialog title={text.security.codesSetUp} onClose={onClose}>
      <CodesForm onCodes={onDone} onFail={onFail} />
    </Dialog>
  );
}

export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <>
      <ul class="recovery-codes" data-testid="recovery-codes">{codes.map((one) => <li key={one}><code>{one}</code></li>)}</ul>
      <CopyButton value={codes.join('\n')} label={text.setup.copyCodes} />
    </>
  );
}

export function RecoveryDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Dialog title={text.setup.codesTitle} onClose={onClose}>
      <p class="lead">{text.setup.codesLead}</p>
      <RecoveryCodes codes={codes} />
      <div class="actions end">
        <button type="button" class="primary" data-testid="codes-stored" onClick={onClose}>{text.setup.done}</button>
      </div>
    </Dialog>
  );
}

export function PasskeyDialog({ onDone, onClose, onFail }: {
  onDone: (recoveryCodes: readonly string[] | null) => void; onClose: () => void; onFail: (caught: unknown) => void;
}) {
  const [name, setName] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const add = async (event: Event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    if (name.trim() === '') {
      setError(text.security.passkeyNeedsName);
      return;
    }
    setBusy(true);
    setError('');
    try {
      const offer = await accountApi.beginAuthenticator();
      const credential = await makeCredential(offer.webauthn);
      onDone((await accountApi.addAuthenticator(offer.attempt, credential, name.trim())).recovery_codes);
    } catch (caught) {
      if (isStale(caught)) {
        onFail(caught);
      } else {
        setError(factorSentence(caught));
        setBusy(false);
      }
    }
  };
  return (
    <Dialog title={text.security.passkeyAdd} onClose={onClose}>
      <form onSubmit={(event) => void add(event)} noValidate>
        <p class="lead">{text.security.passkeyLead}</p>
        <Field label={text.security.passkeyName} name="passkey-name" value={name} onInput={setName} maxLength={64} autofocus
          testId="passkey-name" hint={text.security.passkeyNameHint} describedBy="passkey-error" />
        <ErrorLine id="passkey-error" testId="passkey-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" data-testid="passkey-go" aria-busy={busy}>
            {busy ? text.security.passkeyBusy : text.security.passkeyGo}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
