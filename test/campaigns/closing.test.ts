import { describe, expect, it } from 'vitest';
import { closingOf } from '../../server/campaigns/closing.ts';
import type { CallingHours } from '../../server/contract/campaigns.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
/** A Monday. */
const at = (moment: string): number => Temporal.Instant.from(`2026-11-23T${moment}Z`).epochMilliseconds;

function closing(now: string, hours: CallingHours[], countries = ['SA']): string | null {
  const ms = closingOf({ hours, countries }, at(now));
  return ms === null ? null : Temporal.Instant.fromEpochMilliseconds(ms).toString();
}

describe('the end of a campaign’s calling today', () => {
  const office = [
    { days: [1, 2, 3, 4, 7], from: '09:00', to: '13:00' },
    { days: [1, 2, 3, 4, 7], from: '16:00', to: '20:00' },
  ];

  it('is that of its last hours, also before they begin and between them', () => {
    for (const now of ['03:00:00', '07:00:00', '11:00:00', '16:59:59']) expect(closing(now, office)).toBe('2026-11-23T17:00:00Z');
  });

  it('is none once they are over, and on a day without any', () => {
    expect(closing('17:00:00', office)).toBeNull();
    expect(closing('08:00:00', [{ days: [2], from: '09:00', to: '13:00' }])).toBeNull();
  });

  it('is that of the zone where the day lasts longest', () => {
    expect(closing('15:00:00', office, ['SA', 'EG'])).toBe('2026-11-23T18:00:00Z');
    // In Egypt alone it still is.
    expect(closing('17:30:00', office, ['SA', 'EG'])).toBe('2026-11-23T18:00:00Z');
  });

  it('goes over midnight with the hours, and is none where they never end', () => {
    const late = [
      { days: [1], from: '18:00', to: '24:00' },
      { days: [2], from: '00:00', to: '02:00' },
    ];
    expect(closing('16:00:00', late)).toBe('2026-11-23T23:00:00Z');
    expect(closing('16:00:00', [{ days: [1], from: '18:00', to: '24:00' }])).toBe('2026-11-23T21:00:00Z');
    expect(closing('16:00:00', [{ days: EVERY_DAY, from: '00:00', to: '24:00' }])).toBeNull();
  });
});
