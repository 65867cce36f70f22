/** Compiles the packs that bind a contact together into rules the gate can apply quickly. The strictest of each kind wins. */
import { type NumberType, CHANNELS, type Channel, type HoldBlock } from '../contract/rule-terms.ts';
import { ABANDON_WINDOWS, CLOCK_STARTS, type AbandonWindow, type ClockStart } from '../contract/abandonment.ts';
import { stricter } from './ledger/rules.ts';
import type { Cap, Cooloff, RulePack } from './packs.ts';
import {
  WHOLE_DAY,
  closedDaysWindow,
  minutesOfClock,
  ramadanWindow,
  weeklyWindow,
  type RuleOrigin,
  type WallRange,
  type WindowRule,
} from './windows.ts';
import { dayOfDate } from './zones.ts';

export interface AppliedCap {
  rule: Pick<Cap, 'id' | 'scope' | 'event' | 'max' | 'days' | 'minutes' | 'severity' | 'startsAfter'>;
  origin: RuleOrigin;
}

export interface AppliedCooloff {
  rule: Cooloff;
  origin: RuleOrigin;
}

export interface AppliedHold {
  blocks: HoldBlock;
  /** When it ends by law, and what is to be known of it, in the pack's own words. */
  until: string | null;
  note: string | null;
  origin: RuleOrigin;
}

/** Something that is to be said, in the pack's own words. */
export interface AppliedDisclosure {
  when: string;
  text: string;
  origin: RuleOrigin;
}

/** What is asked of calls that people answer: shares from 0 to 1. */
export interface AppliedAbandonment {
  maxShare: number;
  period: AbandonWindow;
  connectWithinMs: number;
  clockStart: ClockStart;
  minimumRingMs: number;
  redialBlockHours: number;
  /** The packs whose rules these are; the strictest figure of each. */
  origins: readonly RuleOrigin[];
}

/** A reason to refuse whatever the time: a place without a pack, or a place that is none. */
export interface Problem {
  reason: 'unknown_pack' | 'unknown_country';
  what: string;
}

/** The rules of all packs that bind a contact together. */
export interface AppliedRules {
  packVersions: Readonly<Record<string, number>>;
  problems: readonly Problem[];
  windows: Readonly<Record<Channel, readonly WindowRule[]>>;
  deniedChannels: ReadonlyMap<Channel, RuleOrigin>;
  deniedNumberTypes: ReadonlyMap<NumberType, RuleOrigin>;
  caps: readonly AppliedCap[];
  cooloffs: readonly AppliedCooloff[];
  holds: ReadonlyMap<string, readonly AppliedHold[]>;
  disclosures: readonly AppliedDisclosure[];
  forbiddenWords: readonly { words: readonly string[]; origin: RuleOrigin }[];
  abandonment: AppliedAbandonment;
  /** A key has to end all calls while the safe-harbour message speaks. */
  optOutByKey: boolean;
  recordedSoundNeedsConsent: ReadonlySet<NumberType>;
  /** Longest look back of any cap or cool-off, in days. */
  lookBackDays: number;
}

/** A pack, or what a creditor or campaign adds to one, ready for use. */
export interface CompiledPack {
  pack: Readonly<RulePack>;
  windows: Record<Channel, WindowRule[]>;
  /** It says when contact may be. What a creditor or campaign adds only narrows that. */
  opens: boolean;
}

/** Places whose law names no figures get those of US-TSR, as policy (16 CFR 310.4(b)(4)). */
const ABANDONMENT_BY_DEFAULT: AppliedAbandonment = {
  maxShare: 0.03,
  period: 'campaign30d',
  connectWithinMs: 2_000,
  clockStart: 'greeting_end',
  minimumRingMs: 15_000,
  redialBlockHours: 0,
  origins: [{ pack: 'house', version: 1, source: 'as 16 CFR 310.4(b)(4)', evidence: 'V0' }],
};

