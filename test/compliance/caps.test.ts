import { describe, expect, test } from 'vitest';
import { campaignRules, createCatalogue, rulesFor, rulesOfPack } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { ALL_DAY, attemptAt, factsOf, local, packOf, reasons, RIYADH, shipped, SUNDAY_MORNING } from './facts.ts';

describe('rules about calls', () => {
  test('leave messages alone, rules about contact do not', () => {
    const cap = { scope: 'person' as const, max: 1, days: 7, evidence: 'V0' as const };
    const cooloff = {
      after: 'phone_conversation' as const,
      days: 7,
      dayOneIsEventDay: true,
      scope: 'person' as const,
      evidence: 'V0' as const,
    };
    const pack = packOf({
      hours: [ALL_DAY],
      caps: [
        { ...cap, id: 'calls', event: 'outbound_call_attempt' },
        { ...cap, id: 'contacts', event: 'contact' },
      ],
      cooloffs: [
        { ...cooloff, id: 'no_calls' },
        { ...cooloff, id: 'no_contact', blocks: 'contact' },
      ],
    });
    const rules = rulesOfPack(createCatalogue([pack]), 'P');
    const contacts = [attemptAt(SUNDAY_MORNING.subtract({ hours: 2 }), { conversation: true })];
    expect(reasons({ rules, contacts })).toEqual(['calls', 'contacts', 'no_calls', 'no_contact']);
    expect(reasons({ rules, contacts, channel: 'sms' })).toEqual(['contacts', 'no_contact']);
  });

  test('a word about inconvenient times stops everything until the times are known', () => {
    const facts = {
      rules: rulesFor(shipped, ['US']),
      person: { countries: ['US'], zones: ['America/New_York'], demo: false },
      enabledCountries: ['US', 'SA'],
      holds: [{ flag: 'inconvenient_time_or_place', debtId: null, phoneId: null, fromMs: 0, untilMs: null }],
    };
    const noon = local('2026-04-20T12:00', 'America/New_York');
    expect(reasons(facts, noon)).toEqual(['inconvenient_time_or_place']);
    expect(reasons({ ...facts, inconvenient: [{ days: [1], from: '08:00', to: '11:00' }] }, noon)).toEqual([]);
    expect(reasons({ ...facts, inconvenient: [{ days: [1], from: '11:00', to: '13:00' }] }, noon)).toEqual(['preference']);
  });

  test('after a promise or a dispute have their own pause', () => {
    const cooloff = { days: 3, dayOneIsEventDay: false, scope: 'person+debt' as const, evidence: 'V0' as const };
    const pack = packOf({
      hours: [ALL_DAY],
      cooloffs: [
        { ...cooloff, id: 'promised', after: 'promise' },
        { ...cooloff, id: 'disputed', after: 'dispute' },
      ],
    });
    const rules = rulesOfPack(createCatalogue([pack]), 'P');
    const spoke = (changes: object) => [attemptAt(local('2026-04-16T12:00', RIYADH), { conversation: true, ...changes })];
    expect(reasons({ rules, contacts: spoke({ promise: true }) })).toEqual(['promised']);
    expect(reasons({ rules, contacts: spoke({ dispute: true }) })).toEqual(['disputed']);
    expect(reasons({ rules, contacts: spoke({ dispute: true, debts: ['another'] }) })).toEqual([]);
    expect(judge(factsOf({ rules, contacts: spoke({ promise: true }) }), SUNDAY_MORNING).retryAt).toEqual(
      local('2026-04-20T00:00', RIYADH),
    );
  });
});

describe('caps', () => {
  const nineAttempts = Array.from({ length: 9 }, (_, i) =>
    attemptAt(local(`2026-04-${String(18 - i).padStart(2, '0')}T10:00`, RIYADH)),
  );

  test('a campaign has its own, by person, debt and pause', () => {
    const campaign = campaignRules({
      hours: [],
      caps: { personPerDay: 1, personPerWeek: 3, debtPerWeek: 2, minutesBetween: 90 },
    });
    const contacts = [attemptAt(SUNDAY_MORNING.subtract({ minutes: 30 })), ...nineAttempts.slice(0, 2)];
    const verdict = judge(factsOf({ campaign, contacts }), SUNDAY_MORNING);
    expect(verdict.reasons.map((each) => [each.id, each.retryAt?.toString()])).toEqual([
      ['campaign_person_day', local('2026-04-20T00:00', RIYADH).toString()],
      ['campaign_person_week', local('2026-04-24T00:00', RIYADH).toString()],
      ['campaign_debt_week', local('2026-04-25T00:00', RIYADH).toString()],
      ['campaign_minutes_between', SUNDAY_MORNING.add({ minutes: 60 }).toString()],
    ]);
    expect(verdict.binding?.id).toBe('campaign_debt_week');
    // The 25th is a Saturday, a day off.
    expect(verdict.retryAt).toEqual(local('2026-04-26T09:30', RIYADH));
  });

  test('ten attempts in thirty days fill the Saudi cap of the product', () => {
    const other = { debts: ['another card'], products: ['card'] };
    const tenth = attemptAt(local('2026-04-05T10:00', RIYADH), other);
    expect(reasons({ contacts: nineAttempts })).toEqual([]);
    expect(reasons({ contacts: [...nineAttempts, tenth] })).toEqual(['10in30']);
    expect(reasons({ contacts: [...nineAttempts, { ...tenth, products: ['loan'] }] })).toEqual([]);
  });

  test("Ontario's begins with the first conversation", () => {
    const rules = rulesFor(shipped, ['CA'], ['CA-ON']);
    const zone = 'America/Toronto';
    const at = (day: number, conversation = false) =>
      attemptAt(local(`2026-04-${String(day).padStart(2, '0')}T10:00`, zone), { conversation, attempt: !conversation });
    const facts = { rules, person: { countries: ['CA'], zones: [zone], demo: false } };
    const now = local('2026-04-17T12:00', zone);
    expect(reasons({ ...facts, contacts: [at(13), at(14), at(15), at(16)] }, now)).toEqual([]);
    expect(reasons({ ...facts, contacts: [at(13, true), at(14), at(15), at(16)] }, now)).toEqual(['3in7']);
    expect(reasons({ ...facts, contacts: [at(13, true), at(15), at(16)] }, now)).toEqual([]);
  });

  test('a warning refuses until a supervisor overrides it', () => {
    const rules = rulesFor(shipped, ['US']);
    const noon = local('2026-04-20T12:00', 'America/New_York');
    const facts = {
      rules,
      person: { countries: ['US'], zones: ['America/New_York'], demo: false },
      enabledCountries: ['US', 'SA'],
      contacts: [attemptAt(noon.subtract({ minutes: 3 }))],
    };
    const verdict = judge(factsOf(facts), noon);
    expect(verdict.binding).toMatchObject({ id: 'rapid', severity: 'warn', evidence: 'V2' });
    expect(verdict.retryAt).toEqual(noon.add({ minutes: 2 }));
    expect(reasons({ ...facts, overrides: ['rapid'] }, noon)).toEqual([]);
  });

  test('what happened after the moment judged does not count', () => {
    expect(reasons({ contacts: [attemptAt(SUNDAY_MORNING.add({ hours: 1 }), { conversation: true })] })).toEqual([]);
  });
});
