import {
  GregorianCalendar,
  IslamicUmalquraCalendar,
  parseDate,
  parseTime,
  PersianCalendar,
  toCalendar,
  type Calendar as DayCalendar,
  type CalendarDate,
} from '@internationalized/date';
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  CalendarHeading,
  DateInput,
  DatePicker,
  DateSegment,
  Dialog,
  Group,
  I18nProvider,
  Label,
  Popover,
  Text,
  TimeField,
} from 'react-aria-components';
import type { Language } from '../../../server/contract/people.ts';
import { LOCALES } from '../i18n/languages.ts';
import { useLocale } from '../i18n/locale.tsx';
import { FieldError } from './field.tsx';
import { Icon } from './icons.tsx';
import './date-fields.css';

/** The calendars of `LOCALES`. */
const CALENDARS: Readonly<Record<Language, DayCalendar>> = {
  en: new GregorianCalendar(),
  ar: new IslamicUmalquraCalendar(),
  fa: new PersianCalendar(),
};

/** A day in the calendar of the language: the picker opens on its first day in whichever calendar that was given. */
function dayIn(language: Language, day: string): CalendarDate {
  return toCalendar(parseDate(day), CALENDARS[language]);
}

interface DayFieldProps {
  label: string;
  /** `YYYY-MM-DD`, or null while none is chosen. */
  value: string | null;
  onChange: (value: string | null) => void;
  /** First and last day that may be chosen, `YYYY-MM-DD`. */
  min?: string | undefined;
  max?: string | undefined;
  error?: string | null | undefined;
}

/** A day, typed part by part or picked, in the language's own calendar and digits; the wire value stays Gregorian. */
export function DayField({ label, value, onChange, min, max, error }: DayFieldProps): ReactNode {
  const { language, say, format } = useLocale();
  return (
    <I18nProvider locale={LOCALES[language].fields}>
      <DatePicker
        className="field"
        value={value === null ? null : dayIn(language, value)}
        onChange={(date: CalendarDate | null) => onChange(date === null ? null : toCalendar(date, CALENDARS.en).toString())}
        isInvalid={Boolean(error)}
        shouldForceLeadingZeros
        {...(min === undefined ? {} : { minValue: dayIn(language, min) })}
        {...(max === undefined ? {} : { maxValue: dayIn(language, max) })}
      >
        <Label className="field-label">{label}</Label>
        <Group className="input date-group">
          <DateInput className="date-input">{(segment) => <DateSegment segment={segment} className="date-segment" />}</DateInput>
          <AriaButton className="button bare square date-button">
            <Icon name="calendar" />
          </AriaButton>
        </Group>
        <Text slot="description" className="field-hint">
          {say(CALENDAR_TEXT[language])}
          {value !== null && language !== 'en' ? <bdi>{` · ${format.gregorianDay(value)}`}</bdi> : null}
        </Text>
        {error ? <FieldError>{error}</FieldError> : null}
        <Popover className="date-popover" placement="bottom start">
          <Dialog className="date-dialog">
            <Calendar>
              <header className="calendar-head">
                <AriaButton slot="previous" className="button bare square calendar-back">
                  <Icon name="chevron" />
                </AriaButton>
                <CalendarHeading className="strong" />
                <AriaButton slot="next" className="button bare square calendar-on">
                  <Icon name="chevron" />
                </AriaButton>
              </header>
              <CalendarGrid>
                <CalendarGridHeader>{(day) => <CalendarHeaderCell>{day}</CalendarHeaderCell>}</CalendarGridHeader>
                <CalendarGridBody>{(date) => <CalendarCell date={date} className="calendar-cell" />}</CalendarGridBody>
              </CalendarGrid>
            </Calendar>
          </Dialog>
        </Popover>
      </DatePicker>
    </I18nProvider>
  );
}

/** A time of day `HH:MM`, on the 24-hour clock that calling hours are written in. */
export function ClockField({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  error?: string | null | undefined;
}): ReactNode {
  const { language } = useLocale();
  return (
    <I18nProvider locale={LOCALES[language].fields}>
      <TimeField
        className="field"
        hourCycle={24}
        value={value === null ? null : parseTime(value)}
        onChange={(time) => onChange(time === null ? null : time.toString().slice(0, 5))}
        isInvalid={Boolean(error)}
        shouldForceLeadingZeros
      >
        <Label className="field-label">{label}</Label>
        <DateInput className="input date-input">
          {(segment) => <DateSegment segment={segment} className="date-segment" />}
        </DateInput>
        {error ? <FieldError>{error}</FieldError> : null}
      </TimeField>
    </I18nProvider>
  );
}

/** Each language's calendar by name, since a bare date could be of any. */
const CALENDAR_TEXT = { en: 'calendar.gregory', ar: 'calendar.umalqura', fa: 'calendar.persian' } as const;
