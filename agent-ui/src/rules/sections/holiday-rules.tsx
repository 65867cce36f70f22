import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLocale } from '../../i18n/locale.tsx';
import { DayField } from '../../ui/date-fields.tsx';
import { TextField } from '../../ui/field.tsx';
import { newKnown } from '../pack-draft.ts';
import { statementWords } from '../rule-words.ts';
import { OptionalRule, RuleList, RuleSection, type SectionProps } from './rule-frame.tsx';

const CALENDARS = ['gregory', 'umalqura', 'persian'] as const;

/** Whether the country's holidays close, and days of the pack's own. */
export function HolidayRules({ draft, change, errorAt, disabled, level }: SectionProps): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const { law } = draft;
  return (
    <RuleSection title={say('holidays.title')} hint={say('holidayRule.hint')} testId="pack-holidays">
      {law === null ? null : (
        <>
          <OptionalRule
            rule={law.closedOnHolidays}
            path="closedOnHolidays"
            words={() => say('said.closedOnHolidays')}
            addName={say('holidayRule.close')}
            none={say('holidayRule.open')}
            blank={() => newKnown(level)}
            onChange={(closedOnHolidays) => change({ law: { ...law, closedOnHolidays } })}
            errorAt={errorAt}
            disabled={disabled}
          />
          <Link to="/admin/holidays">{say('holidayRule.table')}</Link>
        </>
      )}
      <h3>{say('holidayRule.own')}</h3>
      <RuleList
        rules={draft.holidays}
        path="holidays"
        words={(rule) => statementWords(locale, { part: 'holidays', rule })}
        addName={say('holidays.add')}
        none={say('holidayRule.none')}
        blank={() => ({ date: null, name: '', ...newKnown(level) })}
        onChange={(holidays) => change({ holidays })}
        errorAt={errorAt}
        disabled={disabled}
      >
        {(rule, set, path) => (
          <>
            {disabled ? null : (
              <div className="form-grid">
                <DayField
                  label={say('holidays.date')}
                  value={rule.date}
                  error={errorAt(`${path}.date`)}
                  onChange={(date) => set({ date })}
                />
                <TextField
                  label={say('holiday.name')}
                  value={rule.name}
                  maxLength={120}
                  dir="auto"
                  error={errorAt(`${path}.name`)}
                  onChange={(event) => set({ name: event.target.value })}
                />
              </div>
            )}
            {rule.date === null ? null : (
              <p className="faint small">
                {CALENDARS.map((calendar) => (
                  <span key={calendar} className="calendar-day">
                    {say(`calendar.${calendar}`)}: <bdi>{format.dayIn(calendar, rule.date ?? '')}</bdi>
                  </span>
                ))}
              </p>
            )}
          </>
        )}
      </RuleList>
    </RuleSection>
  );
}
