/* SPDX-License-Identifier: Apache-2.0 */
/* What a customer reads before a session: the agreement, and that it may be recorded. */
import { useState } from 'preact/hooks';
import type { Terms as Asked } from '../api/portal';
import { text } from '../text/portal';
import { keyRefusal } from './key_card';
import { FieldError, Icon, Prose, StepTitle } from './parts';

export function recordingText(terms: Asked): string {
  return terms.recording === undefined || terms.recording === '' ? ''
    : terms.recording_is_own ? terms.recording : text.portal.terms.recording;
}

interface Props {
  terms: Asked;
  onAccept: () => Promise<void>;
  onDecline: () => void;
}

export function Terms({ terms, onAccept, onDecline }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const recording = recordingText(terms);
  const accept = async () => {
    if (busy) {
      return;
    }
    setBusy(true);
    setError('');
    try {
      await onAccept();
    } catch (caught) {
      setError(keyRefusal(caught));
      setBusy(false);
    }
  };
  return (
    <section class="card part step" data-testid="terms">
      <StepTitle>{text.portal.terms.title}</StepTitle>
      <h2>{text.portal.terms.agreement}</h2>
      <div class="agreement" tabIndex={0} role="region" aria-label={text.portal.terms.agreement}>
        <Prose testId="agreement">{terms.agreement ?? ''}</Prose>
      </div>
      {recording !== '' && (
        <div class="banner">
          <Icon name="record" />
          <Prose>{recording}</Prose>
        </div>
      )}
      <FieldError id="terms-error">{error}</FieldError>
      <div class="actions">
        <button type="button" class="primary" data-testid="accept-terms" aria-disabled={busy}
          onClick={() => void accept()}>
          {text.portal.terms.accept}
        </button>
        <button type="button" data-testid="decline-terms" onClick={onDecline}>{text.portal.terms.decline}</button>
      </div>
    </section>
  );
}
