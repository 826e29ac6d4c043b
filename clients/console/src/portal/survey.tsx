/* SPDX-License-Identifier: Apache-2.0 */
/* The exit survey. Questions are texts of an administrator; answers are kept with the session. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { portalApi, type Question } from '../api/portal';
import { text } from '../text/portal';
import { Card, FieldError, focusFirstError, Icon } from './parts';
import { refusal } from './refusal';

const ANSWER_BYTES = 4000;

type Answers = Readonly<Record<string, string>>;

function surveyRefusal(error: unknown): string {
  return refusal(error, { 404: text.portal.survey.closed, 410: text.portal.survey.closed,
    409: text.portal.survey.notOver, 0: text.common.errors.unreachable, 503: text.common.errors.unavailable });
}

export function Survey({ token, onSent }: { token: string; onSent: () => void }) {
  const [questions, setQuestions] = useState<readonly Question[] | null>(null);
  const [answers, setAnswers] = useState<Answers>({});
  const [missing, setMissing] = useState<readonly number[]>([]);
  const [error, setError] = useState('');
  const [state, setState] = useState<'open' | 'busy' | 'sent'>('open');
  const form = useRef<HTMLFormElement>(null);
  const done = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    portalApi.survey(token).then((reply) => {
      setQuestions(reply.questions);
      setAnswers(Object.fromEntries(reply.questions.map((one) => [one.id, one.answer])));
      setState(reply.questions.some((one) => one.answer !== '') ? 'sent' : 'open');
    }, (caught: unknown) => setError(surveyRefusal(caught)));
  }, [token]);

  const send = async (event: Event) => {
    event.preventDefault();
    const open = (questions ?? []).filter((one) => one.required && (answers[one.id] ?? '').trim() === '');
    setMissing(open.map((one) => one.id));
    if (open.length > 0) {
      focusFirstError(form.current);
      return;
    }
    setState('busy');
    setError('');
    try {
      await portalApi.answerSurvey(token, answers);
      setState('sent');
      onSent();
      requestAnimationFrame(() => done.current?.focus());
    } catch (caught) {
      setState('open');
      setError(surveyRefusal(caught));
    }
  };
  if (questions !== null && questions.length === 0) {
    return null;
  }
  if (state === 'sent') {
    return (
      <p class="banner banner-ok" tabIndex={-1} ref={done} role="status" data-testid="survey-sent">
        <Icon name="done" />{text.portal.survey.sent}
      </p>
    );
  }
  return (
    <Card id="survey-title" title={text.portal.survey.title} lead={text.portal.survey.lead} testId="survey">
      <form ref={form} noValidate onSubmit={(event) => void send(event)}>
        {(questions ?? []).map((question) => (
          <Ask key={question.id} question={question} value={answers[question.id] ?? ''}
            error={missing.includes(question.id) ? text.portal.survey.needAnswer : ''}
            onAnswer={(value) => {
              setAnswers((before) => ({ ...before, [question.id]: value }));
              setMissing((before) => before.filter((id) => id !== question.id));
            }} />
        ))}
        <FieldError id="survey-error" testId="survey-error">{error}</FieldError>
        {questions !== null && (
          <button type="submit" class="primary" aria-disabled={state === 'busy'} data-testid="survey-send">
            {state === 'busy' ? text.portal.survey.sending : text.portal.survey.send}
          </button>
        )}
      </form>
    </Card>
  );
}

interface AskProps {
  question: Question;
  value: string;
  error: string;
  onAnswer: (value: string) => void;
}

function Ask({ question, value, error, onAnswer }: AskProps) {
  const id = `question-${question.id}`;
  const invalid = error !== '' ? ('true' as const) : undefined;
  const mark = question.required ? <span class="aside"> ({text.portal.survey.required})</span> : null;
  if (question.kind === 'text') {
    return (
      <div class="field">
        <label for={id}>{question.text}{mark}</label>
        <textarea id={id} rows={3} value={value} maxLength={ANSWER_BYTES} aria-required={question.required}
          aria-invalid={invalid} aria-describedby={`${id}-error`} data-testid={id}
          onInput={(event) => onAnswer(event.currentTarget.value)} />
        <FieldError id={`${id}-error`}>{error}</FieldError>
      </div>
    );
  }
  const choices = question.kind === 'rating' ? ['1', '2', '3', '4', '5'] : question.choices;
  return (
    <fieldset class={`field ${question.kind === 'rating' ? 'rating' : 'topics'}`} aria-describedby={`${id}-error`}
      data-testid={id}>
      <legend>{question.text}{mark}</legend>
      {question.kind === 'rating' && <span class="aside" aria-hidden="true">{text.portal.survey.ratingLow}</span>}
      {choices.map((choice) => (
        <label key={choice} class={question.kind === 'rating' ? 'star' : 'option'}>
          <input type="radio" name={id} value={choice} checked={value === choice} aria-invalid={invalid}
            aria-label={question.kind === 'rating' ? text.portal.survey.stars(Number(choice)) : undefined}
            onChange={() => onAnswer(choice)} />
          <span aria-hidden={question.kind === 'rating' ? 'true' : undefined}>{choice}</span>
        </label>
      ))}
      {question.kind === 'rating' && <span class="aside" aria-hidden="true">{text.portal.survey.ratingHigh}</span>}
      <FieldError id={`${id}-error`}>{error}</FieldError>
    </fieldset>
  );
}
