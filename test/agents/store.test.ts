import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAgent, readDesks, saveDesks, type SavedDesk } from '../../server/agents/store.ts';
import { deskCommand } from '../../server/contract/desk.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
beforeAll(async () => {
  web = await openWeb();
});
afterAll(() => web.close());

const PAUSED: SavedDesk = {
  state: 'paused',
  reason: 'logged_in',
  sinceMs: 0,
  attemptId: null,
  pauseAfterCall: null,
  logOutAfterCall: false,
  campaignId: null,
  legId: null,
  bridgeId: null,
};

test('a desk that cannot be read keeps none of the others from being read', async () => {
  const [good, bad] = [await web.addUser('good', 'agent'), await web.addUser('bad', 'agent')];
  const rows = [good, bad].map((agentId) => ({ agentId, floorId: 'main', epoch: 1n, seq: 1, desk: PAUSED }));
  await saveDesks(web.database, rows);
  await web.database
    .updateTable('agent_state')
    .set({ body: JSON.stringify({ of: 'another age' }) })
    .where('agent_id', '=', bad)
    .execute();
  expect(await readDesks(web.database, 'main')).toEqual([{ agentId: good, seq: 1, desk: PAUSED }]);
});

test('a supervisor stands by and serves no campaign; whoever is neither agent nor supervisor any more has no desk', async () => {
  const id = await web.addUser('promoted', 'agent');
  expect(await readAgent(web.database, id)).toMatchObject({ agentId: id, standsBy: false });
  await web.database.updateTable('app_user').set({ role: 'supervisor' }).where('id', '=', id).execute();
  expect(await readAgent(web.database, id)).toMatchObject({ agentId: id, standsBy: true, campaigns: [] });
  await web.database.updateTable('app_user').set({ role: 'admin' }).where('id', '=', id).execute();
  expect(await readAgent(web.database, id)).toBeNull();
});

test('an agent chooses among the reasons for people, not the system’s', () => {
  expect(deskCommand.safeParse({ type: 'pause', reason: 'lunch' }).success).toBe(true);
  expect(deskCommand.safeParse({ type: 'pause', reason: 'console_silent' }).success).toBe(false);
});
