/* SPDX-License-Identifier: Apache-2.0 */
/* Ends a session, or leaves it in a queue; the survey comes first where answers are needed. */
import { useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import { sessionToolsApi, type Question } from '../../api/session_tools';
import type { ConsoleState } from '../../console_state';
import type { Session } from '../../session/session';
import { text } from '../../text';
import { Segmented, TextArea } from '../fields';
import { Dialog, ErrorLine } from '../parts';
import { useResource } from '../resource';
import { toast } from '../toast';
import { TeamField, usePlaces } from './place_fields';

interface Props {
  state: ConsoleState;
  session: Session;
  onClose: () => void;
}

export function EndDialog({ state, session, onClose }: Props) {
  const words = text.side.end;
  const survey = useResource(async () => (await sessionToolsApi.survey(session.id)).questions, [], [session.id]);
  const places = usePlaces(state.me?.account.id ?? 0);
  const [how, setHow] = useState<'end' | 'queue'>('end');
  const [team, setTeam] = useState(0);
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const questions = survey.value ?? [];
  const answerOf = (one: Question) => answers[String(one.id)] ?? one.answer;
  const missing = questions.filter((one) => one.required && answerOf(one).trim() === '');

  const end = async () => {
    if (questions.some((one) => answerOf(one) !== one.answer)) {
      await sessionToolsApi.answerSurvey(session.id, Object.fromEntries(questions.map((one) => [one.id, answerOf(one)])));
    }
    const refused = await session.end();
    if (refused !== '') {
      setError(refused);
      await survey.reload();
      return;
    }
    onClose();
  };
  const leaveInQueue = async () => {
    await sessionToolsApi.transfer(session.id, { team }, '');
    onClose();
    toast(text.side.transfer.done);
    state.closeTab(session);
  };
  const go = async () => {
    if (busy || (how === 'queue' && team === 0)) {
      return;
    }
    if (how === 'end' && missing.length > 0) {
      setError(words.missing);
      document.getElementById(`question-${missing[0]!.id}`)?.querySelector<HTMLElement>('input, textarea')?.focus();
      return;
    }
    setBusy(true);
    setError('');
    try {
      await (how === 'end' ? end() : leaveInQueue());
    } catch (caught) {
      setError(sentence(caught));
    }
    setBusy(false);
  };
  const mayQueue = (places.teams.value?.length ?? 0) > 0 && session.controlUp;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <div class="dialog-form">
        {mayQueue && (
          <Segmented label={words.how} value={how} testId="end-how"
            options={[{ value: 'end', label: words.end }, { value: 'queue', label: words.queue }]} onChange={setHow} />
        )}
        <p class="lead">{how === 'end' ? words.endHint(session.name) : words.queueHint}</p>
        {how === 'queue' && <TeamField places={places} value={team} onChange={setTeam} />}
        {how === 'end' && questions.length > 0 && (
          <fieldset class="field-group survey" data-testid="survey">
            <legend>{words.survey}</legend>
            <p class="hint group-lead">{words.surveyLead}</p>
            {questions.map((one) => (
              <SurveyQuestion key={one.id} question={one} value={answerOf(one)}
                onChange={(value) => setAnswers({ ...answers, [String(one.id)]: value })} />
            ))}
          </fieldset>
        )}
        <ErrorLine testId="end-error">{error}</ErrorLine>
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.session.stay}</button>
          <button type="button" class="danger-solid" data-testid="end-session-confirm" aria-disabled={busy}
            disabled={how === 'queue' && team === 0} onClick={() => void go()}>
            {how === 'end' ? text.session.endConfirm : text.side.transfer.send}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function SurveyQuestion({ question, value, onChange }: { question: Question; value: string; onChange: (value: string) => void }) {
  const words = text.side.end;
  const label = question.required ? `${question.text} (${words.required})` : question.text;
  if (question.kind === 'text') {
    return (
      <div id={`question-${question.id}`}>
        <TextArea label={label} name={`survey-${question.id}`} rows={2} value={value} onInput={onChange} spellcheck
          testId={`survey-${question.id}`} />
      </div>
    );
  }
  const choices = question.kind === 'rating' ? ['1', '2', '3', '4', '5'] : question.choices;
  return (
    <fieldset class="survey-choice" id={`question-${question.id}`} data-testid={`survey-${question.id}`}>
      <legend>{label}</legend>
      <div class={question.kind === 'rating' ? 'survey-rating' : 'survey-list'}>
        {choices.map((choice) => (
          <label key={choice} class="check">
            <input type="radio" name={`survey-${question.id}`} value={choice} checked={value === choice}
              aria-label={question.kind === 'rating' ? words.rating(choice) : undefined} onChange={() => onChange(choice)} />
            <bdi>{choice}</bdi>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
