/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared messages: searched, looked at as they will be drawn, and put into the message as text. */
import { useState } from 'preact/hooks';
import { sessionToolsApi, type CannedMessage } from '../../api/session_tools';
import { text } from '../../text';
import { compareText } from '../../text/format';
import { hasWords } from '../../words';
import { SearchField } from '../fields';
import { Empty, Loaded } from '../page';
import { Dialog } from '../parts';
import { loadAll, useResource } from '../resource';
import { FormattedText } from './formatted';

const loadMessages = () => loadAll(async (after) => {
  const page = await sessionToolsApi.cannedMessages(after);
  return { rows: page.messages, next: page.next };
});

export function CannedDialog({ onInsert, onClose }: { onInsert: (text: string) => void; onClose: () => void }) {
  const messages = useResource(loadMessages, ['canned_changed']);
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <Dialog title={text.side.chat.canned} onClose={onClose} wide>
      <div class="canned" data-testid="canned-messages">
        <SearchField label={text.side.chat.search} value={wanted} onInput={setWanted} testId="canned-search" autofocus />
        <Loaded resource={messages}>
          {(all) => {
            const shown = found(all, wanted);
            const current = shown.find((one) => one.id === chosen) ?? shown[0];
            if (!current) {
              return <Empty title={all.length === 0 ? text.side.chat.none : text.side.chat.noMatch} />;
            }
            return (
              <div class="canned-columns">
                <ul class="canned-list" aria-label={text.side.chat.canned}>
                  {shown.map((one, at) => (
                    <li key={one.id}>
                      {(at === 0 || shown[at - 1]!.category_name !== one.category_name) && (
                        <p class="canned-category"><bdi>{one.category_name || text.side.chat.noCategory}</bdi></p>
                      )}
                      <button type="button" class="quiet" aria-pressed={one === current} data-testid={`canned-${one.id}`}
                        onClick={() => setChosen(one.id)} onDblClick={() => onInsert(one.text)}>
                        <bdi>{one.name}</bdi>
                      </button>
                    </li>
                  ))}
                </ul>
                <section class="canned-preview" aria-label={text.side.chat.preview}>
                  <p class="line-text" data-testid="canned-preview"><FormattedText text={current.text} /></p>
                  <div class="actions end">
                    <button type="button" class="primary" data-testid="canned-insert" onClick={() => onInsert(current.text)}>
                      {text.side.chat.insert}
                    </button>
                  </div>
                </section>
              </div>
            );
          }}
        </Loaded>
      </div>
    </Dialog>
  );
}

/* Each word is somewhere in it; by category, then name. */
function found(all: readonly CannedMessage[], wanted: string): CannedMessage[] {
  return all.filter((one) => hasWords(wanted, one.name, one.category_name, one.text))
    .sort((a, b) => compareText(a.category_name, b.category_name) || compareText(a.name, b.name));
}
