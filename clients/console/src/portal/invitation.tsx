/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody without an account is invited to a session: a name, and in. */
import type { ComponentType } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { portalApi } from '../api/portal';
import { tidyKey } from '../portal_key';
import { text } from '../text/portal';
import { Ed25519Missing, HolderKey } from '../wire/ticket';
import { Entry, FieldError, focusFirstError, StepTitle } from './parts';
import { refusal } from './refusal';

export interface GuestProps {
  session: number;
  ticket: string;
  holder: HolderKey;
  name: string;
}

/* The session's tab is much, and most visitors never need it. */
async function loadGuest(): Promise<ComponentType<GuestProps>> {
  return (await import('./guest')).Guest;
}

function joinRefusal(error: unknown): string {
  if (error instanceof Ed25519Missing) {
    return text.common.errors.noEd25519;
  }
  return refusal(error, { 404: text.portal.invitation.wrong, 410: text.portal.invitation.over,
    429: text.portal.key.tooMany, 0: text.common.errors.unreachable, 503: text.common.errors.unavailable });
}

export function Invitation({ initialKey }: { initialKey: string }) {
  const [key, setKey] = useState(initialKey);
  const [name, setName] = useState('');
  const [missing, setMissing] = useState<{ key: string; name: string }>({ key: '', name: '' });
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [joined, setJoined] = useState<(GuestProps & { View: ComponentType<GuestProps> }) | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const join = async (event: Event) => {
    event.preventDefault();
    const found = {
      key: tidyKey(key) === '' ? text.portal.invitation.needKey : '',
      name: name.trim() === '' ? text.portal.invitation.needName : '',
    };
    setMissing(found);
    if (found.key !== '' || found.name !== '') {
      focusFirstError(form.current);
      return;
    }
    if (busy) {
      return;
    }
    setBusy(true);
    setError('');
    try {
      const holder = await HolderKey.create();
      const View = await loadGuest();
      const { session, ticket } = await portalApi.joinInvitation(tidyKey(key), name.trim(), holder.publicKey);
      setJoined({ session, ticket, holder, name: name.trim(), View });
    } catch (caught) {
      setError(joinRefusal(caught));
      setBusy(false);
    }
  };
  if (joined) {
    const { View, ...props } = joined;
    return <View {...props} />;
  }
  return (
    <section class="card part step" data-testid="invitation">
      <StepTitle>{text.portal.invitation.title}</StepTitle>
      <p class="lead">{text.portal.invitation.lead}</p>
      <form ref={form} noValidate onSubmit={(event) => void join(event)}>
        <Entry name="name" label={text.portal.invitation.name} value={name} required autocomplete="name" maxLength={128}
          hint={text.portal.invitation.nameHint} error={missing.name} testId="guest-name" onInput={setName} />
        <Entry name="invitation" label={text.portal.invitation.key} value={key} required maxLength={64}
          hint={text.portal.invitation.keyHint} error={missing.key} testId="guest-key" onInput={setKey} />
        <FieldError id="invitation-error" testId="guest-error">{error}</FieldError>
        <button type="submit" class="primary wide-button" aria-disabled={busy} data-testid="guest-join">
          {busy ? text.portal.invitation.joining : text.portal.invitation.join}
        </button>
      </form>
    </section>
  );
}
