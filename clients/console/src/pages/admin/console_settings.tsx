/* SPDX-License-Identifier: Apache-2.0 */
/* What administrators suggest or force of the console's settings. */
import { settingsApi, type ConsoleSetting } from '../../api/settings';
import { settings } from '../../settings';
import { text } from '../../text';
import { Segmented, Select } from '../../view/fields';
import { Card, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { settingTitle, settingWord } from '../me/settings';
import { attempt } from './parts';

type Rule = 'free' | 'suggested' | 'forced';

/* 'own' stands before a suggestion: what administrators say is told by `administrators`. */
function ruleOf(row: ConsoleSetting): Rule {
  return row.rule === 'forced' ? 'forced' : row.administrators !== '' ? 'suggested' : 'free';
}

export default function ConsoleSettingsPage() {
  const words = text.options.console;
  const rows = useResource(async () => (await settingsApi.list()).settings, ['settings_changed']);
  const set = async (row: ConsoleSetting, rule: Rule, value: string) => {
    const done = await attempt(() => (rule === 'free' ? settingsApi.reset(row.name) : settingsApi.set(row.name, value, rule === 'forced')));
    if (done) {
      await rows.reload();
    }
  };
  const valueOf = (row: ConsoleSetting) => (row.administrators !== '' ? row.administrators : row.rule === 'own' ? settings.value(row.name) : row.value);
  return (
    <Page title={words.title} lead={words.lead} testId="console-settings-page">
      <Card>
        <Loaded resource={rows} lines={10}>
          {(all) => (
            <table class="matrix">
              <thead>
                <tr><th scope="col">{words.setting}</th><th scope="col">{words.rule}</th><th scope="col">{words.value}</th></tr>
              </thead>
              <tbody>
                {all.map((row) => {
                  const rule = ruleOf(row);
                  return (
                    <tr key={row.name} data-testid={`console-setting-${row.name}`} data-rule={rule}>
                      <th scope="row">{settingTitle(row)}</th>
                      <td>
                        <Segmented label={words.ruleOf(settingTitle(row))} value={rule} testId={`rule-${row.name}`}
                          options={(['free', 'suggested', 'forced'] as const).map((value) => ({ value, label: words.rules[value] }))}
                          onChange={(next) => void set(row, next, valueOf(row))} />
                      </td>
                      <td class="setting-value">
                        <Select label={words.valueOf(settingTitle(row))} hideLabel value={valueOf(row)} disabled={rule === 'free'} testId={`value-${row.name}`}
                          options={row.words.split('|').map((word) => ({ value: word, label: settingWord(row.name, word) }))}
                          onChange={(value) => void set(row, rule, value)} />
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
