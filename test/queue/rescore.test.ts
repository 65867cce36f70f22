import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SCORECARD, type Scorecard } from '../../server/contract/scoring.ts';
import { previewScorecard, readScorecardState, saveScorecard } from '../../server/campaigns/scorecard.ts';
import { lockPeople } from '../../server/queue/locks.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import { rescoreCampaign, rescoreParties } from '../../server/queue/rescore.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

const ONLY_AMOUNT = { amount: 1, age: 0, payments: 0, contacts: 0, debtType: 0, promises: 0 };
const ONLY_CONTACTS = { ...ONLY_AMOUNT, amount: 0, contacts: 1 };

let scene: Scene;
let userId: string;
beforeAll(async () => {
  scene = await openScene();
  const user = await scene.database
    .insertInto('app_user')
    .values({ login: 'admin', display_name: 'Sara', role: 'admin', password_hash: '' })
    .returning('id')
    .executeTakeFirstOrThrow();
  userId = user.id;
});
afterAll(() => scene.fresh.drop());

async function crowd(count: number): Promise<{ campaignId: string; people: string[] }> {
  const campaignId = await scene.addCampaign();
  const people = await scene.addPeople(
    [campaignId],
    Array.from({ length: count }, (_, index) => ({ phones: [mobile()], balance: BigInt(index + 1) * 1_000n })),
  );
  return { campaignId, people };
}

async function save(campaignId: string, scorecard: Partial<Scorecard>, version = 0): Promise<void> {
  const card = { ...DEFAULT_SCORECARD, ...scorecard };
  await saveScorecard(scene.database, campaignId, { scorecard: card, note: 'trial', version }, { userId, demo: false });
}

async function order(campaignId: string): Promise<{ partyId: string; score: number; version: number }[]> {
  const { rows } = await sql<{ partyId: string; score: number; version: number }>`
    select party_id as "partyId", score, (score_reasons ->> 'version')::int as version from dial_queue
    where campaign_id = ${campaignId} order by score desc, party_id`.execute(scene.database);
  return rows;
}

describe('a campaign’s scorecard', () => {
  test('is the house’s until somebody saves another, and keeps every version with its author and reason', async () => {
    const { campaignId } = await crowd(1);
    expect((await readScorecardState(scene.database, campaignId)).current).toMatchObject({ version: 0, author: null });
    await save(campaignId, { weights: ONLY_AMOUNT });
    await save(campaignId, { weights: ONLY_CONTACTS }, 1);
    const state = await readScorecardState(scene.database, campaignId);
    expect(state.current).toMatchObject({ version: 2, author: 'Sara', note: 'trial', scorecard: { weights: ONLY_CONTACTS } });
    expect(state.versions.map((version) => version.version)).toEqual([2, 1]);
    expect(state.rescore).toMatchObject({ version: 2, state: 'queued' });
    expect(state.debtTypes).toEqual(['card']);
  });

  test('is not overwritten by somebody who has not seen the newest', async () => {
    const { campaignId } = await crowd(1);
    await save(campaignId, { weights: ONLY_AMOUNT });
    await expect(save(campaignId, { weights: ONLY_CONTACTS })).rejects.toMatchObject({ code: 'stale_version' });
  });

  test('can be tried out: how scores would be spread, and who would move', async () => {
    const { campaignId, people } = await crowd(30);
    const { database } = scene;
    const same = await previewScorecard(database, campaignId, DEFAULT_SCORECARD);
    expect(same).toMatchObject({ total: 30, looked: 30, up: [], down: [] });
    expect(same.before).toEqual(same.after);
    const richFirst = await previewScorecard(database, campaignId, { ...DEFAULT_SCORECARD, order: 'expected_value' });
    expect(richFirst.up[0]).toMatchObject({ partyId: people.at(-1), placeBefore: 30, name: expect.stringContaining('Person') });
    expect(richFirst.up[0]?.placeAfter).toBeLessThan(15);
    const [mover] = richFirst.down;
    expect(mover?.reasons.reduce((sum, reason) => sum + reason.points, 0)).toBe(mover?.scoreAfter);
    expect(richFirst.after.counts.reduce((sum, each) => sum + each, 0)).toBe(30);
  });
});

