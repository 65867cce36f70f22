import { describe, expect, test } from 'vitest';
import { campaignRules, createCatalogue, rulesFor, rulesOfPack } from '../../server/compliance/catalogue.ts';
import { digestInputs } from '../../server/compliance/digest.ts';
import type { GateFacts } from '../../server/compliance/facts.ts';
import { judge } from '../../server/compliance/gate.ts';
import { recordedSoundAllowed } from '../../server/compliance/holds.ts';
import { rulePackSchema, type RulePackData } from '../../server/compliance/packs.ts';
import { readPack } from '../../server/compliance/reading.ts';
import { attemptAt, factsOf, local, shipped } from './facts.ts';

const RIYADH = 'Asia/Riyadh';
const SUNDAY_MORNING = local('2026-04-19T11:00', RIYADH);
const issued = { version: 1, author: 'test', reason: 'test', effectiveFrom: '2026-01-01' };
const open247 = { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }] };
const wideCaps = { personPerDay: 100, personPerWeek: 100, debtPerWeek: 100, minutesBetween: 1 };

const allDay = {
  days: [1, 2, 3, 4, 5, 6, 7],
  from: '00:00',
  to: '24:00',
  channels: 'all' as const,
  evidence: 'V0' as const,
};

function reasons(changes: Partial<GateFacts>, now = SUNDAY_MORNING): string[] {
  return judge(factsOf(changes), now).reasons.map((reason) => reason.id);
}

describe('an allowance', () => {
  test('says until when it holds', () => {
    const verdict = judge(factsOf(), SUNDAY_MORNING);
    expect(verdict).toMatchObject({ verdict: 'allow', reasons: [], binding: null, packVersions: { SA: 1 } });
    expect(verdict.closesAt).toEqual(local('2026-04-19T16:30', RIYADH));
  });

  test('has no end within a day where nothing closes', () => {
    const demo = factsOf({
      rules: rulesOfPack(shipped, 'demo'),
      person: { countries: ['SA'], zones: [RIYADH], demo: true },
      trunkKind: 'demo',
    });
    expect(judge(demo, SUNDAY_MORNING)).toMatchObject({ verdict: 'allow', closesAt: null });
  });

  test('is not given when the phone would ring past closing', () => {
    const late = local('2026-04-19T16:29:50', RIYADH);
    expect(judge(factsOf(), late).verdict).toBe('allow');
    expect(judge(factsOf({ ringTimeoutMs: 25_000 }), late)).toMatchObject({
      verdict: 'deny',
      retryAt: local('2026-04-20T09:30', RIYADH),
    });
    expect(judge(factsOf({ ringTimeoutMs: 10_000 }), late).verdict).toBe('allow');
  });
});

describe('what no waiting mends', () => {
  test.each<[string, Partial<GateFacts>]>([
    ['unknown_country', { rules: rulesFor(shipped, []) }],
    ['unknown_country', { rules: rulesFor(shipped, ['nowhere']) }],
    ['unknown_pack', { rules: rulesFor(shipped, ['ZZ']) }],
    ['unknown_pack', { rules: rulesFor(shipped, ['SA', 'CA']) }],
    ['channel', { channel: 'whatsapp' }],
    ['number_type', { phone: { id: 'p', country: 'SA', numberType: 'premium_rate', state: 'active', place: 'other' } }],
    ['number_type', { phone: { id: 'p', country: 'SA', numberType: 'unknown', state: 'active', place: 'other' } }],
    ['number_type', { phone: null }],
    ['wrong_number', { phone: { id: 'p', country: 'SA', numberType: 'mobile', state: 'wrong', place: 'other' } }],
    ['consent', { phone: { id: 'p', country: 'SA', numberType: 'mobile', state: 'revoked', place: 'other' } }],
    ['country_not_enabled', { enabledCountries: ['AE'] }],
    ['demo_and_real', { trunkKind: 'demo' }],
    ['demo_and_real', { person: { countries: ['SA'], zones: [RIYADH], demo: true } }],
    ['consent', { consents: [{ channel: 'call', phoneId: null, kind: 'contact', granted: false, atMs: 0 }] }],
    ['deceased', { holds: [{ flag: 'deceased', debtId: null, phoneId: null, fromMs: 0, untilMs: null }] }],
  ])('%s', (reason, changes) => {
    const verdict = judge(factsOf(changes), SUNDAY_MORNING);
    expect(verdict.verdict).toBe('deny');
    expect(verdict.reasons.map((each) => each.id)).toContain(reason);
    expect(verdict.retryAt).toBeNull();
  });
});

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

