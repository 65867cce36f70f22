/** Finds where a creditor's or campaign's own rules would be looser than the pack they are meant to tighten. */
import { channelsDeniedBy, rangesByWeekday } from './applied.ts';
import { PackFault, withAncestors, type Catalogue } from './catalogue.ts';
import { CHANNELS } from '../contract/rule-terms.ts';
import type { Cap, Cooloff, RuleOverride, RulePack } from './packs.ts';
import type { WallRange } from './windows.ts';

/**
 * Every way in which `override` is looser than the pack it tightens and what that inherits, each as `loosening_override` with its
 * field; `unknown_base` where the pack is not there. Empty: it only tightens.
 */
export function looseningsOf(catalogue: Catalogue, override: RuleOverride): PackFault[] {
  const pack = catalogue.packs.get(override.tightens);
  if (pack === undefined) {
    return [new PackFault('unknown_base', `there is no pack ${override.tightens} to tighten`, 'tightens')];
  }
  return withAncestors(catalogue.packs, pack).flatMap((law) => [
    ...looserHours(law, override),
    ...looserCaps(law, override),
    ...looserCooloffs(law, override),
    ...looserChannels(law, override),
    ...looserAbandonment(law, override),
  ]);
}

function looser(field: string, message: string): PackFault {
  return new PackFault('loosening_override', message, field);
}

function looserHours(law: RulePack, { hours, ramadanHours }: RuleOverride): PackFault[] {
  const faults: PackFault[] = [];
  for (const [i, rule] of hours.entries()) {
    const own = rangesByWeekday([rule]);
    for (const channel of rule.channels === 'all' ? CHANNELS : rule.channels) {
      const lawful = rangesByWeekday(law.hours.filter((each) => each.channels === 'all' || each.channels.includes(channel)));
      // A rule for all channels binds those too that the pack leaves closed; it opens nothing there.
      if (law.hours.length === 0 || (rule.channels === 'all' && lawful.flat().length === 0)) continue;
      const weekday = rule.days.find((day) => !(own[day] ?? []).every((range) => isWithin(range, lawful[day] ?? [])));
      if (weekday === undefined) continue;
      faults.push(looser(`hours.${i}`, `${rule.from}–${rule.to} on weekday ${weekday} reaches beyond the hours of ${law.id}`));
      break;
    }
  }
  if (ramadanHours !== null && law.ramadanHours !== null) {
    if (ramadanHours.from < law.ramadanHours.from || ramadanHours.to > law.ramadanHours.to) {
      faults.push(looser('ramadanHours', `the Ramadan hours reach beyond those of ${law.id}`));
    }
  }
  return faults;
}

/** Ranges that touch count as one. */
function isWithin(range: WallRange, ranges: readonly WallRange[]): boolean {
  let coveredTo = range.from;
  for (const each of ranges.toSorted((a, b) => a.from - b.from)) {
    if (each.from <= coveredTo) coveredTo = Math.max(coveredTo, each.to);
  }
  return coveredTo >= range.to;
}

function looserCaps(law: RulePack, { caps }: RuleOverride): PackFault[] {
  return caps.flatMap((cap, i) => {
    const beside = law.caps.find((each) => (each.id === cap.id || samePeriod(each, cap)) && isLooserCap(cap, each));
    return beside === undefined ? [] : [looser(`caps.${i}`, `${cap.id} allows more than ${beside.id} of ${law.id}`)];
  });
}

function samePeriod(a: Cap, b: Cap): boolean {
  return a.scope === b.scope && a.event === b.event && a.days === b.days && a.minutes === b.minutes;
}

function isLooserCap(cap: Cap, lawful: Cap): boolean {
  return (
    cap.scope !== lawful.scope ||
    cap.event !== lawful.event ||
    cap.max > lawful.max ||
    (lawful.days !== undefined && (cap.days ?? 0) < lawful.days) ||
    (lawful.minutes !== undefined && cap.days === undefined && (cap.minutes ?? 0) < lawful.minutes) ||
    (cap.severity === 'warn' && lawful.severity === 'block') ||
    (cap.startsAfter !== undefined && lawful.startsAfter === undefined)
  );
}

function looserCooloffs(law: RulePack, { cooloffs }: RuleOverride): PackFault[] {
  return cooloffs.flatMap((cooloff, i) => {
    const beside = law.cooloffs.find(
      (each) =>
        (each.id === cooloff.id || (each.after === cooloff.after && each.scope === cooloff.scope)) && isShorter(cooloff, each),
    );
    return beside === undefined ? [] : [looser(`cooloffs.${i}`, `${cooloff.id} is over before ${beside.id} of ${law.id}`)];
  });
}

function isShorter(cooloff: Cooloff, lawful: Cooloff): boolean {
  const days = (rule: Cooloff): number => (rule.dayOneIsEventDay ? rule.days : rule.days + 1);
  return (
    cooloff.after !== lawful.after ||
    days(cooloff) < days(lawful) ||
    (cooloff.scope === 'person+debt' && lawful.scope === 'person') ||
    (cooloff.blocks === 'outbound_call_attempt' && lawful.blocks === 'contact') ||
    (cooloff.severity === 'warn' && lawful.severity === 'block')
  );
}

function looserChannels(law: RulePack, { channels }: RuleOverride): PackFault[] {
  const denied = channelsDeniedBy(law);
  return (channels?.allow ?? [])
    .filter((channel) => denied.includes(channel))
    .map((channel) => looser('channels.allow', `${law.id} allows no contact by ${channel}`));
}

function looserAbandonment({ id, abandonment: law }: RulePack, { abandonment: own }: RuleOverride): PackFault[] {
  if (law === null || own === null) return [];
  const faults: PackFault[] = [];
  if (own.maxShare > law.maxShare) faults.push(looser('abandonment.maxShare', `more calls may be abandoned than ${id} allows`));
  if (own.connectWithinMs > law.connectWithinMs) {
    faults.push(looser('abandonment.connectWithinMs', `people wait longer than ${id} allows`));
  }
  if (own.minimumRingMs < law.minimumRingMs) {
    faults.push(looser('abandonment.minimumRingMs', `phones ring shorter than ${id} demands`));
  }
  if (own.redialBlockHours < law.redialBlockHours) {
    faults.push(looser('abandonment.redialBlockHours', `abandoned numbers are dialed again sooner than ${id} allows`));
  }
  return faults;
}
