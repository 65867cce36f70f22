import { describe, expect, it } from 'vitest';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import {
  bodyOf,
  draftOf,
  faultsOf,
  FIGURES,
  type CampaignDraft,
  type FigureName,
} from '../../agent-ui/src/admin/campaign-draft.ts';

const DRAFT = draftOf('June', DEFAULT_CAMPAIGN_SETTINGS);

function faults(part: Partial<CampaignDraft>): Record<string, string> {
  const read = bodyOf({ ...DRAFT, ...part });
  return 'faults' in read ? Object.fromEntries(read.faults.map((fault) => [fault.field, fault.text])) : {};
}

function figure(name: FigureName, value: number | null): Partial<CampaignDraft> {
  return { figures: { ...DRAFT.figures, [name]: value } };
}

describe('the campaign form', () => {
  it('gives back the settings it was opened with', () => {
    expect(bodyOf(DRAFT)).toEqual({ body: { name: 'June', settings: DEFAULT_CAMPAIGN_SETTINGS } });
  });

  it('shows seconds and percents, and sends milliseconds and shares without a rounding fault', () => {
    expect(DRAFT.figures).toMatchObject({ ringTimeout: 25, connectWithin: 2, abandonCap: 3 });
    const read = bodyOf({ ...DRAFT, ...figure('abandonCap', 2.85) });
    expect('body' in read && read.body.settings.pacing.abandonCap).toBe(0.0285);
  });

  it('reads a caller id with spaces, and none at all', () => {
    const read = bodyOf({ ...DRAFT, callerId: '+966 50 123 4567' });
    expect('body' in read && read.body.settings.callerId).toBe('+966501234567');
    expect(faults({ callerId: '0501234567' })).toEqual({ callerId: 'invalid.callerId' });
  });

  it('names what is wrong with calling hours, at the window it is wrong with', () => {
    expect(faults({ hours: [] })).toEqual({ hours: 'invalid.noHours' });
    expect(faults({ hours: [{ days: [], from: '09:00', to: '17:00' }] })).toEqual({ 'hours.0.days': 'invalid.days' });
    expect(faults({ hours: [{ days: [1], from: '17:00', to: '09:00' }] })).toEqual({ 'hours.0.to': 'invalid.hoursEnd' });
    expect(faults({ hours: [{ days: [1], from: null, to: '09:00' }] })).toEqual({ 'hours.0.from': 'invalid.hoursTime' });
    expect(
      faults({
        hours: [
          { days: [1, 2], from: '09:00', to: '12:00' },
          { days: [2], from: '11:00', to: '14:00' },
        ],
      }),
    ).toEqual({ 'hours.1': 'invalid.hoursOverlap' });
  });

  it('says the limit that a number breaks, in the unit of the form', () => {
    const read = bodyOf({ ...DRAFT, ...figure('ringTimeout', 500) });
    expect('faults' in read && read.faults).toEqual([{ field: 'ringTimeoutMs', text: 'invalid.atMost', values: { most: 120 } }]);
    expect(faults(figure('personPerDay', 0))).toEqual({ 'caps.personPerDay': 'invalid.atLeast' });
    expect(faults(figure('abandonCap', 5.1))).toEqual({ 'pacing.abandonCap': 'problem.cap_out_of_range' });
    expect(faults(figure('ratio', 0.9))).toEqual({ 'pacing.ratio': 'problem.ratio_out_of_range' });
    expect(faults(figure('connectWithin', 0))).toEqual({ connectWithinMs: 'problem.limit_out_of_range' });
    expect(faults(figure('weight', null))).toEqual({ weight: 'invalid.number' });
  });

  it('sends only what differs from the usual recycling, and names what cannot be', () => {
    const usual = { minutes: null, most: null, number: null };
    const read = bodyOf({ ...DRAFT, after: { ...DRAFT.after, busy: { ...usual, minutes: 5 } } });
    expect('body' in read && read.body.settings.recycling.after).toEqual({ busy: { minutes: 5 } });
    expect(faults({ after: { ...DRAFT.after, busy: { ...usual, most: 11 }, lost: { ...usual, minutes: 0 } } })).toEqual({
      'recycling.after.lost.minutes': 'problem.wait_out_of_range',
      'recycling.after.busy.most': 'problem.tries_out_of_range',
    });
  });

  it('says that the ring time-out is shorter than the minimum', () => {
    expect(faults({ figures: { ...DRAFT.figures, ringTimeout: 10, minRing: 15 } })).toEqual({
      ringTimeoutMs: 'problem.ring_below_minimum',
    });
  });

  it.each(Object.values(FIGURES))('knows where $path stands in the settings', ({ path }) => {
    const value = path
      .split('.')
      .reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], DEFAULT_CAMPAIGN_SETTINGS);
    // The target may be left to the pacer.
    expect(value === null && path === 'abandonment.target' ? 0 : value).toBeTypeOf('number');
  });
});

describe('a refusal of the server', () => {
  it('stands beside every field that it lists', () => {
    const listed = [
      { field: 'settings.callerId', code: 'caller_id_missing', message: 'a' },
      { field: 'settings.countries.1', code: 'unknown_country', message: 'b' },
    ];
    const found = faultsOf({ code: 'caller_id_missing', message: 'a', field: 'settings.callerId', details: { faults: listed } });
    expect(found.map((fault) => [fault.field, fault.problem?.code])).toEqual([
      ['callerId', 'caller_id_missing'],
      ['countries', 'unknown_country'],
    ]);
  });

  it('without a list stands beside the one field it names', () => {
    expect(faultsOf({ code: 'name_taken', message: 'm', field: 'name' }).map((fault) => fault.field)).toEqual(['name']);
  });
});
