import { randomUUIDv7 } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stationAccountFor } from '../../server/agents/stations.ts';
import { neededOfRecordMs } from '../../server/dialer/reconcile.ts';
import { tendRecord } from '../../server/telephony/asterisk/keep-record.ts';
import { pastRecords, setAside } from '../../server/telephony/asterisk/record-files.ts';
import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import { endCall, endedAttempt, everyAttemptEnds, recordOf, talkIsWritten } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, STATION_SECRET, type TestAgent, type TestFloor } from '../support/floor.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

let floor: TestFloor;
let agent: TestAgent;
/** The dialer of another floor, as far as the switch can tell: its own application on the same Asterisk. */
let north: AsteriskSwitch;

beforeAll(async () => {
  floor = await openFloor();
  agent = await floor.addAgent();
  await agent.logIn();
  north = switchOn(floor.asterisk);
  await north.open();
});
afterAll(async () => {
  await north.close();
  await floor.close();
});
afterEach(async () => {
  await floor.database.updateTable('dial_queue').set({ state: 'done' }).where('state', 'in', ['ready', 'waiting']).execute();
  await everyAttemptEnds(floor);
});

async function talk(): Promise<{ partyId: string; attemptId: string }> {
  const [partyId = ''] = await floor.addDebtors(['98']);
  await agent.ask({ type: 'ready' });
  const desk = await agent.until('the debtor is bridged', (one) => one.state === 'talking');
  return { partyId, attemptId: desk.call?.attemptId ?? '' };
}

async function killDialer(): Promise<void> {
  const { identity, exited } = floor.dialer();
  process.kill(identity.pid, 'SIGKILL');
  await exited;
}

describe('a record that is set aside while the dialer is dead', () => {
  it('still says how the call ended, and what an open call needs of it is not deleted', async () => {
    const { partyId, attemptId } = await talk();
    await talkIsWritten(floor, agent, partyId);
    await killDialer();
    const aside = { maxBytes: 1, maxAgeMs: Infinity };
    expect(await setAside(floor.asterisk.recordFile, { now: Temporal.Now.instant(), ...aside })).not.toBeNull();
    await north.hangUp(attemptId);
    await eventually('its end is on the record', async () =>
      (await recordOf(floor, attemptId)).some((event) => event.type === 'CHAN_END'),
    );
    expect(await setAside(floor.asterisk.recordFile, { now: Temporal.Now.instant(), ...aside })).not.toBeNull();
    // Long after everything there should have been deleted, if nobody needed it.
    const keeping = { file: floor.asterisk.recordFile, keepDays: 1, keepBytes: 1 };
    const tend = () =>
      tendRecord(
        { ...keeping, neededSinceMs: () => neededOfRecordMs(floor.database) },
        Temporal.Now.instant().add({ hours: 24 * 90 }),
      );
    await tend();
    expect(await pastRecords(floor.asterisk.recordFile)).toHaveLength(2);

    await floor.startDialer();
    const attempt = await endedAttempt(floor, partyId, 40_000);
    const hangup = (await recordOf(floor, attemptId)).find((event) => event.type === 'HANGUP');
    expect(attempt).toMatchObject({ id: attemptId, result: 'connected', agent_id: agent.agentId });
    expect(attempt.ended_at?.epochMilliseconds).toBe(hangup?.stampMs);
    await agent.until('the agent has the form', (desk) => desk.state === 'wrap_up', 30_000);
    await endCall(agent);
  });
});

describe('a dialer that dies between an outcome and the score that follows from it', () => {
  it('leaves the score to its successor', async () => {
    const { partyId } = await talk();
    const standing = () =>
      floor.database
        .selectFrom('dial_queue')
        .select(['score', 'score_reasons'])
        .where('party_id', '=', partyId)
        .executeTakeFirstOrThrow();
    const before = await standing();
    await endCall(agent);
    await killDialer();
    await floor.startDialer();
    await eventually('the score is computed anew', async () => {
      const after = await standing();
      return JSON.stringify(after) !== JSON.stringify(before);
    });
  });
});

describe('legs of another floor on the same switch', () => {
  it('are left alone by a dialer that takes its floor over, while a leg of nobody is hung up', async () => {
    const guest = await floor.addAgent();
    await guest.register();
    await killDialer();
    const [call, station, stranger] = [randomUUIDv7(), randomUUIDv7(), randomUUIDv7()];
    for (const legId of [call, stranger]) {
      await north.callDebtor(debtorLeg('98', { legId, connectWithinMs: 120_000 }));
    }
    const { user } = stationAccountFor(STATION_SECRET, guest.agentId);
    const leg = { stationId: user, ringTimeoutMs: 20_000, purpose: 'agent', displayName: 'North' } as const;
    expect(await north.callAgent({ legId: station, ...leg })).toMatchObject({ outcome: 'accepted' });
    await inNorth(guest, call, station);
    const up = async (legId: string) => (await north.liveLegs()).some((one) => one.legId === legId && one.state === 'up');
    for (const legId of [call, station, stranger]) await eventually('it is up', () => up(legId), 20_000);

    try {
      await floor.startDialer();
      await eventually('the leg of nobody is gone', async () => !(await up(stranger)));
      expect([await up(call), await up(station)]).toEqual([true, true]);
    } finally {
      await floor.database.deleteFrom('contact_attempt').where('floor_id', '=', 'north').execute();
      for (const legId of [call, station]) await north.hangUp(legId);
    }
  });

  /** What the database of a floor `north` says of its call and of its agent's line. */
  async function inNorth(guest: TestAgent, call: string, station: string): Promise<void> {
    const [known] = await floor.database.selectFrom('contact_attempt').selectAll().limit(1).execute();
    if (!known) throw new Error('nothing was dialed yet');
    const at = Temporal.Now.instant().toString();
    await floor.database.insertInto('floor').values({ id: 'north' }).execute();
    await floor.database
      .insertInto('contact_attempt')
      .values({
        id: call,
        campaign_id: known.campaign_id,
        floor_id: 'north',
        epoch: 1n,
        party_id: known.party_id,
        phone_id: known.phone_id,
        number: known.number,
        state: 'dialing',
        verdict: '{}',
        inputs_digest: '-',
        permit_until: at,
        ring_timeout_ms: 15_000,
        reserved_at: at,
        dialing_at: at,
      })
      .execute();
    await floor.database
      .insertInto('agent_state')
      .values({
        agent_id: guest.agentId,
        floor_id: 'north',
        epoch: 1n,
        seq: 1n,
        state: 'ready',
        body: JSON.stringify({ state: 'ready', legId: station }),
      })
      .execute();
  }
});
