/** A pack's week as a table, for people who look at it. */
import { rangesByWeekday } from './applied.ts';
import { withAncestors, type Catalogue } from './catalogue.ts';
import { CHANNELS, EVIDENCE_LEVELS, type Channel, type Evidence } from '../contract/rule-terms.ts';
import type { RulePack } from './packs.ts';
import type { WallRange } from './windows.ts';

/** When contact is allowed: weekday 1 = Monday … 7 = Sunday, minutes since local midnight, [from, to). */
export interface GridRange extends WallRange {
  channel: Channel;
  weekday: number;
  /** The least known of the rules that make the range. */
  evidence: Evidence;
}

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/**
 * Every open range of an ordinary week by a pack and what it inherits; what is not named is closed. Holidays and Ramadan come on top.
 * `narrowing` leaves channels alone that it does not name.
 */
export function weeklyGrid(catalogue: Catalogue, pack: RulePack, narrowing: Pick<RulePack, 'hours'> | null = null): GridRange[] {
  const law = withAncestors(catalogue.packs, pack).filter((each) => each.hours.length > 0);
  if (law.length === 0) return [];
  return CHANNELS.flatMap((channel) => {
    const ofChannel = (each: Pick<RulePack, 'hours'>) =>
      each.hours.filter((rule) => rule.channels === 'all' || rule.channels.includes(channel));
    const own = narrowing === null ? [] : ofChannel(narrowing);
    const hours = [...law.map(ofChannel), ...(own.length > 0 ? [own] : [])];
    const evidence = leastKnown(hours.flat().map((rule) => rule.evidence));
    const weeks = hours.map(rangesByWeekday);
    return WEEKDAYS.flatMap((weekday) =>
      weeks
        .map((week) => joined(week[weekday] ?? []))
        .reduce(common)
        .map((range) => ({ channel, weekday, ...range, evidence })),
    );
  });
}

/** Ranges in their order, those that touch as one. */
function joined(ranges: readonly WallRange[]): WallRange[] {
  const result: WallRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else result.push({ ...range });
  }
  return result;
}

function common(some: readonly WallRange[], others: readonly WallRange[]): WallRange[] {
  return some.flatMap((a) =>
    others.map((b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) })).filter((range) => range.from < range.to),
  );
}

function leastKnown(levels: readonly Evidence[]): Evidence {
  return EVIDENCE_LEVELS.toReversed().find((level) => levels.includes(level)) ?? 'V0';
}
