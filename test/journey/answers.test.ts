import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUser } from '../../server/access/users.ts';
import { startWeb } from '../../server/web/start.ts';
import { attemptsAt, boardsFor, endCall, endedAttempt, legsCreated, placeOf, recordAgrees, recordOf } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { webContext } from '../support/console.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { debtorIsHeard } from '../support/hearing.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';

const RING_MS = 5_000;
const RETRY_MINUTES = 240;
const OWN_NUMBER = '+99970000001';
/** As server/dialer/trunk.ts has it. */
const FIRST_REST_MS = 2_000;

let floor: TestFloor;
let agent: TestAgent;
/** Has a machine that is told the neutral message, which takes its time: dialed first, looked at later. */
let toldMachine: string;

async function screen(enabled: boolean, machine: 'hang_up' | 'neutral_message' = 'hang_up'): Promise<void> {
  await floor.setCampaign({ settings: { screening: { enabled, machine } } });
}

beforeAll(async () => {
  floor = await openFloor(
    {
      callerId: OWN_NUMBER,
      // Of somebody who says nothing the limit counts from the answer: what detection leaves of it must do on a slow machine.
      connectWithinMs: 5_000,
      screening: { enabled: true, machine: 'neutral_message' },
      ringTimeoutMs: RING_MS,
      recycling: { maxTries: 10, retryMinutes: RETRY_MINUTES },
      pacing: { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, mode: 'ratio', ratio: 15, maxLinesPerAgent: 15 },
    },
    { trunks: ['main'] },
  );
  agent = await floor.addAgent();
  await agent.logIn();
  [toldMachine = ''] = await floor.addDebtors(['60']);
  await agent.ask({ type: 'ready' });
  await eventually('it is dialed', async () => (await attemptsAt(floor, [toldMachine])).some((one) => one.state !== 'reserved'));
  await screen(false);
});
afterAll(() => floor.close());

/** The far end answers by the last two digits of the number: dialplans/README.md. */
const UNANSWERED = [
  {
    what: 'a busy line',
    digits: '80',
    result: 'busy',
    ending: 'busy',
    cause: 17,
    next: { state: 'waiting', reason: 'busy', minutes: 15 },
  },
  {
    what: 'a number that does not exist',
    digits: '85',
    result: 'failed',
    ending: 'dead_number',
    cause: 1,
    next: { state: 'done', reason: 'no_number_left' },
  },
  {
    what: 'nobody answering',
    digits: '70',
    result: 'no_answer',
    ending: 'no_answer',
    cause: 19,
    next: { state: 'waiting', reason: 'no_answer', minutes: RETRY_MINUTES },
  },
  {
    what: 'a call declined',
    digits: '90',
    result: 'busy',
    ending: 'declined',
    cause: 21,
    next: { state: 'waiting', reason: 'busy', minutes: 15 },
  },
  {
    what: 'the network speaking before anybody answers',
    digits: '94',
    result: 'no_answer',
    ending: 'no_answer',
    cause: 19,
    next: { state: 'waiting', reason: 'no_answer', minutes: RETRY_MINUTES },
  },
  {
    what: 'a call of which nothing is heard',
    digits: '95',
    result: 'no_answer',
    ending: 'no_answer',
    cause: 19,
    next: { state: 'waiting', reason: 'no_answer', minutes: RETRY_MINUTES },
  },
] as const;

describe('a call that nobody answers', () => {
  const parties = new Map<string, string>();
  beforeAll(async () => {
    const ids = await floor.addDebtors(UNANSWERED.map((each) => each.digits));
    UNANSWERED.forEach((each, index) => parties.set(each.digits, ids[index] ?? ''));
  });

  it.each(UNANSWERED)(
    '$what is $result ($ending), counts, and waits for its next turn',
    async ({ digits, result, ending, cause, next }) => {
      const partyId = parties.get(digits) ?? '';
      const attempt = await endedAttempt(floor, partyId);
      expect(attempt).toMatchObject({ result, ending, cause, counts: true, answered_at: null, agent_id: null });
      expect(await placeOf(floor, partyId)).toMatchObject({ ...next, tries: 1 });
    },
  );

  it('rings as long as its campaign lets it, and no longer', async () => {
    const attempt = await endedAttempt(floor, parties.get('70') ?? '');
    expect(attempt.ring_timeout_ms).toBe(RING_MS);
    const record = await recordOf(floor, attempt.id);
    const rangMs = (attempt.ended_at?.epochMilliseconds ?? 0) - (record[0]?.stampMs ?? 0);
    expect(rangMs).toBeGreaterThan(RING_MS - 200);
    // The far end would have rung for two minutes.
    expect(rangMs).toBeLessThan(RING_MS + 5_000);
  });

  it('leaves the agent in line', () => {
    expect(agent.desk()).toMatchObject({ state: 'ready', call: null });
  });
});

