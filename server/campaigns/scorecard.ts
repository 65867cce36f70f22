import type { SaveScorecardBody, Scorecard, ScorePreview, ScorecardState, ScorecardVersion } from '../contract/scoring.ts';
import { DEFAULT_SCORECARD } from '../contract/scoring.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import { enqueue } from '../kernel/outbox.ts';
import { previewScorecards } from '../scoring/preview.ts';
import {
  listScorecards,
  readDebtors,
  readDebtTypes,
  readNames,
  readRescore,
  readScorecards,
  sampleQueue,
  writeScorecard,
} from '../scoring/store.ts';
import { refuseReal, type Actor } from './lifecycle.ts';
import { lockCampaign, readCampaign } from './store.ts';

/** Up to here a preview looks at everybody: it answers within a second or so. */
const LOOKED_AT = 10_000;
const MOVERS = 8;

const HOUSE_VERSION: ScorecardVersion = { version: 0, scorecard: DEFAULT_SCORECARD, note: '', author: null, at: null };

/** What a campaign scores by, what it scored by before, and how far its debtors have been scored. Throws `unknown_campaign`. */
export async function readScorecardState(database: Database, campaignId: string): Promise<ScorecardState> {
  if (!(await readCampaign(database, campaignId))) throw unknownCampaign();
  const [versions, rescore, debtTypes] = await Promise.all([
    listScorecards(database, campaignId),
    readRescore(database, campaignId),
    readDebtTypes(database, campaignId),
  ]);
  return { current: versions[0] ?? HOUSE_VERSION, versions, rescore, debtTypes };
}

/** What a scorecard would change in a campaign's queue, over all its debtors or, of many, an even sample. Throws `unknown_campaign`. */
export async function previewScorecard(database: Database, campaignId: string, after: Scorecard): Promise<ScorePreview> {
  const active = (await readScorecards(database, [campaignId])).get(campaignId);
  if (!active) throw unknownCampaign();
  const { total, partyIds } = await sampleQueue(database, campaignId, LOOKED_AT);
  const debtors = await readDebtors(
    database,
    partyIds.map((partyId) => ({ campaignId, partyId })),
  );
  const { up, down, ...spreads } = previewScorecards(debtors, active.usual, { before: active.scorecard, after }, MOVERS);
  const names = await readNames(
    database,
    [...up, ...down].map((mover) => mover.partyId),
  );
  const named = (movers: typeof up) => movers.map((mover) => ({ ...mover, name: names.get(mover.partyId) ?? '' }));
  // Whoever has just paid everything stands in the queue for a moment more and has no score.
  return { total, looked: debtors.length, ...spreads, up: named(up), down: named(down) };
}

/**
 * Makes a scorecard the campaign's next version and asks for its debtors to be scored by it. Throws `unknown_campaign`,
 * `campaign_ended`, `demo_and_real`, or `stale_version` when somebody saved another since the editor was opened.
 */
export async function saveScorecard(
  database: Database,
  campaignId: string,
  change: SaveScorecardBody,
  actor: Actor,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const campaign = await lockCampaign(transaction, campaignId);
    if (!campaign) throw unknownCampaign();
    refuseReal(actor, campaign);
    if (campaign.state === 'ended') throw new Refusal('campaign_ended', 'This campaign has ended.', { status: 409 });
    const current = (await readScorecards(transaction, [campaignId])).get(campaignId)?.version ?? 0;
    if (current !== change.version) {
      throw new Refusal('stale_version', 'Somebody else changed this scorecard meanwhile: look at it anew.', {
        field: 'version',
        status: 409,
        details: { version: current },
      });
    }
    const { scorecard, note } = change;
    const version = await writeScorecard(transaction, campaignId, { scorecard, note, userId: actor.userId });
    await record(transaction, [
      {
        kind: 'campaign.scorecard',
        subject: 'campaign',
        subjectId: campaignId,
        actor: actor.userId,
        body: { version, note, scorecard },
      },
    ]);
    await enqueue(transaction, 'campaign.rescore', `campaign.rescore:${campaignId}:${version}`, { campaignId });
  });
}

function unknownCampaign(): Refusal {
  return new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
}
