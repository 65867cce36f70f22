import type { ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import './day-bars.css';

/** A stretch of a day in minutes since midnight, [from, to), with its words; `strength` 0–1 is how dark it is drawn. */
export interface Bar {
  from: number;
  to: number;
  words: string;
  strength: number;
  /** Drawn hatched: nobody has verified it. */
  unverified?: boolean;
}

const MINUTES = 1_440;

/** Days at a glance: a row each, twenty-four hours wide; read aloud as words. */
export function DayBars({
  caption,
  days,
  empty,
}: {
  caption: string;
  days: readonly { key: string; label: string; bars: readonly Bar[] }[];
  empty: string;
}): ReactNode {
  const { say, format } = useLocale();
  return (
    <table className="week-grid">
      <caption className="hidden-text">{caption}</caption>
      <thead aria-hidden="true">
        <tr>
          <th scope="col">{say('hours.days')}</th>
          <td>
            <div className="week-scale">
              {[0, 6, 12, 18, 24].map((hour) => (
                <span key={hour}>{format.number(hour)}</span>
              ))}
            </div>
          </td>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.key}>
            <th scope="row">{day.label}</th>
            <td>
              <span className="hidden-text">{day.bars.length === 0 ? empty : format.list(day.bars.map((bar) => bar.words))}</span>
              <div className="week-day" aria-hidden="true">
                {day.bars.map((bar) => (
                  <span
                    key={`${bar.from} ${bar.to}`}
                    title={bar.words}
                    className={bar.unverified ? 'unverified' : undefined}
                    style={{
                      insetInlineStart: `${(100 * bar.from) / MINUTES}%`,
                      inlineSize: `${(100 * (bar.to - bar.from)) / MINUTES}%`,
                      opacity: 0.25 + 0.75 * bar.strength,
                    }}
                  />
                ))}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Minutes since midnight as `HH:MM`. */
export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
