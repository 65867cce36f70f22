import type { ReactNode } from 'react';
import type { OverridePreview } from '../../../server/contract/packs.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { DayBars } from '../ui/day-bars.tsx';
import { Icon } from '../ui/icons.tsx';
import { callableDays, RuleWeek } from './pack-week.tsx';

/** What rules in the editor would do: the week they leave, and how many of the people could be called when, against the law alone. */
export function OverrideEffect({ preview, busy }: { preview: OverridePreview; busy: boolean }): ReactNode {
  return (
    <div className="stack" aria-busy={busy} data-testid="override-effect">
      <RuleWeek grid={preview.grid} title="override.weekThen" testId="week-then" />
      <Callable preview={preview} />
    </div>
  );
}

function Callable({ preview }: { preview: OverridePreview }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const { people, partly, hours } = preview;
  const sum = (part: 'before' | 'after'): number => hours.reduce((total, hour) => total + hour[part], 0);
  const [before, after] = [sum('before'), sum('after')];
  return (
    <section className="card panel" aria-labelledby="override-callable">
      <h2 id="override-callable">{say('override.effect')}</h2>
      {people === 0 ? (
        <p className="faint">{say('override.nobody')}</p>
      ) : (
        <>
          <p>
            <Say
              text={partly ? 'override.effectPartly' : 'override.effectOf'}
              values={{
                people: format.number(people),
                before: format.number(before),
                after: format.number(after),
                share: format.percent(before === 0 ? 1 : after / before),
              }}
            />
          </p>
          {before > 0 && after === 0 ? (
            <p className="notice danger" role="alert">
              <Icon name="alert" />
              {say('override.nobodyAllWeek')}
            </p>
          ) : null}
          <DayBars
            caption={say('override.effect')}
            days={callableDays(locale, { people, hours: hours.map((hour) => ({ at: hour.at, people: hour.after })) })}
            empty={say('pack.callableNobody')}
          />
          <p className="faint small">
            <Say text="override.zone" values={{ zone: Intl.DateTimeFormat().resolvedOptions().timeZone }} />
          </p>
        </>
      )}
    </section>
  );
}
