import { describe, expect, test } from 'vitest';
import { campaignRules, createCatalogue, rulesFor, rulesOfPack } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { factsOf, local, packOf, reasons, RIYADH, shipped, SUNDAY_MORNING } from './facts.ts';

const open247 = { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }] };
const wideCaps = { personPerDay: 100, personPerWeek: 100, debtPerWeek: 100, minutesBetween: 1 };

describe('times', () => {
  test('inside the hours but outside those of Ramadan is named ramadan, outside both hours', () => {
    // Ramadan 1447 begins on 2026-02-18.
    expect(reasons({}, local('2026-02-22T09:45', RIYADH))).toEqual(['ramadan']);
    expect(reasons({}, local('2026-02-22T08:00', RIYADH))).toEqual(['hours']);
    expect(judge(factsOf(), local('2026-02-22T08:00', RIYADH)).retryAt).toEqual(local('2026-02-22T10:00', RIYADH));
  });

  test('a person of two countries is judged by both', () => {
    const both = {
      rules: rulesFor(shipped, ['SA', 'AE']),
      person: { countries: ['SA', 'AE'], zones: [RIYADH, 'Asia/Dubai'], demo: false },
    };
    // Friday is a day off in Saudi Arabia, Sunday in the Emirates.
    expect(reasons(both, local('2026-04-17T11:00', RIYADH))).toEqual(['hours']);
    expect(reasons(both, SUNDAY_MORNING)).toEqual(['hours']);
    expect(reasons(both, local('2026-04-20T11:00', RIYADH))).toEqual([]);
  });

  test('a person without a zone is judged in every zone of the country', () => {
    const nowhere = {
      rules: rulesFor(shipped, ['US']),
      person: { countries: ['US'], zones: ['Not/AZone'], demo: false },
      enabledCountries: ['US'],
      phone: { id: 'p', country: 'US', numberType: 'mobile' as const, state: 'active' as const, place: 'other' as const },
    };
    expect(reasons(nowhere, local('2026-06-01T10:00', 'America/New_York'))).toEqual(['hours']);
    expect(reasons(nowhere, local('2026-06-01T16:00', 'America/New_York'))).toEqual([]);
  });

  test('no common window within 400 days is said so', () => {
    const verdict = judge(
      factsOf({ campaign: campaignRules({ hours: [{ days: [5], from: '09:00', to: '12:00' }], caps: wideCaps }) }),
      SUNDAY_MORNING,
    );
    expect(verdict.reasons.map((each) => each.id)).toEqual(['campaign_hours', 'no_common_window']);
    expect(verdict.retryAt).toBeNull();
    expect(verdict.binding?.id).toBe('no_common_window');
  });

  test("a campaign's hours narrow the law and never widen it", () => {
    const campaign = campaignRules({ ...open247, caps: wideCaps });
    expect(reasons({ campaign }, local('2026-04-19T20:00', RIYADH))).toEqual(['hours']);
  });

  test('an inconvenient time of the person is left out', () => {
    const inconvenient = [{ days: [7], from: '10:00', to: '13:00' }];
    const verdict = judge(factsOf({ inconvenient }), SUNDAY_MORNING);
    expect(verdict.reasons.map((each) => each.id)).toEqual(['preference']);
    expect(verdict.retryAt).toEqual(local('2026-04-19T13:00', RIYADH));
  });

  test('hours that are skipped by the change of clocks open nothing', () => {
    const pack = packOf({ hours: [{ days: [7], from: '02:00', to: '03:00', channels: 'all', evidence: 'V0' }] });
    const facts = factsOf({
      rules: rulesOfPack(createCatalogue([pack]), 'P'),
      person: { countries: ['SA'], zones: ['America/New_York'], demo: false },
    });
    const verdict = judge(facts, local('2026-03-08T00:00', 'America/New_York'));
    expect(verdict.retryAt).toEqual(local('2026-03-15T02:00', 'America/New_York'));
  });
});
