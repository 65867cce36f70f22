import { statSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningRole } from '../../server/kernel/role.ts';
import { createJobQueue } from '../../server/kernel/jobs.ts';
import { batchOf } from '../../server/kernel/seal/batch.ts';
import { readHeadFiles } from '../../server/kernel/seal/heads.ts';
import { historyFolder, trustedKeys } from '../../server/kernel/seal/keys.ts';
import { eventsToSeal, storeBatches } from '../../server/kernel/seal/store.ts';
import { startWorker } from '../../server/worker/start.ts';
import { eventually } from '../support/conditions.ts';
import { webContext } from '../support/console.ts';
import { audit, writeEvents } from '../support/history.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
const workers: RunningRole[] = [];

beforeAll(async () => {
  web = await openWeb();
  for (const _ of ['one', 'two']) workers.push(await startWorker({ ...contextOf(), role: 'worker' }));
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await web.close();
});

const contextOf = () => webContext({ databaseUrl: web.databaseUrl, redisUrl: web.redisUrl, dataDir: web.dataDir });

async function sealed(): Promise<bigint> {
  const row = await web.database.selectFrom('history_batch').select('total').orderBy('number', 'desc').executeTakeFirst();
  return row?.total ?? 0n;
}

it('two workers seal each event once, and one goes on when the other stops', async () => {
  await writeEvents(web.database, 50, 'with both');
  await eventually('the first are sealed', async () => (await sealed()) === 50n);
  await workers.shift()?.stop();
  await writeEvents(web.database, 50, 'with one');
  await eventually('all are sealed', async () => (await sealed()) === 100n);
  expect((await audit(web.database)).faults).toEqual([]);
});

it('the worker signs the days that are over and exports their heads', async () => {
  const yesterday = Temporal.Now.plainDateISO('UTC').subtract({ days: 1 });
  await workers.shift()?.stop();
  const events = await eventsToSeal(web.database, 0n, 100n, 200);
  await web.database.deleteFrom('history_batch').execute();
  const place = { month: events[0]?.month ?? '', throughId: 100n, sealedAt: `${yesterday.toString()}T12:00:00.000000Z` };
  await storeBatches(web.database, [batchOf(events, place, null)]);
  workers.push(await startWorker({ ...contextOf(), role: 'worker' }));
  const queue = createJobQueue(web.redisUrl);
  await queue.add('history.head', {});
  const folder = historyFolder(web.dataDir, null);
  await eventually('the head is exported', () => readHeadFiles(folder.headsFolder).length === 1);
  await queue.close();
  const exported = readHeadFiles(folder.headsFolder);
  expect(exported.map(({ file }) => file)).toEqual([`${yesterday.toString()}.json`]);
  expect(statSync(folder.keyFile).mode & 0o777).toBe(0o600);
  const result = await audit(web.database, trustedKeys(folder), exported);
  expect([result.faults, result.heads, result.events]).toEqual([[], 1, 100]);
});
