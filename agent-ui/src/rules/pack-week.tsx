import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { CallableWeek, PackDetail } from '../../../server/contract/packs.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { LOCALES } from '../i18n/languages.ts';
import { Say, useLocale, type Locale } from '../i18n/locale.tsx';
import { SelectField } from '../ui/field.tsx';
import { callableQuery } from './api.ts';
import { clockOf, DayBars, type Bar } from '../ui/day-bars.tsx';

const WEEK = [0, 1, 2, 3, 4, 5, 6] as const;
const HOUR = 60;

/** An ordinary week of rules, by channel. */
export function RuleWeek({
  grid,
  title,
  testId,
}: {
  grid: PackDetail['grid'];
  title: 'pack.week' | 'override.weekNow' | 'override.weekThen';
  testId: string;
}): ReactNode {
  const { say, sayIfKnown, format, language } = useLocale();
  const channels = [...new Set(grid.map((range) => range.channel))];
  const [chosen, setChosen] = useState('call');
  const channel = channels.includes(chosen) ? chosen : (channels[0] ?? 'call');
  const first = LOCALES[language].weekStartsOn;
  const days = WEEK.map((index) => {
    const weekday = ((first - 1 + index) % 7) + 1;
    const bars = grid
      .filter((range) => range.weekday === weekday && range.channel === channel)
      .map(({ from, to, evidence }): Bar => {
        const hours = `${format.clock(clockOf(from))} – ${format.clock(clockOf(to))}`;
        const unverified = evidence === 'V0';
        return { from, to, strength: 1, unverified, words: unverified ? `${hours} (${say('evidence.V0')})` : hours };
      });
    return { key: String(weekday), label: format.weekday(weekday), bars };
  });
  const unverified = grid.some((range) => range.channel === channel && range.evidence === 'V0');
  return (
    <section className="card panel" aria-labelledby={testId} data-testid={testId}>
      <div className="row">
        <h2 id={testId} className="grow">
          {say(title)}
        </h2>
        {channels.length > 1 ? (
          <SelectField label={say('pack.channel')} value={channel} onChange={(event) => setChosen(event.target.value)}>
            {channels.map((each) => (
              <option key={each} value={each}>
                {sayIfKnown(`channel.${each}`) ?? each}
              </option>
            ))}
          </SelectField>
        ) : null}
      </div>
      <DayBars caption={say(title)} days={days} empty={say('pack.closed')} />
      <p className="faint small">
        {unverified ? `${say('pack.weekUnverified')} ` : ''}
        {say('pack.weekLead')}
      </p>
    </section>
  );
}

/** How many real debtors of the pack's countries may be called in each hour of the coming week. */
export function PackCallable({ packId }: { packId: string }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const week = useQuery(callableQuery(packId));
  if (week.isError) return <AskFailed query={week} />;
  const { data } = week;
  return (
    <section className="card panel" aria-labelledby="pack-callable" data-testid="pack-callable">
      <h2 id="pack-callable">{say('pack.callable')}</h2>
      {data === undefined ? (
        <p className="faint">{say('common.loading')}</p>
      ) : data.people === 0 ? (
        <p className="faint">{say('pack.callableNone')}</p>
      ) : (
        <>
          <p className="faint small">
            <Say
              text="pack.callableLead"
              values={{ people: format.number(data.people), zone: Intl.DateTimeFormat().resolvedOptions().timeZone }}
            />
          </p>
          <DayBars caption={say('pack.callable')} days={callableDays(locale, data)} empty={say('pack.callableNobody')} />
        </>
      )}
    </section>
  );
}

/** The hours by day of the reader's own clock; hours with equally many people are one bar. */
export function callableDays({ say, format }: Locale, week: CallableWeek): { key: string; label: string; bars: Bar[] }[] {
  const days = new Map<string, { from: number; people: number }[]>();
  for (const { at, people } of week.hours) {
    const moment = new Date(at);
    const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
    const hours = days.get(day) ?? [];
    days.set(day, hours);
    hours.push({ from: moment.getHours() * HOUR + moment.getMinutes(), people });
  }
  return [...days].map(([day, hours]) => {
    const bars: Bar[] = [];
    let lastPeople = -1;
    for (const { from, people } of hours) {
      const to = Math.min(from + HOUR, 24 * HOUR);
      const last = bars.at(-1);
      if (people === 0) {
        lastPeople = -1;
        continue;
      }
      if (last && last.to === from && lastPeople === people) last.to = to;
      else bars.push({ from, to, strength: people / week.people, words: String(people) });
      lastPeople = people;
    }
    const spoken = bars.map((bar) => ({
      ...bar,
      words: say('pack.callableBar', {
        n: format.number(Number(bar.words)),
        from: format.clock(clockOf(bar.from)),
        to: format.clock(clockOf(bar.to)),
      }),
    }));
    const weekday = new Date(`${day}T12:00:00`).getDay() || 7;
    return { key: day, label: format.weekday(weekday), bars: spoken };
  });
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
