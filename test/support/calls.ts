import { expect } from 'vitest';
import type { Desk } from '../../server/contract/desk.ts';
import type { Outcome } from '../../server/contract/outcomes.ts';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import type { RecordedEvent } from '../../server/telephony/port.ts';
import { eventually } from './conditions.ts';
import type { TestAgent, TestFloor } from './floor.ts';

/** What a loaded machine may add to a deadline. */
const DEADLINE_TOLERANCE_MS = 500;
/** What ends the wait of somebody who answered: an agent, the message, the cut, or their own hanging up. */
const SERVED = new Set(['BRIDGE_ENTER', 'MESSAGE', 'CUT', 'HANGUP']);

/** Every attempt at these people, oldest first. */
export async function attemptsAt(floor: TestFloor, partyIds: readonly string[]) {
  if (partyIds.length === 0) return [];
  return floor.database
    .selectFrom('contact_attempt')
    .selectAll()
    .where('party_id', 'in', partyIds)
    .orderBy('reserved_at')
    .execute();
}

/** Waits until the database says that this agent talks with this person: it is written behind the bridge. */
export function talkIsWritten(floor: TestFloor, agent: TestAgent, partyId: string): Promise<void> {
  return eventually('it is written who talks', async () => {
    const state = floor.database.selectFrom('agent_state').select('state').where('agent_id', '=', agent.agentId);
    const attempts = await attemptsAt(floor, [partyId]);
    return attempts.at(-1)?.agent_id === agent.agentId && (await state.executeTakeFirst())?.state === 'talking';
  });
}

/** The one attempt at a person, once it has ended. */
export async function endedAttempt(floor: TestFloor, partyId: string, limitMs = 20_000) {
  await eventually(
    'the attempt has ended',
    async () => (await attemptsAt(floor, [partyId])).some((attempt) => attempt.state === 'ended'),
    limitMs,
  );
  const [attempt, ...more] = await attemptsAt(floor, [partyId]);
  if (!attempt || more.length > 0) throw new Error('not exactly one attempt');
  return attempt;
}

/** A person's place in the queue; `minutes`: how long they were put off when the row was last written. */
export async function placeOf(floor: TestFloor, partyId: string) {
  const row = await floor.database
    .selectFrom('dial_queue')
    .select(['state', 'reason', 'tries', 'band', 'not_before', 'updated_at'])
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  const { state, reason, tries, band, not_before: until, updated_at: from } = row;
  const minutes = until === null ? null : Math.round((until.epochMilliseconds - from.epochMilliseconds) / 60_000);
  return { state, reason, tries, band, minutes };
}

/** What the switch itself recorded of a leg, oldest first. */
export async function recordOf(floor: TestFloor, legId: string): Promise<RecordedEvent[]> {
  return (await readRecord(floor.asterisk.recordFile, 0)).filter((event) => event.legId === legId);
}

/** How many legs to debtors the switch has created since it began to record. */
export async function legsCreated(floor: TestFloor): Promise<number> {
  return (await debtorLegs(floor)).length;
}

async function debtorLegs(floor: TestFloor): Promise<RecordedEvent[]> {
  const record = await readRecord(floor.asterisk.recordFile, 0);
  return record.filter((event) => event.type === 'CHAN_START' && event.channel.startsWith('PJSIP/trunk-main-'));
}

/** Ends the agent's call and records an outcome for it. Returns the desk as the dialer's reply has it. */
export async function endCall(
  agent: TestAgent,
  next: 'ready' | 'pause' = 'pause',
  outcome: Outcome = { code: 'refused' },
): Promise<Desk> {
  if (agent.desk()?.state === 'talking') await agent.ask({ type: 'hang_up' });
  const desk = await agent.until('wrap-up', (one) => one.state === 'wrap_up');
  const attemptId = desk.call?.attemptId ?? '';
  const reply = await agent.ask({ type: 'dispose', attemptId, outcome, note: '', next });
  if (!reply.ok) throw new Error(`refused: ${reply.problem.code}: ${reply.problem.message}`);
  return reply.desk;
}

/** Waits until the board says that the pacer found nobody to dial for: a tick may have passed before the agent left the line. */
export function nobodyToDialFor(floor: TestFloor): Promise<void> {
  return eventually('the pacer found nobody to dial for', () => floor.board()?.campaigns[0]?.why.rule === 'no_agents');
}

/** Waits until the dialer has published a board whose time is `ms` later than that of the next one. */
export async function boardsFor(floor: TestFloor, ms: number, holds: () => void | Promise<void>): Promise<void> {
  const seen = floor.board();
  await eventually('a new board', () => floor.board() !== seen);
  const from = Date.parse(floor.board()?.at ?? '');
  await eventually(
    `boards of ${ms} ms`,
    async () => {
      await holds();
      return Date.parse(floor.board()?.at ?? '') >= from + ms;
    },
    ms + 10_000,
  );
}

/** Invariant I7: every attempt ends, and nobody stays blocked. */
export async function everyAttemptEnds(floor: TestFloor, limitMs = 40_000): Promise<void> {
  await eventually(
    'every attempt has ended',
    async () => {
      const open = await floor.database.selectFrom('contact_attempt').select('id').where('state', '!=', 'ended').execute();
      const live = await floor.database.selectFrom('live_contact').select('attempt_id').execute();
      return open.length === 0 && live.length === 0;
    },
    limitMs,
  );
}

/**
 * The switch's own record against the database: every leg to a debtor was committed as dialing before it existed, with a verdict of
 * allow (I1), and was created once (I3); whoever answered was with an agent, heard the message, was a machine, or hung up (I5).
 */
export async function recordAgrees(floor: TestFloor): Promise<void> {
  await everyAttemptEnds(floor);
  const record = await readRecord(floor.asterisk.recordFile, 0);
  const attempts = new Map(
    (await floor.database.selectFrom('contact_attempt').selectAll().execute()).map((one) => [one.id, one]),
  );
  const legs = await debtorLegs(floor);
  expect(legs.length).toBeGreaterThan(0);
  expect(new Set(legs.map((leg) => leg.legId)).size).toBe(legs.length);
  for (const leg of legs) {
    const attempt = attempts.get(leg.legId);
    expect(attempt?.verdict).toMatchObject({ verdict: 'allow' });
    expect(attempt?.dialing_at?.epochMilliseconds ?? Infinity).toBeLessThanOrEqual(leg.stampMs);
    const own = record.filter((event) => event.legId === leg.legId);
    const armed = own.findIndex((event) => event.type === 'ARMED');
    const served = own.slice(armed).find((event) => SERVED.has(event.type));
    if (armed < 0) continue;
    const waitedMs = (served?.stampMs ?? Infinity) - (own[armed]?.stampMs ?? 0);
    expect(waitedMs).toBeLessThanOrEqual(Number(own[armed]?.extra) * 1_000 + DEADLINE_TOLERANCE_MS);
  }
}
