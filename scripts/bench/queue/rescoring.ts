import { rescoreCampaign } from '../../../server/queue/rescore.ts';
import { withPool } from '../../postgres.ts';

/**
 * The measured process of a rescore: scores the debtors of CAMPAIGN in the database at URL by its newest scorecard and prints what it took,
 * as one JSON line. A process of its own, as the worker is, so that it shares no thread with reservations.
 */

const [url = '', campaignId = ''] = process.argv.slice(2);
const measured = await withPool(url, async (_, database) => {
  const startedAt = performance.now();
  let batches = 0;
  const { looked, changed } = await rescoreCampaign(database, campaignId, {
    onProgress: () => {
      batches += 1;
    },
  });
  return { seconds: (performance.now() - startedAt) / 1_000, debtors: looked, changed, batches };
});
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ ...measured, nodeCpuSeconds: (user + system) / 1e6 })}\n`);
