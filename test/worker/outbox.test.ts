import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJobQueue } from '../../server/kernel/jobs.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { enqueue } from '../../server/kernel/outbox.ts';
import { sendOutbox } from '../../server/worker/outbox.ts';
import type { Rounds } from '../../server/worker/rounds.ts';
import { eventually } from '../support/conditions.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { freshRedis, type FreshRedis } from '../support/redis.ts';

let fresh: FreshDatabase;
let memory: FreshRedis;
let queue: ReturnType<typeof createJobQueue>;
let loop: Rounds | null = null;

beforeAll(async () => {
  [fresh, memory] = await Promise.all([freshDatabase(), freshRedis()]);
  queue = createJobQueue(memory.url);
});
afterAll(async () => {
  await loop?.stop();
  await queue.close();
  await memory.close();
  await fresh.drop();
});

async function addImport(): Promise<string> {
  return fresh.database.transaction().execute(async (transaction) => {
    const { id } = await transaction
      .insertInto('import')
      .values({ file_name: 'list.csv', file_path: '/nowhere' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await enqueue(transaction, 'import.run', `import.run:${id}`, { importId: id });
    await enqueue(transaction, 'import.run', `import.run:${id}`, { importId: id });
    return id;
  });
}

test('what was asked for in a transaction is sent once', async () => {
  const id = await addImport();
  loop = sendOutbox(fresh.database, queue, createLogger('test', 'fatal'));
  await eventually('the job is there', async () => (await queue.getJobCountByTypes('waiting')) > 0);
  const jobs = await queue.getWaiting();
  expect(jobs.map((job) => [job.name, job.data])).toEqual([['import.run', { importId: id }]]);
  await loop.stop();
});

test('a job that Redis forgot is sent again, since the database says that it is still to be done', async () => {
  await memory.redis.flushdb();
  expect(await queue.getJobCountByTypes('waiting')).toBe(0);
  loop = sendOutbox(fresh.database, queue, createLogger('test', 'fatal'));
  await eventually('the job is there again', async () => (await queue.getJobCountByTypes('waiting')) === 1);
  await fresh.database.updateTable('import').set({ state: 'done' }).execute();
  await loop.stop();
  await memory.redis.flushdb();
  loop = sendOutbox(fresh.database, queue, createLogger('test', 'fatal'));
  await addImport();
  await eventually('only the new one is sent', async () => (await queue.getJobCountByTypes('waiting')) === 1);
});
