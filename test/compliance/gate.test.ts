import { describe, expect, test } from 'vitest';
import { createCatalogue, rulesFor, rulesOfPack } from '../../server/compliance/catalogue.ts';
import { digestInputs } from '../../server/compliance/digest.ts';
import type { GateFacts } from '../../server/compliance/facts.ts';
import { judge } from '../../server/compliance/gate.ts';
import { ALL_DAY, attemptAt, factsOf, local, packOf, reasons, RIYADH, shipped, SUNDAY_MORNING } from './facts.ts';

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

describe('numbers and voices', () => {
  const phone = { id: 'phone', country: 'SA', numberType: 'voip' as const, state: 'active' as const, place: 'work' as const };

  test('a pack may name kinds of number that it forbids', () => {
    const pack = packOf({ hours: [ALL_DAY], numberTypes: { deny: ['voip'], evidence: 'V2' } });
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
