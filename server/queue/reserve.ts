/**
 * The reservation: from "dial n now" to n committed attempts, each allowed by the gate under locks in the same transaction
 * (invariants I1, I2, I4).
 */
import type { Kysely } from 'kysely';
import type { Seats } from '../agents/seats.ts';
import { digestInputs } from '../compliance/digest.ts';
import { guidanceOf } from '../compliance/guidance.ts';
import type { Guidance } from '../contract/guidance.ts';
import type { HistoryEvent } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { LEAST_LOOK_BACK_DAYS, type PersonFacts } from './facts.ts';
import { judgePerson, type Judged } from './judge.ts';
import { lockNext, type QueueRow, type Stopped } from './lock-next.ts';
import { lookAhead } from './look-ahead.ts';
import { restriction, setAside } from './next.ts';
import { promote } from './promote.ts';
import { refusedEvent, writeAttempts, writeRefusals, type NewAttempt, type Refused } from './store.ts';
import type { GateCampaign } from './terms.ts';

export interface ReserveRequest {
  floorId: string;
  /** The epoch of the caller's lease; a floor that has moved on reserves nothing. */
  epoch: bigint;
  campaignId: string;
  count: number;
  /** Agents who may be given a callback that was promised with them by name; other people's wait until their time is over. */
  agents?: readonly string[];
  /** At most so many of numbers to which no recorded voice may be played: each needs an agent of its own. */
  withoutMessage?: number;
  /** Seats with agents who speak the debtors' languages; without them nobody's language matters. */
  seats?: Seats | null;
  /** The moment to judge by, for tests; the database's clock when left out. */
  now?: Temporal.Instant;
}

/** A call that may be placed until `permitUntil`. `number` is E.164; `language` the debtor's, where known. */
export interface ReservedAttempt {
  attemptId: string;
  partyId: string;
  phoneId: string;
  number: string;
  ringTimeoutMs: number;
  permitUntil: Temporal.Instant;
  language: string | null;
  /** Whether a recorded voice may be played to the number; without it every answer needs a person. */
  recordedSound: boolean;
  /** Who promised to call back in person, while that still stands. */
  agentId: string | null;
  /** What the rules it was judged by ask of the agent. */
  guidance: Guidance;
}

export interface Reservation {
  reserved: readonly ReservedAttempt[];
  refused: readonly Refused[];
  /** Why nothing could be reserved at all, or null. */
  stopped: Stopped | null;
}

/** A permit is used at once or not at all: what it was judged by changes. */
const PERMIT_MS = 5_000;
/** Rows looked at per pass beyond the first: in the morning of a closed country thousands must move before one may be called. */
const PASS_ROWS = [0, 40, 100, 200, 200, 200] as const;
/** From so many on, a reservation that nobody else's would wait for goes in two halves: what is done twice then costs less than what is waited for. */
const LEAST_HALVED = 10;
/** So many reservations' people are looked at ahead: some may come while one that takes long is read. */
const AHEAD = 5;
const underWay = new WeakMap<Kysely<Schema>, number>();
/** Whoever's time has come is made ready by the worker; a reservation that finds too few helps itself to so many. */
const PROMOTED_AT_ONCE = 100;

/**
 * Reserves up to `count` of a running campaign's debtors, best first. People whom another reservation holds are passed over;
 * people whom the gate refuses are moved to their earliest lawful time with the reason. Fewer than asked means nobody else may be
 * called now. Throws only what the database throws.
 */
export async function reserve(database: Kysely<Schema>, request: ReserveRequest): Promise<Reservation> {
  const before = underWay.get(database) ?? 0;
  underWay.set(database, before + 1);
  const reservation = await reserveOrPromote(database, request, before === 0).finally(() => {
    underWay.set(database, (underWay.get(database) ?? 1) - 1);
  });
  if (reservation.reserved.length > 0) {
    // Not waited for.
    void lookAhead(database, request.campaignId, { count: AHEAD * request.count, days: LEAST_LOOK_BACK_DAYS });
  }
  return reservation;
}

