/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about a session: facts, name, external key, priority, skills, attributes, custom links. Each field is
 * saved when it is left or with Enter, so that nothing waits for a button. */
import { useEffect, useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { sessionToolsApi, type Priority, type SessionFacts } from '../../api/session_tools';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { formatDateTime } from '../../text/format';
import { Check, Field, FieldGroup, Select } from '../fields';
import { Icon } from '../icon';
import { Facts, Loaded } from '../page';
import { ErrorLine } from '../parts';
import { useResource } from '../resource';
import { ruleOf, type PanelProps } from './panel';

export default function InfoPanel(props: PanelProps) {
  return (
    <div class="side-content">
      <div class="side-scroll" tabIndex={0} role="group" aria-label={text.side.panelTitle.info} data-testid="session-info">
        <Loaded resource={props.info} lines={8}>{(facts) => <Known {...props} facts={facts} />}</Loaded>
      </div>
    </div>
  );
}

function Known({ state, session, info, tools, facts }: PanelProps & { facts: SessionFacts }) {
  const words = text.side.info;
  const id = session.id;
  const save = async (run: () => Promise<unknown>) => {
    await run();
    await info.reload();
    state.announce(words.saved);
  };
  const team = state.me?.teams.find((one) => one.id === facts.team)?.name;
  return (
    <>
      <Saved label={words.name} name={`session-name-${id}`} value={facts.name} hint={words.nameHint} testId="session-name"
        denied={ruleOf(tools.value, 'rename_session')} onSave={(name) => save(() => sessionToolsApi.rename(id, name))} />
      <FieldGroup title={words.facts}>
        <Facts rows={[
          [words.number, String(facts.id)],
          [facts.kind === 'jump' ? words.computer : words.customer, <bdi>{facts.customer || text.home.unnamedCustomer}</bdi>],
          [words.kind, words.kinds[facts.kind]],
          facts.client !== undefined && [words.client, words.clients[facts.client]],
          facts.jump_item !== null && [text.home.jumpItems, (
            <a href={hrefOf(`/jump/${facts.jump_item}`)}>{words.jumpItem(facts.jump_item)}</a>
          )],
          team !== undefined && [words.team, <bdi>{team}</bdi>],
          facts.started_unix_ms !== null && [words.started, formatDateTime(facts.started_unix_ms)],
          facts.recording !== undefined && [words.recording, words.recordings[facts.recording]],
        ]} />
      </FieldGroup>
      {facts.attributes.length > 0 && (
        <FieldGroup title={words.attributes}>
          {facts.attributes.map((one) => one.editable ? (
            <Saved key={one.code} label={one.name} name={`attribute-${one.code}`} value={one.value}
              testId={`attribute-${one.code}`} denied={ruleOf(tools.value, 'session_attributes')}
              onSave={(value) => save(() => sessionToolsApi.setAttribute(id, one.code, value))} />
          ) : (
            <Facts key={one.code} rows={[[one.name, one.value === '' ? <span class="muted">{words.noValue}</span>
              : <bdi class="kept-lines">{one.value}</bdi>]]} />
          ))}
        </FieldGroup>
      )}
      {facts.links.length > 0 && (
        <FieldGroup title={words.links}>
          <ul class="plain-list">
            {facts.links.map((link) => (
              <li key={link.id}>
                <a href={link.url} target="_blank" rel="noopener noreferrer" data-testid={`custom-link-${link.id}`}>
                  <bdi>{link.name}</bdi> <Icon name="link" />
                  <span class="visually-hidden"> ({words.opensTab})</span>
                </a>
              </li>
            ))}
          </ul>
        </FieldGroup>
      )}
      <Saved label={words.externalKey} name={`external-key-${id}`} value={facts.external_key} hint={words.externalKeyHint}
        testId="external-key"
        denied={state.may('edit_external_key') ? ruleOf(tools.value, 'external_key') : text.shell.mayNotText}
        onSave={(key) => save(() => sessionToolsApi.setExternalKey(id, key))} />
      {facts.kind === 'key' && <Routing facts={facts} save={save} />}
    </>
  );
}

function Routing({ facts, save }: { facts: SessionFacts; save: (run: () => Promise<unknown>) => Promise<void> }) {
  const words = text.side.info;
  const skills = useResource(async () => (await sessionToolsApi.skills()).skills);
  const [error, setError] = useState('');
  const run = (what: () => Promise<unknown>) => save(what).then(() => setError(''), (caught) => setError(sentence(caught)));
  const choose = (skill: number, needed: boolean) => run(() => sessionToolsApi.setSkills(facts.id,
    needed ? [...facts.skills, skill] : facts.skills.filter((one) => one !== skill)));
  return (
    <>
      <Select<Priority> label={words.priority} name={`priority-${facts.id}`} value={facts.priority} testId="session-priority"
        options={(['low', 'medium', 'high'] as const).map((value) => ({ value, label: words.priorities[value] }))}
        onChange={(priority) => void run(() => sessionToolsApi.setPriority(facts.id, priority))} />
      {(skills.value?.length ?? 0) > 0 && (
        <FieldGroup title={words.skills}>
          {skills.value!.map((skill) => (
            <Check key={skill.id} label={skill.name} name={`skill-${facts.id}-${skill.id}`} testId={`skill-${skill.id}`}
              checked={facts.skills.includes(skill.id)} onChange={(needed) => void choose(skill.id, needed)} />
          ))}
        </FieldGroup>
      )}
      <ErrorLine>{error}</ErrorLine>
    </>
  );
}

interface SavedProps {
  label: string;
  name: string;
  value: string;
  denied: string;
  hint?: string;
  testId: string;
  onSave: (value: string) => Promise<void>;
}

/* A field that saves itself; what somebody else changed meanwhile is shown, unless one is typing. */
function Saved({ label, name, value, denied, hint, testId, onSave }: SavedProps) {
  const [draft, setDraft] = useState(value);
  const [error, setError] = useState('');
  const [before, setBefore] = useState(value);
  useEffect(() => {
    if (draft === before) {
      setDraft(value);
    }
    setBefore(value);
  }, [value]);
  const save = () => {
    if (draft !== value) {
      onSave(draft).then(() => setError(''), (caught: unknown) => setError(sentence(caught)));
    }
  };
  return (
    <form class="saved-field" onSubmit={(event) => {
      event.preventDefault();
      save();
    }}>
      <Field label={label} name={name} value={draft} onInput={setDraft} onBlur={save} disabled={denied !== ''}
        hint={denied || hint} error={error} testId={testId} />
    </form>
  );
}
