import { cpus } from 'node:os';
import type { Database } from '../../server/kernel/database.ts';
import { withLaidDatabase, withPool } from '../postgres.ts';
import { atLeast, atMost, misuse, readOptions, report, tell, type Check } from '../report.ts';
import { layQueue, warmUp, type LaidQueue } from './queue/lay.ts';
import { bareLoop, closedLoop, openLoop, type LoadFigures } from './queue/load.ts';
import { measureRescore } from './queue/rescore.ts';
import { layWave, measurePromotion, readPlans, sendToSleep } from './queue/turn.ts';
import { measureVerdicts } from './queue/verdicts.ts';

const COMMAND = 'bench queue';
const SMALL = 10_000;
const MILLION = 1_000_000;
const LARGE = 10_000_000;
const WAVE = 100_000;
/** Offered before anything counts: connections open, statements are prepared, code is compiled. */
const WARM_UP_S = 8;
const OPEN_S = 30;
const CLOSED_S = 8;
const BARE_S = 3;
const VERDICTS = 200_000;

/**
 * `npm run bench -- queue [--rows 10000,1000000] [--json]`: lays queues of the sizes given into a PostgreSQL of its own and measures
 * reservations by open and closed loops, promotion, rescoring and verdicts. Checks whose size was not asked for are left out.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, {
    rows: { type: 'string', default: `${SMALL},${MILLION}` },
    json: { type: 'boolean', default: false },
  });
  const sizes = sizesOf(values.rows);
  const began = performance.now();
  const figures: Record<string, unknown> = { cores: cpus().length };
  const { verdictsPerSecond } = measureVerdicts({ verdicts: VERDICTS, seed: 1 });
  const checks = [atLeast('verdicts_per_s', verdictsPerSecond, 50_000)];
  const steady = new Map<number, number>();
  for (const size of sizes) {
    await withLaidDatabase(
      (url) => lay(url, size),
      (url, queue) =>
        withPool(
          url,
          async (_, database) => {
            await warmUp(url);
            figures[`rows_${size}`] = queue.rows;
            figures[`bytes_per_person_${size}`] = queue.bytesPerPerson;
            const open = await openLoop(database, queue, { seconds: OPEN_S, warmUpSeconds: WARM_UP_S });
            steady.set(size, open.p99);
            figures[`open_${size}`] = rounded(open);
            for (const plan of await readPlans(url, queue)) tell(plan);
            if (size === MILLION) checks.push(...(await measureMillion({ url, database, queue, open, figures })));
          },
          // As the dialer's own.
          { pipeline: true },
        ),
    );
  }
  const [small, large] = [steady.get(SMALL), steady.get(LARGE)];
  if (small !== undefined && large !== undefined) checks.push(atMost('growth_p99_10m_vs_10k', large / small, 1.5));
  figures['seconds'] = Math.round((performance.now() - began) / 1_000);
  report(COMMAND, checks, figures, values);
}

function sizesOf(text: string): number[] {
  const sizes = text.split(',').map((each) => (/^[0-9]{1,8}$/.test(each) ? Number(each) : Number.NaN));
  if (sizes.every((size) => size >= SMALL && size <= LARGE)) return sizes;
  return misuse(COMMAND, `--rows takes whole numbers from ${SMALL} to ${LARGE}, separated by commas, not '${text}'`);
}

async function lay(url: string, size: number): Promise<LaidQueue> {
  tell(`Laying a queue of ${size}…`);
  const began = performance.now();
  const queue = await layQueue(url, size);
  tell(`Laid in ${Math.round((performance.now() - began) / 1_000)} s: ${JSON.stringify(queue.rows)}`);
  return queue;
}

/** What is promised of a million. */
async function measureMillion(scene: {
  url: string;
  database: Database;
  queue: LaidQueue;
  open: LoadFigures;
  figures: Record<string, unknown>;
}): Promise<Check[]> {
  const { url, database, queue, open, figures } = scene;
  tell('Reservations one after the other, and bare…');
  const closed = await closedLoop(database, queue, CLOSED_S);
  const bare = await bareLoop(database, queue, BARE_S);
  tell('Sending 99 % to sleep…');
  await sendToSleep(database, queue);
  const asleep = await openLoop(database, queue, { seconds: OPEN_S, warmUpSeconds: 2 });
  tell('A wave of 100 000 wakes…');
  await layWave(database, queue, WAVE);
  const promotion = measurePromotion(url, queue);
  const promoting = await openLoop(database, queue, { seconds: 120, until: promotion });
  const { seconds, promoted } = await promotion;
  tell('A million are scored anew…');
  const rescore = measureRescore(url, queue.campaignId);
  const rescoring = await openLoop(database, queue, { seconds: 600, until: rescore });
  const rescored = await rescore;
  const loads = { closed, bare, asleep, promoting, rescoring };
  for (const [name, load] of Object.entries(loads)) figures[name] = rounded(load);
  figures['promoted'] = promoted;
  figures['rescored'] = rescored;
  return [
    atMost('reserve20_p99_ms_1m', open.p99, 10),
    atLeast('reservations_per_s', closed.perSecond, 1_500),
    atLeast('throughput_vs_bare', closed.perSecond / bare.perSecond, 0.1),
    atMost('growth_p99_asleep', asleep.p99 / open.p99, 1.2),
    atMost('promote_100k_s', seconds, 5),
    atMost('promote_p99_ratio', promoting.p99 / asleep.p99, 2),
    atMost('rescore_1m_s', rescored.seconds, 60),
    atMost('rescore_p99_ratio', rescoring.p99 / asleep.p99, 2),
  ];
}

function rounded(load: LoadFigures): Record<string, number> {
  return Object.fromEntries(Object.entries(load).map(([name, value]) => [name, Math.round(value * 100) / 100]));
}
