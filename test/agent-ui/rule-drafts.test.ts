import { describe, expect, it } from 'vitest';
import { newCondition, newGroup, onField, segmentOf } from '../../agent-ui/src/debtors/segment-draft.ts';
import { checkBodyOf } from '../../agent-ui/src/rules/check-draft.ts';
import { differenceOf } from '../../agent-ui/src/rules/pack-difference.ts';
import { capOfLaw, draftOfOverride, draftOfPack, rulesOfDraft } from '../../agent-ui/src/rules/pack-draft.ts';
import { blockedBy, faultKey, faultsSeen, packFaultsOf } from '../../agent-ui/src/rules/pack-faults.ts';
import { readOverride, readPack } from '../../server/compliance/reading.ts';
import { SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';

const ISSUED = { version: 1, author: 'a', reason: 'r', effectiveFrom: '2026-01-01' };
/** As the server tells an editor of them. */
const told = (rules: object): Record<string, unknown> => JSON.parse(JSON.stringify(rules)) as Record<string, unknown>;
const pack = (id: string): Record<string, unknown> => told(SHIPPED_PACKS.find((each) => each.id === id) ?? {});

describe('a pack in the editor', () => {
  it.each(SHIPPED_PACKS.map((shipped) => shipped.id))('%s comes back with every rule as it went in', (id) => {
    const { item, faults } = readPack({ ...rulesOfDraft(draftOfPack(pack(id))), id, ...ISSUED });
    expect(faults).toBeNull();
    expect(told(item ?? {})).toEqual({ ...pack(id), ...ISSUED });
  });

  it('names a cap after its figures for as long as it has no name of its own', () => {
    const draft = draftOfPack(pack('US-REGF'));
    const caps = draft.caps.map((cap) => ({ ...cap, max: 3 }));
    const { item } = readPack({ ...rulesOfDraft({ ...draft, caps }), id: 'P', ...ISSUED });
    expect(item?.caps.map((cap) => [cap.id, cap.max])).toEqual([
      ['3in7', 3],
      ['rapid', 3],
    ]);
  });

  it('is refused at the field that is empty', () => {
    const draft = draftOfPack(pack('SA'));
    const changed = {
      ...draft,
      hours: draft.hours.map((window) => ({ ...window, from: null })),
      caps: draft.caps.map((cap) => ({ ...cap, length: null })),
    };
    const { faults } = readPack({ ...rulesOfDraft(changed), id: 'P', ...ISSUED });
    expect(faults?.map((fault) => [fault.code, fault.field])).toEqual([
      ['invalid', 'hours.0.from'],
      ['cap_without_period', 'caps.0'],
    ]);
  });

  it('says which rules go and which come, and nothing of what stays', () => {
    const before = draftOfPack(pack('SA'));
    expect(differenceOf(before, draftOfPack(pack('SA')))).toEqual({ taken: [], added: [] });
    const [cap] = before.caps;
    const [law, caps] = [before.law, cap === undefined ? [] : [{ ...cap, max: 5 }]];
    const after = { ...before, caps, ramadanHours: null, law: law === null ? null : { ...law, countries: ['SA', 'JO'] } };
    const { taken, added } = differenceOf(before, after);
    expect(taken.map(({ part }) => part).toSorted()).toEqual(['caps', 'ramadanHours']);
    expect(added).toEqual([
      { part: 'countries', rule: 'JO' },
      { part: 'caps', rule: { ...cap, max: 5 } },
    ]);
  });

  it('of a creditor holds no rule that only a pack can have, and tightens a cap of the law', () => {
    const [rule] = draftOfPack(pack('US-REGF')).caps;
    const own = capOfLaw({ pack: 'US-REGF', evidence: 'V1', rule: told({ ...rule, days: 7 }) });
    expect(own).toMatchObject({ source: '', evidence: 'V0', unit: 'days', length: 7 });
    const asked = rulesOfDraft({ ...draftOfOverride({}), caps: [own] });
    const whose = { scope: 'campaign', subjectId: 'c', tightens: 'US-REGF' };
    expect(readOverride({ ...asked, ...whose, ...ISSUED }).faults).toBeNull();
  });

  it('shows while it is written what is wrong, but not what is merely missing', () => {
    const fault = { message: '', field: 'hours.0' };
    expect(
      faultsSeen([
        { ...fault, code: 'inverted_hours' },
        { ...fault, code: 'invalid' },
      ]),
    ).toEqual([{ ...fault, code: 'inverted_hours' }]);
  });

  it('shows every fault that a refusal names, or the refusal itself', () => {
    const problem = { code: 'inverted_hours', message: 'ends before', field: 'hours.0' };
    const faults = [problem, { code: 'cap_of_zero', message: 'zero', field: null }];
    expect(packFaultsOf({ ...problem, details: { faults } }).map((fault) => fault.field)).toEqual(['hours.0', '']);
    expect(packFaultsOf(problem)).toEqual([{ code: 'inverted_hours', message: 'ends before', field: 'hours.0' }]);
    expect(faultKey('cap_of_zero')).toBe('packFault.no_calls');
    expect(blockedBy(problem)).toBeNull();
    const blocked = { code: 'blocks_everybody', message: '', field: 'rules', details: { people: 4, countries: ['SA'] } };
    expect(blockedBy(blocked)).toEqual({ people: 4, countries: ['SA'] });
  });
});

describe('the question whether one may call', () => {
  const draft = { subject: '', day: null, time: null, campaignId: '' };
  const id = '019aa000-0000-7000-8000-000000000000';

  it('is about an id, or a number in any script', () => {
    expect(checkBodyOf({ ...draft, subject: ` ${id} ` }).body).toEqual({ partyId: id });
    expect(checkBodyOf({ ...draft, subject: '۰۰۹۶۶ ۵۰ ۱۲۳ ۴۵۶۷', campaignId: id }).body).toEqual({
      number: '+966501234567',
      campaignId: id,
    });
    expect(checkBodyOf({ ...draft, subject: '0501234567' })).toEqual({ body: null, field: 'subject' });
  });

  it('is about a whole moment, or about now', () => {
    const at = { ...draft, subject: id, day: '2026-11-22' };
    expect(checkBodyOf(at)).toEqual({ body: null, field: 'time' });
    expect(checkBodyOf({ ...at, time: '15:00' }).body).toEqual({
      partyId: id,
      at: new Date('2026-11-22T15:00:00').toISOString(),
    });
  });
});

describe('a segment while it is written', () => {
  it('is asked only once each of its conditions is whole', () => {
    const group = newGroup();
    expect(segmentOf({ match: 'all', groups: [group] })).toBeNull();
    const conditions = group.conditions.map((condition) => ({ ...condition, value: '٥٠٠' }));
    expect(segmentOf({ match: 'any', groups: [{ ...group, conditions }] })).toEqual({
      match: 'any',
      groups: [{ match: 'all', conditions: [{ field: 'balance', test: 'at_least', value: '500' }] }],
    });
  });

  it('puts a field to a test that fits it', () => {
    const condition = newCondition();
    expect(onField(condition, 'country').test).toBe('is');
    expect(onField(condition, 'score').test).toBe('at_least');
  });
});
