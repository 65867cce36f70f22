import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { readCounts, type LedgerRow } from '../../server/compliance/ledger/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { correctScreening } from '../../server/queue/correction.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import { settle, type Settlement } from '../../server/queue/settle.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

const RULE = answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, []);
const ANSWERED_MS = SUNDAY_MORNING.add({ seconds: 10 }).epochMilliseconds;

let scene: Scene;
let agentId = '';
beforeAll(async () => {
  scene = await openScene();
  const agent = await scene.database
    .insertInto('app_user')
    .values({ login: 'listener', display_name: 'Agent', role: 'agent', password_hash: '-' })
    .returning('id')
    .executeTakeFirstOrThrow();
  agentId = agent.id;
});
afterAll(() => scene.fresh.drop());

/** Ids of calls of a new campaign, sent and not yet ended. */
async function underWay(count: number): Promise<{ campaignId: string; ids: string[] }> {
  const campaignId = await scene.addCampaign();
  await scene.addPeople(
    [campaignId],
    Array.from({ length: count }, () => ({ phones: [mobile()] })),
  );
  const { reserved } = await scene.reserve(campaignId, { count });
  const ids = reserved.map((each) => each.attemptId);
  await dispatch(scene.database, {
    floorId: 'main',
    epoch: 1n,
    attemptIds: ids,
    trunk: 'main',
    callerId: null,
    now: SUNDAY_MORNING,
  });
  return { campaignId, ids };
}

/** The end of a call that an agent took at once, or as told. */
function ended(campaignId: string, attemptId: string, change: Partial<LedgerRow> = {}): Settlement {
  const ledger: LedgerRow = {
    attemptId,
    campaignId,
    rule: RULE,
    direction: 'outbound',
    answeredMs: ANSWERED_MS,
    screening: null,
    agentMs: ANSWERED_MS + 100,
    messageMs: null,
    endedMs: ANSWERED_MS + 60_000,
    hungUpByUs: false,
    trouble: null,
    ...change,
  };
  const stamps = {
    agentId: null,
    screening: null,
    ringing: null,
    answered: null,
    waiting: null,
    connected: null,
    message: null,
  };
  const endedAt = SUNDAY_MORNING.add({ seconds: 70 });
  return {
    attemptId,
    result: 'connected',
    ending: 'caller_hangup',
    counts: true,
    cause: 16,
    techCause: null,
    endedAt,
    stamps,
    ledger,
  };
}
const LATE = { agentMs: ANSWERED_MS + 2_500 };
const MACHINE = { screening: { verdict: 'machine', cause: 'TOOLONG-5000', atMs: ANSWERED_MS + 5_000 }, agentMs: null };

const heardMachine = (attemptId: string): Promise<unknown> =>
  recordOutcome(scene.database, { attemptId, agentId, outcome: { code: 'answering_machine' }, note: '' });

async function rowsOf(campaignId: string) {
  return scene.database
    .selectFrom('abandonment_ledger')
    .select(['attempt_id', 'cause', 'answered', 'abandoned', 'corrected', 'corrected_by', 'rule', 'deadline_at'])
    .where('campaign_id', '=', campaignId)
    .orderBy('attempt_id')
    .execute();
}

const counts = (campaignId: string, except: readonly string[] = []) =>
  readCounts(scene.database, {
    campaignId,
    since: SUNDAY_MORNING,
    recentSince: SUNDAY_MORNING.add({ hours: 1 }),
    except,
  });

