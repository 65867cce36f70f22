import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  allowedOf,
  answerRuleOf,
  countOf,
  deadlineOf,
  greetingEnd,
  judgeAnswer,
  leavesTimeForScreening,
  reachedIn,
  windowStart,
  STAMP_TOLERANCE_MS,
  type AnsweredCall,
} from '../../../server/compliance/ledger/rules.ts';
import { rulesFor } from '../../../server/compliance/catalogue.ts';
import { SHIPPED_CATALOGUE } from '../../../server/compliance/shipped.ts';
import { CLOCK_STARTS, LEDGER_CAUSES, type AnswerRule } from '../../../server/contract/abandonment.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../../server/contract/campaigns.ts';

const RULE: AnswerRule = answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, []);
const ANSWERED_MS = 1_000_000;
const HUMAN = { verdict: 'human', cause: 'HUMAN-640-600', atMs: ANSWERED_MS + 1_700 };
const MACHINE = { verdict: 'machine', cause: 'LONGGREETING-1600-1500', atMs: ANSWERED_MS + 2_000 };
const SILENT = { verdict: 'uncertain', cause: 'INITIALSILENCE-1500-1500', atMs: ANSWERED_MS + 1_500 };

/** A call that was answered and whose caller hung up an hour later, unless said otherwise. */
function call(change: Partial<AnsweredCall> = {}): AnsweredCall {
  return {
    rule: RULE,
    direction: 'outbound',
    answeredMs: ANSWERED_MS,
    screening: null,
    agentMs: null,
    messageMs: null,
    endedMs: ANSWERED_MS + 3_600_000,
    hungUpByUs: false,
    trouble: null,
    ...change,
  };
}
const after = (ms: number): number => ANSWERED_MS + ms;
const causeOf = (change: Partial<AnsweredCall>): string => judgeAnswer(call(change)).cause;

describe('by when an agent has to be there', () => {
  it('is counted from the end of the greeting: the verdict less the silence that detection waited for', () => {
    expect(greetingEnd(HUMAN)).toBe(after(1_100));
    expect(deadlineOf(call({ screening: HUMAN }))).toBe(after(3_100));
  });

  it.each([
    ['nobody listened', null],
    ['nothing was said', SILENT],
    ['detection could not decide', { verdict: 'uncertain', cause: 'TOOLONG-5000', atMs: after(5_000) }],
    ['the caller was gone', { verdict: 'uncertain', cause: '', atMs: after(400) }],
  ])('is counted from the answer where %s', (_, screening) => {
    expect(deadlineOf(call({ screening }))).toBe(after(2_000));
  });

  it.each(['connect', 'greeting_start'] as const)('is counted from the answer where the rule says %s', (clockStart) => {
    expect(deadlineOf(call({ rule: { ...RULE, clockStart }, screening: HUMAN }))).toBe(after(2_000));
  });
});

describe('an answered call', () => {
  it.each([
    ['agent', { agentMs: after(2_000) }],
    ['agent_late', { agentMs: after(2_001) }],
    ['agent', { agentMs: after(3_100), screening: HUMAN }],
    ['agent_late', { agentMs: after(3_101), screening: HUMAN }],
    ['machine', { screening: MACHINE }],
    ['agent', { agentMs: after(1_900), screening: SILENT }],
    ['agent_late', { agentMs: after(2_600), screening: SILENT }],
    ['no_agent_in_time', { messageMs: after(2_000) }],
    ['agent_leg_failed', { messageMs: after(1_500), trouble: 'agent_leg_failed' }],
    ['no_application', { messageMs: after(1), trouble: 'no_application' }],
    ['cut_without_message', { trouble: 'cut_without_message', hungUpByUs: true, endedMs: after(2_000) }],
    ['left_early', { endedMs: after(1_900) }],
    ['left_late', { endedMs: after(2_000) }],
    ['left_late', { screening: { verdict: 'uncertain', cause: '', atMs: after(3_000) }, endedMs: after(3_000) }],
    ['hung_up_unserved', { hungUpByUs: true, endedMs: after(500) }],
    ['switch_lost', { endedMs: null }],
    ['inbound', { direction: 'inbound', messageMs: after(9_000) }],
  ] as const)('is %s', (cause, change) => {
    expect(causeOf(change as Partial<AnsweredCall>)).toBe(cause);
  });

  it('counts as abandoned only where nobody came in time: not with an agent, not when they left before, not a machine, never inbound', () => {
    const abandoned = LEDGER_CAUSES.filter((cause) => countOf(cause, RULE, null).abandoned);
    expect(abandoned).toEqual([
      'agent_late',
      'left_late',
      'no_agent_in_time',
      'agent_leg_failed',
      'no_application',
      'hung_up_unserved',
      'cut_without_message',
      'switch_lost',
    ]);
    expect(LEDGER_CAUSES.filter((cause) => !countOf(cause, RULE, null).answered)).toEqual(['machine', 'inbound']);
  });
});

