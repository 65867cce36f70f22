import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../server/compliance/catalogue.ts';
import type { RulePackData } from '../../server/compliance/packs.ts';
import { readPack } from '../../server/compliance/reading.ts';
import { ISSUED, packOf } from './facts.ts';

describe('a pack that cannot be', () => {
  const hours = { days: [1], channels: 'all' as const, evidence: 'V0' as const };
  const cap = { id: 'c', scope: 'person', event: 'contact', max: 1, evidence: 'V0' } as const;
  test.each<[string, string, Partial<RulePackData>]>([
    ['inverted_hours', 'hours.0', { hours: [{ ...hours, from: '09:00', to: '08:00' }] }],
    [
      'overlapping_hours',
      'hours.1',
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
    const { faults } = readPack({ ...ISSUED, id: 'P', ...changes });
    expect(faults?.map((fault) => [fault.code, fault.field])).toContainEqual([code, field]);
  });

  test('of before says of a bare list that nobody has verified it', () => {
    const { item } = readPack({ ...ISSUED, id: 'P', forbiddenWords: ['bailiff'], recordedSoundNeedsConsent: [] });
    expect(item).toMatchObject({ forbiddenWords: { items: ['bailiff'], evidence: 'V0' }, recordedSoundNeedsConsent: null });
  });

  test('is refused when packs inherit in a circle, or what is not there', () => {
    expect(() => createCatalogue([packOf({ base: 'Q' }), packOf({ id: 'Q', base: 'P' })])).toThrow('inherits itself');
    expect(() => createCatalogue([packOf({ base: 'Q' })])).toThrow('which is not there');
    expect(() => createCatalogue([packOf({}), packOf({})])).toThrow('given twice');
  });
});
