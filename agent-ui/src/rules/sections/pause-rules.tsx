import { useId, type ReactNode } from 'react';
import { HOLD_KINDS } from '../../../../server/contract/guidance.ts';
import {
  COOLOFF_BLOCKS,
  COOLOFF_CAUSES,
  COOLOFF_SCOPES,
  HOLD_BLOCKS,
  SEVERITIES,
} from '../../../../server/contract/rule-terms.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { TextField } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { newKnown, type CooloffRule, type HoldRule, type LawDraft } from '../pack-draft.ts';
import { statementWords } from '../rule-words.ts';
import { RuleList, RuleSection, type SectionProps } from './rule-frame.tsx';

const FIRST_DAYS = ['event_day', 'day_after'] as const;

/** Days of rest after something happened. */
export function CooloffRules({ draft, change, errorAt, disabled, level }: SectionProps): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  return (
    <RuleSection title={say('cooloffRule.title')} hint={say('cooloffRule.hint')} testId="pack-cooloffs">
      <RuleList
        rules={draft.cooloffs}
        path="cooloffs"
        words={(rule) => statementWords(locale, { part: 'cooloffs', rule })}
        addName={say('cooloffRule.add')}
        none={say('cooloffRule.none')}
        blank={(): CooloffRule => ({
          id: `rest${draft.cooloffs.length + 1}`,
          after: 'phone_conversation',
          days: 7,
          dayOneIsEventDay: true,
          scope: 'person',
          blocks: 'outbound_call_attempt',
          severity: 'block',
          ...newKnown(level),
        })}
        onChange={(cooloffs) => change({ cooloffs })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set, path) => (
          <div className="form-grid">
            <WordField
              label={say('cooloffRule.after')}
              value={rule.after}
              options={COOLOFF_CAUSES}
              words={(cause) => say(`cooloffCause.${cause}`)}
              onChange={(after) => set({ after })}
            />
            <NumberField
              label={say('cooloffRule.days')}
              value={rule.days}
              error={errorAt(`${path}.days`)}
              onChange={(days) => set({ days })}
            />
            <WordField
              label={say('cooloffRule.dayOne')}
              value={rule.dayOneIsEventDay ? 'event_day' : 'day_after'}
              options={FIRST_DAYS}
              words={(day) => say(`cooloffDayOne.${day}`)}
              onChange={(day) => set({ dayOneIsEventDay: day === 'event_day' })}
            />
            <WordField
              label={say('capRule.scope')}
              value={rule.scope}
              options={COOLOFF_SCOPES}
              words={(scope) => say(`capScope.${scope}`)}
              onChange={(scope) => set({ scope })}
            />
            <WordField
              label={say('cooloffRule.blocks')}
              value={rule.blocks}
              options={COOLOFF_BLOCKS}
              words={(blocks) => say(`cooloffBlocks.${blocks}`)}
              onChange={(blocks) => set({ blocks })}
            />
            <WordField
              label={say('severity.title')}
              value={rule.severity}
              options={SEVERITIES}
              words={(severity) => say(`severity.${severity}`)}
              onChange={(severity) => set({ severity })}
            />
            <TextField
              label={say('rulePart.id')}
              hint={say('rulePart.idHint')}
              value={rule.id}
              maxLength={80}
              dir="ltr"
              error={errorAt(`${path}.id`)}
              onChange={(event) => set({ id: event.target.value.trim() })}
            />
          </div>
        )}
      </RuleList>
    </RuleSection>
  );
}

/** What each kind of hold stops by this law. */
export function HoldRules({ law, change, errorAt, disabled, level }: SectionProps & { law: LawDraft }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const flags = useId();
  return (
    <RuleSection title={say('holdRule.title')} hint={say('holdRule.hint')} testId="pack-holds">
      <datalist id={flags}>
        {HOLD_KINDS.map((flag) => (
          <option key={flag} value={flag}>
            {say(`hold.${flag}`)}
          </option>
        ))}
      </datalist>
      <RuleList
        rules={law.holds}
        path="holds"
        words={(rule) => statementWords(locale, { part: 'holds', rule })}
        addName={say('holdRule.add')}
        none={say('holdRule.none')}
        blank={(): HoldRule => ({ flag: 'dispute', blocks: 'all', ...newKnown(level) })}
        onChange={(holds) => change({ law: { ...law, holds } })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set, path) => (
          <div className="form-grid">
            <TextField
              label={say('holdRule.flag')}
              hint={say('rulePart.idHint')}
              value={rule.flag}
              maxLength={80}
              dir="ltr"
              list={flags}
              error={errorAt(`${path}.flag`)}
              onChange={(event) => set({ flag: event.target.value.trim() })}
            />
            <WordField
              label={say('holdRule.blocks')}
              value={rule.blocks}
              options={HOLD_BLOCKS}
              words={(blocks) => say(`holdBlocks.${blocks}`)}
              onChange={(blocks) => set({ blocks })}
            />
            <TextField
              label={say('holdRule.until')}
              hint={say('holdRule.untilHint')}
              value={rule.until ?? ''}
              maxLength={200}
              dir="auto"
              onChange={({ target: { value } }) => set({ until: value === '' ? undefined : value })}
            />
          </div>
        )}
      </RuleList>
    </RuleSection>
  );
}
