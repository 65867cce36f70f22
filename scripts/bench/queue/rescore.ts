import { sql } from 'kysely';
import type { ScoreWeights } from '../../../server/contract/scoring.ts';
import type { Database } from '../../../server/kernel/database.ts';
import { rescoreCampaign } from '../../../server/queue/rescore.ts';
import { readScorecards } from '../../../server/scoring/store.ts';

/** What a rescore of a whole campaign took. */
export interface RescoreFigures {
  seconds: number;
  debtors: number;
  /** Debtors whose row was written: the new version explains every score anew. */
  changed: number;
  batches: number;
  /** The longest that rows were held. */
  longestBatchMs: number;
}

/**
 * Gives a campaign the opposite of its weights, so that nobody keeps their place, and scores all its debtors by them, as the worker does.
 * Reservations may run meanwhile: measuring them is the caller's. Contact tallies must be true before (`select recount_contacts()`).
 */
export async function measureRescore(database: Database, campaignId: string): Promise<RescoreFigures> {
  const active = (await readScorecards(database, [campaignId])).get(campaignId);
  if (!active) throw new Error('there is no such campaign');
  const weights = Object.fromEntries(Object.entries(active.scorecard.weights).map(([factor, weight]) => [factor, 100 - weight]));
  const body = { ...active.scorecard, weights: weights as ScoreWeights };
  await sql`
    insert into scorecard_version (campaign_id, version, body, note)
    values (${campaignId}, ${active.version + 1}, ${JSON.stringify(body)}, 'bench')`.execute(database);
  const startedAt = performance.now();
  let batches = 0;
  let longestBatchMs = 0;
  let lastAt = startedAt;
  const { looked, changed } = await rescoreCampaign(database, campaignId, {
    onProgress: () => {
      const now = performance.now();
      batches += 1;
      longestBatchMs = Math.max(longestBatchMs, now - lastAt);
      lastAt = now;
    },
  });
  return { seconds: (performance.now() - startedAt) / 1_000, debtors: looked, changed, batches, longestBatchMs };
}
