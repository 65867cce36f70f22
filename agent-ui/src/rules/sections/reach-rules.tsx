import type { ReactNode } from 'react';
import { CHANNELS, NUMBER_TYPES, type NumberType } from '../../../../server/contract/rule-terms.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { ChoiceGroup } from '../../ui/choice-group.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { newKnown } from '../pack-draft.ts';
import { statementWords } from '../rule-words.ts';
import { OptionalRule, RuleSection, type SectionProps } from './rule-frame.tsx';

const LIMITS = ['open', 'listed'] as const;

/** By which channels and to which kinds of number one may contact, and where a recorded voice needs consent. */
export function ReachRules({ draft, change, errorAt, disabled, level }: SectionProps): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { law } = draft;
  const typeWords = (type: NumberType): string => say(`numberType.${type}`);
  return (
    <RuleSection title={say('reachRule.title')} testId="pack-reach">
      <OptionalRule
        rule={draft.channels}
        path="channels"
        words={(rule) => statementWords(locale, { part: 'channels', rule })}
        addName={say('reachRule.addChannels')}
        none={say('reachRule.anyChannel')}
        blank={() => ({ deny: [], ...newKnown(level) })}
        onChange={(channels) => change({ channels })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set) => (
          <>
            <ChoiceGroup
              label={say('reachRule.deny')}
              items={CHANNELS}
              chosen={rule.deny}
              words={(channel) => say(`channel.${channel}`)}
              error={errorAt('channels.deny')}
              onChange={(deny) => set({ deny })}
            />
            <WordField
              label={say('reachRule.others')}
              value={rule.allow === undefined ? 'open' : 'listed'}
              options={LIMITS}
              words={(limit) => say(`reachOthers.${limit}`)}
              onChange={(limit) =>
                set({ allow: limit === 'open' ? undefined : CHANNELS.filter((each) => !rule.deny.includes(each)) })
              }
            />
            {rule.allow === undefined ? null : (
              <ChoiceGroup
                label={say('reachRule.allow')}
                items={CHANNELS}
                chosen={rule.allow}
                words={(channel) => say(`channel.${channel}`)}
                error={errorAt('channels.allow')}
                onChange={(allow) => set({ allow })}
              />
            )}
          </>
        )}
      </OptionalRule>
      <OptionalRule
        rule={draft.numberTypes}
        path="numberTypes"
        words={(rule) => statementWords(locale, { part: 'numberTypes', rule })}
        addName={say('reachRule.addTypes')}
        none={say('reachRule.anyType')}
        blank={() => ({ deny: [], ...newKnown(level) })}
        onChange={(numberTypes) => change({ numberTypes })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set) => (
          <ChoiceGroup
            label={say('reachRule.types')}
            items={NUMBER_TYPES}
            chosen={rule.deny}
            words={typeWords}
            error={errorAt('numberTypes.deny')}
            onChange={(deny) => set({ deny })}
          />
        )}
      </OptionalRule>
      {law === null ? null : (
        <OptionalRule
          rule={law.recordedSoundNeedsConsent}
          path="recordedSoundNeedsConsent"
          words={(rule) => statementWords(locale, { part: 'recordedSoundNeedsConsent', rule })}
          addName={say('reachRule.addConsent')}
          none={say('reachRule.noConsent')}
          blank={() => ({ items: [], ...newKnown(level) })}
          onChange={(recordedSoundNeedsConsent) => change({ law: { ...law, recordedSoundNeedsConsent } })}
          errorAt={errorAt}
          disabled={disabled}
        >
          {(rule, set) => (
            <ChoiceGroup
              label={say('reachRule.types')}
              items={NUMBER_TYPES}
              chosen={rule.items}
              words={typeWords}
              error={errorAt('recordedSoundNeedsConsent.items')}
              onChange={(items) => set({ items })}
            />
          )}
        </OptionalRule>
      )}
    </RuleSection>
  );
}
