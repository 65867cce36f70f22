/** Judges vectors: small cases with a known answer, written by people who read the law. */
import { z } from 'zod';
import { NO_CAMPAIGN_RULES, rulesOfPack, type Catalogue } from './catalogue.ts';
import type { GateFacts, PastContact } from './facts.ts';
import { judge } from './gate.ts';
import { CHANNELS, type Channel } from '../contract/rule-terms.ts';
import { isZone } from './zones.ts';

const localTime = z.string().refine((text) => succeeds(() => Temporal.PlainDateTime.from(text, { overflow: 'reject' })), {
  error: 'is no local date and time',
});
const instant = z.string().refine((text) => succeeds(() => Temporal.Instant.from(text)), { error: 'is no moment in UTC' });
const zone = z.string().refine(isZone, { error: 'is no time zone' });

/** One vector: local times are in the first zone; `events` are about one debt. Fields for people (a note, a source) may stand beside. */
export const vectorSchema = z
  .object({
    id: z.string(),
    pack: z.string(),
    tz: z.array(zone).min(1),
    events: z.array(z.tuple([z.enum(['attempt', 'conversation']), localTime])),
    flags: z.array(z.string()).default([]),
    channel: z.string().default('call'),
    try: localTime.optional(),
    tryUtc: instant.optional(),
    ringSeconds: z.number().optional(),
    expect: z.string().regex(/^(allow|deny:.+)$/),
  })
  .refine((vector) => (vector.try === undefined) !== (vector.tryUtc === undefined), {
    error: 'needs either try or tryUtc',
    path: ['try'],
  });

export type Vector = z.output<typeof vectorSchema>;

export interface VectorResult {
  id: string;
  passed: boolean;
  expected: string;
  got: string;
}

/** Judges each entry of a file of vectors; one that cannot be read has failed, and says why. */
export function judgeVectors(catalogue: Catalogue, entries: readonly unknown[]): VectorResult[] {
  return entries.map((entry, index) => {
    const read = vectorSchema.safeParse(entry);
    if (read.success) return judgeVector(catalogue, read.data);
    const { id, expect } = labels.parse(entry);
    const issue = read.error.issues[0];
    const got = `unreadable (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`;
    return { id: id ?? `#${index + 1}`, passed: false, expected: expect ?? 'a verdict', got };
  });
}

/** What a vector calls itself and wants, where it says so at all. */
const labels = z.object({ id: z.string().optional().catch(undefined), expect: z.string().optional().catch(undefined) }).catch({});

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** Judges one vector by its pack alone; closing time is judged at the moment of dialing. */
export function judgeVector(catalogue: Catalogue, vector: Vector): VectorResult {
  const zone = vector.tz[0] ?? 'UTC';
  const moment = (local: string): Temporal.Instant => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).toInstant();
  const now = vector.tryUtc === undefined ? moment(vector.try ?? '') : Temporal.Instant.from(vector.tryUtc);
  const channel = CHANNELS.find((each) => each === vector.channel);
  // A channel that no pack can name is none that a pack allows.
  const reasons =
    channel === undefined ? ['channel'] : judge(factsOf(catalogue, vector, channel, moment), now).reasons.map((each) => each.id);
  const got = reasons.length === 0 ? 'allow' : `deny:${reasons.join('+')}`;
  const [wanted = '', reason] = vector.expect.split(':');
  const passed = (wanted === 'allow') === (reasons.length === 0) && (reason === undefined || reasons.includes(reason));
  return { id: vector.id, passed, expected: vector.expect, got };
}

function factsOf(catalogue: Catalogue, vector: Vector, channel: Channel, moment: (local: string) => Temporal.Instant): GateFacts {
  const contacts: PastContact[] = [];
  for (const [kind, at] of vector.events.toSorted(([a], [b]) => a.localeCompare(b))) {
    const atMs = moment(at).epochMilliseconds;
    const attempt = kind === 'attempt';
    // An attempt and a conversation at one time are one call; attempts come first in this order.
    const same = contacts.find((each) => !attempt && each.attempt && !each.conversation && each.atMs === atMs);
    if (same === undefined) contacts.push(callAt(atMs, attempt));
    else same.conversation = true;
  }
  return {
    rules: rulesOfPack(catalogue, vector.pack),
    campaign: NO_CAMPAIGN_RULES,
    channel,
    person: { countries: ['ZZ'], zones: vector.tz, demo: false },
    phone: { id: 'phone', country: 'ZZ', numberType: 'mobile', state: 'active', place: 'other' },
    debts: [{ id: 'debt', product: 'product' }],
    holds: vector.flags.map((flag) => ({ flag, debtId: null, phoneId: null, fromMs: 0, untilMs: null })),
    consents: [],
    inconvenient: [],
    contacts,
    firstConversationMs: null,
    liveContact: null,
    enabledCountries: ['ZZ'],
    trunkKind: 'real',
    ringTimeoutMs: 0,
    overrides: [],
  };
}

function callAt(atMs: number, attempt: boolean): PastContact {
  return {
    atMs,
    channel: 'call',
    attempt,
    couldLeaveMessage: attempt,
    conversation: !attempt,
    samePerson: true,
    sameNumber: true,
    debts: ['debt'],
    products: ['product'],
  };
}