describe('a call that is screened', () => {
  let second: TestAgent;
  let [machine, person, silent, hasty]: [string, string, string, string] = ['', '', '', ''];

  beforeAll(async () => {
    second = await floor.addAgent();
    await second.logIn();
    await screen(true);
    for (const one of [agent, second]) await one.ask({ type: 'ready' });
    [machine = '', person = '', silent = '', hasty = ''] = await floor.addDebtors(['60', '00', '55', '50']);
  });

  it('goes to an agent when it is a person, also one who says nothing', async () => {
    for (const one of [agent, second]) await one.until('a person is bridged', (desk) => desk.state === 'talking', 30_000);
    for (const one of [agent, second]) await endCall(one);
    const connected = { result: 'connected', ending: 'agent_hangup' };
    expect(await endedAttempt(floor, person)).toMatchObject({ ...connected, screening: { verdict: 'human' } });
    const silence = { verdict: 'uncertain', cause: expect.stringMatching(/^INITIALSILENCE/) };
    expect(await endedAttempt(floor, silent)).toMatchObject({ ...connected, screening: silence });
  });

  it('takes no agent when it is a machine, which is hung up or told the neutral message as the campaign says', async () => {
    const attempts = await Promise.all([endedAttempt(floor, machine, 40_000), endedAttempt(floor, toldMachine, 40_000)]);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ result: 'screened', ending: 'machine', counts: true, agent_id: null, waiting_at: null });
      expect(attempt.screening).toMatchObject({ verdict: 'machine', status: 'MACHINE' });
      for (const seen of [...agent.seen, ...second.seen]) expect(seen.call?.attemptId).not.toBe(attempt.id);
    }
    const words = await Promise.all(attempts.map(async ({ id }) => (await recordOf(floor, id)).map((event) => event.type)));
    expect(words[0]).not.toContain('MACHINE_MESSAGE');
    expect(words[1]).toContain('MACHINE_MESSAGE');
    const next = { state: 'waiting', reason: 'screened', minutes: RETRY_MINUTES, tries: 1 };
    expect(await placeOf(floor, machine)).toMatchObject(next);
  });

  it('is answered but not abandoned when the caller hangs up before the verdict', async () => {
    const attempt = await endedAttempt(floor, hasty);
    expect(attempt).toMatchObject({ result: 'cancelled', ending: 'caller_hangup', counts: true, agent_id: null });
    expect(attempt.answered_at).not.toBeNull();
    expect((await recordOf(floor, attempt.id)).map((event) => event.type)).not.toContain('MESSAGE');
    expect(await placeOf(floor, hasty)).toMatchObject({ state: 'waiting', reason: 'cancelled', tries: 1 });
  });
});

describe('a caller who waits for an agent', () => {
  it('and hangs up before the deadline is not abandoned', async () => {
    await screen(false);
    await agent.ask({ type: 'ready' });
    // Whoever is first gets the agent; one of those who hang up early is left to wait.
    const [first = '', early = '', other = ''] = await floor.addDebtors(['98', '50', '50']);
    const desk = await agent.until('one is bridged', (one) => one.state === 'talking');
    const taken = (await attemptsAt(floor, [early])).some(({ id }) => id === desk.call?.attemptId);
    const attempt = await endedAttempt(floor, taken ? other : early);
    expect(attempt).toMatchObject({ result: 'cancelled', ending: 'caller_hangup', counts: true, message_at: null });
    expect(attempt.waiting_at).not.toBeNull();
    expect((await recordOf(floor, attempt.id)).map((event) => event.type)).not.toContain('MESSAGE');
    await endCall(agent);
    await endedAttempt(floor, first);
  });
});

