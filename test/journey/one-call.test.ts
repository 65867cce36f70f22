import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { endedAttempt } from '../support/calls.ts';

let floor: TestFloor;
let agent: TestAgent;

beforeAll(async () => {
  floor = await openFloor();
  agent = await floor.addAgent();
});
afterAll(() => floor.close());

describe('one debtor and one agent', () => {
  it('are brought together, hear one another, and the outcome decides when the debtor may be called again', async () => {
    await agent.logIn();
    const [partyId] = await floor.addDebtors(['96']);
    expect(await agent.ask({ type: 'ready' })).toMatchObject({ ok: true });

    // The file is read while the telephone rings; this one answers without ringing, and the bridge waits for nothing.
    const talking = await agent.until(
      'the debtor is bridged and the file is there',
      (desk) => desk.state === 'talking' && desk.call?.file !== null,
    );
    expect(talking.call?.file).toMatchObject({ partyId, debts: [{ account: expect.stringMatching(/^T-/) }] });
    const attemptId = talking.call?.attemptId ?? '';

    const [line] = [...agent.phone.calls.values()];
    line?.say(700);
    await line?.hears((heard) => heard(400) > 0.05, 15_000);

    expect(await agent.ask({ type: 'hang_up' })).toMatchObject({ ok: true });
    await agent.until('wrap-up begins', (desk) => desk.state === 'wrap_up');
    const reply = await agent.ask({ type: 'dispose', attemptId, outcome: { code: 'refused' }, note: '', next: 'pause' });
    expect(reply).toMatchObject({ ok: true, desk: { state: 'paused', lastEffect: { kind: 'not_before' } } });

    expect(await endedAttempt(floor, partyId ?? '')).toMatchObject({
      id: attemptId,
      result: 'connected',
      agent_id: agent.agentId,
    });
    const row = await floor.database
      .selectFrom('dial_queue')
      .select(['state', 'not_before'])
      .where('party_id', '=', partyId ?? '')
      .executeTakeFirstOrThrow();
    expect(row.state).toBe('waiting');
  });
});
