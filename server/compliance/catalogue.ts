/** Chooses the packs that bind a contact and compiles them into rules the gate can apply quickly. */
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
import type { CampaignSettings } from '../contract/campaigns.ts';
import { CHANNELS, type Cap, type Channel, type Cooloff, type HoldBlock, type RulePack } from './packs.ts';

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
  origin: RuleOrigin;
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
  caps: readonly AppliedCap[];
  cooloffs: readonly AppliedCooloff[];
  holds: ReadonlyMap<string, readonly AppliedHold[]>;
  recordedSoundNeedsConsent: ReadonlySet<string>;
  /** Longest look back of any cap or cool-off, in days. */
  lookBackDays: number;
}

/** A campaign's own limits, which only ever add to what the packs forbid. */
export interface CampaignRules {
  windows: readonly WindowRule[];
  caps: readonly AppliedCap[];
  /** The hours and caps as text, for the digest of inputs. */
  key: string;
}

/** The packs in force. Create with `createCatalogue`. */
export interface Catalogue {
  packs: ReadonlyMap<string, RulePack>;
  /** Chosen before, by countries and regions. */
  chosen: Map<string, AppliedRules>;
  compiled: Map<string, CompiledPack>;
}

interface CompiledPack {
  pack: RulePack;
  windows: Record<Channel, WindowRule[]>;
  hasHours: boolean;
}

/** A set of packs that cannot be used, named. */
export class PackFault extends Error {
  readonly code: 'pack_twice' | 'unknown_base' | 'inherits_itself';
  constructor(code: PackFault['code'], message: string) {
    super(message);
    this.name = 'PackFault';
    this.code = code;
  }
}

/** Gathers packs for use; throws PackFault for an id given twice, a base that is not there, or a pack that inherits itself. */
export function createCatalogue(packs: readonly RulePack[]): Catalogue {
  const byId = new Map<string, RulePack>();
  for (const pack of packs) {
    if (byId.has(pack.id)) throw new PackFault('pack_twice', `pack ${pack.id} is given twice`);
    byId.set(pack.id, pack);
  }
  for (const pack of packs) withAncestors(byId, pack);
  return { packs: byId, chosen: new Map(), compiled: new Map() };
}

/**
 * The rules that bind a contact with a person of these countries (ISO 3166-1) and regions (ISO 3166-2): every pack that serves
 * one of them. A country that no pack serves, and an empty list, are problems that refuse.
 */
export function rulesFor(catalogue: Catalogue, countries: readonly string[], regions: readonly string[] = []): AppliedRules {
  const key = `${countries.toSorted().join(',')}|${regions.toSorted().join(',')}`;
  let rules = catalogue.chosen.get(key);
  if (rules === undefined) {
    rules = chooseRules(catalogue, new Set(countries), new Set(regions));
    catalogue.chosen.set(key, rules);
  }
  return rules;
}

/** The rules of one pack and what it inherits, whatever the place; an id that is not there is the problem `unknown_pack`. */
export function rulesOfPack(catalogue: Catalogue, packId: string): AppliedRules {
  const key = `pack:${packId}`;
  let rules = catalogue.chosen.get(key);
  if (rules === undefined) {
    const pack = catalogue.packs.get(packId);
    rules = combine(
      catalogue,
      pack === undefined ? [] : withAncestors(catalogue.packs, pack),
      pack === undefined ? [{ reason: 'unknown_pack', what: packId }] : [],
    );
    catalogue.chosen.set(key, rules);
  }
  return rules;
}

/** A campaign's own hours (local to the debtor) and caps as rules. No hours: the campaign adds none. */
export function campaignRules(settings: Pick<CampaignSettings, 'hours' | 'caps'>): CampaignRules {
  const origin: RuleOrigin = { pack: 'campaign', version: 0, source: '', evidence: 'V1' };
  const { personPerDay, personPerWeek, debtPerWeek, minutesBetween } = settings.caps;
  const caps: Pick<AppliedCap['rule'], 'id' | 'scope' | 'max' | 'days' | 'minutes'>[] = [
    { id: 'campaign_person_day', scope: 'person', max: personPerDay, days: 1, minutes: undefined },
    { id: 'campaign_person_week', scope: 'person', max: personPerWeek, days: 7, minutes: undefined },
    { id: 'campaign_debt_week', scope: 'person+debt', max: debtPerWeek, days: 7, minutes: undefined },
    { id: 'campaign_minutes_between', scope: 'person', max: 1, days: undefined, minutes: minutesBetween },
  ];
  return {
    windows: settings.hours.length === 0 ? [] : [weeklyWindow('campaign_hours', origin, rangesByWeekday(settings.hours))],
    caps: caps.map((cap) => ({
      rule: { ...cap, event: 'outbound_call_attempt', severity: 'block', startsAfter: undefined },
      origin,
    })),
    key: JSON.stringify([
      settings.hours.map(({ days, from, to }) => [days, from, to]),
      [personPerDay, personPerWeek, debtPerWeek, minutesBetween],
    ]),
  };
}

