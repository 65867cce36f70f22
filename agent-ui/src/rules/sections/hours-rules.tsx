import { useState, type ReactNode } from 'react';
import { CHANNELS, type Channel } from '../../../../server/contract/rule-terms.ts';
import { LOCALES } from '../../i18n/languages.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { ChoiceGroup } from '../../ui/choice-group.tsx';
import { DayBars, type Bar } from '../../ui/day-bars.tsx';
import { DayClockField } from '../../ui/day-clock-field.tsx';
import { DaysField, weekFrom } from '../../ui/days-field.tsx';
import { FieldError } from '../../ui/field.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { newKnown, type HoursRule } from '../pack-draft.ts';
import { hoursWords, statementWords } from '../rule-words.ts';
import { OptionalRule, RuleList, RuleSection, type SectionProps } from './rule-frame.tsx';

const SPREAD = ['all', 'some'] as const;

/** The weekly hours by channel, the week they make, and the hours of Ramadan. */
export function HoursRules({ draft, change, errorAt, disabled, level }: SectionProps): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { hours } = draft;
  function blank(): HoursRule {
    const [first] = hours;
    return { days: [], from: '09:00', to: '17:00', channels: first?.channels ?? 'all', ...newKnown(level) };
  }
  return (
    <RuleSection
      title={say('pack.hours')}
      hint={say(draft.law === null ? 'hoursRule.hintOwn' : 'hoursRule.hint')}
      testId="pack-hours"
    >
      <RuleList
        rules={hours}
        path="hours"
        words={(rule) => hoursWords(locale, rule)}
        addName={say('hours.add')}
        none={say('hoursRule.none')}
        blank={blank}
        onChange={(changed) => change({ hours: changed })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set, path) => (
          <>
            <div className="stack tight">
              <DaysField days={rule.days} onChange={(days) => set({ days })} />
              {errorAt(`${path}.days`) === null ? null : <FieldError>{say('invalid.days')}</FieldError>}
            </div>
            <div className="row">
              <DayClockField
                label={say('hours.from')}
                value={rule.from}
                error={errorAt(`${path}.from`)}
                onChange={(from) => set({ from })}
              />
              <DayClockField
                label={say('hours.to')}
                value={rule.to}
                error={errorAt(`${path}.to`)}
                onChange={(to) => set({ to })}
              />
              <WordField
                label={say('hoursRule.channels')}
                value={rule.channels === 'all' ? 'all' : 'some'}
                options={SPREAD}
                words={(spread) => say(`channels.${spread}`)}
                onChange={(spread) => set({ channels: spread === 'all' ? 'all' : ['call'] })}
              />
            </div>
            {rule.channels === 'all' ? null : (
              <ChoiceGroup
                label={say('hoursRule.which')}
                items={CHANNELS}
                chosen={rule.channels}
                words={(channel) => say(`channel.${channel}`)}
                error={errorAt(`${path}.channels`)}
                onChange={(channels) => set({ channels })}
              />
            )}
          </>
        )}
      </RuleList>
      {hours.length === 0 ? null : <DraftWeek hours={hours} />}
      <h3>{say('ramadanRule.title')}</h3>
      <OptionalRule
        rule={draft.ramadanHours}
        path="ramadanHours"
        words={(rule) => statementWords(locale, { part: 'ramadanHours', rule })}
        addName={say('ramadanRule.add')}
        none={say('ramadanRule.none')}
        blank={() => ({ from: '10:00', to: '15:00', ...newKnown(level) })}
        onChange={(ramadanHours) => change({ ramadanHours })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set) => (
          <div className="row">
            <DayClockField
              label={say('hours.from')}
              value={rule.from}
              error={errorAt('ramadanHours.from')}
              onChange={(from) => set({ from })}
            />
            <DayClockField
              label={say('hours.to')}
              value={rule.to}
              error={errorAt('ramadanHours.to')}
              onChange={(to) => set({ to })}
            />
          </div>
        )}
      </OptionalRule>
    </RuleSection>
  );
}

/** The week of the hours at a glance, a channel at a time. */
function DraftWeek({ hours }: { hours: readonly HoursRule[] }): ReactNode {
  const { say, format, language } = useLocale();
  const named = hours.flatMap((rule) => (rule.channels === 'all' ? CHANNELS : rule.channels));
  const channels = CHANNELS.filter((channel) => named.includes(channel));
  const [chosen, setChosen] = useState<Channel>('call');
  const channel = channels.includes(chosen) ? chosen : (channels[0] ?? 'call');
  const days = weekFrom(LOCALES[language].weekStartsOn).map((day) => ({
    key: String(day),
    label: format.weekday(day),
    bars: hours.flatMap(({ days: on, from, to, channels: ofRule, evidence }): Bar[] => {
      const meant = on.includes(day) && (ofRule === 'all' || ofRule.includes(channel));
      if (!meant || from === null || to === null || from >= to) return [];
      const words = `${format.clock(from)} – ${format.clock(to)}`;
      return [{ from: minutesOf(from), to: minutesOf(to), words, strength: 1, unverified: evidence === 'V0' }];
    }),
  }));
  return (
    <div className="stack tight" data-testid="draft-week">
      {channels.length > 1 ? (
        <WordField
          label={say('hoursRule.weekOf')}
          value={channel}
          options={channels}
          words={(each) => say(`channel.${each}`)}
          onChange={setChosen}
        />
      ) : null}
      <DayBars caption={say('hours.week')} days={days} empty={say('pack.closed')} />
    </div>
  );
}

/** Minutes since midnight of `HH:MM`. */
function minutesOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}
