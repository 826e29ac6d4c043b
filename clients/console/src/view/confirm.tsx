/* SPDX-License-Identifier: Apache-2.0 */
/* Asks before something that cannot be taken back: `if (await confirm({...}))`. Names the thing it is about. */
import { Observable } from '../observable';
import { common } from '../text/common';
import { useWatch } from './hooks';
import { Dialog } from './parts';

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string; /* the button's word: 'Remove', 'End session' */
  readonly danger?: boolean;
  readonly stay?: string;
  readonly testId?: string;
}

class Questions extends Observable {
  current: { readonly question: Question; readonly answer: (yes: boolean) => void } | null = null;

  ask(question: Question): Promise<boolean> {
    this.current?.answer(false);
    return new Promise((resolve) => {
      this.current = {
        question,
        answer: (yes) => {
          this.current = null;
          this.changed();
          resolve(yes);
        },
      };
      this.changed();
    });
  }
}

const questions = new Questions();

export function confirm(question: Question): Promise<boolean> {
  return questions.ask(question);
}

/* Once in the page. */
export function ConfirmRegion() {
  useWatch(questions);
  const asked = questions.current;
  if (!asked) {
    return null;
  }
  const { question, answer } = asked;
  return (
    <Dialog title={question.title} onClose={() => answer(false)}>
      <p class="confirm-text">{question.text}</p>
      <div class="actions end">
        <button type="button" data-testid="confirm-no" onClick={() => answer(false)}>
          {question.stay ?? common.actions.cancel}
        </button>
        <button type="button" class={question.danger ? 'danger-solid' : 'primary'} data-testid={question.testId ?? 'confirm-yes'}
          onClick={() => answer(true)}>
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}
