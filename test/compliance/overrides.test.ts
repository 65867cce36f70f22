import { describe, expect, test } from 'vitest';
import { createCatalogue, rulesFor, type Behalf } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { looseningsOf } from '../../server/compliance/loosening.ts';
import { overrideSchema, type RuleOverride } from '../../server/compliance/packs.ts';
import { SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';
import { attemptAt, factsOf, local, shipped } from './facts.ts';

const RIYADH = 'Asia/Riyadh';
const known = { evidence: 'V1' as const };
const ofBank: Behalf = { creditorIds: ['bank'], campaignId: 'cards' };

function override(changes: Record<string, unknown>): RuleOverride {
  return overrideSchema.parse({
    scope: 'creditor',
    subjectId: 'bank',
    tightens: 'SA',
    version: 3,
    author: 'test',
    reason: 'contract',
    effectiveFrom: '2026-01-01',
    ...changes,
  });
}

function reasons(rule: RuleOverride, behalf: Behalf, at: string, changes: Parameters<typeof factsOf>[0] = {}): string[] {
  const catalogue = createCatalogue(SHIPPED_PACKS, [rule]);
  const rules = rulesFor(catalogue, ['SA'], [], behalf);
  return judge(factsOf({ rules, ...changes }), local(at, RIYADH)).reasons.map((reason) => `${reason.pack}: ${reason.id}`);
}

describe("a creditor's own rules", () => {
  const shorterDay = override({ hours: [{ days: [7, 1, 2, 3, 4], from: '10:00', to: '15:00', channels: ['call'], ...known }] });

  test('narrow the law for its debtors and for no others', () => {
    expect(reasons(shorterDay, ofBank, '2026-04-19T15:30')).toEqual(['creditor.bank.SA: hours']);
    expect(reasons(shorterDay, { creditorIds: ['other'], campaignId: null }, '2026-04-19T15:30')).toEqual([]);
    expect(reasons(shorterDay, ofBank, '2026-04-19T14:30')).toEqual([]);
  });

  test('are kept with the versions that judged', () => {
    const catalogue = createCatalogue(SHIPPED_PACKS, [shorterDay]);
    expect(rulesFor(catalogue, ['SA'], [], ofBank).packVersions).toEqual({ SA: 1, 'creditor.bank.SA': 3 });
    expect(rulesFor(catalogue, ['AE'], [], ofBank).packVersions).toEqual({ AE: 1 });
  });

  test('cap what the law caps, only lower', () => {
    const cap = { id: '2in30', scope: 'person+product', event: 'outbound_call_attempt', max: 2, days: 30, ...known };
    const contacts = ['2026-04-12T10:00', '2026-04-08T10:00'].map((at) => attemptAt(local(at, RIYADH)));
    expect(reasons(override({ caps: [cap] }), ofBank, '2026-04-19T11:00', { contacts })).toEqual(['creditor.bank.SA: 2in30']);
  });

  test('open nothing where no pack says when', () => {
    const tsr = override({ tightens: 'US-TSR', hours: [{ days: [1], from: '09:00', to: '17:00', channels: 'all', ...known }] });
    const packs = SHIPPED_PACKS.filter((pack) => pack.id === 'US-TSR');
    const rules = rulesFor(createCatalogue(packs, [tsr]), ['US'], [], ofBank);
    const facts = factsOf({ rules, person: { countries: ['US'], zones: ['America/New_York'], demo: false } });
    expect(judge(facts, local('2026-04-20T12:00', 'America/New_York')).verdict).toBe('deny');
  });
});

describe('rules that would loosen the law', () => {
  const cap = { id: '10in30', scope: 'person+product', event: 'outbound_call_attempt', max: 10, days: 30, ...known };
  const abandonment = {
    maxShare: 0.03,
    period: 'day',
    connectWithinMs: 2_000,
    clockStart: 'connect',
    minimumRingMs: 15_000,
    redialBlockHours: 72,
    ...known,
  };
  const conv = { id: 'conv7', after: 'phone_conversation', days: 7, dayOneIsEventDay: true, scope: 'person+debt', ...known };

  test.each<[string, Record<string, unknown>]>([
    ['hours.0', { hours: [{ days: [7, 1], from: '08:00', to: '12:00', channels: ['call'], ...known }] }],
    ['hours.0', { hours: [{ days: [5], from: '10:00', to: '12:00', channels: ['call'], ...known }] }],
    ['hours.0', { hours: [{ days: [1], from: '10:00', to: '12:00', channels: ['sms'], ...known }] }],
    ['ramadanHours', { ramadanHours: { from: '09:45', to: '15:00', ...known } }],
    ['caps.0', { caps: [{ ...cap, max: 11 }] }],
    ['caps.0', { caps: [{ ...cap, id: 'other', max: 11 }] }],
    ['caps.0', { caps: [{ ...cap, days: 29 }] }],
    ['caps.0', { caps: [{ ...cap, scope: 'person+debt' }] }],
    ['caps.0', { caps: [{ ...cap, severity: 'warn' }] }],
    ['channels.allow', { channels: { allow: ['call', 'whatsapp'], ...known } }],
    ['cooloffs.0', { tightens: 'US-REGF', cooloffs: [{ ...conv, days: 6 }] }],
    ['cooloffs.0', { tightens: 'US-MA', cooloffs: [{ ...conv, id: 'shorter', days: 3 }] }],
    ['abandonment.maxShare', { tightens: 'UK', abandonment: { ...abandonment, maxShare: 0.04 } }],
    ['abandonment.connectWithinMs', { tightens: 'UK', abandonment: { ...abandonment, connectWithinMs: 3_000 } }],
    ['abandonment.minimumRingMs', { tightens: 'UK', abandonment: { ...abandonment, minimumRingMs: 10_000 } }],
    ['abandonment.redialBlockHours', { tightens: 'UK', abandonment: { ...abandonment, redialBlockHours: 24 } }],
  ])('are refused by name: %s', (field, changes) => {
    expect(looseningsOf(shipped, override(changes)).map((fault) => [fault.code, fault.field])).toEqual([
      ['loosening_override', field],
    ]);
  });

  test('are told from rules that tighten', () => {
    const tight = override({
      hours: [{ days: [7, 1], from: '09:30', to: '12:00', channels: 'all', ...known }],
      ramadanHours: { from: '10:00', to: '12:00', ...known },
      caps: [{ ...cap, max: 3 }],
      channels: { allow: ['call'], ...known },
    });
    expect(looseningsOf(shipped, tight)).toEqual([]);
    expect(looseningsOf(shipped, override({ tightens: 'ATLANTIS' })).map((fault) => fault.code)).toEqual(['unknown_base']);
  });
});