/** A campaign that adds nothing to the packs. */
export const NO_CAMPAIGN_RULES: CampaignRules = { windows: [], caps: [], key: '' };

function chooseRules(catalogue: Catalogue, countries: ReadonlySet<string>, regions: ReadonlySet<string>): AppliedRules {
  const problems: Problem[] = countries.size === 0 ? [{ reason: 'unknown_country', what: '' }] : [];
  const chosen = new Map<string, RulePack>();
  const served = new Set<string>();
  for (const pack of catalogue.packs.values()) {
    const country = pack.countries.find((each) => countries.has(each));
    const region = pack.regions.find((each) => regions.has(each));
    if (country === undefined && region === undefined) continue;
    if (country !== undefined) served.add(country);
    if (region !== undefined) served.add(region.slice(0, 2));
    for (const each of withAncestors(catalogue.packs, pack)) chosen.set(each.id, each);
  }
  for (const country of countries) {
    if (!/^[A-Z]{2}$/.test(country)) problems.push({ reason: 'unknown_country', what: country });
    else if (!served.has(country)) problems.push({ reason: 'unknown_pack', what: country });
  }
  // A pack may serve several of the countries: `served` must know each, not the first found.
  const unserved = problems.filter(
    (problem) => problem.reason !== 'unknown_pack' || ![...chosen.values()].some((pack) => pack.countries.includes(problem.what)),
  );
  return combine(catalogue, [...chosen.values()], unserved);
}

function combine(catalogue: Catalogue, packs: readonly RulePack[], problems: readonly Problem[]): AppliedRules {
  const compiled = packs.map((pack) => compile(catalogue, pack));
  const deniedChannels = new Map<Channel, RuleOrigin>();
  const holds = new Map<string, AppliedHold[]>();
  for (const pack of packs) {
    for (const channel of CHANNELS) {
      const rule = pack.channels;
      const denied =
        rule !== null && (rule.deny.includes(channel) || (rule.allow !== undefined && !rule.allow.includes(channel)));
      if (denied) deniedChannels.set(channel, originOf(pack, rule));
    }
    for (const hold of pack.holds) {
      holds.set(hold.flag, [...(holds.get(hold.flag) ?? []), { blocks: hold.blocks, origin: originOf(pack, hold) }]);
    }
  }
  const caps = packs.flatMap((pack) => pack.caps.map((rule) => ({ rule, origin: originOf(pack, rule) })));
  const cooloffs = packs.flatMap((pack) => pack.cooloffs.map((rule) => ({ rule, origin: originOf(pack, rule) })));
  return {
    packVersions: Object.fromEntries(packs.map((pack) => [pack.id, pack.version])),
    problems,
    windows: windowsByChannel(compiled),
    deniedChannels,
    caps,
    cooloffs,
    holds,
    recordedSoundNeedsConsent: new Set(packs.flatMap((pack) => pack.recordedSoundNeedsConsent)),
    lookBackDays: Math.max(1, ...caps.map(({ rule }) => rule.days ?? 1), ...cooloffs.map(({ rule }) => rule.days)) + 2,
  };
}

function windowsByChannel(packs: readonly CompiledPack[]): Record<Channel, WindowRule[]> {
  const windows = Object.fromEntries(CHANNELS.map((channel) => [channel, packs.flatMap((pack) => pack.windows[channel])]));
  // Packs without any hours say nothing about when: without hours nothing is open.
  if (!packs.some((pack) => pack.hasHours)) {
    const closed = weeklyWindow('hours', { pack: 'none', version: 0, source: '', evidence: 'V0' }, []);
    for (const channel of CHANNELS) windows[channel] = [closed];
  }
  return windows as Record<Channel, WindowRule[]>;
}

function compile(catalogue: Catalogue, pack: RulePack): CompiledPack {
  const kept = catalogue.compiled.get(pack.id);
  if (kept !== undefined) return kept;
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
        originOf(pack, hours[0] ?? pack.hours[0] ?? { source: '', evidence: 'V0' }),
        rangesByWeekday(hours),
      );
      return [channel, pack.hours.length === 0 ? shared : [weekly, ...shared]];
    }),
  ) as Record<Channel, WindowRule[]>;
  const compiled = { pack, windows, hasHours: pack.hours.length > 0 };
  catalogue.compiled.set(pack.id, compiled);
  return compiled;
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

function withAncestors(packs: ReadonlyMap<string, RulePack>, pack: RulePack): RulePack[] {
  const chain = [pack];
  for (let at = pack; at.base !== null;) {
    const base = packs.get(at.base);
    if (base === undefined) throw new PackFault('unknown_base', `pack ${at.id} inherits ${at.base}, which is not there`);
    if (chain.includes(base)) throw new PackFault('inherits_itself', `pack ${pack.id} inherits itself by way of ${at.id}`);
    chain.push(base);
    at = base;
  }
  return chain;
}
