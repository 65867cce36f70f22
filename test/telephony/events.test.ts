import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createRecentKeys, eventKey, legEvent, readEvent } from '../../server/telephony/asterisk/events.ts';
import { deadlineMs, readScreening } from '../../server/telephony/screening.ts';

const timestamp = '2026-11-21T22:53:32.365+0000';
const stampMs = Date.parse('2026-11-21T22:53:32.365Z');

function translated(event: Record<string, unknown>): unknown {
  const read = readEvent(event);
  return read === null ? null : legEvent(read);
}

describe('what Asterisk says', () => {
  const channel = { id: 'leg-1', state: 'Up', name: 'PJSIP/trunk-demo-1' };

  test('is put into the words of the port, with the stamp of the switch', () => {
    expect(translated({ type: 'ChannelStateChange', timestamp, channel: { ...channel, state: 'Ringing' } })).toEqual({
      type: 'leg.ringing',
      legId: 'leg-1',
      stampMs,
    });
    expect(translated({ type: 'ChannelDestroyed', timestamp, channel, cause: 17, tech_cause: 486 })).toEqual({
      type: 'leg.ended',
      legId: 'leg-1',
      stampMs,
      cause: 17,
      techCause: '486',
    });
    expect(translated({ type: 'ChannelDestroyed', timestamp, channel, cause: 19 })).toMatchObject({ techCause: null });
  });

  test.for([
    [['debtor', 'not_screened', '', ''], 'debtor', 'not_screened'],
    [['debtor', 'screened', 'HUMAN', 'HUMAN-610-600'], 'debtor', 'human'],
    [['debtor', 'screened', 'MACHINE', 'INITIALSILENCE-2500-2500'], 'debtor', 'uncertain'],
    [['debtor', 'screened', 'NOTSURE', 'TOOLONG-5000'], 'debtor', 'uncertain'],
    [['debtor', 'screened', '', ''], 'debtor', 'uncertain'],
    [['agent'], 'agent', undefined],
    [['something else'], 'unknown', undefined],
    [[], 'unknown', undefined],
  ] as const)('a leg that enters with %j', ([args, purpose, verdict]) => {
    const event = translated({ type: 'StasisStart', timestamp, channel, args });
    expect(event).toMatchObject({ type: 'leg.entered', purpose, screening: verdict === undefined ? null : { verdict } });
  });

  test('of a leg that was screened bears the stamp of its verdict, which the record bears too', () => {
    const args = ['debtor', 'screened', 'HUMAN', 'HUMAN-610-600', String(stampMs - 40)];
    expect(translated({ type: 'StasisStart', timestamp, channel, args })).toMatchObject({ stampMs: stampMs - 40 });
    expect(translated({ type: 'StasisStart', timestamp, channel, args: args.with(4, 'soon') })).toMatchObject({ stampMs });
  });

  test('that we do not know is set aside, and never a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (message) => {
        expect(readEvent(message)).toBeNull();
      }),
    );
    expect(readEvent({ type: 'ChannelStateChange', timestamp: 'yesterday', channel })).toBeNull();
    expect(readEvent({ type: 'ChannelSomethingNew', timestamp, channel })).toBeNull();
  });

  test('twice is heard once', () => {
    const recent = createRecentKeys(4);
    const key = eventKey({ type: 'leg.joined', legId: 'a', bridgeId: 'b', stampMs });
    expect(recent.seen(key)).toBe(false);
    for (let other = 0; other < 4; other += 1) expect(recent.seen(String(other))).toBe(false);
    expect(recent.seen(key)).toBe(true);
    expect(recent.seen(eventKey({ type: 'leg.parted', legId: 'a', bridgeId: 'b', stampMs }))).toBe(false);
  });
});

describe('screening', () => {
  test('calls a machine only what greeted too long or in too many words', () => {
    fc.assert(
      fc.property(fc.constantFrom('MACHINE', 'HUMAN', 'NOTSURE', 'HANGUP', ''), fc.string(), (status, cause) => {
        const { verdict } = readScreening(status, cause);
        const allowed = {
          machine: ['MACHINE'],
          human: ['HUMAN'],
          uncertain: ['MACHINE', 'NOTSURE', 'HANGUP', ''],
          not_screened: [],
        };
        expect(allowed[verdict]).toContain(status);
      }),
    );
    expect(readScreening('MACHINE', 'LONGGREETING-1600-1500').verdict).toBe('machine');
    expect(readScreening('MACHINE', 'INITIALSILENCE-2500-2500').verdict).toBe('uncertain');
  });

  test('leaves of the limit what detection has not spent', () => {
    expect(deadlineMs(2_000, false)).toBe(2_000);
    expect(deadlineMs(2_000, true)).toBe(1_400);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.boolean(), (limit, on) => {
        expect(deadlineMs(limit, on)).toBeGreaterThan(0);
      }),
    );
  });
});
