import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBound, longestIdle, next, offDuty, understands, type AgentEvent, type AgentWork } from '../../server/agents/rules.ts';

const ATTEMPT = '0199f000-0000-7000-8000-000000000001';

function after(...events: AgentEvent[]): AgentWork {
  return events.reduce<AgentWork>((work, event, step) => {
    const result = next(work, event, step + 1);
    if (result === null) throw new Error(`${work.state} does not understand ${event.type}`);
    return result;
  }, offDuty(0));
}

const LOGGED_IN: AgentEvent[] = [{ type: 'log_in' }, { type: 'leg_up' }];
const TALKING: AgentEvent[] = [...LOGGED_IN, { type: 'ready' }, { type: 'offer', attemptId: ATTEMPT }, { type: 'bridged' }];

const anyEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  fc.constantFrom<AgentEvent>(
    { type: 'log_in' },
    { type: 'leg_up' },
    { type: 'leg_failed' },
    { type: 'ready' },
    { type: 'pause', reason: 'break' },
    { type: 'log_out' },
    { type: 'pause', reason: 'lunch', bound: true },
    { type: 'log_out', bound: true },
    { type: 'unbound' },
    { type: 'offer', attemptId: ATTEMPT },
    { type: 'withdraw' },
    { type: 'bridged' },
    { type: 'call_ended' },
    { type: 'call_moved' },
    { type: 'wrap_up_expired' },
  ),
  fc.constantFrom<AgentEvent>({ type: 'disposed', next: 'ready' }, { type: 'disposed', next: 'pause' }),
);

describe('an agent', () => {
  it('is paused after log-in, until they say they are ready', () => {
    expect(after(...LOGGED_IN)).toMatchObject({ state: 'paused', reason: 'logged_in' });
  });

  it('who asks for a pause while a call is offered gets it after that call, and is told so', () => {
    const offered = after(
      ...LOGGED_IN,
      { type: 'ready' },
      { type: 'offer', attemptId: ATTEMPT },
      { type: 'pause', reason: 'lunch' },
    );
    expect(offered).toMatchObject({ state: 'offered', pauseAfterCall: 'lunch' });
    const done = [{ type: 'bridged' }, { type: 'call_ended' }, { type: 'disposed', next: 'ready' }] as const;
    expect(done.reduce<AgentWork | null>((work, event) => work && next(work, event, 9), offered)).toMatchObject({
      state: 'paused',
      reason: 'lunch',
      pauseAfterCall: null,
    });
  });

  it('who asks to log out in a call is logged out when its wrap-up ends', () => {
    expect(after(...TALKING, { type: 'log_out' }, { type: 'call_ended' }, { type: 'disposed', next: 'ready' })).toMatchObject({
      state: 'offline',
    });
  });

  describe('on whom calls in flight count', () => {
    const READY: AgentEvent[] = [...LOGGED_IN, { type: 'ready' }];

    it('stays in line when they ask for a pause, is told that it waits, and gets it when those calls are over', () => {
      const waiting = after(...READY, { type: 'pause', reason: 'prayer', bound: true });
      expect(waiting).toMatchObject({ state: 'ready', pauseAfterCall: 'prayer', sinceMs: 3 });
      expect(next(waiting, { type: 'unbound' }, 9)).toMatchObject({
        state: 'paused',
        reason: 'prayer',
        pauseAfterCall: null,
        sinceMs: 9,
      });
    });

    it('gets it after the call if one of those calls is answered', () => {
      const events = [{ type: 'offer', attemptId: ATTEMPT }, { type: 'bridged' }, { type: 'call_ended' }] as const;
      const done = after(...READY, { type: 'log_out', bound: true }, ...events, { type: 'disposed', next: 'ready' });
      expect(done).toMatchObject({ state: 'offline' });
    });

    it('takes it back by saying that they are ready, and keeps their place in line', () => {
      const back = after(...READY, { type: 'pause', reason: 'prayer', bound: true }, { type: 'ready' });
      expect(back).toEqual(after(...READY));
      expect(next(back, { type: 'unbound' }, 9)).toEqual(back);
    });

    it('is whoever a progressive campaign has not one of for every call in flight', () => {
      expect(isBound({ mode: 'progressive', othersAble: 0, callsInFlight: 1 })).toBe(true);
      expect(isBound({ mode: 'progressive', othersAble: 1, callsInFlight: 1 })).toBe(false);
      expect(isBound({ mode: 'progressive', othersAble: 0, callsInFlight: 0 })).toBe(false);
      expect(isBound({ mode: 'ratio', othersAble: 0, callsInFlight: 9 })).toBe(false);
    });
  });

  it('keeps their place in line when a caller hangs up before the bridge', () => {
    const ready = after(...LOGGED_IN, { type: 'ready' });
    const offered = next(ready, { type: 'offer', attemptId: ATTEMPT }, 50);
    expect(offered && next(offered, { type: 'withdraw' }, 60)).toEqual(ready);
  });

  it('who lets the wrap-up run out is paused and never handed the next call', () => {
    expect(after(...TALKING, { type: 'call_ended' }, { type: 'wrap_up_expired' })).toMatchObject({
      state: 'paused',
      reason: 'wrap_up_expired',
      attemptId: null,
    });
  });

  it('whose station does not answer at log-in is off duty again, with the reason', () => {
    expect(after({ type: 'log_in' }, { type: 'leg_failed' })).toMatchObject({ state: 'offline', reason: 'station_unreachable' });
  });

  it('has a call exactly in the states offered, talking and wrap-up, after any events at all', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let work = offDuty(0);
        events.forEach((event, step) => {
          const result = next(work, event, step);
          expect(result !== null).toBe(understands(work, event.type));
          work = result ?? work;
          expect(work.attemptId !== null).toBe(['offered', 'talking', 'wrap_up'].includes(work.state));
          expect(work.state === 'paused').toBe(work.reason !== null && work.state !== 'offline');
        });
      }),
    );
  });
});

describe('the next call', () => {
  it('goes to whoever has been ready longest', () => {
    const ready = (agentId: string, sinceMs: number) => ({
      agentId,
      work: { ...after(...LOGGED_IN, { type: 'ready' }), sinceMs },
    });
    expect(longestIdle([ready('b', 20), ready('a', 10), ready('c', 30)])?.agentId).toBe('a');
    expect(longestIdle([ready('b', 10), ready('a', 10)])?.agentId).toBe('a');
    expect(longestIdle([])).toBeNull();
  });
});
