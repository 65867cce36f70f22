import { campaignRules, createCatalogue, rulesFor } from '../../../server/compliance/catalogue.ts';
import type { GateFacts, PastContact } from '../../../server/compliance/facts.ts';
import { judge } from '../../../server/compliance/gate.ts';
import { SHIPPED_PACKS } from '../../../server/compliance/packs/shipped.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../../server/contract/campaigns.ts';

/** What the gate was asked and how fast it answered. */
export interface VerdictFigures {
  verdictsPerSecond: number;
  verdicts: number;
  /** Share (0–1) of refusals, each with its earliest lawful time. */
  deniedShare: number;
  /** Share (0–1) of refusals that name a time at which they end. */
  retryShare: number;
}

interface Question {
  facts: GateFacts;
  now: Temporal.Instant;
}

const BATCH = 500;
const WARM_UP = 10_000;
const DAY_MS = 86_400_000;
const FIRST_MOMENT_MS = Date.UTC(2026, 0, 5);
const SPAN_DAYS = 365;
const PAST_ATTEMPTS = 10;

const catalogue = createCatalogue(SHIPPED_PACKS);
const PLACES = [
  { country: 'US', regions: ['US-MA'], zones: ['America/New_York', 'America/Chicago', 'America/Los_Angeles'] },
  { country: 'US', regions: [], zones: ['America/Denver', 'America/Phoenix', 'Pacific/Honolulu'] },
  { country: 'SA', regions: [], zones: ['Asia/Riyadh', 'Asia/Dubai', 'Asia/Karachi'] },
  { country: 'GB', regions: [], zones: ['Europe/London', 'Europe/Madrid', 'Atlantic/Azores'] },
] as const;
const campaign = campaignRules({
  ...DEFAULT_CAMPAIGN_SETTINGS,
  hours: [{ days: [1, 2, 3, 4, 5, 7], from: '08:30', to: '20:30' }],
});

/**
 * Asks the gate about people in three time zones with ten past attempts each, at any minute of a year, and counts only the processor
 * time it takes to answer: the questions are made beforehand, in batches, none twice.
 */
export function measureVerdicts(options: { verdicts: number; seed: number }): VerdictFigures {
  const random = chanceFrom(options.seed);
  for (const { facts, now } of questions(WARM_UP, random)) judge(facts, now);
  let [asked, denied, retried, spentMs] = [0, 0, 0, 0];
  while (asked < options.verdicts) {
    const batch = questions(Math.min(BATCH, options.verdicts - asked), random);
    const before = process.cpuUsage();
    for (const { facts, now } of batch) {
      const verdict = judge(facts, now);
      if (verdict.verdict === 'deny') denied += 1;
      if (verdict.verdict === 'deny' && verdict.retryAt !== null) retried += 1;
    }
    const { user, system } = process.cpuUsage(before);
    spentMs += (user + system) / 1_000;
    asked += batch.length;
  }
  return {
    verdictsPerSecond: asked / (spentMs / 1_000),
    verdicts: asked,
    deniedShare: denied / asked,
    retryShare: retried / Math.max(1, denied),
  };
}

function questions(count: number, random: () => number): Question[] {
  return Array.from({ length: count }, () => questionOf(random));
}

function questionOf(random: () => number): Question {
  const place = PLACES[Math.floor(random() * PLACES.length)] ?? PLACES[0];
  const nowMs = FIRST_MOMENT_MS + Math.floor(random() * SPAN_DAYS * DAY_MS);
  const id = Math.floor(random() * 1e12).toString(36);
  const contacts = Array.from({ length: PAST_ATTEMPTS }, () => contactOf(id, nowMs, random)).toSorted((a, b) => b.atMs - a.atMs);
  return {
    now: Temporal.Instant.fromEpochMilliseconds(nowMs),
    facts: {
      rules: rulesFor(catalogue, [place.country], place.regions),
      campaign,
      channel: 'call',
      person: { countries: [place.country], zones: place.zones, demo: false },
      phone: { id: `phone-${id}`, country: place.country, numberType: 'mobile', state: 'active', place: 'other' },
      debts: asRead([
        { id: `debt-${id}-1`, product: 'card' },
        { id: `debt-${id}-2`, product: 'loan' },
      ]),
      holds:
        random() < 0.1
          ? [
              {
                flag: 'dispute',
                debtId: null,
                phoneId: null,
                fromMs: nowMs - DAY_MS,
                untilMs: nowMs + Math.floor(random() * 40) * DAY_MS,
              },
            ]
          : [],
      consents: [{ channel: 'call', phoneId: null, kind: 'contact', granted: true, atMs: nowMs - 40 * DAY_MS }],
      inconvenient:
        random() < 0.1 ? [{ days: [Math.ceil(random() * 7)], from: '12:00', to: `${13 + Math.floor(random() * 6)}:30` }] : [],
      contacts: asRead(contacts),
      firstConversationMs: null,
      liveContact: null,
      enabledCountries: ['US', 'SA', 'GB'],
      trunkKind: 'real',
      ringTimeoutMs: 25_000,
      overrides: [],
    },
  };
}

/** Texts as a reader of the database's JSON makes them, not as they were put together here. */
function asRead<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function contactOf(id: string, nowMs: number, random: () => number): PastContact {
  const first = random() < 0.5;
  return {
    // Most lie in the last ten days, where caps look.
    atMs: nowMs - Math.floor(random() ** 2 * 30 * DAY_MS),
    channel: 'call',
    attempt: true,
    couldLeaveMessage: random() < 0.8,
    conversation: random() < 0.05,
    samePerson: random() < 0.9,
    sameNumber: random() < 0.6,
    debts: [`debt-${id}-${first ? 1 : 2}`],
    products: [first ? 'card' : 'loan'],
  };
}

/** Numbers in [0, 1) that repeat for the same seed (mulberry32). */
function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
