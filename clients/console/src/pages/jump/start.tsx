/* SPDX-License-Identifier: Apache-2.0 */
/* A Jump: at once when nothing is asked for, else after a dialog that says what the item's Jump policy wants. */
import { useState } from 'preact/hooks';
import { jumpApi, type JumpAccess } from '../../api/jump';
import { ApiError, sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { formatDateTime } from '../../text/format';
import { Check, Field, NumberField, TextArea } from '../../view/fields';
import { Icon } from '../../view/icon';
import { Loaded } from '../../view/page';
import { Dialog, ErrorLine } from '../../view/parts';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';

export interface Target { readonly id: number; readonly name: string }

/* Whether a person has to read or give something first. */
export function asksFirst(access: JumpAccess): boolean {
  const others = access.sessions.some((session) => !session.is_own);
  const own = access.sessions.some((session) => session.is_own);
  return !own && (!access.may_start || !access.is_open || access.ticket || access.second_factor || others ||
    (access.approval !== null && access.approval.state !== 'given') ||
    access.reach === 'offline' || access.reach === 'disabled');
}

/* Resolves to what the dialog is to begin with, or to null when the session is open. */
export async function startJump(state: ConsoleState, target: Target): Promise<{ target: Target; error: string } | null> {
  try {
    const { access } = await jumpApi.access(target.id);
    if (asksFirst(access)) {
      return { target, error: '' };
    }
    await state.jump(target);
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      toast(text.jump.gone, 'error');
      return null;
    }
    return { target, error: sentence(error) };
  }
}

const EVENTS = ['jump_approvals_changed', 'jump_items_changed', 'policies_changed'];

export function JumpDialog({ state, target, error, onClose }: {
  state: ConsoleState; target: Target; error: string; onClose: () => void;
}) {
  const access = useResource(async () => (await jumpApi.access(target.id)).access, EVENTS, [target.id]);
  return (
    <Dialog title={text.jump.dialog(target.name)} onClose={onClose}>
      <div class="jump-dialog" data-testid="jump-dialog">
        <Loaded resource={access} lines={3}>
          {(value) => <Questions state={state} target={target} access={value} first={error} onClose={onClose}
            reload={access.reload} />}
        </Loaded>
      </div>
    </Dialog>
  );
}

function Questions({ state, target, access, first, onClose, reload }: {
  state: ConsoleState; target: Target; access: JumpAccess; first: string; onClose: () => void; reload: () => Promise<void>;
}) {
  const [ticket, setTicket] = useState('');
  const [code, setCode] = useState('');
  const [override, setOverride] = useState(false);
  const [error, setError] = useState(first);
  const [busy, setBusy] = useState(false);
  const others = access.sessions.filter((session) => !session.is_own).map((session) => session.representative);
  const approved = access.approval === null || access.approval.state === 'given';
  const blocked = !access.may_start || (!access.is_open && !(access.may_override && override)) || !approved ||
    (access.second_factor && !access.has_code) || access.reach === 'offline' || access.reach === 'disabled' ||
    (others.length > 0 && access.second === 'disallow');

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || blocked) {
      return;
    }
    if (access.ticket && ticket.trim() === '') {
      setError(text.jump.ticketMissing);
      return;
    }
    if (access.second_factor && code.trim() === '') {
      setError(text.jump.codeMissing);
      return;
    }
    setBusy(true);
    setError('');
    try {
      await state.jump(target, {
        ...(access.ticket && { ticket: ticket.trim() }),
        ...(access.second_factor && { code: code.trim() }),
        ...(!access.is_open && override && { override: true }),
      });
      onClose();
    } catch (caught) {
      setBusy(false);
      setCode('');
      setError(sentence(caught));
      void reload();
    }
  };
  return (
    <>
      <Notices access={access} others={others} />
      {access.approval?.state === 'needed' && access.may_start && <AskApproval target={target} most={access.approval.minutes} reload={reload} />}
      {access.approval?.state === 'waits' && (
        <div class="jump-notice jump-notice-info" role="status" data-testid="jump-waits">
          <span class="spinner" aria-hidden="true" />
          <div>
            <p>{text.jump.waits(access.approval.request ?? 0)}</p>
            <p class="hint">{text.jump.waitsText}</p>
          </div>
        </div>
      )}
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        <ErrorLine testId="jump-error">{error}</ErrorLine>
        {access.ticket && approved && (
          <Field label={text.jump.ticket} hint={text.jump.ticketHint} value={ticket} onInput={setTicket} maxLength={128}
            testId="jump-ticket" autofocus />
        )}
        {access.second_factor && approved && (access.has_code ? (
          <Field label={text.jump.code} value={code} onInput={setCode} maxLength={16} autocomplete="one-time-code"
            testId="jump-code" autofocus={!access.ticket} />
        ) : (
          <p class="jump-notice jump-notice-warn">
            <Icon name="warning" /><span>{text.jump.noCode} <a href={hrefOf('/me/security')}>{text.jump.setUpCode}</a></span>
          </p>
        ))}
        {!access.is_open && access.may_override && (
          <Check label={text.jump.override} checked={override} onChange={setOverride} testId="jump-override" />
        )}
        <div class="actions end">
          <button type="button" data-testid="jump-cancel" onClick={onClose}>{text.common.actions.cancel}</button>
          {access.approval?.state !== 'needed' && (
            <button type="submit" class="primary" disabled={blocked || busy} aria-busy={busy} data-testid="jump-start">
              {busy ? text.jump.starting : others.length === 0 ? text.jump.jump
                : access.second === 'join' ? text.jump.join : text.jump.startAnother}
            </button>
          )}
        </div>
      </form>
    </>
  );
}