/** The rules of several packs as one. */
export function combine(compiled: readonly CompiledPack[], problems: readonly Problem[]): AppliedRules {
  const packs = compiled.map(({ pack }) => pack);
  const deniedChannels = new Map<Channel, RuleOrigin>();
  const deniedNumberTypes = new Map<NumberType, RuleOrigin>();
  const holds = new Map<string, AppliedHold[]>();
  for (const pack of packs) {
    for (const channel of channelsDeniedBy(pack)) {
      if (pack.channels !== null) deniedChannels.set(channel, originOf(pack, pack.channels));
    }
    for (const type of pack.numberTypes?.deny ?? []) {
      if (pack.numberTypes !== null) deniedNumberTypes.set(type, originOf(pack, pack.numberTypes));
    }
    for (const hold of pack.holds) {
      const { blocks, until = null, note = null } = hold;
      holds.set(hold.flag, [...(holds.get(hold.flag) ?? []), { blocks, until, note, origin: originOf(pack, hold) }]);
    }
  }
  const caps = packs.flatMap((pack) => pack.caps.map((rule) => ({ rule, origin: originOf(pack, rule) })));
  const cooloffs = packs.flatMap((pack) => pack.cooloffs.map((rule) => ({ rule, origin: originOf(pack, rule) })));
  const abandonment = strictestAbandonment(packs);
  return {
    packVersions: Object.fromEntries(packs.map((pack) => [pack.id, pack.version])),
    problems,
    windows: windowsByChannel(compiled),
    deniedChannels,
    deniedNumberTypes,
    caps,
    cooloffs,
    holds,
    disclosures: packs.flatMap((pack) => pack.disclosures.map((each) => ({ ...each, origin: originOf(pack, each) }))),
    forbiddenWords: packs.flatMap((pack) =>
      pack.forbiddenWords === null ? [] : [{ words: pack.forbiddenWords.items, origin: originOf(pack, pack.forbiddenWords) }],
    ),
    abandonment,
    optOutByKey: packs.some((pack) => pack.optOutByKey !== null),
    recordedSoundNeedsConsent: new Set(packs.flatMap((pack) => pack.recordedSoundNeedsConsent?.items ?? [])),
    lookBackDays:
      Math.max(
        1,
        Math.ceil(abandonment.redialBlockHours / 24),
        ...caps.map(({ rule }) => rule.days ?? Math.ceil((rule.minutes ?? 0) / 1_440)),
        ...cooloffs.map(({ rule }) => rule.days),
      ) + 2,
  };
}

/** The channels on which a pack forbids all contact. */
export function channelsDeniedBy({ channels }: Pick<RulePack, 'channels'>): Channel[] {
  if (channels === null) return [];
  const { allow, deny } = channels;
  return CHANNELS.filter((channel) => deny.includes(channel) || (allow !== undefined && !allow.includes(channel)));
}

function strictestAbandonment(packs: readonly RulePack[]): AppliedAbandonment {
  let strictest: AppliedAbandonment | null = null;
  for (const pack of packs) {
    if (pack.abandonment === null) continue;
    const { maxShare, period, connectWithinMs, clockStart, minimumRingMs, redialBlockHours } = pack.abandonment;
    const so: AppliedAbandonment = strictest ?? { ...pack.abandonment, origins: [] };
    strictest = {
      maxShare: Math.min(so.maxShare, maxShare),
      period: stricter(ABANDON_WINDOWS, so.period, period),
      connectWithinMs: Math.min(so.connectWithinMs, connectWithinMs),
      clockStart: stricter(CLOCK_STARTS, so.clockStart, clockStart),
      minimumRingMs: Math.max(so.minimumRingMs, minimumRingMs),
      redialBlockHours: Math.max(so.redialBlockHours, redialBlockHours),
      origins: [...so.origins, originOf(pack, pack.abandonment)],
    };
  }
  return strictest ?? ABANDONMENT_BY_DEFAULT;
}

