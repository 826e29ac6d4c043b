/* SPDX-License-Identifier: Apache-2.0 */
/* Gives a session to a team's queue or to a representative; and the dialog that asks why something is declined. */
import { useState } from 'preact/hooks';
import { queueApi } from '../api/queue';
import { sentence } from '../api/request';
import type { ConsoleState } from '../console_state';
import { text } from '../text';
import { compareText } from '../text/format';
import { Field, Select } from './fields';
import { Empty, Loaded } from './page';
import { Dialog, ErrorLine } from './parts';
import { loadAll, useResource } from './resource';
import { toast } from './toast';

interface Subject {
  readonly session: number;
  readonly customer: string;
  readonly team: number | null;
}

interface DialogProps {
  state: ConsoleState;
  entry: Subject;
  onClose: () => void;
}

const REASON_MAX = 250;

/* Runs what a dialog is for; says what went wrong in it. */
function useSubmit(onDone: () => void) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (run: () => Promise<unknown>, said: string) => {
    if (busy) {
      return;
    }
    setBusy(true);
    setError('');
    try {
      await run();
      toast(said);
      onDone();
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return { error, busy, submit };
}

export function TransferDialog({ state, entry, onClose }: DialogProps) {
  const teams = useResource(async () => {
    const all = await loadAll(async (after) => {
      const page = await queueApi.teams(after);
      return { rows: page.teams, next: page.next };
    });
    return all.filter((team) => team.role !== 'none' || state.may('transfer_other_team'))
      .sort((a, b) => compareText(a.name, b.name));
  });
  return (
    <Dialog title={text.queues.transferTitle(entry.customer)} onClose={onClose}>
      <p class="lead">{text.queues.transferText}</p>
      <Loaded resource={teams} lines={3}>
        {(all) => (all.length === 0 ? <Empty title={text.queues.noTeams} /> : (
          <TransferForm entry={entry} teams={all} onClose={onClose} />
        ))}
      </Loaded>
    </Dialog>
  );
}

function TransferForm({ entry, teams, onClose }: {
  entry: Subject; teams: readonly { readonly id: number; readonly name: string }[]; onClose: () => void;
}) {
  const [team, setTeam] = useState(teams.find((one) => one.id !== entry.team)?.id ?? teams[0]!.id);
  const [person, setPerson] = useState(0);
  const [reason, setReason] = useState('');
  const { error, busy, submit } = useSubmit(onClose);
  const people = useResource(() => loadAll(async (after) => {
    const page = await queueApi.representatives(team, after);
    return { rows: page.representatives, next: page.next ?? null };
  }), [], [team]);
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void submit(() => queueApi.transfer(entry.session, person ? { account: person } : { team }, reason.trim()),
        text.queues.transferred);
    }}>
      <Select label={text.queues.team} name="transfer-team" value={team} testId="transfer-team"
        options={teams.map((one) => ({ value: one.id, label: one.name }))} onChange={(value) => {
          setTeam(value);
          setPerson(0);
        }} />
      <Select label={text.queues.person} name="transfer-person" value={person} testId="transfer-person"
        disabled={people.value === null} onChange={setPerson} options={[{ value: 0, label: text.queues.nobody },
          ...(people.value ?? []).map((one) => ({
            value: one.account, label: `${one.display_name} · ${one.status_code ?? text.availability.status[one.status]}`,
          }))]} />
      <Field label={text.queues.reason} name="transfer-reason" value={reason} onInput={setReason} maxLength={REASON_MAX}
        hint={text.queues.reasonHint} testId="transfer-reason" />
      <ErrorLine testId="transfer-error">{error}</ErrorLine>
      <div class="actions end">
        <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
        <button type="submit" class="primary" aria-disabled={busy} data-testid="transfer-do">{text.queues.transferDo}</button>
      </div>
    </form>
  );
}

export function DeclineDialog({ entry, onClose }: Omit<DialogProps, 'state'>) {
  const [reason, setReason] = useState('');
  const { error, busy, submit } = useSubmit(onClose);
  return (
    <Dialog title={text.queues.declineTitle(entry.customer)} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void submit(() => queueApi.decline(entry.session, reason.trim()), text.queues.declined);
      }}>
        <p class="confirm-text">{text.queues.declineText}</p>
        <Field label={text.queues.reason} name="decline-reason" value={reason} onInput={setReason} maxLength={REASON_MAX}
          hint={text.queues.reasonHint} testId="decline-reason" autofocus />
        <ErrorLine testId="decline-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="danger-solid" aria-disabled={busy} data-testid="decline-do">{text.queues.declineDo}</button>
        </div>
      </form>
    </Dialog>
  );
}

/* skills: those that are asked for now. */
export function SkillsDialog({ entry, skills, onClose }: Omit<DialogProps, 'state'> & { skills: readonly number[] }) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set(skills));
  const { error, busy, submit } = useSubmit(onClose);
  const all = useResource(async () => (await queueApi.skills()).skills);
  const toggle = (id: number) => {
    const next = new Set(chosen);
    next[next.has(id) ? 'delete' : 'add'](id);
    setChosen(next);
  };
  return (
    <Dialog title={text.queues.skillsTitle(entry.customer)} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void submit(() => queueApi.setSkills(entry.session, [...chosen]), text.common.actions.saved);
      }}>
        <p class="lead">{text.queues.skillsText}</p>
        <Loaded resource={all} lines={3}>
          {(rows) => (rows.length === 0 ? <Empty title={text.queues.noSkills} /> : (
            <ul class="skill-choices">
              {rows.map((skill) => (
                <li key={skill.id} class={skill.parent === null ? '' : 'below'}>
                  <label class="check">
                    <input type="checkbox" checked={chosen.has(skill.id)} onChange={() => toggle(skill.id)} />
                    <bdi>{skill.name}</bdi>
                  </label>
                </li>
              ))}
            </ul>
          ))}
        </Loaded>
        <ErrorLine>{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" aria-disabled={busy} data-testid="skills-do">{text.common.actions.save}</button>
        </div>
      </form>
    </Dialog>
  );
}
