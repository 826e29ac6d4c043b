/* SPDX-License-Identifier: Apache-2.0 */
/* The appliance's options: what is in force, what is stored, what is possible. */
import { useState } from 'preact/hooks';
import { optionsApi, type ApplianceOption } from '../../api/options';
import { sentence } from '../../api/request';
import { text } from '../../text';
import { confirm } from '../../view/confirm';
import { SearchField, Segmented } from '../../view/fields';
import { Badge, Card, Empty, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt, hasAllWords } from './parts';

function areaOf(option: ApplianceOption): string {
  const area = option.name.split('.')[0]!;
  return area in text.options.security.areas ? area : 'other';
}

function isStored(option: ApplianceOption): boolean {
  return String(option.stored) !== '-';
}

export default function SecurityOptionsPage() {
  const words = text.options.security;
  const [wanted, setWanted] = useState('');
  const [only, setOnly] = useState<'all' | 'changed'>('all');
  const options = useResource(async () => (await optionsApi.list()).options);
  return (
    <Page title={words.title} lead={words.lead} testId="security-options-page" filter={(
      <>
        <SearchField label={words.find} value={wanted} onInput={setWanted} testId="option-search" />
        <Segmented label={words.only} value={only} onChange={setOnly} testId="option-only"
          options={(['all', 'changed'] as const).map((value) => ({ value, label: words.filters[value] }))} />
      </>
    )}>
      <Loaded resource={options} lines={12}>
        {(all) => {
          const shown = all.filter((option) => hasAllWords(`${option.name} ${option.meaning}`, wanted) && (only === 'all' || isStored(option)));
          return shown.length === 0 ? <Empty title={words.nothing} /> : Object.entries(words.areas).map(([area, title]) => {
            const here = shown.filter((option) => areaOf(option) === area);
            return here.length > 0 && (
              <Card key={area} title={title}>
                {here.map((option) => (
                  <OptionRow key={`${option.name}=${option.running}`} option={option} onChanged={options.reload} />
                ))}
              </Card>
            );
          });
        }}
      </Loaded>
    </Page>
  );
}

function OptionRow({ option, onChanged }: { option: ApplianceOption; onChanged: () => Promise<void> }) {
  const words = text.options.security;
  const [value, setValue] = useState(String(option.running));
  const [error, setError] = useState('');
  const choices = option.range.includes('|') ? option.range.split('|') : null;
  const apply = async (next: string) => {
    setError('');
    try {
      await optionsApi.set(option.name, choices ? next : Number(next));
      toast(text.common.actions.saved);
      await onChanged();
    } catch (caught) {
      setError(sentence(caught));
    }
  };
  const reset = async () => {
    const yes = await confirm({
      title: words.resetTitle(option.name), text: words.resetText(String(option.default)), action: words.reset,
    });
    if (yes && await attempt(() => optionsApi.reset(option.name), words.wasReset)) {
      await onChanged();
    }
  };
  return (
    <div class="option-row" data-testid={`option-${option.name}`} data-stored={String(option.stored)} data-running={String(option.running)}>
      <div class="option-what">
        <span class="mono option-name">{option.name}</span>
        {isStored(option) && <Badge tone="accent">{words.isChanged}</Badge>}
        <p class="option-meaning">{option.meaning}</p>
        <p class="hint">{words.defaultIs(String(option.default), option.range)}</p>
        {error && <p class="field-error" role="alert">{error}</p>}
      </div>
      <form class="option-value" onSubmit={(event) => {
        event.preventDefault();
        void apply(value);
      }}>
        {choices ? (
          <select aria-label={words.valueOf(option.name)} data-testid={`set-${option.name}`} value={value}
            onChange={(event) => {
              setValue(event.currentTarget.value);
              void apply(event.currentTarget.value);
            }}>
            {choices.map((choice) => <option key={choice} value={choice} selected={choice === value}>{choice}</option>)}
          </select>
        ) : (
          <>
            <input type="number" aria-label={words.valueOf(option.name)} data-testid={`set-${option.name}`} value={value}
              aria-invalid={error !== '' ? 'true' : undefined} onInput={(event) => setValue(event.currentTarget.value)} />
            <span class="unit">{option.unit}</span>
            <button type="submit" disabled={value === '' || value === String(option.running)} data-testid={`apply-${option.name}`}>{words.apply}</button>
          </>
        )}
        <button type="button" class="quiet" disabled={!isStored(option)} data-testid={`reset-${option.name}`} onClick={() => void reset()}>
          {words.reset}
        </button>
      </form>
    </div>
  );
}
