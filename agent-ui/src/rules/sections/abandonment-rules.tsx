import type { ReactNode } from 'react';
import { ABANDON_WINDOWS, CLOCK_STARTS } from '../../../../server/contract/abandonment.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { newKnown, type AbandonmentRule } from '../pack-draft.ts';
import { statementWords } from '../rule-words.ts';
import { FigureField, OptionalRule, RuleSection, type SectionProps } from './rule-frame.tsx';

/** What is asked of calls that people answer and nobody takes, how long a telephone rings, and the key that ends all calls. */
export function AbandonmentRules({ draft, change, errorAt, disabled, level }: SectionProps): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  return (
    <RuleSection title={say('abandonRule.title')} hint={say('abandonRule.hint')} testId="pack-abandonment">
      <OptionalRule
        rule={draft.abandonment}
        path="abandonment"
        words={(rule) => statementWords(locale, { part: 'abandonment', rule })}
        addName={say('abandonRule.add')}
        none={say('abandonRule.none')}
        blank={(): AbandonmentRule => ({
          maxShare: 0.03,
          period: 'rolling24h',
          connectWithinMs: 2_000,
          clockStart: 'greeting_end',
          minimumRingMs: 15_000,
          redialBlockHours: 72,
          ...newKnown(level),
        })}
        onChange={(abandonment) => change({ abandonment })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set) => (
          <div className="form-grid">
            <FigureField
              label={say('abandonRule.share')}
              unit={say('abandonRule.percent')}
              value={rule.maxShare}
              factor={0.01}
              decimals={2}
              error={errorAt('abandonment.maxShare')}
              onChange={(maxShare) => set({ maxShare })}
            />
            <WordField
              label={say('abandonRule.period')}
              value={rule.period}
              options={ABANDON_WINDOWS}
              words={(period) => say(`abandonment.window.${period}`)}
              onChange={(period) => set({ period })}
            />
            <FigureField
              label={say('abandonRule.within')}
              unit={say('abandonRule.seconds')}
              value={rule.connectWithinMs}
              factor={1_000}
              decimals={1}
              error={errorAt('abandonment.connectWithinMs')}
              onChange={(connectWithinMs) => set({ connectWithinMs })}
            />
            <WordField
              label={say('abandonRule.start')}
              value={rule.clockStart}
              options={CLOCK_STARTS}
              words={(start) => say(`abandonment.clock.${start}`)}
              onChange={(clockStart) => set({ clockStart })}
            />
            <FigureField
              label={say('abandonRule.ring')}
              unit={say('abandonRule.seconds')}
              value={rule.minimumRingMs}
              factor={1_000}
              decimals={1}
              error={errorAt('abandonment.minimumRingMs')}
              onChange={(minimumRingMs) => set({ minimumRingMs })}
            />
            <NumberField
              label={say('abandonRule.redial')}
              unit={say('abandonRule.hours')}
              hint={say('abandonRule.redialHint')}
              value={rule.redialBlockHours}
              error={errorAt('abandonment.redialBlockHours')}
              onChange={(redialBlockHours) => set({ redialBlockHours })}
            />
          </div>
        )}
      </OptionalRule>
      <OptionalRule
        rule={draft.optOutByKey}
        path="optOutByKey"
        words={() => say('said.optOutByKey')}
        addName={say('abandonRule.addKey')}
        none={say('abandonRule.noKey')}
        blank={() => newKnown(level)}
        onChange={(optOutByKey) => change({ optOutByKey })}
        errorAt={errorAt}
        disabled={disabled}
      />
    </RuleSection>
  );
}
