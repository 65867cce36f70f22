import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import type { AnswerRule } from '../../server/contract/abandonment.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';

let floor: TestFloor;
let agent: TestAgent;

beforeAll(async () => {
  floor = await openFloor({ pacing: { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, mode: 'ratio', ratio: 2 } });
  agent = await floor.addAgent();
  await agent.logIn();
});
afterAll(() => floor.close());
beforeEach(async () => {
  const before = floor.board();
  await floor.setCampaign({ state: 'running' });
  await eventually(
    'the dialer runs the campaign',
    () => floor.board() !== before && floor.board()?.campaigns[0]?.state === 'running',
  );
});
afterEach(() => everyAttemptEnded());

/** Invariant I7: whatever died, every attempt ends and nobody stays blocked. */
async function everyAttemptEnded(): Promise<void> {
  await eventually(
    'every attempt has ended',
    async () => {
      const open = await floor.database.selectFrom('contact_attempt').select('id').where('state', '!=', 'ended').execute();
      const live = await floor.database.selectFrom('live_contact').select('attempt_id').execute();
      return open.length === 0 && live.length === 0;
    },
    40_000,
  );
}

async function attemptsOf(partyIds: readonly string[]) {
  return floor.database.selectFrom('contact_attempt').selectAll().where('party_id', 'in', partyIds).execute();
}

/** How often the far end saw each number: what the dialer believes is not asked. */
async function callsSeenBySwitch(attemptId: string): Promise<number> {
  const record = await readRecord(floor.asterisk.recordFile, 0);
  return record.filter((event) => event.type === 'CHAN_START' && event.legId === attemptId).length;
}

/** Two people answer at once and there is one agent: one talks, the other waits in line. */
async function oneTalksOneWaits(): Promise<{ parties: string[]; attemptId: string }> {
  const parties = await floor.addDebtors(['98', '98']);
  await agent.ask({ type: 'ready' });
  const desk = await agent.until('one debtor is bridged', (one) => one.state === 'talking');
  await eventually('both have answered', async () => {
    const attempts = new Set((await attemptsOf(parties)).map((attempt) => attempt.id));
    const record = await readRecord(floor.asterisk.recordFile, 0);
    return record.filter((event) => event.type === 'ARMED' && attempts.has(event.legId)).length === parties.length;
  });
  return { parties, attemptId: desk.call?.attemptId ?? '' };
}

async function finishCall(): Promise<void> {
  const desk = await agent.until(
    'the agent is back with the call',
    (one) => one.state === 'talking' || one.state === 'wrap_up',
    30_000,
  );
  if (desk.state === 'talking') await agent.ask({ type: 'hang_up' });
  const wrapUp = await agent.until('wrap-up', (one) => one.state === 'wrap_up');
  await agent.ask({
    type: 'dispose',
    attemptId: wrapUp.call?.attemptId ?? '',
    outcome: { code: 'refused' },
    note: '',
    next: 'pause',
  });
}

describe('a dialer that is killed with a caller waiting and a call up', () => {
  it('leaves nobody in silence, repeats no call, and the agent goes on with the same call', async () => {
    const { parties, attemptId } = await oneTalksOneWaits();
    process.kill(floor.dialer().identity.pid, 'SIGKILL');
    await floor.dialer().exited;
    // What is saved meanwhile is no rule for who has answered already.
    await floor.setCampaign({ state: 'paused', settings: { connectWithinMs: 1_500 } });
    await floor.startDialer();

    const back = await agent.until(
      'the agent is back with the same call',
      (desk) => desk.state === 'talking' && desk.legUp,
      30_000,
    );
    expect(back.call?.attemptId).toBe(attemptId);
    // The one that goes on among them, though its row is yet to come.
    const counted = () => floor.board()?.campaigns[0]?.budget.answered === parties.length;
    await eventually('all who answered are in the campaign’s count', counted, 30_000);
    await finishCall();
    await everyAttemptEnded();

    const attempts = await attemptsOf(parties);
    expect(attempts).toHaveLength(parties.length);
    for (const attempt of attempts) expect(await callsSeenBySwitch(attempt.id)).toBe(1);
    const unserved = attempts.filter((attempt) => attempt.id !== attemptId);
    for (const attempt of unserved) expect(attempt).toMatchObject({ result: 'abandoned' });
    const record = await readRecord(floor.asterisk.recordFile, 0);
    for (const attempt of unserved) {
      expect(record.filter((event) => event.legId === attempt.id && event.type === 'MESSAGE')).toHaveLength(1);
    }
    const judged = await floor.database.selectFrom('abandonment_ledger').select('rule').execute();
    expect(judged.map(({ rule }) => (rule as AnswerRule).connectWithinMs)).toEqual(parties.map(() => 2_000));
    await floor.setCampaign({ settings: { connectWithinMs: 2_000 } });
  });
});