const anyCall: fc.Arbitrary<AnsweredCall> = fc
  .record({
    clockStart: fc.constantFrom(...CLOCK_STARTS),
    connectWithinMs: fc.integer({ min: 500, max: 10_000 }),
    direction: fc.constantFrom('outbound' as const, 'outbound' as const, 'inbound' as const),
    screening: fc.constantFrom(null, HUMAN, MACHINE, SILENT),
    agentAfterMs: fc.option(fc.integer({ min: 0, max: 20_000 })),
    messageAfterMs: fc.option(fc.integer({ min: 0, max: 20_000 })),
    endedAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 })),
    hungUpByUs: fc.boolean(),
    trouble: fc.constantFrom(null, 'agent_leg_failed' as const, 'no_application' as const, 'cut_without_message' as const),
  })
  .map(({ clockStart, connectWithinMs, agentAfterMs, messageAfterMs, endedAfterMs, ...rest }) =>
    call({
      ...rest,
      rule: { ...RULE, clockStart, connectWithinMs },
      agentMs: agentAfterMs === null ? null : after(agentAfterMs),
      messageMs: messageAfterMs === null ? null : after(messageAfterMs),
      endedMs: endedAfterMs === null ? null : after(endedAfterMs),
    }),
  );
const countsOf = (one: AnsweredCall): ReturnType<typeof countOf> => countOf(judgeAnswer(one).cause, one.rule, null);
const check = (property: (one: AnsweredCall) => void): void => fc.assert(fc.property(anyCall, property), { numRuns: 10_000 });

describe('of any answered call', () => {
  it('whoever is abandoned is among those who answered', () => {
    check((one) => {
      const { answered, abandoned } = countsOf(one);
      expect(answered || !abandoned).toBe(true);
    });
  });

  it('a person without an agent is let off only for having left before the deadline', () => {
    check((one) => {
      const served = one.agentMs !== null || one.direction === 'inbound' || one.screening?.verdict === 'machine';
      if (served || countsOf(one).abandoned) return;
      expect(one.messageMs).toBeNull();
      expect(one.hungUpByUs).toBe(false);
      expect(one.endedMs ?? Infinity).toBeLessThanOrEqual(deadlineOf(one) - STAMP_TOLERANCE_MS);
    });
  });

  it('an agent who comes later, and a rule that allows less time, never make it better', () => {
    check((one) => {
      if (one.agentMs === null) return;
      const later = countsOf({ ...one, agentMs: one.agentMs + 1 });
      const stricter = countsOf({ ...one, rule: { ...one.rule, connectWithinMs: one.rule.connectWithinMs - 1 } });
      const { abandoned } = countsOf(one);
      expect(later.abandoned || !abandoned).toBe(true);
      expect(stricter.abandoned || !abandoned).toBe(true);
    });
  });

  it('what was heard later decides alone: a machine leaves both counts, a person taken for one counts where the rule says so', () => {
    check((one) => {
      const { cause } = judgeAnswer(one);
      expect(countOf(cause, one.rule, 'machine')).toEqual({ answered: false, abandoned: false });
      expect(cause === 'machine' ? null : countOf(cause, one.rule, 'human')).toEqual(
        cause === 'machine' ? null : countOf(cause, one.rule, null),
      );
    });
    expect(countOf('machine', RULE, 'human')).toEqual({ answered: true, abandoned: true });
    const lenient = { ...RULE, countPeopleTakenForMachines: false };
    expect(countOf('machine', lenient, 'human')).toEqual({ answered: false, abandoned: false });
  });
});