function Notices({ access, others }: { access: JumpAccess; others: readonly string[] }) {
  const who = others.join(', ');
  const policy = access.policy ? text.jump.byPolicy(access.policy.name) : '';
  return (
    <>
      {!access.may_start && <Notice tone="danger">{text.jump.notAllowed}</Notice>}
      {!access.is_open && (
        <Notice tone="warn" testId="jump-closed" below={policy}>
          {access.next_open_unix_ms === null ? text.jump.closedForLong
            : text.jump.closedUntil(formatDateTime(access.next_open_unix_ms))}
        </Notice>
      )}
      {access.reach === 'offline' && <Notice tone="danger">{text.jump.offline}</Notice>}
      {access.reach === 'disabled' && <Notice tone="danger">{text.jump.disabled}</Notice>}
      {access.reach === 'wakes' && <Notice tone="info">{text.jump.wakes}</Notice>}
      {others.length > 0 && (
        <Notice tone={access.second === 'disallow' ? 'danger' : 'info'} testId="jump-others">
          {access.second === 'join' ? text.jump.sessionJoin(who)
            : access.second === 'another' ? text.jump.sessionAnother(who) : text.jump.sessionDisallow(who)}
        </Notice>
      )}
      {access.approval?.state === 'given' && access.approval.ends_unix_ms !== null && (
        <Notice tone="ok" testId="jump-given">{text.jump.given(formatDateTime(access.approval.ends_unix_ms))}</Notice>
      )}
      {access.is_open && access.is_strict && access.next_close_unix_ms !== null && (
        <Notice tone="info">{text.jump.closes(formatDateTime(access.next_close_unix_ms))}</Notice>
      )}
      {access.tells && <Notice tone="info">{text.jump.tells}</Notice>}
      {access.recording !== 'off' && <Notice tone="info">{text.jump.recorded}</Notice>}
    </>
  );
}

function Notice({ tone, children, below, testId }: {
  tone: 'info' | 'ok' | 'warn' | 'danger'; children: string; below?: string; testId?: string;
}) {
  return (
    <div class={`jump-notice jump-notice-${tone}`} data-testid={testId}>
      <Icon name={tone === 'ok' ? 'check' : tone === 'info' ? 'info' : 'warning'} />
      <div>
        <p>{children}</p>
        {below && <p class="hint">{below}</p>}
      </div>
    </div>
  );
}

function AskApproval({ target, most, reload }: { target: Target; most: number; reload: () => Promise<void> }) {
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState<number | null>(most);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const ask = async (event: Event) => {
    event.preventDefault();
    if (reason.trim() === '') {
      setError(text.jump.reasonMissing);
      return;
    }
    if (minutes === null || minutes < 1 || minutes > most) {
      setError(text.jump.minutesWrong(most));
      return;
    }
    setBusy(true);
    setError('');
    try {
      await jumpApi.askApproval(target.id, reason.trim(), minutes);
      toast(text.jump.asked(target.name));
      await reload();
    } catch (caught) {
      setError(sentence(caught));
    }
    setBusy(false);
  };
  return (
    <form class="form jump-ask" noValidate onSubmit={(event) => void ask(event)}>
      <p>{text.jump.approvalNeeded}</p>
      <ErrorLine testId="jump-ask-error">{error}</ErrorLine>
      <TextArea label={text.jump.reason} hint={text.jump.reasonHint} value={reason} onInput={setReason} rows={3} maxLength={500}
        testId="jump-reason" />
      <NumberField label={text.jump.minutes} unit={text.jump.minutesUnit} value={minutes} onInput={setMinutes} min={1} max={most}
        testId="jump-minutes" />
      <button type="submit" class="primary" disabled={busy} aria-busy={busy} data-testid="jump-ask">{text.jump.ask}</button>
    </form>
  );
}
