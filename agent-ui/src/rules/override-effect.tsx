import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { OverridePreview } from '../../../server/contract/packs.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { Say, useLocale } from '../i18n/locale.tsx';
import { DayBars } from '../ui/day-bars.tsx';
import { Icon } from '../ui/icons.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { overridePreviewQuery, type WhoseRules } from './api.ts';
import { faultKey } from './pack-draft.ts';
import { callableDays, RuleWeek } from './pack-week.tsx';

/** What rules in the editor would do: the week they leave, and how many of the people could be called when, against the law alone. */
export function OverrideEffect({ whose, rules }: { whose: WhoseRules; rules: Record<string, unknown> | null }): ReactNode {
  const { say, sayIfKnown } = useLocale();
  const preview = useQuery(overridePreviewQuery(whose, useSettled(rules)));
  if (preview.isError) return <AskFailed query={preview} />;
  const { data } = preview;
  if (!data) return <p className="faint">{say('common.loading')}</p>;
  if (data.faults.length > 0) {
    return (
      <div className="notice warn" role="status" data-testid="override-faults">
        <Icon name="alert" />
        <ul className="plain-list notice-text">
          {data.faults.map(({ code, field, message }) => (
            <li key={`${code} ${field ?? ''} ${message}`}>
              {sayIfKnown(faultKey(code)) ?? message}{' '}
              {field === null ? null : (
                <bdi dir="ltr" className="code">
                  {field}
                </bdi>
              )}
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div className="stack" aria-busy={preview.isFetching} data-testid="override-effect">
      <RuleWeek grid={data.grid} title="override.weekThen" testId="week-then" />
      <Callable preview={data} />
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
