import type { ReactNode } from 'react';
import { LOCALES } from '../i18n/languages.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from './button.tsx';

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/** The days of the week from a first one on, 1 is Monday. */
export function weekFrom(first: number): number[] {
  return DAYS.map((_, index) => ((first - 1 + index) % 7) + 1);
}

/** Some days of the week, each a switch; they begin where the reader's week does. */
export function DaysField({ days, onChange }: { days: readonly number[]; onChange: (days: number[]) => void }): ReactNode {
  const { say, format, language } = useLocale();
  return (
    <div className="row tight" role="group" aria-label={say('hours.days')}>
      {weekFrom(LOCALES[language].weekStartsOn).map((day) => (
        <Button
          key={day}
          look="plain"
          pressed={days.includes(day)}
          onClick={() =>
            onChange(days.includes(day) ? days.filter((one) => one !== day) : [...days, day].toSorted((a, b) => a - b))
          }
        >
          {format.weekday(day)}
        </Button>
      ))}
    </div>
  );
}
