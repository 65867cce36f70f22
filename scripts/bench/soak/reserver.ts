import { z } from 'zod';
import { createDatabase, createPool } from '../../../server/kernel/database.ts';
import { dispatch } from '../../../server/queue/dispatch.ts';
import { release } from '../../../server/queue/release.ts';
import { reserve } from '../../../server/queue/reserve.ts';
import { settle, type Settlement } from '../../../server/queue/settle.ts';

/**
 * One dialer of the soak, as a process that may be killed at any moment: at each step its lanes reserve for a campaign and then release, or
 * dial and end, what they got. It tells its parent how a step went, and knows nothing from one step to the next.
 */

const Step = z.object({ epoch: z.string(), now: z.string(), rounds: z.number() });
const [url = '', floorId = '', campaignId = '', lanes = '4'] = process.argv.slice(2);
const BATCH = 10;
// As the dialer's own.
const database = createDatabase(createPool(url, { max: Number(lanes), applicationName: 'wusul-soak', pipeline: true }));

process.on('message', (message) => {
  const { epoch, now, rounds } = Step.parse(message);
  const found = { reserved: 0, rounds: 0, deadlocks: 0, broken: 0 };
  const lane = async (number: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      found.rounds += 1;
      try {
        const got = await oneRound(BigInt(epoch), Temporal.Instant.from(now), number + round);
        found.reserved += got;
      } catch (error) {
        // A connection may be cut under us; a deadlock may never be.
        if (error instanceof Error && 'code' in error && error.code === '40P01') found.deadlocks += 1;
        else found.broken += 1;
      }
    }
  };
  void Promise.all(Array.from({ length: Number(lanes) }, (_, number) => lane(number))).then(() => process.send?.(found));
});
process.on('disconnect', () => process.exit(0));

async function oneRound(epoch: bigint, now: Temporal.Instant, turn: number): Promise<number> {
  const { reserved } = await reserve(database, { floorId, epoch, campaignId, count: BATCH, now });
  const attemptIds = reserved.map((each) => each.attemptId);
  if (turn % 5 === 4) {
    await release(database, attemptIds);
    return attemptIds.length;
  }
  const dialing = await dispatch(database, { floorId, epoch, attemptIds, trunk: 'bench', callerId: null, now });
  await settle(
    database,
    dialing.map((attemptId, index) => ended(attemptId, index % 4 === 0 ? 'busy' : 'no_answer', now)),
  );
  return attemptIds.length;
}

function ended(attemptId: string, result: 'busy' | 'no_answer', now: Temporal.Instant): Settlement {
  const stamps = { agentId: null, screening: null, ringing: null, answered: null, waiting: null, connected: null, message: null };
  const cause = result === 'busy' ? 17 : 19;
  return { attemptId, result, ending: result, counts: true, cause, techCause: null, endedAt: now.add({ seconds: 20 }), stamps };
}
