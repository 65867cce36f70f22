import type { ReactNode } from 'react';
import { CAP_SCOPES, COUNTED_EVENTS, SEVERITIES } from '../../../../server/contract/rule-terms.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { TextField } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { newKnown, type CapRule } from '../pack-draft.ts';
import { capWords } from '../rule-words.ts';
import { RuleList, RuleSection, type SectionProps } from './rule-frame.tsx';

const UNITS = ['days', 'minutes'] as const;
const BEGINNINGS = ['at_once', 'first_conversation'] as const;

/** How often one may be contacted: what counts, for whom, in which time, and whether it only warns. */
export function CapRules({
  draft,
  change,
  errorAt,
  disabled,
  level,
  children,
}: SectionProps & {
  /** What stands below the caps: those of the law that may be tightened. */
  children?: ReactNode;
}): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  return (
    <RuleSection title={say('pack.caps')} hint={say('capRule.hint')} testId="pack-caps">
      <RuleList
        rules={draft.caps}
        path="caps"
        words={(rule) => capWords(locale, rule)}
        addName={say('capRule.add')}
        none={say('capRule.none')}
        blank={(): CapRule => ({
          scope: 'person',
          event: 'outbound_call_attempt',
          max: 1,
          unit: 'days',
          length: 1,
          severity: 'block',
          ...newKnown(level),
        })}
        onChange={(caps) => change({ caps })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set, path) => (
          <div className="form-grid">
            <WordField
              label={say('capRule.event')}
              value={rule.event}
              options={COUNTED_EVENTS}
              words={(event) => say(`capEvent.${event}`)}
              onChange={(event) => set({ event })}
            />
            <WordField
              label={say('capRule.scope')}
              value={rule.scope}
              options={CAP_SCOPES}
              words={(scope) => say(`capScope.${scope}`)}
              onChange={(scope) => set({ scope })}
            />
            <NumberField
              label={say('capRule.max')}
              value={rule.max}
              error={errorAt(`${path}.max`)}
              onChange={(max) => set({ max })}
            />
            <NumberField
              label={say('capRule.length')}
              value={rule.length}
              error={errorAt(`${path}.${rule.unit}`)}
              onChange={(length) => set({ length })}
            />
            <WordField
              label={say('capRule.unit')}
              hint={say('capRule.unitHint')}
              value={rule.unit}
              options={UNITS}
              words={(unit) => say(`capUnit.${unit}`)}
              onChange={(unit) => set({ unit })}
            />
            <WordField
              label={say('severity.title')}
              value={rule.severity}
              options={SEVERITIES}
              words={(severity) => say(`severity.${severity}`)}
              onChange={(severity) => set({ severity })}
            />
            <WordField
              label={say('capRule.begins')}
              value={rule.startsAfter ?? 'at_once'}
              options={BEGINNINGS}
              words={(beginning) => say(`capBegins.${beginning}`)}
              onChange={(beginning) => set({ startsAfter: beginning === 'at_once' ? undefined : beginning })}
            />
            <TextField
              label={say('rulePart.id')}
              hint={say('capRule.idHint')}
              value={rule.id ?? ''}
              maxLength={80}
              dir="ltr"
              error={errorAt(`${path}.id`)}
              onChange={({ target: { value } }) => set({ id: value.trim() === '' ? undefined : value.trim() })}
            />
          </div>
        )}
      </RuleList>
      {children}
    </RuleSection>
  );
}
