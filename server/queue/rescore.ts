/** Keeps scores true: of one debtor at once, of a whole campaign in the background. */
import { sql, type Kysely } from 'kysely';
import type { Database, Tx } from '../kernel/database.ts';
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

/** People in one transaction: their rows are held for some tens of milliseconds. */
const BATCH = 500;
/** Batches under way at once: a second one would take the other half of a small machine from reservations. */
const LANES = 1;
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
  const run = new Run(database, active, begun.after, signal, (batch) => {
    step.looked += batch.looked;
    step.changed += batch.changed;
    onProgress?.({ ...step });
  });
  await Promise.all(Array.from({ length: LANES }, () => run.lane()));
  if (run.outdated) return step;
  for (let at = 0; at < run.held.length; at += WAIT_FOR) {
    signal?.throwIfAborted();
    const group = run.held.slice(at, at + WAIT_FOR);
    step.changed += await rescoreParties(database, group);
    step.looked += group.length;
  }
  await endRescore(database, campaignId, active.version);
  return step;
}

interface Batch {
  looked: number;
  changed: number;
}

/** One run over a campaign's queue by several lanes: each takes the next range as soon as the one before has locked its own. */
class Run {
  /** People whose rows were in other hands. */
  readonly held: string[] = [];
  /** Another version's turn has come. */
  outdated = false;
  /** Where the next range begins; null: there is nobody left. */
  private cursor: string | null;
  /** Where ranges under way began: what lies before all of them is scored. */
  private readonly underWay = new Set<string>();
  private turn: Promise<unknown> = Promise.resolve();
  private readonly database: Database;
  private readonly active: ActiveScorecard;
  private readonly signal: AbortSignal | undefined;
  private readonly onBatch: (batch: Batch) => void;

  constructor(
    database: Database,
    active: ActiveScorecard,
    after: string,
    signal: AbortSignal | undefined,
    onBatch: (batch: Batch) => void,
  ) {
    this.database = database;
    this.active = active;
    this.cursor = after;
    this.signal = signal;
    this.onBatch = onBatch;
  }

  async lane(): Promise<void> {
    const { campaignId, version } = this.active;
    while (this.cursor !== null && !this.outdated) {
      this.signal?.throwIfAborted();
      let began: string | null = null;
      let batch: Batch | null = null;
      try {
        batch = await this.database.transaction().execute(async (transaction) => {
          const range = await this.nextRange(transaction);
          began = range?.began ?? null;
          return range && this.score(transaction, range.locked);
        });
      } finally {
        if (began !== null) this.underWay.delete(began);
      }
      if (batch === null) return;
      const after = [...this.underWay].toSorted()[0] ?? this.cursor ?? began ?? '';
      if (!(await noteRescore(this.database, campaignId, version, { after, done: batch.looked }))) this.outdated = true;
      this.onBatch(batch);
    }
  }

  /** Locks the next range, one lane after the other; null: there is nobody left. */
  private async nextRange(transaction: Tx): Promise<{ began: string; locked: LockedRow[] } | null> {
    const before = this.turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.turn = promise;
    try {
      await before;
      if (this.cursor === null) return null;
      const began = this.cursor;
      // Lost with the machine's power, a batch is scored again the next night.
      await sql`set local synchronous_commit = off`.execute(transaction);
      const { campaignId } = this.active;
      const range = await lockRange(transaction, campaignId, { after: began, limit: BATCH });
      this.cursor = range.at(-1)?.partyId ?? null;
      if (this.cursor === null) return null;
      this.underWay.add(began);
      const locked: LockedRow[] = [];
      for (const { partyId, place } of range) {
        if (place === null) this.held.push(partyId);
        else locked.push({ campaignId, partyId, place });
      }
      return { began, locked };
    } finally {
      resolve();
    }
  }

  private async score(transaction: Tx, locked: readonly LockedRow[]): Promise<Batch> {
    const cards = new Map([[this.active.campaignId, this.active]]);
    return { looked: locked.length, changed: await scoreLocked(transaction, locked, cards) };
  }
}