function windowsByChannel(packs: readonly CompiledPack[]): Record<Channel, WindowRule[]> {
  const windows = Object.fromEntries(CHANNELS.map((channel) => [channel, packs.flatMap((pack) => pack.windows[channel])]));
  // Packs without any hours say nothing about when: without hours nothing is open.
  if (!packs.some((pack) => pack.opens)) {
    const closed = weeklyWindow('hours', { pack: 'none', version: 0, source: '', evidence: 'V0' }, []);
    for (const channel of CHANNELS) windows[channel] = [closed];
  }
  return windows as Record<Channel, WindowRule[]>;
}

/** A pack's times as windows, by channel. `opens` is false for what only narrows other packs. */
export function compilePack(pack: RulePack, opens: boolean): CompiledPack {
  const shared: WindowRule[] = [];
  if (pack.ramadanHours !== null) {
    shared.push(ramadanWindow('ramadan', originOf(pack, pack.ramadanHours), rangeOf(pack.ramadanHours)));
  }
  const [holiday] = pack.holidays;
  if (holiday !== undefined) {
    const days = new Set(pack.holidays.map(({ date }) => dayOfDate(Temporal.PlainDate.from(date))));
    shared.push(closedDaysWindow('holiday', originOf(pack, holiday), days));
  }
  const windows = Object.fromEntries(
    CHANNELS.map((channel) => {
      const hours = pack.hours.filter((rule) => rule.channels === 'all' || rule.channels.includes(channel));
      const weekly = weeklyWindow(
        'hours',
        originOf(pack, leastKnown(hours) ?? leastKnown(pack.hours) ?? { source: '', evidence: 'V0' }),
        rangesByWeekday(hours),
      );
      // A pack that says when also says when not; what narrows it leaves channels alone that it does not name.
      const silent = pack.hours.length === 0 || (!opens && hours.length === 0);
      return [channel, silent ? shared : [weekly, ...shared]];
    }),
  ) as Record<Channel, WindowRule[]>;
  return { pack, windows, opens: opens && pack.hours.length > 0 };
}

/** Of several rules that speak together the first that nobody has verified, or else the first. */
function leastKnown<Rule extends { evidence: RuleOrigin['evidence'] }>(rules: readonly Rule[]): Rule | undefined {
  return rules.find(({ evidence }) => evidence === 'V0') ?? rules[0];
}

/** A pack closed on the given days too (numbers since 1970-01-01), where it says that holidays close. */
export function closedOn(compiled: CompiledPack, days: ReadonlySet<number>): CompiledPack {
  const { pack, windows } = compiled;
  if (pack.closedOnHolidays === null || days.size === 0) return compiled;
  const closed = closedDaysWindow('holiday', originOf(pack, pack.closedOnHolidays), days);
  const withClosed = Object.entries(windows).map(([channel, rules]) => [channel, [...rules, closed]]);
  return { ...compiled, windows: Object.fromEntries(withClosed) as CompiledPack['windows'] };
}

/** Open ranges by ISO weekday (index 1 … 7) of rules that name their days. */
export function rangesByWeekday(hours: readonly { days: readonly number[]; from: string; to: string }[]): WallRange[][] {
  const byWeekday: WallRange[][] = [[], [], [], [], [], [], [], []];
  for (const rule of hours) {
    for (const weekday of rule.days) byWeekday[weekday]?.push(rangeOf(rule));
  }
  return byWeekday;
}

function rangeOf(rule: { from: string; to: string }): WallRange {
  const range = { from: minutesOfClock(rule.from), to: minutesOfClock(rule.to) };
  return range.from === 0 && range.to === 1440 ? (WHOLE_DAY[0] ?? range) : range;
}

function originOf(pack: RulePack, rule: { source: string; evidence: RuleOrigin['evidence'] }): RuleOrigin {
  return { pack: pack.id, version: pack.version, source: rule.source, evidence: rule.evidence };
}