describe('a dialer that is stopped (SIGSTOP) with a caller waiting', () => {
  it('is replaced by another, and touches nothing when it wakes up', async () => {
    const { parties, attemptId } = await oneTalksOneWaits();
    const sleeper = floor.dialer();
    process.kill(sleeper.identity.pid, 'SIGSTOP');
    await floor.setCampaign({ state: 'paused' });
    await floor.startDialer();
    process.kill(sleeper.identity.pid, 'SIGCONT');
    await sleeper.exited;
    expect((await agent.until('the agent is back', (desk) => desk.state === 'talking', 30_000)).call?.attemptId).toBe(attemptId);
    await finishCall();
    await everyAttemptEnded();
    const attempts = await attemptsOf(parties);
    expect(attempts).toHaveLength(parties.length);
    for (const attempt of attempts) expect(await callsSeenBySwitch(attempt.id)).toBe(1);
  });
});

describe('a switch that is killed and comes back', () => {
  it('has its agents called back and dialing goes on', async () => {
    await floor.addDebtors(['98']);
    await agent.ask({ type: 'ready' });
    await agent.until('a debtor is bridged', (desk) => desk.state === 'talking');
    await floor.setCampaign({ state: 'paused' });
    await floor.asterisk.kill();
    await eventually('the board says the switch is lost', () => floor.board()?.switchUp === false);
    await floor.asterisk.start();
    await agent.until('the call is over', (desk) => desk.state === 'wrap_up', 20_000);
    await finishCall();
    await agent.until('the agent has been called back', (desk) => desk.legUp, 40_000);

    await floor.setCampaign({ state: 'running' });
    await floor.addDebtors(['98']);
    await agent.ask({ type: 'ready' });
    await agent.until('the next debtor is bridged', (desk) => desk.state === 'talking', 30_000);
    await floor.setCampaign({ state: 'paused' });
    await finishCall();
  });
});

describe('a way to the switch that is cut', () => {
  it('stops dialing at once and dialing goes on when it is mended', async () => {
    floor.wires.ari.cut();
    await eventually('the board says the switch is lost', () => floor.board()?.switchUp === false);
    const [partyId] = await floor.addDebtors(['98']);
    await agent.ask({ type: 'ready' });
    await eventually('it is said why nothing is dialed', () => floor.board()?.campaigns[0]?.why.rule === 'switch_lost');
    expect(await attemptsOf([partyId ?? ''])).toHaveLength(0);
    floor.wires.ari.mend();
    await agent.until('the debtor is bridged', (desk) => desk.state === 'talking', 30_000);
    await floor.setCampaign({ state: 'paused' });
    await finishCall();
  });
});

describe.each(['postgres', 'redis'] as const)('%s that is gone for a while', (which) => {
  it('crashes nothing, lets nothing be dialed, and all goes on when it is back', async () => {
    const { pid } = floor.dialer().identity;
    floor.wires[which].cut();
    if (which === 'postgres') {
      await agent.ask({ type: 'ready' });
      await floor.addDebtors(['98']);
      await eventually(
        'it is said why nothing is dialed',
        () => ['database_lost', 'lease_lost'].includes(floor.board()?.campaigns[0]?.why.rule ?? ''),
        20_000,
      );
    }
    floor.wires[which].mend();
    if (which === 'redis') {
      await floor.addDebtors(['98']);
      await eventually(
        'the dialer hears again',
        async () => (await agent.ask({ type: 'ready' }, 2_000).catch(() => null))?.ok ?? false,
        20_000,
      );
    }
    await agent.until('the debtor is bridged', (desk) => desk.state === 'talking', 30_000);
    await floor.setCampaign({ state: 'paused' });
    await finishCall();
    expect(floor.dialer().identity.pid).toBe(pid);
  });
});