describe('a rescore', () => {
  test('scores everybody by the newest version, and says how far it is', async () => {
    const { campaignId, people } = await crowd(1_200);
    await save(campaignId, { weights: ONLY_AMOUNT });
    const steps: number[] = [];
    const done = await rescoreCampaign(scene.database, campaignId, { onProgress: (step) => steps.push(step.looked) });
    expect(done).toEqual({ looked: 1_200, changed: 1_200 });
    expect(steps.length).toBeGreaterThan(2);
    const rows = await order(campaignId);
    expect(rows.every((row) => row.version === 1)).toBe(true);
    expect(rows[0]?.partyId).toBe(people[0]);
    expect(rows.at(-1)?.partyId).toBe(people.at(-1));
    expect((await readScorecardState(scene.database, campaignId)).rescore).toMatchObject({
      version: 1,
      state: 'done',
      total: 1_200,
      done: 1_200,
    });
    expect(await rescoreCampaign(scene.database, campaignId, { anew: true })).toEqual({ looked: 1_200, changed: 0 });
  });

  test('by expected value puts those first from whom most may be expected', async () => {
    const { campaignId, people } = await crowd(20);
    await save(campaignId, { order: 'expected_value', weights: ONLY_CONTACTS });
    await rescoreCampaign(scene.database, campaignId);
    expect((await order(campaignId)).map((row) => row.partyId)).toEqual(people.toReversed());
  });

  test('does not wait for people who are in other hands until everybody else is done, nor leaves them out', async () => {
    const { campaignId, people } = await crowd(60);
    await save(campaignId, { weights: ONLY_AMOUNT });
    const [held = ''] = people;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding = Promise.withResolvers<void>();
    const holder = scene.database.transaction().execute(async (transaction) => {
      await lockPeople(transaction, [held]);
      holding.resolve();
      await released;
    });
    await holding.promise;
    const others = Promise.withResolvers<number>();
    const running = rescoreCampaign(scene.database, campaignId, { onProgress: (step) => others.resolve(step.looked) });
    expect(await others.promise).toBe(59);
    expect((await order(campaignId)).filter((row) => row.version === 0).map((row) => row.partyId)).toEqual([held]);
    release();
    await holder;
    expect((await running).looked).toBe(60);
    expect((await order(campaignId)).every((row) => row.version === 1)).toBe(true);
  });

  test('ends with the worker and goes on where it was', async () => {
    const { campaignId } = await crowd(1_600);
    await save(campaignId, { weights: ONLY_AMOUNT });
    const stopping = new AbortController();
    const first = rescoreCampaign(scene.database, campaignId, { signal: stopping.signal, onProgress: () => stopping.abort() });
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    const before = await readScorecardState(scene.database, campaignId);
    expect(before.rescore?.state).toBe('running');
    const second = await rescoreCampaign(scene.database, campaignId);
    expect(second.looked).toBeLessThan(1_600);
    expect((await order(campaignId)).every((row) => row.version === 1)).toBe(true);
    expect((await readScorecardState(scene.database, campaignId)).rescore).toMatchObject({ state: 'done', done: 1_600 });
  });

  test('gives way to a newer version', async () => {
    const { campaignId } = await crowd(1_200);
    await save(campaignId, { weights: ONLY_AMOUNT });
    const saved: Promise<void>[] = [];
    await rescoreCampaign(scene.database, campaignId, {
      onProgress: () => {
        if (saved.length === 0) saved.push(save(campaignId, { weights: ONLY_CONTACTS }, 1));
      },
    });
    await Promise.all(saved);
    expect((await readScorecardState(scene.database, campaignId)).rescore).toMatchObject({ version: 2, state: 'queued' });
    await rescoreCampaign(scene.database, campaignId);
    expect((await order(campaignId)).every((row) => row.version === 2)).toBe(true);
  });
});

