import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Scorecard, ScoreWeights } from '../../../server/contract/scoring.ts';
import { readScorecards } from '../../../server/scoring/store.ts';
import { withPool } from '../../postgres.ts';

const RESCORING = join(import.meta.dirname, 'rescoring.ts');

const figures = z.object({
  seconds: z.number(),
  debtors: z.number(),
  /** Debtors whose row was written: the new version explains every score anew. */
  changed: z.number(),
  batches: z.number(),
  nodeCpuSeconds: z.number(),
});
/** What a rescore of a whole campaign took. */
export type RescoreFigures = z.infer<typeof figures>;

/**
 * Gives a campaign the opposite of its weights, so that nobody keeps their place, and has a process score all its debtors by them, as the
 * worker does. Reservations may run meanwhile: measuring them is the caller's. What people's tries were must have been counted before
 * (`select recount_contacts()`).
 */
export async function measureRescore(databaseUrl: string, campaignId: string): Promise<RescoreFigures> {
  await withPool(databaseUrl, async (_, database) => {
    const active = (await readScorecards(database, [campaignId])).get(campaignId);
    if (!active) throw new Error('there is no such campaign');
    const opposite = Object.entries(active.scorecard.weights).map(([factor, weight]) => [factor, 100 - weight] as const);
    const body: Scorecard = { ...active.scorecard, weights: Object.fromEntries(opposite) as ScoreWeights };
    await sql`insert into scorecard_version (campaign_id, version, body, note)
      values (${campaignId}, ${active.version + 1}, ${JSON.stringify(body)}, 'bench')`.execute(database);
  });
  const { stdout } = await promisify(execFile)(process.execPath, [RESCORING, databaseUrl, campaignId]);
  return figures.parse(JSON.parse(stdout));
}
