import {
  allowedOf,
  countOf,
  judgeAnswer,
  reachedIn,
  windowStart,
  type AnsweredCall,
  type LegalCount,
  type WindowCounts,
} from '../compliance/ledger/rules.ts';
import { readCounts, type LedgerRow } from '../compliance/ledger/store.ts';
import { dayZoneOf } from '../campaigns/rules.ts';
import type { AbandonBudget } from '../contract/abandonment.ts';
import { floorNowMs, iso, tellPacer, type Call, type Campaign, type Floor } from './floor.ts';

/** How often a campaign's window is counted anew: it moves on, and people leave it. */
const COUNT_EVERY_MS = 5_000;
/** Counting may take this part of the database's time at most, however long the window is. */
const COUNTING_SHARE = 0.05;
/** The rate by which it is foretold when the allowance is used up. */
const RECENT_MS = 3_600_000;

/** What the floor's memory knows of a campaign's count beside the database: written rows, and calls decided whose rows are to come. */
export interface LedgerCount {
  /** Calls that are decided and not known to be written, by attempt. */
  readonly decided: Map<string, LegalCount>;
  /** Of those, what came while the database was being asked; null while it is not. */
  arriving: Map<string, LegalCount> | null;
  /** The window's last hour, as last counted. */
  recent: LegalCounts;
  dueAtMs: number;
}

interface LegalCounts {
  answered: number;
  abandoned: number;
}

/** An empty count, to be read at the next occasion. */
export function emptyCount(): LedgerCount {
  return { decided: new Map(), arriving: null, recent: { answered: 0, abandoned: 0 }, dueAtMs: -Infinity };
}

/** What is known of an answered call; null while nobody has answered. `end`: how it ended, when it has. */
export function answeredCall(call: Call, end: { stampMs: number; unseen?: boolean } | null): LedgerRow | null {
  const { attemptId, campaignId, rule, stamps, screening } = call;
  if (stamps.answered === undefined) return null;
  const cut = call.messageDue && !call.recordedSound;
  return {
    attemptId,
    campaignId,
    rule,
    direction: 'outbound',
    answeredMs: stamps.answered,
    screening: screening === null ? null : { ...screening, atMs: stamps.waiting ?? stamps.answered },
    agentMs: stamps.connected ?? null,
    messageMs: stamps.message ?? null,
    endedMs: end === null || end.unseen === true ? null : end.stampMs,
    hungUpByUs: call.hungUpByUs,
    trouble: cut ? 'cut_without_message' : call.trouble,
  };
}

/** Takes a call into its campaign's count as soon as it is decided; once its row is written the database counts it. */
export function decided(floor: Floor, call: Call, answered: AnsweredCall): void {
  const count = floor.campaigns.get(call.campaignId)?.count;
  if (!count) return;
  const legal = countOf(judgeAnswer(answered).cause, answered.rule, null);
  count.decided.set(call.attemptId, legal);
  count.arriving?.set(call.attemptId, legal);
}

/** A call is decided that has not ended yet: its row comes with its end. */
export function countNow(floor: Floor, call: Call): void {
  const answered = answeredCall(call, null);
  if (answered) decided(floor, call, answered);
}

/** The rows of these calls are written, or given up: the database counts them from here on. */
export function endsWritten(floor: Floor, attemptIds: readonly string[]): void {
  for (const { count } of floor.campaigns.values()) for (const id of attemptIds) count.decided.delete(id);
}

/** A row was corrected: the window is counted anew at the next occasion. */
export function ledgerChanged(floor: Floor, campaignId: string): void {
  const count = floor.campaigns.get(campaignId)?.count;
  if (count) count.dueAtMs = -Infinity;
}

/**
 * Counts the windows that are due, one query each, and tells the pacer what it does not know already (its `ledger` event). A database
 * that is away leaves the counts as they are.
 */
export async function countLedgers(floor: Floor): Promise<void> {
  for (const campaign of floor.campaigns.values()) {
    if (campaign.count.arriving !== null || floor.clock.monotonicMs() < campaign.count.dueAtMs) continue;
    await countOne(floor, campaign);
  }
}

async function countOne(floor: Floor, campaign: Campaign): Promise<void> {
  const { count, rule, startedAt, settings } = campaign;
  const nowMs = floor.clock.now().epochMilliseconds;
  const since = windowStart(rule.window, { nowMs, startedMs: startedAt.epochMilliseconds, zone: dayZoneOf(settings) });
  const before = new Map(count.decided);
  const arriving = new Map<string, LegalCount>();
  count.arriving = arriving;
  const beganMs = floor.clock.monotonicMs();
  try {
    const written = await readCounts(floor.database, {
      campaignId: campaign.id,
      since: Temporal.Instant.fromEpochMilliseconds(since),
      recentSince: Temporal.Instant.fromEpochMilliseconds(Math.max(since, nowMs - RECENT_MS)),
      except: [...before.keys()],
    });
    for (const [attemptId, legal] of arriving) before.set(attemptId, legal);
    keep(floor, campaign, addUp(written, before.values()));
  } finally {
    count.arriving = null;
    const tookMs = floor.clock.monotonicMs() - beganMs;
    count.dueAtMs = floor.clock.monotonicMs() + Math.max(COUNT_EVERY_MS, tookMs / COUNTING_SHARE);
  }
}

function addUp(written: WindowCounts, held: Iterable<LegalCount>): WindowCounts {
  const sum = { ...written };
  for (const { answered, abandoned } of held) {
    if (answered) sum.answered += 1;
    if (abandoned) sum.abandoned += 1;
    if (answered) sum.recentAnswered += 1;
    if (abandoned) sum.recentAbandoned += 1;
  }
  return sum;
}

function keep(floor: Floor, { id, count, pacer }: Campaign, sum: WindowCounts): void {
  const { answered, abandoned } = sum;
  count.recent = { answered: sum.recentAnswered, abandoned: sum.recentAbandoned };
  // Its own word, not what it was told: of calls that it does not know (any more) it drops the news.
  const believed = pacer.counts();
  if (answered !== believed.answered || abandoned !== believed.abandoned) {
    tellPacer(floor, id, { type: 'ledger', answered, abandoned });
  }
}

/** How a campaign stands in its window now, for the wallboard. */
export function budgetOf(floor: Floor, { count, rule, pacer }: Campaign): AbandonBudget {
  const { answered, abandoned } = pacer.counts();
  const counts = { answered, abandoned, recentAnswered: count.recent.answered, recentAbandoned: count.recent.abandoned };
  const inMs = reachedIn(counts, rule.cap, RECENT_MS);
  return {
    window: rule.window,
    cap: rule.cap,
    answered,
    abandoned,
    allowed: allowedOf(answered, rule.cap),
    reachedAt: inMs === null || inMs > RECENT_MS * 24 ? null : iso(floorNowMs(floor) + inMs),
  };
}
