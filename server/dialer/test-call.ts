import { endTestCall, noteTestCall, takeTestCall, type TestCallEnd } from '../campaigns/trunks/test-call.ts';
import type { FloorCommand } from '../contract/floor.ts';
import { classifyEnd } from '../telephony/causes.ts';
import type { LegEvent } from '../telephony/port.ts';
import type { Floor, TestLeg } from './floor.ts';
import { testResultOf, trunkSaysOfTest } from './rules.ts';
import { reloadTrunks } from './settings.ts';

const RING_MS = 30_000;
/** What the dialplan gives the prompt, and a little for news on their way. */
const TALK_MS = 65_000;

const UNKNOWN: TestCallEnd = { result: 'unknown', cause: null, techCause: null };
const NOT_SENT: TestCallEnd = { ...UNKNOWN, result: 'not_sent' };

/**
 * Calls the person who wants to hear whether a trunk works, armed or not. The test is committed as taken before the call is sent, so
 * that a command told twice, or a dialer that died, never calls twice.
 */
export async function testTrunk(floor: Floor, asked: Extract<FloorCommand, { type: 'test_trunk' }>): Promise<void> {
  const { testId: legId, number, callerId, language } = asked;
  if (floor.stopping || !floor.lease.valid()) return;
  const { floorId } = floor;
  const taken = await takeTestCall(floor.database, {
    id: legId,
    floorId,
    epoch: floor.lease.epoch,
    lastsMs: RING_MS + TALK_MS,
  });
  if (!taken) return;
  // It may have been changed a moment ago, which is why it is tested.
  await reloadTrunks(floor).catch(() => floor.log.warn('settings could not be read'));
  const trunk = floor.trunks.get(asked.trunk);
  const test: TestLeg = { legId, trunk: null, answered: false, key: null, limit: null };
  if (trunk?.limits.kind !== 'real' || trunk.linesFree() === 0 || !floor.switchUp || floor.stopping || !floor.lease.valid()) {
    finish(floor, test, NOT_SENT);
    return;
  }
  trunk.take();
  test.trunk = trunk;
  test.limit = setTimeout(() => giveUp(floor, test), RING_MS + TALK_MS);
  // Registered before the originate is sent: its news may come before its reply.
  floor.tests.set(legId, test);
  const reply = await floor.telephone.callToTest({
    legId,
    trunk: asked.trunk,
    number,
    callerId,
    ringTimeoutMs: RING_MS,
    language,
  });
  if (reply.outcome === 'accepted') return;
  floor.log.warn({ trunk: asked.trunk, outcome: reply.outcome, reason: reply.reason }, 'test call not accepted');
  if (reply.outcome === 'refused') finish(floor, test, NOT_SENT);
}

/** News of a test call's leg. */
export function testNews(floor: Floor, test: TestLeg, event: LegEvent): void {
  switch (event.type) {
    case 'leg.ringing':
    case 'leg.answered': {
      const state = event.type === 'leg.ringing' ? 'ringing' : 'answered';
      if (state === 'answered') test.answered = true;
      floor.writer.later(test.legId, 'progress of a test call', (database) => noteTestCall(database, test.legId, state));
      return;
    }
    case 'leg.digit':
      test.key ??= event.digit;
      return;
    case 'leg.ended': {
      const { answered, key } = test;
      const endClass = classifyEnd({ cause: event.cause, techCause: event.techCause, answered, hungUpByUs: false });
      const result = testResultOf({ answered, key, endClass });
      finish(floor, test, { result, cause: event.cause, techCause: event.techCause });
      return;
    }
    case 'leg.entered':
    case 'leg.left':
    case 'leg.joined':
    case 'leg.parted':
    case 'leg.played':
      return;
  }
}

/** Gives up the test calls under way: the switch is out of sight, or the dialer is leaving. */
export function giveUpTests(floor: Floor): void {
  for (const test of floor.tests.values()) giveUp(floor, test);
}

function giveUp(floor: Floor, test: TestLeg): void {
  finish(floor, test, UNKNOWN);
  floor.telephone.hangUp(test.legId).catch((error: unknown) => {
    floor.log.debug({ err: error }, 'a test call could not be hung up');
  });
}

function finish(floor: Floor, test: TestLeg, end: TestCallEnd): void {
  const { legId, trunk, limit } = test;
  if (limit !== null) clearTimeout(limit);
  if (floor.tests.delete(legId)) trunk?.give(trunkSaysOfTest(end.result));
  floor.writer.later(legId, 'end of a test call', (database) => endTestCall(database, legId, end));
}