async function reserveOrPromote(database: Kysely<Schema>, request: ReserveRequest, isAlone: boolean): Promise<Reservation> {
  const first =
    isAlone && isDivisible(request) ? await reserveInHalves(database, request) : await reserveReady(database, request);
  if (first.stopped !== null || first.reserved.length >= request.count) return first;
  const promoted = await promote(database, { limit: PROMOTED_AT_ONCE, ...(request.now ? { now: request.now } : {}) });
  if (promoted === 0) return first;
  const count = request.count - first.reserved.length;
  const second = await reserveReady(database, { ...leftOf(request, first.reserved), count });
  return {
    reserved: [...first.reserved, ...second.reserved],
    refused: [...first.refused, ...second.refused],
    stopped: second.stopped,
  };
}

/** Whether two may share the request without knowing of one another. */
function isDivisible({ count, withoutMessage = Infinity }: ReserveRequest): boolean {
  return count >= LEAST_HALVED && withoutMessage >= count;
}

/**
 * Reserves in two halves side by side, each in a transaction of its own; who has a callback to make gets it in the first. Where one fails, what
 * the other has reserved is released once its permit has run out, as after a crash.
 */
async function reserveInHalves(database: Kysely<Schema>, request: ReserveRequest): Promise<Reservation> {
  const count = request.count >> 1;
  const [first, second] = await Promise.all([
    reserveReady(database, { ...request, count: request.count - count }),
    reserveReady(database, { ...request, count, agents: [] }),
  ]);
  return {
    reserved: [...first.reserved, ...second.reserved],
    refused: [...first.refused, ...second.refused],
    stopped: first.stopped ?? second.stopped,
  };
}

/** Reserves among those who are ready, pass by pass. */
async function reserveReady(database: Kysely<Schema>, request: ReserveRequest): Promise<Reservation> {
  const reserved: ReservedAttempt[] = [];
  const refused: Refused[] = [];
  for (const extra of PASS_ROWS) {
    const wanted = request.count - reserved.length;
    if (wanted <= 0) break;
    const limit = Math.max(wanted, extra);
    const left = leftOf(request, reserved);
    const pass = await database.transaction().execute((transaction) => reservePass(transaction, left, wanted, limit));
    if ('stopped' in pass) return { reserved, refused, stopped: pass.stopped };
    reserved.push(...pass.reserved);
    refused.push(...pass.refused);
    // Fewer rows than looked for, or none that moved: nobody is left.
    if (pass.setAside === 0 && (pass.seen < limit || pass.reserved.length + pass.refused.length === 0)) break;
  }
  return { reserved, refused, stopped: null };
}

/** What a further pass may still take: an agent has one callback at a time. */
function leftOf(request: ReserveRequest, reserved: readonly ReservedAttempt[]): ReserveRequest {
  const taken = new Set(reserved.map((attempt) => attempt.agentId));
  return {
    ...request,
    agents: (request.agents ?? []).filter((agentId) => !taken.has(agentId)),
    withoutMessage: (request.withoutMessage ?? Infinity) - reserved.filter((attempt) => !attempt.recordedSound).length,
  };
}

interface Pass {
  reserved: ReservedAttempt[];
  refused: Refused[];
  seen: number;
  /** People who made room for others, since nobody can speak with them. */
  setAside: number;
}