describe('the ledger', () => {
  it('has one row for each answered call, written with its end, once, with the rule it was held against', async () => {
    const { campaignId, ids } = await underWay(4);
    const [taken = '', late = '', machine = '', silent = ''] = ids;
    const { ledger: _, ...unanswered } = ended(campaignId, silent);
    const ends = [
      ended(campaignId, taken),
      ended(campaignId, late, LATE),
      ended(campaignId, machine, MACHINE),
      { ...unanswered, result: 'no_answer', ending: 'no_answer' } as const,
    ];
    await settle(scene.database, ends);
    await settle(scene.database, [ended(campaignId, taken, LATE)]);
    const deadline_at = Temporal.Instant.fromEpochMilliseconds(ANSWERED_MS + 2_000);
    expect(await rowsOf(campaignId)).toMatchObject(
      [
        { attempt_id: taken, cause: 'agent', answered: true, abandoned: false, rule: RULE, corrected: null, deadline_at },
        { attempt_id: late, cause: 'agent_late', answered: true, abandoned: true, rule: RULE, corrected: null },
        { attempt_id: machine, cause: 'machine', answered: false, abandoned: false, corrected: null },
      ].toSorted((a, b) => (a.attempt_id < b.attempt_id ? -1 : 1)),
    );
    expect(await counts(campaignId)).toEqual({ answered: 2, abandoned: 1, recentAnswered: 0, recentAbandoned: 0 });
    expect(await counts(campaignId, [late])).toMatchObject({ answered: 1, abandoned: 0 });
    const event = await scene.database
      .selectFrom('event')
      .select('body')
      .where('subject_id', '=', late)
      .where('kind', '=', 'attempt.ended')
      .executeTakeFirstOrThrow();
    expect(event.body).toMatchObject({ ledger: { cause: 'agent_late', answered: true, abandoned: true } });
  });

  it('is corrected by the agent who heard a machine, whether that is written before the end, after it or with it', async () => {
    const { campaignId, ids } = await underWay(12);
    await Promise.all(
      ids.map(async (id, index) => {
        const say = (): Promise<unknown> => heardMachine(id);
        const end = (): Promise<void> => settle(scene.database, [ended(campaignId, id, index % 2 === 0 ? LATE : {})]);
        if (index % 3 === 0) await say().then(end);
        else if (index % 3 === 1) await end().then(say);
        else await Promise.all([say(), end()]);
      }),
    );
    const corrected = { answered: false, abandoned: false, corrected: 'machine', corrected_by: agentId };
    expect(await rowsOf(campaignId)).toMatchObject(ids.map(() => corrected));
    expect(await counts(campaignId)).toMatchObject({ answered: 0, abandoned: 0 });
  });

  it('counts a person who was taken for a machine as abandoned once somebody says so, until it is taken back', async () => {
    const { campaignId, ids } = await underWay(2);
    const [id = '', talked = ''] = ids;
    const screened = { result: 'screened', ending: 'machine' } as const;
    await settle(scene.database, [{ ...ended(campaignId, id, MACHINE), ...screened }, ended(campaignId, talked)]);
    const attempt = async (attemptId: string) =>
      scene.database
        .selectFrom('contact_attempt')
        .select(['party_id', 'result', 'ending'])
        .where('id', '=', attemptId)
        .executeTakeFirstOrThrow();
    const say = async (attemptId: string, was: 'human' | 'machine') =>
      correctScreening(scene.database, { partyId: (await attempt(attemptId)).party_id, attemptId, was, userId: agentId });
    expect(await say(id, 'machine')).toBeNull();
    expect(await say(id, 'human')).toBe(campaignId);
    expect(await counts(campaignId)).toMatchObject({ answered: 2, abandoned: 1 });
    expect(await attempt(id)).toMatchObject({ result: 'abandoned', ending: 'taken_for_machine' });
    expect(await say(id, 'human')).toBeNull();
    expect(await say(id, 'machine')).toBe(campaignId);
    expect(await counts(campaignId)).toMatchObject({ answered: 1, abandoned: 0 });
    expect(await attempt(id)).toMatchObject(screened);
    await expect(say(talked, 'human')).rejects.toMatchObject({ code: 'not_screened' });
    const nobody = { partyId: agentId, attemptId: id, was: 'human', userId: agentId } as const;
    await expect(correctScreening(scene.database, nobody)).rejects.toMatchObject({ code: 'unknown_call' });
  });

  it('is counted by its index alone, however many calls it holds', async () => {
    const { campaignId } = await underWay(1);
    await sql`insert into abandonment_ledger (attempt_id, campaign_id, answered_at, deadline_at, rule, cause, answered, abandoned)
      select gen_random_uuid(), case when n % 4 = 0 then ${campaignId}::uuid else gen_random_uuid() end,
        ${SUNDAY_MORNING.toString()}::timestamptz + n * interval '1 second', clock_timestamp(), '{}', 'agent', n % 10 > 0, n % 40 = 4
      from generate_series(1, 40000) n`.execute(scene.database);
    await sql`vacuum analyze abandonment_ledger`.execute(scene.database);
    expect(await counts(campaignId)).toMatchObject({ answered: 8_000, abandoned: 1_000 });
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain
      select count(*), count(*) filter (where abandoned) from abandonment_ledger where campaign_id = ${campaignId}::uuid and answered
        and answered_at >= ${SUNDAY_MORNING.toString()}::timestamptz and attempt_id <> all('{}'::uuid[])`.execute(scene.database);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Only Scan using abandonment_ledger_window/);
  });
});