describe('a debtor whose facts change', () => {
  test('is scored anew at once, in every campaign', async () => {
    const first = await scene.addCampaign();
    const second = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([first, second], [{ phones: [mobile()] }]);
    const before = [await order(first), await order(second)].map((rows) => rows[0]?.score ?? 0);
    await sql`insert into posting (debt_id, kind, amount_minor) select debt_id, 'payment', -100 from debt_party
      where party_id = ${partyId}`.execute(scene.database);
    expect(await rescoreParties(scene.database, [partyId])).toBe(2);
    const after = [await order(first), await order(second)].map((rows) => rows[0]?.score ?? 0);
    expect(after[0]).toBeGreaterThan(before[0] ?? 0);
    expect(after[1]).toBeGreaterThan(before[1] ?? 0);
    expect(await rescoreParties(scene.database, [partyId])).toBe(0);
  });

  test('sinks with each call in vain, in every campaign, and rises when somebody spoke with them', async () => {
    const first = await scene.addCampaign();
    const second = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([first, second], [{ phones: [mobile()] }]);
    const scores = async () => [await order(first), await order(second)].map((rows) => rows[0]?.score ?? 0);
    const call = async (minutes: number): Promise<string> => {
      const { reserved } = await scene.reserve(first, { now: SUNDAY_MORNING.add({ minutes }) });
      const attemptId = reserved[0]?.attemptId ?? '';
      await sql`update contact_attempt set state = 'dialing' where id = ${attemptId}`.execute(scene.database);
      return attemptId;
    };
    const before = await scores();
    await scene.end(await call(0));
    await rescoreParties(scene.database, [partyId]);
    const afterOne = await scores();
    expect(afterOne.every((score, index) => score < (before[index] ?? 0))).toBe(true);
    await sql`update dial_queue set state = 'ready' where party_id = ${partyId}`.execute(scene.database);
    const attemptId = await call(5);
    await scene.end(attemptId, { result: 'connected', ending: 'answered' });
    await recordOutcome(scene.database, { attemptId, agentId: userId, outcome: { code: 'wrap_up_expired' }, note: '' });
    await rescoreParties(scene.database, [partyId]);
    const afterTalk = await scores();
    expect(afterTalk.every((score, index) => score > (afterOne[index] ?? 0))).toBe(true);
  });

  test('is known by tries, answers and hours of their own week, whichever way an attempt ends', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    const { reserved } = await scene.reserve(campaignId);
    await sql`update contact_attempt set state = 'dialing' where id = ${reserved[0]?.attemptId}`.execute(scene.database);
    await scene.end(reserved[0]?.attemptId ?? '', { result: 'abandoned', ending: 'abandoned' });
    await sql`insert into conversation_debt (attempt_id, debt_id, party_id, at)
      select ${reserved[0]?.attemptId}, id, ${partyId}, clock_timestamp() from debt limit 3`.execute(scene.database);
    await sql`insert into conversation_debt (attempt_id, debt_id, party_id, at)
      select ${reserved[0]?.attemptId}, id, ${partyId}, clock_timestamp() from debt order by id desc limit 1`.execute(
      scene.database,
    );
    const read = async () =>
      (
        await sql`select tries, answers, conversations, hours from contact_tally where party_id = ${partyId}`.execute(
          scene.database,
        )
      ).rows;
    // Sunday at eleven in Riyadh.
    const known = [{ tries: 1, answers: 1, conversations: 1, hours: { [6 * 24 + 11]: [1, 1] } }];
    expect(await read()).toEqual(known);
    await sql`select recount_contacts(array[${partyId}]::uuid[])`.execute(scene.database);
    expect(await read()).toEqual(known);
  });
});