async function reservePass(
  transaction: Kysely<Schema>,
  request: ReserveRequest,
  wanted: number,
  limit: number,
): Promise<Pass | { stopped: Stopped }> {
  const languages = restriction(request.seats?.openLanguages() ?? null);
  const next = await lockNext(transaction, request, limit, languages);
  if (typeof next === 'string') return { stopped: next };
  const { campaign, catalogue, people } = next;
  const rows = new Map(next.rows.map((row) => [row.partyId, row]));
  const attempts: NewAttempt[] = [];
  const refused: Refused[] = [];
  const taken = new Set<string>();
  const agents = new Set<string>();
  let withoutMessage = request.withoutMessage ?? Infinity;
  for (const person of people) {
    if (attempts.length === wanted) break;
    const row = rows.get(person.partyId);
    if (!row) continue;
    const { phoneIds, agentId } = row;
    if (agentId !== null && agents.has(agentId)) continue;
    const judged = judgePerson(catalogue, campaign, person, phoneIds, taken);
    if (judged === null) continue;
    if ('reason' in judged) {
      refused.push(judged);
      continue;
    }
    if (!judged.verdict.recordedSound && withoutMessage <= 0) continue;
    if (agentId === null && request.seats?.take(person.language) === false) continue;
    if (!judged.verdict.recordedSound) withoutMessage -= 1;
    if (agentId !== null) agents.add(agentId);
    taken.add(judged.phone.id);
    attempts.push(attemptOf(campaign, person, judged, row));
  }
  const refusals = refused.map((each) => refusedEvent(request.campaignId, 'dialer', each));
  await writeRefusals(transaction, request.campaignId, refused, refusals);
  const aside = next.rows.length < limit && languages !== null ? await setAside(transaction, request, languages) : 0;
  const events = attempts.map((attempt) => reservedEvent(request, attempt));
  // Nothing may be asked after it.
  const written = await writeAttempts(transaction, request, attempts, events);
  return {
    reserved: attempts.filter((attempt) => written.has(attempt.attemptId)).map(reservedOf),
    refused,
    seen: next.rows.length,
    setAside: aside,
  };
}

function attemptOf(
  campaign: GateCampaign,
  person: PersonFacts,
  { phone, facts, verdict }: Judged,
  { place, agentId }: QueueRow,
): NewAttempt {
  const { ringTimeoutMs } = facts;
  const soon = person.now.add({ milliseconds: PERMIT_MS });
  const lastRing = verdict.closesAt?.subtract({ milliseconds: ringTimeoutMs }) ?? soon;
  return {
    attemptId: person.attemptId,
    partyId: person.partyId,
    place,
    phoneId: phone.id,
    number: phone.e164,
    language: person.language,
    creditorId: person.debts[0]?.creditorId ?? null,
    debtIds: facts.debts.map((debt) => debt.id),
    verdict: {
      verdict: 'allow',
      packs: verdict.packVersions,
      zones: facts.person.zones,
      closesAt: verdict.closesAt?.toString() ?? null,
      recordedSound: verdict.recordedSound,
      ...(verdict.overridden.length > 0 ? { overridden: verdict.overridden.map((each) => each.id) } : {}),
    },
    digest: digestInputs(facts, person.now),
    now: person.now,
    permitUntil: Temporal.Instant.compare(lastRing, soon) < 0 ? lastRing : soon,
    ringTimeoutMs,
    recordedSound: verdict.recordedSound,
    agentId,
    guidance: guidanceOf(facts.rules),
  };
}

function reservedOf(attempt: NewAttempt): ReservedAttempt {
  const { attemptId, partyId, phoneId, number, ringTimeoutMs, permitUntil, language, recordedSound, agentId, guidance } = attempt;
  return { attemptId, partyId, phoneId, number, ringTimeoutMs, permitUntil, language, recordedSound, agentId, guidance };
}

function reservedEvent(request: ReserveRequest, attempt: NewAttempt): HistoryEvent {
  const { campaignId, floorId, epoch } = request;
  const { partyId, phoneId, digest, verdict, debtIds } = attempt;
  return {
    kind: 'attempt.reserved',
    subject: 'attempt',
    subjectId: attempt.attemptId,
    actor: 'dialer',
    body: {
      campaignId,
      floorId,
      epoch: epoch.toString(),
      partyId,
      phoneId,
      debtIds,
      digest,
      verdict,
      permitUntil: attempt.permitUntil.toString(),
    },
  };
}
