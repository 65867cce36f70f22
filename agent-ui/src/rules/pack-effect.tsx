import type { ReactNode } from 'react';
import type { PackPreview } from '../../../server/contract/packs.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { DayBars } from '../ui/day-bars.tsx';
import { Icon } from '../ui/icons.tsx';
import { callableDays, RuleWeek } from './pack-week.tsx';

/** What a version of a pack would do from now on: the week it leaves, and how many of those who wait could be called when. */
export function PackEffect({ preview, busy }: { preview: PackPreview; busy: boolean }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const { people, oneIn, now, hours, blocked } = preview;
  return (
    <div className="stack" aria-busy={busy} data-testid="pack-effect">
      <RuleWeek grid={preview.grid} title="override.weekThen" testId="week-then" />
      <section className="card panel" aria-labelledby="pack-effect">
        <h2 id="pack-effect">{say('override.effect')}</h2>
        {blocked === null ? null : (
          <p className="notice danger" role="alert" data-testid="would-block">
            <Icon name="alert" />
            <span className="notice-text">
              <Say text="pack.blocks" values={{ people: format.number(blocked.people) }} />{' '}
              <bdi>{format.list(blocked.countries.map((code) => format.country(code)))}</bdi>
            </span>
          </p>
        )}
        {people === 0 ? (
          <p className="faint">{say('packEffect.nobody')}</p>
        ) : (
          <>
            <p>
              <Say
                text={oneIn > 1 ? 'packEffect.nowSample' : 'packEffect.now'}
                values={{
                  people: format.number(people),
                  oneIn: format.number(oneIn),
                  before: format.number(now.before),
                  after: format.number(now.after),
                  opened: format.number(now.opened),
                  closed: format.number(now.closed),
                }}
              />
            </p>
            <DayBars
              caption={say('override.effect')}
              days={callableDays(locale, { people, hours: hours.map((hour) => ({ at: hour.at, people: hour.after })) })}
              empty={say('pack.callableNobody')}
            />
          </>
        )}
        <p className="faint small">
          <Say text="override.zone" values={{ zone: Intl.DateTimeFormat().resolvedOptions().timeZone }} />
        </p>
      </section>
    </div>
  );
}
