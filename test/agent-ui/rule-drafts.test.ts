import { describe, expect, it } from 'vitest';
import { newCondition, newGroup, onField, segmentOf } from '../../agent-ui/src/debtors/segment-draft.ts';
import { checkBodyOf } from '../../agent-ui/src/rules/check-draft.ts';
import {
  blockedBy,
  draftOfRules,
  faultKey,
  hoursAfter,
  packFaultsOf,
  rulesOfDraft,
} from '../../agent-ui/src/rules/pack-draft.ts';

const RULES = {
  countries: ['SA'],
  base: null,
  hours: [{ days: [1], from: '09:00', to: '17:00', channels: ['call'], evidence: 'V1', source: 'Art. 4', note: 'read' }],
  caps: [{ id: '7in7', scope: 'person', event: 'contact', max: 7, days: 7, evidence: 'V1' }],
};

describe('a pack in the editor', () => {
  it('comes back as it went in, with what the editor does not know', () => {
    expect(rulesOfDraft(draftOfRules(RULES))).toEqual(RULES);
  });

  it('gives a new window the channels of the first, and says that nobody has verified it', () => {
    const { hours } = draftOfRules(RULES);
    const [kept, added] = hoursAfter(hours, [...hours, { days: [2], from: '10:00', to: '12:00' }]);
    expect(kept).toEqual(RULES.hours[0]);
    expect(added).toEqual({ days: [2], from: '10:00', to: '12:00', channels: ['call'], evidence: 'V0', source: '' });
  });

  it('is not sent while the rest is no JSON object', () => {
    for (const rest of ['{', '[]', '7']) expect(rulesOfDraft({ ...draftOfRules(RULES), rest })).toBeNull();
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
