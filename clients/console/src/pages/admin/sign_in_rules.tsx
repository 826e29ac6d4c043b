/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of signing in, of an account or of a group policy: each one set or left to the next layer. */
import type { SignInRules } from '../../api/people';
import { text } from '../../text';
import { Field, Select } from '../../view/fields';
import type { FormState } from '../../view/form';

export const ruleWords = {
  second_factor: ['optional', 'required'],
  remember_me: ['forbidden', 'allowed'],
  second_login: ['both', 'move', 'end', 'refuse'],
  network_rule: ['any', 'first', 'always'],
} as const;

export type RuleName = keyof typeof ruleWords;

export const ruleNames = Object.keys(ruleWords) as RuleName[];

export function ruleTitle(name: RuleName): string {
  const words = text.people.rules;
  return { second_factor: words.secondFactor, remember_me: words.rememberMe, second_login: words.secondLogin,
    network_rule: words.networkRule }[name];
}

export function ruleWord(word: string): string {
  return (text.people.rules.words as Readonly<Record<string, string>>)[word] ?? word;
}

export function rulesOf(source: SignInRules): SignInRules {
  return {
    second_factor: source.second_factor, remember_me: source.remember_me, second_login: source.second_login,
    network_rule: source.network_rule, networks: source.networks,
  };
}

export const noRules: SignInRules = {
  second_factor: 'not_defined', remember_me: 'not_defined', second_login: 'not_defined', network_rule: 'not_defined', networks: '',
};

/* hints: what is in force by each rule. */
export function RuleFields<T extends SignInRules>({ form, hints, disabled, inherit }: {
  form: FormState<T>; hints?: Partial<Record<RuleName, string>>; disabled?: boolean; inherit: string;
}) {
  return (
    <>
      {ruleNames.map((name) => (
        <Select key={name} label={ruleTitle(name)} value={form.values[name] as string} hint={hints?.[name]} disabled={disabled}
          error={form.errors[name]} testId={`field-${name}`} onChange={(value) => form.set(name, value as T[RuleName])}
          options={[{ value: 'not_defined', label: inherit }, ...ruleWords[name].map((word) => ({ value: word, label: ruleWord(word) }))]} />
      ))}
      {['first', 'always'].includes(form.values.network_rule) && (
        <Field label={text.people.rules.networks} hint={text.people.rules.networksHint} mono maxLength={1000} disabled={disabled}
          {...form.text('networks')} />
      )}
    </>
  );
}
