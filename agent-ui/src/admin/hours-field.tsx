import type { ReactNode } from 'react';
import { LOCALES } from '../i18n/languages.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayBars, type Bar } from '../ui/day-bars.tsx';
import { DayClockField } from '../ui/day-clock-field.tsx';
import { DaysField, weekFrom } from '../ui/days-field.tsx';
import { FieldError } from '../ui/field.tsx';
import type { HoursDraft } from './campaign-draft.ts';

/** The weekly calling hours: windows of days and times, and the week they make drawn below. */
export function HoursField({
  hours,
  onChange,
  errorAt,
  disabled,
}: {
  hours: readonly HoursDraft[];
  onChange: (hours: HoursDraft[]) => void;
  /** What is wrong at a path like `hours.0.to`, in words. */
  errorAt: (field: string) => string | null;
  disabled: boolean;
}): ReactNode {
  const { say, format } = useLocale();
  function change(index: number, part: Partial<HoursDraft>): void {
    onChange(hours.map((window, at) => (at === index ? { ...window, ...part } : window)));
  }
  return (
    <div className="stack">
      {hours.map((window, index) => {
        const error = errorAt(`hours.${index}`) ?? errorAt(`hours.${index}.days`);
        return (
          // Windows have no identity but their place.
          <fieldset key={index} className="hours-window" disabled={disabled}>
            <legend className="field-label">
              <Say text="hours.window" values={{ n: format.number(index + 1) }} />
            </legend>
            <DaysField days={window.days} onChange={(days) => change(index, { days })} />
            <div className="row">
              <DayClockField
                label={say('hours.from')}
                value={window.from}
                onChange={(from) => change(index, { from })}
                error={errorAt(`hours.${index}.from`)}
              />
              <DayClockField
                label={say('hours.to')}
                value={window.to}
                onChange={(to) => change(index, { to })}
                error={errorAt(`hours.${index}.to`)}
              />
              <Button
                look="bare"
                icon="trash"
                name={say('hours.remove', { n: format.number(index + 1) })}
                onClick={() => onChange(hours.filter((_, at) => at !== index))}
              />
            </div>
            {error ? <FieldError>{error}</FieldError> : null}
          </fieldset>
        );
      })}
      {errorAt('hours') ? <FieldError>{errorAt('hours') ?? ''}</FieldError> : null}
      <div>
        <Button icon="plus" disabled={disabled} onClick={() => onChange([...hours, { days: [], from: '09:00', to: '17:00' }])}>
          {say('hours.add')}
        </Button>
      </div>
      {hours.length === 0 ? null : <WeekGrid hours={hours} />}
    </div>
  );
}

/** The week of the windows at a glance. */
function WeekGrid({ hours }: { hours: readonly HoursDraft[] }): ReactNode {
  const { say, format, language } = useLocale();
  const days = weekFrom(LOCALES[language].weekStartsOn).map((day) => ({
    key: String(day),
    label: format.weekday(day),
    bars: hours.flatMap(({ days: on, from, to }): Bar[] => {
      if (!on.includes(day) || from === null || to === null || from >= to) return [];
      const words = `${format.clock(from)} – ${format.clock(to)}`;
      return [{ from: minutesOf(from), to: minutesOf(to), words, strength: 1 }];
    }),
  }));
  return <DayBars caption={say('hours.week')} days={days} empty={say('hours.closed')} />;
}

/** Minutes since midnight of `HH:MM`. */
function minutesOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}
