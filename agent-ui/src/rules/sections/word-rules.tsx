import type { ReactNode } from 'react';
import { useLocale } from '../../i18n/locale.tsx';
import { TextField } from '../../ui/field.tsx';
import { ItemsField } from '../../ui/items-field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { newKnown, type LawDraft } from '../pack-draft.ts';
import { statementWords } from '../rule-words.ts';
import { OptionalRule, RuleList, RuleSection, type SectionProps } from './rule-frame.tsx';

const ENDS = ['years', 'never'] as const;

/** What has to be said and may not be said, and how long records are kept. */
export function WordRules({ law, change, errorAt, disabled, level }: SectionProps & { law: LawDraft }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const changeLaw = (part: Partial<LawDraft>): void => change({ law: { ...law, ...part } });
  return (
    <>
      <RuleSection title={say('wordRule.title')} testId="pack-words">
        <h3>{say('wordRule.disclosures')}</h3>
        <RuleList
          rules={law.disclosures}
          path="disclosures"
          words={(rule) => statementWords(locale, { part: 'disclosures', rule })}
          addName={say('wordRule.addDisclosure')}
          none={say('wordRule.noDisclosure')}
          blank={() => ({ when: '', text: '', ...newKnown(level) })}
          onChange={(disclosures) => changeLaw({ disclosures })}
          errorAt={errorAt}
          disabled={disabled}
        >
          {(rule, set, path) => (
            <div className="form-grid">
              <TextField
                label={say('wordRule.when')}
                value={rule.when}
                maxLength={200}
                dir="auto"
                error={errorAt(`${path}.when`)}
                onChange={(event) => set({ when: event.target.value })}
              />
              <TextField
                label={say('wordRule.text')}
                value={rule.text}
                maxLength={500}
                dir="auto"
                error={errorAt(`${path}.text`)}
                onChange={(event) => set({ text: event.target.value })}
              />
            </div>
          )}
        </RuleList>
        <h3>{say('wordRule.forbidden')}</h3>
        <OptionalRule
          rule={law.forbiddenWords}
          path="forbiddenWords"
          words={(rule) => statementWords(locale, { part: 'forbiddenWords', rule })}
          addName={say('wordRule.addForbidden')}
          none={say('wordRule.noForbidden')}
          blank={() => ({ items: [], ...newKnown(level) })}
          onChange={(forbiddenWords) => changeLaw({ forbiddenWords })}
          errorAt={(path) => errorAt(path) ?? (path === 'forbiddenWords' ? errorAt('forbiddenWords.items') : null)}
          disabled={disabled}
        >
          {(rule, set) => (
            <ItemsField
              label={say('wordRule.word')}
              items={rule.items}
              words={(word) => word}
              addName={say('wordRule.addWord')}
              removeName={(word) => say('rulePart.removeThis', { rule: word })}
              onChange={(items) => set({ items })}
              disabled={disabled}
              errorAt={(index) => errorAt(`forbiddenWords.items.${index}`)}
            />
          )}
        </OptionalRule>
      </RuleSection>
      <RuleSection title={say('retentionRule.title')} hint={say('retentionRule.hint')} testId="pack-retention">
        <RuleList
          rules={law.retention}
          path="retention"
          words={(rule) => statementWords(locale, { part: 'retention', rule })}
          addName={say('retentionRule.add')}
          none={say('retentionRule.none')}
          blank={() => ({ what: '', years: 3, from: '', ...newKnown(level) })}
          onChange={(retention) => changeLaw({ retention })}
          errorAt={errorAt}
          disabled={disabled}
        >
          {(rule, set, path) => (
            <div className="form-grid">
              <TextField
                label={say('retentionRule.what')}
                value={rule.what}
                maxLength={200}
                dir="auto"
                error={errorAt(`${path}.what`)}
                onChange={(event) => set({ what: event.target.value })}
              />
              <WordField
                label={say('retentionRule.ends')}
                value={rule.years === null ? 'never' : 'years'}
                options={ENDS}
                words={(end) => say(`retentionEnds.${end}`)}
                onChange={(end) => set({ years: end === 'never' ? null : 3 })}
              />
              {rule.years === null ? null : (
                <NumberField
                  label={say('retentionRule.years')}
                  value={rule.years}
                  decimals={1}
                  error={errorAt(`${path}.years`)}
                  // An empty field is no promise to keep for ever.
                  onChange={(years) => set({ years: years ?? 0 })}
                />
              )}
              <TextField
                label={say('retentionRule.from')}
                value={rule.from}
                maxLength={200}
                dir="auto"
                error={errorAt(`${path}.from`)}
                onChange={(event) => set({ from: event.target.value })}
              />
            </div>
          )}
        </RuleList>
      </RuleSection>
    </>
  );
}
