/* SPDX-License-Identifier: Apache-2.0 */
/* A new installer in three steps, and the command that it is. */
import { useState } from 'preact/hooks';
import { deployApi, type InstallerMade } from '../../api/deploy';
import { get, sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import { text } from '../../text';
import { Check, Field, NumberField, Select, TextArea, type Choice } from '../../view/fields';
import { Icon } from '../../view/icon';
import { CopyButton, Dialog, ErrorLine } from '../../view/parts';
import { loadAll, useResource } from '../../view/resource';
import { useTargets } from './bulk';

const DAY_S = 86_400;
export const WEEK_S = 7 * DAY_S;
const overrides = ['name', 'tag', 'comments', 'mode'] as const;

export function lifeChoices(): readonly Choice<number>[] {
  const lives = text.deploy.lives;
  return [
    { value: 3600, label: lives.hour }, { value: DAY_S, label: lives.day }, { value: WEEK_S, label: lives.week },
    { value: 30 * DAY_S, label: lives.month }, { value: 90 * DAY_S, label: lives.quarter }, { value: 365 * DAY_S, label: lives.year },
  ];
}

interface Named { readonly id: number; readonly name: string; readonly for_jump_items?: boolean }

interface Values {
  label: string;
  group: string;
  pattern: string;
  tag: string;
  comments: string;
  mode: 'active' | 'passive';
  port: number | null;
  quiet: boolean;
  overrides: readonly string[];
  sessionPolicy: number;
  jumpPolicy: number;
  life: number;
  uses: number | null;
  itemLife: number;
}

interface StepProps { values: Values; set: (change: Partial<Values>) => void }

function policies(path: string, member: string): Promise<Named[]> {
  return loadAll(async (after) => {
    const page = await get<Record<string, Named[]> & { next: number | null }>(path, { after });
    return { rows: page[member] ?? [], next: page.next };
  });
}

export function InstallerWizard({ state, onClose, onMade }: { state: ConsoleState; onClose: () => void; onMade: () => void }) {
  const [step, setStep] = useState(0);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<InstallerMade | null>(null);
  const [values, setValues] = useState<Values>({
    label: '', group: 'All', pattern: '{hostname}', tag: '', comments: '', mode: 'active', port: null, quiet: true, overrides: ['name'],
    sessionPolicy: 0, jumpPolicy: 0, life: WEEK_S, uses: null, itemLife: 0,
  });
  const set = (change: Partial<Values>) => {
    setError('');
    setValues((before) => ({ ...before, ...change }));
  };
  const wrong = (): string => {
    if (step === 0 && !/\{(hostname|name)\}/.test(values.pattern)) {
      return text.deploy.patternWrong;
    }
    return step === 1 && values.mode === 'passive' && values.port !== null && (values.port < 1024 || values.port > 65_535)
      ? text.deploy.portWrong : '';
  };
  const make = async () => {
    setBusy(true);
    try {
      setMade(await deployApi.create({
        ...(values.label.trim() && { label: values.label.trim() }),
        name_pattern: values.pattern.trim(), group: values.group, tag: values.tag.trim(), comments: values.comments,
        mode: values.mode, ...(values.mode === 'passive' && values.port !== null && { port: values.port }), start_quietly: values.quiet,
        overrides: values.overrides.join(','),
        ...(values.sessionPolicy !== 0 && { session_policy: values.sessionPolicy }),
        ...(values.jumpPolicy !== 0 && { jump_policy: values.jumpPolicy }),
        life_s: values.life, uses: values.uses ?? 0, item_life_s: values.itemLife,
      }));
      setStep(3);
      onMade();
    } catch (caught) {
      setError(sentence(caught));
    }
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const said = wrong();
    setError(said);
    if (said === '' && step < 2) {
      setStep(step + 1);
    } else if (said === '' && !busy) {
      void make();
    }
  };
  return (
    <Dialog title={text.deploy.create} onClose={onClose} wide>
      <div class="installer-wizard" data-testid="installer-wizard">
        <ol class="installer-wizard-steps" aria-label={text.deploy.stepsLabel}>
          {[0, 1, 2, 3].map((at) => (
            <li key={at} aria-current={at === step ? 'step' : undefined}>{at + 1} · {text.deploy.steps[at as 0 | 1 | 2 | 3]}</li>
          ))}
        </ol>
        {made ? <Made made={made} onClose={onClose} /> : (
          <form class="form" noValidate onSubmit={submit}>
            <ErrorLine testId="installer-error">{error}</ErrorLine>
            {step === 0 && <Where values={values} set={set} />}
            {step === 1 && <How state={state} values={values} set={set} />}
            {step === 2 && <Often values={values} set={set} />}
            <div class="actions end">
              {step > 0 && <button type="button" data-testid="installer-back" onClick={() => setStep(step - 1)}>{text.common.actions.back}</button>}
              <button type="submit" class="primary" disabled={busy} aria-busy={busy} data-testid="installer-next">
                {step < 2 ? text.deploy.next : text.deploy.make}
              </button>
            </div>
          </form>
        )}
      </div>
    </Dialog>
  );
}

function Where({ values, set }: StepProps) {
  const { groups } = useTargets();
  const names = groups.some((group) => group.name === values.group) ? groups.map((group) => group.name)
    : [values.group, ...groups.map((group) => group.name)];
  return (
    <>
      <Field label={text.deploy.label} hint={text.deploy.labelHint} value={values.label} onInput={(label) => set({ label })} maxLength={128}
        testId="installer-label" autofocus />
      <Select label={text.deploy.group} value={values.group} options={names.map((name) => ({ value: name, label: name }))}
        onChange={(group) => set({ group })} testId="installer-group" />
      <Field label={text.deploy.pattern} hint={text.deploy.patternHint} value={values.pattern} onInput={(pattern) => set({ pattern })}
        maxLength={128} testId="installer-pattern" />
      <Field label={text.deploy.tag} value={values.tag} onInput={(tag) => set({ tag })} maxLength={128} testId="installer-tag" />
      <TextArea label={text.deploy.comments} value={values.comments} onInput={(comments) => set({ comments })} rows={3} testId="installer-comments" />
    </>
  );
}

function How({ state, values, set }: StepProps & { state: ConsoleState }) {
  /* Who may not read policies gets those of the group. */
  const may = state.may('edit_policies');
  const sessions = useResource(async () => (may ? policies('session-policies', 'session_policies') : []), ['policies_changed']);
  const jumps = useResource(async () => (may ? policies('jump-policies', 'jump_policies') : []), ['policies_changed']);
  const choices = (list: readonly Named[] | null): Choice<number>[] =>
    [{ value: 0, label: text.deploy.groupsOwn }, ...(list ?? []).map((one) => ({ value: one.id, label: one.name }))];
  return (
    <>
      <Select label={text.deploy.mode} value={values.mode} onChange={(mode) => set({ mode })} testId="installer-mode"
        options={(['active', 'passive'] as const).map((mode) => ({ value: mode, label: text.deploy.modes[mode] }))} />
      {values.mode === 'passive' && (
        <NumberField label={text.deploy.port} hint={text.deploy.portHint} value={values.port} onInput={(port) => set({ port })} min={1024}
          max={65_535} testId="installer-port" />
      )}
      <Check label={text.deploy.quiet} checked={values.quiet} onChange={(quiet) => set({ quiet })} testId="installer-quiet" />
      <fieldset class="field-group">
        <legend>{text.deploy.overrides}</legend>
        <div class="field-row">
          {overrides.map((one) => (
            <Check key={one} label={text.deploy.override[one]} checked={values.overrides.includes(one)} testId={`installer-override-${one}`}
              onChange={(is) => set({ overrides: is ? [...values.overrides, one] : values.overrides.filter((other) => other !== one) })} />
          ))}
        </div>
      </fieldset>
      {may && (
        <>
          <Select label={text.deploy.sessionPolicy} value={values.sessionPolicy} onChange={(sessionPolicy) => set({ sessionPolicy })}
            options={choices((sessions.value ?? []).filter((one) => one.for_jump_items !== false))} testId="installer-session-policy" />
          <Select label={text.deploy.jumpPolicy} value={values.jumpPolicy} onChange={(jumpPolicy) => set({ jumpPolicy })}
            options={choices(jumps.value)} testId="installer-jump-policy" />
        </>
      )}
    </>
  );
}

function Often({ values, set }: StepProps) {
  return (
    <>
      <Select label={text.deploy.life} value={values.life} options={lifeChoices()} onChange={(life) => set({ life })} testId="installer-life" />
      <NumberField label={text.deploy.uses} hint={text.deploy.usesHint} value={values.uses} onInput={(uses) => set({ uses })} min={1} max={75_000}
        testId="installer-uses" />
      <Select label={text.deploy.itemLife} value={values.itemLife} onChange={(itemLife) => set({ itemLife })} testId="installer-item-life"
        options={[{ value: 0, label: text.deploy.itemLifeNever }, ...lifeChoices().filter((one) => one.value > 3600)]} />
    </>
  );
}

function Made({ made, onClose }: { made: InstallerMade; onClose: () => void }) {
  const line = `curl -fsS '${made.script_url}' -o install.sh && sudo sh install.sh`;
  return (
    <div class="installer-made">
      <p class="jump-notice jump-notice-warn"><Icon name="warning" /><span>{text.deploy.once}</span></p>
      <h3>{text.deploy.scriptTitle}</h3>
      <p class="hint">{text.deploy.scriptHint}</p>
      <pre class="command" tabIndex={0} data-testid="installer-script">{line}</pre>
      <CopyButton value={line} label={text.deploy.copyScript} primary />
      <h3>{text.deploy.commandTitle}</h3>
      <p class="hint">{text.deploy.commandHint}</p>
      <pre class="command" tabIndex={0} data-testid="installer-command">{made.command}</pre>
      <CopyButton value={made.command} label={text.deploy.copyCommand} />
      <div class="actions end">
        <button type="button" data-testid="installer-done" onClick={onClose}>{text.deploy.done}</button>
      </div>
    </div>
  );
}