describe('numbers and voices', () => {
  const phone = { id: 'phone', country: 'SA', numberType: 'voip' as const, state: 'active' as const, place: 'work' as const };

  test('a pack may name kinds of number that it forbids', () => {
    const pack = packOf({ hours: [allDay], numberTypes: { deny: ['voip'], evidence: 'V2' } });
    const verdict = judge(factsOf({ rules: rulesOfPack(createCatalogue([pack]), 'P'), phone }), SUNDAY_MORNING);
    expect(verdict.reasons).toMatchObject([{ id: 'number_type', pack: 'P', evidence: 'V2', retryAt: null }]);
  });

  test('a place that the person named is left alone', () => {
    expect(reasons({ phone, inconvenientPlaces: ['work'] })).toEqual(['preference']);
    expect(reasons({ phone: { ...phone, place: 'other' }, inconvenientPlaces: ['work'] })).toEqual([]);
  });

  test('what is a recorded voice from the start needs consent in America', () => {
    const facts = {
      rules: rulesFor(shipped, ['US']),
      person: { countries: ['US'], zones: ['America/New_York'], demo: false },
      phone: { ...phone, country: 'US', numberType: 'mobile' as const },
      enabledCountries: ['US'],
    };
    const noon = local('2026-04-20T12:00', 'America/New_York');
    expect(judge(factsOf(facts), noon)).toMatchObject({ verdict: 'allow', recordedSound: false });
    expect(reasons({ ...facts, recordedVoice: true }, noon)).toEqual(['consent']);
    const consents = [{ channel: 'call' as const, phoneId: null, kind: 'recorded_sound' as const, granted: true, atMs: 1 }];
    expect(judge(factsOf({ ...facts, consents, recordedVoice: true }), noon)).toMatchObject({
      verdict: 'allow',
      recordedSound: true,
    });
  });

  test('a number whose call was abandoned is dialed again only with an agent held for it', () => {
    const facts = {
      rules: rulesFor(shipped, ['GB']),
      person: { countries: ['GB'], zones: ['Europe/London'], demo: false },
      phone: { ...phone, country: 'GB', numberType: 'mobile' as const },
      enabledCountries: ['GB'],
      contacts: [attemptAt(local('2026-04-18T12:00', 'Europe/London'), { abandoned: true })],
    };
    const noon = local('2026-04-20T12:00', 'Europe/London');
    const verdict = judge(factsOf(facts), noon);
    expect(verdict.reasons.map((reason) => [reason.id, reason.pack])).toEqual([['redial_block', 'UK']]);
    expect(verdict.retryAt).toEqual(local('2026-04-21T12:00', 'Europe/London'));
    expect(reasons({ ...facts, agentHeld: true }, noon)).toEqual([]);
  });
});

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
      hours: [allDay],
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
      hours: [allDay],
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

describe('what is asked of answered calls', () => {
  test('is the strictest of all packs, or the policy default', () => {
    expect(rulesFor(shipped, ['SA']).abandonment).toMatchObject({
      maxShare: 0.03,
      minimumRingMs: 15_000,
      origins: [{ evidence: 'V0' }],
    });
    expect(rulesFor(shipped, ['US', 'GB']).abandonment).toMatchObject({
      redialBlockHours: 72,
      origins: [{ pack: 'US-TSR' }, { pack: 'UK' }],
    });
  });
});

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

describe('a contact under way', () => {
  test('refuses another until it is over', () => {
    const until = SUNDAY_MORNING.add({ minutes: 2 });
    const verdict = judge(factsOf({ liveContact: { untilMs: until.epochMilliseconds } }), SUNDAY_MORNING);
    expect(verdict).toMatchObject({ verdict: 'deny', binding: { id: 'live_contact' } });
    expect(verdict.retryAt).toEqual(until);
  });
});

describe('the digest of inputs', () => {
  test('does not depend on the order of lists and changes with each fact', () => {
    const a = attemptAt('2026-04-01T10:00Z');
    const b = attemptAt('2026-04-02T10:00Z');
    const one = digestInputs(factsOf({ contacts: [a, b] }), SUNDAY_MORNING);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(digestInputs(factsOf({ contacts: [b, a] }), SUNDAY_MORNING)).toBe(one);
    expect(digestInputs(factsOf({ contacts: [a] }), SUNDAY_MORNING)).not.toBe(one);
    expect(digestInputs(factsOf({ contacts: [a, b] }), SUNDAY_MORNING.add({ seconds: 1 }))).not.toBe(one);
  });
});

function packOf(changes: Partial<RulePackData>) {
  return rulePackSchema.parse({ ...issued, id: 'P', ...changes });
}

describe('a pack that cannot be', () => {
  const hours = { days: [1], channels: 'all' as const, evidence: 'V0' as const };
  const cap = { id: 'c', scope: 'person', event: 'contact', max: 1, evidence: 'V0' } as const;
  test.each<[string, string, Partial<RulePackData>]>([
    ['inverted_hours', 'hours.0', { hours: [{ ...hours, from: '09:00', to: '08:00' }] }],
    [
      'overlapping_hours',
      'hours',
      {
        hours: [
          { ...hours, from: '09:00', to: '12:00' },
          { ...hours, from: '11:00', to: '13:00' },
        ],
      },
    ],
    ['impossible_time', 'hours.0.to', { hours: [{ ...hours, from: '09:00', to: '25:00' }] }],
    ['cap_without_period', 'caps.0', { caps: [cap] }],
    ['cap_without_period', 'caps.0', { caps: [{ ...cap, days: 1, minutes: 5 }] }],
    ['cap_of_zero', 'caps.0.max', { caps: [{ ...cap, max: 0, days: 1 }] }],
    ['inherits_itself', 'base', { base: 'P' }],
    ['impossible_date', 'holidays.0.date', { holidays: [{ date: '2027-02-29', name: 'none', evidence: 'V0' }] }],
    ['impossible_date', 'effectiveFrom', { effectiveFrom: '20270101' }],
    ['unknown_zone', 'zone', { zone: 'Asia/Atlantis' }],
    ['invalid', 'countries.0', { countries: ['Saudi'] }],
  ])('is refused by name: %s', (code, field, changes) => {
    const { faults } = readPack({ ...issued, id: 'P', ...changes });
    expect(faults?.map((fault) => [fault.code, fault.field])).toContainEqual([code, field]);
  });

  test('is refused when packs inherit in a circle, or what is not there', () => {
    expect(() => createCatalogue([packOf({ base: 'Q' }), packOf({ id: 'Q', base: 'P' })])).toThrow('inherits itself');
    expect(() => createCatalogue([packOf({ base: 'Q' })])).toThrow('which is not there');
    expect(() => createCatalogue([packOf({}), packOf({})])).toThrow('given twice');
  });
});