describe('a carrier without a free line', () => {
  it('has what is not sent yet wait out a short rest: nothing is given up whose permit outlives it', async () => {
    await agent.ask({ type: 'ready' });
    const [, ...others] = await floor.addDebtors(['93', '80', '80', '80']);
    for (const party of others) {
      await eventually('it has ended', async () => (await attemptsAt(floor, [party])).some((one) => one.state === 'ended'));
      const [attempt] = await attemptsAt(floor, [party]);
      const leftMs = (attempt?.permit_until.epochMilliseconds ?? 0) - (attempt?.ended_at?.epochMilliseconds ?? 0);
      // On a machine so slow that the permit ran out meanwhile it is given up, and no sooner.
      const tooSlow = attempt?.ending === 'not_sent' && leftMs < FIRST_REST_MS + 500;
      expect(tooSlow ? 'busy' : attempt?.ending).toBe('busy');
    }
    await agent.ask({ type: 'pause', reason: 'lunch' });
  });

  it('spends no try, and the whole trunk is left in peace, longer each time', async () => {
    await agent.ask({ type: 'ready' });
    // One by one: what is not sent yet when the first comes back is not sent at all.
    for (let time = 0; time < 3; time += 1) {
      const [party = ''] = await floor.addDebtors(['93']);
      expect(await endedAttempt(floor, party)).toMatchObject({
        result: 'failed',
        ending: 'congestion',
        cause: 34,
        counts: false,
      });
      expect(await placeOf(floor, party)).toMatchObject({ state: 'waiting', reason: 'congestion', tries: 0, minutes: 1 });
    }
    await eventually('the board says why', () => floor.board()?.campaigns[0]?.why.rule === 'trunk_full');
    const [kept = ''] = await floor.addDebtors(['98']);
    const before = await legsCreated(floor);
    await boardsFor(floor, 1_000, () => expect(floor.board()?.campaigns[0]?.why).toMatchObject({ rule: 'trunk_full', dial: 0 }));
    expect(await legsCreated(floor)).toBe(before);
    expect(await attemptsAt(floor, [kept])).toEqual([]);
    expect(floor.board()?.campaigns[0]?.why.figures).toHaveProperty('restS');
    await agent.ask({ type: 'pause', reason: 'lunch' });
  });
});

describe('all of this', () => {
  it('agrees with what the switch recorded: no leg without its permit, none twice, nobody left waiting', () =>
    recordAgrees(floor));
});

/** Presses the button of the page *Callers* as its page does, once signed in. */
async function pressDemoCaller(): Promise<number> {
  const who = { login: 'over', displayName: 'Over', password: 'a password of ten or more', role: 'supervisor' as const };
  await createUser(floor.database, { ...who, language: 'en', stationKind: 'browser', demo: false }, 'test');
  const servers = { databaseUrl: floor.databaseUrl, redisUrl: floor.wires.redis.url, dataDir: floor.dataDir };
  const web = await startWeb(webContext(servers));
  try {
    const api = `http://127.0.0.1:${web.port}/api/v1`;
    const signedIn = await fetch(`${api}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: who.login, password: who.password }),
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const pressed = await fetch(`${api}/demo/callers`, { method: 'POST', headers: { cookie } });
    return pressed.status;
  } finally {
    await web.stop();
  }
}

describe('a debtor of the demo whom somebody has call us', () => {
  it('comes in over the trunk, waits in the line like any caller, and is served by an agent', async () => {
    await agent.ask({ type: 'pause', reason: 'lunch' });
    await floor.addDebtors(['00']);
    expect(await pressDemoCaller()).toBe(204);
    await eventually('the caller waits', () => floor.board()?.campaigns[0]?.inbound.waiting === 1);
    // Nobody is dialed for whoever is ready next.
    await floor.setCampaign({ state: 'paused' });
    await eventually('nothing is dialed any more', () => floor.board()?.campaigns[0]?.state === 'paused');
    await agent.ask({ type: 'ready' });
    const { call } = await agent.until(
      'the caller is on the desk',
      (desk) => desk.state === 'talking' && desk.call?.inbound != null,
    );
    expect(call?.inbound).toMatchObject({ called: OWN_NUMBER, candidates: [{ initials: 'D.' }] });
    // The agent has had others before, whose packets were counted otherwise.
    await [...agent.phone.calls.values()].at(-1)?.hears(debtorIsHeard);
    await endCall(agent, 'pause', { code: 'no_contact' });
  });
});
