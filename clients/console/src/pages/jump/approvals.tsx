/* SPDX-License-Identifier: Apache-2.0 */
/* Jumps that need somebody else's consent: what waits, and what was decided. */
import { useState } from 'preact/hooks';
import { approvalsOf, isWaiting } from '../../approvals';
import { jumpApi, type Approval } from '../../api/jump';
import { sentence } from '../../api/request';
import type { PageProps } from '../../pages';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { compareText, formatAgo, formatDateTime, formatNumber } from '../../text/format';
import { NumberField, TextArea } from '../../view/fields';
import { useNow } from '../../view/hooks';
import { Badge, Empty, Loaded, Page, type Tone } from '../../view/page';
import { Dialog, ErrorLine } from '../../view/parts';
import { useResource } from '../../view/resource';
import { Table } from '../../view/table';
import { Tabs } from '../../view/tabs';
import { toast } from '../../view/toast';
import { JumpNav } from './nav';

const NOW_MS = 10_000;
const tones: Readonly<Record<Approval['state'], Tone>> = { waits: 'warn', given: 'ok', refused: 'danger' };

export default function ApprovalsPage({ state }: PageProps) {
  const [tab, setTab] = useState('waiting');
  const [deciding, setDeciding] = useState<{ approval: Approval; approve: boolean } | null>(null);
  const now = useNow(NOW_MS);
  const all = useResource(() => approvalsOf(''), ['jump_approval_wanted', 'jump_approvals_changed']);
  const waiting = (all.value ?? []).filter((one) => isWaiting(one, now));
  const decided = (all.value ?? []).filter((one) => one.state !== 'waits').reverse();
  return (
    <Page title={text.jump.approvals} lead={text.jump.approvalsLead} testId="approvals-page"
      actions={<JumpNav state={state} current="/jump/approvals" />}>
      <Tabs label={text.jump.approvals} current={tab} onChange={setTab} tabs={[
        { id: 'waiting', title: text.jump.waiting, count: waiting.length }, { id: 'decided', title: text.jump.decided },
      ]}>
        <Loaded resource={all}>
          {() => (tab === 'waiting' ? (
            waiting.length === 0 ? <Empty title={text.jump.noWaiting} /> : (
              <ul class="jump-approval-list" data-testid="approvals-waiting">
                {waiting.map((one) => (
                  <Waiting key={one.id} approval={one} now={now} isOwn={one.user === state.me!.account.user}
                    decide={(approve) => setDeciding({ approval: one, approve })} />
                ))}
              </ul>
            )
          ) : <Decided approvals={decided} now={now} />)}
        </Loaded>
      </Tabs>
      {deciding && <Decide {...deciding} onClose={() => setDeciding(null)} />}
    </Page>
  );
}

function Waiting({ approval, now, isOwn, decide }: {
  approval: Approval; now: number; isOwn: boolean; decide: (approve: boolean) => void;
}) {
  return (
    <li class="card jump-approval" data-testid={`approval-${approval.id}`}>
      <div class="jump-approval-main">
        <p class="jump-approval-title">
          <bdi class="item-name">{approval.user}</bdi>
          <span aria-hidden="true">→</span>
          <a href={hrefOf(`/jump/${approval.jump_item}`)}><bdi>{approval.name}</bdi></a>
          <Badge>{text.jump.forMinutes(formatNumber(approval.minutes))}</Badge>
        </p>
        {approval.reason && <p class="jump-comments"><bdi>{approval.reason}</bdi></p>}
        <p class="hint"><time title={formatDateTime(approval.created_unix_ms)}>{formatAgo(approval.created_unix_ms, now)}</time></p>
      </div>
      <div class="actions">
        {isOwn ? <Badge>{text.jump.ownRequest}</Badge> : (
          <>
            <button type="button" data-testid={`deny-${approval.id}`} onClick={() => decide(false)}>{text.jump.deny}</button>
            <button type="button" class="primary" data-testid={`approve-${approval.id}`} onClick={() => decide(true)}>{text.jump.approve}</button>
          </>
        )}
      </div>
    </li>
  );
}

function Decided({ approvals, now }: { approvals: readonly Approval[]; now: number }) {
  return (
    <Table<Approval> name="jump_approvals" label={text.jump.decided} rows={approvals} rowKey={(one) => one.id}
      empty={<Empty title={text.jump.noDecided} />} testId="approvals-decided"
      rowProps={(one) => ({ 'data-testid': `approval-${one.id}` })} columns={[
        { id: 'user', title: text.jump.who, width: 110, fixed: true, sort: (a, b) => compareText(a.user, b.user), value: (one) => <bdi>{one.user}</bdi> },
        { id: 'name', title: text.jump.item, width: 150, fixed: true, sort: (a, b) => compareText(a.name, b.name),
          value: (one) => <a href={hrefOf(`/jump/${one.jump_item}`)}><bdi>{one.name}</bdi></a> },
        { id: 'state', title: text.jump.result, width: 110, grow: 0, sort: (a, b) => compareText(a.state, b.state),
          value: (one) => <Badge tone={tones[one.state]}>{text.jump.approvalState[one.state]}</Badge> },
        { id: 'reason', title: text.jump.reason, width: 180, value: (one) => <bdi title={one.reason}>{one.reason}</bdi> },
        { id: 'answer', title: text.jump.answer, width: 140, value: (one) => <bdi title={one.answer}>{one.answer}</bdi> },
        { id: 'by', title: text.jump.decidedBy, width: 110, value: (one) => <bdi>{one.decided_by}</bdi> },
        { id: 'when', title: text.jump.since, width: 140, sort: (a, b) => (a.decided_unix_ms ?? 0) - (b.decided_unix_ms ?? 0),
          value: (one) => one.decided_unix_ms && <time title={formatDateTime(one.decided_unix_ms)}>{formatAgo(one.decided_unix_ms, now)}</time> },
        { id: 'until', title: text.jump.until, width: 150, value: (one) => one.ends_unix_ms && formatDateTime(one.ends_unix_ms) },
      ]} />
  );
}

function Decide({ approval, approve, onClose }: { approval: Approval; approve: boolean; onClose: () => void }) {
  const [minutes, setMinutes] = useState<number | null>(approval.minutes);
  const [answer, setAnswer] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (approve && (minutes === null || minutes < 1 || minutes > approval.minutes)) {
      setError(text.jump.minutesWrong(approval.minutes));
      return;
    }
    setBusy(true);
    try {
      if (approve) {
        await jumpApi.approve(approval.id, minutes ?? approval.minutes, answer.trim());
      } else {
        await jumpApi.deny(approval.id, answer.trim());
      }
      toast(approve ? text.jump.approvedDone : text.jump.deniedDone);
      onClose();
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <Dialog title={approve ? text.jump.approveTitle(approval.user, approval.name) : text.jump.denyTitle(approval.user, approval.name)}
      onClose={onClose}>
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        <ErrorLine testId="decide-error">{error}</ErrorLine>
        {approval.reason && <blockquote class="jump-comments"><bdi>{approval.reason}</bdi></blockquote>}
        {approve && (
          <NumberField label={text.jump.minutes} unit={text.jump.minutesUnit} min={1} max={approval.minutes} value={minutes}
            onInput={setMinutes} testId="decide-minutes" />
        )}
        <TextArea label={text.jump.answer} hint={text.jump.answerHint} rows={2} maxLength={500} value={answer} onInput={setAnswer}
          testId="decide-answer" />
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class={approve ? 'primary' : 'danger-solid'} disabled={busy} aria-busy={busy} data-testid="decide">
            {approve ? text.jump.approve : text.jump.deny}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
