import { describe, expect, test } from 'vitest';
import type { Talk } from '../../scripts/robots/notes.ts';
import { abandonRate, answerToBridgeMs, readCalls } from '../../scripts/smoke/record.ts';
import { judge, type StoredAttempt, type StoredOutcome } from '../../scripts/smoke/verdict.ts';
import type { RecordedEvent } from '../../server/telephony/port.ts';

const BEGAN_MS = 1_800_000_000_000;

function event(legId: string, type: string, afterMs: number, extra = ''): RecordedEvent {
  return {
    type,
    stampMs: BEGAN_MS + afterMs,
    legId,
    linkedId: legId,
    channel: `PJSIP/trunk-main-${legId}`,
    context: 'debtor',
    extension: 's',
    application: '',
    extra,
  };
}

function farEnd(number: string): RecordedEvent {
  return { ...event('far', 'CHAN_START', 0), channel: 'PJSIP/demo-carrier-00000001', context: 'demo-carrier', extension: number };
}

/** One good call: dialed, answered, bridged 12 ms later, ended, its outcome saved. */
function goodCall(id = 'a') {
  const events = [
    farEnd('+201000000000'),
    event(id, 'CHAN_START', 0),
    event(id, 'ANSWER', 1_000),
    event(id, 'BRIDGE_ENTER', 1_012),
    event(id, 'HANGUP', 5_000),
    event(id, 'CHAN_END', 5_001),
  ];
  const talk: Talk = {
    attemptId: id,
    robot: 'robot-1',
    beganAt: '',
    endedAt: '',
    heardAfterMs: 300,
    saved: { code: 'refused', at: '' },
    unsaved: 0,
  };
  const attempt: StoredAttempt = { id, number: '+201000000000', state: 'ended', result: 'connected', sent: true, givenUp: false };
  const outcome: StoredOutcome = { attemptId: id, code: 'refused', robot: 'robot-1' };
  return { events, talk, attempt, outcome };
}

describe('three witnesses of one call', () => {
  test('agree when all went well', () => {
    const { events, talk, attempt, outcome } = goodCall();
    const calls = readCalls(events, 'main');
    expect(judge(calls, [talk], [attempt], [outcome])).toEqual({
      ended: 1,
      connected: 1,
      givenUp: 0,
      duplicates: [],
      withoutEnd: [],
      outcomesLost: [],
      disagreements: [],
    });
    expect(answerToBridgeMs(calls.legs.values())).toEqual([12]);
    expect(abandonRate(calls.legs.values())).toBe(0);
  });

  test('an outcome that was acknowledged and is not stored, or stored otherwise, is lost', () => {
    const { events, talk, attempt, outcome } = goodCall();
    const calls = readCalls(events, 'main');
    expect(judge(calls, [talk], [attempt], []).outcomesLost).toEqual(['a']);
    expect(judge(calls, [talk], [attempt], [{ ...outcome, code: 'promise' }]).outcomesLost).toEqual(['a']);
    expect(judge(calls, [talk], [attempt], [{ ...outcome, robot: 'robot-2' }]).outcomesLost).toEqual(['a']);
  });

  test('a bridged call without any outcome is lost even if no robot says so', () => {
    const { events, attempt } = goodCall();
    const verdict = judge(readCalls(events, 'main'), [], [attempt], []);
    expect(verdict.outcomesLost).toEqual(['a']);
    expect(verdict.disagreements).toEqual(['a']);
  });

  test('an attempt that did not end in the database, or at the switch, or is known to one of them only, has no end', () => {
    const { events, talk, attempt, outcome } = goodCall();
    const calls = readCalls(events, 'main');
    expect(judge(calls, [talk], [{ ...attempt, state: 'connected', result: null }], [outcome]).withoutEnd).toEqual(['a']);
    expect(judge(readCalls(events.slice(0, -1), 'main'), [talk], [attempt], [outcome]).withoutEnd).toEqual(['a']);
    expect(judge(calls, [talk], [], [outcome]).withoutEnd).toEqual(['a']);
    expect(judge(readCalls([], 'main'), [], [attempt], []).withoutEnd).toEqual(['a']);
  });

  test('an attempt that says it was given up before it was sent is none, unless the switch knows it', () => {
    const { events, attempt } = goodCall();
    const givenUp = { ...attempt, result: 'cancelled', sent: false, givenUp: true };
    expect(judge(readCalls([], 'main'), [], [givenUp], [])).toMatchObject({ ended: 0, givenUp: 1, withoutEnd: [] });
    expect(judge(readCalls(events, 'main'), [], [givenUp], []).withoutEnd).toEqual(['a']);
  });

  test('a number reached twice, a leg begun twice and an attempt with two robots are duplicates', () => {
    const { events, talk, attempt, outcome } = goodCall();
    const twice = readCalls([farEnd('+201000000000'), ...events], 'main');
    expect(judge(twice, [talk], [attempt], [outcome]).duplicates).toEqual(['…0000']);
    const again = readCalls([...events, event('a', 'CHAN_START', 6_000), event('a', 'CHAN_END', 7_000)], 'main');
    expect(judge(again, [talk], [attempt], [outcome]).duplicates).toEqual(['a']);
    const both = judge(readCalls(events, 'main'), [talk, { ...talk, robot: 'robot-2' }], [attempt], [outcome]);
    expect(both.duplicates).toEqual(['a']);
  });

  test('with screening on the wait begins with its verdict', () => {
    const { events } = goodCall();
    const screened = [...events, event('a', 'SCREENED', 1_004, 'HUMAN:')];
    expect(answerToBridgeMs(readCalls(screened, 'main').legs.values())).toEqual([8]);
  });

  test('a caller who got the message instead of an agent counts as abandoned', () => {
    const left = [
      event('b', 'CHAN_START', 0),
      event('b', 'ANSWER', 1),
      event('b', 'MESSAGE', 2_001, 'deadline'),
      event('b', 'CHAN_END', 9_000),
    ];
    expect(abandonRate(readCalls([...goodCall().events, ...left], 'main').legs.values())).toBe(0.5);
    expect(abandonRate(readCalls([], 'main').legs.values())).toBeNull();
  });
});
