/* SPDX-License-Identifier: Apache-2.0 */
/* How the console behaves for oneself. Each choice takes effect at once; what an administrator forces is marked. */
import { useState } from 'preact/hooks';
import { sentence } from '../../api/request';
import type { ConsoleSetting } from '../../api/settings';
import { settings } from '../../settings';
import { play, type Sound } from '../../sounds';
import { text } from '../../text';
import { useWatch } from '../../view/hooks';
import { confirm } from '../../view/confirm';
import { Check, Select } from '../../view/fields';
import { Badge, Card, Page } from '../../view/page';
import { toast } from '../../view/toast';

const groups = {
  look: ['theme', 'language', 'density'],
  sounds: ['sound_waiting', 'sound_offer', 'sound_chat', 'sound_volume', 'desktop_notices'],
  work: ['shortcuts', 'restore_tabs', 'confirm_tab_close', 'lock_after_minutes', 'spell_check'],
  screen: ['screen_scale', 'screen_quality', 'clipboard', 'start_with_control'],
} as const;

const trial: Readonly<Record<string, Sound>> = {
  sound_waiting: 'waiting', sound_offer: 'offer', sound_chat: 'chat', sound_volume: 'waiting',
};

export function settingWord(name: string, word: string): string {
  const own = (text.settings.words as Readonly<Record<string, Readonly<Record<string, string>>>>)[name];
  return own?.[word] ?? (text.settings.common as Readonly<Record<string, string>>)[word]
    ?? (name === 'lock_after_minutes' ? text.settings.minutes(word) : word);
}

export function settingTitle(row: ConsoleSetting): string {
  return (text.settings.names as Readonly<Record<string, string>>)[row.name] ?? row.meaning;
}

export default function SettingsPage() {
  useWatch(settings);
  const [error, setError] = useState('');
  const choose = async (row: ConsoleSetting, value: string) => {
    setError('');
    try {
      if (row.name === 'desktop_notices' && value === 'on' && (await Notification.requestPermission()) !== 'granted') {
        setError(text.settings.noticesBlocked);
        return;
      }
      await settings.choose(row.name, value);
      if (trial[row.name] && value !== 'off') {
        play(trial[row.name]!, true);
      }
    } catch (caught) {
      setError(sentence(caught));
    }
  };
  const restore = async () => {
    const yes = await confirm({
      title: text.settings.restoreTitle, text: text.settings.restoreText, action: text.settings.restore,
    });
    if (yes) {
      await settings.restore().then(() => toast(text.settings.restored), (caught: unknown) => setError(sentence(caught)));
    }
  };
  const isChanged = settings.rows.some((row) => row.rule === 'own');
  return (
    <Page title={text.settings.title} lead={text.settings.lead} width="text" error={error} testId="settings-page"
      actions={(
        <button type="button" data-testid="settings-restore" disabled={!isChanged} onClick={() => void restore()}>
          {text.settings.restore}
        </button>
      )}>
      {Object.entries(groups).map(([group, names]) => {
        const rows = names.map((name) => settings.rows.find((row) => row.name === name)).filter((row) => row !== undefined);
        return rows.length > 0 && (
          <Card key={group} title={text.settings.groups[group as keyof typeof groups]}>
            {rows.map((row) => <Row key={row.name} row={row} onChoose={(value) => void choose(row, value)} />)}
          </Card>
        );
      })}
    </Page>
  );
}

function Row({ row, onChoose }: { row: ConsoleSetting; onChoose: (value: string) => void }) {
  const words = row.words.split('|');
  const forced = row.rule === 'forced';
  const isSwitch = words.join('|') === 'off|on';
  const hint = forced ? text.settings.forcedHint
    : (text.settings.hints as Readonly<Record<string, string>>)[row.name]
      ?? (row.rule === 'own' && row.administrators !== '' ? text.settings.suggestedHint(settingWord(row.name, row.administrators)) : undefined);
  return (
    <div class="setting-row" data-testid={`setting-${row.name}`} data-rule={row.rule} data-value={row.value}>
      {isSwitch
        ? <Check label={settingTitle(row)} checked={row.value === 'on'} isSwitch disabled={forced} hint={hint}
            testId={`choose-${row.name}`} onChange={(on) => onChoose(on ? 'on' : 'off')} />
        : <Select label={settingTitle(row)} value={row.value} disabled={forced} hint={hint} testId={`choose-${row.name}`}
            options={words.map((word) => ({ value: word, label: settingWord(row.name, word) }))} onChange={onChoose} />}
      <span class="setting-rule">
        {forced && <Badge tone="warn">{text.settings.rule.forced}</Badge>}
        {row.rule === 'suggested' && <Badge>{text.settings.rule.suggested}</Badge>}
        {row.rule === 'own' && <Badge tone="accent">{text.settings.rule.own}</Badge>}
      </span>
    </div>
  );
}
