import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createPool, type Database } from '../../server/kernel/database.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { release } from '../../server/queue/release.ts';
import { reserve } from '../../server/queue/reserve.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

const RESERVERS = 16;
const ROUNDS = 12;
const PEOPLE = 40;

let scene: Scene;
let crowd: Database;
beforeAll(async () => {
  scene = await openScene();
  crowd = createDatabase(createPool(scene.fresh.url, { max: RESERVERS }));
});
afterAll(async () => {
  await crowd.destroy();
  await scene.fresh.drop();
});

/** Everybody shares a number with a neighbour; the second campaign's order is the first's reversed. */
async function crowdedCampaigns(settings = {}): Promise<[string, string]> {
  const first = await scene.addCampaign(settings);
  const second = await scene.addCampaign(settings);
  const numbers = Array.from({ length: PEOPLE }, () => mobile());
  await scene.addPeople(
    [first, second],
    numbers.map((number, i) => ({ phones: [number, numbers[(i + 1) % PEOPLE] ?? number], balance: BigInt(i + 1) * 1_000n })),
  );
  await sql`update dial_queue q set score = 1000 - other.score from dial_queue other
    where q.campaign_id = ${second} and other.campaign_id = ${first} and other.party_id = q.party_id`.execute(scene.database);
  return [first, second];
}

test('sixteen reservers over people who share numbers, in opposite orders: no deadlock, never two contacts with one person or number (I1, I2)', async () => {
  const campaigns = await crowdedCampaigns();
  let minutes = 0;
  let ended = 0;
  async function work(worker: number): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      minutes += 2;
      const now = SUNDAY_MORNING.add({ minutes: minutes % 300 });
      const campaignId = campaigns[(worker + round) % 2] ?? '';
      const { reserved } = await reserve(crowd, { floorId: 'main', epoch: 1n, campaignId, count: 4, now });
      const attemptIds = reserved.map((each) => each.attemptId);
      if (round % 4 === 3) {
        ended += await release(crowd, attemptIds);
        continue;
      }
      const dialing = await dispatch(crowd, { floorId: 'main', epoch: 1n, attemptIds, trunk: 'main', callerId: null, now });
      for (const id of dialing) await scene.end(id);
      ended += dialing.length;
      // Their time has come again. Only rows that were locked are changed: a person's other rows may be in other hands.
      await sql`update dial_queue set state = 'ready' where (party_id, campaign_id) in
        (select party_id, campaign_id from dial_queue where state = 'waiting' order by party_id, campaign_id limit 20
          for no key update skip locked)`.execute(crowd);
    }
  }
  await Promise.all(Array.from({ length: RESERVERS }, (_, worker) => work(worker)));
  expect(ended).toBeGreaterThan(PEOPLE);

  // By the history alone: while one contact lasts, no other with the same person or the same number begins.
  const overlaps = await sql<{ count: number }>`
    with lives as (
      select begun.id as first, done.id as last, begun.body ->> 'partyId' as party, begun.body ->> 'phoneId' as phone
      from event begun join event done on done.subject_id = begun.subject_id and done.kind = 'attempt.ended'
      where begun.kind = 'attempt.reserved'
    )
    select count(*)::int as count from lives a join lives b on a.first < b.first and b.first < a.last and (a.party = b.party or a.phone = b.phone)`.execute(
    scene.database,
  );
  expect(overlaps.rows).toEqual([{ count: 0 }]);
  const unlawful = await sql<{ count: number }>`
    select count(*)::int as count from contact_attempt where verdict ->> 'verdict' is distinct from 'allow' or length(inputs_digest) <> 64`.execute(
    scene.database,
  );
  expect(unlawful.rows).toEqual([{ count: 0 }]);
  const unended = await scene.database.selectFrom('contact_attempt').select('id').where('state', '<>', 'ended').execute();
  expect(unended).toEqual([]);
  expect(await scene.database.selectFrom('live_contact').selectAll().execute()).toEqual([]);
});

test('a cap holds over two campaigns however many reserve at once (I4)', async () => {
  const campaigns = await crowdedCampaigns({ caps: { personPerDay: 1, personPerWeek: 7, debtPerWeek: 7, minutesBetween: 1 } });
  async function work(worker: number): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const campaignId = campaigns[(worker + round) % 2] ?? '';
      const { reserved } = await reserve(crowd, { floorId: 'main', epoch: 1n, campaignId, count: 4, now: SUNDAY_MORNING });
      for (const attempt of reserved) await scene.end(attempt.attemptId);
    }
  }
  await Promise.all(Array.from({ length: RESERVERS }, (_, worker) => work(worker)));
  const perPerson = await sql<{ most: number; people: number }>`
    select max(count)::int as most, count(*)::int as people
    from (select party_id, count(*) from contact_attempt where campaign_id = any(${campaigns}::uuid[]) and counts group by party_id) attempts`.execute(
    scene.database,
  );
  // Whoever met a live contact waits a minute, which does not pass here.
  expect(perPerson.rows).toMatchObject([{ most: 1 }]);
  expect(perPerson.rows[0]?.people).toBeGreaterThan(PEOPLE / 2);
});

test.each(['party', 'phone', 'dial_queue'])(
  'what somebody holds while writing a fact (%s) is passed over, and judged by the fact once it is committed',
  async (table) => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    const held = await scene.fresh.pool.connect();
    try {
      await held.query('begin');
      await held.query(
        {
          party: 'select 1 from party where id = $1 for update',
          phone: 'select 1 from phone where id in (select phone_id from party_phone where party_id = $1) for update',
          dial_queue: 'select 1 from dial_queue where party_id = $1 for update',
        }[table] ?? '',
        [partyId],
      );
      await held.query("insert into hold (party_id, kind, starts_at) values ($1, 'objection_open', '2026-01-01')", [partyId]);
      expect(await scene.reserve(campaignId)).toMatchObject({ reserved: [], refused: [] });
      expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready' });
      await held.query('commit');
    } finally {
      held.release();
    }
    expect(await scene.reserve(campaignId)).toMatchObject({ reserved: [], refused: [{ reason: 'objection_open' }] });
  },
);

test('the next rows are found by their index in score order, whatever the size of the queue', async () => {
  const campaignId = await scene.addCampaign();
  await sql`
    with people as (
      insert into party (display_name, folded_name, country) select 'P' || i, 'p' || i, 'SA' from generate_series(1, 20000) i returning id
    )
    insert into dial_queue (campaign_id, party_id, score, state, not_before)
    select ${campaignId}, id, (random() * 1000)::int, case when random() < 0.5 then 'ready' else 'waiting' end, now() + random() * interval '3 days' from people`.execute(
    scene.database,
  );
  await sql`analyze dial_queue`.execute(scene.database);
  const ready = await sql<{ 'QUERY PLAN': string }>`
    explain select party_id, band, standing from dial_queue where campaign_id = ${campaignId} and state = 'ready'
    order by band desc, standing desc, party_id limit 20 for no key update skip locked`.execute(scene.database);
  const readyPlan = ready.rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(readyPlan).toContain('Index Scan using dial_queue_ready');
  expect(readyPlan).not.toContain('Sort');
  const due = await sql<{ 'QUERY PLAN': string }>`
    explain select campaign_id, party_id from dial_queue where state = 'waiting' and not_before <= now()
    order by not_before limit 1000 for no key update skip locked`.execute(scene.database);
  expect(due.rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan (using|on) dial_queue_waiting/);
});
