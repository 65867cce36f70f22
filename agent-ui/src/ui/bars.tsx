import type { ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import './bars.css';

/** Figures with a bar behind each, all on the scale of the greatest or of `whole`. */
export function Bars({ bars, whole }: { bars: readonly (readonly [string, number])[]; whole?: number }): ReactNode {
  const { format } = useLocale();
  const greatest = Math.max(1, whole ?? 0, ...bars.map(([, value]) => value));
  return (
    <dl className="bars">
      {bars.map(([words, value]) => (
        <div key={words} className="bar-row">
          <dt>{words}</dt>
          <dd>
            <span className="bar" style={{ inlineSize: `${(value / greatest) * 100}%` }} aria-hidden="true" />
            <bdi className="figure">{format.number(value)}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
