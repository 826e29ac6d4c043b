/* SPDX-License-Identifier: Apache-2.0 */
/* The page of the queues: who waits where, with details, and beside it what else is the representative's. */
import { useState } from 'preact/hooks';
import type { QueueEntry } from '../../api/queue';
import { sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import type { PageProps } from '../../pages';
import { isBoolean, isString, useRemembered } from '../../remembered';
import { useShortcuts } from '../../shortcuts';
import { text } from '../../text';
import { EnrolmentDialog } from '../../view/dialogs';
import { SessionKeyDialog } from '../../view/session/key_dialog';
import { SearchField } from '../../view/fields';
import { Icon } from '../../view/icon';
import { ErrorLine } from '../../view/parts';
import { Page } from '../../view/page';
import { DeclineDialog, SkillsDialog, TransferDialog } from '../../view/transfer_dialog';
import { hasWords } from '../../words';
import { Details } from './details';
import { SideCards } from './side';
import { QueueTable } from './table';

export type QueueAsk = { readonly kind: 'decline' | 'transfer'; readonly entry: QueueEntry }
  | { readonly kind: 'skills'; readonly entry: QueueEntry; readonly skills: readonly number[] };

/* What the page's parts do with an entry. */
export interface QueueActions {
  accept(entry: QueueEntry): Promise<void>;
  ask(ask: QueueAsk): void;
  attempt(run: () => Promise<unknown>): Promise<void>;
}

interface QueueChoice {
  readonly id: string; /* 'personal', 'all' or a team's number */
  readonly label: string;
  readonly rows: readonly QueueEntry[];
}

function choicesOf(state: ConsoleState): QueueChoice[] {
  const all = state.queue ?? [];
  const teams = state.me?.teams ?? [];
  return [
    { id: 'personal', label: text.queues.personal, rows: all.filter((entry) => (entry.team ?? null) === null) },
    ...teams.map((team) => ({ id: String(team.id), label: team.name, rows: all.filter((entry) => entry.team === team.id) })),
    ...(teams.length > 0 ? [{ id: 'all', label: text.queues.all, rows: all }] : []),
  ];
}

export default function QueuesPage({ state }: PageProps) {
  const [dialog, setDialog] = useState<'none' | 'key' | 'enrolment'>('none');
  const [asked, setAsked] = useState<QueueAsk | null>(null);
  const [error, setError] = useState('');
  const [shown, setShown] = useState<number | null>(null);
  const [filter, setFilter] = useState('');
  const [wanted, setWanted] = useRemembered('queues.which', 'personal', isString);
  const [favourites, setFavourites] = useRemembered('queues.favourites', false, isBoolean);

  const attempt = async (run: () => Promise<unknown>) => {
    setError('');
    try {
      await run();
    } catch (caught) {
      setError(sentence(caught));
      void state.refresh();
    }
  };
  const actions: QueueActions = { attempt, ask: setAsked, accept: (entry) => attempt(() => state.accept(entry)) };
  const mayNext = state.may('get_next_session');
  const takeNext = () => void attempt(() => state.takeNext());
  useShortcuts(mayNext && state.shown === 'home'
    ? [{ keys: 'n', scope: text.queues.title, meaning: text.queues.getNextMeaning, run: takeNext }] : []);

  const choices = choicesOf(state);
  const choice = choices.find((one) => one.id === wanted) ?? choices[0]!;
  const rows = choice.rows.filter((entry) => (!favourites || entry.favourite)
    && hasWords(filter, entry.customer, entry.name, entry.external_key));
  const current = choice.rows.find((entry) => entry.session === shown) ?? null;

  return (
    <Page title={text.queues.title} width="full" testId="queues-page" actions={(
      <>
        {mayNext && (
          <button type="button" data-testid="get-next" aria-keyshortcuts="n" onClick={takeNext}>
            <Icon name="play" />{text.queues.getNext}
          </button>
        )}
        {state.me?.account.is_admin && (
          <button type="button" data-testid="create-enrolment-token" onClick={() => setDialog('enrolment')}>
            {text.enrolment.create}
          </button>
        )}
        <button type="button" class="primary" data-testid="create-session-key" onClick={() => setDialog('key')}>
          {text.sessionKey.create}
        </button>
      </>
    )}>
      <ErrorLine testId="home-error">{error || state.listError}</ErrorLine>
      <div class="queue-page">
        <section class="queue-main" aria-label={choice.label} data-testid="queue">
          <QueueChooser choices={choices} current={choice.id} onChoose={setWanted} />
          <QueueTable state={state} rows={state.queue === null ? null : rows} actions={actions} withQueue={choice.id === 'all'}
            current={current?.session ?? null} onCurrent={(entry) => setShown(entry.session)}
            filtered={choice.rows.length > rows.length} onClearFilter={() => {
              setFilter('');
              setFavourites(false);
            }} which={choice.id} bar={(
              <>
                <SearchField label={text.queues.search} value={filter} onInput={setFilter} testId="queue-filter" />
                <button type="button" class="quiet toggle" aria-pressed={favourites} data-testid="queue-favourites"
                  onClick={() => setFavourites(!favourites)}>
                  <Icon name="star" />{text.queues.favouritesOnly}
                </button>
              </>
            )} />
        </section>
        <div class="queue-side">
          {current && <Details key={current.session} state={state} entry={current} actions={actions} onClose={() => setShown(null)} />}
          <SideCards state={state} attempt={attempt} />
        </div>
      </div>
      {dialog === 'key' && <SessionKeyDialog state={state} onClose={() => setDialog('none')} />}
      {dialog === 'enrolment' && <EnrolmentDialog onClose={() => setDialog('none')} />}
      {asked?.kind === 'decline' && <DeclineDialog entry={asked.entry} onClose={() => setAsked(null)} />}
      {asked?.kind === 'transfer' && <TransferDialog state={state} entry={asked.entry} onClose={() => setAsked(null)} />}
      {asked?.kind === 'skills' && <SkillsDialog entry={asked.entry} skills={asked.skills} onClose={() => setAsked(null)} />}
    </Page>
  );
}

/* Which queue is shown, with how many wait in each. */
function QueueChooser({ choices, current, onChoose }: {
  choices: readonly QueueChoice[]; current: string; onChoose: (id: string) => void;
}) {
  return (
    <div class="queue-choices" role="group" aria-label={text.queues.which}>
      {choices.map((one) => {
        const overdue = one.rows.some((entry) => entry.overdue);
        return (
          <button key={one.id} type="button" class="quiet" aria-pressed={one.id === current} data-testid={`queue-choice-${one.id}`}
            onClick={() => onChoose(one.id)}>
            <bdi>{one.label}</bdi>
            <span class={`queue-count ${overdue ? 'overdue' : ''}`}>
              {one.rows.length}
              {overdue && <span class="visually-hidden"> {text.queues.overdue}</span>}
            </span>
          </button>
        );
      })}
    </div>
  );
}
