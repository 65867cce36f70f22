/** Keeps scores true: of one debtor at once, of a whole campaign in the background. */
import { sql, type Kysely } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';
import { scoreDebtor, standingOf } from '../scoring/scorecard.ts';
import {
  beginRescore,
  endRescore,
  lockRange,
  noteRescore,
  readDebtors,
  readScorecards,
  readStandings,
  refreshUsualBalances,
  writeScores,
  type ActiveScorecard,
  type DebtorFacts,
  type StandingScore,
} from '../scoring/store.ts';
import { lockPeople } from './locks.ts';

/** People in one transaction: their rows are held for some tens of milliseconds. */
const BATCH = 1_000;
/** People whom somebody else held are waited for in small groups. */
const WAIT_FOR = 50;

/** The score of a debtor as the queue keeps it. */
export function standingScore(debtor: DebtorFacts, active: ActiveScorecard): StandingScore {
  const score = scoreDebtor(debtor, active.scorecard, active.usual);
  return {
    campaignId: debtor.campaignId,
    partyId: debtor.partyId,
    standing: standingOf(score, active.scorecard.order),
    version: active.version,
    values: score.values,
  };
}

/**
 * Scores people anew in every campaign they stand in, after their facts have changed (a payment, an outcome, a call in vain, an import).
 * The caller holds their locks (`lockPeople`, `lockDebtorsOf`). Returns how many rows differ now.
 */
export async function rescoreParties(transaction: Kysely<Schema>, partyIds: readonly string[]): Promise<number> {
  if (partyIds.length === 0) return 0;
  const standings = await readStandings(transaction, partyIds);
  const campaignIds = [...new Set(standings.map((each) => each.campaignId))];
  const cards = await readScorecards(transaction, campaignIds);
  return writeScores(transaction, scoreAll(await readDebtors(transaction, standings), cards));
}

/** Scores one person anew in every campaign, as `rescoreParties` does several. */
export function rescoreParty(transaction: Kysely<Schema>, partyId: string): Promise<number> {
  return rescoreParties(transaction, [partyId]);
}

function scoreAll(debtors: readonly DebtorFacts[], cards: ReadonlyMap<string, ActiveScorecard>): StandingScore[] {
  return debtors.flatMap((debtor) => {
    const active = cards.get(debtor.campaignId);
    return active ? [standingScore(debtor, active)] : [];
  });
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
  let after: string | null = begun.after;
  while (after !== null) {
    signal?.throwIfAborted();
    const batch: Batch | null = await rescoreRange(database, active, after);
    if (batch === null) return step;
    held.push(...batch.held);
    step.looked += batch.looked;
    step.changed += batch.changed;
    after = batch.last;
    onProgress?.({ ...step });
  }
  for (let at = 0; at < held.length; at += WAIT_FOR) {
    signal?.throwIfAborted();
    const group = held.slice(at, at + WAIT_FOR);
    step.changed += await database.transaction().execute(async (transaction) => {
      await lockPeople(transaction, group);
      return rescoreParties(transaction, group);
    });
    step.looked += group.length;
  }
  await endRescore(database, campaignId, active.version);
  return step;
}

interface Batch {
  looked: number;
  changed: number;
  held: string[];
  /** The last id of the range; null: there is nobody left. */
  last: string | null;
}

async function rescoreRange(database: Database, active: ActiveScorecard, after: string): Promise<Batch | null> {
  const { campaignId, version } = active;
  return database.transaction().execute(async (transaction) => {
    // Lost with the machine's power, a batch is scored again the next night.
    await sql`set local synchronous_commit = off`.execute(transaction);
    const range = await lockRange(transaction, campaignId, { after, limit: BATCH });
    const last = range.at(-1)?.partyId ?? null;
    if (last === null) return { looked: 0, changed: 0, held: [], last };
    const locked = range.filter((row) => row.locked).map(({ partyId }) => ({ campaignId, partyId }));
    const debtors = await readDebtors(transaction, locked);
    const changed = await writeScores(
      transaction,
      debtors.map((debtor) => standingScore(debtor, active)),
    );
    if (!(await noteRescore(transaction, campaignId, version, { after: last, done: locked.length }))) return null;
    return { looked: locked.length, changed, held: range.filter((row) => !row.locked).map((row) => row.partyId), last };
  });
}
