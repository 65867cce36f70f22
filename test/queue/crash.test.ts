import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase, createPool, type Database } from '../../server/kernel/database.ts';
import { migrateToLatest } from '../../server/kernel/migrate.ts';
import { choosePort } from '../../server/machine/ports.ts';
import { ensureDatabase, postgresUrl, startPostgres, type PostgresSettings } from '../../server/machine/postgres.ts';
import type { Service } from '../../server/machine/service.ts';
import { openTree } from '../../server/machine/tree.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { childrenOf } from '../support/processes.ts';
import { mobile, openScene, SUNDAY_MORNING } from './scene.ts';

let settings: PostgresSettings;
let server: Service;
let folder: string;
beforeAll(async () => {
  mkdirSync(inject('runFolder'), { recursive: true });
  folder = mkdtempSync(join(inject('runFolder'), 'crash-'));
  settings = {
    tree: openTree(inject('treeFolder')),
    dataFolder: join(folder, 'data'),
    port: await choosePort(null, 'tcp'),
    password: 'postgres-of-a-test',
    logFile: join(folder, 'postgres.log'),
    durable: true,
    diesWithUs: true,
  };
  server = await startPostgres(settings);
  await ensureDatabase(settings, 'crash');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** All of the server at once, so that nothing of it can write any more. */
async function crash(): Promise<void> {
  const { pid } = server.process.identity;
  // One that stands still neither starts others nor buries those that end.
  process.kill(pid, 'SIGSTOP');
  for (const each of [...childrenOf(pid), pid]) process.kill(each, 'SIGKILL');
  await server.process.exited;
}

function connect(): Database {
  return createDatabase(createPool(postgresUrl(settings, 'crash'), { max: 2 }));
}

test('what is dialed outlives a crash of the database, and of what was only reserved all is there or nothing (I1)', async () => {
  const database = connect();
  await migrateToLatest(database);
  const url = postgresUrl(settings, 'crash');
  const scene = await openScene({ url, pool: createPool(url), database, drop: () => database.destroy() });
  const campaignId = await scene.addCampaign();
  await scene.addPeople(
    [campaignId],
    Array.from({ length: 30 }, () => ({ phones: [mobile()] })),
  );
  const { reserved } = await scene.reserve(campaignId, { count: 10 });
  const attemptIds = reserved.map((each) => each.attemptId);
  const dialed = await dispatch(database, {
    floorId: 'main',
    epoch: 1n,
    attemptIds,
    trunk: 'main',
    callerId: null,
    now: SUNDAY_MORNING,
  });
  expect(dialed).toHaveLength(10);
  await scene.reserve(campaignId, { count: 10 });
  await crash();
  await database.destroy().catch(() => undefined);

  server = await startPostgres(settings);
  const after = connect();
  const { rows } = await sql<{ id: string; state: string; queue: string; live: boolean; told: number }>`
    select a.id, a.state, q.state as queue, exists (select from live_contact where attempt_id = a.id) as live,
      (select count(*)::int from event where subject_id = a.id::text) as told
    from contact_attempt a join dial_queue q using (campaign_id, party_id)`.execute(after);
  expect(rows.filter((row) => row.state === 'dialing').map((row) => row.id)).toEqual(expect.arrayContaining(dialed));
  for (const { state, ...rest } of rows)
    expect(rest).toMatchObject({ queue: 'reserved', live: true, told: state === 'dialing' ? 2 : 1 });
  const { rows: left } = await sql<{ reserved: number; live: number }>`
    select (select count(*)::int from dial_queue where state = 'reserved') as reserved, (select count(*)::int from live_contact) as live`.execute(
    after,
  );
  expect(left).toEqual([{ reserved: rows.length, live: rows.length }]);
  await after.destroy();
});
