/** Keeps scores true: of one debtor at once, of a whole campaign in the background. */
import { sql, type Kysely } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';
import { scoreDebtor, standingOf } from '../scoring/scorecard.ts';
import {
  beginRescore,
  endRescore,
  lockRange,
  lockStandings,
  noteRescore,
  readDebtors,
  readScorecards,
  refreshUsualBalances,
  writeScores,
  type ActiveScorecard,
  type DebtorFacts,
  type LockedRow,
  type StandingScore,
} from '../scoring/store.ts';
import { inTransaction } from './release.ts';

/**
 * People in one transaction: their rows are held for some tens of milliseconds. One transaction after the other, since a second lane would
 * take the other half of a small machine from reservations.
 */
const BATCH = 500;
/** People whom somebody else held are waited for in small groups. */
const WAIT_FOR = 50;

/** The score of a debtor as the queue keeps it. */
export function standingScore(debtor: DebtorFacts, active: ActiveScorecard): StandingScore {
  const score = scoreDebtor(debtor, active.scorecard, active.usual);
  return { standing: standingOf(score, active.scorecard.order), version: active.version, values: score.values };
}

/**
 * Scores people anew in every campaign they stand in, after their facts have changed (a payment, an outcome, a call in vain, an import).
 * It locks their queue rows as `lockPeople` does. Returns how many rows differ now.
 */
export function rescoreParties(database: Kysely<Schema>, partyIds: readonly string[]): Promise<number> {
  if (partyIds.length === 0) return Promise.resolve(0);
  return inTransaction(database, async (transaction) => {
    const locked = await lockStandings(transaction, partyIds);
    const cards = await readScorecards(transaction, [...new Set(locked.map((row) => row.campaignId))]);
    return scoreLocked(transaction, locked, cards);
  });
}

async function scoreLocked(
  transaction: Kysely<Schema>,
  locked: readonly LockedRow[],
  cards: ReadonlyMap<string, ActiveScorecard>,
): Promise<number> {
  const places = new Map(locked.map((row) => [`${row.campaignId} ${row.partyId}`, row.place]));
  const debtors = await readDebtors(transaction, locked);
  const scores = debtors.flatMap((debtor) => {
    const active = cards.get(debtor.campaignId);
    const place = places.get(`${debtor.campaignId} ${debtor.partyId}`);
    return active && place !== undefined ? [{ ...standingScore(debtor, active), place }] : [];
  });
  return writeScores(transaction, scores);
}

/** How far a rescore is. */
export interface RescoreStep {
  looked: number;
  changed: number;
}

export interface RescoreOptions {
  /** Go through everybody even where this version's rescore was done: facts age by themselves. */
  anew?: boolean;
  signal?: AbortSignal;
  onProgress?: (step: RescoreStep) => void;
}

/**
 * Scores everybody in a campaign's queue by its newest scorecard, by ranges of ids, each in a short transaction that locks the rows
 * before it reads their facts and passes over those that somebody else holds; these are waited for at the end, a few at a time.
 * Reservations never wait for it. Goes on where a former worker died; ends early when a newer version has come or `signal` is
 * aborted (throws then). Returns what was done in this run.
 */
export async function rescoreCampaign(
  database: Database,
  campaignId: string,
  { anew = false, signal, onProgress }: RescoreOptions = {},
): Promise<RescoreStep> {
  await refreshUsualBalances(database, campaignId);
  const active = (await readScorecards(database, [campaignId])).get(campaignId);
  const step: RescoreStep = { looked: 0, changed: 0 };
  if (!active) return step;
  const begun = await beginRescore(database, campaignId, active.version, anew);
  if (begun === null) return step;
  const held: string[] = [];
  const tell = (looked: number, changed: number): void => {
    step.looked += looked;
    step.changed += changed;
    onProgress?.({ ...step });
  };
  for (let after: string | null = begun.after; after !== null;) {
    signal?.throwIfAborted();
    const range = await scoreRange(database, active, after);
    after = range.last;
    if (after === null) break;
    held.push(...range.held);
    if (!(await noteRescore(database, campaignId, active.version, { after, done: range.looked }))) return step;
    tell(range.looked, range.changed);
  }
  for (let at = 0; at < held.length; at += WAIT_FOR) {
    signal?.throwIfAborted();
    const group = held.slice(at, at + WAIT_FOR);
    tell(group.length, await rescoreParties(database, group));
  }
  await endRescore(database, campaignId, active.version);
  return step;
}

/** What became of a range of people: `held` were in other hands; `last`: up to whom it went, null when there was nobody left. */
interface ScoredRange extends RescoreStep {
  held: string[];
  last: string | null;
}

function scoreRange(database: Database, active: ActiveScorecard, after: string): Promise<ScoredRange> {
  const { campaignId } = active;
  return database.transaction().execute(async (transaction) => {
    // Lost with the machine's power, a batch is scored again the next night.
    await sql`set local synchronous_commit = off`.execute(transaction);
    const range = await lockRange(transaction, campaignId, { after, limit: BATCH });
    const locked = range.flatMap(({ partyId, place }) => (place === null ? [] : [{ campaignId, partyId, place }]));
    const held = range.flatMap(({ partyId, place }) => (place === null ? [partyId] : []));
    const changed = await scoreLocked(transaction, locked, new Map([[campaignId, active]]));
    return { looked: locked.length, changed, held, last: range.at(-1)?.partyId ?? null };
  });
}