describe('the rule in force', () => {
  const law = (countries: string[]) => countries.map((country) => rulesFor(SHIPPED_CATALOGUE, [country]));

  it('is the campaign’s own where no law asks for more', () => {
    expect(answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, law(['US']))).toEqual({ ...RULE, optOutKey: true });
  });

  it('is tightened by the law of every country, the strictest of each', () => {
    const settings = {
      ...DEFAULT_CAMPAIGN_SETTINGS,
      connectWithinMs: 4_000,
      minRingMs: 5_000,
      abandonment: { ...DEFAULT_CAMPAIGN_SETTINGS.abandonment, window: 'campaign30d', redialBlockHours: 0 } as const,
      pacing: { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, abandonCap: 0.05 },
    };
    expect(answerRuleOf(settings, law(['SA', 'GB']))).toEqual({
      window: 'rolling24h',
      cap: 0.03,
      clockStart: 'greeting_start',
      connectWithinMs: 2_000,
      minRingMs: 15_000,
      redialBlockHours: 72,
      countPeopleTakenForMachines: true,
      optOutKey: false,
    });
  });

  it('leaves detection no time under a clock that starts before the greeting is over, unless the limit is long', () => {
    expect(leavesTimeForScreening({ clockStart: 'greeting_end', connectWithinMs: 2_000 }, 5_000)).toBe(true);
    expect(leavesTimeForScreening({ clockStart: 'connect', connectWithinMs: 5_299 }, 5_000)).toBe(false);
    expect(leavesTimeForScreening({ clockStart: 'greeting_start', connectWithinMs: 5_300 }, 5_000)).toBe(true);
  });
});

describe('the window', () => {
  const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
  const scene = { nowMs: at('2026-11-22T10:00:00Z'), startedMs: at('2026-09-01T08:00:00Z'), zone: 'Asia/Riyadh' };

  it('is the last 24 hours, the local day, or the campaign in periods of thirty days from its start', () => {
    expect(windowStart('rolling24h', scene)).toBe(at('2026-11-21T10:00:00Z'));
    expect(windowStart('day', scene)).toBe(at('2026-11-21T21:00:00Z'));
    expect(windowStart('campaign30d', scene)).toBe(at('2026-10-31T08:00:00Z'));
    expect(windowStart('campaign30d', { ...scene, nowMs: at('2026-09-02T08:00:00Z') })).toBe(scene.startedMs);
  });

  it('of a day that begins with an hour that is left out begins with the first one', () => {
    const zone = 'Africa/Cairo';
    const nowMs = at('2026-04-24T09:00:00Z');
    const start = Temporal.Instant.fromEpochMilliseconds(windowStart('day', { ...scene, nowMs, zone })).toZonedDateTimeISO(zone);
    expect(start.toPlainDateTime().toString()).toBe('2026-04-24T01:00:00');
  });
});

test('of a hundred answered calls at 3 % three may be abandoned', () => {
  expect(allowedOf(100, 0.03)).toBe(3);
  expect(allowedOf(99, 0.03)).toBe(2);
});

test('the cap is reached when the rate of the last hour has used up what is left', () => {
  const hour = 3_600_000;
  // 12 short of the cap, and 6 nearer in an hour.
  const counts = { answered: 1_000, abandoned: 18, recentAnswered: 100, recentAbandoned: 9 };
  expect(reachedIn(counts, 0.03, hour)).toBeCloseTo(2 * hour);
  expect(reachedIn({ ...counts, recentAbandoned: 3 }, 0.03, hour)).toBeNull();
  expect(reachedIn({ ...counts, abandoned: 31 }, 0.03, hour)).toBe(0);
  expect(reachedIn({ answered: 0, abandoned: 0, recentAnswered: 0, recentAbandoned: 0 }, 0.03, hour)).toBeNull();
});
