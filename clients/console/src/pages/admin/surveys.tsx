/* SPDX-License-Identifier: Apache-2.0 */
/* Questions after a session, for representatives and for customers, in their order. */
import { useState } from 'preact/hooks';
import { surveysApi, type Audience, type QuestionKind, type SurveyQuestion } from '../../api/desk';
import { text } from '../../text';
import { Check, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Badge, Card, Loaded, Page } from '../../view/page';
import { Dialog } from '../../view/parts';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt, removeThing } from './parts';

const audiences: readonly Audience[] = ['representative', 'customer'];

export default function SurveysPage() {
  const words = text.desk.surveys;
  const [adding, setAdding] = useState<Audience | null>(null);
  const questions = useResource(() => surveysApi.questions());
  const remove = async (question: SurveyQuestion) => {
    if (await removeThing(question.text, words.removeText, () => surveysApi.removeQuestion(question.id))) {
      await questions.reload();
    }
  };
  /* Each gets the place where it now stands. */
  const move = async (own: readonly SurveyQuestion[], at: number, to: number) => {
    const order = [...own];
    order.splice(to, 0, ...order.splice(at, 1));
    await attempt(() => surveysApi.order(order.map((question) => question.id)), '');
    await questions.reload();
  };
  return (
    <Page title={words.title} lead={words.lead} width="text" testId="surveys-page">
      <Loaded resource={questions}>
        {(all) => audiences.map((audience) => {
          const own = all.filter((question) => question.for === audience);
          return (
            <Card key={audience} title={words.for[audience]} testId={`survey-${audience}`} actions={(
              <button type="button" data-testid={`question-add-${audience}`} onClick={() => setAdding(audience)}>{words.add}</button>
            )}>
              {own.length === 0 ? <p class="hint">{words.none}</p> : (
                <ol class="member-list">
                  {own.map((question, at) => (
                    <li key={question.id} class="member-row" data-testid={`question-${question.id}`}>
                      <span>
                        <span class="notice-text">{question.text}</span>
                        <span class="hint">
                          {words.kinds[question.kind]}{question.choices.length > 0 && `: ${question.choices.join(' · ')}`}
                        </span>
                      </span>
                      {question.required && <Badge tone="warn">{words.isRequired}</Badge>}
                      <button type="button" class="quiet icon-button" disabled={at === 0} aria-label={words.up(question.text)}
                        data-testid={`question-up-${question.id}`} onClick={() => void move(own, at, at - 1)}><Icon name="up" /></button>
                      <button type="button" class="quiet icon-button" disabled={at === own.length - 1} aria-label={words.down(question.text)}
                        data-testid={`question-down-${question.id}`} onClick={() => void move(own, at, at + 1)}><Icon name="down" /></button>
                      <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(question.text)}
                        data-testid={`question-remove-${question.id}`} onClick={() => void remove(question)}><Icon name="trash" /></button>
                    </li>
                  ))}
                </ol>
              )}
            </Card>
          );
        })}
      </Loaded>
      {adding && (
        <Dialog title={`${words.add}: ${words.for[adding]}`} onClose={() => setAdding(null)}>
          <QuestionForm audience={adding} place={(questions.value ?? []).filter((one) => one.for === adding).length + 1}
            onDone={(saved) => {
              setAdding(null);
              if (saved) {
                void questions.reload();
              }
            }} />
        </Dialog>
      )}
    </Page>
  );
}

function QuestionForm({ audience, place, onDone }: { audience: Audience; place: number; onDone: (saved: boolean) => void }) {
  const words = text.desk.surveys;
  const form = useForm({ text: '', kind: 'rating' as QuestionKind, choices: '', required: false }, {
    isNew: true,
    check: (values) => ({
      text: values.text.trim() === '' ? words.textNeeded : '',
      choices: values.kind === 'choice' && lines(values.choices).length < 2 ? words.choicesNeeded : '',
    }),
    save: async (values) => surveysApi.createQuestion({
      for: audience, kind: values.kind, text: values.text.trim(), place, required: values.required,
      ...(values.kind === 'choice' && { choices: lines(values.choices).join('\n') }),
    }),
    saved: () => {
      toast(text.common.actions.saved);
      onDone(true);
    },
  });
  return (
    <Form form={form} label={words.add}>
      <TextArea label={words.question} rows={2} maxLength={1000} spellcheck {...form.text('text')} />
      <Select label={words.kind} {...form.select('kind')}
        options={(['rating', 'choice', 'text'] as const).map((value) => ({ value, label: words.kinds[value] }))} />
      {form.values.kind === 'choice' && (
        <TextArea label={words.choices} hint={words.choicesHint} rows={4} maxLength={1000} spellcheck {...form.text('choices')} />
      )}
      <Check label={words.required} {...form.check('required')} />
      <FormBar form={form} save={text.common.actions.create} onCancel={() => onDone(false)} />
    </Form>
  );
}

function lines(value: string): string[] {
  return value.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}
