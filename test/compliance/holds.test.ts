import { describe, expect, test } from 'vitest';
import { rulesFor } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { recordedSoundAllowed } from '../../server/compliance/holds.ts';
import { factsOf, local, reasons, RIYADH, shipped, SUNDAY_MORNING } from './facts.ts';

describe('consents and holds', () => {
  test('the last word counts, and a refusal spoken at the same moment', () => {
    const word = (granted: boolean, atMs: number) => ({
      channel: 'call' as const,
      phoneId: null,
      kind: 'contact' as const,
      granted,
      atMs,
    });
    expect(reasons({ consents: [word(false, 1), word(true, 2)] })).toEqual([]);
    expect(reasons({ consents: [word(true, 2), word(false, 2)] })).toEqual(['consent']);
  });

  test('a word on another number does not count', () => {
    expect(reasons({ consents: [{ channel: 'all', phoneId: 'other', kind: 'contact', granted: false, atMs: 1 }] })).toEqual([]);
  });

  test('a recorded voice to an American mobile needs consent', () => {
    const rules = rulesFor(shipped, ['US']);
    const phone = {
      id: 'phone',
      country: 'US',
      numberType: 'mobile' as const,
      state: 'active' as const,
      place: 'other' as const,
    };
    const consent = { channel: 'call' as const, phoneId: null, kind: 'recorded_sound' as const, granted: true, atMs: 1 };
    expect(recordedSoundAllowed(rules, phone, [], 2)).toBe(false);
    expect(recordedSoundAllowed(rules, phone, [consent], 2)).toBe(true);
    expect(recordedSoundAllowed(rules, { ...phone, numberType: 'fixed_line' }, [], 2)).toBe(true);
  });

  test('a hold on another debt or number is none for this contact', () => {
    const hold = { flag: 'dispute', debtId: null, phoneId: null, fromMs: 0, untilMs: null };
    expect(
      reasons({
        holds: [
          { ...hold, debtId: 'other' },
          { ...hold, phoneId: 'other' },
        ],
      }),
    ).toEqual([]);
    expect(reasons({ holds: [{ ...hold, debtId: 'debt' }] })).toEqual(['dispute']);
  });

  test('a hold that ends names the first lawful time after it, past one that begins later', () => {
    const until = local('2026-04-20T12:00', RIYADH).epochMilliseconds;
    const second = { from: local('2026-04-20T09:00', RIYADH).epochMilliseconds, until: local('2026-04-21T10:00', RIYADH) };
    const verdict = judge(
      factsOf({
        holds: [
          { flag: 'dispute', debtId: null, phoneId: null, fromMs: 0, untilMs: until },
          { flag: 'hardship', debtId: null, phoneId: null, fromMs: second.from, untilMs: second.until.epochMilliseconds },
        ],
      }),
      SUNDAY_MORNING,
    );
    expect(verdict.reasons.map((each) => each.id)).toEqual(['dispute']);
    expect(verdict.retryAt).toEqual(second.until);
  });

  test('a call to a workplace is refused where the employer forbids it', () => {
    const rules = rulesFor(shipped, ['US']);
    const holds = [{ flag: 'employer_prohibits', debtId: null, phoneId: null, fromMs: 0, untilMs: null }];
    const phone = { id: 'p', country: 'US', numberType: 'fixed_line' as const, state: 'active' as const };
    const facts = {
      rules,
      holds,
      person: { countries: ['US'], zones: ['America/New_York'], demo: false },
      enabledCountries: ['US'],
    };
    const noon = local('2026-04-20T12:00', 'America/New_York');
    expect(reasons({ ...facts, phone: { ...phone, place: 'work' } }, noon)).toEqual(['employer_prohibits']);
    expect(reasons({ ...facts, phone: { ...phone, place: 'other' } }, noon)).toEqual([]);
  });
});
